import type { Tensor } from '#lib/index.js'
import {
  Bert,
  type BertConfig,
  BertForMaskedLM,
  BertForNextSentencePrediction,
  BertForPreTraining,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
  type BertTaskResult,
} from '#lib/models/index.js'
import type { Module } from '#lib/nn/index.js'
import type { Cases, Config, Inputs, ParityCase } from '../harness.js'

/** Softmax takes no notice of the keys' bias: its gradient is a difference, 0, of numbers like those that the values' bias gets. */
const like = (name: string): string => name.replace('key.bias', 'value.bias')

const sizes = ({ vocab, positions, channels, layers, heads, hidden }: Config): BertConfig => ({
  vocabSize: vocab,
  ...{ positions, channels, layers, heads, hidden },
})

const bare: ParityCase = {
  like,
  build: (config) => new Bert({ ...sizes(config), pooler: config['pooler'] }),
  run: (model: Bert, { tokens, types = null, mask = null }) => {
    const { features, pooled } = model.call(tokens as Tensor, { types, mask })
    return pooled ? [features, pooled] : [features]
  },
}

/** A model with a head; `ours` are our names of PyTorch's labels. */
const task = (
  build: (config: Config) => Module,
  ours: Readonly<Record<string, string>> = { labels: 'labels' },
  outputs: (result: any) => (Tensor | null)[] = ({ logits, loss }: BertTaskResult) => [logits, loss],
): ParityCase => ({
  like,
  build,
  run: (model, { tokens, types, mask, ...labels }: Inputs) => {
    const named = Object.entries(labels).map(([name, tensor]) => [ours[name], tensor])
    return outputs(model.call(tokens, { types, mask, ...Object.fromEntries(named) })) as Tensor[]
  },
})

const sentences = task((c) => new BertForSequenceClassification(sizes(c), { classes: c['classes'] }))

export const bert: Cases = {
  bert: bare,
  bertBare: bare,
  bertForMaskedLM: task((c) => new BertForMaskedLM(sizes(c))),
  bertForPreTraining: task(
    (c) => new BertForPreTraining(sizes(c)),
    { labels: 'labels', next_sentence_label: 'nextSentence' },
    ({ predictionLogits, sentenceLogits, loss }) => [predictionLogits, sentenceLogits, loss],
  ),
  bertForNextSentencePrediction: task((c) => new BertForNextSentencePrediction(sizes(c))),
  bertForSequenceClassification: sentences,
  bertForSeveralClasses: sentences,
  bertForRegression: sentences,
  bertForTokenClassification: task((c) => new BertForTokenClassification(sizes(c), { classes: c['classes'] })),
  bertForQuestionAnswering: task(
    (c) => new BertForQuestionAnswering(sizes(c)),
    { start_positions: 'starts', end_positions: 'ends' },
    ({ startLogits, endLogits, loss }) => [startLogits, endLogits, loss],
  ),
}
