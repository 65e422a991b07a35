/** Max unpooling: the way back from maxPool...WithIndices. */
import { needsGrad, record, save } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { numelOf, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkDTypes } from './conv.js'
import { make } from './emit.js'
import { checkIndices } from './indices.js'
import { gatherMaxima } from './pool-rules.js'
import { type Pair, type Single, type Sizes, sizesOf, spatialOf, type Triple, withSpatial } from './spatial.js'

export interface UnpoolOptions<P extends Sizes = Pair> {
  /** Default: the window's size. */
  stride?: P
  padding?: P
  /** The pooled image's size, or its shape: pooling maps several sizes to one. */
  outputSize?: Shape
}

function unpool(op: string, r: number, x: Tensor, indices: Tensor, size: Sizes, options: UnpoolOptions<Sizes>): Tensor {
  const spatial = spatialOf(op, x, r)
  checkDTypes(op, x)
  checkIndices(op, indices)
  if (!sameShape(x.shape, indices.shape))
    throw new ShapeError(`${op}: indices are ${show(indices.shape)}, values ${show(x.shape)}`)
  const kernel = sizesOf(op, 'window', size, r, 1)
  const stride = sizesOf(op, 'stride', options.stride ?? kernel, r, 1)
  const padding = sizesOf(op, 'padding', options.padding ?? 0, r, 0)
  const natural = spatial.map(
    (d, i) => (d - 1) * (stride[i] as number) - 2 * (padding[i] as number) + (kernel[i] as number),
  )
  const out = options.outputSize ? sizesOf(op, 'outputSize', options.outputSize.slice(-r), r, 1) : natural
  out.forEach((d, i) => {
    const [n, s] = [natural[i] as number, stride[i] as number]
    if (d < 1 || (options.outputSize && Math.abs(d - n) >= s))
      throw new ValueError(`${op}: size ${d} of axis ${i - r} is not between ${n - s} and ${n + s}, exclusive`)
  })
  const shape = withSpatial(x, out)
  // The kernel takes i64.
  const at = indices.dtype === 'i64' ? indices : (indices.to('i64') as Tensor)
  const y = make(op, OP.maxUnpool, x.dtype, shape, x, at, [r], numelOf(shape) * 0.5)
  if (needsGrad(x)) record(op, y, [x], [save(at)], (g, [at]) => [gatherMaxima(g, at as Tensor, r)])
  return y
}

/**
 * Values of x (n, c, l) or (c, l) at `indices` into the result, zeros elsewhere; of several values for one place the last stays,
 * and each gets that place's gradient. Definition: torch max_unpool1d.
 */
export function maxUnpool1d(x: Tensor, indices: Tensor, size: Single, options: UnpoolOptions<Single> = {}): Tensor {
  return unpool('maxUnpool1d', 1, x, indices, size, options)
}

/** The same of x (n, c, h, w) or (c, h, w), with indices into h * w of the result; see `maxUnpool1d`. */
export function maxUnpool2d(x: Tensor, indices: Tensor, size: Pair, options: UnpoolOptions = {}): Tensor {
  return unpool('maxUnpool2d', 2, x, indices, size, options)
}

/** The same of x (n, c, d, h, w) or (c, d, h, w), with indices into d * h * w of the result; see `maxUnpool1d`. */
export function maxUnpool3d(x: Tensor, indices: Tensor, size: Triple, options: UnpoolOptions<Triple> = {}): Tensor {
  return unpool('maxUnpool3d', 3, x, indices, size, options)
}
