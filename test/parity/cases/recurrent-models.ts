import type { Tensor } from '#lib/index.js'
import { detachState, RecurrentLM, Seq2Seq, type Seq2SeqConfig } from '#lib/models/index.js'
import type { Cases, Config, Inputs, ParityCase } from '../harness.js'

const languageModel: ParityCase = {
  build: (config) => new RecurrentLM(config as ConstructorParameters<typeof RecurrentLM>[0]),
  run(model: RecurrentLM, inputs: Inputs) {
    const [first, state] = model.call(inputs['first'] as Tensor)
    const [second, last] = model.call(inputs['second'] as Tensor, detachState(state))
    return [first, second, ...last]
  },
}

/**
 * Of two layers: six steps of the encoder are 12 products one after the other; four of the decoder 28, as each has its layers', the
 * attention's four and the attentional vector's. Backward as many.
 */
const DEPTH = 80

const sequences: ParityCase = {
  depth: DEPTH,
  build: ({ lengths: _, ...config }) => new Seq2Seq(config as Seq2SeqConfig),
  run: (model: Seq2Seq, inputs: Inputs, { lengths }: Config) =>
    model.call(inputs['source'] as Tensor, inputs['target'] as Tensor, { lengths }),
}

/**
 * A query moves all of a row's scores nearly alike, which the softmax does not see: its gradient is what is left of terms that are as
 * large as those of the memory's.
 */
const additive: ParityCase = {
  ...sequences,
  like: (name) => (name === 'decoder.attention.query.weight' ? 'decoder.attention.memory.weight' : name),
}

const named = (names: readonly string[], kind: ParityCase): Cases =>
  Object.fromEntries(names.map((name) => [name, kind]))

export const recurrentModels: Cases = {
  ...named(['lm lstm', 'lm lstm tied', 'lm gru', 'lm tanh', 'lm relu'], languageModel),
  ...named(['seq2seq additive', 'seq2seq additive, two layers'], additive),
  ...named(
    [
      'seq2seq',
      'seq2seq one length',
      'seq2seq dot',
      'seq2seq dot, batch of one',
      'seq2seq general',
      'seq2seq general, input feeding',
      'seq2seq concat',
      'seq2seq concat, input feeding',
    ],
    sequences,
  ),
}
