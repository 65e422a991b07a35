/** Matrix products. Names are MxNxK; linear_nt and nt hold b as (N, K), tn holds a as (K, M). */
import { type DType, randn } from 'sinter'
import { type Case, forwardOnly } from '../case.js'

type Form = '' | 'linear_nt.' | 'nt.' | 'tn.'
type Mnk = readonly [m: number, n: number, k: number]

function gemmCase(dtype: DType, [m, n, k]: Mnk, form: Form = ''): Case {
  return {
    name: `gemm.${dtype}.${form}${m}x${n}x${k}`,
    dtype,
    flops: 2 * m * n * k,
    prepare() {
      const a = form === 'tn.' ? randn([k, m], { dtype }).transpose(0, 1) : randn([m, k], { dtype })
      const b =
        form === 'nt.' || form === 'linear_nt.' ? randn([n, k], { dtype }).transpose(0, 1) : randn([k, n], { dtype })
      return forwardOnly(() => a.matmul(b))
    },
  }
}

function batchedCase(dtype: DType, batch: number, [m, n, k]: Mnk): Case {
  return {
    name: `gemm.${dtype}.batched${batch}.${m}x${n}x${k}`,
    dtype,
    flops: 2 * batch * m * n * k,
    prepare() {
      const a = randn([batch, m, k], { dtype })
      const b = randn([batch, k, n], { dtype })
      return forwardOnly(() => a.matmul(b))
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

export const gemm: readonly Case[] = [
  ...[16, 32, 48, 64, 96, 128, 256, 512, 1024, 2048, 4096].map((side) => gemmCase('f32', cube(side))),
  ...TRANSFORMER.map((shape) => gemmCase('f32', shape)),
  ...TRANSFORMER.map((shape) => gemmCase('f32', shape, 'linear_nt.')),
  gemmCase('f32', cube(1024), 'nt.'),
  gemmCase('f32', cube(1024), 'tn.'),
  batchedCase('f32', 96, [256, 256, 64]),
  ...[512, 1024].map((side) => gemmCase('f64', cube(side))),
  ...[512, 1024, 2048, 4096].map((side) => gemmCase('bf16', cube(side))),
  ...TRANSFORMER.map((shape) => gemmCase('bf16', shape)),
  ...TRANSFORMER.map((shape) => gemmCase('bf16', shape, 'linear_nt.')),
]
