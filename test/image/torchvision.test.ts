/** lib/image against torchvision: test/golden/image.json, made by test/golden/image.py. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as image from '#lib/image/index.js'
import { arange, type Tensor, tensor } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'

interface Golden {
  shape: number[]
  values: number[]
}
const golden = JSON.parse(readFileSync(new URL('../golden/image.json', import.meta.url), 'utf8')) as Record<
  'f64' | 'u8',
  Record<string, Golden>
>
const SHAPE = [2, 3, 7, 8]
const real = Float64Array.from({ length: 2 * 3 * 7 * 8 }, (_, i) => ((i * 7919) % 1009) / 1009)
const images = {
  f64: () => tensor(real, { shape: SHAPE }) as Tensor,
  u8: () =>
    tensor(
      Uint8Array.from(real, (v) => Math.floor(v * 256)),
      { shape: SHAPE },
    ) as Tensor,
}

const bilinear = { interpolation: 'bilinear' } as const
const corners = (list: readonly number[][]): image.Corners => list as unknown as image.Corners
const CALLS: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  rotate: (x) => image.rotate(x, 33, bilinear),
  rotateNearest: (x) => image.rotate(x, -77, { fill: [0.25, 0.5, 0.75], center: [5, 3] }),
  rotateExpand: (x) => image.rotate(x, 33, { ...bilinear, expand: true }),
  rotateQuarter: (x) => image.rotate(x, 90, { expand: true }),
  affine: (x) => image.affine(x, { angle: 20, translate: [3, -2], scale: 1.3, shear: [10, -7], ...bilinear }),
  perspective: (x) => {
    const start = corners([
      [0, 0],
      [7, 0],
      [7, 6],
      [0, 6],
    ])
    const end = corners([
      [1, 1],
      [6, 0],
      [7, 5],
      [0, 6],
    ])
    return image.perspective(x, image.perspectiveCoefficients(start, end))
  },
  adjustBrightness: (x) => image.adjustBrightness(x, 1.4),
  adjustContrast: (x) => image.adjustContrast(x, 0.6),
  adjustSaturation: (x) => image.adjustSaturation(x, 1.7),
  adjustHue: (x) => image.adjustHue(x, 0.23),
  recolor: (x) =>
    image.recolor(x, [
      ['saturation', 0.5],
      ['hue', -0.1],
      ['contrast', 1.5],
      ['brightness', 0.8],
    ]),
  adjustGamma: (x) => image.adjustGamma(x, 0.7, { gain: 1.2 }),
  posterize: (x) => image.posterize(x, 3),
  solarize: (x) => image.solarize(x, x.dtype === 'u8' ? 100 : 0.4),
  invert: image.invert,
  autocontrast: image.autocontrast,
  equalize: image.equalize,
  rgbToGrayscale: (x) => image.rgbToGrayscale(x, { channels: 3 }),
  adjustSharpness: (x) => image.adjustSharpness(x, 1.8),
  gaussianBlur: (x) => image.gaussianBlur(x, [5, 7], 1.3),
  resizedCrop: (x) => image.resizedCrop(x, { top: 3, left: -2, height: 5, width: 8 }, [4, 7]),
  rgbToHsv: image.rgbToHsv,
  hsvToRgb: image.hsvToRgb,
}

for (const dtype of ['f64', 'u8'] as const) {
  test.each(Object.entries(golden[dtype]))(`%s of ${dtype}`, (name, { shape, values }) => {
    const y = (CALLS[name] as (x: Tensor) => Tensor)(images[dtype]())
    expect(y.dtype).toBe(dtype)
    expect(y.shape).toEqual(shape)
    // torchvision computes hues in f32, and coefficients of a perspective too; the stored values have 9 digits. Bytes are the same.
    const single = ['adjustHue', 'recolor', 'perspective', 'equalize', 'gaussianBlur'].includes(name)
    const tolerance = dtype === 'u8' ? 0 : single ? 400 * 2 ** -24 : 1e-9
    numbers(y).forEach((v, i) => {
      if (!(Math.abs(v - (values[i] as number)) <= tolerance)) expect(v, `element ${i}`).toBe(values[i])
    })
  })
}

// Each of a batch with its own parameter is what it is alone.
const TWO = [0.25, 1.5]
const EACH: Readonly<Record<string, [readonly number[], (x: Tensor, p: image.PerImage) => Tensor]>> = {
  rotate: [[10, -95], (x, p) => image.rotate(x, p, bilinear)],
  affine: [[0.5, 1.5], (x, p) => image.affine(x, { scale: p, shear: [p, 3], translate: [1, p], ...bilinear })],
  adjustBrightness: [TWO, image.adjustBrightness],
  adjustContrast: [TWO, image.adjustContrast],
  adjustSaturation: [TWO, image.adjustSaturation],
  adjustHue: [[-0.3, 0.2], image.adjustHue],
  adjustGamma: [TWO, image.adjustGamma],
  posterize: [[2, 5], image.posterize],
  solarize: [[0.25, 1], image.solarize],
  adjustSharpness: [TWO, image.adjustSharpness],
  gaussianBlur: [TWO, (x, p) => image.gaussianBlur(x, 3, p)],
}

for (const dtype of ['f64', 'u8'] as const) {
  test.each(Object.entries(EACH))(
    `%s of ${dtype}: a parameter for each image, as an array or a tensor`,
    (_, [p, f]) => {
      const x = images[dtype]()
      const alone = p.flatMap((v, i) => [...numbers(f(x.narrow(0, i, 1), v))])
      for (const each of [p, tensor(Float64Array.from(p)) as Tensor]) {
        const y = numbers(f(x, each))
        expect(y.length).toBe(alone.length)
        // Tensors of angles go through other sines and cosines.
        y.forEach((v, i) => {
          const tolerance = dtype === 'u8' ? 1 : 1e-9
          if (!(Math.abs(v - (alone[i] as number)) <= tolerance)) expect(v, `element ${i}`).toBe(alone[i])
        })
      }
    },
  )
}

test('a filled rotation keeps the colour of an image of the fill colour', () => {
  const x = images.f64().mul(0).add(0.5) as Tensor
  for (const v of numbers(image.rotate(x, 33, { ...bilinear, expand: true, fill: 0.5 }))) expect(v).toBeCloseTo(0.5, 12)
})

test('boxes for each image read what resizing the parts gives, away from their edges', () => {
  const ramp = arange(0, 64, 1, { dtype: 'f64' }).reshape([1, 1, 8, 8]) as Tensor
  const boxes = tensor([2, 1, 4, 4], { dtype: 'f64', shape: [1, 4] }) as Tensor
  const one = image.resizedCrop(ramp, { top: 2, left: 1, height: 4, width: 4 }, [4, 4])
  const each = image.resizedCrop(ramp, boxes, [4, 4], { antialias: false })
  const [a, b] = [numbers(one), numbers(each)]
  a.forEach((v, i) => {
    expect(b[i]).toBeCloseTo(v, 12)
  })
})

test('flips of some images', () => {
  const x = images.u8()
  const which = tensor([true, false]) as Tensor
  for (const [f, axis] of [
    [image.horizontalFlip, -1],
    [image.verticalFlip, -2],
  ] as const) {
    const y = f(x, which)
    expect(numbers(y.narrow(0, 0, 1))).toEqual(numbers(f(x.narrow(0, 0, 1))))
    expect(numbers(y.narrow(0, 1, 1))).toEqual(numbers(x.narrow(0, 1, 1)))
    expect(numbers(f(x))).toEqual(numbers(x.flip(axis)))
  }
})

test.each(['f32', 'f64', 'bf16', 'f16'] as const)(
  'hue, saturation and value of what is no number are none, %s',
  (dtype) => {
    // One pixel a channel that is none, among others that fill a vector.
    const n = 37
    const values = Float64Array.from({ length: 3 * n }, (_, i) => ((i * 7) % 11) / 11)
    for (const [channel, pixel] of [3, 20, 36].entries()) values[channel * n + pixel] = Number.NaN
    const found = numbers(image.rgbToHsv((tensor(values, { shape: [3, 1, n] }) as Tensor).to(dtype)))
    found.forEach((v, i) => {
      expect(Number.isNaN(v), `element ${i}`).toBe([3, 20, 36].includes(i % n))
    })
  },
)
