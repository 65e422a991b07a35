/** Sliding windows as columns and back; exchanges between channels and space. */
import { needsGrad, record } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import type { DType } from '../tensor/dtype.js'
import { numelOf, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkDTypes } from './conv.js'
import { make } from './emit.js'
import { checkReach, type Pair, sizesOf, spatialOf } from './spatial.js'
import { permute, reshape, squeeze, unsqueeze } from './views.js'

export interface FoldOptions {
  /** Distance of the window's elements. */
  dilation?: Pair
  /** Zeros around the image. */
  padding?: Pair
  stride?: Pair
}

/** Windows over images (n, c, h, w), and these as columns (n, c * kh * kw, number of windows). */
interface Sliding {
  readonly image: Shape
  readonly columns: Shape
  readonly attributes: readonly number[]
}

function slidingOf(op: string, image: Shape, size: Pair, options: FoldOptions): Sliding {
  const kernel = sizesOf(op, 'window', size, 2, 1)
  const dilation = sizesOf(op, 'dilation', options.dilation ?? 1, 2, 1)
  const padding = sizesOf(op, 'padding', options.padding ?? 0, 2, 0)
  const stride = sizesOf(op, 'stride', options.stride ?? 1, 2, 1)
  const reaches = kernel.map((k, i) => (dilation[i] as number) * (k - 1) + 1)
  checkReach(op, reaches, padding)
  const windows = reaches.map((reach, i) => {
    const room = (image[2 + i] as number) + 2 * (padding[i] as number) - reach
    if (room < 0)
      throw new ShapeError(
        `${op}: a window of ${reach} exceeds the image ${show(image.slice(2))} with padding ${padding[i]}`,
      )
    return Math.floor(room / (stride[i] as number)) + 1
  })
  const columns = [image[0] as number, (image[1] as number) * numelOf(kernel), numelOf(windows)]
  return { image, columns, attributes: [...kernel, ...dilation, ...padding, ...stride] }
}

function toColumns(s: Sliding, x: Tensor): Tensor {
  const y = make('unfold', OP.unfold, x.dtype, s.columns, x, null, s.attributes, numelOf(s.columns) * 0.3)
  if (needsGrad(x)) record('unfold', y, [x], null, (g) => [fromColumns(s, g)])
  return y
}

function fromColumns(s: Sliding, x: Tensor): Tensor {
  const y = make('fold', OP.fold, x.dtype, s.image, x, null, s.attributes, x.numel * 0.4)
  if (needsGrad(x)) record('fold', y, [x], null, (g) => [toColumns(s, g)])
  return y
}

/**
 * Every window of x (n, c, h, w) or (c, h, w) as a column: (n, c * kh * kw, number of windows). Definition:
 * torch.nn.functional.unfold. (`unfoldAxis` has the windows along one axis as a view.)
 */
export function unfold(x: Tensor, size: Pair, options: FoldOptions = {}): Tensor {
  spatialOf('unfold', x, 2)
  checkDTypes('unfold', x)
  if (x.rank === 3) return squeeze(unfold(unsqueeze(x, 0), size, options), 0)
  return toColumns(slidingOf('unfold', x.shape, size, options), x)
}

/**
 * Images (n, c, h, w) of `outputSize` from columns x (n, c * kh * kw, number of windows), or (c, h, w) from x without n: what
 * windows share is added. Definition: torch.nn.functional.fold.
 *
 * @throws ShapeError when the columns are not as many as the windows, or the channels do not divide by the window's elements.
 */
export function fold(x: Tensor, outputSize: Pair, size: Pair, options: FoldOptions = {}): Tensor {
  if (x.rank !== 2 && x.rank !== 3)
    throw new ShapeError(`fold: takes columns (n, c*kh*kw, windows) or (c*kh*kw, windows), got ${show(x.shape)}`)
  checkDTypes('fold', x)
  if (x.rank === 2) return squeeze(fold(unsqueeze(x, 0), outputSize, size, options), 0)
  const [n, rows, columns] = x.shape as readonly [number, number, number]
  const elements = numelOf(sizesOf('fold', 'window', size, 2, 1))
  if (rows % elements !== 0)
    throw new ShapeError(`fold: ${rows} rows of ${show(x.shape)} do not divide by the window's ${elements} elements`)
  const image = [n, rows / elements, ...sizesOf('fold', 'outputSize', outputSize, 2, 1)]
  const s = slidingOf('fold', image, size, options)
  if (s.columns[2] !== columns)
    throw new ShapeError(`fold: ${show(x.shape)} has ${columns} columns, the image ${s.columns[2]} windows`)
  return fromColumns(s, x)
}

function factorOf(op: string, name: string, factor: number): void {
  if (!Number.isInteger(factor) || factor < 1)
    throw new ValueError(`${op}: ${name} ${factor} is not a positive integer`)
}

/**
 * Channels of x (n, c, ...) dealt out: seen as (groups, c / groups), the two exchanged (Zhang et al. 2017). Definition:
 * torch.nn.functional.channel_shuffle.
 */
export function channelShuffle<D extends DType>(x: Tensor<D>, groups: number): Tensor<D> {
  factorOf('channelShuffle', 'groups', groups)
  const [n, c] = x.shape as readonly [number, number]
  if (x.rank < 3 || c % groups !== 0)
    throw new ShapeError(`channelShuffle: the channels of ${show(x.shape)} do not divide into ${groups} groups`)
  const rest = numelOf(x.shape.slice(2))
  return reshape(permute(reshape(x, [n, groups, c / groups, rest]), [0, 2, 1, 3]), x.shape)
}

/** (..., c * f * f, h, w) -> (..., c, h * f, w * f) (Shi et al. 2016). Definition: torch.nn.functional.pixel_shuffle. */
export function pixelShuffle<D extends DType>(x: Tensor<D>, factor: number): Tensor<D> {
  factorOf('pixelShuffle', 'factor', factor)
  const [channels, h, w] = x.shape.slice(-3) as [number, number, number]
  if (x.rank < 3 || channels % (factor * factor) !== 0)
    throw new ShapeError(`pixelShuffle: the channels of ${show(x.shape)} do not divide by ${factor} * ${factor}`)
  const lead = x.shape.slice(0, -3)
  const [n, c] = [numelOf(lead), channels / (factor * factor)]
  const y = permute(reshape(x, [n, c, factor, factor, h, w]), [0, 1, 4, 2, 5, 3])
  return reshape(y, [...lead, c, h * factor, w * factor])
}

/** (..., c, h * f, w * f) -> (..., c * f * f, h, w): undoes `pixelShuffle`. Definition: torch.nn.functional.pixel_unshuffle. */
export function pixelUnshuffle<D extends DType>(x: Tensor<D>, factor: number): Tensor<D> {
  factorOf('pixelUnshuffle', 'factor', factor)
  const [c, height, width] = x.shape.slice(-3) as [number, number, number]
  if (x.rank < 3 || height % factor !== 0 || width % factor !== 0)
    throw new ShapeError(`pixelUnshuffle: the planes of ${show(x.shape)} do not divide by ${factor}`)
  const lead = x.shape.slice(0, -3)
  const [n, h, w] = [numelOf(lead), height / factor, width / factor]
  const y = permute(reshape(x, [n, c, h, factor, w, factor]), [0, 1, 3, 5, 2, 4])
  return reshape(y, [...lead, c * factor * factor, h, w])
}
