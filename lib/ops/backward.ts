/** Tensor.backward. */
import { type BackwardOptions, backward } from '../autograd/backward.js'
import type { DType } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { method } from './emit.js'

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    /** Adds the gradient of this tensor to the `grad` of every leaf it was computed from. See BackwardOptions. */
    backward(options?: BackwardOptions): void
  }
}
method('backward', function (this: Tensor, options?: BackwardOptions) {
  backward(this, options)
})
