/** What geometric transforms draw: ranges and frequencies, read off the places that keypoints move to. */
import { expect, test } from 'vitest'
import { transformContext } from '#lib/data/index.js'
import { type Tensor, tensor } from '#lib/index.js'
import * as T from '#lib/transforms/index.js'
import { numbers } from '../helpers/compare.js'

const N = 600
const [H, W] = [20, 30]
const context = transformContext({ indices: Array.from({ length: N }, (_, i) => i), seed: 8 })

/** Of each image, where the points went. */
function moved(transform: T.ImageTransform, points: readonly (readonly [number, number])[]): [number, number][][] {
  const image = tensor(new Uint8Array(N * H * W), { shape: [N, 1, H, W] }) as Tensor
  const list = Array.from({ length: N }, () => points.flat()).flat()
  const keypoints = tensor(Float64Array.from(list), { shape: [N, points.length, 2] }) as Tensor
  const values = numbers(transform({ image, keypoints }, context).keypoints)
  return Array.from({ length: N }, (_, row) =>
    points.map((_, k) => {
      const at = 2 * (row * points.length + k)
      return [values[at] as number, values[at + 1] as number]
    }),
  )
}
/** Whether a share of N draws with chance p is within four standard deviations. */
const isLikely = (share: number, p: number): boolean => Math.abs(share - p) < 4 * Math.sqrt((p * (1 - p)) / N)
const share = <X>(all: readonly X[], f: (x: X) => boolean): number => all.filter(f).length / all.length
type Segment = readonly [readonly [number, number], readonly [number, number]]
const MIDDLE: Segment = [
  [W / 2, H / 2],
  [W / 2 + 1, H / 2],
]

/** Degrees counterclockwise of a segment that pointed to the right. */
const angleOf = ([[x, y], [u, v]]: Segment): number => (Math.atan2(y - v, u - x) * 180) / Math.PI

test('randomRotation: angles fill their range, counterclockwise', () => {
  const angles = moved(T.randomRotation([10, 30]), MIDDLE).map((p) => angleOf(p as unknown as Segment))
  expect(Math.min(...angles)).toBeGreaterThanOrEqual(10 - 1e-9)
  expect(Math.max(...angles)).toBeLessThan(30)
  expect(
    isLikely(
      share(angles, (a) => a < 15),
      0.25,
    ),
  ).toBe(true)
  const both = moved(T.randomRotation(20), MIDDLE).map((p) => angleOf(p as unknown as Segment))
  expect(
    isLikely(
      share(both, (a) => a < 0),
      0.5,
    ),
  ).toBe(true)
})

test('randomAffine: whole shifts, scales and shears in their ranges', () => {
  const shifts = moved(T.randomAffine({ degrees: 0, translate: [0.2, 0.1] }), [[0, 0]]).map(
    ([p]) => p as [number, number],
  )
  for (const [axis, most] of [
    [0, 0.2 * W],
    [1, 0.1 * H],
  ] as const) {
    const along = shifts.map((p) => Math.round(1e9 * p[axis]) / 1e9)
    expect(along.every(Number.isInteger)).toBe(true)
    expect(Math.max(...along)).toBe(most)
    expect(Math.min(...along)).toBe(-most)
    expect(
      isLikely(
        share(along, (v) => v < 0),
        (most - 0.5) / (2 * most),
      ),
    ).toBe(true)
  }
  const scales = moved(T.randomAffine({ degrees: 0, scale: [0.5, 1.5] }), MIDDLE).map(
    ([p, q]) => (q?.[0] as number) - (p?.[0] as number),
  )
  expect(Math.min(...scales)).toBeGreaterThanOrEqual(0.5 - 1e-9)
  expect(Math.max(...scales)).toBeLessThan(1.5)
  expect(
    isLikely(
      share(scales, (v) => v < 0.75),
      0.25,
    ),
  ).toBe(true)
  const down: Segment = [MIDDLE[0], [W / 2, H / 2 + 1]]
  const shears = moved(T.randomAffine({ degrees: 0, shear: [5, 25] }), down).map(([p, q]) => {
    return (
      (Math.atan2((q?.[0] as number) - (p?.[0] as number), (q?.[1] as number) - (p?.[1] as number)) * 180) / Math.PI
    )
  })
  expect(shears.every((v) => Math.abs(v) >= 5 - 1e-9 && Math.abs(v) < 25)).toBe(true)
  expect(
    isLikely(
      share(shears, (v) => Math.abs(v) < 15),
      0.5,
    ),
  ).toBe(true)
})

test.each([
  ['randomHorizontalFlip', T.randomHorizontalFlip, 0],
  ['randomVerticalFlip', T.randomVerticalFlip, 1],
] as const)('%s: with chance p', (_, make, axis) => {
  for (const p of [0, 0.2, 0.5, 1]) {
    const flipped = moved(make({ p }), [[1, 1]]).map(([at]) => (at as [number, number])[axis] !== 1)
    expect(isLikely(share(flipped, Boolean), p) || share(flipped, Boolean) === p).toBe(true)
  }
})

test('randomPerspective: corners move inwards by up to their share, with chance p', () => {
  const corners = [
    [0, 0],
    [W - 1, 0],
    [W - 1, H - 1],
    [0, H - 1],
  ] as const
  const ends = moved(T.randomPerspective({ distortionScale: 0.4, p: 0.7 }), corners)
  // Of half the sides: 6 of 15, and 4 of 10, pixels.
  for (const end of ends)
    end.forEach(([x, y], k) => {
      const [u, v] = corners[k] as readonly [number, number]
      expect([Math.round(Math.abs(x - u)) <= 6, Math.round(Math.abs(y - v)) <= 4]).toEqual([true, true])
    })
  const stays = (end: [number, number][]): boolean => end.every((p, k) => String(p) === String(corners[k]))
  // One draw of 35^4 moves no corner.
  expect(isLikely(share(ends, stays), 0.3)).toBe(true)
})

test('randomCrop: every place alike', () => {
  const starts = moved(T.randomCrop([16, 24], { padding: [1, 2] }), [[0, 0]]).map(([p]) => p as [number, number])
  const [lefts, tops] = [0, 1].map((axis) => starts.map((p) => -(p[axis] as number))) as [number[], number[]]
  expect([Math.min(...lefts), Math.max(...lefts)]).toEqual([-1, 7])
  expect([Math.min(...tops), Math.max(...tops)]).toEqual([-2, 6])
  for (const list of [lefts, tops])
    for (const place of new Set(list))
      expect(
        isLikely(
          share(list, (v) => v === place),
          1 / 9,
        ),
      ).toBe(true)
})

test('randomResizedCrop: areas, ratios and places within the image', () => {
  const corners = [
    [0, 0],
    [W, H],
  ] as const
  const areas = moved(T.randomResizedCrop([10, 10], { scale: [0.2, 0.8], ratio: [0.5, 2] }), corners).map(([p, q]) => {
    const [x, y, u, v] = [...(p as [number, number]), ...(q as [number, number])]
    const [width, height] = [(10 * W) / (u - x), (10 * H) / (v - y)]
    const [left, top] = [(-x * width) / 10, (-y * height) / 10]
    for (const d of [width, height, left, top]) expect(Math.abs(d - Math.round(d))).toBeLessThan(1e-9)
    expect(left >= -1e-9 && top >= -1e-9 && left + width <= W + 1e-9 && top + height <= H + 1e-9).toBe(true)
    // Sides are rounded: by up to half a pixel.
    expect((width - 0.5) / (height + 0.5)).toBeLessThan(2)
    expect((width + 0.5) / (height - 0.5)).toBeGreaterThan(0.5)
    return (width * height) / (W * H)
  })
  expect(Math.min(...areas)).toBeGreaterThan(0.2 * 0.85)
  expect(Math.max(...areas)).toBeLessThan(0.8 * 1.1)
  // Larger parts fit less often, so more than a half are small.
  expect(share(areas, (v) => v < 0.5)).toBeGreaterThan(0.45)
})

test('randomApply and randomChoice: by their chances', () => {
  const flip = T.randomHorizontalFlip({ p: 1 })
  const upside = T.randomVerticalFlip({ p: 1 })
  const applied = moved(T.randomApply([flip, upside], { p: 0.3 }), [[1, 1]]).map(([p]) => String(p))
  expect(
    isLikely(
      share(applied, (p) => p === '29,19'),
      0.3,
    ),
  ).toBe(true)
  expect(
    isLikely(
      share(applied, (p) => p === '1,1'),
      0.7,
    ),
  ).toBe(true)
  const chosen = moved(T.randomChoice([flip, upside], { p: [1, 3] }), [[1, 1]]).map(([p]) => String(p))
  expect(
    isLikely(
      share(chosen, (p) => p === '29,1'),
      0.25,
    ),
  ).toBe(true)
  expect(
    isLikely(
      share(chosen, (p) => p === '1,19'),
      0.75,
    ),
  ).toBe(true)
  const batch = moved(T.randomChoice([flip, upside], { perBatch: true }), [[1, 1]]).map(([p]) => String(p))
  expect(new Set(batch).size).toBe(1)
})

test('errors say what is wrong', () => {
  expect(() => T.randomChoice([T.randomHorizontalFlip()], { p: [0] })).toThrow(/a weight for each/)
  expect(() => T.randomApply([3 as never])).toThrow(/transform 0 is number/)
  expect(() => T.compose(T.randomHorizontalFlip() as never)).toThrow(/takes a list of transforms/)
  expect(() => T.randomResizedCrop(8, { ratio: [0, 1] })).toThrow(/above 0/)
  expect(() => T.randomResizedCrop(8, { scale: [0.5, 1.5] })).toThrow(/from 0 to 1/)
  expect(() => T.resize([4, 4], { maxSize: 5 })).toThrow(/a size of one number/)
  expect(() => T.centerCrop(2.5)).toThrow(/whole number/)
  expect(() => T.randomPerspective({ distortionScale: 2 })).toThrow(/from 0 to 1/)
})
