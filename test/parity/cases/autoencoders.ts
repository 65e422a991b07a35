import type { Tensor } from '#lib/index.js'
import { Autoencoder, ConvAutoencoder, VAE, vaeLoss } from '#lib/models/index.js'
import type { Cases, Inputs } from '../harness.js'

/** Whether samples are numbers from 0 to 1, and how the divergence is weighed. */
const withLoss =
  (likelihood: 'bernoulli' | 'gaussian', beta: number) =>
  (model: VAE, inputs: Inputs): Tensor[] => {
    const x = likelihood === 'bernoulli' ? (inputs['x'] as Tensor).sigmoid() : (inputs['x'] as Tensor)
    const result = model.call(x, { noise: inputs['noise'] as Tensor })
    const { loss } = vaeLoss(result, x, { likelihood, beta })
    return [result.logits, result.mean, result.logVariance, loss]
  }

export const autoencoders: Cases = {
  autoencoder: { build: () => new Autoencoder({ sizes: [12, 8, 3] }) },
  convAutoencoder: {
    build: () => new ConvAutoencoder({ channels: [2, 4, 6], activation: 'silu', outputActivation: null }),
    length: 192,
  },
  vae: { build: () => new VAE({ inputs: 10, hidden: 6, latent: 3 }), run: withLoss('bernoulli', 1) },
  betaVaeGaussian: {
    build: () => new VAE({ inputs: 7, hidden: 5, latent: 2, activation: 'tanh' }),
    run: withLoss('gaussian', 4),
  },
}
