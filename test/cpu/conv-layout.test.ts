/** Images that lie channels-last: read as they lie, results likewise; the same numbers as channels-first. */
import { describe, expect, test } from 'vitest'
import { abs, conv2d, engine, noGrad, randn, relu, scope, type Tensor } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'

const FLOATS = { f64: 2 ** -53, f32: 2 ** -24, bf16: 2 ** -8, f16: 2 ** -11 } as const

/** A view (n, c, h, w) of an image (n, h, w, c). */
const channelsLast = (x: Tensor): Tensor => x.permute([0, 2, 3, 1]).contiguous().permute([0, 3, 1, 2])
const liesChannelsLast = (x: Tensor): boolean => !x.isContiguous && x.permute([0, 2, 3, 1]).isContiguous

const CASES = [
  ['pointwise', [3, 5, 6, 7], [19, 5, 1, 1], {}],
  ['pointwise of many channels', [1, 400, 7, 7], [70, 400, 1, 1], {}],
  ['pointwise, strided', [2, 5, 7, 8], [3, 5, 1, 1], { stride: 2 }],
  ['without padding', [2, 4, 9, 8], [17, 4, 3, 3], {}],
  ['padded', [2, 33, 14, 13], [35, 33, 3, 3], { padding: 1 }],
  ['stem', [1, 3, 31, 29], [24, 3, 7, 7], { stride: 2, padding: 3 }],
  ['dilated', [2, 3, 12, 11], [5, 3, 3, 2], { padding: [2, 1], dilation: [2, 3], stride: [1, 2] }],
  ['more padding than image', [1, 2, 2, 2], [2, 2, 2, 2], { padding: 3 }],
  ['long kernel rows', [1, 150, 4, 5], [7, 150, 3, 3], { padding: 1 }],
  ['one column', [2, 3, 8, 1], [4, 3, 3, 1], { padding: [1, 0] }],
] as const

describe.each(CASES)('%s', (_, xShape, wShape, options) => {
  test.each(Object.keys(FLOATS) as (keyof typeof FLOATS)[])('%s', (dtype) => {
    scope(() => {
      const draw = (shape: readonly number[]): Tensor => randn([...shape]).to(dtype) as Tensor
      const [x, weight, bias] = [draw(xShape), draw(wShape), draw([wShape[0]])]
      const [xd, wd, bd] = [x, weight, bias].map((t) => t.to('f64')) as [Tensor, Tensor, Tensor]
      const exact = conv2d(xd, wd, bd, options)
      const y = conv2d(channelsLast(x), weight, bias, options)
      expect(liesChannelsLast(y)).toBe(true)
      const [found, expected] = [numbers(y.contiguous()), numbers(exact)]
      const magnitude = numbers(conv2d(abs(xd), abs(wd), abs(bd), options))
      const terms = wShape[1] * wShape[2] * wShape[3] + 2
      const unit = dtype === 'f64' ? FLOATS.f64 : FLOATS.f32
      const own = dtype === 'f64' || dtype === 'f32' ? 0 : FLOATS[dtype]
      let worst = 0
      found.forEach((v, i) => {
        const bound =
          2 * unit * terms * (magnitude[i] as number) + own * Math.abs(expected[i] as number) + 2 ** -24 * own
        worst = Math.max(worst, Math.abs(v - (expected[i] as number)) / bound)
      })
      expect(worst).toBeLessThanOrEqual(1)
    })
  })
})

test('activation and residual, whatever the residual lies like', () => {
  scope(() => {
    for (const dtype of ['f32', 'bf16'] as const) {
      const draw = (shape: number[]): Tensor => randn(shape).to(dtype) as Tensor
      const [x, weight, residual] = [draw([2, 6, 7, 5]), draw([9, 6, 3, 3]), draw([2, 9, 7, 5])]
      const options = { padding: 1, activation: 'relu' } as const
      const image = channelsLast(x)
      const y = conv2d(image, weight, null, { ...options, residual })
      expect(liesChannelsLast(y)).toBe(true)
      expect(numbers(y.contiguous())).toEqual(
        numbers(conv2d(image, weight, null, { ...options, residual: channelsLast(residual) }).contiguous()),
      )
      const apart = relu(conv2d(image.to('f64'), weight.to('f64'), null, { padding: 1 }).add(residual.to('f64')))
      const expected = numbers(apart.contiguous())
      numbers(y.contiguous()).forEach((v, i) => {
        const e = expected[i] as number
        expect(Math.abs(v - e)).toBeLessThanOrEqual((dtype === 'bf16' ? 2 ** -8 : 0) * Math.abs(e) + 2 ** -16)
      })
    }
  })
})

test('gradients, their gradients, and writes in place are those of the layout channels-first', () => {
  scope(() => {
    const [x, weight, bias] = [[2, 4, 6, 5], [3, 4, 3, 3], [3]].map((shape) => (randn(shape) as Tensor).to('f64')) as [
      Tensor,
      Tensor,
      Tensor,
    ]
    const run = (layout: (t: Tensor) => Tensor): Float64Array[] => {
      const leaves = [x, weight, bias].map((t) => t.clone().requiresGrad_()) as [Tensor, Tensor, Tensor]
      const y = conv2d(layout(leaves[0]), leaves[1], leaves[2], { padding: 1 })
      y.relu_()
      y.mul(y).sum().backward()
      return leaves.map((t) => numbers(t.grad as Tensor))
    }
    const [first, last] = [run((t) => t), run(channelsLast)] as [Float64Array[], Float64Array[]]
    first.forEach((g, i) => {
      g.forEach((v, j) => {
        expect(Math.abs(v - (last[i]?.[j] as number))).toBeLessThanOrEqual(2 ** -40 * (1 + Math.abs(v)))
      })
    })
  })
})

test('a refused call leaves none of its views behind', () => {
  scope(() => {
    const [x, residual] = [channelsLast(randn([2, 3, 6, 5])), channelsLast(randn([2, 4, 4, 3]))]
    const [weight, gone] = [randn([4, 3, 3, 3]), randn([4, 3, 3, 3])]
    gone.dispose()
    const bias = randn([4])
    bias.dispose()
    engine.syncSync()
    const before = engine.memory()
    for (const run of [
      () => conv2d(x, gone),
      () => conv2d(x, weight, bias),
      () => conv2d(x, gone, null, { residual, activation: 'relu' }),
    ]) {
      expect(run).toThrow('was disposed of')
      expect(engine.memory()).toMatchObject({ tensors: before.tensors, live: before.live })
    }
  })
})

test('layers in a row stay channels-last', () => {
  scope(() => {
    const x = channelsLast(randn([1, 3, 16, 16]))
    const y = noGrad(() => {
      const between = conv2d(x, randn([8, 3, 3, 3]), null, { padding: 1, activation: 'relu' })
      return conv2d(between, randn([4, 8, 1, 1]))
    })
    expect(liesChannelsLast(y)).toBe(true)
  })
})
