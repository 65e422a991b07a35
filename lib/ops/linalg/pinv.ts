/** Ranks, pseudoinverses and least squares by singular values. */
import { noGrad } from '../../autograd/mode.js'
import { needsGrad, record, save } from '../../autograd/node.js'
import { ShapeError, ValueError } from '../../errors.js'
import { sameShape, show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { add, div, gt, maximum, mul, type Operand, sub } from '../binary.js'
import { cast } from '../convert.js'
import { zeros } from '../creation.js'
import { isTensor, sameDType } from '../emit.js'
import { matmul } from '../matmul.js'
import { broadcastBatches } from '../products.js'
import { amax, sum } from '../reduce.js'
import { where } from '../select.js'
import { abs, neg, square } from '../unary.js'
import { narrow, reshape, squeeze, unsqueeze } from '../views.js'
import { epsilonOf, matrices, mT, squares } from './common.js'
import { qr } from './qr.js'
import { eigh, eigvalsh, svd, svdvals } from './spectral.js'
import { solveTriangular } from './triangular.js'

export interface Tolerances {
  /** Singular values up to this count as zero; a number, or a tensor (...) of one for each matrix. Default 0. */
  atol?: number | Tensor | null
  /** So do those up to this times the largest. Default: max(m, n) times the spacing of numbers at 1; 0 where atol is positive. */
  rtol?: number | Tensor | null
  /** The matrices are symmetric: eigenvalues instead of singular values, from the lower triangle. Default false. */
  hermitian?: boolean
}

/** The bound (..., 1) up to which the values (..., k) count as zero. */
function boundOf(x: Tensor, values: Tensor, { atol, rtol }: Tolerances): Tensor {
  const [m, n] = x.shape.slice(-2) as [number, number]
  const usual = epsilonOf(x) * Math.max(m, n)
  const column = (t: Operand): Operand => (isTensor(t) ? cast(unsqueeze(t, -1), values.dtype) : t)
  const absolute = column(atol ?? 0)
  const relative = rtol ?? (isTensor(absolute) ? where(gt(absolute, 0), 0, usual) : absolute > 0 ? 0 : usual)
  const largest = amax(values, -1, { keepDim: true })
  return maximum(mul(largest, isTensor(rtol) ? column(rtol) : relative), absolute)
}

/** How many singular values are not negligible: (...) i64. Definition: torch.linalg.matrix_rank. */
export function matrixRank(x: Tensor, options: Tolerances = {}): Tensor {
  const { m, n, batch } = options.hermitian ? { ...squares('matrixRank', x), m: 0 } : matrices('matrixRank', x)
  return noGrad(() => {
    if (n === 0 || (m === 0 && !options.hermitian)) return zeros(batch, { dtype: 'i64', device: x.device })
    const values = options.hermitian ? abs(eigvalsh(x)) : svdvals(x)
    return sum(gt(values, boundOf(x, values, options)), -1)
  })
}

/**
 * The Moore-Penrose pseudoinverse (..., n, m) of matrices (..., m, n). Gradients are right while the rank does not change.
 * Definition: torch.linalg.pinv.
 */
export function pinv(x: Tensor, options: Tolerances = {}): Tensor {
  if (options.hermitian) squares('pinv', x)
  const y = pinvOnce(x, options)
  if (needsGrad(x)) record('pinv', y, [x], [save(x), save(y)], (g, [x, y]) => [pinvGrad(g, x as Tensor, y as Tensor)])
  return y
}

function pinvOnce(x: Tensor, options: Tolerances): Tensor {
  const { m, n, batch } = matrices('pinv', x)
  return noGrad(() => {
    if (m === 0 || n === 0) return zeros([...batch, n, m], { dtype: x.dtype, device: x.device }) as Tensor
    if (options.hermitian) {
      const { values, vectors } = eigh(x)
      return matmul(mul(vectors, unsqueeze(invertBeyond(x, values, options), -2)), mT(vectors))
    }
    const { u, s, vh } = svd(x, { fullMatrices: false })
    return matmul(mul(mT(vh), unsqueeze(invertBeyond(x, s, options), -2)), mT(u))
  })
}

function invertBeyond(x: Tensor, values: Tensor, options: Tolerances): Tensor {
  const size = abs(values)
  const counts = gt(size, boundOf(x, size, options))
  return where(counts, div(1, where(counts, values, 1)), 0)
}

// With Y = X^+: dY = -Y dX Y + Y Y^T dX^T (I - X Y) + (I - Y X) dX^T Y^T Y (Golub and Pereyra 1973).
function pinvGrad(g: Tensor, x: Tensor, y: Tensor): Tensor {
  const [yt, gt] = [mT(y), mT(g)]
  const first = neg(matmul(yt, matmul(g, yt)))
  const beyondRows = matmul(sub(gt, matmul(x, matmul(y, gt))), matmul(y, yt))
  const columns = matmul(matmul(yt, y), gt)
  return add(add(first, beyondRows), sub(columns, matmul(matmul(columns, y), x)))
}

export interface LeastSquares {
  /** (..., n, k), or (..., n) for vectors. */
  solution: Tensor
  /** (..., k): sums of squared differences, where m > n and the driver is not 'gelsy'; else empty. */
  residuals: Tensor
  /** (...) i64; empty for 'gels'. */
  rank: Tensor
  /** (..., min(m, n)) for 'gelss' and 'gelsd'; else empty. */
  singularValues: Tensor
}

/**
 * x of least |A x - b|, and among those the shortest: A (..., m, n), b (..., m, k) or (..., m). 'gels' goes through QR and
 * needs full rank; the others count singular values up to rcond times the largest (default: max(m, n) times the spacing of
 * numbers at 1) as zero. Residuals are given whatever the rank. Definition: torch.linalg.lstsq.
 */
export function lstsq(
  a: Tensor,
  b: Tensor,
  options: { rcond?: number | null; driver?: 'gels' | 'gelsy' | 'gelsd' | 'gelss' | null } = {},
): LeastSquares {
  const driver = options.driver ?? 'gelsy'
  if (!['gels', 'gelsy', 'gelsd', 'gelss'].includes(driver))
    throw new ValueError(`lstsq: driver '${driver}' is not 'gels', 'gelsy', 'gelsd' or 'gelss'`)
  const { m, n } = matrices('lstsq', a)
  sameDType('lstsq', a, b)
  const vector = b.rank === 1 || (b.rank === a.rank - 1 && sameShape(b.shape, a.shape.slice(0, -1)))
  const right = vector ? unsqueeze(b, -1) : b
  if (right.rank < 2 || right.shape.at(-2) !== m)
    throw new ShapeError(`lstsq: ${show(b.shape)} does not fit ${show(a.shape)}`)
  const [x, y] = broadcastBatches('lstsq', a, right)
  const rtol = options.rcond ?? epsilonOf(a) * Math.max(m, n)
  const solution = driver === 'gels' ? throughQr(x, y) : matmul(pinv(x, { rtol }), y)
  const none = (dtype: 'i64' | typeof a.dtype): Tensor => zeros([0], { dtype, device: a.device }) as Tensor
  // Part of the graph even where there are none.
  const residuals =
    m > n && driver !== 'gelsy'
      ? sum(square(sub(matmul(x, solution), y)), -2)
      : narrow(reshape(solution, [-1]), 0, 0, 0)
  return {
    solution: vector ? squeeze(solution, -1) : solution,
    residuals,
    rank: driver === 'gels' ? none('i64') : matrixRank(a, { rtol }),
    singularValues: driver === 'gelss' || driver === 'gelsd' ? noGrad(() => svdvals(a)) : none(a.dtype),
  }
}

// Of a tall A = Q R: x = R^-1 Q^T b. Of a wide A^T = Q R: x = Q R^-T b, the shortest.
function throughQr(a: Tensor, b: Tensor): Tensor {
  const { m, n } = matrices('lstsq', a)
  const { q, r } = qr(m >= n ? a : mT(a))
  if (m >= n) return solveTriangular(r, matmul(mT(q), b), { upper: true })
  return matmul(q, solveTriangular(mT(r), b, { upper: false }))
}
