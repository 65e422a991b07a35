/**
 * Images read through affine and projective maps. The map is evaluated while the image is read: no grid of coordinates exists,
 * unless a gradient by the matrix is asked for. Definitions: gridSample of affineGrid (Jaderberg et al. 2015), homographies as
 * Hartley and Zisserman, "Multiple View Geometry", 2.3.
 */
import { needsGrad, record, save } from '../autograd/node.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { add, div, mul, sub } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { onesLike, tensor } from '../ops/creation.js'
import { isTensor, makeMany } from '../ops/emit.js'
import { affineGrid, gridSample } from '../ops/grid.js'
import { indexSelect } from '../ops/indexing.js'
import { tidy } from '../ops/indices.js'
import { expand, narrow, reshape } from '../ops/views.js'
import { isFloating } from '../tensor/dtype.js'
import { numelOf, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { asBatch, checkImages } from './images.js'

export type Interpolation = 'bilinear' | 'nearest' | 'bicubic'
/** A colour: one number for all channels, one for each (c), or a tensor () or (c) or, for each image, (n, c). */
export type Fill = number | readonly number[] | Tensor

export interface WarpOptions {
  /** Height and width of the result. Default: the image's. */
  size?: readonly [number, number] | undefined
  /** Default 'bilinear'. */
  interpolation?: Interpolation | undefined
  /** What lies outside: zeros (default), the border's pixels, or the image mirrored. */
  padding?: 'zeros' | 'border' | 'reflection' | undefined
  /** The colour of what lies outside, in place of zeros. */
  fill?: Fill | null | undefined
  /** -1 and 1 are the centres of the corner pixels, not their outer edges. Default false. */
  alignCorners?: boolean | undefined
}

const MODES = ['bilinear', 'nearest', 'bicubic'] as const
const PADDINGS = ['zeros', 'border', 'reflection'] as const

/**
 * Images (..., c, h, w) through affine maps: matrix (2, 3), or (n, 2, 3) with one for each image, takes places (x, y, 1) of the result
 * to places of the image, both from -1 to 1. The result (..., c, oh, ow) is what `gridSample(x, affineGrid(matrix, ...))` gives, of the
 * image's dtype: bytes are rounded to the nearest, ties to even, after interpolation. Where a pixel mixes what lies inside with what
 * lies outside, `fill` counts as the colour out there. u8 and floating-point images; differentiable any number of times by images
 * of floating-point numbers and, then, by matrices.
 *
 * @throws ShapeError for a matrix or fill that does not fit, images without pixels
 * @throws ValueError for unknown modes, and fill with another padding than 'zeros'
 */
export function warpAffine(x: Tensor, matrix: Tensor, options: WarpOptions = {}): Tensor {
  return warpImages('warpAffine', 2, x, matrix, options)
}

/**
 * `warpAffine` with homographies: matrix (3, 3) or (n, 3, 3) takes (x, y, 1) to (x w, y w, w). Where w is 0 nothing is read.
 */
export function warpPerspective(x: Tensor, matrix: Tensor, options: WarpOptions = {}): Tensor {
  return warpImages('warpPerspective', 3, x, matrix, options)
}

function warpImages(name: string, rows: 2 | 3, x: Tensor, matrix: Tensor, options: WarpOptions): Tensor {
  const { interpolation = 'bilinear', padding = 'zeros', fill = null, alignCorners = false } = options
  checkImages(name, x)
  if (!MODES.includes(interpolation))
    throw new ValueError(`${name}: interpolation '${interpolation}' is not one of ${MODES.join(', ')}`)
  if (!PADDINGS.includes(padding))
    throw new ValueError(`${name}: padding '${padding}' is not one of ${PADDINGS.join(', ')}`)
  if (fill !== null && padding !== 'zeros')
    throw new ValueError(`${name}: fill is the colour in place of zeros; padding '${padding}' needs none`)
  if (!isFloating(matrix.dtype))
    throw new DTypeError(`${name}: a matrix of ${matrix.dtype}; it is of floating-point numbers`)
  if (x.shape.slice(-2).includes(0)) throw new ShapeError(`${name}: ${show(x.shape)} has no pixels to read`)
  const size = options.size ?? (x.shape.slice(-2) as [number, number])
  if (size.length !== 2 || size.some((d) => !Number.isInteger(d) || d < 1))
    throw new ShapeError(`${name}: size (${size.join(', ')}); a height and a width of at least 1 are needed`)
  return tidy(() =>
    asBatch(x, (images) => {
      const n = images.shape[0] as number
      const fits =
        (matrix.rank === 2 || (matrix.rank === 3 && (matrix.shape[0] === n || matrix.shape[0] === 1))) &&
        matrix.shape.at(-2) === rows &&
        matrix.shape.at(-1) === 3
      if (!fits)
        throw new ShapeError(
          `${name}: a matrix ${show(matrix.shape)} for ${n} images; it is (${rows}, 3) or (${n}, ${rows}, 3)`,
        )
      const rule: Rule = { interpolation, padding, alignCorners, size }
      const each = expand(matrix, [n, rows, 3])
      const colour = fill === null ? null : colourOf(name, fill, images)
      return needsGrad(matrix) && isFloating(x.dtype)
        ? composed(images, each, colour, rule)
        : warp(images, each, colour, rule)
    }),
  )
}

interface Rule {
  interpolation: Interpolation
  padding: (typeof PADDINGS)[number]
  alignCorners: boolean
  size: readonly [number, number]
}

/** (n, c), in the precision of the images. */
function colourOf(name: string, fill: Fill, x: Tensor): Tensor {
  const [n, c] = x.shape as [number, number]
  const dtype = x.dtype === 'f64' ? 'f64' : 'f32'
  const t: Tensor = isTensor(fill)
    ? cast(fill, dtype)
    : (tensor(typeof fill === 'number' ? [fill] : [...fill], { dtype, device: x.device }) as Tensor)
  const fits =
    t.rank <= 1
      ? t.numel === 1 || t.numel === c
      : t.rank === 2 && t.shape[0] === n && (t.shape[1] === c || t.shape[1] === 1)
  if (!fits)
    throw new ShapeError(
      `${name}: a fill of ${show(t.shape)} for ${n} images of ${c} channels; it is a number, (c) or (n, c)`,
    )
  return expand(t, [n, c])
}

const attributesOf = (r: Rule): number[] => [
  MODES.indexOf(r.interpolation),
  PADDINGS.indexOf(r.padding),
  r.alignCorners ? 1 : 0,
]
/** Nanoseconds of a pixel and its channels. */
const costOf = (shape: Shape, r: Rule): number =>
  numelOf(shape) * (r.interpolation === 'bicubic' ? 6 : 1) + (numelOf(shape) / Math.max(1, shape[1] as number)) * 2

/** x (n, c, h, w) -> (n, c, ...size). */
function warp(x: Tensor, matrix: Tensor, fill: Tensor | null, rule: Rule): Tensor {
  const shape = [...x.shape.slice(0, 2), ...rule.size]
  const y = makeMany(
    'warp',
    OP.warp,
    [{ dtype: x.dtype, shape }],
    [x, matrix, fill],
    attributesOf(rule),
    costOf(shape, rule),
  )[0] as Tensor
  if (needsGrad(x)) {
    const from = x.shape.slice(2) as [number, number]
    record('warp', y, [x], [save(matrix)], (g, [matrix]) => [warpBack(g, matrix as Tensor, from, rule)])
  }
  return y
}

/** The adjoint: g (n, c, ...rule.size) -> (n, c, ...size). */
function warpBack(g: Tensor, matrix: Tensor, size: readonly [number, number], rule: Rule): Tensor {
  const shape = [...g.shape.slice(0, 2), ...size]
  const y = makeMany(
    'warp',
    OP.warpTransposed,
    [{ dtype: g.dtype, shape }],
    [g, matrix],
    attributesOf(rule),
    2 * costOf(g.shape, rule),
  )[0] as Tensor
  if (needsGrad(g)) record('warp', y, [g], [save(matrix)], (gg, [matrix]) => [warp(gg, matrix as Tensor, null, rule)])
  return y
}

/** Of differentiable operators, with a grid: for gradients by the matrix. */
function composed(x: Tensor, matrix: Tensor, fill: Tensor | null, rule: Rule): Tensor {
  const real = cast(x, x.dtype === 'f64' ? 'f64' : 'f32')
  const size = [...x.shape.slice(0, 2), ...rule.size]
  const { alignCorners, interpolation: mode, padding: paddingMode } = rule
  const lines = (rows: readonly number[]): Tensor =>
    affineGrid(indexSelect(matrix, 1, tensor(Int32Array.from(rows), { device: x.device })), size, { alignCorners })
  const numerators = lines([0, 1])
  const grid = cast(matrix.shape[1] === 3 ? div(numerators, lines([2, 2])) : numerators, real.dtype)
  const options = { mode, paddingMode, alignCorners }
  let y = gridSample(real, grid, options)
  if (fill !== null) {
    const covered = gridSample(onesLike(narrow(real, 1, 0, 1)), grid, options)
    y = add(y, mul(sub(1, covered), reshape(fill, [...fill.shape, 1, 1])))
  }
  return cast(y, x.dtype)
}
