/**
 * Fills and hues that are no finite numbers: pixels inside do not see a fill, and a hue does not touch what it does not decide. Place in the
 * whole: test/image runs these on the CPU, test/cuda/paths on CUDA.
 */
import { expect, test } from 'vitest'
import * as image from '#lib/image/index.js'
import { scope, type Tensor, tensor } from '#lib/index.js'
import { numbers } from './compare.js'

export function imageSpecialValues(device = 'cpu'): void {
  const placed = (t: Tensor): Tensor => t.to(device)

  test.each([NaN, Infinity, -Infinity])('a nearest or bilinear shift whose fill is %s', (fill) => {
    scope(() => {
      const [h, w] = [4, 32]
      const x = placed(tensor(Float32Array.from({ length: h * w }, (_, i) => i)).reshape([1, 1, h, w]))
      // An eighth of half the width, two pixels, to the left: columns 30 and 31 come from outside. All weights are exact.
      const shift = placed(tensor(new Float32Array([1, 0, 0.125, 0, 1, 0])).reshape([2, 3]))
      for (const interpolation of ['nearest', 'bilinear'] as const) {
        const found = numbers(image.warpAffine(x, shift, { interpolation, fill }))
        for (const [i, v] of found.entries()) expect(v, `${interpolation} ${i}`).toBe(i % w < w - 2 ? i + 2 : fill)
      }
    })
  })

  test('a hue that is no number leaves value and saturation', () => {
    scope(() => {
      for (const hue of [NaN, Infinity, -Infinity]) {
        const x = placed(tensor(new Float32Array([hue, 0.5, 0.75])).reshape([1, 3, 1, 1]))
        const [r, g, b] = numbers(image.hsvToRgb(x))
        expect([r, g]).toEqual([0.75, 0.375])
        expect(b).toBeNaN()
      }
    })
  })
}
