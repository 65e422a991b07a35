/** Geometric transforms of images, masks, boxes and keypoints against torchvision: test/golden/transforms.json. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { permute, type Tensor, tensor } from '#lib/index.js'
import { changed } from '#lib/transforms/change.js'
import { displaced } from '#lib/transforms/elastic.js'
import * as T from '#lib/transforms/index.js'
import { numbers } from '../helpers/compare.js'
import { pick, scripted } from '../helpers/scripted.js'

interface Golden {
  shape: number[]
  values: number[]
}
const { places } = JSON.parse(readFileSync(new URL('../golden/transforms.json', import.meta.url), 'utf8')) as {
  places: Record<string, Record<'u8' | 'f64' | 'masks' | 'boxes' | 'keypoints', Golden>>
}
const [N, H, W] = [2, 7, 8]
const real = Float64Array.from({ length: N * 3 * H * W }, (_, i) => ((i * 7919) % 1009) / 1009)
const twice = (list: number[], ...shape: number[]): Tensor =>
  tensor(Float64Array.from([...list, ...list]), { shape: [N, ...shape] }) as Tensor
const batchOf = (dtype: 'u8' | 'f64') => ({
  image: tensor(dtype === 'u8' ? Uint8Array.from(real, (v) => Math.floor(v * 256)) : real, {
    shape: [N, 3, H, W],
  }) as Tensor,
  masks: tensor(
    Uint8Array.from({ length: N * H * W }, (_, i) => (i * 5) % 7),
    { shape: [N, H, W] },
  ) as Tensor,
  boxes: twice([1, 1, 4, 5, 0, 2.5, 8, 4, 6, 5, 7.5, 7], 3, 4),
  keypoints: twice([1, 1, 3.5, 3.25, 8, 7, 0, 6], 4, 2),
})

const LINEAR = { interpolation: 'bilinear' } as const
const SIDES = [1, 2, 3, 1] as const
type Call = [T.ImageTransform, number[]?]
const CALLS: Readonly<Record<string, (dtype: 'u8' | 'f64') => Call>> = {
  rotate: () => [T.randomRotation([33, 33], LINEAR), [0]],
  affine: () => [
    T.randomAffine({ degrees: [20, 20], translate: [0.5, 0.5], scale: [1.3, 1.3], shear: [10, 10, -7, -7] }),
    // The shift is 3 of -4 to 4, and -2 of -3.5 to 3.5.
    [0, 7 / 8, 1.5 / 7, 0, 0, 0],
  ],
  affineCenter: (dtype) => [
    T.randomAffine({
      degrees: [-35, -35],
      scale: [0.7, 0.7],
      center: [2, 3],
      fill: dtype === 'u8' ? 9 : 0.5,
      maskFill: 9,
    }),
    [0, 0],
  ],
  perspective: () => [
    T.randomPerspective({ distortionScale: 1, p: 1 }),
    [0, pick(1, 5), pick(1, 4), pick(3, 5), pick(0, 4), pick(4, 5), pick(2, 4), pick(0, 5), pick(3, 4)],
  ],
  horizontalFlip: () => [T.randomHorizontalFlip({ p: 1 }), [0]],
  verticalFlip: () => [T.randomVerticalFlip({ p: 1 }), [0]],
  padConstant: () => [T.pad(SIDES)],
  padEdge: () => [T.pad(SIDES, { paddingMode: 'edge' })],
  padReflect: () => [T.pad(SIDES, { paddingMode: 'reflect' })],
  padSymmetric: () => [T.pad(SIDES, { paddingMode: 'symmetric' })],
  centerCrop: () => [T.centerCrop([4, 3])],
  centerCropPadded: () => [T.centerCrop([9, 5])],
  crop: () => [T.randomCrop([5, 6], { padding: 5 }), [pick(4, 13), pick(8, 13)]],
  resizedCrop: () => [
    T.randomResizedCrop([4, 7], { scale: [20 / 56, 20 / 56], ratio: [0.8, 0.8] }),
    [0, 0, pick(1, 3), pick(2, 5)],
  ],
  elastic: () => {
    const values = Float64Array.from({ length: H * W * 2 }, (_, i) => (((i * 37) % 101) / 101 - 0.5) * 0.6)
    const shift = permute(tensor(values, { shape: [1, H, W, 2] }) as Tensor, [0, 3, 1, 2])
    const transform: T.ImageTransform = (batch) => changed('test', batch, (size) => displaced(size, shift, LINEAR))
    return [transform]
  },
  resize: () => [T.resize(5, { maxSize: 6 })],
  resizeLarger: () => [T.resize([11, 9])],
}

/** torchvision mirrors keypoints as indices of pixels, but boxes, and all else, as places: a shift by one. */
const SHIFTS: Readonly<Record<string, readonly [number, number]>> = { horizontalFlip: [1, 0], verticalFlip: [0, 1] }

test.each(Object.keys(places))('%s', (name) => {
  for (const dtype of ['u8', 'f64'] as const) {
    const [transform, draws = []] = (CALLS[name] as (dtype: 'u8' | 'f64') => Call)(dtype)
    const y = transform(batchOf(dtype), scripted(N, draws))
    const expected = places[name] as (typeof places)[string]
    const same = (what: string, t: Tensor, { shape, values }: Golden, tolerance: number): void => {
      expect(t.shape, what).toEqual(shape)
      numbers(t).forEach((v, i) => {
        if (!(Math.abs(v - (values[i] as number)) <= tolerance)) expect(v, `${what} ${i}`).toBe(values[i])
      })
    }
    expect(y.image.dtype).toBe(dtype)
    // Stored values have 7 digits; the coefficients of a perspective are computed in f32 there.
    const tolerance = name === 'perspective' ? 400 * 2 ** -24 : 1e-7
    if (expected[dtype] !== undefined) same(dtype, y.image, expected[dtype], dtype === 'u8' ? 0 : tolerance)
    same('masks', y.masks, expected.masks, 0)
    const [dx, dy] = SHIFTS[name] ?? [0, 0]
    const shifted = (g: Golden): Golden => ({ ...g, values: g.values.map((v, i) => v + (i % 2 === 0 ? dx : dy)) })
    // Places are up to 16 pixels.
    for (const row of expected.boxes === undefined ? [] : [0, 1]) {
      same('boxes', y.boxes.select(0, row) as Tensor, expected.boxes, 16 * tolerance)
      same('keypoints', y.keypoints.select(0, row) as Tensor, shifted(expected.keypoints), 16 * tolerance)
    }
  }
})
