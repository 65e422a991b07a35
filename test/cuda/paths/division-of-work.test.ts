/**
 * How CUDA kernels divide their work, where a mistake would show in few shapes or in no result at all: lanes of a warp that share a
 * row's mean, packs at the end of rows, steps of a recurrent layer whose input products are made in pieces. Place in the whole: beside
 * the files of each family; values are chosen such that one lane, one pack or one piece too many or too few is seen exactly.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { scope, type Tensor, tensor } from '#lib/index.js'
import { recurrence } from '#lib/ops/recurrence.js'
import type { LayerOperands } from '#lib/ops/recurrenceLayer.js'
import type { DType } from '#lib/tensor/dtype.js'
import { numbers } from '../../helpers/compare.js'
import { device, drawn } from '../same.js'
import { run } from '../watched.js'

/** What is left of rows without their means. */
function centred(values: readonly (readonly number[])[], dtype: DType): number[][] {
  const n = values[0]?.length as number
  const x = (tensor(values.flat(), { dtype: 'f64', shape: [values.length, n] }) as Tensor)
    .to(dtype)
    .to(device as string)
  ops.centralizeEach_([x])
  const found = [...numbers(x)]
  return values.map((_, row) => found.slice(row * n, (row + 1) * n))
}

describe.skipIf(device === undefined)('division of work on CUDA', () => {
  test.each(['f32', 'f64', 'bf16', 'f16'] as const)('every element counts once in its row, %s', (dtype) => {
    // A row of n has one element, n, and its mean is 1: 0 where nobody adds that element's lane, 2 where two do.
    for (const n of [32, 7, 40, 130])
      scope(() => {
        const rows = Array.from({ length: n }, (_, row) => Array.from({ length: n }, (_, i) => (i === row ? n : 0)))
        expect(centred(rows, dtype)).toEqual(rows.map((row) => row.map((v) => v - 1)))
      })
  })

  test.each(['f32', 'f64', 'bf16'] as const)(
    'lanes are added 16 apart first, in every run and on every card, %s',
    (dtype) => {
      scope(() => {
        // Two that cancel, 16 apart: what is added to either before is lost in it.
        const rows = Array.from({ length: 16 }, (_, j) => {
          const row = new Array<number>(32).fill(0)
          row[j] = 2 ** 60
          row[j + 16] = -(2 ** 60)
          row[j ^ 1] = 1
          return row
        })
        const left = rows.map((row) => row.map((v) => (Math.abs(v) > 1 ? v : v - 1 / 32)))
        expect(centred(rows, dtype)).toEqual(left)
      })
    },
  )

  test('sums of columns and of parts of k read and write nothing beyond their operands', () => {
    // Every block of memory is of exactly its bytes: one pack past the last row is a fault. Rows end at a pack that is not a warp's last,
    // results at one that is not a block's. Whole numbers that every dtype holds: sums are exact in any order.
    const out = run(
      `
      const whole = (shape, by, dtype) => s.arange(0, shape[0] * shape[1], 1, { dtype: 'i32' }).mul(by).remainder(3).sub(1).to(dtype).reshape(shape)
      const read = (t) => t.to('cpu').to('f64').dataSync()
      for (const dtype of ['f32', 'f64', 'bf16', 'f16'])
        for (const [rows, n] of [[37, 8], [70, 41]])
          s.scope(() => {
            const [found, wanted] = ['cuda', 'cpu'].map((at) => {
              const [x, w, b] = [whole([rows, 8], 5, dtype), whole([n, 8], 7, dtype), whole([1, n], 1, dtype).reshape([n])].map((t) => t.to(at))
              for (const t of [x, w, b]) t.requiresGrad = true
              const gradients = s.grad(s.linear(x, w, b), [x, w, b], { gradOutputs: whole([rows, n], 11, dtype).to(at) })
              const long = s.matmul(whole([9, 512], 13, dtype).to(at), whole([512, n], 17, dtype).to(at))
              return [...gradients.flatMap((t) => [...read(t)]), ...read(long)]
            })
            found.forEach((v, i) => { if (v !== wanted[i]) throw new Error(dtype + ', ' + rows + ' x ' + n + ': ' + i + ' is ' + v + ', not ' + wanted[i]) })
          })
      console.log('as they should be')
    `,
      { SINTER_DEBUG: 'guard' },
    )
    expect(out.trim()).toBe('as they should be')
  })

  test.each([
    ['forwards', false, 2],
    ['backwards', true, 2],
    ['projected', false, 1],
  ] as const)('input products of an LSTM in pieces, %s', (_, reverse, width) => {
    // What no backward pass needs is made for 4096 rows at most: four steps, and one that is left.
    const [batch, steps, inputs, hidden] = [1021, 5, 2, 2]
    for (const dtype of ['f32', 'f64'] as const)
      scope(() => {
        const values = (name: string, ...shape: number[]): Tensor =>
          drawn(name, shape, dtype, 'cpu', (r) => r.uniform(-1, 1))
        const operands: LayerOperands = {
          x: values('x', steps * batch, inputs),
          weightIh: values('ih', 4 * hidden, inputs),
          weightHh: values('hh', 4 * hidden, width),
          biasIh: values('bih', 4 * hidden),
          biasHh: values('bhh', 4 * hidden),
          h0: values('h0', batch, width),
          c0: values('c0', batch, hidden),
          weightHr: width === hidden ? null : values('hr', width, hidden),
        }
        const layer = (place: (t: Tensor) => Tensor): Tensor[] => {
          const placed = Object.entries(operands).map(([name, t]) => [name, t && place(t)])
          return recurrence(
            { cell: 'lstm', reverse, steps: { count: steps, batch, sizes: null } },
            Object.fromEntries(placed) as unknown as LayerOperands,
          )
        }
        const [found, exact] = [layer((t) => t.to(device as string)), layer((t) => t.to('f64'))]
        // A cell's state grows by less than 1 a step, and has some 8 roundings in each.
        const most = 8 * steps * steps * (dtype === 'f64' ? 2 ** -53 : 2 ** -24)
        for (const [k, e] of exact.entries()) {
          const [a, b] = [numbers(found[k] as Tensor), numbers(e)]
          const wrong = b.findIndex((v, i) => !(Math.abs((a[i] as number) - v) <= most))
          expect(wrong, `${dtype}, result ${k}: element ${wrong} is ${a[wrong]}, not ${b[wrong]}`).toBe(-1)
        }
      })
  })
})
