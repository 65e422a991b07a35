/** Cholesky factorization, and what is computed from it. */
import { noGrad } from '../../autograd/mode.js'
import { needsGrad, record, recordMany, save } from '../../autograd/node.js'
import { ShapeError } from '../../errors.js'
import { OP } from '../../generated/ops.js'
import { show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { add, mul, sub } from '../binary.js'
import { conj, real } from '../complex.js'
import { diagonalMatrix, diagonalOf } from '../diagonal.js'
import { makeMany, sameDType } from '../emit.js'
import { matmul } from '../matmul.js'
import { broadcastBatches } from '../products.js'
import { tril } from '../select.js'
import { neg } from '../unary.js'
import { costOf, identityLike, matrices, mH, mT, squares } from './common.js'
import { substitute } from './triangular.js'

export interface CholeskyOptions {
  /** The factor U = L^H, computed from the upper triangle. Default false. */
  upper?: boolean
}

function factor(name: string, x: Tensor, upper: boolean, check: boolean): [Tensor, Tensor] {
  const { n, batch } = squares(name, x, true)
  const source = upper ? mT(x) : x
  const [l, info] = makeMany(
    name,
    OP.choleskyFactor,
    [
      { dtype: x.dtype, shape: x.shape },
      { dtype: 'i32', shape: batch },
    ],
    [source],
    [Number(check)],
    costOf(batch, (n * n * n) / 3),
  ) as [Tensor, Tensor]
  // gA = L^-H S L^-1, where S is the Hermitian matrix whose lower triangle is that of L^H gL, halved (Murray 2016); the diagonal of
  // L^H gL counts with its real part.
  if (needsGrad(source)) {
    recordMany(name, [l], [source], [save(l)], ([g], [l]) => {
      const p = tril(matmul(mH(l as Tensor), g as Tensor))
      const diagonal = diagonalMatrix(real(diagonalOf(p)))
      const s = mul(sub(add(p, mH(p)), diagonal), 0.5)
      const half = conj(substitute(l as Tensor, conj(s), { upper: false, transposed: true }))
      return [mT(substitute(l as Tensor, mT(half), { upper: false, transposed: true }))]
    })
  }
  return [upper ? mT(l) : l, info]
}

/**
 * L with x = L L^H for symmetric or Hermitian positive definite x (..., n, n), of which one triangle is read. A matrix that is not positive
 * definite is found by the execution and poisons the result. Definition: torch.linalg.cholesky.
 */
export function cholesky(x: Tensor, options: CholeskyOptions = {}): Tensor {
  return factor('cholesky', x, options.upper ?? false, true)[0]
}

/**
 * `cholesky` that does not fail: info (...) i32 is the order of the first leading minor that is not positive, 0 if there is
 * none; such a matrix's factor is of no use.
 */
export function choleskyEx(x: Tensor, options: CholeskyOptions = {}): { l: Tensor; info: Tensor } {
  const [l, info] = factor('choleskyEx', x, options.upper ?? false, false)
  return { l, info }
}

/** x with A x = b from A's factor l (or U with `upper`); batches broadcast. Definition: torch.cholesky_solve. */
export function choleskySolve(b: Tensor, l: Tensor, options: CholeskyOptions = {}): Tensor {
  const upper = options.upper ?? false
  const { n } = squares('choleskySolve', l, true)
  const { m } = matrices('choleskySolve', b, true)
  sameDType('choleskySolve', b, l)
  if (m !== n) throw new ShapeError(`choleskySolve: ${show(b.shape)} does not fit the factor ${show(l.shape)}`)
  const [y, factor] = broadcastBatches('choleskySolve', b, l)
  const x = bothTriangles(y, factor, upper)
  if (needsGrad(y, factor)) {
    const gl = factor.requiresGrad
    // gB = A^-1 g, gA = -gB x^H; A = L L^H (or U^H U) passes (gA + gA^H) L (or U (gA + gA^H)) on, as in PyTorch with both
    // triangles of the factor as variables.
    record('choleskySolve', x, [y, factor], [save(factor), save(x)], (g, [l, x]) => {
      const gb = choleskySolve(g, l as Tensor, { upper })
      if (!gl) return [gb, null]
      const ga = neg(matmul(gb, mH(x as Tensor)))
      const both = add(ga, mH(ga))
      return [gb, upper ? matmul(l as Tensor, both) : matmul(both, l as Tensor)]
    })
  }
  return x
}

function bothTriangles(b: Tensor, l: Tensor, upper: boolean): Tensor {
  return noGrad(() => {
    if (upper) return substitute(l, conj(substitute(l, conj(b), { upper, transposed: true })), { upper })
    return conj(substitute(l, conj(substitute(l, b, { upper })), { upper, transposed: true }))
  })
}

/** The inverse of A from its factor l. Definition: torch.cholesky_inverse. */
export function choleskyInverse(l: Tensor, options: CholeskyOptions = {}): Tensor {
  const { n, batch } = squares('choleskyInverse', l, true)
  return choleskySolve(identityLike(l, n, batch), l, options)
}
