/**
 * Every f32 number through every elementary function of one operand, compiled as the best instruction set of this machine is, and some on
 * the others: the largest error is within the bound of docs/accuracy.md. Functions of two operands: four million more pairs than accuracy.test.ts takes.
 */
import { expect, test } from 'vitest'
import { engine, type Tensor } from '#lib/index.js'
// @ts-expect-error a script without types
import { measured, steps } from '../../scripts/accuracy.mjs'
// @ts-expect-error a script without types
import * as functions from './functions.mjs'
// @ts-expect-error a script without types
import { pairs } from './pairs.mjs'
// @ts-expect-error a script without types
import { errorOn } from './sweep.mjs'

interface Measured {
  name: string
  call: (x: Tensor, z?: Tensor) => Tensor
  f32: number
  operands?: 'pair'
}
const ELEMENTARY: readonly Measured[] = functions.ELEMENTARY
const hour = 3_600_000

test.each<[string, number]>([...steps(engine.info())])(
  '%s, one vector in %i',
  async (isa, step) => {
    const found: ReadonlyMap<string, { error: string; at: string }> = await measured(isa, step)
    for (const { name, f32, operands } of ELEMENTARY) {
      if (operands) continue
      const { error, at } = found.get(name)!
      expect(Number(error), `${name}, worst at ${at}`).toBeLessThanOrEqual(f32)
    }
  },
  hour,
)

test.each(ELEMENTARY.filter((f) => f.operands))('$name of pairs', async ({ call, f32 }) => {
  for (let seed = 2; seed < 18; seed++) {
    const { error, at } = await errorOn(call, ...pairs(seed, 1 << 18))
    expect(error, `worst at ${at}`).toBeLessThanOrEqual(f32)
  }
})
