// torch.nn's convolutions, poolings, paddings, folds, shuffles and upsamplings. Place in the whole: test/parity/conv-pool.test.ts
// compares them. A convolution's longest sum is over its window or, of the weight's gradient, over its positions.

import type { Shape, Tensor } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import type { Cases, Config, Inputs, ParityCase } from '../harness.js'
import { byName } from './by-name.js'

const CONVOLUTIONS = {
  conv1d: 10,
  conv1dUnbatched: 6,
  conv1dWithoutBias: 4,
  conv1dSame: 18,
  conv1dReflect: 14,
  conv2d: 27,
  conv2dUnbatched: 27,
  conv2dStrided: 12,
  conv2dGrouped: 24,
  conv2dDepthwise: 32,
  conv2dPointwise: 18,
  conv2dSame: 40,
  conv2dValid: 12,
  conv2dReflect: 56,
  conv2dReplicate: 24,
  conv2dCircularSame: 40,
  conv3d: 16,
  conv3dGrouped: 60,
  conv3dCircular: 27,
  convTranspose1d: 12,
  convTranspose1dStrided: 16,
  convTranspose2d: 40,
  convTranspose2dUnbatched: 27,
  convTranspose2dStrided: 104,
  convTranspose2dOfSize: 42,
  convTranspose3d: 54,
}

const POOLS = {
  maxPool1d: 8,
  maxPool2d: 8,
  maxPool2dCeiling: 8,
  maxPool3d: 8,
  avgPool1d: 8,
  avgPool2d: 8,
  avgPool3d: 8,
  lpPool1d: 8,
  lpPool2d: 8,
  lpPool3d: 8,
  adaptiveAvgPool1d: 27,
  adaptiveAvgPool2d: 27,
  adaptiveAvgPool3d: 27,
  adaptiveMaxPool1d: 27,
  adaptiveMaxPool2d: 27,
  adaptiveMaxPool3d: 27,
}

/** Of gradients: what repeats an element adds up as many. */
const PADDINGS = {
  constantPad1d: 12,
  constantPad2d: 12,
  constantPad3d: 12,
  zeroPad1d: 12,
  zeroPad2d: 12,
  zeroPad3d: 12,
  reflectionPad1d: 12,
  reflectionPad2d: 12,
  reflectionPad3d: 12,
  replicationPad1d: 12,
  replicationPad2d: 12,
  replicationPad3d: 12,
  circularPad1d: 12,
  circularPad2d: 12,
  circularPad3d: 12,
  reflectionPadUnbatched: 12,
  zeroPadNegative: 12,
}

const OTHERS = {
  unfold: 6,
  fold: 4,
  pixelShuffle: 1,
  pixelUnshuffle: 1,
  channelShuffle: 1,
  upsampleNearest1d: 4,
  upsampleNearestExact: 4,
  upsampleLinear: 4,
  upsampleBilinear: 4,
  upsampleBicubic: 16,
  upsampleTrilinear: 27,
  upsampleArea: 6,
  upsamplingNearest2d: 4,
  upsamplingBilinear2d: 4,
}

/** Windows at places that are given. */
class Placed extends nn.Module {
  readonly make: (samples: Tensor) => nn.Module

  constructor(make: (samples: Tensor) => nn.Module) {
    super()
    this.make = make
  }

  override forward(x: Tensor, samples: Tensor): Tensor {
    return this.make(samples.detach()).call(x)
  }
}
const placed = (Layer: typeof nn.FractionalMaxPool2d | typeof nn.FractionalMaxPool3d): ParityCase => ({
  build: ({ size, ...options }) => new Placed((samples) => new Layer(size, { ...options, samples })),
  length: 4,
})

/** A pooling, and its values put back where they were. */
class ThereAndBack extends nn.Module {
  pool: nn.MaxPool2d<true>
  unpool: nn.MaxUnpool2d

  constructor({ r, options }: Config) {
    super()
    // `any`: classes by their number of dimensions
    this.pool = new (nn as any)[`MaxPool${r}d`](2, { ...options, returnIndices: true })
    this.unpool = new (nn as any)[`MaxUnpool${r}d`](2, options)
  }

  override forward(x: Tensor, shape: Shape): Tensor {
    return this.unpool.call(...this.pool.call(x), shape)
  }
}
const thereAndBack: ParityCase = {
  build: (c) => new ThereAndBack(c),
  run: (model: ThereAndBack, inputs: Inputs) => model.call(inputs['x'] as Tensor, (inputs['x'] as Tensor).shape),
  length: 2,
}

export const convPool: Cases = {
  ...byName(CONVOLUTIONS),
  convTranspose2dOfSize: {
    ...(byName(CONVOLUTIONS)['convTranspose2dOfSize'] as ParityCase),
    run: (model: nn.ConvTranspose2d, inputs) => model.call(inputs['x'] as Tensor, [6, 7]),
  },
  ...byName(POOLS),
  fractionalMaxPool2d: placed(nn.FractionalMaxPool2d),
  fractionalMaxPool3d: placed(nn.FractionalMaxPool3d),
  maxUnpool1d: thereAndBack,
  maxUnpool2d: thereAndBack,
  maxUnpool3d: thereAndBack,
  ...byName(PADDINGS),
  ...byName(OTHERS),
}
