/** Norms, and what is made of them. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type Arguments, dtypeOf, type Mapping, map } from './mapping.js'

const vectorNorm = ({ input, dim, keepdim, dtype }: Arguments, p: number): Tensor =>
  ops.vectorNorm(input, p, Array.isArray(dim) && dim.length === 0 ? undefined : (dim ?? undefined), {
    keepDim: keepdim ?? false,
    ...(dtype ? { dtype: dtypeOf(dtype) } : {}),
  })

const matrixNorm = ({ input, dim, keepdim, dtype }: Arguments, order: any): Tensor =>
  ops.linalg.matrixNorm(dtype ? ops.cast(input, dtypeOf(dtype)) : input, order, dim ?? undefined, {
    keepDim: keepdim ?? false,
  })

/** torch.norm: a number is a vector norm, over two dimensions too. */
const norm = (a: Arguments): Tensor => {
  const p = a['p'] ?? 2
  if (p === 'nuc') return matrixNorm(a, 'nuc')
  return vectorNorm(a, p === 'fro' ? 2 : p)
}

/** torch.linalg.norm: with an order, of a matrix a matrix norm. */
const linalgNorm = (a: Arguments): Tensor => {
  const { input, ord, dim } = a
  if (ord === undefined || ord === null) return vectorNorm(a, 2)
  const matrix = Array.isArray(dim) ? dim.length === 2 : (dim === undefined || dim === null) && input.rank === 2
  if (!matrix) return vectorNorm(a, ord)
  if (ord === 'fro') return vectorNorm(a, 2)
  return matrixNorm(a, ord)
}

const NORM = 'input p dim keepdim dtype'
export const norms: Readonly<Record<string, Mapping>> = {
  norm: map(NORM, norm),
  'norm.fro': map(NORM, norm),
  'norm.inf': map(NORM, norm),
  'norm.nuc': map(NORM, norm),
  'linalg.norm': map('input ord dim keepdim dtype', linalgNorm),
  'linalg.norm.subgradients_at_zero': map('input ord dim keepdim dtype', linalgNorm),
  'linalg.vector_norm': map('input ord dim keepdim dtype', (a) => vectorNorm(a, a['ord'] ?? 2)),
  dist: map('input other p', ({ input, other, p }) => ops.dist(input, other, p ?? 2)),
  renorm: map('input p dim maxnorm', ({ input, p, dim, maxnorm }) => ops.renorm(input, p, dim, maxnorm)),
}
