/** Eigenvalues and eigenvectors of general matrices. */
import { needsGrad, record, recordMany, save } from '../../autograd/node.js'
import { OP } from '../../generated/ops.js'
import { complexOf, isComplex, realOf } from '../../tensor/dtype.js'
import type { Tensor } from '../../tensor/tensor.js'
import { add, div, mul, sub } from '../binary.js'
import { conj, fromParts, real } from '../complex.js'
import { diagonalMatrix } from '../diagonal.js'
import { make, makeMany } from '../emit.js'
import { matmul } from '../matmul.js'
import { unsqueeze } from '../views.js'
import { costOf, mH, squares } from './common.js'
import { solve } from './solve.js'
import { gaps } from './spectral.js'

export interface ComplexEigen {
  /** (..., n) c64 or c128, in no particular order; those of real matrices in conjugate pairs. */
  values: Tensor
  /** (..., n, n) c64 or c128: column i belongs to value i, and has length 1. */
  vectors: Tensor
}

/**
 * Eigenvalues and eigenvectors of square matrices (..., n, n) of f32, f64, c64 or c128: x vectors = vectors diag(values), both
 * complex. An eigenvector is determined up to its phase only: the one given has a real largest element. Computed in f64. A
 * defective matrix has fewer directions than columns, some columns are then equal but for rounding. Elements that are not
 * finite are found by the execution and poison the results.
 *
 * Gradients that go through vectors need distinct eigenvalues and a function that does not depend on the phases; one that does
 * is found by the execution of the backward pass and poisons the gradient. Definition: torch.linalg.eig.
 */
export function eig(x: Tensor): ComplexEigen {
  const { n, batch } = squares('eig', x, true)
  const dtype = complexOf(x.dtype)
  const results = [
    { dtype, shape: [...batch, n] },
    { dtype, shape: x.shape },
  ]
  const [values, vectors] = makeMany('eig', OP.eig, results, [x], [], costOf(batch, 25 * n ** 3)) as [Tensor, Tensor]
  if (needsGrad(x)) {
    const toReal = !isComplex(x.dtype)
    recordMany('eig', [values, vectors], [x], [save(values), save(vectors)], ([gw, gv], [w, v]) => {
      const gx = eigGrad(gw ?? null, gv ?? null, w as Tensor, v as Tensor)
      return [toReal ? real(gx) : gx]
    })
  }
  return { values, vectors }
}

// gX = V^-H (diag(gw) + (V^H gV - V^H V diag(Re diag(V^H gV))) / conj(E)) V^H with E_ij = w_j - w_i off the diagonal (Boeddeker
// et al. 2017): what is taken off keeps the vectors' lengths.
function eigGrad(gw: Tensor | null, gv: Tensor | null, w: Tensor, v: Tensor): Tensor {
  const vh = mH(v)
  if (gv === null) return solve(vh, mul(unsqueeze(gw as Tensor, -1), vh))
  const turn = matmul(vh, gv)
  const along = mul(matmul(vh, v), unsqueeze(gaugeReal(turn), -2))
  let inner = div(sub(turn, along), conj(gaps(w)))
  if (gw) inner = add(inner, diagonalMatrix(gw))
  return solve(vh, matmul(inner, vh))
}

/** The real diagonal (..., n) of V^H gV; the execution refuses an imaginary one. */
function gaugeReal(turn: Tensor): Tensor {
  const shape = turn.shape.slice(0, -1)
  const y = make('eig', OP.gaugeReal, realOf(turn.dtype), shape, turn, null, [], turn.numel * 0.1)
  if (needsGrad(turn)) record('gaugeReal', y, [turn], null, (g) => [diagonalMatrix(fromParts(g, null))])
  return y
}

/** The eigenvalues alone: (..., n) c64 or c128. */
export function eigvals(x: Tensor): Tensor {
  if (needsGrad(x)) return eig(x).values
  const { n, batch } = squares('eigvals', x, true)
  return make('eigvals', OP.eig, complexOf(x.dtype), [...batch, n], x, null, [], costOf(batch, 10 * n ** 3))
}
