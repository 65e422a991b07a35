/**
 * Colour adjustments on CUDA (cuda/kernels/image/recolor.cuh) against exact ones, step by step: bytes, which each step rounds down,
 * within the roundings before that; floating-point colours, of what is not finite too; planes of whole packs and ragged ones,
 * of more than a block. Place in the whole: the operator tests have the semantics; here every dtype takes every step.
 */
import { describe, expect, test } from 'vitest'
import * as image from '#lib/image/index.js'
import { scope, type Tensor } from '#lib/index.js'
import { numbers } from '../../helpers/compare.js'
import { FLOATS, ROUNDOFF } from '../products.js'
import { device, drawn } from '../same.js'

const on = (t: Tensor): Tensor => t.to(device as string) as Tensor

/** Images of planes that packs divide, of two blocks; and of some that they do not. */
const SHAPES = [
  [2, 3, 8, 136],
  [2, 3, 37, 41],
  [2, 1, 5, 7],
] as const
/** Each adjustment by a factor for each image: more and less. */
const STEPS: readonly image.ColorStep[] = [
  ['brightness', [1.7, 0.4]],
  ['contrast', [0.3, 1.6]],
  ['saturation', [1.9, 0.6]],
  ['hue', [0.31, -0.45]],
]

/** From the least to the most that a number may be. */
type Range = readonly [number, number]
type Colour = readonly [Range, Range, Range]

/** A byte after a step: rounded down, but for a share of 2^-12. What it is computed from is off by at most `error`. */
const kept = (low: number, high: number, error: number): Range => [
  Math.floor(low - error + 2 ** -12),
  Math.floor(high + error + 2 ** -12),
]
/** Sums of two products of up to 512 each have some 4 roundings of that. */
const SUM = 4 * 512 * ROUNDOFF.f32
/** A hue is of 0 to 1, in sixths, and has a quotient, the turn and two roundings of floors before it; it makes a level of 255. */
const HUE = 255 * 6 * 5 * ROUNDOFF.f32
const level = (v: number): number => Math.min(255, Math.max(0, v))

const grayOf = (r: number, g: number, b: number): Range => {
  const v = 0.2989 * r + 0.587 * g + 0.114 * b
  return kept(v, v, SUM)
}
function blend(x: number, other: Range, factor: number): Range {
  const ends = other.map((m) => level(x * factor + m * (1 - factor)))
  return kept(Math.min(...ends), Math.max(...ends), SUM)
}
/** Foley and van Dam's hexagon: the sector of a hue and how far into it. */
function turned(r: number, g: number, b: number, by: number): Colour {
  const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)]
  const range = most - least
  const sixths = range === 0 ? 0 : most === r ? (g - b) / range : most === g ? 2 + (b - r) / range : 4 + (r - g) / range
  const hue = (((sixths + 6 * by) % 6) + 6) % 6
  // A channel is `most` within a sixth of its own hue, and `least` from two sixths on.
  return [0, 2, 4].map((own) => {
    const apart = Math.min(Math.abs(hue - own), 6 - Math.abs(hue - own))
    const v = (least + range * Math.min(1, Math.max(0, 2 - apart))) * (255.999 / 255)
    return kept(v, v, HUE)
  }) as unknown as Colour
}

/** What the bytes of an image may be after one step. */
function after(step: image.Adjustment, factor: number, x: Float64Array, channels: number, plane: number): Range[] {
  const at = (p: number, k: number): number => x[Math.min(k, channels - 1) * plane + p] as number
  const grays = Array.from({ length: plane }, (_, p): Range => {
    const first = at(p, 0)
    return channels === 1 ? [first, first] : grayOf(first, at(p, 1), at(p, 2))
  })
  const mean = [0, 1].map((end) => grays.reduce((sum, g) => sum + (g[end] as number), 0) / plane) as unknown as Range
  return Array.from(x, (v, i): Range => {
    const [p, k] = [i % plane, Math.floor(i / plane)]
    if (step === 'brightness') return kept(level(v * factor), level(v * factor), SUM)
    if (step === 'contrast') return blend(v, mean, factor)
    if (channels === 1) return [v, v]
    if (step === 'saturation') return blend(v, grays[p] as Range, factor)
    return turned(at(p, 0), at(p, 1), at(p, 2), factor)[k] as Range
  })
}

describe.skipIf(device === undefined)('colours on CUDA, step by step', () => {
  test.each(SHAPES)('bytes of %i images of %i channels, %i x %i', (n, channels, h, w) => {
    const [plane, each] = [h * w, channels * h * w]
    scope(() => {
      const x = drawn('bytes', [n, channels, h, w], 'u8', 'cpu', (r) => r.int(0, 256))
      const values = numbers(x)
      for (const [step, factors] of STEPS) {
        const found = numbers(image.recolor(on(x), [[step, factors]]))
        for (let k = 0; k < n; k++) {
          const factor = (factors as readonly number[])[k] as number
          const ranges = after(step, factor, values.subarray(k * each, (k + 1) * each) as Float64Array, channels, plane)
          for (const [i, [low, high]] of ranges.entries()) {
            const v = found[k * each + i] as number
            if (!(v >= low && v <= high))
              expect.fail(`${step}: byte ${i} of image ${k} is ${v}, not of ${low} to ${high}`)
          }
        }
      }
      if (channels === 1) return
      const gray = numbers(image.rgbToGrayscale(on(x)))
      for (const [i, v] of gray.entries()) {
        const from = Math.floor(i / plane) * each + (i % plane)
        const rgb = [0, 1, 2].map((c) => values[from + c * plane] as number) as [number, number, number]
        const [low, high] = grayOf(...rgb)
        if (!(v >= low && v <= high)) expect.fail(`gray: byte ${i} is ${v}, not of ${low} to ${high}`)
      }
    })
  })

  test.each(FLOATS)('%s', (dtype) => {
    for (const shape of SHAPES)
      scope(() => {
        let i = 0
        // Beyond both ends too; every fifth is one of `rare`.
        const draw = (rare: readonly number[]): Tensor =>
          drawn(`colours ${shape}`, shape, dtype, 'cpu', (r) =>
            rare.length > 0 && ++i % 5 === 0 ? (rare[(i / 5) % rare.length] as number) : r.uniform(-0.2, 1.2),
          )
        const check = (what: string, x: Tensor, f: (t: Tensor) => Tensor): void => {
          const [found, exact] = [f(on(x)), f(x.to('f64'))]
          expect({ what, shape: found.shape, dtype: found.dtype }).toEqual({ what, shape: exact.shape, dtype })
          // 6 turns of a hue, with up to 8 roundings: of the largest that is computed with.
          const unit = 6 * 8 * ROUNDOFF[dtype === 'f64' ? 'f64' : 'f32']
          const own = dtype === 'bf16' || dtype === 'f16' ? ROUNDOFF[dtype] : 0
          const [a, e] = [numbers(found), numbers(exact)]
          for (const [k, y] of e.entries()) {
            const v = a[k] as number
            if (v === y || (Number.isNaN(v) && Number.isNaN(y))) continue
            if (!(Math.abs(v - y) <= (unit + own) * Math.max(1, Math.abs(y))))
              expect.fail(`${dtype} ${shape}, ${what}: element ${k} is ${v}, expected ${y}`)
          }
        }
        const finite = draw([])
        for (const [kind, x] of [
          ['finite', finite],
          ['infinite', draw([Number.POSITIVE_INFINITY])],
          ['not finite', draw([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0])],
        ] as const) {
          for (const step of STEPS)
            if (step[0] !== 'hue' || kind !== 'not finite')
              check(`${step[0]}, ${kind}`, x, (t) => image.recolor(t, [step]))
          if (shape[1] === 1) continue
          check(`gray, ${kind}`, x, image.rgbToGrayscale)
          if (kind !== 'not finite') check(`to hsv, ${kind}`, x, image.rgbToHsv)
        }
        if (shape[1] === 3) check('from hsv', finite, image.hsvToRgb)
        // As many steps as fit one pass.
        check('16 steps', finite, (t) =>
          image.recolor(
            t,
            Array.from({ length: 16 }, (_, k) => ['brightness', k % 2 === 0 ? 1.5 : 0.75] as const),
          ),
        )
      })
  })
})
