/** Scaled dot-product attention. Names are BxHxTxD; decode is one query a head against a long cache. */
import { randn, scaledDotProductAttention } from 'sinter'
import { type Case, forwardOnly, product, withBackward } from '../case.js'

type Bhtd = readonly [batch: number, heads: number, length: number, width: number]

function attentionCase(shape: Bhtd, causal: boolean, backward: boolean): Case {
  // Two products forward (half of each masked when causal), five backward.
  const forwardFlops = 4 * product(shape) * shape[2] * (causal ? 0.5 : 1)
  return {
    name: `attention.f32.${backward ? 'fwdbwd' : 'fwd'}.${shape.join('x')}.${causal ? 'causal' : 'full'}`,
    dtype: 'f32',
    flops: forwardFlops * (backward ? 3.5 : 1),
    prepare() {
      const q = randn(shape)
      const k = randn(shape)
      const v = randn(shape)
      const forward = () => scaledDotProductAttention(q, k, v, { causal })
      return backward ? withBackward(forward, [q, k, v]) : forwardOnly(forward)
    },
  }
}

const HEADS = 32
const KEYS = 4096
const WIDTH = 128

const decode: Case = {
  name: `attention.f32.decode.1x${HEADS}x1q${KEYS}k.${WIDTH}`,
  dtype: 'f32',
  bytes: 4 * 2 * HEADS * KEYS * WIDTH,
  prepare() {
    const q = randn([1, HEADS, 1, WIDTH])
    const k = randn([1, HEADS, KEYS, WIDTH])
    const v = randn([1, HEADS, KEYS, WIDTH])
    return forwardOnly(() => scaledDotProductAttention(q, k, v))
  },
}

const SHAPES: readonly (readonly [Bhtd, boolean])[] = [
  [[8, 12, 256, 64], true],
  [[1, 12, 1024, 64], true],
  [[1, 12, 1024, 64], false],
  [[1, 8, 4096, 64], true],
]

export const attention: readonly Case[] = [
  ...SHAPES.flatMap(([shape, causal]) => [attentionCase(shape, causal, false), attentionCase(shape, causal, true)]),
  decode,
]
