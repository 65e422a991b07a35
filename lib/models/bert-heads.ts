// BERT with heads: for pre-training (masked words, next sentence) and for the tasks of Devlin et al. 2018, section 4 (sentences, tokens,
// spans). Place in the whole: modules over bert.ts; names and losses are Hugging Face's, whose checkpoints load as they are.
// Shapes: B batch, T positions, C channels, V vocabulary, K classes.
import { ShapeError, ValueError } from '../errors.js'
import { known, positive } from '../nn/check.js'
import { Dropout, init, LayerNorm, Linear, Module, type Parameter } from '../nn/index.js'
import type { LoadReport } from '../nn/state-dict.js'
import { add, mul } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { crossEntropy } from '../ops/crossEntropy.js'
import { linearCrossEntropy } from '../ops/linearCrossEntropy.js'
import { binaryCrossEntropyWithLogits, mseLoss } from '../ops/loss.js'
import { unbind } from '../ops/split.js'
import { clamp } from '../ops/unary.js'
import { reshape } from '../ops/views.js'
import { isFloating } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { Bert, type BertConfig, type BertInputs, current, initialize } from './bert.js'
import { type GivenState, renamed } from './checkpoint.js'

/** Whether there is a pooler follows from the task. */
export type BertTaskConfig = Omit<BertConfig, 'pooler'>

/** Logits, and their loss where labels were given. */
export interface BertTaskResult {
  readonly logits: Tensor
  readonly loss: Tensor | null
}

/** What pre-training adds to the encoder, not all of which every model has. */
const PRETRAINING = /^(bert\.pooler|cls)\./
/** Tied tensors that files leave out, and whose they are. */
const TIED = [
  ['cls.predictions.decoder.weight', 'bert.embeddings.word_embeddings.weight'],
  ['cls.predictions.decoder.bias', 'cls.predictions.bias'],
] as const

/** An encoder and what makes its features the answer to a task. */
abstract class BertWithHead extends Module {
  abstract bert: Bert

  /**
   * As every module's; takes Hugging Face's files of this task and of pre-training, of which it leaves out what it does not have, with
   * or without tied weights, and the names of norms in old files (`gamma`, `beta`). To begin a task with a file of the bare model or of
   * another task, load that into `bert`.
   */
  override loadStateDict(state: GivenState, options: { strict?: boolean } = {}): LoadReport {
    const own = this.stateDict()
    const named = renamed(state, (name) => {
      const to = current(name)
      const surplus = to.endsWith('embeddings.position_ids') || (PRETRAINING.test(to) && !own.has(to))
      return surplus ? null : to
    })
    for (const [name, source] of TIED) {
      const tensor = named.get(source)
      if (tensor && own.has(name) && !named.has(name)) named.set(name, tensor)
    }
    return super.loadStateDict(named, options)
  }
}

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

/** A linear layer with BERT's initial values. */
function linearHead(channels: number, classes: number): Linear {
  const layer = new Linear(channels, classes)
  initialize(layer)
  return layer
}

function checkLabels(task: string, what: string, labels: Tensor | null, shape: readonly number[]): void {
  if (labels && show(labels.shape) !== show(shape))
    throw new ShapeError(`${task}: takes ${what} ${show(shape)}, found ${show(labels.shape)}`)
}

/** Cross entropy of logits (..., K) and labels (...): the mean over the labels that are not -100. */
const classLoss = (logits: Tensor, labels: Tensor): Tensor =>
  crossEntropy(reshape(logits, [-1, logits.shape.at(-1) as number]), reshape(labels, [-1]))

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

export interface BertClassifierOptions {
  /** K. Default 2. */
  readonly classes?: number
  /** Before the classifier. Default: the config's `dropout`. */
  readonly dropout?: number
}

function checkClassifier(
  task: string,
  options: BertClassifierOptions,
  config: BertTaskConfig,
): Required<BertClassifierOptions> {
  known(task, options, ['classes', 'dropout'])
  const { classes = 2, dropout = config.dropout ?? 0 } = options
  positive(task, { classes })
  return { classes, dropout }
}

export interface BertClassifierInputs extends BertInputs {
  /**
   * Of sentences: integers (B), the classes; or floating-point numbers (B, K), of how many classes each is told apart for itself; or,
   * where K is 1, numbers (B) or (B, 1) to be met. Of tokens: integers (B, T), -100 where none is asked for.
   */
  readonly labels?: Tensor | null
}

/** Tokens (B, T) to logits (B, K): classes of sentences and of their pairs, or a number. */
export class BertForSequenceClassification extends BertWithHead {
  bert: Bert
  dropout: Dropout
  classifier: Linear

  /** @throws ValueError as Bert does, and for an unknown option, or classes that are no positive integer */
  constructor(config: BertTaskConfig = {}, options: BertClassifierOptions = {}) {
    super()
    const { classes, dropout } = checkClassifier('BertForSequenceClassification', options, config)
    this.bert = new Bert({ ...config, pooler: true })
    this.dropout = new Dropout(dropout)
    this.classifier = linearHead(this.bert.config.channels, classes)
  }

  /** @throws ShapeError as Bert does, and for labels of another shape */
  override forward(tokens_BT: Tensor, { labels = null, ...inputs }: BertClassifierInputs = {}): BertTaskResult {
    const { pooled } = this.bert.call(tokens_BT, inputs)
    const logits_BK = this.classifier.call(this.dropout.call(pooled as Tensor)) as Tensor
    return { logits: logits_BK, loss: labels && sentenceLoss(logits_BK, labels) }
  }
}

/** Mean squared error of one number; cross entropy of integer classes; binary cross entropy of classes for themselves. */
function sentenceLoss(logits_BK: Tensor, labels: Tensor): Tensor {
  const [b, k] = logits_BK.shape as [number, number]
  const task = 'BertForSequenceClassification'
  if (k === 1) {
    if (labels.rank !== 2 || labels.shape[1] !== 1) checkLabels(task, 'labels', labels, [b])
    return mseLoss(reshape(logits_BK, [b]), cast(reshape(labels, [b]), logits_BK.dtype))
  }
  if (isFloating(labels.dtype)) {
    checkLabels(task, 'labels', labels, [b, k])
    return binaryCrossEntropyWithLogits(logits_BK, cast(labels, logits_BK.dtype))
  }
  checkLabels(task, 'labels', labels, [b])
  return classLoss(logits_BK, labels)
}

/** Tokens (B, T) to logits (B, T, K): a class of each token, such as the kind of name that it is part of. */
export class BertForTokenClassification extends BertWithHead {
  bert: Bert
  dropout: Dropout
  classifier: Linear

  /** @throws ValueError as Bert does, and for an unknown option, or classes that are no positive integer */
  constructor(config: BertTaskConfig = {}, options: BertClassifierOptions = {}) {
    super()
    const { classes, dropout } = checkClassifier('BertForTokenClassification', options, config)
    this.bert = new Bert({ ...config, pooler: false })
    this.dropout = new Dropout(dropout)
    this.classifier = linearHead(this.bert.config.channels, classes)
  }

  /** @throws ShapeError as Bert does, and for labels of another shape than the tokens' */
  override forward(tokens_BT: Tensor, { labels = null, ...inputs }: BertClassifierInputs = {}): BertTaskResult {
    checkLabels('BertForTokenClassification', 'labels', labels, tokens_BT.shape)
    const logits = this.classifier.call(this.dropout.call(this.bert.call(tokens_BT, inputs).features)) as Tensor
    return { logits, loss: labels && classLoss(logits, labels) }
  }
}

export interface BertSpanInputs extends BertInputs {
  /** Positions (B) of an answer's first token; T and above count for nothing, as where a text was cut off. */
  readonly starts?: Tensor | null
  /** Positions (B) of its last token. */
  readonly ends?: Tensor | null
}

export interface BertSpanResult {
  /** (B, T). */
  readonly startLogits: Tensor
  /** (B, T). */
  readonly endLogits: Tensor
  /** The mean of both losses, where starts and ends were given. */
  readonly loss: Tensor | null
}

/** Tokens (B, T) of a question and a text to logits of where in the text the answer begins, and where it ends. */
export class BertForQuestionAnswering extends BertWithHead {
  bert: Bert
  qaOutputs: Linear

  /** @throws ValueError as Bert does */
  constructor(config: BertTaskConfig = {}) {
    super()
    this.bert = new Bert({ ...config, pooler: false })
    this.qaOutputs = linearHead(this.bert.config.channels, 2)
  }

  /** @throws ShapeError as Bert does, and for starts or ends that are not (B) */
  override forward(tokens_BT: Tensor, { starts = null, ends = null, ...inputs }: BertSpanInputs = {}): BertSpanResult {
    checkLabels('BertForQuestionAnswering', 'starts', starts, tokens_BT.shape.slice(0, 1))
    checkLabels('BertForQuestionAnswering', 'ends', ends, tokens_BT.shape.slice(0, 1))
    const { features } = this.bert.call(tokens_BT, inputs)
    const [startLogits, endLogits] = unbind(this.qaOutputs.call(features), 2) as [Tensor, Tensor]
    const loss = starts && ends && mul(add(positionLoss(startLogits, starts), positionLoss(endLogits, ends)), 0.5)
    return { startLogits, endLogits, loss }
  }
}

/** Cross entropy of logits (B, T) and positions (B): the mean over those below T, as Hugging Face counts them. */
function positionLoss(logits_BT: Tensor, positions_B: Tensor): Tensor {
  const t = logits_BT.shape[1] as number
  return crossEntropy(logits_BT, clamp(positions_B, 0, t), { ignoreIndex: t })
}
