// Losses as modules. Place in the whole: operators of lib/ops with their options, for training loops that are configured by name;
// names are PyTorch's. Of every loss `reduction` is 'mean' (default), 'sum' or 'none'.

import { known } from '../check.js'
import { type CrossEntropyOptions, crossEntropy, type NllOptions, nllLoss } from '../ops/crossEntropy.js'
import { type CtcOptions, ctcLoss } from '../ops/ctc.js'
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  gaussianNllLoss,
  huberLoss,
  klDiv,
  type LossOptions,
  l1Loss,
  mseLoss,
  multilabelSoftMarginLoss,
  poissonNllLoss,
  smoothL1Loss,
  softMarginLoss,
  type WeightedLossOptions,
} from '../ops/loss.js'
import {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  type MarginOptions,
  type MultiMarginOptions,
  marginRankingLoss,
  multilabelMarginLoss,
  multiMarginLoss,
  type TripletOptions,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from '../ops/marginLoss.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'
import { Buffer } from './parameter.js'

/** A loss that is configured once. */
abstract class Loss<Options extends object> extends Module {
  /** Names of its options beside `reduction`. */
  protected static readonly names: readonly string[] = []
  readonly options: Options

  /** @throws ValueError for an option that the loss does not have */
  constructor(options: Options = {} as Options) {
    super()
    known(new.target.name, options, ['reduction', ...new.target.names])
    this.options = options
  }
}

/** A loss with a weight of each class or element, which is a buffer. */
abstract class WeightedLoss<Options extends { weight?: Tensor | null }> extends Loss<Options> {
  weight: Buffer | null

  constructor(options: Options = {} as Options) {
    super(options)
    this.weight = options.weight ? new Buffer(options.weight.detach()) : null
  }

  /** With the weight as it is now: casts and state dicts reach the buffer. */
  protected weighted(): Options & { weight: Tensor | null } {
    return { ...this.options, weight: this.weight }
  }
}

/** Cross entropy of logits (N, C, ...) against class indices (N, ...), or probabilities (N, C, ...). */
export class CrossEntropyLoss extends WeightedLoss<CrossEntropyOptions> {
  protected static override readonly names: readonly string[] = ['weight', 'ignoreIndex', 'labelSmoothing']

  override forward(logits: Tensor, target: Tensor): Tensor {
    return crossEntropy(logits, target, this.weighted())
  }
}

/** Squared differences. */
export class MSELoss extends Loss<LossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, this.options)
  }
}

/** Absolute differences. */
export class L1Loss extends Loss<LossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, this.options)
  }
}

/** Squares of small differences, absolute values of large ones. */
export class SmoothL1Loss extends Loss<LossOptions & { beta?: number }> {
  protected static override readonly names: readonly string[] = ['beta']

  override forward(input: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(input, target, this.options)
  }
}

/** Squares of small differences, absolute values of large ones (Huber 1964). */
export class HuberLoss extends Loss<LossOptions & { delta?: number }> {
  protected static override readonly names: readonly string[] = ['delta']

  override forward(input: Tensor, target: Tensor): Tensor {
    return huberLoss(input, target, this.options)
  }
}

/** Binary cross entropy of probabilities. */
export class BCELoss extends WeightedLoss<WeightedLossOptions> {
  protected static override readonly names: readonly string[] = ['weight']

  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropy(input, target, this.weighted())
  }
}

/** Binary cross entropy of logits. */
export class BCEWithLogitsLoss extends WeightedLoss<WeightedLossOptions & { posWeight?: Tensor | null }> {
  protected static override readonly names: readonly string[] = ['weight', 'posWeight']
  posWeight: Buffer | null

  constructor(options: WeightedLossOptions & { posWeight?: Tensor | null } = {}) {
    super(options)
    this.posWeight = options.posWeight ? new Buffer(options.posWeight.detach()) : null
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropyWithLogits(input, target, { ...this.weighted(), posWeight: this.posWeight })
  }
}

/** Kullback-Leibler divergence of targets from log-probabilities. */
export class KLDivLoss extends Loss<NonNullable<Parameters<typeof klDiv>[2]>> {
  protected static override readonly names: readonly string[] = ['logTarget']

  override forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, this.options)
  }
}

/** Negative log-likelihood of Poisson counts. */
export class PoissonNLLLoss extends Loss<NonNullable<Parameters<typeof poissonNllLoss>[2]>> {
  protected static override readonly names: readonly string[] = ['logInput', 'full', 'eps']

  override forward(input: Tensor, target: Tensor): Tensor {
    return poissonNllLoss(input, target, this.options)
  }
}

/** Negative log-likelihood of classes, from log-probabilities (N, C, ...). */
export class NLLLoss extends WeightedLoss<NllOptions> {
  protected static override readonly names: readonly string[] = ['weight', 'ignoreIndex']

  override forward(input: Tensor, target: Tensor): Tensor {
    return nllLoss(input, target, this.weighted())
  }
}

/** ln(1 + e^(-t x)) with targets of 1 or -1. */
export class SoftMarginLoss extends Loss<LossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return softMarginLoss(input, target, this.options)
  }
}

/** Binary cross entropy of logits (N, C), the mean of the classes. */
export class MultiLabelSoftMarginLoss extends WeightedLoss<WeightedLossOptions> {
  protected static override readonly names: readonly string[] = ['weight']

  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelSoftMarginLoss(input, target, this.weighted())
  }
}

/** Listed classes are to exceed all others by 1. */
export class MultiLabelMarginLoss extends Loss<LossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelMarginLoss(input, target, this.options)
  }
}

/** The target class is to exceed all others by a margin. */
export class MultiMarginLoss extends WeightedLoss<MultiMarginOptions> {
  protected static override readonly names: readonly string[] = ['p', 'margin', 'weight']

  override forward(input: Tensor, target: Tensor): Tensor {
    return multiMarginLoss(input, target, this.weighted())
  }
}

/** Distances of pairs that are alike (1) or not (-1). */
export class HingeEmbeddingLoss extends Loss<MarginOptions> {
  protected static override readonly names: readonly string[] = ['margin']

  override forward(input: Tensor, target: Tensor): Tensor {
    return hingeEmbeddingLoss(input, target, this.options)
  }
}

/** Negative log-likelihood of normal targets: input, target, variance. */
export class GaussianNLLLoss extends Loss<NonNullable<Parameters<typeof gaussianNllLoss>[3]>> {
  protected static override readonly names: readonly string[] = ['full', 'eps']

  override forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    return gaussianNllLoss(input, target, variance, this.options)
  }
}

/** The first of two scores is to exceed the second (1), or the other way round (-1). */
export class MarginRankingLoss extends Loss<MarginOptions> {
  protected static override readonly names: readonly string[] = ['margin']

  override forward(a: Tensor, b: Tensor, target: Tensor): Tensor {
    return marginRankingLoss(a, b, target, this.options)
  }
}

/** Angles of pairs that are alike (1) or not (-1). */
export class CosineEmbeddingLoss extends Loss<MarginOptions> {
  protected static override readonly names: readonly string[] = ['margin']

  override forward(a: Tensor, b: Tensor, target: Tensor): Tensor {
    return cosineEmbeddingLoss(a, b, target, this.options)
  }
}

/** An anchor is to be nearer to the positive than to the negative. */
export class TripletMarginLoss extends Loss<TripletOptions & { p?: number; eps?: number }> {
  protected static override readonly names: readonly string[] = ['margin', 'p', 'eps', 'swap']

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginLoss(anchor, positive, negative, this.options)
  }
}

/** The same with a distance of one's own. */
export class TripletMarginWithDistanceLoss extends Loss<
  NonNullable<Parameters<typeof tripletMarginWithDistanceLoss>[3]>
> {
  protected static override readonly names: readonly string[] = ['distance', 'margin', 'swap']

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginWithDistanceLoss(anchor, positive, negative, this.options)
  }
}

/** Connectionist temporal classification of log-probabilities (T, N, C). */
export class CTCLoss extends Loss<CtcOptions> {
  protected static override readonly names: readonly string[] = ['blank', 'zeroInfinity']

  override forward(
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Tensor | readonly number[] | number,
    targetLengths: Tensor | readonly number[] | number,
  ): Tensor {
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, this.options)
  }
}
