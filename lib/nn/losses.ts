// Losses as modules. Place in the whole: operators of lib/ops with their options, for training loops that are configured by name;
// names are PyTorch's.
import { type NllOptions, nllLoss } from '../ops/crossEntropy.js'
import { type CtcOptions, ctcLoss } from '../ops/ctc.js'
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  gaussianNllLoss,
  huberLoss,
  klDiv,
  type LossOptions,
  l1Loss,
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

/** A loss that is configured once. */
abstract class Loss<Options extends object> extends Module {
  readonly options: Options

  constructor(options: Options = {} as Options) {
    super()
    this.options = options
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
  override forward(input: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(input, target, this.options)
  }
}

/** Squares of small differences, absolute values of large ones (Huber 1964). */
export class HuberLoss extends Loss<LossOptions & { delta?: number }> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return huberLoss(input, target, this.options)
  }
}

/** Binary cross entropy of probabilities. */
export class BCELoss extends Loss<WeightedLossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropy(input, target, this.options)
  }
}

/** Binary cross entropy of logits. */
export class BCEWithLogitsLoss extends Loss<WeightedLossOptions & { posWeight?: Tensor | null }> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropyWithLogits(input, target, this.options)
  }
}

/** Kullback-Leibler divergence of targets from log-probabilities. */
export class KLDivLoss extends Loss<NonNullable<Parameters<typeof klDiv>[2]>> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, this.options)
  }
}

/** Negative log-likelihood of Poisson counts. */
export class PoissonNLLLoss extends Loss<NonNullable<Parameters<typeof poissonNllLoss>[2]>> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return poissonNllLoss(input, target, this.options)
  }
}

/** Negative log-likelihood of classes, from log-probabilities (N, C, ...). */
export class NLLLoss extends Loss<NllOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return nllLoss(input, target, this.options)
  }
}

/** ln(1 + e^(-t x)) with targets of 1 or -1. */
export class SoftMarginLoss extends Loss<LossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return softMarginLoss(input, target, this.options)
  }
}

/** Binary cross entropy of logits (N, C), the mean of the classes. */
export class MultiLabelSoftMarginLoss extends Loss<WeightedLossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelSoftMarginLoss(input, target, this.options)
  }
}

/** Listed classes are to exceed all others by 1. */
export class MultiLabelMarginLoss extends Loss<LossOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelMarginLoss(input, target, this.options)
  }
}

/** The target class is to exceed all others by a margin. */
export class MultiMarginLoss extends Loss<MultiMarginOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return multiMarginLoss(input, target, this.options)
  }
}

/** Distances of pairs that are alike (1) or not (-1). */
export class HingeEmbeddingLoss extends Loss<MarginOptions> {
  override forward(input: Tensor, target: Tensor): Tensor {
    return hingeEmbeddingLoss(input, target, this.options)
  }
}

/** Negative log-likelihood of normal targets: input, target, variance. */
export class GaussianNLLLoss extends Loss<NonNullable<Parameters<typeof gaussianNllLoss>[3]>> {
  override forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    return gaussianNllLoss(input, target, variance, this.options)
  }
}

/** The first of two scores is to exceed the second (1), or the other way round (-1). */
export class MarginRankingLoss extends Loss<MarginOptions> {
  override forward(a: Tensor, b: Tensor, target: Tensor): Tensor {
    return marginRankingLoss(a, b, target, this.options)
  }
}

/** Angles of pairs that are alike (1) or not (-1). */
export class CosineEmbeddingLoss extends Loss<MarginOptions> {
  override forward(a: Tensor, b: Tensor, target: Tensor): Tensor {
    return cosineEmbeddingLoss(a, b, target, this.options)
  }
}

/** An anchor is to be nearer to the positive than to the negative. */
export class TripletMarginLoss extends Loss<TripletOptions & { p?: number; eps?: number }> {
  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginLoss(anchor, positive, negative, this.options)
  }
}

/** The same with a distance of one's own. */
export class TripletMarginWithDistanceLoss extends Loss<
  NonNullable<Parameters<typeof tripletMarginWithDistanceLoss>[3]>
> {
  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginWithDistanceLoss(anchor, positive, negative, this.options)
  }
}

/** Connectionist temporal classification of log-probabilities (T, N, C). */
export class CTCLoss extends Loss<CtcOptions> {
  override forward(
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Tensor | readonly number[] | number,
    targetLengths: Tensor | readonly number[] | number,
  ): Tensor {
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, this.options)
  }
}
