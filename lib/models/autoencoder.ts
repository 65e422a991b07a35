// Autoencoders: a code of few numbers, and what it was made of. Hinton and Salakhutdinov 2006, "Reducing the Dimensionality of Data with
// Neural Networks"; of images, Masci et al. 2011, "Stacked Convolutional Auto-Encoders". Place in the whole: models like any user's,
// built from lib/nn alone; in state dicts `encoder` and `decoder` are PyTorch's Sequentials of layers and activations in turn.
// Shapes: N samples, F features, C channels, H and W height and width.

import { known } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { Conv2d, ConvTranspose2d, GELU, Linear, Module, ReLU, Sequential, Sigmoid, SiLU, Tanh } from '../nn/index.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkImages } from './images.js'

export type AutoencoderActivation = 'relu' | 'gelu' | 'silu' | 'tanh' | 'sigmoid'

const ACTIVATIONS: Readonly<Record<AutoencoderActivation, new () => Module>> = {
  relu: ReLU,
  gelu: GELU,
  silu: SiLU,
  tanh: Tanh,
  sigmoid: Sigmoid,
}

function activationLayer(model: string, name: AutoencoderActivation): Module {
  const Layer = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined
  if (Layer) return new Layer()
  const names = Object.keys(ACTIVATIONS).join(', ')
  throw new ValueError(`${model}: activation '${String(name)}' is not one of ${names}`)
}

interface Options {
  /** Between layers. Default 'relu'. */
  readonly activation?: AutoencoderActivation
  /** Of the result; null: there is none. Default 'sigmoid', for samples of numbers from 0 to 1. */
  readonly outputActivation?: AutoencoderActivation | null
}

/** Layers with an activation after each but the last, which `last` follows. */
function stack(
  model: string,
  layers: readonly Module[],
  activation: AutoencoderActivation,
  last: Module | null,
): Sequential {
  const between = layers.flatMap((layer, i) => (i === 0 ? [layer] : [activationLayer(model, activation), layer]))
  return new Sequential(...between, ...(last ? [last] : []))
}

export interface AutoencoderConfig extends Options {
  /** Features of a sample, hidden layers' widths, the code's size. Default [784, 128, 64, 12]. */
  readonly sizes?: readonly number[]
}

/** Samples (N, F) to their reconstruction (N, F), through linear layers; the decoder's sizes are the encoder's backwards. */
export class Autoencoder extends Module {
  readonly config: Required<AutoencoderConfig>
  encoder: Sequential
  decoder: Sequential

  /** @throws ValueError for fewer than two sizes, sizes that are not positive, or an unknown activation */
  constructor(config: AutoencoderConfig = {}) {
    super()
    known('Autoencoder', config, ['sizes', 'activation', 'outputActivation'])
    const { sizes = [784, 128, 64, 12], activation = 'relu', outputActivation = 'sigmoid' } = config
    if (sizes.length < 2)
      throw new ValueError(`Autoencoder: sizes are the features' and the code's at least, found ${show(sizes)}`)
    this.config = { sizes, activation, outputActivation }
    const layers = (widths: readonly number[]): Linear[] =>
      widths.slice(1).map((width, i) => new Linear(widths[i] as number, width))
    const last = outputActivation && activationLayer('Autoencoder', outputActivation)
    this.encoder = stack('Autoencoder', layers(sizes), activation, null)
    this.decoder = stack('Autoencoder', layers([...sizes].reverse()), activation, last)
  }

  override forward(x_NF: Tensor): Tensor {
    return this.decoder.call(this.encoder.call(x_NF))
  }
}

export interface ConvAutoencoderConfig extends Options {
  /** Of the images, and of each layer's result; each layer halves the image. Default [1, 16, 32]. */
  readonly channels?: readonly number[]
}

/**
 * Images (N, C, H, W) to their reconstruction, through 3x3 convolutions of stride 2 and as many transposed ones; the code is the
 * encoder's image (N, C', H / 2^n, W / 2^n).
 */
export class ConvAutoencoder extends Module {
  readonly config: Required<ConvAutoencoderConfig>
  encoder: Sequential
  decoder: Sequential

  /** @throws ValueError for fewer than two numbers of channels, ones that are not positive, or an unknown activation */
  constructor(config: ConvAutoencoderConfig = {}) {
    super()
    known('ConvAutoencoder', config, ['channels', 'activation', 'outputActivation'])
    const { channels = [1, 16, 32], activation = 'relu', outputActivation = 'sigmoid' } = config
    if (channels.length < 2)
      throw new ValueError(
        `ConvAutoencoder: channels are the images' and one layer's at least, found ${show(channels)}`,
      )
    this.config = { channels, activation, outputActivation }
    const pairs = channels.slice(1).map((out, i) => [channels[i] as number, out] as const)
    const halve = pairs.map(([from, to]) => new Conv2d(from, to, 3, { stride: 2, padding: 1 }))
    const double = pairs
      .map(([from, to]) => new ConvTranspose2d(to, from, 3, { stride: 2, padding: 1, outputPadding: 1 }))
      .reverse()
    const last = outputActivation && activationLayer('ConvAutoencoder', outputActivation)
    this.encoder = stack('ConvAutoencoder', halve, activation, null)
    this.decoder = stack('ConvAutoencoder', double, activation, last)
  }

  /** @throws ShapeError for images whose sides are not multiples of 2^n, as what comes out would have another size */
  override forward(x_NCHW: Tensor): Tensor {
    const { channels } = this.config
    checkImages('ConvAutoencoder', x_NCHW, channels[0] as number)
    const unit = 2 ** (channels.length - 1)
    if (x_NCHW.shape.slice(2).some((side) => side % unit !== 0))
      throw new ShapeError(
        `ConvAutoencoder: takes images whose sides are multiples of ${unit}, found ${show(x_NCHW.shape)}`,
      )
    return this.decoder.call(this.encoder.call(x_NCHW))
  }
}
