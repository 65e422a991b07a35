/**
 * Matrix products. Names are MxNxK, with the form in front: nt and linear_nt hold b as (N, K), tn holds a as (K, M), tt both; the right
 * operand of constB is a constant, of which an implementation may keep a packed form; batchedB are B products.
 */
import { type DType, matmulPacked, packMatrix, randn, type Tensor } from 'sinter'
import { type Case, forwardOnly } from '../case.js'

type Form = '' | 'linear_nt' | 'nt' | 'tn' | 'tt' | 'constB'
type Mnk = readonly [m: number, n: number, k: number]

const BYTES: Partial<Record<DType, number>> = { f32: 4, f64: 8, bf16: 2, f16: 2 }
/** Cubes up to this side are about the call's fixed cost: their bars and their mean are their own. */
const TINY = 128
/** From here a call takes a second on one processor. */
const LONG_FLOPS = 5e10

/** The product with a constant right operand, which is packed once. */
function packed(b: Tensor): (a: Tensor) => Tensor {
  const matrix = packMatrix(b)
  return (a) => matmulPacked(a, matrix)
}

/** Ratios to torch that are asked for: by dtype, and for cubes of f32 in which the cost of a call counts by side. */
function barOf(dtype: DType, [m, n, k]: Mnk, threads: number): number {
  const tiny: Record<number, number> = { 16: 3, 32: 2.2, 64: 1.2, 128: threads === 1 ? 1.2 : 1.05 }
  if (dtype === 'f32' && m === n && n === k) return tiny[m] ?? 1
  return dtype === 'bf16' ? 0.97 : 1
}

interface Variant {
  form?: Form
  /** Number of products. */
  batch?: number
}

function gemmCase(dtype: DType, shape: Mnk, { form = '', batch }: Variant = {}): Case {
  const [m, n, k] = shape
  const count = batch ?? 1
  const size = BYTES[dtype] ?? 4
  const flops = 2 * count * m * n * k
  const front = batch === undefined ? [] : [batch]
  return {
    name: ['gemm', dtype, batch && `batched${batch}`, form, `${m}x${n}x${k}`].filter(Boolean).join('.'),
    family: `gemm.${dtype}${m === n && n === k && m <= TINY ? '.tiny' : ''}`,
    dtype,
    flops,
    bytes: count * size * (m * k + k * n + m * n),
    long: flops >= LONG_FLOPS,
    bar: (threads) => barOf(dtype, shape, threads),
    prepare() {
      const operand = (rows: number, columns: number, transposed: boolean): Tensor =>
        transposed
          ? randn([...front, columns, rows], { dtype }).transpose(-2, -1)
          : randn([...front, rows, columns], { dtype })
      const a = operand(m, k, form === 'tn' || form === 'tt')
      const b = operand(k, n, form === 'nt' || form === 'linear_nt' || form === 'tt')
      if (form !== 'constB') return forwardOnly(() => a.matmul(b))
      const multiply = packed(b)
      return forwardOnly(() => multiply(a))
    },
  }
}

const cube = (side: number): Mnk => [side, side, side]

/** Shapes of transformer layers: a linear layer, both halves of a feed-forward, one token, a vocabulary. */
const TRANSFORMER: readonly Mnk[] = [
  [512, 768, 768],
  [512, 3072, 768],
  [512, 768, 3072],
  [1, 4096, 4096],
  [8, 50257, 768],
]
/** Tokens that are decoded together. */
const FEW_ROWS: readonly Mnk[] = [2, 4, 8, 16].map((m) => [m, 4096, 4096])
/** A column, a long sum for few results, many rows or columns of few, sides that no block divides. */
const UNUSUAL: readonly Mnk[] = [
  [4096, 1, 4096],
  [64, 64, 65536],
  [128, 128, 16384],
  [65536, 64, 64],
  [64, 65536, 64],
  [1023, 1021, 509],
]

function ofDtype(dtype: DType): Case[] {
  const forms = (shapes: readonly Mnk[], form: Form): Case[] => shapes.map((shape) => gemmCase(dtype, shape, { form }))
  return [
    ...forms([16, 32, 48, 64, 96, 128, 256, 512, 1024, 2048, 4096].map(cube), ''),
    ...forms(TRANSFORMER, ''),
    ...forms(TRANSFORMER, 'linear_nt'),
    ...forms([...TRANSFORMER, [64, 1024, 1024]], 'constB'),
    ...(['nt', 'tn', 'tt'] as const).flatMap((form) => forms([cube(1024)], form)),
    ...forms(FEW_ROWS, ''),
    ...forms(FEW_ROWS, 'linear_nt'),
    ...forms(UNUSUAL, ''),
    gemmCase(dtype, [256, 256, 64], { batch: 96 }),
    gemmCase(dtype, [256, 256, 64], { batch: 96, form: 'nt' }),
  ]
}

export const gemm: readonly Case[] = [
  ...(['f32', 'f64', 'bf16', 'f16'] as const).flatMap(ofDtype),
  // What a GPU's products are held to; seconds a call on a CPU.
  gemmCase('bf16', cube(8192)),
]
