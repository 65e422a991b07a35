/**
 * Rotation, shear, scale, shift and perspective of images. Definitions: torchvision.transforms.v2.functional, in pixels: x to the right, y
 * downwards, angles in degrees. Place in the whole: matrices for warp.ts. A parameter may be one for each image, and a tensor, whose
 * gradients follow; with tensors the matrices are made by operators, else here.
 */
import { ShapeError, ValueError } from '../errors.js'
import * as binary from '../ops/binary.js'
import { clone } from '../ops/convert.js'
import { tensor } from '../ops/creation.js'
import { isTensor } from '../ops/emit.js'
import { tidy } from '../ops/indices.js'
import { stack } from '../ops/join.js'
import { rot90 } from '../ops/rearrange.js'
import { tan as tanOf } from '../ops/trig.js'
import { cos as cosOf, sin as sinOf } from '../ops/unary.js'
import { expand, reshape } from '../ops/views.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { asBatch, checkImages, type Parameter, type PerImage, parameterOf } from './images.js'
import { type Fill, type Interpolation, warpAffine, warpPerspective } from './warp.js'

export interface GeometryOptions {
  /** Default 'nearest', of `perspective` 'bilinear'. */
  interpolation?: Interpolation | undefined
  /** The colour of what lies outside. Default: zeros. */
  fill?: Fill | null | undefined
}

export interface RotateOptions extends GeometryOptions {
  /** Makes the result as large as the rotated image, for an angle that is one number. Default false. */
  expand?: boolean | undefined
  /** (x, y) in pixels from the upper left corner. Default: the middle. */
  center?: readonly [number, number] | undefined
}

export interface AffineOptions extends GeometryOptions {
  /** Degrees, clockwise. Default 0. */
  angle?: PerImage | undefined
  /** Pixels to the right and down. Default 0, 0. */
  translate?: readonly [PerImage, PerImage] | undefined
  /** Default 1. */
  scale?: PerImage | undefined
  /** Degrees along x and along y. Default 0, 0. */
  shear?: readonly [PerImage, PerImage] | undefined
  /** (x, y) in pixels from the upper left corner. Default: the middle. */
  center?: readonly [number, number] | undefined
}

// ---- arithmetic of parameters

type Two = (a: Parameter, b: Parameter) => Parameter
const both =
  (numbers: (a: number, b: number) => number, tensors: (a: Parameter, b: Parameter) => Tensor): Two =>
  (a, b) =>
    isTensor(a) || isTensor(b) ? tensors(a, b) : numbers(a, b)
const plus = both((a, b) => a + b, binary.add)
const minus = both((a, b) => a - b, binary.sub)
const times = both((a, b) => a * b, binary.mul)
const over = both((a, b) => a / b, binary.div)
const cos = (a: Parameter): Parameter => (isTensor(a) ? cosOf(a) : Math.cos(a))
const sin = (a: Parameter): Parameter => (isTensor(a) ? sinOf(a) : Math.sin(a))
const tan = (a: Parameter): Parameter => (isTensor(a) ? tanOf(a) : Math.tan(a))
const radians = (a: Parameter): Parameter => times(a, Math.PI / 180)

/** Rows of parameters as a matrix (rows, columns) of f64, or (n, rows, columns). */
function matrixOf(rows: readonly (readonly Parameter[])[], x: Tensor): Tensor {
  const all = rows.flat()
  const shape = [rows.length, rows[0]?.length as number]
  if (all.every((v) => typeof v === 'number'))
    return tensor(Float64Array.from(all), { shape, dtype: 'f64', device: x.device }) as Tensor
  const n = x.shape[0] as number
  const columns = all.map((v) =>
    isTensor(v) ? v : expand(tensor([v], { dtype: 'f64', device: x.device }) as Tensor, [n]),
  )
  return reshape(stack(columns, 1), [n, ...shape])
}

/**
 * The inverse of: shear, scale and rotate about the centre, then shift; from places of the result to places of the image, both in
 * pixels from their middles. The forward map without scale is [a b; c d] = R(angle) Y(shear y) X(shear x), of determinant 1.
 */
export function inverseAffine(
  angle: Parameter,
  [tx, ty]: readonly [Parameter, Parameter],
  scale: Parameter,
  shear: readonly [Parameter, Parameter],
  [cx, cy]: readonly [number, number],
): Parameter[][] {
  const turn = radians(angle)
  const [sx, sy] = shear.map(radians) as [Parameter, Parameter]
  const [less, along] = [minus(turn, sy), tan(sx)]
  const a = over(cos(less), cos(sy))
  const c = over(sin(less), cos(sy))
  const b = times(plus(times(a, along), sin(turn)), -1)
  const d = minus(cos(turn), times(c, along))
  const [x, y] = [plus(cx, tx), plus(cy, ty)]
  const row = (p: Parameter, q: Parameter, centre: number): Parameter[] => {
    const [u, v] = [over(p, scale), over(q, scale)]
    return [u, v, minus(minus(centre, times(u, x)), times(v, y))]
  }
  return [row(d, times(b, -1), cx), row(times(c, -1), a, cy)]
}

/** From pixels from the middles to places from -1 to 1. */
function normalized(rows: Parameter[][], x: Tensor, [oh, ow]: readonly [number, number]): Tensor {
  const [h, w] = x.shape.slice(-2) as [number, number]
  const out = [w, h]
  return matrixOf(
    rows.map((r, i) => r.map((v, k) => times(v, ([ow, oh, 2][k] as number) / (out[i] as number)))),
    x,
  )
}

/** Pixels from the middle of the image. */
function centreOf(name: string, center: readonly [number, number] | undefined, x: Tensor): [number, number] {
  if (center === undefined) return [0, 0]
  if (center.length !== 2 || !center.every(Number.isFinite))
    throw new ValueError(`${name}: center is (${center.join(', ')}); it is (x, y) in pixels`)
  const [h, w] = x.shape.slice(-2) as [number, number]
  return [center[0] - w / 2, center[1] - h / 2]
}

/** The size of a rotated image: the corners' extent, in whole pixels. Rounding errors of 1e-4 count as none, as in torchvision. */
function extentOf(rows: Parameter[][], [h, w]: readonly [number, number]): [number, number] {
  const along = (row: number, half: number): number => {
    const [a, b, shift] = rows[row] as [number, number, number]
    const at = [-1, 1].flatMap((u) => [-1, 1].map((v) => (a * u * w) / 2 + (b * v * h) / 2 + shift + half))
    const cut = (v: number): number => Math.trunc(v * 1e4) / 1e4
    return Math.ceil(cut(Math.max(...at))) - Math.floor(cut(Math.min(...at)))
  }
  return [along(1, h / 2), along(0, w / 2)]
}

/**
 * Images (..., c, h, w) rotated counterclockwise by `angle` degrees, one for all or for each image. Quarter turns about the middle move
 * pixels as they are. torchvision's `rotate`, but for the outermost ring of a bilinear image with a fill: what lies outside is the fill
 * colour, no more (torchvision weighs such pixels twice, which leaves a dark ring).
 *
 * @throws ValueError for `expand` with an angle for each image
 */
export function rotate(x: Tensor, angle: PerImage, options: RotateOptions = {}): Tensor {
  const { expand: grow = false, center, interpolation = 'nearest', fill } = options
  checkImages('rotate', x)
  if (grow && typeof angle !== 'number')
    throw new ValueError('rotate: expand gives images of a size of their own; the angle must be one number')
  const size = x.shape.slice(-2) as [number, number]
  if (typeof angle === 'number' && center === undefined) {
    const quarters = (((angle / 90) % 4) + 4) % 4
    if (quarters === 0) return clone(x)
    if (quarters === 2 || (Number.isInteger(quarters) && (grow || size[0] === size[1])))
      return rot90(x, quarters, [-2, -1])
  }
  return tidy(() =>
    asBatch(x, (images) => {
      const by = times(parameterOf('rotate', 'angle', angle, images), -1)
      const rows = inverseAffine(by, [0, 0], 1, [0, 0], centreOf('rotate', center, x))
      const out = grow ? extentOf(rows, size) : size
      return warpAffine(images, normalized(rows, images, out), { size: out, interpolation, fill })
    }),
  )
}

/**
 * Images (..., c, h, w) sheared, scaled and rotated about the centre, and shifted: torchvision's `affine`, which turns clockwise. Each
 * parameter is one for all or one for each image. See `rotate` for fill.
 *
 * @throws ValueError for a scale that is not positive
 */
export function affine(x: Tensor, options: AffineOptions = {}): Tensor {
  const { angle = 0, translate = [0, 0], scale = 1, shear = [0, 0], center, interpolation = 'nearest', fill } = options
  checkImages('affine', x)
  return tidy(() =>
    asBatch(x, (images) => {
      const of = (what: string, v: PerImage): Parameter => parameterOf('affine', what, v, images)
      const rows = inverseAffine(
        of('angle', angle),
        [of('translate', translate[0]), of('translate', translate[1])],
        parameterOf('affine', 'scale', scale, images, 'above 0', (v) => v > 0),
        [of('shear', shear[0]), of('shear', shear[1])],
        centreOf('affine', center, x),
      )
      const size = x.shape.slice(-2) as [number, number]
      return warpAffine(images, normalized(rows, images, size), { interpolation, fill })
    }),
  )
}

export type Corners = readonly (readonly [number, number])[]

/**
 * The coefficients (a ... h) for `perspective` that take each corner of `end` to the same one of `start`: a pixel (x, y) of the result is
 * read at ((a x + b y + c) / (g x + h y + 1), (d x + e y + f) / (g x + h y + 1)).
 *
 * @throws ValueError unless there are four corners each, no three of `end` on a line
 */
export function perspectiveCoefficients(start: Corners, end: Corners): number[] {
  const fine = [start, end].every((c) => c.length === 4 && c.every((p) => p.length === 2 && p.every(Number.isFinite)))
  if (!fine) throw new ValueError('perspectiveCoefficients: takes four corners (x, y) of the image and of the result')
  const rows = end.flatMap(([x, y], i) => {
    const [u, v] = start[i] as readonly [number, number]
    return [
      [x, y, 1, 0, 0, 0, -u * x, -u * y, u],
      [0, 0, 0, x, y, 1, -v * x, -v * y, v],
    ]
  })
  return solved(rows)
}

/** Gaussian elimination with row pivots: rows of a square matrix and, last in each, the right side. */
function solved(rows: number[][]): number[] {
  const n = rows.length
  for (let k = 0; k < n; k++) {
    let best = k
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i]?.[k] as number) > Math.abs(rows[best]?.[k] as number)) best = i
    const pivot = rows[best] as number[]
    rows[best] = rows[k] as number[]
    rows[k] = pivot
    if (Math.abs(pivot[k] as number) < 1e-12)
      throw new ValueError('perspectiveCoefficients: three corners of the result lie on a line')
    for (let i = 0; i < n; i++) {
      const row = rows[i] as number[]
      if (row === pivot) continue
      const factor = (row[k] as number) / (pivot[k] as number)
      for (let j = k; j <= n; j++) row[j] = (row[j] as number) - factor * (pivot[j] as number)
    }
  }
  return rows.map((row, k) => (row[n] as number) / (row[k] as number))
}

/**
 * Images (..., c, h, w) in perspective: `coefficients` as perspectiveCoefficients gives them, 8 numbers or, for each image, a tensor
 * (n, 8). torchvision's `perspective`; see `rotate` for fill.
 *
 * @throws ShapeError for another number of coefficients
 */
export function perspective(
  x: Tensor,
  coefficients: readonly number[] | Tensor,
  { interpolation = 'bilinear', fill }: GeometryOptions = {},
): Tensor {
  checkImages('perspective', x)
  return tidy(() =>
    asBatch(x, (images) => {
      const [n, h, w] = [images.shape[0] as number, ...x.shape.slice(-2)] as [number, number, number]
      const shape = isTensor(coefficients) ? coefficients.shape : [coefficients.length]
      if (shape.at(-1) !== 8 || shape.length > 2 || (shape.length === 2 && shape[0] !== n))
        throw new ShapeError(`perspective: coefficients ${show(shape)} for ${n} images; they are (8) or (${n}, 8)`)
      const k: Parameter[] = isTensor(coefficients)
        ? Array.from({ length: 8 }, (_, i) => expand(coefficients.to('f64').select(-1, i) as Tensor, [n]))
        : [...coefficients]
      const rows = [k.slice(0, 3), k.slice(3, 6), [...k.slice(6), 1]] as Parameter[][]
      // In pixels from the upper left corner, x = (u + 1) w / 2: both ways.
      const inner = rows.map(([p, q, r]) => {
        const [u, v] = [times(p as Parameter, w / 2), times(q as Parameter, h / 2)]
        return [u, v, plus(plus(u, v), r as Parameter)]
      })
      const below = inner[2] as Parameter[]
      const outer = [w, h].map((d, i) =>
        (inner[i] as Parameter[]).map((v, j) => minus(times(v, 2 / d), below[j] as Parameter)),
      )
      return warpPerspective(images, matrixOf([...outer, below], images), { interpolation, fill })
    }),
  )
}
