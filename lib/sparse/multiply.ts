/** Products with sparse matrices: the public functions. */
import { needsGrad } from '../autograd/node.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { cast, contiguous } from '../ops/convert.js'
import { activate, activationCode, type LinearActivation } from '../ops/fusedActivation.js'
import { tidy } from '../ops/indices.js'
import { linear } from '../ops/linear.js'
import { matmul } from '../ops/matmul.js'
import { reshape, squeeze, unsqueeze } from '../ops/views.js'
import { type DType, isFloating, promote } from '../tensor/dtype.js'
import { numelOf, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { prefersDense } from './break-even.js'
import { SparseMatrix } from './matrix.js'
import { type Form, product } from './product.js'

/** 'auto': by the break-even densities of this machine, see `calibrateSparse`. 'dense': the product of `toDense()`. */
export type SparseKernel = 'auto' | 'sparse' | 'dense'

export interface SparseMatmulOptions {
  /** Default 'auto'. */
  kernel?: SparseKernel
}

export interface SparseLinearOptions extends SparseMatmulOptions {
  /** Applied to the result, in the product's last pass where no gradient is recorded. Default 'none'. */
  activation?: LinearActivation | null
}

/**
 * Product of a sparse and a dense matrix, in either order: s (m, k) times d (k, n) or a vector (k); d (..., m), a matrix or more,
 * times s (m, n) gives (..., n). `s.T` multiplies with the transpose. Values and dense operand are promoted to a common
 * floating-point dtype, which the result has (f32 accumulation for 16-bit ones); i8 values take the dense operand's. Gradients reach
 * the dense operand and the values, which keep the pattern.
 *
 * @throws ShapeError where the inner dimensions differ
 */
export function sparseMatmul(s: SparseMatrix, d: Tensor, options?: SparseMatmulOptions): Tensor
export function sparseMatmul(d: Tensor, s: SparseMatrix, options?: SparseMatmulOptions): Tensor
export function sparseMatmul(
  a: SparseMatrix | Tensor,
  b: SparseMatrix | Tensor,
  options: SparseMatmulOptions = {},
): Tensor {
  if (a instanceof SparseMatrix && !(b instanceof SparseMatrix)) return fromLeft(a, b, options)
  if (b instanceof SparseMatrix && !(a instanceof SparseMatrix)) {
    // d S = (S^T d^T)^T
    return rows('sparseMatmul', b.T, a, null, 0, options)
  }
  throw new ValueError('sparseMatmul: one operand is a SparseMatrix, the other one a dense tensor')
}

function fromLeft(s: SparseMatrix, d: Tensor, options: SparseMatmulOptions): Tensor {
  if (d.rank !== 1 && d.rank !== 2)
    throw new ShapeError(
      `sparseMatmul: ${show(s.shape)} times ${show(d.shape)}; takes a matrix or a vector on the right`,
    )
  if (d.shape[0] !== s.cols)
    throw new ShapeError(
      `sparseMatmul: inner dimensions differ: ${show(s.shape)} x ${show(d.shape)}: ${s.cols} and ${d.shape[0]}`,
    )
  if (d.rank === 1) return squeeze(fromLeft(s, unsqueeze(d, 1), options), 1)
  const x = operand('sparseMatmul', s, d)
  if (isDense(s, x.shape[1] as number, x, null, options)) return withDense(s, x.dtype, (w) => matmul(w, x))
  return product(factorOf(s), x, { transposed: s.transposed, columnsFirst: false }, null, 0)
}

/**
 * act(x S^T + bias), the layer's product: x (..., in), s (out, in), bias (out) -> (..., out). Bias and activation are applied in the
 * product's last pass. Dtypes and gradients as in `sparseMatmul`; the bias has the result's dtype.
 *
 * @throws ShapeError, DTypeError where the operands do not fit; ValueError for an unknown activation
 */
export function sparseLinear(
  x: Tensor,
  s: SparseMatrix,
  bias: Tensor | null = null,
  options: SparseLinearOptions = {},
): Tensor {
  const activation = activationCode('sparseLinear', options.activation)
  if (bias && (bias.rank !== 1 || bias.shape[0] !== s.rows))
    throw new ShapeError(`sparseLinear: bias ${show(bias.shape)} for ${s.rows} outputs`)
  return rows('sparseLinear', s, x, bias, activation, options)
}

/** act(x S^T + bias) over the last dimension of x. */
function rows(
  op: string,
  s: SparseMatrix,
  d: Tensor,
  bias: Tensor | null,
  activation: number,
  options: SparseMatmulOptions,
): Tensor {
  const inner = d.shape[d.rank - 1]
  if (d.rank === 0 || inner !== s.cols)
    throw new ShapeError(
      op === 'sparseLinear'
        ? `sparseLinear: input ${show(d.shape)} does not end in the matrix's ${s.cols}: matrix ${show(s.shape)}`
        : `sparseMatmul: inner dimensions differ: ${show(d.shape)} x ${show(s.T.shape)}: ${inner} and ${s.cols}`,
    )
  const x = operand(op, s, d)
  if (bias && bias.dtype !== x.dtype)
    throw new DTypeError(`${op}: the result is ${x.dtype}, the bias ${bias.dtype}; convert it with .to('${x.dtype}')`)
  const n = numelOf(x.shape.slice(0, -1))
  const flat = x.rank === 2 ? x : reshape(x, [n, s.cols])
  let y: Tensor
  if (isDense(s, n, flat, bias, options)) y = withDense(s, x.dtype, (w) => activate(linear(flat, w, bias), activation))
  else {
    const form: Form = { transposed: s.transposed, columnsFirst: true }
    // The gradient of an activation needs what went into it.
    if (activation && needsGrad(s.values, flat, bias))
      y = activate(product(factorOf(s), flat, form, bias, 0), activation)
    else y = product(factorOf(s), flat, form, bias, activation)
  }
  return x.rank === 2 ? y : reshape(y, [...x.shape.slice(0, -1), s.rows])
}

const factorOf = (s: SparseMatrix) => ({ pattern: s._pattern, values: s.values, scales: s.scales, packs: s._packs })

/** use(the dense matrix), which is kept where nobody trains the values. */
function withDense(s: SparseMatrix, dtype: DType, use: (dense: Tensor) => Tensor): Tensor {
  if (needsGrad(s.values)) return use(cast(s.toDense(), dtype))
  const make = (): Tensor => tidy(() => contiguous(cast(s.toDense(), dtype)))
  return s._packs.use(`dense ${dtype} ${s.transposed}`, s.values, make, use)
}

function isDense(
  s: SparseMatrix,
  n: number,
  d: Tensor,
  bias: Tensor | null,
  { kernel = 'auto' }: SparseMatmulOptions,
): boolean {
  if (kernel === 'auto') return prefersDense(s, n, { dtype: d.dtype, recorded: needsGrad(s.values, d, bias) })
  if (kernel !== 'sparse' && kernel !== 'dense')
    throw new ValueError(`sparse product: kernel '${kernel as string}' is not one of auto, sparse, dense`)
  return kernel === 'dense'
}

/** The dense operand in the dtype of the result. */
function operand(op: string, s: SparseMatrix, d: Tensor): Tensor {
  if (!isFloating(d.dtype)) throw new DTypeError(`${op}: the dense operand is ${d.dtype}; convert it with .to('f32')`)
  const dtype: DType = s.dtype === 'i8' ? d.dtype : promote(s.dtype, d.dtype)
  return cast(d, dtype)
}
