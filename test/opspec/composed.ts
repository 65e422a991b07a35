/** OpSpecs of functions of one tensor that are composed of operators. Place in the whole: what images and signals share. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { ErrorCase, OpName, OpSpec } from './spec.js'

/** A call that is refused, with the end of its code and the whole message. */
export const refused = (
  call: (device: string) => unknown,
  code: 'VALUE' | 'SHAPE' | 'DTYPE',
  message: string,
): ErrorCase => ({ call, code: `SINTER_${code}`, message })

export const blank = (device: string, ...shape: number[]): Tensor => ops.zeros(shape, { device }) as Tensor

/** Makes specs `(name, rows that it runs, call, what differs)` from what those of a family have in common. */
export const composed =
  (family: Pick<OpSpec<undefined>, 'samples' | 'accuracy' | 'gradient'>) =>
  (
    name: string,
    rows: readonly OpName[],
    call: (x: Tensor) => Tensor,
    more: Partial<OpSpec<undefined>> = {},
  ): OpSpec<undefined> => ({
    name,
    ops: rows,
    dtypes: ['f32', 'f64'],
    refuses: ['i32', 'bool', 'c64'],
    call: ([x]) => call(x as Tensor),
    ...family,
    ...more,
  })
