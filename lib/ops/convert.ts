/** Casts, copies, moves between devices. */
import { needsGrad, record } from '../autograd/node.js'
import { adopt } from '../engine/lifetime.js'
import { streamOf } from '../engine/stream.js'
import { OP } from '../generated/ops.js'
import { loadNative } from '../native/load.js'
import { arrayFor, BYTES, CODE, checkDType, type DType, isComplex, isFloating } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { make, method, NO_ATTRIBUTES } from './emit.js'

/**
 * The tensor in another dtype (itself when it has it already). Fractions truncate towards zero in integers, values out of
 * range saturate, NaN gives 0; bool is "not zero". Gradients are cast back.
 */
export function cast<E extends DType, S extends Shape>(x: Tensor<DType, S>, dtype: E): Tensor<E, S> {
  checkDType(dtype)
  if ((x.dtype as DType) === dtype) return x as unknown as Tensor<E, S>
  const y = make('cast', OP.copy, dtype, x.shape, x, null, NO_ATTRIBUTES, x.numel * 0.4)
  if (needsGrad(x) && (isFloating(dtype) || isComplex(dtype))) {
    const from = x.dtype
    record('cast', y, [x], null, (g) => [cast(g, from)])
  }
  return y
}

/** A contiguous copy that shares nothing with `x`. */
export function clone<D extends DType, S extends Shape>(x: Tensor<D, S>): Tensor<D, S> {
  const y = make('clone', OP.copy, x.dtype, x.shape, x, null, NO_ATTRIBUTES, x.numel * 0.3)
  if (needsGrad(x)) record('clone', y, [x], null, (g) => [g])
  return y
}

/** `x` itself when it is contiguous, else a contiguous copy. */
export function contiguous<D extends DType, S extends Shape>(x: Tensor<D, S>): Tensor<D, S> {
  return x.isContiguous ? x : clone(x)
}

/** `x` on another device, or in another dtype; itself when nothing changes. Moving waits for the source's queued work. */
export function to<D extends DType, S extends Shape>(x: Tensor<D, S>, target: string): Tensor<DType, S> {
  if (target in CODE) return cast(x, target as DType)
  const stream = streamOf(target)
  if (stream === x._stream) return x
  const bytes = new Uint8Array(x.numel * BYTES[x.dtype])
  x._stream.readSync(x._use('to'), CODE[x.dtype], bytes)
  const y = new Tensor(stream, stream.newId(), x.dtype, x.shape, null)
  stream.emitBind(y._id, loadNative().upload(bytes), CODE[x.dtype], 0, x.shape)
  adopt(y)
  if (needsGrad(x)) {
    const from = x.device
    record('to', y, [x], null, (g) => [to(g, from)])
  }
  return y
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    /** Another dtype: see `cast`. */
    cast<E extends DType, A extends Shape>(this: Tensor<DType, A>, dtype: E): Tensor<E, A>
    /** Another dtype ('f32', 'bf16', ...) or device ('cpu', ...). */
    to<E extends DType, A extends Shape>(this: Tensor<DType, A>, dtype: E): Tensor<E, A>
    to<A extends Shape>(this: Tensor<DType, A>, device: string): Tensor<DType, A>
    clone<E extends DType, A extends Shape>(this: Tensor<E, A>): Tensor<E, A>
    contiguous<E extends DType, A extends Shape>(this: Tensor<E, A>): Tensor<E, A>
  }
}
method('cast', function (this: Tensor, dtype: DType) {
  return cast(this, dtype)
})
method('to', function (this: Tensor, target: string) {
  return to(this, target)
})
method('clone', function (this: Tensor) {
  return clone(this)
})
method('contiguous', function (this: Tensor) {
  return contiguous(this)
})

/** The array kind that holds a dtype's raw bits. */
export function rawArray(dtype: DType, n: number): ReturnType<typeof arrayFor>[0] {
  return dtype === 'bf16' || dtype === 'f16' ? new Uint16Array(n) : arrayFor(dtype, n)[0]
}
