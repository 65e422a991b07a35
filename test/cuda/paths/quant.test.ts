/**
 * Quantizing and weights of groups on CUDA where their kernels take another way: every dtype by channel and by tensor, tails of fewer
 * elements than a thread has, rows at odd addresses, a refused code in each place of a word, zero points far beyond the codes, every
 * activation after codes of either width. Place in the whole: ../weight-only.test.ts has the products, test/quant the semantics; here is
 * what they have no shapes for, against the CPU.
 */
import { describe, expect, test } from 'vitest'
import { scope, slice, type Tensor, tensor } from '#lib/index.js'
import {
  dequantize,
  GroupQuantizedWeight,
  quantizeGroups,
  quantizePerChannel,
  quantizePerTensor,
  weightOnlyLinear,
} from '#lib/quant/index.js'
import { device, drawn, same } from '../same.js'

const BYTES = ['u8', 'i8'] as const
/** With what is not finite, and halves, whose ties go to even. */
const odd = (i: number): number =>
  [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0.25, 0.75, -1.25, 1e30][i % 37] ??
  (i % 29) / 4 - 3

describe.skipIf(device === undefined)('bytes', () => {
  // The last thread of 255, 256 and 257 has three, four and one elements.
  const COUNTS = [255, 256, 257, 4101]
  test.each(['f32', 'f64', 'bf16', 'f16'] as const)('%s: quantized by tensor and by channel', (dtype) => {
    for (const to of BYTES) {
      for (const count of COUNTS)
        same(`${dtype} to ${to}, ${count}`, (at) => {
          const x = tensor(
            Float64Array.from({ length: count }, (_, i) => odd(i)),
            { dtype: 'f64' },
          )
            .to(dtype)
            .to(at)
          return quantizePerTensor(x as Tensor, 0.5, 3, to)
        })
      for (const [shape, axis] of [
        [[7, 5, 9], 1],
        [[3, 259], 0],
        [[11, 6], -1],
      ] as const)
        for (const zeros of [false, true])
          same(`${dtype} to ${to}, (${shape}) along ${axis}`, (at) => {
            const channels = shape.at(axis) as number
            const x = drawn('x', shape, 'f64', 'cpu', (r) => r.uniform(-300, 300))
              .to(dtype)
              .to(at) as Tensor
            const scales = drawn('scales', [channels], 'f32', at, (r) => r.uniform(0.5, 2))
            const points = zeros ? drawn('zeros', [channels], 'i32', at, (r) => r.int(0, 100)) : null
            return quantizePerChannel(x, scales, points, axis, to)
          })
    }
  })

  test.each(['f32', 'bf16', 'f16'] as const)('%s: decoded by tensor and by channel', (dtype) => {
    for (const from of BYTES) {
      const codes = (shape: readonly number[], at: string): Tensor =>
        drawn('codes', shape, 'i32', 'cpu', (r) => (from === 'u8' ? r.int(0, 256) : r.int(-128, 128)))
          .to(from)
          .to(at)
      for (const count of COUNTS)
        for (const skip of [0, 1])
          same(`${from} to ${dtype}, ${count} from ${skip}`, (at) =>
            dequantize(slice(codes([count + skip], at), 0, skip), 0.3, { zeroPoint: 3, dtype }),
          )
      for (const zeros of [false, true])
        same(`${from} to ${dtype}, by channel`, (at) => {
          const scale = drawn('scales', [5], 'f32', at, (r) => r.uniform(0.5, 2))
          const zeroPoint = zeros ? drawn('zeros', [5], 'i32', at, (r) => r.int(0, 100)) : null
          return dequantize(codes([7, 5, 9], at), scale, { zeroPoint, axis: 1, dtype })
        })
    }
  })
})

describe.skipIf(device === undefined)('weights of groups', () => {
  test('a code of 4 bits out of range is named, wherever it lies in a word', () => {
    for (const [dtype, bad, range] of [
      ['u8', 16, '0 to 15'],
      ['i8', 8, '-8 to 7'],
      ['i8', -9, '-8 to 7'],
    ] as const)
      for (let at = 0; at < 11; at++)
        scope(() => {
          const values = new Float64Array(2 * 11).fill(5)
          values[11 + at] = bad
          const codes = tensor(values, { shape: [2, 11], dtype }).to(device as string) as Tensor
          const parts = (to: 'f16' | 'u8') => tensor([1, 1], { shape: [2, 1], dtype: to, device: device as string })
          const w = GroupQuantizedWeight.from(codes, parts('f16'), dtype === 'u8' ? parts('u8') : null, {
            bits: 4,
            groupSize: 32,
          })
          expect(() => w.data.sum().itemSync()).toThrow(
            `packGroups: the code ${bad} of output 1, input ${at} is out of range: ${range}`,
          )
        })
  })

  // Up to 8 rows and more are different kernels.
  test.each([3, 10])('zero points beyond 128 in %i rows of f32 and bf16', (rows) => {
    for (const dtype of ['f32', 'bf16'] as const)
      for (const bits of [4, 8] as const)
        same(`${dtype}, ${bits} bits`, (at) => {
          // Whole numbers, whose sums are exact.
          const codes = drawn('codes', [33, 100], 'i32', 'cpu', (r) => r.int(0, 16))
            .to('u8')
            .to(at) as Tensor
          const zeros = drawn('zeros', [33, 4], 'i32', 'cpu', (r) => r.int(100, 256))
            .to('u8')
            .to(at) as Tensor
          const scales = drawn('scales', [33, 4], 'i32', 'cpu', (r) => 2 ** r.int(0, 4))
            .to('f16')
            .to(at) as Tensor
          const w = GroupQuantizedWeight.from(codes, scales, zeros, { bits, groupSize: 32 })
          const x = drawn('x', [rows, 100], 'i32', 'cpu', (r) => r.int(-3, 4))
            .to(dtype)
            .to(at) as Tensor
          return weightOnlyLinear(x, w)
        })
  })

  test.each([2, 10])('every activation of %i rows, by codes of 4 and 8 bits', (rows) => {
    // A number of outputs that packs of four divide, and one that leaves one over.
    for (const dtype of ['f32', 'bf16'] as const)
      for (const bits of [4, 8] as const)
        for (const out of [36, 33])
          for (const activation of ['relu', 'gelu', 'geluTanh', 'silu'] as const)
            same(
              `${dtype}, ${bits} bits, ${out} outputs, ${activation}`,
              (at) => {
                const weight = drawn('w', [out, 64], 'f32', at, (r) => r.uniform(-0.5, 0.5))
                const x = drawn('x', [rows, 64], dtype, at, (r) => r.uniform(-1, 1))
                const bias = drawn('bias', [out], dtype, at, (r) => r.uniform(-1, 1))
                return weightOnlyLinear(x, quantizeGroups(weight, { bits, groupSize: 32 }), bias, { activation })
              },
              // 64 terms below 1/2 and their bias in f32; bf16 is rounded once, from almost the same number.
              dtype === 'f32' ? 64 : 1,
            )
  })
})
