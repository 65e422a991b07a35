/** Systems, inverses and determinants by LU factorization. */
import { noGrad } from '../../autograd/mode.js'
import { needsGrad, record, recordMany, save } from '../../autograd/node.js'
import { ShapeError } from '../../errors.js'
import { isComplex } from '../../tensor/dtype.js'
import { numelOf, sameShape, show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { add, eq, mul, ne, remainder } from '../binary.js'
import { conj, fromParts, imag, sgn } from '../complex.js'
import { cast } from '../convert.js'
import { arange } from '../creation.js'
import { diagonalMatrix, diagonalOf } from '../diagonal.js'
import { sameDType } from '../emit.js'
import { matmul } from '../matmul.js'
import { broadcastBatches } from '../products.js'
import { prod, sum, sumTo } from '../reduce.js'
import { where } from '../select.js'
import { abs, log, neg } from '../unary.js'
import { expand, permute, reshape, squeeze, unsqueeze } from '../views.js'
import { epsilonOf, identityLike, mH, mT, squares } from './common.js'
import { factorLu, permutationOf, scatterRows, solveFactored } from './lu.js'
import { substitute } from './triangular.js'

/** A^-1 b, or with `transposed` A^-T b, from A's factors, whose batch broadcasts with b's. */
function solveBroadcast(name: string, lu: Tensor, pivots: Tensor, b: Tensor, transposed: boolean): Tensor {
  const [factors, right] = broadcastBatches(name, lu, b)
  return solveFactored(factors, expand(pivots, factors.shape.slice(0, -1)), right, transposed)
}

// Functions of their own, as a closure beside a gradient rule would keep its tensors alive.
function solveOnce(name: string, a: Tensor, b: Tensor, check: boolean): [Tensor, Tensor, Tensor, Tensor] {
  return noGrad(() => {
    const [lu, pivots, info] = factorLu(name, a, true, check)
    return [solveBroadcast(name, lu, pivots, b, false), lu, pivots, info]
  })
}

function solveMatrices(name: string, a: Tensor, b: Tensor, check: boolean): [Tensor, Tensor] {
  const [x, lu, pivots, info] = solveOnce(name, a, b, check)
  if (needsGrad(a, b)) {
    const [sa, sb] = [a.requiresGrad ? a.shape : null, b.shape]
    // gB = A^-H g, gA = -gB x^H
    record(name, x, [a, b], [save(a), save(x), save(lu), save(pivots)], (g, [a, x, lu, pivots]) => {
      const gb = needsGrad(g, a)
        ? solveMatrices(name, mH(a as Tensor), g, false)[0]
        : conj(solveBroadcast(name, lu as Tensor, pivots as Tensor, conj(g), true))
      return [sa ? sumTo(neg(matmul(gb, mH(x as Tensor))), sa) : null, sumTo(gb, sb)]
    })
  }
  return [x, info]
}

function solveAny(name: string, a: Tensor, b: Tensor, left: boolean, check: boolean): [Tensor, Tensor] {
  const { n } = squares(name, a, true)
  sameDType(name, a, b)
  // A vector, or a batch of vectors that matches the batch of matrices exactly.
  const vector = b.rank === 1 || (b.rank === a.rank - 1 && sameShape(b.shape, a.shape.slice(0, -1)))
  if (vector && !left) throw new ShapeError(`${name}: left false takes matrices, got ${show(b.shape)}`)
  const right = vector ? unsqueeze(b, -1) : b
  if (right.rank < 2 || right.shape.at(left ? -2 : -1) !== n)
    throw new ShapeError(`${name}: ${show(b.shape)} does not fit ${show(a.shape)}${left ? '' : ' from the right'}`)
  if (!left) {
    const [x, info] = solveMatrices(name, mT(a), mT(right), check)
    return [mT(x), info]
  }
  const [x, info] = solveMatrices(name, a, right, check)
  return [vector ? squeeze(x, -1) : x, info]
}

/**
 * x with A x = b for square A (..., n, n) and b (..., n, k) or (..., n); with left false x A = b. Batches broadcast. A
 * singular matrix is found by the execution and poisons the result. Definition: torch.linalg.solve.
 */
export function solve(a: Tensor, b: Tensor, options: { left?: boolean } = {}): Tensor {
  return solveAny('solve', a, b, options.left ?? true, true)[0]
}

/** `solve` that does not fail: info (...) i32 is the number of the first zero pivot, 0 if there is none. */
export function solveEx(a: Tensor, b: Tensor, options: { left?: boolean } = {}): { result: Tensor; info: Tensor } {
  const [result, info] = solveAny('solveEx', a, b, options.left ?? true, false)
  return { result, info }
}

function invertOnce(name: string, x: Tensor, check: boolean): [Tensor, Tensor] {
  const { n, batch } = squares(name, x, true)
  return noGrad(() => {
    const [lu, pivots, info] = factorLu(name, x, true, check)
    // X = U^-1 L^-1 P^T: the exchanges come last, as columns.
    const lower = substitute(lu, identityLike(x, n, batch), { upper: false, unit: true })
    const inverse = substitute(lu, lower, { upper: true })
    return [mT(scatterRows(mT(inverse), permutationOf(pivots, n))), info]
  })
}

function invert(name: string, x: Tensor, check: boolean): [Tensor, Tensor] {
  const [y, info] = invertOnce(name, x, check)
  // Y = X^-1: gX = -Y^H g Y^H
  if (needsGrad(x))
    record(name, y, [x], [save(y)], (g, [y]) => [neg(matmul(mH(y as Tensor), matmul(g, mH(y as Tensor))))])
  return [y, info]
}

/** The inverse of square matrices. A singular one is found by the execution and poisons the result. */
export function inv(x: Tensor): Tensor {
  return invert('inv', x, true)[0]
}

/** `inv` that does not fail: info (...) i32 is the number of the first zero pivot, 0 if there is none. */
export function invEx(x: Tensor): { inverse: Tensor; info: Tensor } {
  const [inverse, info] = invert('invEx', x, false)
  return { inverse, info }
}

/** -1 for an odd number of exchanges, else 1. */
function signOf(pivots: Tensor, like: Tensor): Tensor {
  const still = arange(1, (pivots.shape.at(-1) as number) + 1, 1, { dtype: 'i32', device: pivots.device })
  return add(mul(cast(remainder(sum(ne(pivots, still), -1), 2), like.dtype), -2), 1)
}

function detOnce(x: Tensor): [Tensor, Tensor, Tensor] {
  return noGrad(() => {
    const [lu, pivots] = factorLu('det', x, true, false)
    return [mul(prod(diagonalOf(lu), -1), signOf(pivots, lu)), lu, pivots]
  })
}

/** The determinants of square matrices (..., n, n): (...). Their gradients are right for singular matrices, too. */
export function det(x: Tensor): Tensor {
  squares('det', x, true)
  const [y, lu, pivots] = detOnce(x)
  if (needsGrad(x))
    record('det', y, [x], [save(x), save(lu), save(pivots)], (g, [x, lu, pivots]) => [
      detGrad(g, x as Tensor, lu as Tensor, pivots as Tensor),
    ])
  return y
}

// d det = det tr(X^-1 dX). The determinant's derivative is continuous, the formula is not: where a pivot is zero it is
// replaced by a rounding error, X by X' = X + E, and the formula holds again.
function detGrad(g: Tensor, x: Tensor, lu: Tensor, pivots: Tensor): Tensor {
  const n = x.shape.at(-1) as number
  const [factors, error] = noGrad(() => {
    const extra = mul(cast(eq(diagonalOf(lu), 0), lu.dtype), epsilonOf(lu))
    const nudge = diagonalMatrix(extra)
    const lower = add(lu.tril(-1), identityLike(lu, n))
    return [add(lu, nudge), scatterRows(matmul(lower, nudge), permutationOf(pivots, n))]
  })
  const spread = (t: Tensor): Tensor => unsqueeze(unsqueeze(t, -1), -1)
  if (needsGrad(g, x)) {
    const near = add(x, error)
    return mul(mH(invEx(near).inverse), spread(mul(g, conj(det(near)))))
  }
  const value = mul(prod(diagonalOf(factors), -1), signOf(pivots, factors))
  const scaled = expand(unsqueeze(mul(conj(g), value), -1), [...g.shape, n])
  return conj(solveFactored(factors, pivots, diagonalMatrix(scaled), true))
}

function slogdetOnce(x: Tensor): [Tensor, Tensor] {
  return noGrad(() => {
    const [lu, pivots] = factorLu('slogdet', x, true, false)
    const diagonal = diagonalOf(lu)
    return [mul(prod(sgn(diagonal), -1), signOf(pivots, lu)), sum(log(abs(diagonal)), -1)]
  })
}

/** Sign (of complex numbers that of length 1) and logarithm of the length of the determinants; of a singular matrix 0 and -Infinity. */
export function slogdet(x: Tensor): { sign: Tensor; logAbsDet: Tensor } {
  squares('slogdet', x, true)
  const [signs, logs] = slogdetOnce(x)
  // d log det X = tr(X^-1 dX), whose real part is d log |det X|; the imaginary one turns the sign s: ds = i s Im tr(X^-1 dX). A
  // real sign is constant where it is one.
  if (needsGrad(x))
    recordMany('slogdet', [signs, logs], [x], [save(x), save(signs)], ([gs, g], [x, s]) => {
      const turn = gs && isComplex(gs.dtype) ? fromParts(g ?? null, imag(mul(gs, conj(s as Tensor)))) : g
      return [turn ? mul(mH(invEx(x as Tensor).inverse), unsqueeze(unsqueeze(turn, -1), -1)) : null]
    })
  return { sign: signs, logAbsDet: logs }
}

/** The logarithm of the determinants: -Infinity where they are 0, NaN where they are real and negative. */
export function logdet(x: Tensor): Tensor {
  const { sign, logAbsDet } = slogdet(x)
  if (isComplex(x.dtype)) return add(log(sign), logAbsDet)
  return where(eq(sign, -1), Number.NaN, logAbsDet)
}

/** The inverse of x as a linear map from its last axes to its first `axes`: tensordot(tensorinv(x), y, axes) solves. */
export function tensorinv(x: Tensor, axes = 2): Tensor {
  const [first, last] = [x.shape.slice(0, axes), x.shape.slice(axes)]
  if (!(axes > 0) || numelOf(first) !== numelOf(last))
    throw new ShapeError(
      `tensorinv: ${show(first)} and ${show(last)} of ${show(x.shape)} are not equally many elements`,
    )
  const n = numelOf(last)
  return reshape(inv(reshape(x, [n, n])), [...last, ...first])
}

/** x with tensordot(a, x, x.rank) = b; `axes` of a are first moved to its end. Definition: torch.linalg.tensorsolve. */
export function tensorsolve(a: Tensor, b: Tensor, axes?: readonly number[]): Tensor {
  let x = a
  if (axes) {
    const moved = axes.map((k) => (k < 0 ? k + a.rank : k))
    x = permute(a, [...a.shape.map((_, i) => i).filter((i) => !moved.includes(i)), ...moved])
  }
  const rest = x.shape.slice(b.rank)
  if (numelOf(rest) !== b.numel || numelOf(x.shape.slice(0, b.rank)) !== b.numel)
    throw new ShapeError(`tensorsolve: ${show(a.shape)} does not map ${b.numel} elements to ${show(b.shape)}`)
  return reshape(solve(reshape(x, [b.numel, b.numel]), reshape(b, [b.numel])), rest)
}
