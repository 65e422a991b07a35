/** Normalisation: of rows, alone and with a residual, of channels, and of groups of channels. */
import {
  type AddNorm,
  addLayerNorm,
  addRmsNorm,
  batchNorm,
  grad,
  groupNorm,
  layerNorm,
  ones,
  randn,
  rmsNorm,
  scope,
  type Tensor,
  zeros,
} from 'sinter'
import { type Case, forwardOnly, product, withBackward } from '../case.js'

const ROWS = 8192
const WIDTH = 768
const IMAGES = [64, 64, 56, 56] as const

const layerNormForward: Case = {
  name: `layer_norm.fwd.${ROWS}x${WIDTH}`,
  dtype: 'f32',
  bytes: 4 * ROWS * WIDTH * 2,
  prepare() {
    const x = randn([ROWS, WIDTH])
    const weight = ones([WIDTH])
    const bias = zeros([WIDTH])
    return forwardOnly(() => layerNorm(x, [WIDTH], weight, bias))
  },
}

const layerNormBackward: Case = {
  name: `layer_norm.fwdbwd.${ROWS}x${WIDTH}`,
  dtype: 'f32',
  bytes: 4 * ROWS * WIDTH * 5,
  prepare() {
    const x = randn([ROWS, WIDTH])
    const weight = ones([WIDTH])
    const bias = zeros([WIDTH])
    return withBackward(() => layerNorm(x, [WIDTH], weight, bias), [x, weight, bias])
  },
}

const batchNormBackward: Case = {
  name: `batch_norm.fwdbwd.${IMAGES.join('x')}`,
  dtype: 'f32',
  bytes: 4 * product(IMAGES) * 6,
  prepare() {
    const channels = IMAGES[1]
    const x = randn(IMAGES)
    const weight = ones([channels])
    const bias = zeros([channels])
    const mean = zeros([channels])
    const variance = ones([channels])
    const forward = () => batchNorm(x, mean, variance, weight, bias, { training: true })
    return withBackward(forward, [x, weight, bias])
  },
}

/** Images as layers that compute channels-last hand them on. */
const batchNormChannelsLast: Case = {
  ...batchNormBackward,
  name: `batch_norm_channels_last.fwdbwd.${IMAGES.join('x')}`,
  prepare() {
    const [n, channels, h, w] = IMAGES
    const x = randn([n, h, w, channels])
    const [weight, bias] = [ones([channels]), zeros([channels])]
    const [mean, variance] = [zeros([channels]), ones([channels])]
    const forward = () =>
      batchNorm(x.permute([0, 3, 1, 2]), mean, variance, weight, bias, { training: true }).permute([0, 2, 3, 1])
    return withBackward(forward, [x, weight, bias])
  },
}

const rmsNormForward: Case = {
  ...layerNormForward,
  name: `rms_norm.fwd.${ROWS}x${WIDTH}`,
  prepare() {
    const [x, weight] = [randn([ROWS, WIDTH]), ones([WIDTH])]
    return forwardOnly(() => rmsNorm(x, [WIDTH], weight))
  },
}

const rmsNormBackward: Case = {
  ...layerNormBackward,
  name: `rms_norm.fwdbwd.${ROWS}x${WIDTH}`,
  prepare() {
    const [x, weight] = [randn([ROWS, WIDTH]), ones([WIDTH])]
    return withBackward(() => rmsNorm(x, [WIDTH], weight), [x, weight])
  },
}

/** x and the residual in, their sum and its norm out; gradients of both in, and gradients of x and the residual out. */
function withResidual(name: string, norm: (x: Tensor, r: Tensor, weight: Tensor, bias: Tensor) => AddNorm): Case {
  return {
    name: `${name}.fwdbwd.${ROWS}x${WIDTH}`,
    dtype: 'f32',
    bytes: 4 * ROWS * WIDTH * 9,
    prepare() {
      const [x, residual] = [randn([ROWS, WIDTH]), randn([ROWS, WIDTH])]
      const [weight, bias] = [ones([WIDTH]), zeros([WIDTH])]
      for (const leaf of [x, residual, weight, bias]) leaf.requiresGrad_()
      const gradOutputs = [randn([ROWS, WIDTH]), randn([ROWS, WIDTH])]
      const options = { gradOutputs, allowUnused: true } as const
      return () =>
        scope(() => {
          const { sum, y } = norm(x, residual, weight, bias)
          grad([sum, y], [x, residual, weight, bias], options)
        })
    },
  }
}

/** The images in `groups` groups of channels; as many as channels are instance normalisation. */
function groupCase(name: string, groups: number): Case {
  return {
    name: `${name}.fwdbwd.${IMAGES.join('x')}`,
    dtype: 'f32',
    bytes: 4 * product(IMAGES) * 5,
    prepare() {
      const channels = IMAGES[1]
      const [x, weight, bias] = [randn(IMAGES), ones([channels]), zeros([channels])]
      return withBackward(() => groupNorm(x, groups, weight, bias), [x, weight, bias])
    },
  }
}

export const norm: readonly Case[] = [
  layerNormForward,
  layerNormBackward,
  batchNormBackward,
  batchNormChannelsLast,
  rmsNormForward,
  rmsNormBackward,
  withResidual('add_layer_norm', (x, r, weight, bias) => addLayerNorm(x, r, [WIDTH], weight, bias)),
  withResidual('add_rms_norm', (x, r, weight) => addRmsNorm(x, r, [WIDTH], weight)),
  groupCase('group_norm', 16),
  groupCase('instance_norm', IMAGES[1]),
]
