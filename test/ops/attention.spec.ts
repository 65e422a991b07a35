/** Attention: lib/ops/attention.ts. */

import type { AttentionOptions, MultiHeadAttentionOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Sampler } from '../opspec/sampler.js'
import { FLOATS, type Input, type OpSpec, type Sample } from '../opspec/spec.js'

/** b, h, t queries, s keys, d */
type Size = readonly [number, number, number, number, number]
const SIZES: readonly Size[] = [
  [1, 1, 1, 1, 1],
  [1, 2, 5, 5, 4],
  [2, 2, 7, 7, 8],
  [1, 1, 3, 7, 4],
  [1, 2, 1, 33, 16],
  [1, 1, 7, 3, 5],
  [2, 1, 17, 17, 33],
  [0, 2, 3, 3, 4],
]

const inputs = (s: Sampler, [b, h, t, n, d]: Size): Sample['inputs'] => [
  s.values([b, h, t, d]),
  s.values([b, h, n, d]),
  s.values([b, h, n, d]),
]

const attention: OpSpec<AttentionOptions> = {
  name: 'scaledDotProductAttention',
  ops: ['attention', 'attentionBackward'],
  dtypes: FLOATS,
  *samples(s) {
    for (const size of SIZES)
      for (const args of [{}, { causal: true }, { causal: 'upperLeft', scale: 0.3 }] as const)
        yield { inputs: inputs(s, size), args }
    yield { inputs: inputs(s, [1, 1, 64, 130, 16]), args: { causal: true } }
    yield { inputs: inputs(s, [1, 1, 70, 130, 16]), args: { causal: 'upperLeft' } }
    // Batches of any rank, broadcast.
    yield { inputs: [s.values([3, 4]), s.values([2, 3, 5, 4]), s.values([3, 5, 4])], args: {} }
    yield { inputs: inputs(s, [2, 3, 129, 129, 32]), args: { causal: true }, large: true }
    yield { inputs: inputs(s, [2, 3, 70, 200, 64]), args: {}, large: true }
  },
  call: ([q, k, v], options) => ops.scaledDotProductAttention(q as Tensor, k as Tensor, v as Tensor, options),
  accuracy: {
    roundings: 10,
    serial: true,
    terms: ([q, k]) => (q?.shape.at(-1) as number) + (k?.shape.at(-2) as number),
    magnitude: 'norm',
  },
  gradient: { roundings: 40 },
  errors: {
    shapes: {
      call: (device) => {
        const [q, k] = [ops.zeros([1, 2, 3, 4], { device }), ops.zeros([1, 2, 3, 5], { device })]
        return ops.scaledDotProductAttention(q, k, k)
      },
      code: 'SINTER_SHAPE',
      message:
        'scaledDotProductAttention: takes q (..., t, d), k (..., s, d) and v (..., s, e), got (1, 2, 3, 4), (1, 2, 3, 5), (1, 2, 3, 5)',
    },
    dtypes: {
      call: (device) => {
        const [q, k] = [ops.zeros([1, 2, 3, 4], { device }), ops.zeros([1, 2, 3, 4], { device, dtype: 'f64' })]
        return ops.scaledDotProductAttention(q, k, k)
      },
      code: 'SINTER_DTYPE',
      message: 'scaledDotProductAttention: dtypes differ: f32 and f64; convert one with .to()',
    },
  },
}

/** Masks, values of another width, shared heads, and weights that dropout leaves (all of them, or none). */
const composed: OpSpec<AttentionOptions> = {
  name: 'scaledDotProductAttention (composed)',
  ops: ['matmul', 'softmax', 'where', 'maskedFill'],
  dtypes: FLOATS,
  *samples(s) {
    const qkv = (e: number): Input[] => [s.values([2, 3, 4]), s.values([2, 5, 4]), s.values([2, 5, e])]
    yield { inputs: [...qkv(3), null], args: {} }
    yield { inputs: [...qkv(3), null], args: { causal: 'upperLeft' } }
    const sight = s.mask([3, 5])
    sight.values.fill(0, 0, 5)
    sight.values[7] = 1
    yield { inputs: [...qkv(4), sight], args: { scale: 0.7 } }
    yield { inputs: [...qkv(4), s.values([2, 1, 5])], args: {} }
    const shared = [s.values([1, 4, 2, 3]), s.values([1, 2, 3, 3]), s.values([1, 2, 3, 3])]
    yield { inputs: [...shared, null], args: { enableGqa: true, causal: 'lowerRight' } }
    yield { inputs: [...qkv(2), null], args: { dropout: 1 } }
  },
  call: ([q, k, v, mask], options) =>
    ops.scaledDotProductAttention(q as Tensor, k as Tensor, v as Tensor, { ...options, mask: mask ?? null }),
  accuracy: { roundings: 20, serial: true, terms: () => 10, magnitude: 'norm' },
  gradient: { roundings: 60 },
  errors: {
    mask: {
      call: (device) => {
        const q = ops.zeros([2, 3, 4], { device })
        return ops.scaledDotProductAttention(q, q, q, { mask: ops.zeros([5, 3], { device, dtype: 'bool' }) })
      },
      code: 'SINTER_SHAPE',
      message: 'scaledDotProductAttention: shapes (2, 3, 3) and (5, 3) do not broadcast: 3 and 5 at dimension -2',
    },
    'mask dtype': {
      call: (device) => {
        const q = ops.zeros([2, 3, 4], { device })
        return ops.scaledDotProductAttention(q, q, q, { mask: ops.zeros([3, 3], { device, dtype: 'i64' }) })
      },
      code: 'SINTER_DTYPE',
      message: 'scaledDotProductAttention: the mask is i64, not bool or f32',
    },
    'mask and causal': {
      call: (device) => {
        const q = ops.zeros([3, 4], { device })
        return ops.scaledDotProductAttention(q, q, q, { mask: ops.zeros([3, 3], { device }), causal: true })
      },
      code: 'SINTER_VALUE',
      message: 'scaledDotProductAttention: takes either a mask or causal',
    },
  },
}

interface MultiHeadArgs extends Omit<MultiHeadAttentionOptions, 'outProjWeight'> {
  separate?: boolean
}

const multiHead: OpSpec<MultiHeadArgs> = {
  name: 'multiHeadAttention',
  ops: ['matmul', 'softmax', 'attention'],
  dtypes: FLOATS,
  *samples(s) {
    const weights = (k: number, separate = false): (Input | null)[] => [
      separate ? null : s.values([12, 4], { low: -1, high: 1 }),
      s.values([12]),
      s.values([4, 4], { low: -1, high: 1 }),
      s.values([4]),
      ...(separate ? [s.values([4, 4]), s.values([4, k]), s.values([4, k])] : [null, null, null]),
    ]
    const x = (...shape: number[]): Input => s.values(shape, { low: -1, high: 1 })
    const none = [null, null, null, null]
    yield { inputs: [x(3, 2, 4), x(5, 2, 4), x(5, 2, 4), ...weights(4), ...none], args: { heads: 2 } }
    yield { inputs: [x(3, 4), x(5, 4), x(5, 4), ...weights(4), ...none], args: { heads: 2, needWeights: false } }
    const sight = { ...s.given([0, 1, 0, 0, 0, 1, 0, 0, 0, 1], [2, 5]), dtype: 'bool' as const }
    const extra = [s.values([4]), s.values([4]), s.values([3, 5]), sight]
    const args = { heads: 2, addZeroAttn: true, averageWeights: false }
    yield { inputs: [x(3, 2, 4), x(5, 2, 6), x(5, 2, 6), ...weights(6, true), ...extra], args }
  },
  call: ([q, k, v, w, b, ow, ob, wq, wk, wv, biasK, biasV, mask, keyPaddingMask], options) => {
    const separate = wq ? ([wq, wk, wv] as [Tensor, Tensor, Tensor]) : null
    const [y, weights] = ops.multiHeadAttention(q as Tensor, k as Tensor, v as Tensor, {
      ...options,
      inProjWeight: w ?? null,
      projWeights: separate,
      inProjBias: b ?? null,
      outProjWeight: ow as Tensor,
      outProjBias: ob ?? null,
      biasK: biasK ?? null,
      biasV: biasV ?? null,
      mask: mask ?? null,
      keyPaddingMask: keyPaddingMask ?? null,
    })
    return weights ? [y, weights] : [y]
  },
  accuracy: { roundings: 40, composed: true, serial: true, terms: () => 30, magnitude: 'norm' },
  gradient: { roundings: 100 },
  errors: {
    heads: {
      call: (device) => {
        const x = ops.zeros([2, 1, 3], { device })
        return ops.multiHeadAttention(x, x, x, { heads: 2, outProjWeight: ops.zeros([3, 3], { device }) })
      },
      code: 'SINTER_SHAPE',
      message:
        'multiHeadAttention: takes query (t, n, e), key and value (s, n, ...) with e a multiple of 2 heads, got (2, 1, 3), (2, 1, 3), (2, 1, 3)',
    },
  },
}

export const specs: readonly OpSpec[] = [attention, composed, multiHead]
