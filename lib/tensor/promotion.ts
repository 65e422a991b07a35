/** What operators do with dtypes and shapes of their operands, for whoever wants to know it beforehand. */
import { checkDType, type DType, isComplex, isFloating, promote, promoteScalar } from './dtype.js'
import { broadcastShapes as broadcastPair, type Shape } from './shape.js'
import { Tensor } from './tensor.js'

/** The dtype of an operator on tensors of these dtypes. Definition: torch.promote_types, where Sinter has the dtype. */
export const promoteTypes = (a: DType, b: DType): DType => promote(checkDType(a), checkDType(b))

/**
 * The dtype of an operator on these operands, tensors or numbers: a number counts only where it is of a higher kind than the tensor,
 * a fraction beside integers. Two numbers give f32, two integers i64. Definition: torch.result_type.
 */
export function resultType(a: Tensor | number, b: Tensor | number): DType {
  if (a instanceof Tensor) return b instanceof Tensor ? promote(a.dtype, b.dtype) : promoteScalar(a.dtype, b)
  if (b instanceof Tensor) return promoteScalar(b.dtype, a)
  return Number.isInteger(a) && Number.isInteger(b) ? 'i64' : 'f32'
}

/** bool, integers, floating-point, complex. */
const kind = (d: DType): number => (d === 'bool' ? 0 : isComplex(d) ? 3 : isFloating(d) ? 2 : 1)

/** Whether results of one dtype may be written into tensors of another: not into a lower kind. Definition: torch.can_cast. */
export const canCast = (from: DType, to: DType): boolean => kind(checkDType(from)) <= kind(checkDType(to))

/** The shape to which all of these broadcast. @throws ShapeError when there is none. Definition: torch.broadcast_shapes. */
export const broadcastShapes = (...shapes: readonly Shape[]): Shape =>
  shapes.reduce((a, b) => broadcastPair('broadcastShapes', a, b), [] as Shape)
