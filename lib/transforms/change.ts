/**
 * A change of places, done to images, masks, boxes and keypoints alike. Place in the whole: geometric transforms say what moves where, by
 * a projective matrix for each image, and this file moves everything.
 */
import { DTypeError, ShapeError } from '../errors.js'
import { type Interpolation, warpAffine, warpPerspective } from '../image/warp.js'
import { add, div, sub } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { onesLike, tensor, zerosLike } from '../ops/creation.js'
import { concat, stack } from '../ops/join.js'
import { matmul } from '../ops/matmul.js'
import { amax, amin } from '../ops/reduce.js'
import { where } from '../ops/select.js'
import { clamp } from '../ops/unary.js'
import { narrow, reshape, select } from '../ops/views.js'
import { isFloating } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { type Fields, fieldsOf, type ImageBatch, onRows, withFields } from './batch.js'

export type Size = readonly [number, number]

/** Rows of a 3 x 3 matrix: from places of the result to places of the image, in pixels from the middle of each. */
export type Matrix = readonly number[]

export interface Change {
  /** Height and width of the result. */
  readonly size: Size
  /** Points (n, k, 2) of f64 in pixels of the image, at their places in the result. */
  points(x: Tensor): Tensor
  /** Images (n, c, h, w) of the result. */
  image(x: Tensor): Tensor
  /** Masks (n, k, h, w), u8 or floating-point, of the result: no value that was not there. */
  mask(x: Tensor): Tensor
}

/** A number for all channels, or one for each. */
export type Colour = number | readonly number[]

export interface WarpChange {
  readonly interpolation: Interpolation
  /** Colour of what lies outside of images, in the images' units. Default: zeros. */
  readonly fill?: Colour | undefined
  /** Value of masks outside. Default 0. */
  readonly maskFill?: number | undefined
  /** What lies outside. Default 'constant': the fill. */
  readonly padding?: PaddingMode | undefined
}

/** A colour, the outermost pixels again, or the image mirrored: at its outermost pixels, or at its edges, which repeats them. */
export type PaddingMode = 'constant' | 'edge' | 'reflect' | 'symmetric'
export const PADDING_MODES: readonly PaddingMode[] = ['constant', 'edge', 'reflect', 'symmetric']
const PADDINGS = { constant: 'zeros', edge: 'border', reflect: 'reflection', symmetric: 'reflection' } as const

/** The change of images of size `from` that are read through matrices. */
export function warped(from: Size, size: Size, matrices: readonly Matrix[], how: WarpChange): Change {
  const affine = matrices.every((m) => m[6] === 0 && m[7] === 0)
  const read = (x: Tensor, interpolation: Interpolation, fill: Colour | undefined): Tensor => {
    const { padding = 'constant' } = how
    // Mirrored at the pixels' middles: so, then, are places measured.
    const alignCorners = padding === 'reflect'
    const colour = padding === 'constant' ? (fill ?? null) : null
    const options = { size, interpolation, padding: PADDINGS[padding], fill: colour, alignCorners }
    const matrix = normalized(matrices, from, size, affine ? 2 : 3, alignCorners ? 1 : 0, x)
    return affine ? warpAffine(x, matrix, options) : warpPerspective(x, matrix, options)
  }
  return {
    size,
    points: (x) => moved(x, matrices, from, size),
    image: (x) => read(x, how.interpolation, how.fill),
    mask: (x) => read(x, 'nearest', how.maskFill),
  }
}

export const IDENTITY: Matrix = [1, 0, 0, 0, 1, 0, 0, 0, 1]

/** The change of images that keep their size; those without a matrix stay as they are, to the bit. */
export function warpedRows(name: string, size: Size, matrices: readonly (Matrix | null)[], how: WarpChange): Change {
  const moves = matrices.map((m) => m !== null)
  const through = (what: 'image' | 'mask', x: Tensor): Tensor =>
    onRows(name, x, moves, (some, rows) =>
      warped(
        size,
        size,
        rows.map((row) => matrices[row] as Matrix),
        how,
      )[what](some),
    )
  return {
    size,
    points: (x) =>
      moved(
        x,
        matrices.map((m) => m ?? IDENTITY),
        size,
        size,
      ),
    image: (x) => through('image', x),
    mask: (x) => through('mask', x),
  }
}

/** Matrices (n, rows, 3) between places from -1 to 1, as warpAffine takes them; sides are measured less `less` pixels. */
function normalized(
  matrices: readonly Matrix[],
  from: Size,
  to: Size,
  rows: 2 | 3,
  less: number,
  like: Tensor,
): Tensor {
  const values = new Float64Array(matrices.length * rows * 3)
  const [h, w] = from.map((d) => d - less) as [number, number]
  const [oh, ow] = to.map((d) => d - less) as [number, number]
  const outer = [w === 0 ? 0 : 2 / w, h === 0 ? 0 : 2 / h, 1]
  const inner = [ow / 2, oh / 2, 1]
  matrices.forEach((m, i) => {
    for (let k = 0; k < rows * 3; k++)
      values[i * rows * 3 + k] = (m[k] as number) * (outer[Math.floor(k / 3)] as number) * (inner[k % 3] as number)
  })
  const each = tensor(values, { shape: [matrices.length, rows, 3], dtype: 'f64', device: like.device }) as Tensor
  return matrices.length === 1 ? select(each, 0, 0) : each
}

/** The change done to all that a batch has. `change` is asked for once, with the images' size. */
export function changed<A extends ImageBatch>(
  name: string,
  batch: A,
  change: (size: Size, fields: Fields) => Change | null,
): A {
  const fields = checkedFields(name, batch)
  const { image, boxes, valid, masks, keypoints } = fields
  const [h, w] = image.shape.slice(2) as [number, number]
  const to = change([h, w], fields)
  if (to === null) return batch
  const result: { -readonly [K in keyof Fields]?: Fields[K] } = { image: to.image(image) }
  if (masks !== undefined) result.masks = changedMasks(masks, to)
  if (keypoints !== undefined && keypoints.numel > 0)
    result.keypoints = cast(to.points(cast(keypoints, 'f64')), keypoints.dtype)
  if (boxes !== undefined && boxes.numel > 0) {
    const hulls = cast(changedBoxes(boxes, to), boxes.dtype)
    result.boxes = valid === undefined ? hulls : where(reshape(valid, [...valid.shape, 1]), hulls, zerosLike(hulls))
  }
  return withFields(batch, result)
}

/** The fields of a batch, whose boxes, masks and keypoints fit the images. @throws as fieldsOf, for these too */
export function checkedFields(name: string, batch: ImageBatch): Fields {
  const fields = fieldsOf(name, batch)
  const { image, boxes, valid, masks, keypoints } = fields
  const [n, , h, w] = image.shape as [number, number, number, number]
  const points = (what: string, t: Tensor | undefined, last: number, words: string): void => {
    if (t === undefined) return
    if (!isFloating(t.dtype)) throw new DTypeError(`${name}: ${what} of ${t.dtype}; convert them with .to('f32')`)
    if (t.rank !== 3 || t.shape[0] !== n || t.shape[2] !== last)
      throw new ShapeError(
        `${name}: ${what} ${show(t.shape)} for ${n} images; they are (${n}, m, ${last}), each ${words}`,
      )
  }
  points('boxes', boxes, 4, 'x1, y1, x2, y2')
  points('keypoints', keypoints, 2, 'x, y')
  if (valid !== undefined && (valid.dtype !== 'bool' || show(valid.shape) !== show(boxes?.shape.slice(0, 2) ?? [n, 0])))
    throw new ShapeError(
      `${name}: valid is ${valid.dtype} ${show(valid.shape)}; it is bool (n, m), true for the boxes (n, m, 4) that are there`,
    )
  if (
    masks !== undefined &&
    ((masks.rank !== 3 && masks.rank !== 4) ||
      masks.shape[0] !== n ||
      masks.shape.at(-2) !== h ||
      masks.shape.at(-1) !== w)
  )
    throw new ShapeError(
      `${name}: masks ${show(masks.shape)} for ${n} images of ${h} x ${w}; they are (${n}, ${h}, ${w}) or (${n}, k, ${h}, ${w})`,
    )
  return fields
}

function changedMasks(masks: Tensor, to: Change): Tensor {
  const { dtype, rank, shape } = masks
  if (masks.numel === 0) return reshape(masks, [...shape.slice(0, -2), ...to.size])
  const layers = rank === 3 ? reshape(masks, [shape[0] as number, 1, ...shape.slice(1)]) : masks
  // Whole numbers up to 2^53 are exact in f64.
  const readable = dtype === 'u8' || isFloating(dtype) ? layers : cast(layers, dtype === 'bool' ? 'u8' : 'f64')
  return cast(reshape(to.mask(readable), [...shape.slice(0, -2), ...to.size]), dtype)
}

/** Points (n, k, 2) of images of size `from`, of f64, at their places in the result: one matrix for all images, or one for each. */
export function moved(points: Tensor, matrices: readonly Matrix[], from: Size, to: Size): Tensor {
  const values = Float64Array.from(matrices.flatMap(transposedInverse))
  const options = { dtype: 'f64', device: points.device } as const
  const forward = tensor(values, { shape: [matrices.length, 3, 3], ...options }) as Tensor
  const half = ([height, width]: Size): Tensor => tensor([width / 2, height / 2], options) as Tensor
  const p = sub(points, half(from))
  const q = matmul(concat([p, onesLike(narrow(p, 2, 0, 1))], 2), forward)
  return add(div(narrow(q, 2, 0, 2), narrow(q, 2, 2, 1)), half(to))
}

/** The hulls of the boxes' four corners (n, m, 4), as far as they lie in the result, of f64. */
function changedBoxes(boxes: Tensor, to: Change): Tensor {
  const [n, m] = boxes.shape as [number, number, number]
  const corners = [0, 1, 2, 1, 2, 3, 0, 3].map((i) => select(boxes, 2, i))
  const at = reshape(to.points(cast(reshape(stack(corners, 2), [n, m * 4, 2]), 'f64')), [n, m, 4, 2])
  const [height, width] = to.size
  const along = (axis: number, most: number): [Tensor, Tensor] => {
    const places = select(at, 3, axis)
    return [clamp(amin(places, [2]) as Tensor, 0, most), clamp(amax(places, [2]) as Tensor, 0, most)]
  }
  const [[x1, x2], [y1, y2]] = [along(0, width), along(1, height)]
  return stack([x1, y1, x2, y2], 2)
}

/**
 * The transposed inverse, up to a factor that division by the third coordinate cancels: the cofactors. Whole numbers stay exact.
 */
function transposedInverse(m: Matrix): number[] {
  const [a, b, c, d, e, f, g, h, i] = m as unknown as readonly [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  return [
    [e * i - f * h, f * g - d * i, d * h - e * g],
    [c * h - b * i, a * i - c * g, b * g - a * h],
    [b * f - c * e, c * d - a * f, a * e - b * d],
  ].flat()
}
