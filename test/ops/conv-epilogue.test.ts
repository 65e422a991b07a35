/** What convolutions do to their results in the same pass, in every way of computing them, against operators in turn and in float64. */
import { describe, expect, test } from 'vitest'
import {
  abs,
  add,
  autocast,
  conv1d,
  conv2d,
  conv3d,
  engine,
  gelu,
  grad,
  ones,
  randn,
  relu,
  ShapeError,
  scope,
  silu,
  type Tensor,
  ValueError,
  vmap,
  zeros,
} from '#lib/index.js'
import { numbers, ROUNDOFF } from '../helpers/compare.js'

const ACTIVATIONS = {
  none: (x: Tensor) => x,
  relu,
  gelu: (x: Tensor) => gelu(x),
  geluTanh: (x: Tensor) => gelu(x, { approximate: 'tanh' }),
  silu,
} as const

/** [name, x, weight, options]: each takes another way, or ends runs elsewhere. */
const WAYS = [
  ['one image that is its own matrix', [1, 5, 40, 41], [7, 5, 3, 3], { padding: 1 }],
  ['images side by side', [3, 9, 5, 7], [11, 9, 3, 2], { stride: 2, padding: 1 }],
  ['pointwise', [2, 16, 9, 11], [17, 16, 1, 1], {}],
  ['Winograd, many tiles', [2, 32, 17, 18], [32, 32, 3, 3], { padding: 1 }],
  ['Winograd, few tiles', [2, 256, 7, 7], [256, 256, 3, 3], { padding: 1 }],
  ['Winograd, dilated', [2, 64, 17, 19], [64, 64, 3, 3], { padding: 2, dilation: 2 }],
  ['depthwise', [2, 6, 13, 19], [6, 1, 3, 3], { padding: 1, groups: 6 }],
  ['depthwise, narrow', [2, 6, 9, 5], [12, 1, 5, 3], { padding: 1, stride: 2, groups: 6 }],
  ['groups', [2, 12, 8, 9], [14, 6, 3, 3], { padding: 1, groups: 2 }],
  ['few outputs', [2, 17, 9, 21], [3, 17, 3, 3], { padding: 1 }],
  ['eight outputs', [2, 17, 9, 28], [8, 17, 3, 3], { padding: 1 }],
  ['weights packed', [1, 8, 50, 60], [13, 8, 3, 3], { padding: 1 }],
  ['few positions', [2, 30, 7, 7], [50, 30, 3, 3], { padding: 1, precision: 'highest' }],
  ['few positions, an odd number of vectors', [1, 60, 5, 8], [50, 60, 1, 1], {}],
  ['few positions, whole lines', [1, 60, 29, 29], [50, 60, 1, 1], {}],
] as const

describe.each(WAYS)('%s', (_, xShape, wShape, options) => {
  test.each(Object.keys(ROUNDOFF) as (keyof typeof ROUNDOFF)[])('%s', (dtype) => {
    scope(() => {
      const draw = (shape: readonly number[]): Tensor => randn([...shape]).to(dtype) as Tensor
      const [x, weight, bias] = [draw(xShape), draw(wShape), draw([wShape[0]])]
      const [xd, wd, bd] = [x, weight, bias].map((t) => t.to('f64')) as [Tensor, Tensor, Tensor]
      const exact = conv2d(xd, wd, bd, options)
      const magnitude = conv2d(abs(xd), abs(wd), abs(bd), options)
      const terms = wShape[1] * wShape[2] * wShape[3]
      for (const residual of [null, draw(exact.shape)]) {
        for (const [activation, apply] of Object.entries(ACTIVATIONS)) {
          const y = conv2d(x, weight, bias, { ...options, residual, activation: activation as 'relu' })
          expect([y.dtype, y.shape]).toEqual([dtype, exact.shape])
          const before = residual ? add(exact, residual.to('f64')) : exact
          const [found, expected] = [numbers(y), numbers(apply(before))]
          // The sums' error times the activation's slope (at most 1.13), its own, and the rounding of the result.
          const sums = numbers(magnitude)
          const unit = dtype === 'f64' ? ROUNDOFF.f64 : ROUNDOFF.f32
          const own = dtype === 'f64' || dtype === 'f32' ? 0 : ROUNDOFF[dtype]
          const slack = numbers(before)
          let worst = 0
          found.forEach((v, i) => {
            const error = Math.abs(v - (expected[i] as number))
            const bound =
              1.13 * unit * (Math.max(terms, 64) + 2) * (sums[i] as number) +
              8 * unit * Math.abs(slack[i] as number) +
              own * Math.abs(expected[i] as number) +
              2 ** -24
            worst = Math.max(worst, error / (dtype === 'f64' ? bound - 2 ** -24 + 2 ** -50 : bound))
          })
          expect(worst, `${activation}${residual ? ' with a residual' : ''}`).toBeLessThanOrEqual(1)
        }
      }
    })
  })
})

test('the reference backend agrees in one, two and three dimensions', () => {
  if (!engine.info().devices.includes('reference')) return
  scope(() => {
    const forms = [
      [conv1d, [2, 3, 11], [4, 3, 3]],
      [conv2d, [2, 3, 6, 7], [4, 3, 3, 3]],
      [conv3d, [1, 2, 4, 5, 6], [3, 2, 2, 3, 3]],
    ] as const
    for (const [conv, xShape, wShape] of forms) {
      const x = randn([...xShape]).to('f64') as Tensor
      const weight = randn([...wShape]).to('f64') as Tensor
      const residual = randn([...conv(x, weight, null, { padding: 1 }).shape]).to('f64') as Tensor
      const [here, there] = ['cpu', 'reference'].map((device) => {
        const [a, w, r] = [x, weight, residual].map((t) => t.to(device)) as [Tensor, Tensor, Tensor]
        return numbers(conv(a, w, null, { padding: 1, activation: 'silu', residual: r }))
      }) as [Float64Array, Float64Array]
      here.forEach((v, i) => {
        expect(Math.abs(v - (there[i] as number))).toBeLessThanOrEqual(2 ** -45)
      })
    }
  })
})

test('an image without a batch', () => {
  scope(() => {
    const [x, weight, residual] = [randn([3, 6, 6]), randn([2, 3, 3, 3]), randn([2, 6, 6])]
    const y = conv2d(x, weight, null, { padding: 1, residual, activation: 'relu' })
    expect(y.shape).toEqual([2, 6, 6])
    expect(numbers(y)).toEqual(numbers(relu(add(conv2d(x, weight, null, { padding: 1 }), residual))))
  })
})

test('gradients are those of the operators in turn, of the residual too', () => {
  scope(() => {
    const [x, weight, bias, residual] = [[2, 3, 5, 5], [4, 3, 3, 3], [4], [2, 4, 5, 5]].map((shape) =>
      (randn(shape) as Tensor).requiresGrad_(),
    ) as [Tensor, Tensor, Tensor, Tensor]
    const leaves = [x, weight, bias, residual]
    const fused = conv2d(x, weight, bias, { padding: 1, residual, activation: 'gelu' })
    const apart = gelu(add(conv2d(x, weight, bias, { padding: 1 }), residual))
    const [a, b] = [grad(fused.sum(), leaves), grad(apart.sum(), leaves)] as [Tensor[], Tensor[]]
    a.forEach((g, i) => {
      expect(numbers(g)).toEqual(numbers(b[i] as Tensor))
    })
  })
})

test('inside of vmap', () => {
  scope(() => {
    const [x, weight, residual] = [randn([3, 2, 6, 6]), randn([2, 2, 3, 3]), randn([3, 2, 6, 6])]
    const options = { padding: 1, activation: 'relu' } as const
    const mapped = vmap((a: Tensor, r: Tensor) => conv2d(a, weight, null, { ...options, residual: r }))(x, residual)
    expect(numbers(mapped as Tensor)).toEqual(numbers(conv2d(x, weight, null, { ...options, residual })))
  })
})

test('under autocast the residual is cast too', () => {
  scope(() => {
    const [x, weight, residual] = [randn([1, 3, 6, 6]), randn([2, 3, 3, 3]), randn([1, 2, 4, 4])]
    const y = autocast(() => conv2d(x, weight, null, { residual, activation: 'relu' }))
    expect(y.dtype).toBe('bf16')
    const lowered = conv2d(x.to('bf16'), weight.to('bf16'), null, { residual: residual.to('bf16'), activation: 'relu' })
    expect(numbers(y)).toEqual(numbers(lowered))
  })
})

test('refuses what does not fit', () => {
  const [x, weight] = [ones([1, 1, 4, 4]), ones([1, 1, 3, 3])]
  expect(() => conv2d(x, weight, null, { residual: zeros([1, 1, 4, 4]) })).toThrow(ShapeError)
  expect(() => conv2d(x, weight, null, { residual: zeros([1, 1, 2, 2], { dtype: 'f64' }) })).toThrow(
    'conv2d: the residual is (1, 1, 2, 2) f64, the result (1, 1, 2, 2) f32',
  )
  expect(() => conv2d(x, weight, null, { activation: 'tanh' as 'relu' })).toThrow(ValueError)
})
