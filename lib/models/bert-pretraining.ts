// BERT's pre-training: masked words and next sentences (Devlin et al. 2018, section 3.1). Place in the whole: modules over bert.ts; names and
// losses are Hugging Face's, whose checkpoints load as they are.
// Shapes: B batch, T positions, C channels, V vocabulary.
import { ValueError } from '../errors.js'
import { init, LayerNorm, Linear, Module, type Parameter } from '../nn/index.js'
import { add } from '../ops/binary.js'
import { linearCrossEntropy } from '../ops/linearCrossEntropy.js'
import { reshape } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import { Bert, type BertInputs, initialize } from './bert.js'
import {
  type BertTaskConfig,
  type BertTaskResult,
  BertWithHead,
  checkLabels,
  classLoss,
  linearHead,
} from './bert-head.js'

/** A linear layer, GELU and a norm: (B, T, C) to (B, T, C). */
class Transform extends Module {
  static override readonly stateNames = { layerNorm: 'LayerNorm' }
  dense: Linear
  layerNorm: LayerNorm

  constructor({ channels, eps }: Bert['config']) {
    super()
    this.dense = new Linear(channels, channels)
    this.layerNorm = new LayerNorm(channels, { eps })
  }

  override forward(x_BTC: Tensor): Tensor {
    return this.layerNorm.call(this.dense.call(x_BTC, { activation: 'gelu' }))
  }
}

/** Features (B, T, C) to logits of the words (B, T, V); the last layer's weight is the word embeddings'. */
class WordHead extends Module {
  bias: Parameter
  transform: Transform
  decoder: Linear

  constructor({ config, embeddings }: Bert) {
    super()
    this.transform = new Transform(config)
    initialize(this.transform)
    this.decoder = new Linear(config.channels, config.vocabSize)
    this.decoder.weight.dispose()
    this.decoder.weight = embeddings.wordEmbeddings.weight
    this.bias = init.zeros(this.decoder.bias as Parameter)
  }

  override forward(x_BTC: Tensor): Tensor {
    return this.decoder.call(this.transform.call(x_BTC))
  }

  /** The loss without the logits, which never exist all at once. */
  lossOf(x_BTC: Tensor, labels_BT: Tensor): Tensor {
    const y_BTC = this.transform.call(x_BTC)
    const rows = reshape(y_BTC, [-1, y_BTC.shape[2] as number])
    return linearCrossEntropy(rows, this.decoder.weight, reshape(labels_BT, [-1]), { linearBias: this.bias })
  }
}

/** The heads of pre-training that a model has. */
class PretrainingHeads<W extends WordHead | null, S extends Linear | null> extends Module {
  predictions: W
  seqRelationship: S

  constructor(predictions: W, seqRelationship: S) {
    super()
    this.predictions = predictions
    this.seqRelationship = seqRelationship
  }

  override forward(): never {
    throw new ValueError('PretrainingHeads: have no forward: call the head you want')
  }
}

export interface BertMaskedInputs extends BertInputs {
  /** The words (B, T) that were masked, -100 at all other places. */
  readonly labels?: Tensor | null
}

/** Tokens (B, T) to logits (B, T, V) of the words at each place. */
export class BertForMaskedLM extends BertWithHead {
  bert: Bert
  cls: PretrainingHeads<WordHead, null>

  /** @throws ValueError as Bert does */
  constructor(config: BertTaskConfig = {}) {
    super()
    this.bert = new Bert({ ...config, pooler: false })
    this.cls = new PretrainingHeads(new WordHead(this.bert), null)
  }

  /** @throws ShapeError as Bert does, and for labels of another shape than the tokens' */
  override forward(tokens_BT: Tensor, { labels = null, ...inputs }: BertMaskedInputs = {}): BertTaskResult {
    checkLabels('BertForMaskedLM', 'labels', labels, tokens_BT.shape)
    const logits = this.cls.predictions.call(this.bert.call(tokens_BT, inputs).features)
    return { logits, loss: labels && classLoss(logits, labels) }
  }

  /** `forward`'s loss alone, for training: the logits, V numbers a token, never exist all at once. */
  loss(tokens_BT: Tensor, labels_BT: Tensor, inputs: BertInputs = {}): Tensor {
    checkLabels('BertForMaskedLM', 'labels', labels_BT, tokens_BT.shape)
    return this.cls.predictions.lossOf(this.bert.call(tokens_BT, inputs).features, labels_BT)
  }
}

export interface BertPretrainingInputs extends BertMaskedInputs {
  /** (B), 0 where the second segment follows the first in the text, 1 where it does not. */
  readonly nextSentence?: Tensor | null
}

export interface BertPretrainingResult {
  /** (B, T, V). */
  readonly predictionLogits: Tensor
  /** (B, 2). */
  readonly sentenceLogits: Tensor
  /** The sum of both losses, where both kinds of labels were given. */
  readonly loss: Tensor | null
}

/** Tokens (B, T) to logits of the words at each place and of whether the second segment follows the first. */
export class BertForPreTraining extends BertWithHead {
  bert: Bert
  cls: PretrainingHeads<WordHead, Linear>

  /** @throws ValueError as Bert does */
  constructor(config: BertTaskConfig = {}) {
    super()
    this.bert = new Bert({ ...config, pooler: true })
    this.cls = new PretrainingHeads(new WordHead(this.bert), linearHead(this.bert.config.channels, 2))
  }

  /** @throws ShapeError as Bert does, and for labels that are not (B, T), or not (B) */
  override forward(tokens_BT: Tensor, given: BertPretrainingInputs = {}): BertPretrainingResult {
    const { labels = null, nextSentence = null, ...inputs } = given
    this.#check(tokens_BT, labels, nextSentence)
    const { features, pooled } = this.bert.call(tokens_BT, inputs)
    const predictionLogits = this.cls.predictions.call(features)
    const sentenceLogits = this.cls.seqRelationship.call(pooled as Tensor)
    const loss =
      labels && nextSentence && add(classLoss(predictionLogits, labels), classLoss(sentenceLogits, nextSentence))
    return { predictionLogits, sentenceLogits, loss }
  }

  /** `forward`'s loss alone, for training: the words' logits, V numbers a token, never exist all at once. */
  loss(tokens_BT: Tensor, labels_BT: Tensor, nextSentence_B: Tensor, inputs: BertInputs = {}): Tensor {
    this.#check(tokens_BT, labels_BT, nextSentence_B)
    const { features, pooled } = this.bert.call(tokens_BT, inputs)
    const sentenceLogits = this.cls.seqRelationship.call(pooled as Tensor)
    return add(this.cls.predictions.lossOf(features, labels_BT), classLoss(sentenceLogits, nextSentence_B))
  }

  #check({ shape }: Tensor, labels: Tensor | null, nextSentence: Tensor | null): void {
    checkLabels('BertForPreTraining', 'labels', labels, shape)
    checkLabels('BertForPreTraining', 'nextSentence', nextSentence, shape.slice(0, 1))
  }
}

export interface BertSentenceInputs extends BertInputs {
  /** (B), 0 where the second segment follows the first in the text, 1 where it does not. */
  readonly labels?: Tensor | null
}

/** Tokens (B, T) to logits (B, 2) of whether the second segment follows the first. */
export class BertForNextSentencePrediction extends BertWithHead {
  bert: Bert
  cls: PretrainingHeads<null, Linear>

  /** @throws ValueError as Bert does */
  constructor(config: BertTaskConfig = {}) {
    super()
    this.bert = new Bert({ ...config, pooler: true })
    this.cls = new PretrainingHeads(null, linearHead(this.bert.config.channels, 2))
  }

  /** @throws ShapeError as Bert does, and for labels that are not (B) */
  override forward(tokens_BT: Tensor, { labels = null, ...inputs }: BertSentenceInputs = {}): BertTaskResult {
    checkLabels('BertForNextSentencePrediction', 'labels', labels, tokens_BT.shape.slice(0, 1))
    const logits = this.cls.seqRelationship.call(this.bert.call(tokens_BT, inputs).pooled as Tensor)
    return { logits, loss: labels && classLoss(logits, labels) }
  }
}
