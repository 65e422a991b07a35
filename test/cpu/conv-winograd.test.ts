/** Winograd's algorithms (native/cpu/conv/winograd.cpp) against float64, where they are used, and the switch that says where. */
import { afterEach, describe, expect, test } from 'vitest'
import {
  abs,
  add,
  amax,
  conv2d,
  conv3d,
  engine,
  getConvPrecision,
  maxPool2d,
  mul,
  ones,
  randn,
  scope,
  setConvPrecision,
  type Tensor,
  tensor,
  ValueError,
  zeros,
} from '#lib/index.js'
import { numbers } from '../helpers/compare.js'

afterEach(() => setConvPrecision('high'))

/**
 * Images, channels in and out, height, width, padding, groups, dilation: around tiles of 2 and 4, one tile and many, more tiles than channels
 * and fewer, dilated ones whose parts differ in size.
 */
const SHAPES = [
  [2, 32, 32, 16, 16, 1, 1, 1],
  [1, 64, 64, 13, 21, 1, 1, 1],
  [3, 40, 40, 9, 7, 2, 1, 1],
  [1, 48, 33, 19, 18, 0, 1, 1],
  [5, 64, 32, 7, 7, 1, 1, 1],
  [1, 512, 480, 7, 8, 1, 1, 1],
  [4, 192, 160, 8, 8, 1, 1, 1],
  [2, 64, 96, 11, 12, 1, 2, 1],
  [16, 33, 31, 6, 30, 1, 1, 1],
  [2, 64, 64, 6, 40, 0, 1, 1],
  [2, 64, 64, 17, 41, 2, 1, 2],
  [1, 64, 96, 28, 28, 2, 1, 2],
  [3, 128, 64, 23, 19, 1, 2, 2],
  [2, 128, 128, 25, 26, 3, 1, 3],
  [4, 128, 128, 13, 20, 4, 1, 4],
] as const

/** Unit roundoff of what results are rounded to, beside the f32 of their sums. */
const ROUNDED = { f32: 0, bf16: 2 ** -8, f16: 2 ** -11 } as const
type Narrow = keyof typeof ROUNDED

/** Some draw, the same for the dtype and f64. */
const pair = (shape: number[], dtype: Narrow = 'f32'): [Tensor, Tensor] => {
  const x = randn(shape).to(dtype) as Tensor
  return [x, x.to('f64') as Tensor]
}

/** 16 units of 2^-24 of sum |x| |w|, its largest within the 4 x 4 results around each: a tile that meets the result lies there. */
function bound(magnitude: Tensor, dilation = 1): Float64Array {
  const edge = 3 * dilation
  const around = maxPool2d(magnitude.pad([edge, edge, edge, edge]), 7, { stride: 1, dilation })
  return numbers(around).map((m) => m * 16 * 2 ** -24)
}

function expectWithin(actual: Tensor, exact: Tensor, tolerance: Float64Array): void {
  const [a, e] = [numbers(actual), numbers(exact)]
  expect(a.length).toBe(e.length)
  let worst = 0
  const rounded = ROUNDED[actual.dtype as Narrow]
  a.forEach((v, i) => {
    const last = rounded * (Math.abs(e[i] as number) + (tolerance[i] as number) + 2 ** -14)
    worst = Math.max(worst, Math.abs(v - (e[i] as number)) / ((tolerance[i] as number) + last))
  })
  expect(worst).toBeLessThanOrEqual(1)
}

const same = (a: Tensor, b: Tensor): boolean =>
  Buffer.from(a.dataSync().buffer as ArrayBuffer).equals(Buffer.from(b.dataSync().buffer as ArrayBuffer))

const TITLE = 'n %i, %i to %i channels, %i x %i, padding %i, groups %i, dilation %i'

describe.each(SHAPES)(TITLE, (n, c, o, h, w, padding, groups, dilation) => {
  test.each(Object.keys(ROUNDED) as Narrow[])(
    'results and gradients stay within the stated bound of float64, %s',
    (dtype) => {
      scope(() => {
        const [x, xd] = pair([n, c, h, w], dtype)
        const [weight, wd] = pair([o, c / groups, 3, 3], dtype)
        const [bias, bd] = pair([o], dtype)
        const options = { padding, groups, dilation }
        x.requiresGrad_()
        const y = conv2d(x, weight, bias, options)
        xd.requiresGrad_()
        const exact = conv2d(xd, wd, bd, options)
        if (dtype === 'f32') expect(same(y, conv2d(x, weight, bias, { ...options, precision: 'highest' }))).toBe(false)
        expectWithin(y, exact, bound(conv2d(abs(xd), abs(wd), abs(bd), options).detach(), dilation))
        const [g, gd] = pair([...y.shape], dtype)
        y.backward({ gradient: g })
        exact.backward({ gradient: gd })
        const magnitude = abs(xd.detach()).requiresGrad_()
        conv2d(magnitude, abs(wd), null, options).backward({ gradient: abs(gd) })
        expectWithin(x.grad as Tensor, xd.grad as Tensor, bound(magnitude.grad as Tensor, dilation))
      })
    },
  )

  test('results do not depend on the number of threads', () => {
    scope(() => {
      const [x, weight] = [randn([n, c, h, w]), randn([o, c / groups, 3, 3])]
      const { threads } = engine
      const [one, several] = [1, 2].map((t) => {
        engine.setThreads(t)
        return conv2d(x, weight, null, { padding, groups, dilation }).dataSync()
      })
      engine.setThreads(threads)
      expect(one).toEqual(several)
    })
  })
})

/** As SHAPES: one pass over the tiles and several, channels that fill no panel. */
const WEIGHT_SHAPES = [
  [1, 64, 64, 56, 56, 1, 1, 1],
  [16, 64, 64, 29, 27, 1, 1, 1],
  [2, 131, 70, 21, 30, 2, 1, 1],
  [16, 160, 256, 7, 9, 1, 1, 1],
  [3, 128, 192, 18, 22, 0, 2, 1],
  [4, 131, 70, 46, 59, 2, 1, 2],
  [4, 128, 128, 35, 47, 3, 1, 3],
] as const

describe.each(WEIGHT_SHAPES)(TITLE, (n, c, o, h, w, padding, groups, dilation) => {
  const gradientShape = [n, o, h + 2 * padding - 2 * dilation, w + 2 * padding - 2 * dilation]

  test.each(Object.keys(ROUNDED) as Narrow[])(
    'gradients of weights and biases stay within the stated bound of float64, %s',
    (dtype) => {
      scope(() => {
        const [x, xd] = pair([n, c, h, w], dtype)
        const options = { padding, groups, dilation }
        const layer = (dtype: Narrow | 'f64'): [Tensor, Tensor] => [
          zeros([o, c / groups, 3, 3], { dtype }).requiresGrad_() as Tensor,
          zeros([o], { dtype }).requiresGrad_() as Tensor,
        ]
        const gradients = (image: Tensor, g: Tensor, precision: 'high' | 'highest'): [Tensor, Tensor] => {
          const [weight, bias] = layer(image.dtype as Narrow)
          conv2d(image, weight, bias, { ...options, precision }).backward({ gradient: g })
          return [weight.grad as Tensor, bias.grad as Tensor]
        }
        const [g, gd] = pair(gradientShape, dtype)
        const [found, foundBias] = gradients(x, g, 'high')
        const [exact, exactBias] = gradients(xd, gd, 'high')
        const [magnitude, magnitudeBias] = gradients(abs(xd), abs(gd), 'high')
        if (dtype === 'f32') expect(same(found, gradients(x, g, 'highest')[0])).toBe(false)
        const largest = numbers(amax(magnitude, [2, 3], { keepDim: true }).expand([...magnitude.shape]))
        expectWithin(
          found,
          exact,
          largest.map((m) => m * 16 * 2 ** -24),
        )
        expectWithin(
          foundBias,
          exactBias,
          numbers(magnitudeBias).map((m) => m * 64 * 2 ** -24),
        )
      })
    },
  )

  test('gradients of weights do not depend on the number of threads', () => {
    scope(() => {
      const [x, g] = [randn([n, c, h, w]), randn(gradientShape)]
      const { threads } = engine
      const [one, several] = [1, 2].map((t) => {
        engine.setThreads(t)
        const weight = zeros([o, c / groups, 3, 3]).requiresGrad_()
        conv2d(x, weight, null, { padding, groups, dilation }).backward({ gradient: g })
        return weight.grad?.dataSync()
      })
      engine.setThreads(threads)
      expect(one).toEqual(several)
    })
  })
})

test('volumes go plane by plane', () => {
  scope(() => {
    const [x, xd] = pair([2, 16, 5, 12, 13])
    const [weight, wd] = pair([24, 16, 3, 3, 3])
    x.requiresGrad_()
    xd.requiresGrad_()
    const y = conv3d(x, weight, null, { padding: 1 })
    const exact = conv3d(xd, wd, null, { padding: 1 })
    expect(same(y, conv3d(x, weight, null, { padding: 1, precision: 'highest' }))).toBe(false)
    const planes = (t: Tensor): Tensor => t.reshape([-1, 12, 13])
    expectWithin(y, exact, bound(planes(conv3d(abs(xd), abs(wd), null, { padding: 1 }).detach())))
    y.sum().backward()
    exact.sum().backward()
    const magnitude = abs(xd.detach()).requiresGrad_()
    conv3d(magnitude, abs(wd), null, { padding: 1 }).sum().backward()
    expectWithin(x.grad as Tensor, xd.grad as Tensor, bound(planes(magnitude.grad as Tensor)))
  })
})

test("a tile's other results do not see infinities that they should not, in the highest precision", () => {
  scope(() => {
    const x = mul(ones([1, 32, 16, 16]), 1)
    const at = tensor([Number.POSITIVE_INFINITY]).reshape([1, 1, 1, 1]).expand([1, 32, 1, 1])
    const bad = add(x, at.pad([0, 15, 0, 15]))
    const weight = ones([32, 32, 3, 3])
    const reached = (precision: 'high' | 'highest'): number =>
      numbers(conv2d(bad, weight, null, { padding: 1, precision })).filter((v) => !Number.isFinite(v)).length
    expect(reached('highest')).toBe(32 * 4)
    expect(reached('high')).toBe(32 * 16)
  })
})

describe('setConvPrecision', () => {
  test('holds for convolutions without an option, and for their gradients', () => {
    scope(() => {
      const [x, weight] = [randn([2, 32, 16, 16]), randn([32, 32, 3, 3])]
      const gradient = (): Tensor => {
        const leaf = x.detach().requiresGrad_()
        conv2d(leaf, weight, null, { padding: 1 }).backward({ gradient: x })
        return leaf.grad as Tensor
      }
      const [high, highGradient] = [conv2d(x, weight, null, { padding: 1 }), gradient()]
      setConvPrecision('highest')
      expect(getConvPrecision()).toBe('highest')
      expect(same(high, conv2d(x, weight, null, { padding: 1 }))).toBe(false)
      expect(same(highGradient, gradient())).toBe(false)
      expect(same(high, conv2d(x, weight, null, { padding: 1, precision: 'high' }))).toBe(true)
    })
  })

  test('leaves f64 alone', () => {
    scope(() => {
      const [x, weight] = [randn([2, 32, 16, 16]).to('f64'), randn([32, 32, 3, 3]).to('f64')] as [Tensor, Tensor]
      const [high, highest] = (['high', 'highest'] as const).map((precision) =>
        conv2d(x, weight, null, { padding: 1, precision }),
      ) as [Tensor, Tensor]
      expect(same(high, highest)).toBe(true)
    })
  })

  test('refuses other names', () => {
    expect(() => setConvPrecision('low' as 'high')).toThrow(ValueError)
    expect(() => conv2d(ones([1, 1, 3, 3]), ones([1, 1, 3, 3]), null, { precision: 'tf32' as 'high' })).toThrow(
      "conv2d: precision 'tf32' is not one of highest, high",
    )
  })
})
