/** Checks of what transforms are made with. Place in the whole: every factory of lib/transforms begins with some of them. */

import { whole as checkWhole, probability } from '../check.js'
import { ValueError } from '../errors.js'
import type { Interpolation } from '../image/warp.js'

/** A number, or two that bound a range. */
export type Range = number | readonly [number, number]

/** @throws ValueError unless lo <= hi, both from `least` to `most` */
export function rangeOf(
  name: string,
  what: string,
  value: readonly [number, number],
  least: number = -Infinity,
  most: number = Infinity,
): readonly [number, number] {
  const fine =
    Array.isArray(value) && value.length === 2 && value.every((v) => Number.isFinite(v) && v >= least && v <= most)
  if (!fine || value[0] > value[1]) {
    const bounds = least === -Infinity && most === Infinity ? '' : ` from ${least} to ${most}`
    throw new ValueError(`${name}: ${what} is ${shown(value)}; it is [lowest, highest], two finite numbers${bounds}`)
  }
  return value
}

/** A number as the range of its distance around a middle. @throws ValueError for negative numbers and wrong ranges */
export function rangeAround(
  name: string,
  what: string,
  value: Range,
  middle = 0,
  least: number = -Infinity,
  most: number = Infinity,
): readonly [number, number] {
  if (typeof value !== 'number') return rangeOf(name, what, value, least, most)
  if (!(value >= 0))
    throw new ValueError(
      `${name}: ${what} is ${value}; one number is at least 0, and stands for a range around ${middle}`,
    )
  return rangeOf(name, what, [least === 0 ? Math.max(0, middle - value) : middle - value, middle + value], least, most)
}

/** @throws ValueError unless 0 < lo <= hi */
export function positiveRange(name: string, what: string, value: readonly [number, number]): readonly [number, number] {
  const range = rangeOf(name, what, value)
  if (!(range[0] > 0)) throw new ValueError(`${name}: ${what} is ${shown(value)}; both are above 0`)
  return range
}

/** Height and width; one number is both. @throws ValueError unless they are whole and at least 1 */
export function sizeOf(name: string, size: number | readonly [number, number]): readonly [number, number] {
  const both = typeof size === 'number' ? ([size, size] as const) : size
  if (!(Array.isArray(both) && both.length === 2 && both.every((d) => Number.isInteger(d) && d >= 1)))
    throw new ValueError(`${name}: size is ${shown(size)}; it is a whole number, or [height, width], at least 1`)
  return both as readonly [number, number]
}

/** @throws ValueError unless it is one of the words */
export function oneOf<W extends string>(name: string, what: string, value: W, words: readonly W[]): W {
  if (!words.includes(value))
    throw new ValueError(`${name}: ${what} is '${String(value)}'; it is one of ${words.join(', ')}`)
  return value
}

/** @throws ValueError unless it is one that images are read by */
export function interpolationOf(name: string, interpolation: Interpolation): Interpolation {
  return oneOf(name, 'interpolation', interpolation, ['bilinear', 'nearest', 'bicubic'])
}

export function chance(name: string, p: number): number {
  probability(name, 'p', p)
  return p
}

/** @throws ValueError unless it is a whole number of at least `least` */
export function whole(name: string, what: string, value: number, least: number): number {
  checkWhole(name, { [what]: value }, least)
  return value
}

/** To the nearest whole number, ties to the even one, as Python rounds. */
export function roundEven(v: number): number {
  const low = Math.floor(v)
  if (v - low !== 0.5) return Math.round(v)
  return low % 2 === 0 ? low : low + 1
}

const shown = (v: unknown): string => (Array.isArray(v) ? `[${v.join(', ')}]` : String(v))
