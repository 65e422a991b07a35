/** Batches of quantized products: samples share the weight, so that a batch is one product with more rows. */
import { expect, test } from 'vitest'
import { grad, scope, stack, type Tensor, tensor, vmap } from '#lib/index.js'
import {
  dequantize,
  dynamicQuantizedLinear,
  intMatmul,
  quantizedLinear,
  quantizeGroups,
  quantizePerChannel,
  quantizePerTensor,
  quantizeWeight,
  weightOnlyLinear,
} from '#lib/quant/index.js'
import { numbers } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'

const [SAMPLES, ROWS, OUT, INNER] = [5, 3, 19, 40] as const
const r = new Random('batches of quantized products')
const draw = (...shape: number[]): Tensor =>
  tensor(
    r.array(
      shape.reduce((a, b) => a * b),
      (r) => r.uniform(-1, 1),
    ),
    { shape, dtype: 'f32' },
  )

/** `f` over the first dimension by vmap, in one command an operator, and sample by sample: the same numbers, or as near as `within`. */
function expectOneCommand(name: string, f: (x: Tensor) => Tensor, x: Tensor, within = 0): void {
  const events: string[] = []
  const y = vmap(f, { onFallback: (e) => events.push(`${e.kind} ${e.operator}`) })(x) as Tensor
  expect(events, name).toEqual([])
  const parts = Array.from({ length: x.shape[0] as number }, (_, i) => f(x.at(i)))
  const one = stack(parts, 0)
  expect(y.shape, name).toEqual(one.shape)
  const [a, b] = [numbers(y), numbers(one)]
  a.forEach((v, i) => {
    expect(Math.abs(v - (b[i] as number)), name).toBeLessThanOrEqual(within)
  })
}

test('layers, conversions and integer products', () => {
  scope(() => {
    const [w, bias] = [draw(OUT, INNER), draw(OUT)]
    const [bytes, groups] = [quantizeWeight(w), quantizeGroups(w, { groupSize: 32 })]
    const x = draw(SAMPLES, ROWS, INNER)
    const q = quantizePerTensor(x, 1 / 127)
    expectOneCommand('dynamicQuantizedLinear', (x) => dynamicQuantizedLinear(x, bytes, bias, { activation: 'silu' }), x)
    expectOneCommand('quantizedLinear', (q) => quantizedLinear(q, bytes, bias, { scale: 0.01, zeroPoint: 3 }), q)
    // More rows are multiplied by another kernel: INNER additions of products below 1 in another order.
    expectOneCommand('weightOnlyLinear', (x) => weightOnlyLinear(x, groups, bias), x, INNER * INNER * 2 ** -23)
    // A vector is a row: the batch of rows is a matrix.
    expectOneCommand('one row', (x) => dynamicQuantizedLinear(x, bytes, bias), draw(SAMPLES, INNER))

    const [scales, zeros] = [draw(ROWS).square().add(0.01) as Tensor, tensor(Int32Array.of(1, -2, 3))]
    expectOneCommand('quantizePerTensor', (x) => quantizePerTensor(x, 0.02, -3), x)
    expectOneCommand('quantizePerChannel', (x) => quantizePerChannel(x, scales, zeros, 0), x)
    expectOneCommand(
      'quantizePerChannel of the last axis',
      (x) => quantizePerChannel(x.transpose(0, 1), scales, null, -1),
      x,
    )
    expectOneCommand('dequantize', (q) => dequantize(q, 0.02, { zeroPoint: 4 }), q)
    expectOneCommand('dequantize by channels', (q) => dequantize(q, scales, { zeroPoint: zeros, axis: 0 }), q)

    const right = quantizePerTensor(draw(INNER, OUT), 1 / 127)
    const options = { aZeroPoint: zeros, bZeroPoint: 7 }
    expectOneCommand('intMatmul', (q) => intMatmul(q, right, options), q)
    expectOneCommand('intMatmul on the right', (b) => intMatmul(q.at(0), b.transpose(0, 1), { aZeroPoint: 2 }), q)
    bytes.dispose()
  })
})

test('the gradient of a layer with a shared weight', () => {
  scope(() => {
    const weight = quantizeWeight(draw(OUT, INNER))
    const x = draw(SAMPLES, ROWS, INNER)
    const gradient = (x: Tensor): Tensor => {
      const leaf = x.detach().requiresGrad_()
      const y = dynamicQuantizedLinear(leaf, weight, null, { activation: 'gelu' })
      return (grad(y.square().sum(), [leaf]) as Tensor[])[0] as Tensor
    }
    const found = numbers(vmap(gradient)(x) as Tensor)
    const expected = numbers(
      stack(
        Array.from({ length: SAMPLES }, (_, i) => gradient(x.at(i))),
        0,
      ),
    )
    // Products of OUT terms, none above 100, in another order.
    found.forEach((v, i) => {
      expect(Math.abs(v - (expected[i] as number))).toBeLessThanOrEqual(OUT * 100 * 2 ** -22)
    })
    weight.dispose()
  })
})

test('samples with weights or zero points of their own are computed one by one', () => {
  scope(() => {
    const [a, b] = [quantizePerTensor(draw(4, 6), 1 / 127), quantizePerTensor(draw(6, 5), 1 / 127)]
    const zeros = tensor(Int32Array.of(1, 5, -9))
    const events: string[] = []
    const f = (z: Tensor): Tensor => intMatmul(a, b, { bZeroPoint: z })
    const y = vmap(f, { onFallback: (e) => events.push(`${e.kind} ${e.operator}`) })(zeros) as Tensor
    expect(events).toEqual(['operator intMatmul'])
    expect(numbers(y)).toEqual(
      numbers(
        stack(
          [1, 5, -9].map((z) => f(tensor(Int32Array.of(z)).at(0))),
          0,
        ),
      ),
    )
  })
})
