/** Writing into a tensor. Names end in `_`; refused where it would corrupt a recorded graph. */
import { gradMode } from '../autograd/mode.js'
import { AutogradError, ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import type { DType } from '../tensor/dtype.js'
import { broadcastShapes, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Operand } from './binary.js'
import { cast } from './convert.js'
import { full } from './creation.js'
import { isTensor, method, mutate } from './emit.js'
import { reciprocal } from './unary.js'

function writable(op: string, x: Tensor, src?: Tensor): void {
  if (gradMode.enabled && (x.requiresGrad || src?.requiresGrad)) {
    throw new AutogradError(
      `${op}: an in-place write is not recorded; run it inside noGrad, or use the operator without _`,
    )
  }
  if (src && !sameShape(broadcastShapes(op, x.shape, src.shape), x.shape)) {
    throw new ShapeError(`${op}: ${show(src.shape)} does not broadcast to ${show(x.shape)}`)
  }
}

/** x[...] = src, broadcast and cast. */
export function copy_<T extends Tensor>(x: T, src: Tensor): T {
  writable('copy_', x, src)
  mutate('copy_', OP.copyInto, [x, src], [x], [], x.numel * 0.3)
  return x
}

/** x[...] = value. */
export function fill_<T extends Tensor>(x: T, value: number): T {
  writable('fill_', x)
  mutate('fill_', OP.fillInto, [x], [x], [value], x.numel * 0.15)
  return x
}

/** x += alpha * src. */
export function add_<T extends Tensor>(x: T, src: Operand, options: { alpha?: number } = {}): T {
  const t = isTensor(src) ? cast(src, x.dtype) : full([], src, { dtype: x.dtype, device: x.device })
  writable('add_', x, t)
  mutate('add_', OP.addInto, [x, t], [x], [options.alpha ?? 1], x.numel * 0.3)
  return x
}

/** x *= src. */
export function mul_<T extends Tensor>(x: T, src: Operand): T {
  const t = isTensor(src) ? cast(src, x.dtype) : null
  writable('mul_', x, t ?? undefined)
  mutate('mul_', OP.mulInto, [x, t], [x], [isTensor(src) ? 1 : src], x.numel * 0.3)
  return x
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    copy_(src: Tensor): this
    fill_(value: number): this
    zero_(): this
    add_(src: Operand, options?: { alpha?: number }): this
    sub_(src: Operand): this
    mul_(src: Operand): this
    div_(src: Operand): this
  }
}
method('copy_', function (this: Tensor, src: Tensor) {
  return copy_(this, src)
})
method('fill_', function (this: Tensor, value: number) {
  return fill_(this, value)
})
method('zero_', function (this: Tensor) {
  return fill_(this, 0)
})
method('add_', function (this: Tensor, src: Operand, options?: { alpha?: number }) {
  return add_(this, src, options)
})
method('sub_', function (this: Tensor, src: Operand) {
  return add_(this, src, { alpha: -1 })
})
method('mul_', function (this: Tensor, src: Operand) {
  return mul_(this, src)
})
method('div_', function (this: Tensor, src: Operand) {
  return mul_(this, isTensor(src) ? reciprocal(src) : 1 / src)
})
