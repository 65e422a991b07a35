/** Methods that make new tensors of a tensor's dtype and device. */
import type { DType } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { empty, full, like, type TensorOptions, tensor } from './creation.js'
import { method } from './emit.js'
import type { NestedArray } from './read.js'

type Data = Parameters<typeof tensor>[0]

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    /** Zeros of this dtype and device. */
    newZeros(shape: Shape, options?: TensorOptions): Tensor
    /** Ones of this dtype and device. */
    newOnes(shape: Shape, options?: TensorOptions): Tensor
    /** A constant of this dtype and device. */
    newFull(shape: Shape, value: number | boolean, options?: TensorOptions): Tensor
    /** Uninitialised memory of this dtype and device. */
    newEmpty(shape: Shape, options?: TensorOptions): Tensor
    /** `tensor` with this dtype and device. */
    newTensor(data: Data, options?: TensorOptions & { shape?: Shape }): Tensor
  }
}
method('newZeros', function (this: Tensor, shape: Shape, options?: TensorOptions) {
  return full(shape, 0, like(this, options))
})
method('newOnes', function (this: Tensor, shape: Shape, options?: TensorOptions) {
  return full(shape, 1, like(this, options))
})
method('newFull', function (this: Tensor, shape: Shape, value: number | boolean, options?: TensorOptions) {
  return full(shape, value, like(this, options))
})
method('newEmpty', function (this: Tensor, shape: Shape, options?: TensorOptions) {
  return empty(shape, like(this, options))
})
method('newTensor', function (this: Tensor, data: NestedArray, options?: TensorOptions & { shape?: Shape }) {
  return tensor(data, { ...like(this, undefined), ...options })
})
