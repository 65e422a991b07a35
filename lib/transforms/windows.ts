/**
 * Parts of images, and images within larger ones. Place in the whole: changes (change.ts) that move pixels by whole numbers; crops and
 * padding are made of them.
 */
import { ValueError } from '../errors.js'
import { narrow } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import {
  type Change,
  type Colour,
  type Matrix,
  moved,
  PADDING_MODES,
  type PaddingMode,
  type Size,
  warped,
} from './change.js'
import { oneOf } from './options.js'

/** Where a part begins, in pixels of the image; it may begin before the image. */
export interface Start {
  readonly top: number
  readonly left: number
}

export interface PaddingOptions {
  /** The colour around images, in their units: a number, or one for each channel; for 'constant' only. Default 0. */
  fill?: Colour
  /** The value around masks, for 'constant'. Default 0. */
  maskFill?: number
  /** 'constant' (default); 'edge' repeats the outermost pixels; 'reflect' and 'symmetric' mirror without and with them. */
  paddingMode?: PaddingMode
}
export const PADDING = ['fill', 'maskFill', 'paddingMode'] as const

/** One number for all sides, [left and right, top and bottom], or [left, top, right, bottom], in pixels. */
export type Padding = number | readonly [number, number] | readonly [number, number, number, number]

export interface Sides {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** @throws ValueError unless they are whole numbers of at least 0 */
export function sidesOf(name: string, padding: Padding): Sides {
  const list: readonly number[] = typeof padding === 'number' ? [padding] : padding
  if (![1, 2, 4].includes(list.length) || !list.every((v) => Number.isInteger(v) && v >= 0))
    throw new ValueError(
      `${name}: padding is [${list.join(', ')}]; it is one, two or four whole numbers of pixels (all sides; x, y; left, top, right, bottom)`,
    )
  const [left, top = left, right = left, bottom = top] = list as [number, number?, number?, number?]
  return { left, top, right, bottom }
}

/** @throws ValueError for an unknown mode, and a fill with a mode that has no use for it */
export function checkPadding(name: string, { fill, maskFill, paddingMode = 'constant' }: PaddingOptions): void {
  oneOf(name, 'paddingMode', paddingMode, PADDING_MODES)
  if (paddingMode !== 'constant' && (fill ?? maskFill) !== undefined)
    throw new ValueError(
      `${name}: paddingMode '${paddingMode}' takes its colours from the images; leave fill and maskFill out`,
    )
}

/** Parts of `size` of images of size `from`: one start for all, or one for each. */
export function windowed(from: Size, size: Size, starts: readonly Start[], options: PaddingOptions = {}): Change {
  const [h, w] = from
  const [oh, ow] = size
  const matrices = starts.map(({ top, left }): Matrix => [1, 0, left + (ow - w) / 2, 0, 1, top + (oh - h) / 2, 0, 0, 1])
  const { fill, maskFill, paddingMode: padding } = options
  const [first] = starts
  const { top, left } = first as Start
  const inside = starts.length === 1 && top >= 0 && left >= 0 && top + oh <= h && left + ow <= w
  if (!inside) return warped(from, size, matrices, { interpolation: 'nearest', fill, maskFill, padding })
  const part = (x: Tensor): Tensor => narrow(narrow(x, 2, top, oh), 3, left, ow)
  return { size, points: (x) => moved(x, matrices, from, size), image: part, mask: part }
}

/** Where a part in the middle begins along one axis, as torchvision rounds: what is too small lies in the middle of the part. */
export function middleStart(whole: number, part: number, round: (v: number) => number): number {
  return part > whole ? -Math.floor((part - whole) / 2) : round((whole - part) / 2)
}
