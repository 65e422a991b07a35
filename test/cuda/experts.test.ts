/**
 * Products by experts on CUDA where the table of experts is as long as a block has threads, and a little more or less: the kernel makes it
 * a block of experts at a time. Place in the whole: test/ops/grouped has few experts of every kind.
 */
import { describe, expect, test } from 'vitest'
import { expertMatmul, grad, scope, type Tensor, tensor } from '#lib/index.js'
import { device, drawn, same } from './same.js'

/** Threads of a block of the kernel (kFinishThreads). */
const BLOCK = 256

/** Where each expert's rows end: most have none, some one or three. */
function ends(experts: number): { ends: number[]; rows: number } {
  let rows = 0
  const all = Array.from({ length: experts }, (_, i) => (rows += i % 50 === 49 ? 3 : i % 17 === 0 ? 1 : 0))
  return { ends: all, rows }
}

describe.skipIf(device === undefined)('products by experts', () => {
  test.each([BLOCK - 2, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK - 1, 2 * BLOCK])('%i of them', (experts) => {
    const { ends: until, rows } = ends(experts)
    // Two rows belong to nobody.
    same(
      `${experts} experts`,
      (at) => {
        const x = drawn('x', [rows + 2, 4], 'f32', at, (r) => r.uniform(-1, 1)).requiresGrad_() as Tensor
        const w = drawn('w', [experts, 4, 3], 'f32', at, (r) => r.uniform(-1, 1)).requiresGrad_() as Tensor
        const y = expertMatmul(x, w, tensor(until, { dtype: 'i64', device: at }) as Tensor)
        return [y, ...grad(y.mul(y).sum(), [x, w])]
      },
      8,
    )
  })

  test('whose ends go back in a later block of the table are named', () =>
    scope(() => {
      const at = device as string
      const experts = 2 * BLOCK
      const { ends: until, rows } = ends(experts)
      until[BLOCK + 44] = 0
      const x = drawn('x', [rows, 4], 'f32', at, (r) => r.uniform(-1, 1))
      const w = drawn('w', [experts, 4, 3], 'f32', at, (r) => r.uniform(-1, 1))
      const y = expertMatmul(x, w, tensor(until, { dtype: 'i64', device: at }) as Tensor)
      expect(() => y.sum().itemSync()).toThrow(new RegExp(`${BLOCK + 44}`))
    }))
})
