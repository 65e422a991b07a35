/**
 * Rotation, shear, scale, shift, perspective and mirroring by chance. Definitions: torchvision.transforms.v2; angles in degrees, places in
 * pixels. Place in the whole: matrices for change.ts, each image's from its own random numbers.
 */

import { known } from '../check.js'
import type { TransformContext } from '../data/transform.js'
import { ValueError } from '../errors.js'
import { horizontalFlip, verticalFlip } from '../image/crop.js'
import { type Corners, inverseAffine, perspectiveCoefficients } from '../image/geometry.js'
import type { Interpolation } from '../image/warp.js'
import { tensor } from '../ops/creation.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkContext, eachRow, type ImageTransform } from './batch.js'
import { type Colour, changed, IDENTITY, type Matrix, moved, type Size, warpedRows } from './change.js'
import { chance, interpolationOf, type Range, rangeAround, rangeOf, roundEven } from './options.js'

export interface WarpOptions {
  /** Default 'nearest', of randomPerspective 'bilinear'. Masks are read by 'nearest' always. */
  interpolation?: Interpolation
  /** The colour of what lies outside, in the images' units: a number, or one for each channel. Default 0. */
  fill?: Colour
  /** The value of masks outside. Default 0. */
  maskFill?: number
}
export const WARP = ['interpolation', 'fill', 'maskFill'] as const

export interface RotationOptions extends WarpOptions {
  /** (x, y) in pixels from the upper left corner. Default: the middle. */
  center?: readonly [number, number]
}

export interface AffineOptions extends RotationOptions {
  /** Degrees, from -degrees on for one number. */
  degrees: Range
  /** The largest shift along x and along y, as shares of the width and the height; shifts are whole pixels. Default: none. */
  translate?: readonly [number, number]
  /** [least, most]. Default: 1. */
  scale?: readonly [number, number]
  /** Degrees along x; with four numbers the range along x, then that along y. Default: none. */
  shear?: Range | readonly [number, number, number, number]
}

export interface PerspectiveOptions extends WarpOptions {
  /** How far corners move inwards, from 0 to 1. Default 0.5. */
  distortionScale?: number
  /** Default 0.5. */
  p?: number
}

export interface AffineParameters {
  angle: number
  translate: readonly [number, number]
  scale: number
  shear: readonly [number, number]
  /** (x, y) in pixels from the upper left corner; null: the middle. */
  center: readonly [number, number] | null
}

/** The matrix of torchvision's `affine`, which turns clockwise. */
export function affineMatrix({ angle, translate, scale, shear, center }: AffineParameters, [h, w]: Size): Matrix {
  const middle = center === null ? ([0, 0] as const) : ([center[0] - w / 2, center[1] - h / 2] as const)
  return [...(inverseAffine(angle, translate, scale, shear, middle) as number[][]).flat(), 0, 0, 1]
}

/** The matrix of `perspective`, whose coefficients (a ... h) are between places from the upper left corners. */
export function perspectiveMatrix(coefficients: readonly number[], [h, w]: Size): Matrix {
  const [x, y] = [w / 2, h / 2]
  const rows = [coefficients.slice(0, 3), coefficients.slice(3, 6), [...coefficients.slice(6), 1]]
  const [p, q, r] = rows.map(([a, b, c]) => [a, b, (a as number) * x + (b as number) * y + (c as number)] as number[])
  const below = (row: number[], by: number): number[] => row.map((v, i) => v - by * ((r as number[])[i] as number))
  return [...below(p as number[], x), ...below(q as number[], y), ...(r as number[])]
}

/** Each image turned counterclockwise by an angle between -degrees and degrees, or in [from, to]. The size stays. */
export function randomRotation(degrees: Range, options: RotationOptions = {}): ImageTransform {
  known('randomRotation', options, [...WARP, 'center'])
  const angles = rangeAround('randomRotation', 'degrees', degrees)
  const center = centerOf('randomRotation', options.center)
  return byMatrices('randomRotation', options, 'nearest', (random, size) => {
    const angle = -random.between(...angles)
    return affineMatrix({ angle, translate: [0, 0], scale: 1, shear: [0, 0], center }, size)
  })
}

/** Each image sheared, scaled and turned clockwise about its centre, and shifted. The size stays. */
export function randomAffine(options: AffineOptions): ImageTransform {
  const name = 'randomAffine'
  known(name, options, [...WARP, 'center', 'degrees', 'translate', 'scale', 'shear'])
  const angles = rangeAround(name, 'degrees', options.degrees)
  const center = centerOf(name, options.center)
  const most = options.translate
  if (most !== undefined && !(most.length === 2 && most.every((v) => v >= 0 && v <= 1)))
    throw new ValueError(`${name}: translate is [${most.join(', ')}]; it is two shares of the size from 0 to 1`)
  const scales = options.scale === undefined ? null : rangeOf(name, 'scale', options.scale)
  if (scales !== null && !(scales[0] > 0))
    throw new ValueError(`${name}: scale is [${scales.join(', ')}]; it is above 0`)
  const shears = shearsOf(name, options.shear)
  return byMatrices(name, options, 'nearest', (random, size) => {
    const angle = random.between(...angles)
    const shift = (share: number, d: number): number => roundEven(random.between(-share * d, share * d))
    const translate =
      most === undefined ? ([0, 0] as const) : ([shift(most[0], size[1]), shift(most[1], size[0])] as const)
    const scale = scales === null ? 1 : random.between(...scales)
    const [x, y] = shears.map((range) => (range === null ? 0 : random.between(...range))) as [number, number]
    return affineMatrix({ angle, translate, scale, shear: [x, y], center }, size)
  })
}

type Bounds = readonly [number, number]

function shearsOf(name: string, shear: AffineOptions['shear']): [Bounds | null, Bounds | null] {
  if (shear === undefined) return [null, null]
  if (typeof shear === 'number' || shear.length === 2) return [rangeAround(name, 'shear', shear), null]
  return [rangeOf(name, 'shear along x', [shear[0], shear[1]]), rangeOf(name, 'shear along y', [shear[2], shear[3]])]
}

/**
 * With chance p, each image with its four corners drawn inwards. Corners that no perspective has, as images of a few pixels may draw, are
 * drawn anew; after ten times the image stays as it is, and so do lines of pixels.
 */
export function randomPerspective(options: PerspectiveOptions = {}): ImageTransform {
  const name = 'randomPerspective'
  const { distortionScale = 0.5, p = 0.5 } = options
  known(name, options, [...WARP, 'distortionScale', 'p'])
  chance(name, p)
  if (!(distortionScale >= 0 && distortionScale <= 1))
    throw new ValueError(`${name}: distortionScale is ${distortionScale}; it is a number from 0 to 1`)
  return byMatrices(name, options, 'bilinear', (random, [h, w]) => {
    if (random.uniform() >= p || h < 2 || w < 2) return null
    const [y, x] = [h, w].map((d) => Math.floor(distortionScale * Math.floor(d / 2)) + 1) as [number, number]
    const far = (d: number, bound: number): number => d - bound + random.int(bound)
    const start: Corners = [
      [0, 0],
      [w - 1, 0],
      [w - 1, h - 1],
      [0, h - 1],
    ]
    for (let attempt = 0; attempt < 10; attempt++) {
      const end: Corners = [
        [random.int(x), random.int(y)],
        [far(w, x), random.int(y)],
        [far(w, x), far(h, y)],
        [random.int(x), far(h, y)],
      ]
      const coefficients = isConvex(end) ? coefficientsOf(start, end) : null
      if (coefficients !== null) return perspectiveMatrix(coefficients, [h, w])
    }
    return null
  })
}

/** null where there are none: where the horizon goes through the upper left corner. */
function coefficientsOf(start: Corners, end: Corners): number[] | null {
  try {
    return perspectiveCoefficients(start, end)
  } catch (error) {
    if (error instanceof ValueError) return null
    throw error
  }
}

/** Whether four corners, clockwise as seen with y downwards, turn the same way at each: else no perspective looks like that. */
function isConvex(corners: Corners): boolean {
  return corners.every(([x, y], i) => {
    const [u, v] = corners[(i + 1) % 4] as readonly [number, number]
    const [s, t] = corners[(i + 2) % 4] as readonly [number, number]
    return (u - x) * (t - v) - (v - y) * (s - u) > 0
  })
}

/** Each image through a matrix of its own; where `draw` gives null, the image stays as it is. */
function byMatrices(
  name: string,
  { interpolation, fill, maskFill }: WarpOptions,
  usual: Interpolation,
  draw: (random: ReturnType<TransformContext['random']>, size: Size) => Matrix | null,
): ImageTransform {
  const how = { interpolation: interpolationOf(name, interpolation ?? usual), fill, maskFill }
  return (batch, context) =>
    changed(name, batch, (size, { image }) => {
      checkContext(name, context, image.shape[0] as number)
      const drawn = eachRow(context, (random) => draw(random, size))
      if (drawn.every((m) => m === null)) return null
      return warpedRows(name, size, drawn, how)
    })
}

/** With chance p (default 0.5), left and right exchanged. */
export function randomHorizontalFlip({ p = 0.5, ...rest }: { p?: number } = {}): ImageTransform {
  known('randomHorizontalFlip', rest, ['p'])
  return mirrored('randomHorizontalFlip', p, horizontalFlip, [-1, 0, 0, 0, 1, 0, 0, 0, 1])
}

/** With chance p (default 0.5), upside down. */
export function randomVerticalFlip({ p = 0.5, ...rest }: { p?: number } = {}): ImageTransform {
  known('randomVerticalFlip', rest, ['p'])
  return mirrored('randomVerticalFlip', p, verticalFlip, [1, 0, 0, 0, -1, 0, 0, 0, 1])
}

function mirrored(name: string, p: number, flip: typeof horizontalFlip, matrix: Matrix): ImageTransform {
  chance(name, p)
  return (batch, context) =>
    changed(name, batch, (size, { image }) => {
      checkContext(name, context, image.shape[0] as number)
      const which = eachRow(context, (random) => random.uniform() < p)
      if (!which.includes(true)) return null
      const some = (x: Tensor): Tensor =>
        flip(x, tensor(Uint8Array.from(which, Number), { dtype: 'bool', device: x.device }) as Tensor)
      const matrices = which.map((yes) => (yes ? matrix : IDENTITY))
      return { size, points: (x) => moved(x, matrices, size, size), image: some, mask: some }
    })
}

function centerOf(name: string, center: readonly [number, number] | undefined): readonly [number, number] | null {
  if (center === undefined) return null
  if (center.length !== 2 || !center.every(Number.isFinite))
    throw new ValueError(`${name}: center is (${center.join(', ')}); it is (x, y) in pixels`)
  return center
}
