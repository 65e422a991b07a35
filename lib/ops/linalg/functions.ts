/** Powers and the exponential of matrices, LDL factorization, singular vectors of matrices of low rank. */
import { needsGrad, record, save } from '../../autograd/node.js'
import { DTypeError, ShapeError, ValueError } from '../../errors.js'
import { OP } from '../../generated/ops.js'
import { isIntegral } from '../../tensor/dtype.js'
import { sameShape, show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { add, sub } from '../binary.js'
import { clone } from '../convert.js'
import { eye, full, zerosLike } from '../creation.js'
import { make, makeMany, sameDType } from '../emit.js'
import { concat } from '../join.js'
import { matmul } from '../matmul.js'
import { broadcastBatches } from '../products.js'
import { randn } from '../random.js'
import { mean } from '../reduce.js'
import { maskedFill } from '../select.js'
import { expand, narrow } from '../views.js'
import { costOf, matrices, mT, squares } from './common.js'
import { qr } from './qr.js'
import { inv } from './solve.js'
import { svd } from './spectral.js'

/** x to an integer power, by squaring; a negative one inverts. Any dtype but bool. */
export function matrixPower(x: Tensor, power: number): Tensor {
  if (!Number.isInteger(power)) throw new ValueError(`matrixPower: power ${power} is not an integer`)
  if (x.dtype === 'bool') throw new DTypeError(`matrixPower: ${x.dtype} is not supported`)
  if (x.rank < 2 || x.shape.at(-1) !== x.shape.at(-2))
    throw new ShapeError(`matrixPower: takes square matrices, got ${show(x.shape)}`)
  if (power < 0 && isIntegral(x.dtype))
    throw new DTypeError(`matrixPower: a negative power of ${x.dtype} matrices; convert them with .to('f32')`)
  if (power === 0) {
    // Of x only the shape counts, but it stays an operand of the graph.
    const all = full([], 1, { dtype: 'bool', device: x.device }) as Tensor
    return add(maskedFill(x, all, 0), eye(x.shape.at(-1) as number, undefined, { dtype: x.dtype, device: x.device }))
  }
  let base = power < 0 ? inv(x) : x
  let result: Tensor | null = null
  for (let k = Math.abs(power); ; base = matmul(base, base)) {
    if (k % 2 === 1) result = result === null ? base : matmul(result, base)
    k = Math.floor(k / 2)
    if (k === 0) return result === x ? clone(x) : (result as Tensor)
  }
}

/** The exponential of square matrices. Definition: torch.linalg.matrix_exp. */
export function matrixExp(x: Tensor): Tensor {
  const { n, batch } = squares('matrixExp', x)
  const y = make('matrixExp', OP.matrixExp, x.dtype, x.shape, x, null, [], costOf(batch, 30 * n * n * n))
  // The derivative is a block of a larger exponential: exp(((X^T, g), (0, X^T))) has gX on top, right (Mathias 1996).
  if (needsGrad(x)) {
    record('matrixExp', y, [x], [save(x)], (g, [x]) => {
      const t = mT(x as Tensor)
      const block = concat([concat([t, g], -1), concat([zerosLike(t) as Tensor, t], -1)], -2)
      return [narrow(narrow(matrixExp(block), -1, n, n), -2, 0, n)]
    })
  }
  return y
}

export interface LdlFactors {
  /** (..., n, n): D's blocks on the diagonal, L below them. */
  ld: Tensor
  /** (..., n) i32: p > 0, a block of order 1 and rows i and p - 1 exchanged; a pair of -p, a block of order 2. */
  pivots: Tensor
}

function factorLdl(name: string, x: Tensor, check: boolean): [Tensor, Tensor, Tensor] {
  const { n, batch } = squares(name, x)
  return makeMany(
    name,
    OP.ldlFactor,
    [
      { dtype: x.dtype, shape: x.shape },
      { dtype: 'i32', shape: [...batch, n] },
      { dtype: 'i32', shape: batch },
    ],
    [x],
    [Number(check)],
    costOf(batch, (n * n * n) / 2),
  ) as [Tensor, Tensor, Tensor]
}

/**
 * The LDL^T factorization of symmetric matrices, whose lower triangle is read, with Bunch and Kaufman's pivoting; packed as
 * LAPACK packs it. A singular matrix is found by the execution and poisons the results. Not differentiable. Definition:
 * torch.linalg.ldl_factor.
 */
export function ldlFactor(x: Tensor): LdlFactors {
  const [ld, pivots] = factorLdl('ldlFactor', x, true)
  return { ld, pivots }
}

/** `ldlFactor` that does not fail: info (...) i32 is the number of the first zero block, 0 if there is none. */
export function ldlFactorEx(x: Tensor): LdlFactors & { info: Tensor } {
  const [ld, pivots, info] = factorLdl('ldlFactorEx', x, false)
  return { ld, pivots, info }
}

/** x with A x = b from A's factors; b (..., n, k), batches broadcast. Not differentiable. Definition: torch.linalg.ldl_solve. */
export function ldlSolve(ld: Tensor, pivots: Tensor, b: Tensor): Tensor {
  const { n } = squares('ldlSolve', ld)
  const { m, n: k } = matrices('ldlSolve', b)
  sameDType('ldlSolve', ld, b)
  if (pivots.dtype !== 'i32' || !sameShape(pivots.shape, ld.shape.slice(0, -1)))
    throw new ShapeError(`ldlSolve: pivots ${pivots.dtype} ${show(pivots.shape)} are not those of ${show(ld.shape)}`)
  if (m !== n) throw new ShapeError(`ldlSolve: ${show(b.shape)} does not fit ${show(ld.shape)}`)
  const [factors, right] = broadcastBatches('ldlSolve', ld, b)
  const order = expand(pivots, factors.shape.slice(0, -1))
  const [x] = makeMany(
    'ldlSolve',
    OP.ldlSolve,
    [{ dtype: b.dtype, shape: right.shape }],
    [factors, order, right],
    [],
    costOf(right.shape.slice(0, -2), 2 * n * n * k),
  )
  return x as Tensor
}

export interface LowRank {
  /** (..., m, q) */
  u: Tensor
  /** (..., q), descending. */
  s: Tensor
  /** (..., n, q): right singular vectors as columns. */
  v: Tensor
}

export interface LowRankOptions {
  /** How many singular values. Default 6, or as many as there are. */
  q?: number
  /** Subspace iterations. Default 2. */
  iterations?: number
  /** The random matrix (min(m, n), q). Default: normal numbers, drawn anew. */
  probe?: Tensor
}

/**
 * The largest q singular values and their vectors, approximately, by random projection (Halko, Martinsson and Tropp 2009); of
 * x - mean where a `mean` (broadcast) is given. Exact for matrices of rank up to q. Draws normal numbers. Definition:
 * torch.svd_lowrank.
 */
export function svdLowrank(x: Tensor, options: LowRankOptions & { mean?: Tensor | null } = {}): LowRank {
  const { m, n } = matrices('svdLowrank', x)
  const { q = Math.min(6, m, n), iterations = 2, mean: centre } = options
  if (!Number.isInteger(q) || q < 0 || q > Math.min(m, n))
    throw new ValueError(`svdLowrank: ${q} singular values of ${show(x.shape)}`)
  const a = centre ? sub(x, centre) : x
  // For a wide matrix the transpose has the smaller small matrix.
  if (m < n) {
    const { u, s, v } = project(mT(a), q, iterations, options.probe)
    return { u: v, s, v: u }
  }
  return project(a, q, iterations, options.probe)
}

function project(a: Tensor, q: number, iterations: number, probe?: Tensor): LowRank {
  const n = a.shape.at(-1) as number
  if (probe && !sameShape(probe.shape, [n, q]))
    throw new ShapeError(`svdLowrank: the probe is ${show(probe.shape)}, not ${show([n, q])}`)
  let range = qr(matmul(a, probe ?? (randn([n, q], { dtype: a.dtype, device: a.device }) as Tensor))).q
  for (let i = 0; i < iterations; i++) range = qr(matmul(a, qr(matmul(mT(a), range)).q)).q
  const { u, s, vh } = svd(matmul(mT(range), a), { fullMatrices: false })
  return { u: matmul(range, u), s, v: mT(vh) }
}

/** Principal components of x's rows, approximately: `svdLowrank` of x without its columns' means (`center`, the default). */
export function pcaLowrank(x: Tensor, options: LowRankOptions & { center?: boolean } = {}): LowRank {
  const { center = true, ...rest } = options
  matrices('pcaLowrank', x)
  return svdLowrank(x, { ...rest, mean: center ? mean(x, -2, { keepDim: true }) : null })
}
