// The variational autoencoder. Kingma and Welling 2013, "Auto-Encoding Variational Bayes". Place in the whole: a model like any user's,
// built from lib/nn alone; names are those of PyTorch's example (fc1, fc21, fc22, fc3, fc4).
// Shapes: N samples, F features, Z latent variables.

import { known } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { Linear, Module } from '../nn/index.js'
import { type ActivationName, applyActivation, checkActivation, fusedActivation } from '../nn/named-activation.js'
import { add, mul, sub } from '../ops/binary.js'
import { binaryCrossEntropyWithLogits, mseLoss } from '../ops/loss.js'
import { type Generator, randn, randnLike } from '../ops/random.js'
import { sum } from '../ops/reduce.js'
import { exp, sigmoid, square } from '../ops/unary.js'
import { reshape } from '../ops/views.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

export interface VAEConfig {
  /** Features of a sample. Default 784: MNIST's pixels. */
  readonly inputs?: number
  /** Width of the encoder's and the decoder's hidden layer. Default 400. */
  readonly hidden?: number
  /** Latent variables. Default 20. */
  readonly latent?: number
  /** Of the hidden layers. Default 'relu'; the paper has 'tanh'. */
  readonly activation?: ActivationName
}

/** What a latent variable is drawn from. */
export interface VAESampling {
  /** Default: the default generator. */
  readonly generator?: Generator
  /** Standard normal numbers (N, Z) in place of drawn ones. */
  readonly noise?: Tensor
}

export interface VAEResult {
  /** (N, F): of the Bernoulli variables that the decoder describes; sigmoid gives means. */
  readonly logits: Tensor
  /** (N, Z): the approximate posterior's mean. */
  readonly mean: Tensor
  /** (N, Z): the logarithm of its variance. */
  readonly logVariance: Tensor
  /** (N, Z): the code that was drawn and decoded. */
  readonly code: Tensor
}

/**
 * Samples (N, ...) of F features to logits of their reconstruction, through a code drawn from the encoder's normal distribution. By
 * default 652,824 parameters.
 */
export class VAE extends Module {
  static override readonly stateNames = {
    encoderHidden: 'fc1',
    mean: 'fc21',
    logVariance: 'fc22',
    decoderHidden: 'fc3',
    output: 'fc4',
  }
  readonly config: Required<VAEConfig>
  encoderHidden: Linear
  mean: Linear
  logVariance: Linear
  decoderHidden: Linear
  output: Linear

  /** @throws ValueError for sizes that are not positive, or an unknown activation */
  constructor(config: VAEConfig = {}) {
    super()
    known('VAE', config, ['inputs', 'hidden', 'latent', 'activation'])
    this.config = { inputs: 784, hidden: 400, latent: 20, activation: 'relu', ...config }
    const { inputs, hidden, latent, activation } = this.config
    checkActivation('VAE', activation)
    this.encoderHidden = new Linear(inputs, hidden)
    this.mean = new Linear(hidden, latent)
    this.logVariance = new Linear(hidden, latent)
    this.decoderHidden = new Linear(latent, hidden)
    this.output = new Linear(hidden, inputs)
  }

  /** Mean and logarithm of the variance of q(z | x), (N, Z) both, from samples (N, ...) of F features. */
  encode(x: Tensor): { mean: Tensor; logVariance: Tensor } {
    const { inputs } = this.config
    if (x.rank < 2 || x.numel !== (x.shape[0] as number) * inputs)
      throw new ShapeError(`VAE: takes samples (n, ...) of ${inputs} features, found ${show(x.shape)}`)
    const hidden = this.#active(this.encoderHidden, reshape(x, [x.shape[0] as number, inputs]))
    return { mean: this.mean.call(hidden), logVariance: this.logVariance.call(hidden) }
  }

  /** Logits (N, F) of p(x | z), from codes (N, Z). */
  decode(code: Tensor): Tensor {
    return this.output.call(this.#active(this.decoderHidden, code))
  }

  /** @throws ShapeError for samples of other features, or noise of another shape than the mean's */
  override forward(x: Tensor, { generator, noise }: VAESampling = {}): VAEResult {
    const { mean, logVariance } = this.encode(x)
    if (noise && !sameShape(noise.shape, mean.shape))
      throw new ShapeError(`VAE: takes noise ${show(mean.shape)}, found ${show(noise.shape)}`)
    const drawn = noise ?? randnLike(mean, generator ? { generator } : {})
    // The reparameterisation: the code is a function of mean and variance, so that gradients reach both.
    const code = add(mean, mul(exp(mul(logVariance, 0.5)), drawn))
    return { logits: this.decode(code), mean, logVariance, code }
  }

  /** Means (N, F) of new samples: codes are drawn from the prior. */
  sample(count: number, { generator }: Pick<VAESampling, 'generator'> = {}): Tensor {
    const { dtype, device } = this.output.weight
    const shape = [count, this.config.latent]
    return sigmoid(this.decode(randn(shape, { dtype, device, ...(generator ? { generator } : {}) })))
  }

  #active(layer: Linear, x: Tensor): Tensor {
    const { activation } = this.config
    const fused = fusedActivation(activation)
    return fused === null ? applyActivation(activation, layer.call(x)) : layer.call(x, { activation: fused })
  }
}

/** The negative of the evidence lower bound and what it is made of, each a number: mean over the samples. */
export interface VAELoss {
  readonly loss: Tensor
  /** -log p(x | z). */
  readonly reconstruction: Tensor
  /** KL(q(z | x) || p(z)). */
  readonly divergence: Tensor
}

export interface VAELossOptions {
  /** What the decoder describes: 'bernoulli' by logits, 'gaussian' by means of unit variance, up to a constant. Default 'bernoulli'. */
  readonly likelihood?: 'bernoulli' | 'gaussian'
  /** Factor of the divergence (Higgins et al. 2017, "beta-VAE"). Default 1. */
  readonly beta?: number
}

/**
 * The negative evidence lower bound of samples x (N, ...) and what a VAE made of them. The divergence from the standard normal prior is
 * the paper's closed form (its appendix B): -1/2 sum (1 + log s^2 - m^2 - s^2).
 * @throws ShapeError where x has other features than the logits, ValueError for an unknown likelihood
 */
export function vaeLoss(result: VAEResult, x: Tensor, options: VAELossOptions = {}): VAELoss {
  known('vaeLoss', options, ['likelihood', 'beta'])
  const { logits, mean, logVariance } = result
  const { likelihood = 'bernoulli', beta = 1 } = options
  if (likelihood !== 'bernoulli' && likelihood !== 'gaussian')
    throw new ValueError(`vaeLoss: likelihood is '${String(likelihood)}', expected 'bernoulli' or 'gaussian'`)
  if (x.numel !== logits.numel || x.shape[0] !== logits.shape[0])
    throw new ShapeError(`vaeLoss: samples ${show(x.shape)} and their reconstruction ${show(logits.shape)} differ`)
  const samples = x.shape[0] as number
  const target_NF = reshape(x, logits.shape)
  const summed = { reduction: 'sum' } as const
  const missed =
    likelihood === 'bernoulli'
      ? binaryCrossEntropyWithLogits(logits, target_NF, summed)
      : mul(mseLoss(logits, target_NF, summed), 0.5)
  const terms_NZ = sub(sub(add(logVariance, 1), square(mean)), exp(logVariance))
  const reconstruction = mul(missed, 1 / samples)
  const divergence = mul(sum(terms_NZ), -0.5 / samples)
  return { loss: add(reconstruction, mul(divergence, beta)), reconstruction, divergence }
}
