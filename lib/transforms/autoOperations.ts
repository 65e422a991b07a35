/**
 * The operations of automatic augmentation, for batches in which every image has another one. Definitions: torchvision's, whose magnitudes
 * these are. Place in the whole: auto.ts draws operations, this file groups images by them and applies each group's at once; all that
 * move pixels are one group, as each has a matrix.
 */
import { adjustSharpness } from '../image/filters.js'
import { topOf } from '../image/images.js'
import { autocontrast, equalize, invert, posterize, solarize } from '../image/levels.js'
import { adjustBrightness, adjustContrast, adjustSaturation } from '../image/recolor.js'
import type { Tensor } from '../tensor/tensor.js'
import { byGroups, type ImageBatch } from './batch.js'
import { changed, type Matrix, type Size, type WarpChange, warpedRows } from './change.js'
import { affineMatrix } from './geometry.js'

export type MovingName = 'ShearX' | 'ShearY' | 'TranslateX' | 'TranslateY' | 'Rotate'
export type ColorName =
  | 'Brightness'
  | 'Color'
  | 'Contrast'
  | 'Sharpness'
  | 'Posterize'
  | 'Solarize'
  | 'AutoContrast'
  | 'Equalize'
  | 'Invert'
export type OperationName = 'Identity' | MovingName | ColorName

export interface Operation {
  readonly name: OperationName
  readonly magnitude: number
}

const degrees = (tangent: number): number => (Math.atan(tangent) * 180) / Math.PI

/** Pixels are shifted by whole numbers; shears keep the upper left corner. */
const MOVES: Readonly<Record<MovingName, (magnitude: number, size: Size) => Matrix>> = {
  ShearX: (m, size) => affineMatrix({ ...STILL, shear: [degrees(m), 0], center: [0, 0] }, size),
  ShearY: (m, size) => affineMatrix({ ...STILL, shear: [0, degrees(m)], center: [0, 0] }, size),
  TranslateX: (m, size) => affineMatrix({ ...STILL, translate: [Math.trunc(m), 0] }, size),
  TranslateY: (m, size) => affineMatrix({ ...STILL, translate: [0, Math.trunc(m)] }, size),
  Rotate: (m, size) => affineMatrix({ ...STILL, angle: -m }, size),
}
const STILL = { angle: 0, translate: [0, 0], scale: 1, shear: [0, 0], center: null } as const

const plusOne = (magnitudes: readonly number[]): number[] => magnitudes.map((m) => 1 + m)
const COLORS: Readonly<Record<ColorName, (x: Tensor, magnitudes: readonly number[]) => Tensor>> = {
  Brightness: (x, m) => adjustBrightness(x, plusOne(m)),
  Color: (x, m) => adjustSaturation(x, plusOne(m)),
  Contrast: (x, m) => adjustContrast(x, plusOne(m)),
  Sharpness: (x, m) => adjustSharpness(x, plusOne(m)),
  Posterize: (x, m) => posterize(x, m.map(Math.trunc)),
  Solarize: (x, m) =>
    solarize(
      x,
      m.map((v) => v * topOf(x)),
    ),
  AutoContrast: autocontrast,
  Equalize: equalize,
  Invert: invert,
}

/** Each image after its operation; boxes, masks and keypoints move with images that move. */
export function operated<A extends ImageBatch>(
  name: string,
  batch: A,
  operations: readonly Operation[],
  how: WarpChange,
): A {
  return changed(name, batch, (size) => {
    if (operations.every((o) => o.name === 'Identity')) return null
    const matrices = operations.map((o) => (o.name in MOVES ? MOVES[o.name as MovingName](o.magnitude, size) : null))
    const moved = warpedRows(name, size, matrices, how)
    const keys = operations.map((o): ColorName | 'move' | null =>
      o.name === 'Identity' ? null : o.name in MOVES ? 'move' : (o.name as ColorName),
    )
    const image = (x: Tensor): Tensor =>
      byGroups(name, x, keys, (part, rows, key) => {
        if (key === null) return part
        if (key === 'move')
          return warpedRows(
            name,
            size,
            rows.map((row) => matrices[row] as Matrix),
            how,
          ).image(part)
        return COLORS[key](
          part,
          rows.map((row) => (operations[row] as Operation).magnitude),
        )
      })
    return { ...moved, image }
  })
}
