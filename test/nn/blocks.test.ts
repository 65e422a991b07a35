// Blocks of convolutional networks beside what parity shows: options that are refused, shapes, batches of one, stochastic depth, and
// norms folded for inference.
import { beforeEach, describe, expect, it } from 'vitest'
import {
  hardswish,
  manualSeed,
  noGrad,
  rand,
  randn,
  relu,
  ShapeError,
  scope,
  silu,
  type Tensor,
  ValueError,
  zeros,
} from '#lib/index.js'
import {
  BatchNorm2d,
  Conv2d,
  Conv2dNormActivation,
  Conv3dNormActivation,
  Flatten,
  foldNorms,
  GELU,
  Identity,
  InvertedResidual,
  LayerNorm2d,
  Linear,
  type Module,
  ReLU,
  Residual,
  Sequential,
  SiLU,
  SqueezeExcitation,
} from '#lib/nn/index.js'
import { numbers } from '../helpers/compare.js'

// Bounds are of typical sums: the same ones in every run.
beforeEach(() => {
  manualSeed(11)
})

/** Statistics, scales and shifts as training leaves them. */
function trained<M extends Module>(model: M): M {
  noGrad(() => {
    for (const module of model.modules()) {
      if (!('runningVar' in module)) continue
      const norm = module as BatchNorm2d
      const shape = norm.runningVar?.shape ?? []
      norm.runningMean?.copy_(randn(shape))
      norm.runningVar?.copy_(rand(shape).add(0.1))
      norm.weight?.copy_(randn(shape))
      norm.bias?.copy_(randn(shape))
    }
  })
  return model.eval() as M
}

/** In f64: some hundred additions of numbers of the largest one's size. */
function expectSame(a: Tensor, b: Tensor): void {
  const [found, expected] = [numbers(a), numbers(b)]
  const size = Math.max(...expected.map(Math.abs))
  expect(found).toHaveLength(expected.length)
  found.forEach((v, i) => {
    expect(Math.abs(v - (expected[i] as number))).toBeLessThanOrEqual(256 * 2 ** -53 * size)
  })
}

describe('Conv2dNormActivation', () => {
  it('keeps odd windows’ size, and has a bias where it has no norm', () => {
    scope(() => {
      const layer = new Conv2dNormActivation(3, 4, { kernelSize: [5, 3], dilation: [1, 2] })
      expect(layer.call(zeros([1, 3, 7, 6])).shape).toEqual([1, 4, 7, 6])
      expect([...layer.stateDict().keys()]).toEqual([
        '0.weight',
        '1.weight',
        '1.bias',
        '1.running_mean',
        '1.running_var',
        '1.num_batches_tracked',
      ])
      expect([...new Conv2dNormActivation(3, 4, { norm: null }).stateDict().keys()]).toEqual(['0.weight', '0.bias'])
      expect([...new Conv2dNormActivation(3, 4, { bias: true }).stateDict().keys()]).toContain('0.bias')
      expect(new Conv2dNormActivation(1, 1, { norm: { eps: 0.5 } }).norm?.eps).toBe(0.5)
    })
  })

  it('adds a residual before the activation, with and without a norm', () => {
    scope(() => {
      const x = randn([2, 3, 5, 5], { dtype: 'f64' })
      const residual = randn([2, 4, 5, 5], { dtype: 'f64' })
      for (const norm of [{}, null]) {
        for (const activation of ['relu', 'hardswish', 'silu', null] as const) {
          const layer = trained(new Conv2dNormActivation(3, 4, { norm, activation, dtype: 'f64' }))
          const bare = (): Tensor => {
            const y = layer.conv.call(x)
            return layer.norm ? layer.norm.call(y) : y
          }
          const sum = bare().add(residual)
          const expected = activation === null ? sum : { relu, hardswish, silu }[activation](sum)
          expectSame(
            noGrad(() => layer.call(x, residual)),
            expected,
          )
          expectSame(layer.call(x, residual), expected)
        }
      }
      const layer = new Conv2dNormActivation(3, 4, { dtype: 'f64' })
      expect(() => layer.call(x, x)).toThrow(ShapeError)
    })
  })

  it('refuses unknown options, activations and channels that do not divide', () => {
    // @ts-expect-error: norms is none
    expect(() => new Conv2dNormActivation(3, 4, { norms: null })).toThrow(/no such option: 'norms'.*norm/)
    // @ts-expect-error: relu7 is none
    expect(() => new Conv2dNormActivation(3, 4, { activation: 'relu7' })).toThrow(
      /activation 'relu7' is not one of relu,/,
    )
    expect(() => new Conv2dNormActivation(3, 4, { groups: 2 })).toThrow(ValueError)
    expect(() => new Conv3dNormActivation(0, 4)).toThrow(ValueError)
    expect(() => new Conv2dNormActivation(3, 4).call(zeros([1, 2, 5, 5]))).toThrow(ShapeError)
  })
})

describe('SqueezeExcitation', () => {
  it('scales each channel by one factor', () => {
    scope(() => {
      const layer = new SqueezeExcitation(3, 2)
      const x = rand([1, 3, 4, 5]).add(1)
      const ratios = numbers(layer.call(x).div(x))
      for (let i = 0; i < ratios.length; i++) expect(ratios[i]).toBeCloseTo(ratios[i - (i % 20)] as number, 5)
    })
  })

  it('refuses unknown options and activations', () => {
    // @ts-expect-error: scale is none
    expect(() => new SqueezeExcitation(3, 2, { scale: 'sigmoid' })).toThrow(/its options are activation, gate, dtype/)
    expect(() => new SqueezeExcitation(3, 2, { gate: 'relu7' as 'relu' })).toThrow(ValueError)
    expect(() => new SqueezeExcitation(3, 0)).toThrow(ValueError)
    expect(() => new SqueezeExcitation(3, 2).call(zeros([1, 4, 2, 2]))).toThrow(ShapeError)
  })
})

describe('InvertedResidual', () => {
  it('halves odd images up, and keeps its size where it is dilated', () => {
    scope(() => {
      expect(new InvertedResidual(4, 6, { stride: 2 }).call(zeros([1, 4, 7, 5])).shape).toEqual([1, 6, 4, 3])
      expect(new InvertedResidual(4, 6, { stride: 2, dilation: 2 }).call(zeros([1, 4, 7, 5])).shape).toEqual([
        1, 6, 7, 5,
      ])
    })
  })

  it('drops the branches of samples in training alone', () => {
    scope(() => {
      const block = new InvertedResidual(4, 4, { stochasticDepth: 1 })
      const x = randn([2, 4, 5, 5])
      expect(numbers(block.call(x))).toEqual(numbers(x))
      expect(numbers(block.eval().call(x))).not.toEqual(numbers(x))
    })
  })

  it('refuses unknown options and strides', () => {
    expect(() => new InvertedResidual(4, 4, { stride: 3 as 2 })).toThrow(/stride is 3, expected 1 or 2/)
    // @ts-expect-error: expansion is none
    expect(() => new InvertedResidual(4, 4, { expansion: 6 })).toThrow(/no such option: 'expansion'/)
  })
})

describe('Residual', () => {
  it('adds its input, or what the shortcut makes of it', () => {
    scope(() => {
      const x = randn([3, 4])
      expect(numbers(new Residual(new Identity()).call(x))).toEqual(numbers(x.mul(2)))
      expect(numbers(new Residual(new Linear(4, 4), { stochasticDepth: 1 }).call(x))).toEqual(numbers(x))
      const names = [
        ...new Residual(new Linear(4, 2), { shortcut: new Linear(4, 2, { bias: false }) }).stateDict().keys(),
      ]
      expect(names).toEqual(['branch.weight', 'branch.bias', 'shortcut.weight'])
    })
  })

  it('refuses shapes that would be broadcast, and unknown options', () => {
    scope(() => {
      expect(() => new Residual(new Linear(4, 1)).call(zeros([3, 4]))).toThrow(
        /the branch gives \(3, 1\), the input is \(3, 4\); a `shortcut` can change that/,
      )
      // @ts-expect-error: short is none
      expect(() => new Residual(new Identity(), { short: null })).toThrow(/no such option/)
    })
  })
})

it('LayerNorm2d refuses other channels and images without a batch', () => {
  const norm = new LayerNorm2d(3)
  expect(() => norm.call(zeros([1, 4, 2, 2]))).toThrow(/takes \(n, 3, h, w\), found \(1, 4, 2, 2\)/)
  expect(() => norm.call(zeros([3, 2, 2]))).toThrow(ShapeError)
})

describe('foldNorms', () => {
  it('gives what the model gives, and leaves the convolutions’ names', () => {
    scope(() => {
      const model = trained(
        new Sequential(
          new Conv2d(3, 4, 3, { padding: 1, paddingMode: 'reflect', dtype: 'f64' }),
          new BatchNorm2d(4, { dtype: 'f64' }),
          new ReLU(),
          new Conv2d(4, 4, 3, { bias: false, dtype: 'f64' }),
          new BatchNorm2d(4, { dtype: 'f64', affine: false }),
          new Conv2d(4, 6, 1, { dtype: 'f64' }),
          new GELU({ approximate: 'tanh' }),
          new InvertedResidual(6, 6, { activation: 'hardswish', squeeze: 2, dtype: 'f64' }),
          new Sequential(new Conv2dNormActivation(6, 2, { activation: 'silu', dtype: 'f64' }), new SiLU()),
          new Flatten(),
        ),
      )
      const x = randn([2, 3, 7, 6], { dtype: 'f64' })
      const expected = model.call(x)
      model.train()
      for (let i = 0; i < 2; i++) {
        expect(foldNorms(model)).toBe(model)
        expect(model.training).toBe(false)
        expectSame(
          noGrad(() => model.call(x)),
          expected,
        )
      }
      expectSame(model.call(x), expected)
      const names = [...model.stateDict().keys()]
      expect(names.filter((name) => /running|num_batches/.test(name))).toEqual([])
      expect(names.slice(0, 6)).toEqual(['0.weight', '0.bias', '3.weight', '3.bias', '5.weight', '5.bias'])
      expect(model.at(1)).toBeInstanceOf(Identity)
      expect(model.at(6)).toBeInstanceOf(Identity)
    })
  })

  it('leaves a convolution that stands elsewhere too, norms without statistics, and norms of what is active', () => {
    scope(() => {
      const conv = new Conv2d(2, 2, 1, { dtype: 'f64' })
      const active = new Conv2d(2, 2, 1, { dtype: 'f64', activation: 'relu' })
      const norm = (options = {}): BatchNorm2d => new BatchNorm2d(2, { dtype: 'f64', ...options })
      const own = new Conv2dNormActivation(2, 2, { dtype: 'f64', norm: { trackRunningStats: false } })
      const model = trained(
        new Sequential(conv, new ReLU(), conv, norm({ trackRunningStats: false }), active, norm(), conv, own),
      )
      const x = randn([2, 2, 3, 3], { dtype: 'f64' })
      const expected = model.call(x)
      expectSame(foldNorms(model).call(x), expected)
      expect(conv.options.activation ?? null).toBe(null)
    })
  })
})
