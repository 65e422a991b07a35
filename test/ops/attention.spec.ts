/** Attention: lib/ops/attention.ts. */

import type { AttentionOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Sampler } from '../opspec/sampler.js'
import { FLOATS, type OpSpec, type Sample } from '../opspec/spec.js'

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
      for (const args of [{}, { causal: true }, { scale: 0.3 }]) yield { inputs: inputs(s, size), args }
    yield { inputs: inputs(s, [1, 1, 64, 130, 16]), args: { causal: true } }
    yield { inputs: inputs(s, [2, 3, 129, 129, 32]), args: { causal: true }, large: true }
    yield { inputs: inputs(s, [2, 3, 70, 200, 64]), args: {}, large: true }
  },
  call: ([q, k, v], options) => ops.scaledDotProductAttention(q as Tensor, k as Tensor, v as Tensor, options),
  accuracy: {
    roundings: 10,
    serial: true,
    terms: ([q, k]) => (q?.shape[3] as number) + (k?.shape[2] as number),
    magnitude: 'norm',
  },
  gradient: { once: true },
  errors: {
    shapes: {
      call: (device) => {
        const [q, k] = [ops.zeros([1, 2, 3, 4], { device }), ops.zeros([1, 2, 3, 5], { device })]
        return ops.scaledDotProductAttention(q, k, k)
      },
      code: 'SINTER_SHAPE',
      message:
        'scaledDotProductAttention: takes q (b, h, t, d), k and v (b, h, s, d), got (1, 2, 3, 4), (1, 2, 3, 5), (1, 2, 3, 5)',
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

export const specs: readonly OpSpec[] = [attention]
