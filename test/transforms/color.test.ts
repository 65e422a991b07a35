/** Colours, noise and erasing: what is drawn, and what is made of it. */
import { expect, test } from 'vitest'
import { transformContext } from '#lib/data/index.js'
import * as image from '#lib/image/index.js'
import { type Tensor, tensor, ValueError } from '#lib/index.js'
import * as T from '#lib/transforms/index.js'
import { numbers } from '../helpers/compare.js'
import { pick, scripted } from '../helpers/scripted.js'

const contextOf = (n: number, seed = 0) => transformContext({ indices: Array.from({ length: n }, (_, i) => i), seed })
/** Pictures of one value. */
const even = (n: number, value: number, c = 1, side = 2): Tensor =>
  tensor(new Float64Array(n * c * side * side).fill(value), { shape: [n, c, side, side] }) as Tensor
const colours = (n = 2): Tensor =>
  tensor(
    Float64Array.from({ length: n * 3 * 30 }, (_, i) => ((i * 7919) % 1009) / 1009),
    { shape: [n, 3, 5, 6] },
  ) as Tensor

test('colorJitter applies the drawn factors in the drawn order', () => {
  const jitter = T.colorJitter({ brightness: 0.5, contrast: [0.5, 0.75], saturation: 2, hue: 0.25 })
  // Fisher-Yates of [brightness, contrast, saturation, hue] from the end; then their factors.
  const draws = [pick(0, 4), pick(1, 3), pick(0, 2), 0.25, 0.5, 0.5, 0.75]
  const expected = image.recolor(colours(), [
    ['saturation', 1.5],
    ['hue', 0.125],
    ['contrast', 0.625],
    ['brightness', 0.75],
  ])
  expect(numbers(jitter(colours(), scripted(2, draws)))).toEqual(numbers(expected))
  expect(numbers(T.colorJitter({})(colours(), scripted(2, [])))).toEqual(numbers(colours()))
})

test('colorJitter: factors fill their range, and images of a batch differ in order', () => {
  const n = 2000
  const factors = [...numbers(T.colorJitter({ brightness: 0.4 })(even(n, 0.5, 1, 1), contextOf(n)))].map((v) => v / 0.5)
  expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.6)
  expect(Math.max(...factors)).toBeLessThan(1.4)
  const mean = factors.reduce((a, b) => a + b, 0) / n
  // The standard deviation of a mean of uniform numbers in a range of 0.8.
  expect(Math.abs(mean - 1)).toBeLessThan((4 * 0.8) / Math.sqrt(12 * n))
  const wide = [...numbers(T.colorJitter({ brightness: 3 })(even(n, 0.1, 1, 1), contextOf(n)))].map((v) => v / 0.1)
  expect(Math.min(...wide)).toBeGreaterThanOrEqual(0)
})

test.each([
  ['randomInvert', T.randomInvert, image.invert, 0.5],
  ['randomGrayscale', T.randomGrayscale, (x: Tensor) => image.rgbToGrayscale(x, { channels: 3 }), 0.1],
  ['randomPosterize', (o?: T.ChanceOptions) => T.randomPosterize(2, o), (x: Tensor) => image.posterize(x, 2), 0.5],
  ['randomSolarize', (o?: T.ChanceOptions) => T.randomSolarize(0.3, o), (x: Tensor) => image.solarize(x, 0.3), 0.5],
  [
    'randomAdjustSharpness',
    (o?: T.ChanceOptions) => T.randomAdjustSharpness(2, o),
    (x: Tensor) => image.adjustSharpness(x, 2),
    0.5,
  ],
  ['randomAutocontrast', T.randomAutocontrast, image.autocontrast, 0.5],
  ['randomEqualize', T.randomEqualize, image.equalize, 0.5],
] as const)('%s: with chance p', (_, make, f, usual) => {
  expect(numbers(make({ p: 1 })(colours(), contextOf(2)))).toEqual(numbers(f(colours())))
  expect(numbers(make({ p: 0 })(colours(), contextOf(2)))).toEqual(numbers(colours()))
  const n = 800
  const x = colours(1).expand([n, 3, 5, 6]).contiguous() as Tensor
  const given = numbers(x.select(0, 0) as Tensor).join()
  const y = make()(x, contextOf(n))
  const changed = Array.from({ length: n }, (_, row) => numbers(y.select(0, row) as Tensor).join() !== given)
  const share = changed.filter(Boolean).length / n
  expect(Math.abs(share - usual)).toBeLessThan(4 * Math.sqrt((usual * (1 - usual)) / n))
})

test('gaussianBlur draws its standard deviation', () => {
  const y = T.gaussianBlur(3, { sigma: [0.5, 1.5] })(colours(), scripted(2, [0.25]))
  expect(numbers(y)).toEqual(numbers(image.gaussianBlur(colours(), 3, [0.75, 0.75])))
  expect(() => T.gaussianBlur(4)).toThrow(/odd/)
  expect(() => T.gaussianBlur(3, { sigma: [0, 1] })).toThrow(ValueError)
})

test('gaussianNoise has its mean and standard deviation, in shares of the range', () => {
  const n = 8
  const moments = (values: Float64Array): [number, number] => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length
    return [mean, Math.sqrt(values.reduce((a, v) => a + (v - mean) ** 2, 0) / values.length)]
  }
  const x = even(n, 0.5, 1, 40)
  const [mean, std] = moments(numbers(T.gaussianNoise({ mean: 0.1, sigma: 0.05 })(x, contextOf(n))))
  const error = 4 / Math.sqrt(n * 1600)
  expect(Math.abs(mean - 0.6)).toBeLessThan(0.05 * error)
  expect(Math.abs(std - 0.05)).toBeLessThan(0.05 * error)
  const bytes = tensor(new Uint8Array(n * 1600).fill(100), { shape: [n, 1, 40, 40] }) as Tensor
  const [byteMean, byteStd] = moments(numbers(T.gaussianNoise({ mean: 0.1, sigma: 0.05 })(bytes, contextOf(n))))
  expect(Math.abs(byteMean - 125.5)).toBeLessThan(255 * 0.05 * error)
  // Rounding adds a variance of 1 / 12.
  expect(Math.abs(byteStd - Math.sqrt((255 * 0.05) ** 2 + 1 / 12))).toBeLessThan(255 * 0.05 * error)
  const clipped = numbers(T.gaussianNoise({ sigma: 2 })(x, contextOf(n)))
  expect(Math.min(...clipped)).toBe(0)
  expect(Math.max(...clipped)).toBe(1)
  expect(Math.max(...numbers(T.gaussianNoise({ sigma: 2, clip: false })(x, contextOf(n))))).toBeGreaterThan(3)
})

test('randomErasing erases one rectangle of the drawn share', () => {
  const n = 300
  const x = even(n, 1, 3, 20)
  const y = T.randomErasing({ scale: [0.1, 0.2], ratio: [0.5, 2], value: [5, 6, 7] })(x, contextOf(n))
  let erased = 0
  for (let row = 0; row < n; row++) {
    const [r, g, b] = [0, 1, 2].map((k) => numbers(y.select(0, row).select(0, k) as Tensor)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    const at = [...r.keys()].filter((i) => r[i] === 5)
    expect(at.every((i) => g[i] === 6 && b[i] === 7)).toBe(true)
    if (at.length === 0) continue
    erased++
    const [xs, ys] = [at.map((i) => i % 20), at.map((i) => Math.floor(i / 20))]
    const [width, height] = [Math.max(...xs) - Math.min(...xs) + 1, Math.max(...ys) - Math.min(...ys) + 1]
    expect(at.length).toBe(width * height)
    // Sides are rounded to whole pixels.
    expect(at.length).toBeGreaterThan(0.1 * 400 * 0.8)
    expect(at.length).toBeLessThan(0.2 * 400 * 1.2)
  }
  expect(Math.abs(erased / n - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / n))
  const noise = numbers(T.randomErasing({ p: 1, value: 'random', scale: [0.3, 0.3], ratio: [1, 1] })(x, contextOf(n)))
  const filled = [...noise].filter((v) => v !== 1)
  expect(filled.length).toBe(n * 3 * 11 * 11)
  expect(Math.abs(filled.reduce((a, v) => a + v, 0) / filled.length)).toBeLessThan(4 / Math.sqrt(filled.length))
  expect(() => T.randomErasing({ value: 'random' })(x.mul(255).to('u8') as Tensor, contextOf(n))).toThrow(
    /after normalize/,
  )
  expect(() => T.randomErasing({ value: [1, 2] })(x, contextOf(n))).toThrow(/2 numbers for images of 3 channels/)
})

test('errors say what is wrong', () => {
  expect(() => T.colorJitter({ hue: 0.6 })).toThrow(/from -0.5 to 0.5/)
  expect(() => T.colorJitter({ brightness: -1 })).toThrow(/at least 0/)
  expect(() => T.colorJitter({ colour: 1 } as never)).toThrow(/no such option: 'colour'/)
  expect(() => T.randomInvert({ p: 2 })).toThrow(/probability/)
  expect(() => T.randomPosterize(9)).toThrow(/at most 8/)
  expect(() => T.randomSolarize(Number.NaN)).toThrow(ValueError)
})
