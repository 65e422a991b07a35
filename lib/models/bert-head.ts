// What BERT's models with heads have in common. Place in the whole: under bert-pretraining.ts and bert-tasks.ts.
// Shapes: K classes.
import { ShapeError } from '../errors.js'
import { Linear, Module } from '../nn/index.js'
import type { LoadReport } from '../nn/state-dict.js'
import { crossEntropy } from '../ops/crossEntropy.js'
import { reshape } from '../ops/views.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { type Bert, type BertConfig, current, initialize } from './bert.js'
import { type GivenState, renamed } from './checkpoint.js'

/** Whether there is a pooler follows from the task. */
export type BertTaskConfig = Omit<BertConfig, 'pooler'>

/** Logits, and their loss where labels were given. */
export interface BertTaskResult {
  readonly logits: Tensor
  readonly loss: Tensor | null
}

/** What pre-training adds to the encoder, not all of which every model has. */
const PRETRAINING =
  /^(bert\.pooler\.dense|cls\.seq_relationship|cls\.predictions(\.decoder|\.transform\.(dense|LayerNorm))?)\.(weight|bias)$/
/** Tied tensors that files leave out, and whose they are. */
const TIED = [
  ['cls.predictions.decoder.weight', 'bert.embeddings.word_embeddings.weight'],
  ['cls.predictions.decoder.bias', 'cls.predictions.bias'],
] as const

/** An encoder and what makes its features the answer to a task. */
export abstract class BertWithHead extends Module {
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

/** A linear layer with BERT's initial values. */
export function linearHead(channels: number, classes: number): Linear {
  const layer = new Linear(channels, classes)
  initialize(layer)
  return layer
}

export function checkLabels(task: string, what: string, labels: Tensor | null, shape: readonly number[]): void {
  if (labels && show(labels.shape) !== show(shape))
    throw new ShapeError(`${task}: takes ${what} ${show(shape)}, found ${show(labels.shape)}`)
}

/** Cross entropy of logits (..., K) and labels (...): the mean over the labels that are not -100. */
export const classLoss = (logits: Tensor, labels: Tensor): Tensor =>
  crossEntropy(reshape(logits, [-1, logits.shape.at(-1) as number]), reshape(labels, [-1]))
