// Options that layers do not have, values that they do not take, and shapes that do not fit.
import { describe, expect, it } from 'vitest'
import { ones, ShapeError, ValueError, zeros } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'

/** Layers that take options, by what they need besides. */
const ARGUMENTS: Readonly<Record<string, readonly unknown[]>> = {
  AdaptiveLogSoftmaxWithLoss: [8, 10, [4]],
  AdaptiveMaxPool1d: [2],
  AdaptiveMaxPool2d: [2],
  AdaptiveMaxPool3d: [2],
  AvgPool1d: [2],
  AvgPool2d: [2],
  AvgPool3d: [2],
  BatchNorm1d: [2],
  BatchNorm2d: [2],
  BatchNorm3d: [2],
  BCELoss: [],
  BCEWithLogitsLoss: [],
  Bilinear: [2, 2, 2],
  CausalSelfAttention: [4, 2],
  Conv1d: [2, 2, 1],
  Conv2d: [2, 2, 1],
  Conv3d: [2, 2, 1],
  ConvTranspose1d: [2, 2, 1],
  ConvTranspose2d: [2, 2, 1],
  ConvTranspose3d: [2, 2, 1],
  CosineEmbeddingLoss: [],
  CosineSimilarity: [],
  CrossEntropyLoss: [],
  CTCLoss: [],
  Embedding: [2, 2],
  EmbeddingBag: [2, 2],
  Fold: [4, 2],
  FractionalMaxPool2d: [2],
  FractionalMaxPool3d: [2],
  GaussianNLLLoss: [],
  GELU: [],
  GroupNorm: [1, 2],
  GRU: [2, 2],
  GRUCell: [2, 2],
  HingeEmbeddingLoss: [],
  HuberLoss: [],
  InstanceNorm1d: [2],
  InstanceNorm2d: [2],
  InstanceNorm3d: [2],
  KLDivLoss: [],
  L1Loss: [],
  LayerNorm: [2],
  Linear: [2, 2],
  LinearCrossEntropyLoss: [2, 2],
  LinearInOut: [2, 2],
  LocalResponseNorm: [2],
  LPPool1d: [2, 2],
  LPPool2d: [2, 2],
  LPPool3d: [2, 2],
  LSTM: [2, 2],
  LSTMCell: [2, 2],
  MarginRankingLoss: [],
  MaxPool1d: [2],
  MaxPool2d: [2],
  MaxPool3d: [2],
  MaxUnpool1d: [2],
  MaxUnpool2d: [2],
  MaxUnpool3d: [2],
  MSELoss: [],
  MultiLabelMarginLoss: [],
  MultiLabelSoftMarginLoss: [],
  MultiMarginLoss: [],
  NLLLoss: [],
  PairwiseDistance: [],
  PoissonNLLLoss: [],
  PReLU: [2],
  RMSNorm: [2],
  RNN: [2, 2],
  RNNCell: [2, 2],
  RReLU: [],
  SmoothL1Loss: [],
  SoftMarginLoss: [],
  TripletMarginLoss: [],
  TripletMarginWithDistanceLoss: [],
  Unfold: [2],
  Upsample: [],
  UpsamplingBilinear2d: [],
  UpsamplingNearest2d: [],
}

type Layer = new (...args: unknown[]) => nn.Module

describe('options', () => {
  it.each(Object.entries(ARGUMENTS))('%s refuses one that it does not have', (name, args) => {
    const Class = (nn as unknown as Record<string, Layer>)[name] as Layer
    expect(() => new Class(...args, { bogus: 1 })).toThrow(ValueError)
    expect(() => new Class(...args, { bogus: 1 })).toThrow(
      new RegExp(`^${name}: no such option: 'bogus' \\(its options are`),
    )
  })

  it('names the one that was meant', () => {
    expect(() => new nn.Conv2d(1, 1, 3, { pading: 1 } as never)).toThrow(/did you mean "padding"/)
    expect(() => new nn.LSTM(2, 2, { numLayer: 2 } as never)).toThrow(/did you mean "numLayers"/)
  })
})

describe('values', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['a probability', () => new nn.Dropout(1.5), /Dropout: p is 1.5, expected a probability/],
    ['a drop path’s probability', () => new nn.StochasticDepth(-1), /StochasticDepth: p is -1/],
    [
      'a drop path’s mode',
      () => new nn.StochasticDepth(0.1, 'column' as never),
      /mode is column, expected 'row' or 'batch'/,
    ],
    [
      'GELU’s form',
      () => new nn.GELU({ approximate: 'erf' as never }),
      /approximate is erf, expected 'none' or 'tanh'/,
    ],
    ['bounds', () => new nn.Hardtanh(1, 1), /min is 1, expected less than max, 1/],
    ['slopes', () => new nn.RReLU({ lower: 1, upper: 0.5 }), /lower is 1, expected at most upper, 0.5/],
    ['lambda', () => new nn.Softshrink(-1), /lambda is -1/],
    ['alpha', () => new nn.CELU(0), /alpha is 0/],
    ['widths', () => new nn.ZeroPad2d([1, 2] as never), /ZeroPad2d: takes one whole number or 4, found \(1, 2\)/],
    [
      'a padding mode',
      () => new nn.Conv1d(1, 1, 3, { paddingMode: 'mirror' as never }),
      /paddingMode is mirror, expected 'zeros'/,
    ],
    [
      'same with strides',
      () => new nn.Conv1d(1, 1, 3, { paddingMode: 'reflect', padding: 'same', stride: 2 }),
      /needs stride 1/,
    ],
    ['both sizes', () => new nn.Upsample({ size: 2, scaleFactor: 2 }), /either size or scaleFactor, found both/],
    ['no size', () => new nn.UpsamplingNearest2d({}), /either size or scaleFactor, found neither/],
    [
      'a padding row',
      () => new nn.Embedding(3, 2, { paddingIndex: 3 }),
      /paddingIndex is 3, expected a row from 0 to 2/,
    ],
    [
      'a mode of bags',
      () => new nn.EmbeddingBag(3, 2, { mode: 'min' as never }),
      /mode is min, expected 'sum', 'mean' or 'max'/,
    ],
    ['sizes', () => new nn.Unflatten(1, [-1, -1]), /leave more than one open/],
    ['no sizes', () => new nn.Unflatten(1, []), /no sizes/],
    [
      'cutoffs',
      () => new nn.AdaptiveLogSoftmaxWithLoss(8, 10, [4, 4]),
      /cutoffs are \(4, 4\), expected rising whole numbers from 1 to 9/,
    ],
    ['the last cutoff', () => new nn.AdaptiveLogSoftmaxWithLoss(8, 10, [10]), /cutoffs are \(10\)/],
    [
      'features of a cluster',
      () => new nn.AdaptiveLogSoftmaxWithLoss(8, 10, [2, 4]),
      /cluster 2 has no features: 8 \/ 4\^2/,
    ],
    ['channels', () => new nn.PReLU(0), /channels is 0/],
    ['a factor', () => new nn.PixelShuffle(0), /PixelShuffle: factor is 0/],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(ValueError)
    expect(make).toThrow(message)
  })
})

describe('shapes', () => {
  const index = (...values: number[]) => ones([values.length], { dtype: 'i64' })

  it.each<[string, () => unknown, RegExp]>([
    [
      'padding',
      () => new nn.ReflectionPad2d(1).call(zeros([3, 4])),
      /ReflectionPad2d: takes \(n, c, h, w\) or \(c, h, w\), found \(3, 4\)/,
    ],
    [
      'a padded convolution',
      () => new nn.Conv2d(1, 1, 3, { padding: 1, paddingMode: 'circular' }).call(zeros([4])),
      /Conv2d: takes/,
    ],
    [
      'softmax of planes',
      () => new nn.Softmax2d().call(zeros([2, 3])),
      /Softmax2d: takes \(n, c, h, w\) or \(c, h, w\)/,
    ],
    ['drop path', () => new nn.StochasticDepth(0.5).call(zeros([])), /rank 0 has no samples/],
    [
      'a table’s values',
      () => new nn.Embedding(3, 2, { values: zeros([2, 2]) }),
      /the values are \(2, 2\), the layer's weight \(3, 2\)/,
    ],
    ['instance norm', () => new nn.InstanceNorm1d(2).call(zeros([2])), /InstanceNorm1d: takes \(n, c, l\) or \(c, l\)/],
    [
      'class weights',
      () => new nn.LinearCrossEntropyLoss(4, 3, { weight: ones([2]) }),
      /weight is \(2\), expected \(3\)/,
    ],
    [
      'adaptive softmax',
      () => new nn.AdaptiveLogSoftmaxWithLoss(4, 3, [1]).call(zeros([2, 4]), index(0, 0, 0)),
      /takes x \(n, i\) and targets \(n\), or \(i\) and \(\), found \(2, 4\) and \(3\)/,
    ],
    [
      'an output size’s length',
      () => new nn.ConvTranspose2d(1, 1, 2).call(zeros([1, 1, 2, 2]), [3]),
      /outputSize is \(3\), expected the 2 sizes/,
    ],
  ])('%s', (_, make, message) => {
    expect(make).toThrow(ShapeError)
    expect(make).toThrow(message)
  })

  it('an output size out of reach, and a target that is no class', () => {
    const layer = new nn.ConvTranspose1d(1, 1, 3, { stride: 2 })
    expect(layer.call(zeros([1, 1, 4]), [10]).shape).toEqual([1, 1, 10])
    expect(() => layer.call(zeros([1, 1, 4]), [11])).toThrow(/outputSize\[0\] is 11, expected 9 to 10/)
    const softmax = new nn.AdaptiveLogSoftmaxWithLoss(4, 3, [1])
    expect(() => softmax.call(zeros([1, 4]), ones([1], { dtype: 'i64' }).mul(3))).toThrow(
      /target 0 is 3, expected a class from 0 to 2/,
    )
  })
})
