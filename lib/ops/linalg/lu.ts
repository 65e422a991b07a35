/** LU factorization with partial pivoting. */
import { needsGrad, recordMany, save } from '../../autograd/node.js'
import { DTypeError, ShapeError } from '../../errors.js'
import { OP } from '../../generated/ops.js'
import { show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { add, eq, sub } from '../binary.js'
import { conj } from '../complex.js'
import { cast } from '../convert.js'
import { arange, eye, zerosLike } from '../creation.js'
import { make, makeMany, sameDType } from '../emit.js'
import { gather, scatterAdd } from '../gather.js'
import { concat } from '../join.js'
import { matmul } from '../matmul.js'
import { broadcastBatches } from '../products.js'
import { tril, triu } from '../select.js'
import { expand, narrow, unsqueeze } from '../views.js'
import { costOf, matrices, mH, mT, squares } from './common.js'
import { substitute } from './triangular.js'

export interface LuOptions {
  /** Exchange rows for the largest pivot. Default true. */
  pivot?: boolean
}

export interface LuFactors {
  /** (..., m, n): U on and above the diagonal, below it L without its ones. */
  lu: Tensor
  /** (..., min(m, n)) i32: row i was exchanged with row pivots[i] - 1, in order. */
  pivots: Tensor
}

/** The order of rows that exchanges make: row i of P^T x is row permutation[i] of x. (..., m) i64 */
export function permutationOf(pivots: Tensor, m: number): Tensor {
  const shape = [...pivots.shape.slice(0, -1), m]
  return make('pivotsToPermutation', OP.pivotsToPermutation, 'i64', shape, pivots, null, [], 100)
}

const rowIndices = (permutation: Tensor, x: Tensor): Tensor => expand(unsqueeze(permutation, -1), x.shape)

/** P^T x. */
export const gatherRows = (x: Tensor, permutation: Tensor): Tensor => gather(x, -2, rowIndices(permutation, x))
/** P x. */
export const scatterRows = (x: Tensor, permutation: Tensor): Tensor =>
  scatterAdd(zerosLike(x) as Tensor, -2, rowIndices(permutation, x), x)

/** Factors, pivots and info; with `check` a zero pivot is an error of the execution. */
export function factorLu(name: string, x: Tensor, pivot: boolean, check: boolean): [Tensor, Tensor, Tensor] {
  const { m, n, batch } = matrices(name, x, true)
  const k = Math.min(m, n)
  const results = makeMany(
    name,
    OP.luFactor,
    [
      { dtype: x.dtype, shape: x.shape },
      { dtype: 'i32', shape: [...batch, k] },
      { dtype: 'i32', shape: batch },
    ],
    [x],
    [Number(pivot), Number(check)],
    costOf(batch, m * n * k),
  ) as [Tensor, Tensor, Tensor]
  const [lu, pivots] = results
  if (needsGrad(x)) {
    recordMany(name, [lu], [x], [save(lu), save(pivots)], ([g], [lu, pivots]) => [
      luGrad(g as Tensor, lu as Tensor, pivots as Tensor),
    ])
  }
  return results
}

// For square matrices gA = P L^-H (tril(L^H gL, -1) + triu(gU U^H)) U^-H. What a wide or a tall matrix has beyond the square
// is A2 = L U2 or L2 U, whose gradients L^-H gU2 and gL2 U^-H also reach the square's.
function luGrad(g: Tensor, lu: Tensor, pivots: Tensor): Tensor {
  const [m, n] = lu.shape.slice(-2) as [number, number]
  const k = Math.min(m, n)
  const part = (x: Tensor, axis: number, from: number, to: number): Tensor => narrow(x, axis, from, to - from)
  const square = part(part(lu, -2, 0, k), -1, 0, k)
  const gSquare = part(part(g, -2, 0, k), -1, 0, k)
  const unitLower = (x: Tensor): Tensor => add(tril(x, -1), eye(k, k, { dtype: x.dtype, device: x.device }))
  let lower = matmul(mH(unitLower(square)), tril(gSquare, -1))
  let upper = matmul(triu(gSquare), mH(triu(square)))
  if (n > k) lower = sub(lower, matmul(part(g, -1, k, n), mH(part(lu, -1, k, n))))
  if (m > k) upper = sub(upper, matmul(mH(part(lu, -2, k, m)), part(g, -2, k, m)))
  const middle = add(tril(lower, -1), triu(upper))
  const byLower = (x: Tensor): Tensor =>
    conj(substitute(square, conj(x), { upper: false, unit: true, transposed: true }))
  const byUpper = (x: Tensor): Tensor => mH(substitute(square, mH(x), { upper: true }))
  let ga: Tensor
  if (n > k) ga = byLower(concat([byUpper(middle), part(g, -1, k, n)], -1))
  else if (m > k) ga = byUpper(concat([byLower(middle), part(g, -2, k, m)], -2))
  else ga = byUpper(byLower(middle))
  return scatterRows(ga, permutationOf(pivots, m))
}

/**
 * The packed LU factorization with partial pivoting of x (..., m, n). A singular matrix is found by the execution and
 * poisons the results. Definition: torch.linalg.lu_factor.
 */
export function luFactor(x: Tensor, options: LuOptions = {}): LuFactors {
  const [lu, pivots] = factorLu('luFactor', x, options.pivot ?? true, true)
  return { lu, pivots }
}

/** `luFactor` that does not fail: info (...) i32 is the number of the first zero pivot, 0 if there is none. */
export function luFactorEx(x: Tensor, options: LuOptions = {}): LuFactors & { info: Tensor } {
  const [lu, pivots, info] = factorLu('luFactorEx', x, options.pivot ?? true, false)
  return { lu, pivots, info }
}

export interface Plu {
  /** (..., m, m): a permutation matrix. */
  p: Tensor
  /** (..., m, k), k = min(m, n): lower triangular with ones on the diagonal. */
  l: Tensor
  /** (..., k, n): upper triangular. */
  u: Tensor
}

function checkPivots(name: string, lu: Tensor, pivots: Tensor): void {
  if (pivots.dtype !== 'i32') throw new DTypeError(`${name}: pivots are ${pivots.dtype}, not i32`)
  const k = Math.min(...(lu.shape.slice(-2) as [number, number]))
  if (pivots.rank !== lu.rank - 1 || pivots.shape.at(-1) !== k)
    throw new ShapeError(`${name}: pivots ${show(pivots.shape)} are not those of ${show(lu.shape)}`)
}

/** Packed factors as matrices. Definition: torch.lu_unpack. */
export function luUnpack(lu: Tensor, pivots: Tensor): Plu {
  const { m, n } = matrices('luUnpack', lu, true)
  checkPivots('luUnpack', lu, pivots)
  const k = Math.min(m, n)
  const permutation = unsqueeze(permutationOf(pivots, m), -2)
  const rows = unsqueeze(arange(0, m, 1, { dtype: 'i64', device: lu.device }), -1)
  return {
    p: cast(eq(rows, permutation), lu.dtype),
    l: add(tril(narrow(lu, -1, 0, k), -1), eye(m, k, { dtype: lu.dtype, device: lu.device })),
    u: triu(narrow(lu, -2, 0, k)),
  }
}

/** x = p l u with partial pivoting. Definition: torch.linalg.lu. */
export function lu(x: Tensor, options: LuOptions = {}): Plu {
  const [packed, pivots] = factorLu('lu', x, options.pivot ?? true, false)
  return luUnpack(packed, pivots)
}

/** A^-1 b, or with `transposed` A^-T b, from packed square factors; one batch, b of matrices. */
export function solveFactored(lu: Tensor, pivots: Tensor, b: Tensor, transposed: boolean): Tensor {
  const permutation = permutationOf(pivots, lu.shape.at(-1) as number)
  if (transposed) {
    const y = substitute(lu, b, { upper: true, transposed: true })
    return scatterRows(substitute(lu, y, { upper: false, unit: true, transposed: true }), permutation)
  }
  const y = substitute(lu, gatherRows(b, permutation), { upper: false, unit: true })
  return substitute(lu, y, { upper: true })
}

/**
 * x with A x = b (A^H x = b with `adjoint`; from the right with left false) from A's packed factors; batches broadcast.
 * Definition: torch.linalg.lu_solve.
 */
export function luSolve(
  lu: Tensor,
  pivots: Tensor,
  b: Tensor,
  options: { left?: boolean; adjoint?: boolean } = {},
): Tensor {
  const { left = true, adjoint = false } = options
  const { n } = squares('luSolve', lu, true)
  const { m, n: columns } = matrices('luSolve', b, true)
  sameDType('luSolve', lu, b)
  checkPivots('luSolve', lu, pivots)
  if ((left ? m : columns) !== n)
    throw new ShapeError(`luSolve: ${show(b.shape)} does not fit ${show(lu.shape)}${left ? '' : ' from the right'}`)
  const [factors, right] = broadcastBatches('luSolve', lu, b)
  const order = expand(pivots, factors.shape.slice(0, -1))
  if (left && adjoint) return conj(solveFactored(factors, order, conj(right), true))
  if (left) return solveFactored(factors, order, right, false)
  // x A = b is A^T x^T = b^T, x A^H = b is A x^H = b^H.
  if (adjoint) return mH(solveFactored(factors, order, mH(right), false))
  return mT(solveFactored(factors, order, mT(right), true))
}
