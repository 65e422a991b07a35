// Which detection is which box. Place in the whole: what detection.ts counts. Definition: COCO's (pycocotools): by falling score each detection takes
// the free box that it overlaps most, if enough; boxes outside a range of areas count neither way, and are taken only where none inside is.
import { descending } from './values.js'

/** Corners (x0, y0, x1, y1), in pixels. */
export type BoxCorners = readonly [number, number, number, number]

const areaOf = ([x0, y0, x1, y1]: BoxCorners): number => Math.max(x1 - x0, 0) * Math.max(y1 - y0, 0)

/** Intersection over union of two boxes; 0 where both are empty. */
export function boxIou(a: BoxCorners, b: BoxCorners): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0])
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1])
  const common = Math.max(width, 0) * Math.max(height, 0)
  const union = areaOf(a) + areaOf(b) - common
  return union === 0 ? 0 : common / union
}

/** Square pixels: from, up to. */
export type AreaRange = readonly [number, number]

/** The boxes of one class in one image, detections in falling order of score. */
export interface Pairing {
  readonly scores: readonly number[]
  readonly areas: readonly number[]
  readonly trueAreas: readonly number[]
  /** Row d, column t: how far detection d and box t overlap. */
  readonly overlaps: Float64Array
}

export function pair(
  detections: readonly { readonly box: BoxCorners; readonly score: number }[],
  truths: readonly { readonly box: BoxCorners }[],
  most: number,
): Pairing {
  const order = descending(detections.map(({ score }) => score)).subarray(0, most)
  const found = Array.from(order, (i) => detections[i] as (typeof detections)[number])
  const overlaps = new Float64Array(found.length * truths.length)
  for (const [d, { box }] of found.entries())
    for (const [t, truth] of truths.entries()) overlaps[d * truths.length + t] = boxIou(box, truth.box)
  return {
    scores: found.map(({ score }) => score),
    areas: found.map(({ box }) => areaOf(box)),
    trueAreas: truths.map(({ box }) => areaOf(box)),
    overlaps,
  }
}

export const Outcome = { wrong: 0, right: 1, ignored: 2 } as const

/** What became of each detection, and how many boxes there were to be found. */
export function match(
  { areas, trueAreas, overlaps }: Pairing,
  threshold: number,
  [from, to]: AreaRange,
): { outcomes: Uint8Array; boxes: number } {
  const outside = (area: number): boolean => area < from || area > to
  const inside = trueAreas.flatMap((area, t) => (outside(area) ? [] : [t]))
  const beside = trueAreas.flatMap((area, t) => (outside(area) ? [t] : []))
  const taken = new Uint8Array(trueAreas.length)
  const outcomes = new Uint8Array(areas.length)
  for (let d = 0; d < areas.length; d++) {
    // The last of those that overlap most.
    const best = (among: readonly number[]): number => {
      let most = Math.min(threshold, 1 - 1e-10)
      let at = -1
      for (const t of among) {
        const overlap = overlaps[d * trueAreas.length + t] as number
        if (taken[t] !== 0 || overlap < most) continue
        most = overlap
        at = t
      }
      return at
    }
    const right = best(inside)
    const other = right >= 0 ? -1 : best(beside)
    if (right >= 0 || other >= 0) taken[Math.max(right, other)] = 1
    if (right >= 0) outcomes[d] = Outcome.right
    else outcomes[d] = other >= 0 || outside(areas[d] as number) ? Outcome.ignored : Outcome.wrong
  }
  return { outcomes, boxes: inside.length }
}
