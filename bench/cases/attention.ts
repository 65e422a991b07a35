/**
 * Scaled dot-product attention. Names are BxHxTxD; decode is one query a head against a long cache, gqa the same with heads that share
 * keys and values, paged in blocks of a pool.
 */
import { noGrad, pagedAttention, randn, scaledDotProductAttention, type Tensor, tensor } from 'sinter'
import { type Case, forwardOnly, product, withBackward } from '../case.js'

type Bhtd = readonly [batch: number, heads: number, length: number, width: number]

type Float = 'f32' | 'bf16'

function attentionCase(dtype: Float, shape: Bhtd, causal: boolean, backward: boolean): Case {
  // Two products forward (half of each masked when causal), five backward.
  const forwardFlops = 4 * product(shape) * shape[2] * (causal ? 0.5 : 1)
  return {
    name: `attention.${dtype}.${backward ? 'fwdbwd' : 'fwd'}.${shape.join('x')}.${causal ? 'causal' : 'full'}`,
    dtype,
    flops: forwardFlops * (backward ? 3.5 : 1),
    prepare() {
      const operand = (): Tensor => randn(shape).to(dtype)
      const [q, k, v] = [operand(), operand(), operand()]
      const forward = () => scaledDotProductAttention(q, k, v, { causal })
      return backward ? withBackward(forward, [q, k, v]) : forwardOnly(forward)
    },
  }
}

const HEADS = 32
const KEYS = 4096
const WIDTH = 128

/** With operations beside bytes, so that it is held against a loop that reads, not one that also writes. */
function decodeCase(dtype: Float): Case {
  return {
    name: `attention.${dtype}.decode.1x${HEADS}x1q${KEYS}k.${WIDTH}`,
    dtype,
    flops: 4 * HEADS * KEYS * WIDTH,
    bytes: (dtype === 'f32' ? 4 : 2) * 2 * HEADS * KEYS * WIDTH,
    prepare() {
      const operand = (rows: number): Tensor => randn([1, HEADS, rows, WIDTH]).to(dtype)
      const [q, k, v] = [operand(1), operand(KEYS), operand(KEYS)]
      return forwardOnly(() => scaledDotProductAttention(q, k, v))
    },
  }
}

const GROUP = 4

/** Heads in groups that share keys and values, so many more of these that as much is read as in decodeCase. */
function groupedCase(dtype: Float): Case {
  const [shared, keys] = [HEADS / GROUP, KEYS * GROUP]
  return {
    name: `attention.${dtype}.gqa.1x${HEADS}of${shared}x1q${keys}k.${WIDTH}`,
    dtype,
    flops: 4 * HEADS * keys * WIDTH,
    bytes: (dtype === 'f32' ? 4 : 2) * 2 * shared * keys * WIDTH,
    prepare() {
      const operand = (heads: number, rows: number): Tensor => randn([1, heads, rows, WIDTH]).to(dtype)
      const [q, k, v] = [operand(HEADS, 1), operand(shared, keys), operand(shared, keys)]
      return forwardOnly(() => scaledDotProductAttention(q, k, v, { enableGqa: true }))
    },
  }
}

const BLOCK = 64

/** What decodeCase computes; the blocks of a sequence lie in any order. */
function pagedCase(dtype: Float): Case {
  const blocks = KEYS / BLOCK
  return {
    name: `attention.${dtype}.paged.1x${HEADS}x1q${KEYS}k.${WIDTH}`,
    dtype,
    flops: 4 * HEADS * KEYS * WIDTH,
    bytes: (dtype === 'f32' ? 4 : 2) * 2 * HEADS * KEYS * WIDTH,
    prepare() {
      const pool = (): Tensor => randn([blocks, HEADS, BLOCK, WIDTH]).to(dtype)
      const [q, keys, values] = [randn([1, HEADS, 1, WIDTH]).to(dtype), pool(), pool()]
      // An odd step visits every block of a power of two.
      const table = tensor(
        Int32Array.from({ length: blocks }, (_, i) => (i * 101) % blocks),
        { shape: [1, blocks] },
      )
      const lengths = tensor(Int32Array.of(KEYS))
      return forwardOnly(() => noGrad(() => pagedAttention(q, keys, values, table, lengths)))
    },
  }
}

const SHAPES: readonly (readonly [Bhtd, boolean])[] = [
  [[8, 12, 256, 64], true],
  [[1, 12, 1024, 64], true],
  [[1, 12, 1024, 64], false],
  [[1, 8, 4096, 64], true],
]

export const attention: readonly Case[] = (['f32', 'bf16'] as const).flatMap((dtype) => [
  ...SHAPES.flatMap(([shape, causal]) =>
    [false, true].map((backward) => attentionCase(dtype, shape, causal, backward)),
  ),
  decodeCase(dtype),
  groupedCase(dtype),
  pagedCase(dtype),
])
