// Convolutional models beside what parity shows: named ones, options and images that are refused, other sizes and batches of one, norms
// folded for inference.
import { beforeEach, describe, expect, it } from 'vitest'
import { manualSeed, noGrad, rand, randn, ShapeError, scope, type Tensor, ValueError, zeros } from '#lib/index.js'
import {
  ConvNeXt,
  EfficientNet,
  efficientnetB0,
  LeNet,
  MobileNetV2,
  MobileNetV3,
  mobilenetV3Small,
  ResNet,
  resnet18,
  UNet,
  VGG,
  vgg11,
} from '#lib/models/index.js'
import type { BatchNorm2d, Module } from '#lib/nn/index.js'
import { numbers } from '../helpers/compare.js'

// Bounds are of typical sums: the same ones in every run.
beforeEach(() => {
  manualSeed(11)
})

const small = {
  vgg: () => new VGG({ stages: [[4], [4, 6]], batchNorm: true, pooled: 2, hidden: 8, classes: 5 }),
  vggWithoutNorms: () => new VGG({ stages: [[4], [4, 6]], pooled: 2, hidden: 8, classes: 5 }),
  mobilenetV2: () =>
    new MobileNetV2({
      width: 0.25,
      last: 16,
      classes: 5,
      stages: [
        [1, 16, 1, 1],
        [6, 32, 2, 2],
      ],
    }),
  mobilenetV3: () =>
    new MobileNetV3({
      blocks: [
        [5, 16, 16, true, 'hardswish', 1],
        [3, 16, 8, false, 'relu', 2],
      ],
      last: 16,
      classes: 5,
    }),
  efficientnet: () =>
    new EfficientNet({
      classes: 5,
      stem: 8,
      last: 16,
      stages: [
        { expansion: 2, kernelSize: 3, stride: 1, channels: 8, blocks: 2 },
        { fused: true, expansion: 2, kernelSize: 3, stride: 2, channels: 8, blocks: 2 },
      ],
    }),
  unet: () => new UNet({ channels: 2, padding: 'same', batchNorm: true }),
  unetWithoutNorms: () => new UNet({ channels: 2, padding: 'same' }),
}

/** Statistics that are not the identity's. */
function settled<M extends Module>(model: M): M {
  noGrad(() => {
    for (const module of model.modules()) {
      if (!('runningVar' in module)) continue
      const { runningMean, runningVar } = module as BatchNorm2d
      runningMean?.copy_(randn(runningMean.shape))
      runningVar?.copy_(rand(runningVar.shape).add(0.5))
    }
  })
  return model.eval() as M
}

describe.each(Object.entries(small))('%s', (_, build) => {
  it('gives the same with norms and activations folded into convolutions', () => {
    scope(() => {
      const model = settled(build().to('f64'))
      const channels = model instanceof UNet ? 1 : 3
      // An odd size, and one image.
      const x = randn([1, channels, 33, 35], { dtype: 'f64' })
      const expected = numbers(noGrad(() => model.call(x) as Tensor))
      const found = numbers(noGrad(() => model.fuse().fuse().call(x) as Tensor))
      const size = Math.max(...expected.map(Math.abs))
      for (const [i, value] of found.entries())
        expect(Math.abs(value - (expected[i] as number))).toBeLessThanOrEqual(2 ** -53 * 4096 * size)
      expect([...model.stateDict().keys()].filter((name) => /running|num_batches/.test(name))).toEqual([])
      model.dispose()
    })
  })

  it('refuses images of other channels, and one without a batch', () => {
    const model = build()
    expect(() => model.call(zeros([1, 2, 32, 32]))).toThrow(/takes images \(n, \d, h, w\), found \(1, 2, 32, 32\)/)
    expect(() => model.call(zeros([3, 32, 32]))).toThrow(/one image alone needs unsqueeze\(0\)/)
    model.dispose()
  })

  it('gives the same in every run in evaluation, dropout and stochastic depth or not', () => {
    scope(() => {
      const model = build()
      const x = randn([4, model instanceof UNet ? 1 : 3, 32, 32])
      model.eval()
      expect(numbers(noGrad(() => model.call(x) as Tensor))).toEqual(numbers(noGrad(() => model.call(x) as Tensor)))
      model.dispose()
    })
  })
})

it('refuses options that there are not, by near names', () => {
  // @ts-expect-error: class is none
  expect(() => resnet18({ class: 5 })).toThrow(/ResNet: no such option: 'class'.*classes/)
  // @ts-expect-error: batchnorm is none
  expect(() => vgg11({ batchnorm: true })).toThrow(/VGG: no such option: 'batchnorm'/)
  // @ts-expect-error: inchannels is none
  expect(() => efficientnetB0({ inchannels: 1 })).toThrow(/EfficientNet: no such option/)
  // @ts-expect-error: drop is none
  expect(() => mobilenetV3Small({ drop: 0 })).toThrow(/MobileNetV3: no such option/)
})

it('EfficientNet refuses to have no stages', () => {
  expect(() => new EfficientNet({ stages: [], stem: 8 })).toThrow(/stages are one at least/)
})

describe('named models', () => {
  it('have their images’ channels and classes as asked', () => {
    scope(() => {
      const model = mobilenetV3Small({ classes: 3, inChannels: 1, width: 0.25 }).eval()
      expect(noGrad(() => model.call(zeros([2, 1, 40, 33]))).shape).toEqual([2, 3])
      model.dispose()
    })
  })

  it.each([
    ['mobilenetV3', small.mobilenetV3],
    ['efficientnet', small.efficientnet],
    ['convnext', () => new ConvNeXt({ channels: [8, 8], blocks: [1, 1], classes: 3, layerScale: 1 })],
  ] as const)('run in bf16, of which a result has some two digits: %s', (_, build) => {
    scope(() => {
      const model = build().eval()
      const x = randn([1, 3, 32, 32])
      const expected = numbers(noGrad(() => model.call(x)))
      const found = numbers(noGrad(() => model.to('bf16').call(x.to('bf16')) as Tensor).to('f32'))
      const size = Math.max(...expected.map(Math.abs))
      // Some 20 roundings to 8 bits, one after the other.
      for (const [i, value] of found.entries())
        expect(Math.abs(value - (expected[i] as number))).toBeLessThan(size * 20 * 2 ** -8)
      model.dispose()
    })
  })
})

describe('ResNet', () => {
  it('refuses groups in basic blocks, other blocks and stems', () => {
    const blocks = [1, 1, 1, 1] as const
    expect(() => new ResNet({ block: 'basic', blocks, groups: 2 })).toThrow(ValueError)
    expect(() => new ResNet({ block: 'botleneck' as 'basic', blocks })).toThrow(
      /block is 'botleneck', expected 'basic'/,
    )
    expect(() => new ResNet({ block: 'basic', blocks, stem: 'mnist' as 'cifar' })).toThrow(/stem is 'mnist'/)
  })
})

describe('ConvNeXt', () => {
  it('takes sizes that are not multiples of its strides, and batches of one', () => {
    scope(() => {
      const model = new ConvNeXt({ channels: [4, 8], blocks: [1, 1], classes: 3 })
      expect(model.call(zeros([1, 3, 19, 9])).shape).toEqual([1, 3])
      expect(() => model.call(zeros([1, 1, 19, 9]))).toThrow(/ConvNeXt: takes images \(n, 3, h, w\)/)
    })
  })

  it('drops branches in training alone: all of them leave what came in', () => {
    scope(() => {
      // The first block is never dropped, the last always.
      const model = new ConvNeXt({ channels: [4], blocks: [2], classes: 3, stochasticDepth: 1, layerScale: 1 })
      const x = randn([2, 3, 8, 8])
      const training = numbers(model.call(x))
      expect(numbers(model.call(x))).toEqual(training)
      expect(numbers(model.eval().call(x))).not.toEqual(training)
    })
  })

  it('refuses stages without blocks', () => {
    expect(() => new ConvNeXt({ channels: [4, 8], blocks: [1] })).toThrow(/one number a stage each, found 2 and 1/)
    expect(() => new ConvNeXt({ channels: [], blocks: [] })).toThrow(ValueError)
  })
})

describe('LeNet', () => {
  it('takes images of 28 or 32, with other activations and pooling', () => {
    scope(() => {
      expect(new LeNet().call(zeros([2, 1, 28, 28])).shape).toEqual([2, 10])
      const other = new LeNet({ imageSize: 32, inChannels: 3, classes: 4, activation: 'relu', pooling: 'max' })
      expect(other.call(zeros([1, 3, 32, 32])).shape).toEqual([1, 4])
      expect(() => other.call(zeros([1, 3, 28, 28]))).toThrow(/takes images \(n, 3, 32, 32\), found \(1, 3, 28, 28\)/)
    })
  })

  it('refuses other sizes, activations and poolings', () => {
    expect(() => new LeNet({ imageSize: 30 as 28 })).toThrow(/imageSize is 30, expected 28 or 32/)
    expect(() => new LeNet({ pooling: 'mean' as 'max' })).toThrow(ValueError)
    expect(() => new LeNet({ activation: 'none' as 'relu' })).toThrow(ValueError)
  })
})

describe('UNet', () => {
  it('gives the paper’s 388 x 388 for 572 x 572, and the smallest images that it takes', () => {
    scope(() => {
      const model = new UNet({ channels: 1 }).eval()
      expect(noGrad(() => model.call(zeros([1, 1, 572, 572]))).shape).toEqual([1, 2, 388, 388])
      expect(noGrad(() => model.call(zeros([1, 1, 188, 190]))).shape).toEqual([1, 2, 4, 4])
      expect(() => model.call(zeros([1, 1, 187, 200]))).toThrow(/at least 188 x 188 with padding 'valid'/)
    })
  })

  it.each(['transposed', 'bilinear'] as const)('keeps odd sizes with padding, %s', (upsampling) => {
    scope(() => {
      const model = new UNet({ channels: 2, padding: 'same', upsampling, classes: 1 }).eval()
      expect(noGrad(() => model.call(zeros([1, 1, 16, 31]))).shape).toEqual([1, 1, 16, 31])
      expect(() => model.call(zeros([1, 1, 15, 31]))).toThrow(ShapeError)
    })
  })

  it('refuses other paddings and upsamplings', () => {
    expect(() => new UNet({ padding: 'full' as 'same' })).toThrow(/padding is 'full', expected 'valid' or 'same'/)
    expect(() => new UNet({ upsampling: 'nearest' as 'bilinear' })).toThrow(ValueError)
    expect(() => new UNet({ channels: 0 })).toThrow(ValueError)
  })
})
