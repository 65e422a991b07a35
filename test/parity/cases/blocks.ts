import {
  Conv2d,
  Conv2dNormActivation,
  Conv3dNormActivation,
  InvertedResidual,
  LayerNorm2d,
  Residual,
  SqueezeExcitation,
} from '#lib/nn/index.js'
import type { Cases } from '../harness.js'

/** A scale before a depthwise convolution and its norm all but cancels: it rounds as large as the shift, whose sum has like terms. */
const cancelling = (name: string): string => name.replace(/\.0\.1\.weight$/, '.0.1.bias')

export const blocks: Cases = {
  convNormRelu: { build: () => new Conv2dNormActivation(3, 4) },
  convNormHardswishStrided: {
    build: () => new Conv2dNormActivation(4, 6, { kernelSize: 5, stride: 2, groups: 2, activation: 'hardswish' }),
  },
  convNormDilatedAlone: {
    build: () => new Conv2dNormActivation(2, 3, { kernelSize: [3, 5], dilation: [2, 1], activation: null }),
  },
  convSilu: { build: () => new Conv2dNormActivation(2, 3, { norm: null, activation: 'silu' }) },
  convNormRelu3d: { build: () => new Conv3dNormActivation(2, 3), length: 120 },
  squeezeExcitation: { build: () => new SqueezeExcitation(6, 2) },
  squeezeExcitationSilu: { build: () => new SqueezeExcitation(5, 3, { activation: 'silu', gate: 'hardsigmoid' }) },
  invertedResidual: { build: () => new InvertedResidual(8, 8, { hidden: 16 }), like: cancelling },
  invertedResidualSqueezed: {
    build: () =>
      new InvertedResidual(8, 16, {
        hidden: 16,
        kernelSize: 5,
        stride: 2,
        activation: 'hardswish',
        squeeze: 8,
        gate: 'hardsigmoid',
      }),
  },
  invertedResidualAsWide: {
    build: () => new InvertedResidual(8, 8, { hidden: 8, squeeze: 8, gate: 'hardsigmoid' }),
  },
  mbConv: {
    build: () => new InvertedResidual(8, 8, { hidden: 16, activation: 'silu', squeeze: 2, squeezeActivation: 'silu' }),
  },
  layerNorm2d: { build: () => new LayerNorm2d(5, { eps: 1e-6 }) },
  residual: { build: () => new Residual(new Conv2d(3, 3, 3, { padding: 1 }), { activation: 'relu' }) },
  residualWithShortcut: {
    build: () => {
      const shortcut = new Conv2d(3, 4, 1, { stride: 2 })
      return new Residual(new Conv2d(3, 4, 3, { stride: 2, padding: 1 }), { shortcut, activation: 'relu' })
    },
  },
}
