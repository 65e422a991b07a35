/**
 * Linear algebra: decompositions, solvers, norms. Place in the whole: the namespace `linalg`, after torch.linalg; the most
 * used functions are also methods. Matrices are the last two axes, those before them are batches. Decompositions take f32 and
 * f64; LU and what is made of it, triangles and eigenvalues of general matrices also c64 and c128.
 */
import type { DType } from '../../tensor/dtype.js'
import type { Shape } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { method } from '../emit.js'
import { type CholeskyOptions, cholesky } from './cholesky.js'
import { matrixExp, matrixPower } from './functions.js'
import { pinv, type Tolerances } from './pinv.js'
import { type QrMode, qr } from './qr.js'
import { det, inv, logdet, slogdet } from './solve.js'
import { type Svd, svd } from './spectral.js'

export { diagonal } from '../diagonals.js'
export { vander } from '../grids.js'
export { matmul } from '../matmul.js'
export { cross, multiDot, vecdot } from '../products.js'
export { norm, vectorNorm } from '../vector-norm.js'
export { type CholeskyOptions, cholesky, choleskyEx, choleskyInverse, choleskySolve } from './cholesky.js'
export { type ComplexEigen, eig, eigvals } from './eig.js'
export {
  type LdlFactors,
  type LowRank,
  type LowRankOptions,
  ldlFactor,
  ldlFactorEx,
  ldlSolve,
  matrixExp,
  matrixPower,
  pcaLowrank,
  svdLowrank,
} from './functions.js'
export { type LuFactors, type LuOptions, lu, luFactor, luFactorEx, luSolve, luUnpack, type Plu } from './lu.js'
export { cond, type MatrixNorm, matrixNorm } from './norms.js'
export { type LeastSquares, lstsq, matrixRank, pinv, type Tolerances } from './pinv.js'
export { geqrf, householderProduct, ormqr, type QrMode, qr, type Reflectors } from './qr.js'
export { det, inv, invEx, logdet, slogdet, solve, solveEx, tensorinv, tensorsolve } from './solve.js'
export { type Eigen, type EighOptions, eigh, eigvalsh, type Svd, svd, svdvals } from './spectral.js'
export { solveTriangular } from './triangular.js'

declare module '../../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    det(): Tensor
    slogdet(): { sign: Tensor; logAbsDet: Tensor }
    logdet(): Tensor
    inverse(): Tensor
    pinverse(options?: Tolerances): Tensor
    cholesky(options?: CholeskyOptions): Tensor
    qr(options?: { mode?: QrMode }): { q: Tensor; r: Tensor }
    svd(options?: { fullMatrices?: boolean }): Svd
    matrixPower(power: number): Tensor
    matrixExp(): Tensor
  }
}
for (const [name, f] of Object.entries({ det, slogdet, logdet, inverse: inv, matrixExp })) {
  method(name, function (this: Tensor) {
    return f(this)
  })
}
method('pinverse', function (this: Tensor, options?: Tolerances) {
  return pinv(this, options)
})
method('cholesky', function (this: Tensor, options?: CholeskyOptions) {
  return cholesky(this, options)
})
method('qr', function (this: Tensor, options?: { mode?: QrMode }) {
  return qr(this, options)
})
method('svd', function (this: Tensor, options?: { fullMatrices?: boolean }) {
  return svd(this, options)
})
method('matrixPower', function (this: Tensor, power: number) {
  return matrixPower(this, power)
})
