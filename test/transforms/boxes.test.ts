/** Boxes, masks and keypoints go where the pixels go. */
import { expect, test } from 'vitest'
import { transformContext } from '#lib/data/index.js'
import { DTypeError, gridSample, ShapeError, type Tensor, tensor, ValueError } from '#lib/index.js'
import * as T from '#lib/transforms/index.js'
import { numbers } from '../helpers/compare.js'

const [N, H, W] = [6, 24, 30]
const BOXES = [
  [4, 3, 12, 20],
  [15, 2, 29, 9],
] as const
/** For each box a mask of 1, and the same as images of two channels; keypoints are the boxes' corners. */
function batch() {
  const pixels = new Uint8Array(N * 2 * H * W)
  for (let row = 0; row < N; row++)
    BOXES.forEach(([x1, y1, x2, y2], k) => {
      for (let y = y1; y < y2; y++) pixels.fill(1, ((row * 2 + k) * H + y) * W + x1, ((row * 2 + k) * H + y) * W + x2)
    })
  const shape = [N, 2, H, W]
  const each = (list: number[], width: number): Tensor =>
    tensor(Float32Array.from(Array.from({ length: N }, () => list).flat()), {
      shape: [N, list.length / width, width],
    }) as Tensor
  const corners = BOXES.flatMap(([x1, y1, x2, y2]) => [x1, y1, x2, y1, x1, y2, x2, y2])
  return {
    image: tensor(Float32Array.from(pixels), { shape }) as Tensor,
    masks: tensor(pixels, { shape }) as Tensor,
    boxes: each(BOXES.flat(), 4),
    keypoints: each(corners, 2),
    label: tensor(Int32Array.from({ length: N }, (_, i) => i)) as Tensor,
    name: 'as it was',
  }
}
const context = (seed = 1) => transformContext({ indices: [0, 1, 2, 3, 4, 5], seed })

/** The extent of a plane's pixels of 1, as a box. */
function extent(plane: Float64Array, width: number): [number, number, number, number] | null {
  const at = [...plane.keys()].filter((i) => plane[i] === 1)
  if (at.length === 0) return null
  const [xs, ys] = [at.map((i) => i % width), at.map((i) => Math.floor(i / width))]
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1]
}

const PLACES: Readonly<Record<string, T.ImageTransform>> = {
  randomRotation: T.randomRotation(30),
  randomAffine: T.randomAffine({ degrees: 15, translate: [0.1, 0.1], scale: [0.8, 1.3], shear: [-10, 10, -5, 5] }),
  randomPerspective: T.randomPerspective({ distortionScale: 0.4 }),
  flips: T.compose([T.randomHorizontalFlip(), T.randomVerticalFlip()]),
  randomCrop: T.randomCrop([20, 20], { padding: [2, 3] }),
  randomResizedCrop: T.randomResizedCrop([40, 44], { scale: [0.5, 1] }),
  resize: T.resize([50, 60]),
  pad: T.pad([3, 1]),
  elasticTransform: T.elasticTransform({ alpha: 15, sigma: 4 }),
  randomApply: T.randomApply([T.randomRotation([90, 90])]),
}

test.each(Object.keys(PLACES))('%s: a box is the extent of its mask', (name) => {
  for (let seed = 0; seed < 4; seed++) {
    const given = batch()
    const y = (PLACES[name] as T.ImageTransform)(given, context(seed))
    const [h, w] = y.image.shape.slice(2) as [number, number]
    expect(y.masks.shape).toEqual([N, 2, h, w])
    expect([y.label, y.name]).toEqual(
      name === 'randomApply' ? [expect.anything(), 'as it was'] : [given.label, 'as it was'],
    )
    // A box in perspective holds more than its pixels' middles; one that is enlarged has edges between pixels.
    const slack = 1.5
    for (let row = 0; row < N; row++)
      for (let k = 0; k < BOXES.length; k++) {
        const found = extent(numbers(y.masks.select(0, row).select(0, k) as Tensor), w)
        const [x1, y1, x2, y2] = numbers(y.boxes.select(0, row).select(0, k) as Tensor) as unknown as number[]
        if (found === null) {
          expect(Math.min((x2 as number) - (x1 as number), (y2 as number) - (y1 as number))).toBeLessThan(slack)
          continue
        }
        for (const [i, edge] of [x1, y1, x2, y2].entries())
          expect(Math.abs((edge as number) - (found[i] as number)), `${row} ${k} ${i}`).toBeLessThan(slack)
        // Keypoints are the corners, and their hull, within the image, is the box.
        const points = numbers(y.keypoints.select(0, row).narrow(0, 4 * k, 4) as Tensor)
        const along = (axis: number, most: number): number[] =>
          [0, 1, 2, 3].map((p) => Math.min(Math.max(points[2 * p + axis] as number, 0), most))
        const [xs, ys] = [along(0, w), along(1, h)]
        expect([Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)]).toEqual([x1, y1, x2, y2])
      }
  }
})

test('boxes that are not there stay zeros, and images without boxes are fine', () => {
  const one = batch()
  const valid = tensor(
    Uint8Array.from({ length: N * 2 }, (_, i) => i % 2),
    { dtype: 'bool', shape: [N, 2] },
  ) as Tensor
  const y = T.randomHorizontalFlip({ p: 1 })({ ...one, valid }, context())
  for (let row = 0; row < N; row++) {
    expect(numbers(y.boxes.select(0, row).select(0, 0) as Tensor)).toEqual(Float64Array.of(0, 0, 0, 0))
    expect(numbers(y.boxes.select(0, row).select(0, 1) as Tensor)).toEqual(Float64Array.of(1, 2, 15, 9))
  }
  const boxes = tensor(new Float32Array(), { shape: [N, 0, 4] }) as Tensor
  expect(T.randomRotation(10)({ image: one.image, boxes }, context()).boxes.shape).toEqual([N, 0, 4])
})

test('elasticTransform: points go where their pixels go, and the fill is the colour outside', () => {
  // An image of its pixels' places: what a moved point reads there is where it was.
  const [h, w] = [40, 40]
  const at = (f: (x: number, y: number) => number): number[] =>
    Array.from({ length: h * w }, (_, i) => f((i % w) + 0.5, Math.floor(i / w) + 0.5))
  const image = tensor(Float64Array.from([...at((x) => x), ...at((_, y) => y)]), { shape: [1, 2, h, w] }) as Tensor
  const points = [15, 15, 20.5, 18, 22, 25.5]
  const keypoints = tensor(Float64Array.from(points), { shape: [1, 3, 2] }) as Tensor
  const y = T.elasticTransform({ alpha: 40, sigma: 4 })({ image, keypoints }, transformContext({ indices: [2] }))
  const moved = numbers(y.keypoints)
  expect(Math.max(...moved.map((v, i) => Math.abs(v - (points[i] as number))))).toBeGreaterThan(0.3)
  const grid = (y.keypoints as Tensor).div(20).sub(1).reshape([1, 1, 3, 2]) as Tensor
  const read = numbers(gridSample(y.image, grid)) // (1, 2, 1, 3)
  for (let k = 0; k < 3; k++)
    // Both are read between pixels' middles, where displacements are as good as straight.
    for (const axis of [0, 1])
      expect(Math.abs((read[axis * 3 + k] as number) - (points[2 * k + axis] as number))).toBeLessThan(0.02)
  const even = image.mul(0).add(0.25) as Tensor
  const filled = T.elasticTransform({ alpha: 400, sigma: 4, fill: 0.25 })(even, transformContext({ indices: [2] }))
  for (const v of numbers(filled)) expect(v).toBeCloseTo(0.25, 12)
  expect(() => T.elasticTransform({ sigma: 10 })(even, transformContext({ indices: [2] }))).toThrow(
    /more than 40 pixels/,
  )
})

test('randomPerspective of a few pixels draws corners that a perspective has', () => {
  const indices = Array.from({ length: 200 }, (_, i) => i)
  for (const [h, w] of [
    [2, 2],
    [3, 4],
    [1, 5],
  ] as const) {
    const x = tensor(new Float32Array(200 * h * w).fill(1), { shape: [200, 1, h, w] }) as Tensor
    const y = T.randomPerspective({ distortionScale: 1, p: 1, fill: 1 })(x, transformContext({ indices }))
    for (const v of numbers(y)) expect(v).toBeCloseTo(1, 6)
  }
})

test('a transform of part of a batch takes rows of what has them', () => {
  const { image, label } = batch()
  const classes = tensor([1, 2, 3]) as Tensor
  const given = { image, label, names: ['a', 'b', 'c', 'd', 'e', 'f'], classes, source: 'x' }
  const y = T.randomApply([T.randomHorizontalFlip({ p: 1 })])(given, context())
  expect(numbers(y.label)).toEqual(numbers(label))
  expect([y.names, y.classes, y.source]).toEqual([given.names, classes, 'x'])
  const some = T.randomApply([(b: { image: Tensor }) => ({ ...b, more: b.image })])
  expect(() => some({ image, label }, context())).toThrow(/some rows got the field 'more'/)
  expect(() => T.randomApply([T.randomCrop(8)])(image, context())).toThrow(/keep shape and dtype/)
})

test('masks of any dtype keep their values', () => {
  for (const dtype of ['bool', 'i32', 'i64', 'f32'] as const) {
    const { image, masks } = batch()
    const y = T.randomRotation(25)({ image, masks: masks.to(dtype) }, context())
    expect(y.masks.dtype).toBe(dtype)
    expect(numbers(y.masks)).toEqual(numbers(T.randomRotation(25)({ image, masks }, context()).masks))
  }
})

test('errors say what is wrong', () => {
  const { image, boxes, masks } = batch()
  const flip = T.randomHorizontalFlip()
  expect(() => flip({ image, boxes: boxes.to('i32') as Tensor }, context())).toThrow(DTypeError)
  expect(() => flip({ image, boxes: boxes.narrow(0, 0, 2) as Tensor }, context())).toThrow(
    /boxes \(2, 2, 4\) for 6 images/,
  )
  expect(() => flip({ image, masks: masks.narrow(2, 0, 5) as Tensor }, context())).toThrow(ShapeError)
  expect(() => flip(image.select(0, 0) as Tensor, context())).toThrow(/unsqueeze\(0\)/)
  expect(() => flip(image, undefined as never)).toThrow(/takes a context/)
  expect(() => flip(image, transformContext({ indices: [1] }))).toThrow(/a context of 1 rows for a batch of 6/)
  expect(() => flip({ pixels: image } as never, context())).toThrow(/found: pixels/)
  expect(() => T.randomAffine({ degrees: 1, interpolate: 'nearest' } as never)).toThrow(/did you mean "interpolation"/)
  expect(() => T.randomRotation(10, { interpolation: 'cubic' as never })).toThrow(/one of bilinear, nearest, bicubic/)
  expect(() => T.randomCrop([30, 30])(image, context())).toThrow(/a crop of 30 x 30 from images of 24 x 30/)
  expect(() => T.pad([1, 2, 3] as never)).toThrow(ValueError)
  expect(() => T.randomAffine({ degrees: [3, 1] })).toThrow(/\[lowest, highest\]/)
  expect(() => T.pad(1, { paddingMode: 'edge', fill: 3 })).toThrow(/leave fill and maskFill out/)
})
