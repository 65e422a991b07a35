/**
 * A rectangular or strided part of a tensor, read as a view or replaced. Place in the whole: beneath `at` and the
 * `...Scatter` functions, which differ only in which part they mean.
 */
import { needsGrad, record } from '../autograd/node.js'
import { OP } from '../generated/ops.js'
import type { DType } from '../tensor/dtype.js'
import { compact, numelOf, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { contiguous } from './convert.js'
import { make, make0, mutate, NO_ATTRIBUTES, viewOf, writable } from './emit.js'

/** A view's shape, strides and offset (in elements) from those of what it is a part of. */
export type Part = (shape: Shape, strides: readonly number[]) => { shape: Shape; strides: number[]; offset: number }

function plainView<D extends DType>(name: string, x: Tensor<D>, part: Part): Tensor<D> {
  const { shape, strides, offset } = part(x.shape, x.strides)
  return viewOf(name, x, shape, compact(shape, strides), numelOf(shape) === 0 ? 0 : offset)
}

/** The part of x as a view. */
export function windowOf<D extends DType>(name: string, x: Tensor<D>, part: Part): Tensor<D> {
  const y = plainView(name, x, part)
  if (needsGrad(x)) {
    const from = x.shape
    record(name, y, [x], null, (g) => [surrounded(name, g, from, part)])
  }
  return y
}

/** Zeros of a shape, with g in the part. */
export function surrounded(name: string, g: Tensor, shape: Shape, part: Part): Tensor {
  const y = writable(make0(OP.fill, g.device, g.dtype, shape, [0]), g)
  write(name, y, g, part)
  if (needsGrad(g)) record(name, y, [g], null, (gg) => [windowOf(name, contiguous(gg), part)])
  return y
}

/** x with the part replaced by src, which has the part's shape or is a scalar constant. */
export function replaced<D extends DType>(name: string, x: Tensor<D>, src: Tensor | number, part: Part): Tensor<D> {
  const copy = make(name, OP.copy, x.dtype, x.shape, x, null, NO_ATTRIBUTES, x.numel * 0.3)
  const y = typeof src === 'number' ? copy : writable(copy, src)
  write(name, y, src, part)
  const source = typeof src === 'number' ? null : src
  if (needsGrad(x, source)) {
    const [gx, gs] = [x.requiresGrad, source?.requiresGrad]
    record(name, y, [x, source], null, (g) => [
      gx ? replaced(name, g, 0, part) : null,
      gs ? windowOf(name, contiguous(g), part) : null,
    ])
  }
  return y
}

/** Writes into the part of y in place, unrecorded. */
export function write(name: string, y: Tensor, src: Tensor | number, part: Part): void {
  const view = plainView(name, y, part)
  const n = view.numel
  // Where nothing is copied, an error of the source still becomes one of y.
  if (typeof src !== 'number') mutate(name, OP.copyInto, [view, src], [y], NO_ATTRIBUTES, n * 0.3)
  else if (n > 0) mutate(name, OP.fillInto, [view], [y], [src], n * 0.15)
  view.dispose()
}
