/** QR factorization by Householder reflections. */
import { noGrad } from '../../autograd/mode.js'
import { needsGrad, recordMany, save } from '../../autograd/node.js'
import { AutogradError, ShapeError, ValueError } from '../../errors.js'
import { OP } from '../../generated/ops.js'
import { sameShape, show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { add, mul, sub } from '../binary.js'
import { eye, zerosLike } from '../creation.js'
import { makeMany, sameDType } from '../emit.js'
import { concat } from '../join.js'
import { matmul } from '../matmul.js'
import { tril, triu } from '../select.js'
import { narrow, unsqueeze } from '../views.js'
import { costOf, matrices, mT } from './common.js'
import { substitute } from './triangular.js'

export interface Reflectors {
  /** (..., m, n): R on and above the diagonal, below it the reflectors without their leading one. */
  a: Tensor
  /** (..., min(m, n)): their factors. */
  tau: Tensor
}

/** The packed QR factorization; signs are LAPACK's. Not differentiable. Definition: torch.geqrf. */
export function geqrf(x: Tensor): Reflectors {
  const { m, n, batch } = matrices('geqrf', x)
  const k = Math.min(m, n)
  const [a, tau] = makeMany(
    'geqrf',
    OP.geqrf,
    [
      { dtype: x.dtype, shape: x.shape },
      { dtype: x.dtype, shape: [...batch, k] },
    ],
    [x],
    [],
    costOf(batch, 2 * m * n * k),
  ) as [Tensor, Tensor]
  return { a, tau }
}

/**
 * H_1 H_2 ... c (transposed: in reverse) for reflectors below the diagonal of a (..., m, k), c (..., m, n). They act at once:
 * H_1 ... H_k = I - V T V^T with T = D (I + S D)^-1, D = diag(tau), S the part of V^T V above the diagonal (Puglisi 1992).
 */
function reflect(a: Tensor, tau: Tensor, c: Tensor, transposed: boolean): Tensor {
  const [m, k] = a.shape.slice(-2) as [number, number]
  const v = add(tril(a, -1), eye(m, k, { dtype: a.dtype, device: a.device }))
  const row = unsqueeze(tau, -2)
  const column = unsqueeze(tau, -1)
  const w = matmul(mT(v), c)
  const above = mul(triu(matmul(mT(v), v), 1), row)
  const inner = transposed
    ? substitute(above, mul(column, w), { upper: true, unit: true, transposed: true })
    : mul(column, substitute(above, w, { upper: true, unit: true }))
  return sub(c, matmul(v, inner))
}

function checkTau(name: string, a: Tensor, tau: Tensor): number {
  sameDType(name, a, tau)
  const k = tau.shape.at(-1) ?? -1
  const { m, n, batch } = matrices(name, a)
  if (!sameShape(tau.shape.slice(0, -1), batch) || tau.rank !== a.rank - 1 || k > Math.min(m, n))
    throw new ShapeError(`${name}: factors ${show(tau.shape)} for reflectors ${show(a.shape)}`)
  return k
}

/** The first n columns of the product of the reflectors in a (..., m, n), m >= n. Definition: torch.linalg.householder_product. */
export function householderProduct(a: Tensor, tau: Tensor): Tensor {
  const k = checkTau('householderProduct', a, tau)
  const { m, n, batch } = matrices('householderProduct', a)
  if (m < n) throw new ShapeError(`householderProduct: ${show(a.shape)} has more columns than rows`)
  return reflect(narrow(a, -1, 0, k), tau, columnsOfIdentity(a, m, n, batch), false)
}

function columnsOfIdentity(like: Tensor, m: number, n: number, batch: readonly number[]): Tensor {
  const one: Tensor = eye(m, n, { dtype: like.dtype, device: like.device })
  return batch.length === 0 ? one : one.expand([...batch, m, n])
}

/** op(Q) c, or c op(Q) with left false, for the product Q (m, m) of reflectors a (..., m, k). Definition: torch.ormqr. */
export function ormqr(
  a: Tensor,
  tau: Tensor,
  c: Tensor,
  options: { left?: boolean; transpose?: boolean } = {},
): Tensor {
  const { left = true, transpose = false } = options
  const k = checkTau('ormqr', a, tau)
  sameDType('ormqr', a, c)
  const { m, batch } = matrices('ormqr', a)
  const own = matrices('ormqr', c)
  if ((left ? own.m : own.n) !== m || !sameShape(batch, own.batch))
    throw new ShapeError(`ormqr: ${show(c.shape)} does not fit reflectors ${show(a.shape)}`)
  const v = narrow(a, -1, 0, k)
  return left ? reflect(v, tau, c, transpose) : mT(reflect(v, tau, mT(c), !transpose))
}

export type QrMode = 'reduced' | 'complete' | 'r'

/**
 * x = q r with orthonormal columns of q and upper triangular r: x (..., m, n), k = min(m, n). 'reduced' (the default): q
 * (..., m, k), r (..., k, n); 'complete': q (..., m, m), r (..., m, n); 'r': r alone, and q empty. Signs are LAPACK's.
 * Gradients need the first k columns to be independent, and are not defined for 'r', nor for 'complete' with m > n.
 */
export function qr(x: Tensor, options: { mode?: QrMode } = {}): { q: Tensor; r: Tensor } {
  const mode = options.mode ?? 'reduced'
  if (!['reduced', 'complete', 'r'].includes(mode))
    throw new ValueError(`qr: mode '${mode}' is not 'reduced', 'complete' or 'r'`)
  const { m, n } = matrices('qr', x)
  const [q, r] = qrOnce(x, mode)
  if (needsGrad(x)) {
    const undefinedWhy =
      mode === 'r'
        ? "mode 'r' keeps no q"
        : mode === 'complete' && m > n
          ? "mode 'complete' with more rows than columns"
          : ''
    const xs = n > m ? [save(x)] : []
    recordMany('qr', [q, r], [x], [save(q), save(r), ...xs], ([gq, gr], [q, r, x]) => {
      if (undefinedWhy) throw new AutogradError(`qr: ${undefinedWhy} has no gradient; use mode 'reduced'`)
      return [qrGrad(gq ?? null, gr ?? null, q as Tensor, r as Tensor, x)]
    })
  }
  return { q, r }
}

function qrOnce(x: Tensor, mode: QrMode): [Tensor, Tensor] {
  const { m, n, batch } = matrices('qr', x)
  const k = Math.min(m, n)
  return noGrad(() => {
    const { a, tau } = geqrf(x)
    const upper = triu(mode === 'complete' ? a : narrow(a, -2, 0, k))
    if (mode === 'r') return [eye(0, 0, { dtype: x.dtype, device: x.device }), upper]
    const columns = mode === 'complete' ? m : k
    return [reflect(narrow(a, -1, 0, k), tau, columnsOfIdentity(x, m, columns, batch), false), upper]
  })
}

// For m >= n: gA = (gQ + Q sym(R gR^T - gQ^T Q)) R^-T, sym(M) the symmetric matrix with M's lower triangle (Walter and
// Lehmann 2018). A wide matrix is [X | Y] = Q [U | V]: Y = Q V gives gY = Q gV and adds Y gV^T to gQ.
function qrGrad(gq: Tensor | null, gr: Tensor | null, q: Tensor, r: Tensor, x: Tensor | undefined): Tensor {
  const [m, n] = [q.shape.at(-2) as number, r.shape.at(-1) as number]
  if (n > m) {
    const [u, v] = [narrow(r, -1, 0, m), gr ? narrow(gr, -1, m, n - m) : null]
    const y = narrow(x as Tensor, -1, m, n - m)
    const extra = v ? matmul(y, mT(v)) : null
    const total = extra === null ? gq : gq === null ? extra : add(gq, extra)
    const gx = qrGrad(total, gr ? narrow(gr, -1, 0, m) : null, q, u, undefined)
    const gy = v ? matmul(q, v) : (zerosLike(y) as Tensor)
    return concat([gx, gy], -1)
  }
  const left = gr ? matmul(r, mT(gr)) : null
  const right = gq ? matmul(mT(gq), q) : null
  const inner = left === null ? mul(right as Tensor, -1) : right === null ? left : sub(left, right)
  const symmetric = add(tril(inner), mT(tril(inner, -1)))
  const total = gq ? add(gq, matmul(q, symmetric)) : matmul(q, symmetric)
  return mT(substitute(r, mT(total), { upper: true }))
}
