/**
 * Recurrent layers on CUDA (cuda/kernels/recurrent) against the CPU's in f64, results and gradients: every cell, direction and operand
 * that may be absent, sequences of several lengths, projections, and more rows than one input product takes. Place in the whole: the
 * operator tests have the semantics; here is what they have no shapes for.
 */
import { describe, expect, test } from 'vitest'
import { OP } from '#lib/generated/ops.js'
import * as ops from '#lib/index.js'
import { engine, type Tensor } from '#lib/index.js'
import { makeMany } from '#lib/ops/emit.js'
import { recurrence } from '#lib/ops/recurrence.js'
import { CELLS, type Cell, GATES, type LayerOperands } from '#lib/ops/recurrenceLayer.js'
import { numbers } from '../helpers/compare.js'

const present = engine.info().devices.includes('cuda:0')
if (!present) console.log('no CUDA device here, real or simulated: recurrent layers on CUDA are not tested')

interface Case {
  cell: Cell
  batch: number
  inputs: number
  hidden: number
  width?: number
  reverse?: boolean
  steps?: number
  sizes?: readonly number[]
  bare?: boolean // no biases and no first states
}

function check(c: Case, recorded = true): void {
  ops.scope(() => {
    const generator = new ops.Generator(11)
    const { cell, batch, inputs, hidden, width = hidden, reverse = false, bare = false } = c
    const sizes = c.sizes ?? null
    const count = sizes ? sizes.length : (c.steps as number)
    const n = sizes ? sizes.reduce((a, b) => a + b, 0) : count * batch
    const rows = GATES[cell] * hidden
    const values = (scale: number, ...shape: number[]): Tensor =>
      ops.mul(ops.randn(shape, { generator }), scale) as Tensor
    const operands: LayerOperands = {
      x: values(1, n, inputs),
      weightIh: values(0.5, rows, inputs),
      weightHh: values(1 / Math.sqrt(width), rows, width),
      biasIh: bare ? null : values(0.3, rows),
      biasHh: bare ? null : values(0.3, rows),
      h0: bare ? null : values(1, batch, width),
      c0: bare || cell !== 'lstm' ? null : values(1, batch, hidden),
      weightHr: width === hidden ? null : values(1 / Math.sqrt(hidden), width, hidden),
    }
    const [gy, ghn] = [values(1, n, width), values(1, batch, width)]
    const run = (place: (t: Tensor) => Tensor): Tensor[] => {
      const leaves = Object.fromEntries(
        Object.entries(operands).map(([name, t]) => [name, t && place(t).detach().requiresGrad_(recorded)]),
      ) as unknown as LayerOperands
      const results = recurrence({ cell, reverse, steps: { count, batch, sizes } }, leaves)
      if (!recorded) return results
      const [y, hn] = results as [Tensor, Tensor]
      ops.add(ops.sum(ops.mul(y, place(gy))), ops.sum(ops.mul(hn, place(ghn)))).backward()
      const gradients = Object.values(leaves).flatMap((t: Tensor | null) => (t ? [t.grad as Tensor] : []))
      return [...results, ...gradients]
    }
    for (const dtype of ['f32', 'f64'] as const) {
      const found = run((t) => t.to(dtype).to('cuda:0'))
      const exact = run((t) => t.to('f64'))
      for (const [i, e] of exact.entries()) {
        const [a, b] = [numbers(found[i] as Tensor), numbers(e)]
        const most = b.reduce((m, v) => Math.max(m, Math.abs(v)), 1)
        // Errors are carried from step to step, and grow by less than these weights.
        const tolerance = 2 ** (dtype === 'f64' ? -52 : -23) * 64 * most
        const wrong = b.findIndex((v, k) => !(Math.abs((a[k] as number) - v) <= tolerance))
        expect(wrong, `${dtype} ${JSON.stringify(c)}, result ${i}: ${a[wrong]}, not ${b[wrong]}`).toBe(-1)
      }
    }
  })
}

describe.skipIf(!present)('recurrent layers on CUDA', () => {
  for (const cell of CELLS)
    for (const reverse of [false, true])
      test(`${cell}${reverse ? ', backwards' : ''}`, () => {
        check({ cell, reverse, batch: 3, inputs: 5, hidden: 7, steps: 4 })
        check({ cell, reverse, batch: 11, inputs: 8, hidden: 24, steps: 2, bare: true })
        check({ cell, reverse, batch: 1, inputs: 3, hidden: 65, steps: 3 })
        check({ cell, reverse, batch: 5, inputs: 4, hidden: 6, sizes: [5, 5, 3, 3, 1] })
        check({ cell, reverse, batch: 4, inputs: 3, hidden: 5, sizes: [4, 2], bare: true })
        check({ cell, reverse, batch: 2, inputs: 3, hidden: 5, steps: 0 }, false)
      })
  test('projections', () => {
    for (const reverse of [false, true]) {
      check({ cell: 'lstm', reverse, batch: 3, inputs: 5, hidden: 7, width: 4, steps: 3 })
      check({ cell: 'lstm', reverse, batch: 5, inputs: 4, hidden: 9, width: 2, sizes: [5, 4, 1] })
    }
  })
  test('more rows than one input product takes, and more steps than a block has threads', () => {
    for (const reverse of [false, true]) {
      check({ cell: 'gru', reverse, batch: 1021, inputs: 2, hidden: 3, steps: 9 }, false)
      check(
        { cell: 'lstm', reverse, batch: 2, inputs: 2, hidden: 2, sizes: new Array(300).fill(2).fill(1, 271) },
        false,
      )
    }
  })
  test('sizes that are no steps are errors', () => {
    const made = (sizes: number[], n: number): Tensor[] => {
      const zeros = (...shape: number[]): Tensor => ops.zeros(shape, { device: 'cuda:0' })
      const of = (...shape: number[]) => ({ dtype: 'f32' as const, shape })
      const at = ops.tensor(sizes, { dtype: 'i64', device: 'cuda:0' })
      const operands = [zeros(n, 2), zeros(3, 2), zeros(3, 3), null, null, null, null, null, at]
      return makeMany('recurrence', OP.recurrence, [of(n, 3), of(3, 3)], operands, [2, 0, 3], 1)
    }
    for (const [sizes, n, message] of [
      [[3, 4], 7, 'recurrence: step 1 has 4 sequences, the step before 3'],
      [[3, 0, 1], 4, 'recurrence: step 1 has 0 sequences, the step before 3'],
      [[2, 2], 4, 'recurrence: step 0 has 2 sequences, the step before 3'],
      [[3, 2], 6, 'recurrence: steps of 5 rows in all for 6 rows'],
    ] as const)
      ops.scope(() => {
        expect(() => numbers(made([...sizes], n)[0] as Tensor)).toThrow(message)
      })
  })
})
