/** Copies of 16 MB and more, whose results are written past the caches, and in another order than smaller ones (native/cpu/copy). */
import { expect, test } from 'vitest'
import { arange, type DType, scope, type Tensor } from '#lib/index.js'

/** The elements of `y`, of which position i holds the number `at(i)`; reports the first that does not. */
async function expectElements(y: Tensor, at: (index: readonly number[]) => number): Promise<void> {
  const data = await y.data()
  const index = y.shape.map(() => 0)
  for (let i = 0; i < data.length; i++) {
    if (Number(data[i]) !== at(index)) expect(`${index}: ${data[i]}`).toBe(`${index}: ${at(index)}`)
    for (let d = y.rank - 1; d >= 0 && ++(index[d] as number) === y.shape[d]; d--) index[d] = 0
  }
}

/** 0, 1, ... modulo a prime that every dtype counts to. */
const PRIME = 251
const numbers = (shape: readonly number[], dtype: DType): Tensor => {
  const n = shape.reduce((a, b) => a * b, 1)
  return scope(() => arange(0, n, 1, { dtype: 'i32' }).remainder(PRIME).to(dtype).reshape(shape))
}

test.each([
  ['f32', [8, 201, 13, 208], [0, 2, 1, 3]],
  ['f32', [5, 331, 71, 37], [2, 0, 1, 3]],
  ['f64', [3, 171, 11, 401], [0, 2, 1, 3]],
  ['bf16', [9, 301, 13, 250], [0, 2, 1, 3]],
  ['f32', [2051, 2053], [1, 0]],
  ['f64', [3, 901, 803], [0, 2, 1]],
  ['bf16', [3001, 2805], [1, 0]],
  ['u8', [4099, 4127], [1, 0]],
] as const)('%s %o in the order %o', async (dtype, shape, order) => {
  const x = numbers(shape, dtype)
  const strides = shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1))
  const y = x.permute(order).contiguous()
  const permuted = order.map((d) => strides[d] as number)
  await expectElements(y, (index) => index.reduce((sum, i, d) => sum + i * (permuted[d] as number), 0) % PRIME)
  x.dispose()
  y.dispose()
})

test('repeated rows, and rows that are cast', async () => {
  const x = numbers([300, 100], 'f32')
  const repeated = x.unsqueeze(1).expand([300, 150, 100]).contiguous()
  await expectElements(repeated, ([i, , k]) => ((i as number) * 100 + (k as number)) % PRIME)
  const long = numbers([8, 201, 13, 208], 'i32')
  const cast = long.permute([0, 2, 1, 3]).to('f32')
  await expectElements(cast, ([a, b, c, d]) => {
    return (((a as number) * 201 + (c as number)) * 13 * 208 + (b as number) * 208 + (d as number)) % PRIME
  })
  for (const t of [x, repeated, long, cast]) t.dispose()
})
