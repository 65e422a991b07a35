// What the models of images share. Place in the whole: for the files beside it.
import { ShapeError } from '../errors.js'
import { Conv2d, init, Linear, type Module } from '../nn/index.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

/** @throws ShapeError, in the model's name, unless x is (N, channels, H, W) */
export function checkImages(model: string, x: Tensor, channels: number): void {
  if (x.rank === 4 && x.shape[1] === channels) return
  const hint = x.rank === 3 ? '; one image alone needs unsqueeze(0)' : ''
  throw new ShapeError(`${model}: takes images (n, ${channels}, h, w), found ${show(x.shape)}${hint}`)
}

/**
 * The multiple of `divisor` that is nearest to `channels`, at least one and no less than nine tenths of `channels`: how the MobileNets
 * and EfficientNets round scaled numbers of channels.
 */
export function roundChannels(channels: number, divisor = 8): number {
  const nearest = Math.max(divisor, Math.floor((channels + divisor / 2) / divisor) * divisor)
  return nearest < 0.9 * channels ? nearest + divisor : nearest
}

/** torchvision's initial values: convolutions as He et al. 2015, by the fan-out; linear layers as `linear` says; biases zero. */
export function initializeImageModel(model: Module, linear: (weight: Linear['weight']) => void): void {
  for (const module of model.modules()) {
    if (module instanceof Conv2d) init.kaimingNormal(module.weight, { mode: 'fanOut', nonlinearity: 'relu' })
    else if (module instanceof Linear) linear(module.weight)
    else continue
    if (module.bias) init.zeros(module.bias)
  }
}
