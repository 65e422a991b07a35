/** Bytes: lib/quant. Numbers become bytes by the same f32 arithmetic on both devices, so results are the same bytes. */

import { abs } from '#lib/index.js'
import * as quant from '#lib/quant/index.js'
import type { Tensor } from '#lib/tensor/tensor.js'
import { call, type Entry, entry, FLOATS, type Judge } from '../draw.js'
import { type Draw, operand, randomShape } from '../tensors.js'

const LAYER: Judge = { roundings: 40, power: 3, gradient: false, finite: true }

/** Scales from scratch: positive, one a channel. */
const scales = (t: Tensor): Tensor => abs(t).to('f32').mul(0.01).add(0.01)

/** values (out, in), scales (out), zero points or not, bias (out). */
const weight = (r: Draw, inner: number) => {
  const out = r.int(1, 40)
  const zeros = r.chance(3)
  return {
    operands: [operand(r, [out, inner], 'i8'), operand(r, [out], 'f32'), operand(r, [out], 'i8')],
    make: (values: Tensor, s: Tensor, z: Tensor) => quant.Int8Weight.from(values, scales(s), zeros ? z : null),
    out,
  }
}

export const quantized: readonly Entry[] = [
  entry(
    'quant.quantizePerTensor, quant.dequantize',
    (r) => {
      const dtype = r.pick(['u8', 'i8'] as const)
      const zero = r.int(0, 100)
      const to = r.pick(['f32', 'bf16', 'f16'] as const)
      return call([operand(r, randomShape(r), r.pick(FLOATS))], (x) => {
        const q = quant.quantizePerTensor(x, 0.05, zero, dtype)
        return [q, quant.dequantize(q, 0.05, { zeroPoint: zero, dtype: to })]
      })
    },
    { gradient: false },
  ),
  entry(
    'quant.quantizePerChannel',
    (r) => {
      const shape = [...r.ints(r.int(1, 3), 0, 9), r.int(1, 30)]
      const axis = r.int(-shape.length, shape.length)
      const n = shape.at(axis) as number
      return call([operand(r, shape, r.pick(FLOATS)), operand(r, [n], 'f32')], (x, s) =>
        quant.quantizePerChannel(x, scales(s), null, axis, 'i8'),
      )
    },
    { gradient: false, finite: true },
  ),
  entry(
    'quant.intMatmul',
    (r) => {
      const [m, n, k] = [r.int(0, 20), r.int(0, 40), r.int(0, 40)]
      const batch = r.ints(r.int(0, 3), 1, 3)
      return call([operand(r, [...batch, m, k], r.pick(['u8', 'i8'])), operand(r, [k, n], 'i8')], (a, b) =>
        quant.intMatmul(a, b, { aZeroPoint: 3 }),
      )
    },
    { gradient: false },
  ),
  entry(
    'quant.dynamicQuantizedLinear',
    (r) => {
      const inner = r.int(1, 50)
      const w = weight(r, inner)
      const options = {
        activation: r.pick([null, 'none', 'relu', 'gelu', 'geluTanh', 'silu'] as const),
        reduceRange: r.chance(2),
      }
      const dtype = r.pick(['f32', 'bf16'] as const)
      return call(
        [operand(r, [...r.ints(r.int(0, 3), 1, 9), inner], dtype), operand(r, [w.out], dtype), ...w.operands],
        (x, bias, v, s, z) => quant.dynamicQuantizedLinear(x, w.make(v, s, z), bias, options),
      )
    },
    LAYER,
  ),
  entry(
    'quant.quantizedLinear, quant.quantizeWeight',
    (r) => {
      const inner = r.int(1, 50)
      const out = r.int(1, 40)
      const reduceRange = r.chance(2)
      return call([operand(r, [r.int(0, 9), inner], r.pick(['u8', 'i8'])), operand(r, [out, inner], 'f32')], (x, w) =>
        quant.quantizedLinear(x, quant.quantizeWeight(w, { reduceRange, scheme: 'perTensor' }), null, { scale: 0.5 }),
      )
    },
    LAYER,
  ),
  entry(
    'quant.quantizedConv2d, quant.dynamicQuantizedConv2d, quant.quantizeConvWeight',
    (r) => {
      const [c, o] = [r.int(1, 9), r.int(1, 20)]
      const kernelSize = [r.int(1, 4), r.int(1, 4)] as const
      const options = {
        kernelSize,
        stride: r.int(1, 3),
        padding: r.ints(2, 0, 3) as [number, number],
        dilation: r.int(1, 3),
        activation: r.pick(['none', 'relu', 'silu'] as const),
      }
      const reduceRange = r.chance(2)
      const bytes = r.chance(2)
      const dtype = bytes ? r.pick(['u8', 'i8'] as const) : r.pick(['f32', 'bf16'] as const)
      return call(
        [
          operand(r, [r.int(1, 3), c, ...r.ints(2, 1, 12)], dtype),
          operand(r, [o, c, ...kernelSize], 'f32'),
          operand(r, [o], bytes ? 'f32' : dtype),
        ],
        (x, w, bias) => {
          const weight = quant.quantizeConvWeight(w, { reduceRange, scheme: 'perTensor' })
          return bytes
            ? quant.quantizedConv2d(x, weight, bias, { ...options, scale: 0.5, zeroPoint: 3 })
            : quant.dynamicQuantizedConv2d(x, weight, bias, options)
        },
      )
    },
    LAYER,
  ),
]
