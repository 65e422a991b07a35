/**
 * Writing into a tensor: names end in `_`. While gradients are recorded the write becomes part of the graph (assign.ts); a
 * leaf that requires gradients, and views of one, are refused then.
 */
import { ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import type { ComplexNumber, DType } from '../tensor/dtype.js'
import { broadcastShapes, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { assign, recordsWrite } from './assign.js'
import { add, mul, type Operand } from './binary.js'
import { cast, clone, to } from './convert.js'
import { full, wordsOf } from './creation.js'
import { isTensor, method, mutate } from './emit.js'
import { reciprocal } from './unary.js'
import { expand } from './views.js'

function fits(op: string, x: Tensor, src: Tensor): void {
  if (!sameShape(broadcastShapes(op, x.shape, src.shape), x.shape)) {
    throw new ShapeError(`${op}: ${show(src.shape)} does not broadcast to ${show(x.shape)}`)
  }
}

/** x[...] = src, broadcast and cast, from any device; from another one it waits for what is queued there. */
export function copy_<T extends Tensor>(x: T, src: Tensor): T {
  fits('copy_', x, src)
  if (src._stream !== x._stream) {
    const moved = to(src, x.device)
    copy_(x, moved)
    moved.dispose()
    return x
  }
  if (recordsWrite(x, src)) return assign('copy_', x, () => clone(expand(cast(src, x.dtype), x.shape)))
  mutate('copy_', OP.copyInto, [x, src], [x], [], x.numel * 0.3)
  return x
}

/** x[...] = value. */
export function fill_<T extends Tensor>(x: T, value: number | ComplexNumber): T {
  const words = wordsOf('fill_', value, x.dtype)
  if (recordsWrite(x))
    return assign('fill_', x, () => full(x.shape, value, { dtype: x.dtype, device: x.device }) as Tensor)
  mutate('fill_', OP.fillInto, [x], [x], words, x.numel * 0.15)
  return x
}

/** x += alpha * src. */
export function add_<T extends Tensor>(x: T, src: Operand, options: { alpha?: number } = {}): T {
  const alpha = options.alpha ?? 1
  const t = isTensor(src) ? cast(src, x.dtype) : full([], src, { dtype: x.dtype, device: x.device })
  fits('add_', x, t)
  if (recordsWrite(x, t)) return assign('add_', x, (old) => add(old, alpha === 1 ? t : mul(t, alpha)))
  mutate('add_', OP.addInto, [x, t], [x], [alpha], x.numel * 0.3)
  return x
}

/** x *= src. */
export function mul_<T extends Tensor>(x: T, src: Operand): T {
  const t = isTensor(src) ? cast(src, x.dtype) : null
  if (t) fits('mul_', x, t)
  if (recordsWrite(x, t)) return assign('mul_', x, (old) => mul(old, t === x ? old : (t ?? (src as number))))
  mutate('mul_', OP.mulInto, [x, t], [x], [isTensor(src) ? 1 : src], x.numel * 0.3)
  return x
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    copy_(src: Tensor): this
    fill_(value: number | ComplexNumber): this
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
method('fill_', function (this: Tensor, value: number | ComplexNumber) {
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
