/**
 * Masks, sets and positions on CUDA (cuda/kernels/index) in every size of elements: several tiles, more room than is chosen and less,
 * zeros of either sign and NaN, places beyond 2^31. Place in the whole: the operator matrix (test/ops) has the semantics in small shapes;
 * here are the kernels' other branches, against the CPU or whole numbers.
 */
import { describe, expect, test } from 'vitest'
import { OP } from '#lib/generated/ops.js'
import * as ops from '#lib/index.js'
import { scope, type Tensor, tensor } from '#lib/index.js'
import { make } from '#lib/ops/emit.js'
import { isFloating } from '#lib/tensor/dtype.js'
import { numbers } from '../../helpers/compare.js'
import { device, drawn, same } from '../same.js'
import { MOVED, moved, parts } from './moved.js'

const NUMBERS = ['f32', 'f64', 'bf16', 'f16', 'i32', 'i64', 'u8', 'i8'] as const
const on = device as string

/** Reading a result reports what was refused on the way to it. */
function refused(what: string, f: () => Tensor | readonly Tensor[], message: RegExp): void {
  scope(() => {
    expect(() => [f()].flat().map((t) => numbers(parts(t))), what).toThrow(message)
  })
}

describe.skipIf(device === undefined)('masks, sets and positions on cuda', () => {
  test('masks over several tiles, room for more than is chosen and for less', () => {
    for (const dtype of ['bool', ...NUMBERS] as const)
      for (const n of [1, 4096, 9001])
        same(`nonzero ${dtype} ${n}`, (at) => {
          const x = drawn('x', [n], 'i32', at, (r) => r.int(0, 3) - 1)
          const y = (dtype === 'bool' ? ops.ne(x, 0) : dtype === 'u8' ? x.abs() : x).to(dtype) as Tensor
          const signed = isFloating(dtype) ? (ops.mul(y, -1) as Tensor) : y // zeros of either sign
          return [
            ops.nonzeroStatic(signed.reshape([n, 1]), n, { fill: -7 }),
            ops.nonzeroStatic(signed, n >> 2),
            ...(n === 9001 ? [ops.nonzeroStatic(signed.reshape([9001, 1, 1]).expand([9001, 1, 2]), 2 * n)] : []),
          ] as Tensor[]
        })
    for (const dtype of MOVED)
      for (const n of [5, 9001])
        same(`masks of ${dtype} ${n}`, (at) => {
          const x = moved('x', [n], dtype, at)
          const mask = drawn('m', [n], 'i32', at, (r) => r.int(0, 3)).eq(1) as Tensor
          // The command itself: the function counts first, and asks for as many.
          const chosen = (room: number): Tensor =>
            make('maskedSelect', OP.maskedSelect, dtype, [room], x, mask, [], n) as Tensor
          const all = [chosen(n), chosen((n >> 3) + 1), ops.maskedScatter(x, mask, moved('s', [n], dtype, at))]
          return all.map(parts)
        })
    for (const dtype of MOVED)
      refused(
        `maskedScatter ${dtype}`,
        () =>
          ops.maskedScatter(
            moved('x', [9], dtype, on),
            ops.ones([9], { dtype: 'bool', device: on }),
            moved('s', [4], dtype, on),
          ),
        /selects 9 elements, src has 4/,
      )
  })

  test('isin: zeros of either sign, NaN, both halves of the order', () => {
    for (const dtype of ['f32', 'f64', 'i32', 'i64'] as const)
      for (const [n, invert] of [
        [1500, false],
        [9, true],
      ] as const)
        same(`isin ${dtype} ${n}`, (at) => {
          const around = (seed: string, count: number): Tensor => {
            const x = drawn(seed, [count], dtype, at, (r) => r.int(-99, 99))
            if (!isFloating(dtype)) return x
            const odd = tensor([-0, 0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0.5])
            return ops.concat([x.mul(0.5), odd.to(dtype).to(at)], 0)
          }
          return ops.isin(around('x', 1500), around('t', n), { invert })
        })
    same('zeros alike', (at) => ops.isin(tensor([-0, 1]).to('f64').to(at), tensor([0]).to('f64').to(at)))
  })

  test('positions in shapes of more than 2^31 elements', () => {
    const shape = [5, 2 ** 33 + 1, 3, 1001]
    const total = shape.reduce((a, b) => a * b, 1)
    const places = [
      0,
      1,
      1000,
      1001,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 31 + 1,
      2 ** 32 - 1,
      total - 1,
      total - 3003,
      total - 3004,
    ]
    for (let k = 1; k < 200; k++) places.push(Math.floor((total / 200) * k), 3003 * k * 40_000_003 - 1)
    const at = tensor(
      places.map((p) => BigInt(p)),
      { dtype: 'i64' },
    ).to(on)
    scope(() => {
      const found = ops.unravelIndex(at, shape).map(numbers) as Float64Array[]
      for (const [i, place] of places.entries()) {
        let rest = BigInt(place)
        for (let d = shape.length - 1; d >= 0; d--) {
          const size = BigInt(shape[d] as number)
          expect(found[d]?.[i], `dimension ${d} of ${place}`).toBe(Number(rest % size))
          rest /= size
        }
      }
    })
    same('i32', (where) => ops.unravelIndex(tensor([0, 7, 11], { dtype: 'i32' }).to(where), [2, 2, 3]))
    refused('beyond', () => ops.unravelIndex(tensor([12], { dtype: 'i64' }).to(on), [2, 2, 3]), /12/)
  })
})
