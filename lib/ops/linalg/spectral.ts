/** Eigenvalues of symmetric matrices and singular values. */
import { needsGrad, recordMany, save } from '../../autograd/node.js'
import { OP } from '../../generated/ops.js'
import type { Tensor } from '../../tensor/tensor.js'
import { add, div, mul, sub } from '../binary.js'
import { diagonalMatrix } from '../diagonal.js'
import { make, makeMany } from '../emit.js'
import { matmul } from '../matmul.js'
import { square } from '../unary.js'
import { narrow, unsqueeze } from '../views.js'
import { costOf, identityLike, matrices, mT, squares } from './common.js'

export interface EighOptions {
  /** Read the upper triangle instead of the lower one. Default false. */
  upper?: boolean
}

export interface Eigen {
  /** (..., n), ascending. */
  values: Tensor
  /** (..., n, n): column i belongs to value i. */
  vectors: Tensor
}

/**
 * Eigenvalues and orthonormal eigenvectors of symmetric matrices (..., n, n), of which one triangle is read. The sign of an
 * eigenvector is arbitrary, so gradients are meaningful for functions that do not depend on it; those that go through vectors
 * need distinct eigenvalues. Elements that are not finite are found by the execution and poison the results. Definition:
 * torch.linalg.eigh.
 */
export function eigh(x: Tensor, options: EighOptions = {}): Eigen {
  const { n, batch } = squares('eigh', x)
  const [values, vectors] = makeMany(
    'eigh',
    OP.eigh,
    [
      { dtype: x.dtype, shape: [...batch, n] },
      { dtype: x.dtype, shape: x.shape },
    ],
    [x],
    [Number(options.upper ?? false)],
    costOf(batch, 9 * n * n * n),
  ) as [Tensor, Tensor]
  if (needsGrad(x)) {
    recordMany('eigh', [values, vectors], [x], [save(values), save(vectors)], ([gw, gv], [w, v]) => [
      eighGrad(gw ?? null, gv ?? null, w as Tensor, v as Tensor),
    ])
  }
  return { values, vectors }
}

/** x_j - x_i, and 1 on the diagonal. */
export function gaps(x: Tensor): Tensor {
  return add(sub(unsqueeze(x, -2), unsqueeze(x, -1)), identityLike(x, x.shape.at(-1) as number))
}

// gA = V (diag(gw) + (V^T gV - gV^T V) / (2 E)) V^T with E_ij = w_j - w_i off the diagonal (Giles 2008, section 3.1): V turns
// along skew matrices only.
function eighGrad(gw: Tensor | null, gv: Tensor | null, w: Tensor, v: Tensor): Tensor {
  if (gv === null) return matmul(mul(v, unsqueeze(gw as Tensor, -2)), mT(v))
  const turn = matmul(mT(v), gv)
  let inner = div(mul(sub(turn, mT(turn)), 0.5), gaps(w))
  if (gw) inner = add(inner, diagonalMatrix(gw))
  return matmul(v, matmul(inner, mT(v)))
}

/** The eigenvalues alone, ascending. */
export function eigvalsh(x: Tensor, options: EighOptions = {}): Tensor {
  if (needsGrad(x)) return eigh(x, options).values
  const { n, batch } = squares('eigvalsh', x)
  const attributes = [Number(options.upper ?? false)]
  return make('eigvalsh', OP.eigh, x.dtype, [...batch, n], x, null, attributes, costOf(batch, 2 * n * n * n))
}

export interface Svd {
  /** (..., m, k), k = min(m, n), or (..., m, m): left singular vectors as columns. */
  u: Tensor
  /** (..., k), descending. */
  s: Tensor
  /** (..., k, n) or (..., n, n): right singular vectors as rows. */
  vh: Tensor
}

/**
 * x = u diag(s) vh for matrices (..., m, n). `fullMatrices` (true by default, as in PyTorch) completes u and vh to square
 * ones. The signs of a pair of singular vectors are arbitrary, so gradients are meaningful for functions that do not depend
 * on them; those that go through vectors need distinct singular values, and ignore the completing vectors. Elements that are
 * not finite are found by the execution and poison the results. Definition: torch.linalg.svd.
 */
export function svd(x: Tensor, options: { fullMatrices?: boolean } = {}): Svd {
  const full = options.fullMatrices ?? true
  const { m, n, batch } = matrices('svd', x)
  const k = Math.min(m, n)
  const [s, u, vh] = makeMany(
    'svd',
    OP.svd,
    [
      { dtype: x.dtype, shape: [...batch, k] },
      { dtype: x.dtype, shape: [...batch, m, full ? m : k] },
      { dtype: x.dtype, shape: [...batch, full ? n : k, n] },
    ],
    [x],
    [Number(full)],
    costOf(batch, 12 * m * n * k),
  ) as [Tensor, Tensor, Tensor]
  if (needsGrad(x)) {
    recordMany('svd', [u, s, vh], [x], [save(u), save(s), save(vh)], ([gu, gs, gvh], [u, s, vh]) => {
      const left = (t: Tensor): Tensor => narrow(t, -1, 0, k)
      const right = (t: Tensor): Tensor => narrow(t, -2, 0, k)
      return [
        svdGrad(
          gu ? left(gu) : null,
          gs ?? null,
          gvh ? right(gvh) : null,
          left(u as Tensor),
          s as Tensor,
          right(vh as Tensor),
        ),
      ]
    })
  }
  return { u, s, vh }
}

// gA = U (skew(U^T gU) / E S + S skew(V^T gV) / E + diag(gS)) V^T + (I - U U^T) gU S^-1 V^T + U S^-1 gV^T (I - V V^T) with
// E_ij = s_j^2 - s_i^2 and skew(X) = X - X^T (Giles 2008, section 3.4; Townsend 2016).
function svdGrad(gu: Tensor | null, gs: Tensor | null, gvh: Tensor | null, u: Tensor, s: Tensor, vh: Tensor): Tensor {
  const [row, column] = [unsqueeze(s, -2), unsqueeze(s, -1)]
  if (!gu && !gvh) return matmul(mul(u, unsqueeze(gs as Tensor, -2)), vh)
  const e = gaps(square(s))
  const skew = (x: Tensor): Tensor => sub(x, mT(x))
  const terms: Tensor[] = []
  if (gu) terms.push(mul(div(skew(matmul(mT(u), gu)), e), row))
  if (gvh) terms.push(mul(div(skew(matmul(vh, mT(gvh))), e), column))
  if (gs) terms.push(diagonalMatrix(gs))
  const inner = terms.reduce((x, y) => add(x, y))
  if (gu && (u.shape.at(-2) as number) > (s.shape.at(-1) as number)) {
    const beyond = div(gu, row)
    return matmul(add(matmul(u, inner), sub(beyond, matmul(u, matmul(mT(u), beyond)))), vh)
  }
  if (gvh && (vh.shape.at(-1) as number) > (s.shape.at(-1) as number)) {
    const beyond = div(gvh, column)
    return matmul(u, add(matmul(inner, vh), sub(beyond, matmul(matmul(beyond, mT(vh)), vh))))
  }
  return matmul(u, matmul(inner, vh))
}

/** The singular values alone, descending. */
export function svdvals(x: Tensor): Tensor {
  if (needsGrad(x)) return svd(x, { fullMatrices: false }).s
  const { m, n, batch } = matrices('svdvals', x)
  const k = Math.min(m, n)
  return make('svdvals', OP.svd, x.dtype, [...batch, k], x, null, [0], costOf(batch, 4 * m * n * k))
}
