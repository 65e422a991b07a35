// Autoencoders beside what parity shows: what a VAE draws, its loss's parts, and what is refused.
import { beforeEach, describe, expect, it } from 'vitest'
import { Generator, manualSeed, noGrad, rand, randn, ShapeError, scope, ValueError, zeros } from '#lib/index.js'
import { Autoencoder, ConvAutoencoder, VAE, vaeLoss } from '#lib/models/index.js'
import { AdamW } from '#lib/optim/index.js'
import { numbers } from '../helpers/compare.js'

// Bounds are of typical sums: the same ones in every run.
beforeEach(() => {
  manualSeed(11)
})

describe('VAE', () => {
  const config = { inputs: 12, hidden: 8, latent: 3 }

  it('draws the same code of the same seed, and takes samples of any shape', () => {
    scope(() => {
      const model = new VAE(config)
      const x = rand([4, 1, 3, 4])
      const run = (seed: number): number[] => [...numbers(model.call(x, { generator: new Generator(seed) }).code)]
      expect(run(1)).toEqual(run(1))
      expect(run(1)).not.toEqual(run(2))
      expect(model.call(x).logits.shape).toEqual([4, 12])
    })
  })

  it('samples means of new data, in its dtype', () => {
    scope(() => {
      const model = new VAE(config).to('f64')
      const made = noGrad(() => model.sample(5, { generator: new Generator(3) }))
      expect([made.shape, made.dtype]).toEqual([[5, 12], 'f64'])
      expect(numbers(made).every((p) => p > 0 && p < 1)).toBe(true)
      expect(numbers(made)).toEqual(numbers(noGrad(() => model.sample(5, { generator: new Generator(3) }))))
    })
  })

  it('has no divergence at the prior, and parts that add up', () => {
    scope(() => {
      const model = new VAE(config)
      const x = rand([2, 12])
      const result = model.call(x)
      const prior = { ...result, mean: zeros([2, 3]), logVariance: zeros([2, 3]) }
      expect(vaeLoss(prior, x).divergence.itemSync()).toBeCloseTo(0, 12)
      const { loss, reconstruction, divergence } = vaeLoss(result, x, { beta: 3 })
      const sum = reconstruction.itemSync() + 3 * divergence.itemSync()
      expect(Math.abs(loss.itemSync() - sum)).toBeLessThanOrEqual(2 ** -22 * sum)
    })
  })

  it('learns', () => {
    scope(() => {
      const model = new VAE(config)
      const optimizer = new AdamW(model.parameters(), { lr: 0.02 })
      const x = rand([16, 12], { generator: new Generator(5) }).mul(0.2)
      const generator = new Generator(7)
      const losses: number[] = []
      for (let i = 0; i < 60; i++) {
        const { loss } = vaeLoss(model.call(x, { generator }), x)
        optimizer.zeroGrad()
        loss.backward()
        optimizer.step()
        losses.push(loss.itemSync())
      }
      expect(losses.at(-1)).toBeLessThan((losses[0] as number) * 0.8)
    })
  })

  it('refuses other features, noise, likelihoods and options', () => {
    scope(() => {
      const model = new VAE(config)
      expect(() => model.call(zeros([2, 11]))).toThrow(/takes samples \(n, \.\.\.\) of 12 features, found \(2, 11\)/)
      expect(() => model.call(zeros([12]))).toThrow(ShapeError)
      expect(() => model.call(zeros([2, 12]), { noise: zeros([2, 4]) })).toThrow(/takes noise \(2, 3\), found \(2, 4\)/)
      const result = model.call(zeros([2, 12]))
      expect(() => vaeLoss(result, zeros([2, 13]))).toThrow(ShapeError)
      expect(() => vaeLoss(result, zeros([2, 12]), { likelihood: 'poisson' as 'gaussian' })).toThrow(ValueError)
      // @ts-expect-error: latents is none
      expect(() => new VAE({ latents: 3 })).toThrow(/no such option: 'latents'.*latent/)
      expect(() => new VAE({ latent: 0 })).toThrow(ValueError)
    })
  })
})

describe('autoencoders', () => {
  it('give codes and reconstructions', () => {
    scope(() => {
      const dense = new Autoencoder({ sizes: [6, 4, 2] })
      expect(dense.encoder.call(zeros([3, 6])).shape).toEqual([3, 2])
      expect(dense.call(randn([3, 6])).shape).toEqual([3, 6])
      expect([...dense.stateDict().keys()]).toEqual(
        ['encoder', 'decoder'].flatMap((part) => [0, 2].flatMap((i) => [`${part}.${i}.weight`, `${part}.${i}.bias`])),
      )
      const convolutional = new ConvAutoencoder({ channels: [3, 4, 5] })
      expect(convolutional.encoder.call(zeros([1, 3, 8, 12])).shape).toEqual([1, 5, 2, 3])
      expect(convolutional.call(zeros([1, 3, 8, 12])).shape).toEqual([1, 3, 8, 12])
    })
  })

  it('refuse what they cannot give back, and unknown options', () => {
    expect(() => new ConvAutoencoder().call(zeros([1, 1, 28, 30]))).toThrow(/multiples of 4, found \(1, 1, 28, 30\)/)
    expect(() => new ConvAutoencoder({ channels: [1] })).toThrow(ValueError)
    expect(() => new Autoencoder({ sizes: [4] })).toThrow(ValueError)
    expect(() => new Autoencoder({ activation: 'relu7' as 'relu' })).toThrow(/activation 'relu7' is not one of relu,/)
    // @ts-expect-error: size is none
    expect(() => new Autoencoder({ size: [4, 2] })).toThrow(/no such option: 'size'.*sizes/)
  })
})
