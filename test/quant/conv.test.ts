/** Convolutions with weights of bytes: lib/quant/conv.ts. */
import { expect, test } from 'vitest'
import { conv2d, grad, randn, relu, ShapeError, scope, type Tensor } from '#lib/index.js'
import {
  dequantize,
  dynamicQuantizedConv2d,
  quantizeConvWeight,
  quantizedConv2d,
  quantizePerTensor,
} from '#lib/quant/index.js'
import { numbers } from '../helpers/compare.js'

const CASES = [
  [[2, 5, 9, 8], [7, 5, 3, 3], { padding: 1 }],
  [[1, 3, 11, 12], [4, 3, 3, 2], { stride: [2, 1], padding: [0, 2], dilation: [2, 1] }],
  [[2, 16, 5, 6], [9, 16, 1, 1], {}],
] as const

/** The weight (o, c, kh, kw) that the bytes stand for. */
const dequantized = (weight: ReturnType<typeof quantizeConvWeight>, [o, c, kh, kw]: readonly number[]): Tensor =>
  weight
    .dequantize('f32')
    .reshape([o as number, kh as number, kw as number, c as number])
    .permute([0, 3, 1, 2])

const worst = (a: Tensor, b: Tensor): number => {
  const [x, y] = [numbers(a.contiguous()), numbers(b.contiguous())]
  expect(x.length).toBe(y.length)
  return x.reduce((most, v, i) => Math.max(most, Math.abs(v - (y[i] as number))), 0)
}

test.each(CASES)('an image of bytes %j by %j, %j', (xShape, wShape, options) => {
  scope(() => {
    const weight = quantizeConvWeight(randn([...wShape]))
    const bias = randn([wShape[0]])
    const kernelSize = [wShape[2], wShape[3]] as const
    const [scale, zeroPoint] = [0.03, 117]
    const x = quantizePerTensor(randn([...xShape]), scale, zeroPoint, 'u8')
    const image = dequantize(x, scale, { zeroPoint })
    // In float64: sums of products of bytes are exact.
    const exact = conv2d(image.to('f64'), dequantized(weight, wShape).to('f64'), bias.to('f64'), options)
    const y = quantizedConv2d(x, weight, bias, { ...options, kernelSize, scale, zeroPoint })
    expect([y.dtype, y.shape]).toEqual(['f32', exact.shape])
    const largest = Math.max(...numbers(exact).map(Math.abs))
    expect(worst(y, exact)).toBeLessThanOrEqual(16 * 2 ** -24 * largest)
    const bytes = quantizedConv2d(x, weight, bias, {
      ...options,
      kernelSize,
      scale,
      zeroPoint,
      outDtype: 'i8',
      outScale: 0.1,
      activation: 'relu',
    })
    expect(bytes.dtype).toBe('i8')
    const back = dequantize(bytes, 0.1)
    expect(worst(back, relu(exact).clamp(0, 12.7))).toBeLessThanOrEqual(0.0501)
    weight.dispose()
  })
})

test.each(CASES)('an image quantized on the way %j by %j, %j', (xShape, wShape, options) => {
  scope(() => {
    const weight = quantizeConvWeight(randn([...wShape]))
    const kernelSize = [wShape[2], wShape[3]] as const
    const x = randn([...xShape]).requiresGrad_() as Tensor
    const w = dequantized(weight, wShape)
    const exact = conv2d(x, w, null, options)
    const y = dynamicQuantizedConv2d(x, weight, null, { ...options, kernelSize })
    expect(y.shape).toEqual(exact.shape)
    // A window's values lie within 4.5 or so: a step of its scale is 9 / 255, half of which an element may be off.
    const sums = Math.max(...numbers(conv2d(x.detach().mul(0).add(1), w.abs(), null, options)))
    expect(worst(y, exact)).toBeLessThanOrEqual((0.5 * 10 * sums) / 255)
    expect(worst(y, exact)).toBeGreaterThan(0)
    const g = randn([...exact.shape])
    const [found, expected] = [y, exact].map((t) => grad(t.mul(g).sum(), [x])[0]) as [Tensor, Tensor]
    expect(worst(found, expected)).toBeLessThanOrEqual(2 ** -14)
    weight.dispose()
  })
})

test('refuses what does not fit', () => {
  scope(() => {
    const weight = quantizeConvWeight(randn([4, 3, 3, 3]))
    const x = randn([1, 3, 5, 5])
    expect(() => dynamicQuantizedConv2d(x, weight, null, { kernelSize: 2 })).toThrow(
      'dynamicQuantizedConv2d: a 2x2 window of 3 channels is 12 elements, the weight takes 27',
    )
    expect(() => dynamicQuantizedConv2d(randn([1, 3, 2, 2]), weight, null, { kernelSize: 3 })).toThrow(ShapeError)
    expect(() => quantizeConvWeight(randn([4, 3, 3]))).toThrow(ShapeError)
    weight.dispose()
  })
})
