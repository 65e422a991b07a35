// lib/sparse: matrices most of whose elements are zero, and their products.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export type { LinearActivation } from '../ops/fusedActivation.js'
export type { BreakEven } from './break-even.js'
export { type CalibrateOptions, calibrateSparse } from './calibrate.js'
export { SPARSE_FORMATS, type SparseFormat } from './formats.js'
export { SparseMatrix, type SparseOptions, type SparseParts } from './matrix.js'
export {
  type SparseKernel,
  type SparseLinearOptions,
  type SparseMatmulOptions,
  sparseLinear,
  sparseMatmul,
} from './multiply.js'
