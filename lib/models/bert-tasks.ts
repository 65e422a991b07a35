// BERT's tasks: sentences, tokens and spans (Devlin et al. 2018, section 4). Place in the whole: modules over bert.ts; names and losses are
// Hugging Face's, whose checkpoints load as they are.
// Shapes: B batch, T positions, K classes.
import { known, positive } from '../check.js'
import { Dropout, type Linear } from '../nn/index.js'
import { add, mul } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { crossEntropy } from '../ops/crossEntropy.js'
import { binaryCrossEntropyWithLogits, mseLoss } from '../ops/loss.js'
import { unbind } from '../ops/split.js'
import { clamp } from '../ops/unary.js'
import { reshape } from '../ops/views.js'
import { isFloating } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { Bert, type BertInputs } from './bert.js'
import {
  type BertTaskConfig,
  type BertTaskResult,
  BertWithHead,
  checkLabels,
  classLoss,
  linearHead,
} from './bert-head.js'

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
