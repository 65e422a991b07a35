/** OpSpecs of operators that move elements of one operand. Place in the whole: what the specs of the view families share. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import { type ErrorCase, type OpName, type OpSpec, REALS } from './spec.js'

type Args = readonly unknown[]
type Call = (x: Tensor, ...args: any[]) => Tensor | readonly Tensor[]

export const SHAPE = 'SINTER_SHAPE'
export const VALUE = 'SINTER_VALUE'

/** `errors`: shape of the operand, arguments, code, the message behind the function's name. */
export const view = (
  name: string,
  f: Call,
  cases: readonly (readonly [Shape, Args])[],
  errors: Record<string, readonly [Shape, Args, string, string]> = {},
  rows: readonly OpName[] = [],
): OpSpec<Args> => ({
  name,
  ops: rows,
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const [shape, args] of cases) yield { inputs: [s.values(shape)], args }
  },
  call: ([x], args) => f(x as Tensor, ...args),
  accuracy: { roundings: 0 },
  gradient: { roundings: 1 },
  errors: Object.fromEntries(
    Object.entries(errors).map(([what, [shape, args, code, message]]): [string, ErrorCase] => [
      what,
      { call: (device) => f(ops.zeros(shape, { device }) as Tensor, ...args), code, message: `${name}: ${message}` },
    ]),
  ),
})
