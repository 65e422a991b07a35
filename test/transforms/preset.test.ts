/** Crops for evaluation, normalizing and presets against torchvision; boxes sanitized. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DTypeError, type Tensor, tensor, where } from '#lib/index.js'
import * as T from '#lib/transforms/index.js'
import { insideRectangles } from '#lib/transforms/rectangles.js'
import { numbers } from '../helpers/compare.js'
import { scripted } from '../helpers/scripted.js'

const { images } = JSON.parse(readFileSync(new URL('../golden/transforms.json', import.meta.url), 'utf8')) as {
  images: Record<string, { shape: number[]; values: number[] }>
}
const real = Float64Array.from({ length: 2 * 3 * 7 * 8 }, (_, i) => ((i * 7919) % 1009) / 1009)
const x = (): Tensor => tensor(real, { shape: [2, 3, 7, 8] }) as Tensor

const CALLS: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  fiveCrop: T.fiveCrop([4, 5]),
  tenCrop: T.tenCrop([4, 5]),
  tenCropVertical: T.tenCrop([4, 5], { verticalFlip: true }),
  normalize: T.normalize({ mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.25] }),
  imageClassification: T.imageClassification({ cropSize: 5, resizeSize: 6 }),
  erase: (x) => {
    const box = { top: 1, left: 2, height: 4, width: 3 }
    const colour = tensor([0.1, 0.2, 0.3], { shape: [1, 3, 1, 1], dtype: 'f64' }) as Tensor
    return where(insideRectangles([box, box], x), colour, x)
  },
  toU8: T.toDtype('u8', { scale: true }),
}

test.each(Object.keys(images))('%s', (name) => {
  const y = (CALLS[name] as (x: Tensor) => Tensor)(x())
  const { shape, values } = images[name] as (typeof images)[string]
  expect(y.shape).toEqual(shape)
  // torchvision's preset computes in f32; stored values have 7 digits.
  const tolerance = name === 'imageClassification' ? 40 * 2 ** -24 : 1e-7
  numbers(y).forEach((v, i) => {
    if (!(Math.abs(v - (values[i] as number)) <= tolerance)) expect(v, `element ${i}`).toBe(values[i])
  })
})

test('bytes are normalized as their 255ths', () => {
  const bytes = tensor(Uint8Array.of(0, 51, 255), { shape: [1, 1, 1, 3] }) as Tensor
  const y = T.normalize({ mean: 0.5, std: 0.25 })(bytes)
  expect(y.dtype).toBe('f32')
  const expected = [-2, -1.2, 2]
  // A product and a sum, of numbers up to 4.
  numbers(y).forEach((v, i) => {
    expect(Math.abs(v - (expected[i] as number))).toBeLessThan(4 * 2 ** -23)
  })
  expect(numbers(T.toDtype('f32', { scale: true })(bytes))).toEqual(Float64Array.of(0, Math.fround(0.2), 1))
  expect(numbers(T.toDtype('f32')(bytes))).toEqual(Float64Array.of(0, 51, 255))
  expect(numbers(T.toDtype('u8', { scale: true })(T.toDtype('f32', { scale: true })(bytes)))).toEqual(numbers(bytes))
  expect(() => T.toDtype('i32')).toThrow(DTypeError)
  expect(() => T.normalize({ mean: [1, 2], std: 1 })(bytes)).toThrow(/mean of 2 channels for images of 1/)
  expect(() => T.normalize({ mean: 0, std: 0 })).toThrow(/above 0/)
  expect(() => T.normalize({ std: 1 } as never)).toThrow(/mean/)
})

test('the context may be left out of what draws nothing, and a preset takes a loader’s', () => {
  expect(T.imageClassification({ cropSize: 4, resizeSize: 4 })(x()).shape).toEqual([2, 3, 4, 4])
  expect(T.imageClassification({ cropSize: 4, resizeSize: 4 })(x(), scripted(2, [])).shape).toEqual([2, 3, 4, 4])
  expect(() => T.fiveCrop(9)(x())).toThrow(/crops of 9 x 9 from images of 7 x 8/)
  expect(() => T.fiveCrop(3)({ image: x(), keypoints: x() })).toThrow(/without keypoints/)
  expect(T.grayscale()(x()).shape).toEqual([2, 1, 7, 8])
  expect(T.grayscale({ channels: 3 })(x()).shape).toEqual([2, 3, 7, 8])
})

test('sanitizeBoundingBoxes marks what is too small, outside, or was not there', () => {
  const list = [
    [0, 0, 8, 7],
    [1, 1, 1.5, 5],
    [2, 2, 3, 3],
    [-1, 0, 4, 4],
    [5, 5, 9, 6],
    [6, 6, 4, 7],
    [Number.NaN, 0, 4, 4],
    [1, 1, 4, 4],
  ]
  const boxes = tensor(Float64Array.from([...list, ...list].flat()), { shape: [2, 8, 4] }) as Tensor
  const y = T.sanitizeBoundingBoxes({ minArea: 2 })({ image: x(), boxes }) as unknown as Record<string, Tensor>
  const expected = [1, 0, 0, 0, 0, 0, 0, 1]
  expect([...numbers(y['valid'] as Tensor)]).toEqual([...expected, ...expected])
  expect([...numbers((y['boxes'] as Tensor).select(0, 1) as Tensor)]).toEqual(
    list.flatMap((b, i) => (expected[i] === 1 ? b : [0, 0, 0, 0])),
  )
  const valid = tensor(new Uint8Array(16).fill(1).fill(0, 7, 8), { dtype: 'bool', shape: [2, 8] }) as Tensor
  const again = T.sanitizeBoundingBoxes()({ image: x(), boxes, valid })
  expect([...numbers(again.valid)]).toEqual([1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1])
  expect(() => T.sanitizeBoundingBoxes()(x())).toThrow(/field 'boxes'/)
})
