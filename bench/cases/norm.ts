/** Layer and batch normalisation. */
import { batchNorm, layerNorm, ones, randn, zeros } from 'sinter'
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

export const norm: readonly Case[] = [layerNormForward, layerNormBackward, batchNormBackward]
