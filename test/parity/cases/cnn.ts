import { interpolate } from '#lib/index.js'
import {
  ConvNeXt,
  EfficientNet,
  LeNet,
  MobileNetV2,
  MobileNetV3,
  ResNet,
  type ResNetConfig,
  UNet,
  VGG,
} from '#lib/models/index.js'
import type { Cases, ParityCase } from '../harness.js'

const vgg = (batchNorm: boolean): VGG =>
  new VGG({ stages: [[4], [4, 6]], batchNorm, pooled: 2, hidden: 8, classes: 5, dropout: 0 })

const resnet = (config: Pick<ResNetConfig, 'block' | 'channels' | 'groups' | 'widthPerGroup'>): ResNet =>
  new ResNet({ ...config, blocks: [1, 1, 1, 1], inChannels: 1, classes: 5 })

/**
 * Where a norm follows, gradients of what it undoes all but cancel: of a bias before it, of a scale before it and a convolution; of
 * U-Net's first bias, what all pixels of an image say. They round as large as the other half of the pair, whose sums have terms of the
 * same size.
 */
const cancelling = (name: string): string =>
  /(bn\d|\.\d\.1|double_conv\.[14])\.weight$/.test(name)
    ? name.replace(/weight$/, 'bias')
    : name.replace(/bias$/, 'weight')

/** As the other side calls it: only small images are stored. */
const enlarged =
  (scaleFactor: number): NonNullable<ParityCase['run']> =>
  (model, { x }) =>
    model.call(interpolate(x!, { scaleFactor, mode: 'bilinear' }))

/** `depth`: convolutions, linear layers and poolings count once, norms twice, forward and as often backward. */
export const cnn: Cases = {
  leNet: { build: () => new LeNet({ widths: [2, 3, 4, 5] }) },
  vgg: { build: () => vgg(false), length: 640 },
  vggBatchNorm: { build: () => vgg(true), length: 768, like: cancelling },
  resnetBasic: {
    build: () => resnet({ block: 'basic', channels: 2 }),
    run: enlarged(2),
    length: 3456,
    depth: 58,
    like: cancelling,
  },
  resnext: {
    build: () => resnet({ block: 'bottleneck', channels: 2, groups: 2, widthPerGroup: 32 }),
    run: enlarged(2),
    length: 4608,
    depth: 82,
    like: cancelling,
  },
  mobilenetV2: {
    build: () =>
      new MobileNetV2({
        classes: 5,
        width: 0.25,
        divisor: 4,
        dropout: 0,
        last: 12,
        stages: [
          [1, 16, 1, 1],
          [2, 32, 2, 2],
        ],
      }),
    length: 256,
    depth: 64,
    like: cancelling,
  },
  mobilenetV3: {
    build: () =>
      new MobileNetV3({
        classes: 5,
        dropout: 0,
        stem: 8,
        last: 16,
        blocks: [
          [3, 8, 8, true, 'relu', 1],
          [5, 16, 16, false, 'hardswish', 2],
          [3, 24, 16, true, 'hardswish', 1],
        ],
      }),
    length: 256,
    depth: 78,
    like: cancelling,
  },
  efficientnet: {
    build: () =>
      new EfficientNet({
        classes: 5,
        dropout: 0,
        stochasticDepth: 0,
        stem: 8,
        last: 16,
        stages: [
          { expansion: 1, kernelSize: 3, stride: 1, channels: 8, blocks: 1 },
          { expansion: 2, kernelSize: 5, stride: 2, channels: 16, blocks: 2 },
        ],
      }),
    length: 288,
    depth: 82,
    like: cancelling,
  },
  efficientnetV2: {
    build: () =>
      new EfficientNet({
        classes: 5,
        dropout: 0,
        stochasticDepth: 0,
        stem: 8,
        last: 16,
        stages: [
          { fused: true, expansion: 1, kernelSize: 3, stride: 1, channels: 8, blocks: 1 },
          { fused: true, expansion: 2, kernelSize: 3, stride: 2, channels: 8, blocks: 2 },
          { expansion: 2, kernelSize: 3, stride: 1, channels: 8, blocks: 1 },
        ],
      }),
    length: 256,
    depth: 70,
    like: cancelling,
  },
  convnext: { build: () => new ConvNeXt({ channels: [6, 8], blocks: [1, 2], layerScale: 0.5, classes: 5 }), depth: 50 },
  unet: {
    build: () => new UNet({ channels: 1 }),
    run: enlarged(4),
    like: cancelling,
    length: 188 * 192,
    depth: 46,
  },
  unetSame: {
    build: () => new UNet({ channels: 1, padding: 'same', batchNorm: true }),
    length: 3 * 37 * 40,
    depth: 118,
    like: cancelling,
  },
  unetBilinear: {
    build: () => new UNet({ channels: 2, inChannels: 3, classes: 1, padding: 'same', upsampling: 'bilinear' }),
    length: 19 * 32,
    depth: 46,
  },
}
