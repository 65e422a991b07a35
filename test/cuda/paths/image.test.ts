/**
 * Warped images on CUDA (cuda/kernels/image/warp.cuh) against exact ones: every mode, padding and kind of pixel, bytes too, with fills,
 * matrices of every dtype, affine and projective, images of one line. Place in the whole: the operator tests have the semantics and
 * ../image.test.ts the sizes; here each dtype's kernels take every branch.
 */
import { describe, expect, test } from 'vitest'
import * as image from '#lib/image/index.js'
import { scope, type Tensor, tensor } from '#lib/index.js'
import { numbers } from '../../helpers/compare.js'
import { imageSpecialValues } from '../../helpers/image-special-values.js'
import { FLOATS, type Float, ROUNDOFF } from '../products.js'
import { device, drawn } from '../same.js'

type Pixel = Float | 'u8'
const PIXELS: readonly Pixel[] = [...FLOATS, 'u8']
const on = (t: Tensor): Tensor => t.to(device as string) as Tensor
const computed = (dtype: Pixel): number => ROUNDOFF[dtype === 'f64' ? 'f64' : 'f32']

/** Elements that are `roundings` of what they are computed in, of 1 or of themselves, and one of their own dtype from the exact ones. */
function close(what: string, found: Tensor, exact: Tensor, dtype: Pixel, roundings: number): void {
  const [a, e] = [numbers(found), numbers(exact)]
  expect({ what, shape: found.shape, dtype: found.dtype }).toEqual({ what, shape: exact.shape, dtype })
  for (const [i, y] of e.entries()) {
    const x = a[i] as number
    if (dtype === 'u8') {
      // Half a level, none where nothing is mixed; what is beyond the ends is the end.
      const level = Math.min(255, Math.max(0, y))
      const most = roundings === 0 ? 0 : 0.5
      if (!(Math.abs(x - level) <= most + roundings * 255 * ROUNDOFF.f32))
        expect.fail(`${what}: byte ${i} is ${x}, expected ${y}`)
    } else if (x !== y && !(Number.isNaN(x) && Number.isNaN(y))) {
      const most =
        (roundings * computed(dtype) + (dtype === 'bf16' || dtype === 'f16' ? ROUNDOFF[dtype] : 0)) *
        Math.max(1, Math.abs(y))
      if (!(Math.abs(x - y) <= (roundings === 0 ? 0 : most)))
        expect.fail(`${what}: element ${i} is ${x}, expected ${y}`)
    }
  }
}

/** Values that every dtype holds, bytes or from -1 to 1. */
const pixels = (dtype: Pixel, shape: readonly number[], seed = 'pixels'): Tensor =>
  drawn(seed, shape, dtype, 'cpu', (r) => (dtype === 'u8' ? r.int(0, 256) : r.int(-64, 65) / 64))

/** Such that no place is near a pixel's centre or edge; bf16 holds them too. The last of three rows is projective. */
const matrices = (rows: 2 | 3, dtype: Float): Tensor =>
  tensor(
    [
      [
        [0.9140625, 0.21875, 0.0517578125],
        [-0.283203125, 1.125, -0.0771484375],
        [0.03125, -0.01708984375, 1.0078125],
      ],
      [
        [-1.1875, 0.07177734375, 0.45703125],
        [0.1875, 0.62890625, 0.123046875],
        [-0.0625, 0.04296875, 0.9765625],
      ],
    ].map((m) => m.slice(0, rows)),
    { dtype: 'f64' },
  ).to(dtype) as Tensor

describe.skipIf(device === undefined)('warped images on CUDA', () => {
  for (const interpolation of ['nearest', 'bilinear', 'bicubic'] as const)
    test(interpolation, () => {
      // A place is below 32, and off by a rounding of its own; the divisor's and the quotient's make three.
      const roundings = interpolation === 'nearest' ? 0 : 3 * 32
      const fills = [0.25, -0.5, 0.75, 1, 0, -1, 0.125, 0.5, 0.375]
      for (const dtype of PIXELS)
        for (const [c, of] of [
          // More channels than a thread takes, each with a fill of its own; bytes beyond both ends.
          [{ size: [5, 6], rows: 2, padding: 'zeros', fill: fills.map((f) => (dtype === 'u8' ? 400 * f : f)) }, 'f32'],
          [{ size: [5, 6], rows: 3, padding: 'zeros' }, 'f16'],
          [{ size: [6, 5], rows: 3, padding: 'border' }, 'bf16'],
          [{ size: [7, 5], rows: 2, padding: 'reflection' }, 'f64'],
          [{ size: [5, 7], rows: 3, padding: 'reflection', alignCorners: true }, 'bf16'],
          // One line, one column: what reflects between centres has no span.
          [{ size: [1, 6], rows: 2, padding: 'reflection', alignCorners: true }, 'f32'],
          [{ size: [6, 1], rows: 3, padding: 'reflection', alignCorners: true }, 'f64'],
        ] as const)
          scope(() => {
            const {
              size,
              rows,
              padding,
              fill = null,
              alignCorners = false,
            } = c as typeof c & {
              fill?: readonly number[]
              alignCorners?: boolean
            }
            const warped = rows === 2 ? image.warpAffine : image.warpPerspective
            const options = { interpolation, padding, alignCorners, size: [9, 8] as const, fill }
            const [x, m] = [pixels(dtype, [2, 9, ...size]), matrices(rows, of)]
            const g = pixels(dtype === 'u8' ? 'f32' : dtype, [2, 9, 9, 8], 'gradient')
            const run = (place: (t: Tensor) => Tensor): Tensor[] => {
              const leaf = place(x).detach() as Tensor
              if (dtype !== 'u8') leaf.requiresGrad = true
              const y = warped(leaf, place(m), options)
              if (dtype === 'u8') return [y]
              y.backward({ gradient: place(g) })
              return [y, leaf.grad as Tensor]
            }
            const [found, exact] = [run(on), run((t) => t.to('f64'))] as [Tensor[], Tensor[]]
            const what = `${dtype} ${JSON.stringify(c)}`
            close(what, found[0] as Tensor, exact[0] as Tensor, dtype, roundings)
            // 72 places mix into as few as 6 pixels.
            if (dtype !== 'u8') close(`${what}: gradient`, found[1] as Tensor, exact[1] as Tensor, dtype, 3 * 32 * 12)
          })
    })

  test('places that are nowhere read nothing, reflected ones too', () => {
    scope(() => {
      const nowhere = tensor([
        [Number.NaN, 0, 0],
        [0, 1, 0],
      ]) as Tensor
      for (const interpolation of ['nearest', 'bilinear', 'bicubic'] as const)
        for (const dtype of PIXELS) {
          const y = pixels(dtype, [1, 2, 1, 5])
          for (const padding of ['border', 'reflection'] as const) {
            const options = { interpolation, padding, alignCorners: true }
            const zeros = numbers(image.warpAffine(on(y), on(nowhere), options))
            expect(
              zeros.every((v) => v === 0),
              `${dtype}, ${interpolation}, ${padding}`,
            ).toBe(true)
          }
        }
    })
  })
  imageSpecialValues(device as string)
})
