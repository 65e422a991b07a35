/** The same bytes read as another dtype. */
import { DTypeError, ShapeError } from '../errors.js'
import { BYTES, checkDType, type DType } from '../tensor/dtype.js'
import { compact, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { method, viewAs } from './emit.js'
import { reshape } from './views.js'

/**
 * A view of x's bytes as another dtype, without converting anything. Where the sizes of the dtypes differ, the last axis grows or
 * shrinks by their ratio; its elements must then lie side by side, and for larger elements x must be a whole tensor, not a view.
 * Nothing is differentiated. (PyTorch's Tensor.view(dtype).)
 *
 * @throws DTypeError for bool, whose bytes are 0 or 1 only; ShapeError where the last axis does not come out even
 */
export function bitcast<D extends DType>(x: Tensor, dtype: D): Tensor<D> {
  checkDType(dtype)
  if (dtype === 'bool' && x.dtype !== 'bool')
    throw new DTypeError(`bitcast: ${x.dtype} as bool: a byte of bool is 0 or 1; compare the tensor with ne(0)`)
  const [from, to] = [BYTES[x.dtype], BYTES[dtype]]
  const { shape, strides } = x
  if (from === to) return viewAs('bitcast', x, dtype, shape, compact(shape, strides)) as Tensor<D>
  const last = x.rank - 1
  if (last < 0) throw new ShapeError(`bitcast: ${x.dtype} as ${dtype} changes the last axis, and rank 0 has none`)
  const size = shape[last] as number
  if (size !== 1 && strides[last] !== 1)
    throw new ShapeError(`bitcast: the last axis of ${show(shape)} has stride ${strides[last]}; make it contiguous`)
  const ratio = from > to ? from / to : to / from
  if (from > to) {
    const grown = shape.map((d, i) => (i === last ? d * ratio : d))
    return viewAs(
      'bitcast',
      x,
      dtype,
      grown,
      compact(
        grown,
        stridesBy(strides, (s) => s * ratio),
      ),
    ) as Tensor<D>
  }
  if (size % ratio !== 0)
    throw new ShapeError(
      `bitcast: ${size} elements of ${x.dtype} in the last axis of ${show(shape)} are no whole ${dtype}s`,
    )
  if (x._base !== 0 || !x.isContiguous)
    throw new ShapeError(`bitcast: ${dtype} is larger than ${x.dtype}, and the tensor is a view; clone it first`)
  const shrunk = shape.map((d, i) => (i === last ? d / ratio : d))
  return viewAs('bitcast', x, dtype, shrunk, null) as Tensor<D>
}

const stridesBy = (strides: readonly number[], f: (s: number) => number): number[] =>
  strides.map((s, i) => (i === strides.length - 1 ? 1 : f(s)))

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    /** The same bytes as another dtype: `bitcast`. */
    view<E extends DType>(dtype: E): Tensor<E>
  }
}
method('view', function (this: Tensor, target: Shape | DType) {
  return typeof target === 'string' ? bitcast(this, target) : reshape(this, target)
})
