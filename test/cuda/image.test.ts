/**
 * Images on CUDA (cuda/kernels/image) against the CPU's: every mode, padding and dtype over more than one block and more channels than a
 * thread takes, planes that begin at any address, places that are nowhere. Place in the whole: the operator tests have the semantics;
 * here is what they have no shapes for.
 */
import { describe, expect, test } from 'vitest'
import * as image from '#lib/image/index.js'
import * as ops from '#lib/index.js'
import { engine, type Tensor } from '#lib/index.js'
import { numbers, ROUNDOFF } from '../helpers/compare.js'

const present = engine.info().devices.includes('cuda:0')
if (!present) console.log('no CUDA device here, real or simulated: images on CUDA are not tested')
type Float = keyof typeof ROUNDOFF
const FLOATS = Object.keys(ROUNDOFF) as Float[]

/** Elements of at most about 1 that are `roundings` of f32 (f64) and one of their own dtype from the CPU's. */
function close(what: string, found: Tensor, wanted: Tensor, roundings: number): void {
  const dtype = wanted.dtype as Float
  const own = dtype === 'bf16' || dtype === 'f16' ? 2.02 * ROUNDOFF[dtype] : 0
  const before = roundings * (dtype === 'f64' ? ROUNDOFF.f64 : ROUNDOFF.f32)
  const [a, b] = [numbers(found), numbers(wanted)]
  expect(found.shape, what).toEqual(wanted.shape)
  let worst = 0
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number]
    if (Number.isNaN(x) && Number.isNaN(y)) continue
    if (!(Math.abs(x - y) <= own * Math.abs(y) + before * Math.max(1, Math.abs(y))) && worst++ < 5)
      expect.soft(x, `${what}: element ${i} of ${a.length}`).toBe(y)
  }
  expect(worst, `${what}: elements that are wrong`).toBe(0)
}

/** Every element; a difference of whole arrays would take minutes to print. */
function same(what: string, found: Tensor, wanted: Tensor): void {
  const [a, b] = [numbers(found), numbers(wanted)]
  expect(a.length, what).toBe(b.length)
  const first = a.findIndex((x, i) => x !== b[i])
  expect(first < 0 ? null : [first, a[first], b[first]], `${what}: the first element that differs`).toBe(null)
}

/** Bytes that f32 rounds down: one in a thousand may lie so near a whole number that two ways of rounding part there. */
function alike(what: string, found: Tensor, wanted: Tensor): void {
  const [a, b] = [numbers(found), numbers(wanted)]
  const apart = a.map((x, i) => Math.abs(x - (b[i] as number)))
  expect(
    apart.reduce((m, x) => Math.max(m, x), 0),
    `${what}: largest difference`,
  ).toBeLessThanOrEqual(1)
  expect(apart.filter((x) => x > 0).length, `${what}: elements that differ`).toBeLessThanOrEqual(a.length / 1000)
}

const bytes = (...shape: number[]): Tensor => ops.floor(ops.mul(ops.rand(shape), 256)).to('u8') as Tensor
const MODES = ['bilinear', 'nearest', 'bicubic'] as const
const PADDINGS = ['zeros', 'border', 'reflection'] as const

/** Off the centres and edges of pixels, so that nearest neighbours are beyond doubt; the last of 3 rows is projective. */
const matrix = (rows: 2 | 3, shift = 0): Tensor =>
  ops.tensor(
    [
      [0.913, 0.217, 0.0519 + shift],
      [-0.283, 1.127, -0.0771],
      [0.031, -0.017, 1.003],
    ].slice(0, rows),
  ) as Tensor

describe.skipIf(!present)('images on CUDA', () => {
  for (const interpolation of MODES)
    for (const padding of PADDINGS)
      test(`warp, ${interpolation}, ${padding}`, () => {
        for (const dtype of FLOATS)
          for (const [rows, channels, alignCorners] of [
            [2, 3, false],
            [3, 11, true],
          ] as const)
            ops.scope(() => {
              const x = ops.rand([2, channels, 13, 17]).to(dtype) as Tensor
              const m = ops.stack([matrix(rows), matrix(rows, 0.4)]).to('f64') as Tensor
              const g = ops.rand([2, channels, 7, 31]).to(dtype) as Tensor
              const run = (device: string): Tensor[] => {
                const own = x.to(device).requiresGrad_(true) as Tensor
                const y = image.warpAffine
                const f = rows === 2 ? y : image.warpPerspective
                const out = f(own, m.to(device) as Tensor, { interpolation, padding, alignCorners, size: [7, 31] })
                ops.sum(ops.mul(out, g.to(device) as Tensor)).backward()
                return [out, own.grad as Tensor]
              }
              const [y, gx] = run('cuda:0') as [Tensor, Tensor]
              const [wanted, wantedGx] = run('cpu') as [Tensor, Tensor]
              const what = `${dtype}, ${rows} rows, ${channels} channels`
              // Places are off by roundings of the image's width; a pixel collects the gradients of many.
              close(`${what}: y`, y, wanted, 200)
              close(`${what}: gradient`, gx, wantedGx, 1500)
            })
      })

  test('warp: bytes, fills, places that are nowhere', () => {
    ops.scope(() => {
      const x = bytes(2, 9, 21, 19)
      const m = matrix(2).to('cuda:0') as Tensor
      for (const interpolation of MODES) {
        const found = numbers(image.warpAffine(x.to('cuda:0') as Tensor, m, { interpolation, fill: 77 }))
        const exact = numbers(image.warpAffine(x.to('f64') as Tensor, matrix(2), { interpolation, fill: 77 }))
        const off = found.map((v, i) => Math.abs(v - Math.min(255, Math.max(0, exact[i] as number))))
        // Half a level, and what places in f32 make of it.
        expect(
          off.reduce((worst, v) => Math.max(worst, v), 0),
          interpolation,
        ).toBeLessThanOrEqual(0.505)
      }
      const nowhere = ops.tensor([
        [Number.NaN, 0, 0],
        [0, 1, 0],
      ]) as Tensor
      const far = ops.tensor([
        [1, 0, 1e30],
        [0, 1, 0],
      ]) as Tensor
      const values = ops.rand([1, 2, 5, 6]) as Tensor
      for (const at of [nowhere, far])
        for (const interpolation of MODES)
          for (const options of [{ fill: [0.25, -3] }, { padding: 'border' }] as const)
            close(
              interpolation,
              image.warpAffine(values.to('cuda:0') as Tensor, at.to('cuda:0') as Tensor, { interpolation, ...options }),
              image.warpAffine(values, at, { interpolation, ...options }),
              8,
            )
    })
  })

  test('recolor: every step, more than a block, ragged planes', () => {
    const steps: readonly image.ColorStep[] = [
      ['hue', 0.21],
      ['contrast', [1.3, 0.4]],
      ['saturation', 1.7],
      ['brightness', [0.8, 1.1]],
      ['contrast', 0.6],
    ]
    for (const [channels, h, w] of [
      [3, 37, 41],
      [1, 64, 32],
      [3, 1, 1],
    ] as const)
      ops.scope(() => {
        for (const dtype of FLOATS) {
          const x = ops.add(ops.mul(ops.rand([2, channels, h, w]), 0.9), 0.05).to(dtype) as Tensor
          const what = `${dtype}, ${channels} channels, ${h} x ${w}`
          close(what, image.recolor(x.to('cuda:0') as Tensor, steps), image.recolor(x, steps), 400)
          if (channels === 1) continue
          close(`${what}: hsv`, image.rgbToHsv(x.to('cuda:0') as Tensor), image.rgbToHsv(x), 400)
          close(`${what}: rgb`, image.hsvToRgb(x.to('cuda:0') as Tensor), image.hsvToRgb(x), 40)
          close(`${what}: gray`, image.rgbToGrayscale(x.to('cuda:0') as Tensor), image.rgbToGrayscale(x), 8)
        }
        const b = bytes(2, channels, h, w)
        alike(`bytes, ${channels} channels`, image.recolor(b.to('cuda:0') as Tensor, steps), image.recolor(b, steps))
      })
  })

  test('levels: planes at any address, of several blocks, of one level', () => {
    ops.scope(() => {
      for (const x of [bytes(3, 3, 7, 5), bytes(1, 2, 131, 257), bytes(2, 1, 4, 16), bytes(2, 3, 1, 1)]) {
        const on = x.to('cuda:0') as Tensor
        same(`equalize ${x.shape}`, image.equalize(on), image.equalize(x))
        same(`gamma ${x.shape}`, image.adjustGamma(on, 0.6), image.adjustGamma(x, 0.6))
      }
      const even = ops.full([1, 3, 40, 30], 9, { dtype: 'u8' }) as Tensor
      same('one level', image.equalize(even.to('cuda:0') as Tensor), image.equalize(even))
      // A view that begins at an odd address.
      const x = bytes(1, 1, 61, 50)
      const part = (t: Tensor): Tensor => ops.slice(t, 2, 1, 61)
      same('a view', image.equalize(part(x.to('cuda:0') as Tensor)), image.equalize(part(x)))
    })
  })
})
