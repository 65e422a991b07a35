/** Choosing between values: where, masked fill, triangles. */
import { needsGrad, record, save } from '../autograd/node.js'
import { DTypeError, ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import {
  type ComplexNumber,
  complexOf,
  type DType,
  isComplex,
  isComplexNumber,
  promote,
  promoteScalar,
} from '../tensor/dtype.js'
import { broadcastShapes, numelOf, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { ComplexOperand } from './binary.js'
import { cast } from './convert.js'
import { full } from './creation.js'
import { isTensor, make, makeMany, method } from './emit.js'
import { sumTo } from './reduce.js'
import { expand } from './views.js'

export function checkMask(name: string, mask: Tensor): void {
  if (mask.dtype !== 'bool')
    throw new DTypeError(`${name}: the mask is ${mask.dtype}, not bool; compare it (x.ne(0)) or convert it`)
}

function withNumber(name: string, d: DType, x: number | ComplexNumber): DType {
  if (isComplexNumber(x)) return complexOf(d)
  if (typeof x !== 'number') throw new DTypeError(`${name}: a ${typeof x}; takes tensors and numbers`)
  return promoteScalar(d, x)
}

/** a where the condition holds, else b; all broadcast. Gradients go where the values came from. */
export function where(condition: Tensor, a: ComplexOperand, b: ComplexOperand): Tensor {
  checkMask('where', condition)
  const [ta, tb] = [isTensor(a) ? a : null, isTensor(b) ? b : null]
  let dtype: DType
  if (ta && tb) dtype = promote(ta.dtype, tb.dtype)
  else if (ta) dtype = withNumber('where', ta.dtype, b as number | ComplexNumber)
  else if (tb) dtype = withNumber('where', tb.dtype, a as number | ComplexNumber)
  else dtype = isComplexNumber(a) || isComplexNumber(b) ? 'c64' : 'f32'
  const number = (x: ComplexOperand): Tensor =>
    full([], x as number | ComplexNumber, { dtype, device: condition.device })
  const x = ta ? cast(ta, dtype) : number(a)
  const y = tb ? cast(tb, dtype) : number(b)
  const shape = broadcastShapes('where', condition.shape, broadcastShapes('where', x.shape, y.shape))
  const [out] = makeMany('where', OP.where, [{ dtype, shape }], [condition, x, y], [], numelOf(shape) * 0.4)
  const result = out as Tensor
  if (needsGrad(x, y)) {
    const [ga, gb] = [x.requiresGrad, y.requiresGrad]
    const [sa, sb] = [x.shape, y.shape]
    record('where', result, [x, y], [save(condition)], (g, [c]) => [
      ga ? sumTo(where(c as Tensor, g, 0), sa) : null,
      gb ? sumTo(where(c as Tensor, 0, g), sb) : null,
    ])
  }
  return result
}

/**
 * x with a number, or the one element of a tensor of rank 0, where the mask (bool) holds; x and the mask broadcast. The value is
 * converted to x's dtype, whatever its own. @throws DTypeError for a complex number in a real tensor
 */
export function maskedFill<D extends DType>(
  x: Tensor<D>,
  mask: Tensor,
  value: Tensor | number | ComplexNumber,
): Tensor<D> {
  checkMask('maskedFill', mask)
  if (isComplexNumber(value)) {
    if (!isComplex(x.dtype))
      throw new DTypeError(`maskedFill: a complex number in a ${x.dtype} tensor; convert it with .to('c64')`)
    return where(mask, value, x) as Tensor<D>
  }
  if (isTensor(value)) {
    if (value.rank !== 0)
      throw new ShapeError(`maskedFill: the value is ${show(value.shape)}, not a number or of rank 0; use where`)
    return where(mask, cast(value, x.dtype), x) as Tensor<D>
  }
  const shape = broadcastShapes('maskedFill', x.shape, mask.shape)
  if (!sameShape(shape, x.shape)) return maskedFill(expand(x, shape), mask, value)
  const y = make('maskedFill', OP.maskedFill, x.dtype, x.shape, x, mask, [value], x.numel * 0.4)
  if (needsGrad(x)) record('maskedFill', y, [x], [save(mask)], (g, [m]) => [maskedFill(g, m as Tensor, 0)])
  return y
}

function triangle<D extends DType>(name: string, x: Tensor<D>, diagonal: number, upper: number): Tensor<D> {
  if (x.rank < 2) throw new ShapeError(`${name}: takes matrices, got ${show(x.shape)}`)
  const y = make(name, OP.tril, x.dtype, x.shape, x, null, [diagonal, upper], x.numel * 0.4)
  if (needsGrad(x)) record(name, y, [x], null, (g) => [triangle(name, g, diagonal, upper)])
  return y
}

/** The lower triangle of the last two dimensions, zero elsewhere. */
export function tril<D extends DType>(x: Tensor<D>, diagonal = 0): Tensor<D> {
  return triangle('tril', x, diagonal, 0)
}

/** The upper triangle of the last two dimensions, zero elsewhere. */
export function triu<D extends DType>(x: Tensor<D>, diagonal = 0): Tensor<D> {
  return triangle('triu', x, diagonal, 1)
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    maskedFill<E extends DType>(this: Tensor<E>, mask: Tensor, value: Tensor | number | ComplexNumber): Tensor<E>
    tril<E extends DType>(this: Tensor<E>, diagonal?: number): Tensor<E>
    triu<E extends DType>(this: Tensor<E>, diagonal?: number): Tensor<E>
  }
}
method('maskedFill', function (this: Tensor, mask: Tensor, value: Tensor | number | ComplexNumber) {
  return maskedFill(this, mask, value)
})
method('tril', function (this: Tensor, diagonal?: number) {
  return tril(this, diagonal)
})
method('triu', function (this: Tensor, diagonal?: number) {
  return triu(this, diagonal)
})
