/** Every bf16 and f16 number, and every rounding boundary between two: read-back, casts, and arithmetic's conversions. */
import { describe, expect, test } from 'vitest'
import { engine, scope, type Tensor, tensor } from '#lib/index.js'
import { expectSameBits } from '../helpers/compare.js'

const devices = engine.info().devices.filter((d) => d !== 'reference')

for (const device of devices) {
  describe.each(['bf16', 'f16'] as const)(`${device} %s`, (dtype) => {
    const bits = Uint16Array.from({ length: 1 << 16 }, (_, i) => i)

    test('all 65,536 bit patterns read as the oracle reads them', () => {
      scope(() => {
        const read = (d: string): Tensor => tensor((tensor(bits, { dtype, device: d }) as Tensor).dataSync())
        expectSameBits(dtype, withoutNaN(read(device)), withoutNaN(read('reference')))
      })
    })

    test('numbers, and the midpoints between neighbours, round to nearest even', () => {
      scope(() => {
        const values = (tensor(bits, { dtype, device: 'reference' }) as Tensor).dataSync() as Float32Array
        const finite = values.filter(Number.isFinite).sort()
        const between = finite.slice(1).map((x, i) => (x + (finite[i] as number)) / 2)
        // Just beside a midpoint, the nearest one wins.
        const [above, below] = [between.map((x) => x * (1 + 2 ** -23)), between.map((x) => x * (1 - 2 ** -23))]
        for (const source of [finite, between, above, below]) {
          const round = (d: string): Tensor => tensor(source, { device: d }).to(dtype) as Tensor
          expect(round(device).rawDataSync()).toEqual(round('reference').rawDataSync())
        }
      })
    })

    test('a pointwise operator converts as a cast does', () => {
      scope(() => {
        const x = tensor(bits, { dtype, device }) as Tensor
        expectSameBits(dtype, withoutNaN(x.mul(1)), withoutNaN(x))
      })
    })
  })
}

/** NaN has many bit patterns, which no operator promises to keep. */
function withoutNaN(x: Tensor): Tensor {
  return x.maskedFill(x.isnan(), 0)
}
