// Recurrent language models of characters or words. Mikolov et al. 2010, "Recurrent neural network based language model"; dropout
// between layers alone as in Zaremba et al. 2014, "Recurrent Neural Network Regularization"; one matrix for both ends as in Press and
// Wolf 2017, "Using the Output Embedding to Improve Language Models". Place in the whole: a model like any user's, built from lib/nn;
// parameter names and initial values are those of PyTorch's example word_language_model, whose state dicts load as they are.
// Shapes: B batch, T steps, E width of embeddings, H units, L layers, V vocabulary.

import { known } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { Dropout, Embedding, GRU, init, Linear, LSTM, Module, type Parameter, RNN } from '../nn/index.js'
import { linearCrossEntropy } from '../ops/linearCrossEntropy.js'
import { reshape } from '../ops/views.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { DecoderCallOptions, Decoding, DecodingOptions } from './generation/decoding.js'
import { lastPositions } from './generation/rows.js'
import { type State, StatefulDecoding } from './generation/stateful.js'

export interface RecurrentLMConfig {
  readonly vocabSize: number
  /** Width of the token embeddings. Default `hidden`. */
  readonly embedding?: number
  /** Units of a layer. */
  readonly hidden: number
  /** Default 1. */
  readonly layers?: number
  /** 'tanh' and 'relu' are plain recurrent networks. Default 'lstm'. */
  readonly cell?: 'lstm' | 'gru' | 'tanh' | 'relu'
  /** Of embeddings, of what passes between layers, and of the last layer's results. Default 0. */
  readonly dropout?: number
  /** The output layer shares the token embedding's weight, which must be as wide as a layer. Default false. */
  readonly tied?: boolean
}

const KEYS = ['vocabSize', 'embedding', 'hidden', 'layers', 'cell', 'dropout', 'tied']
const CELLS = ['lstm', 'gru', 'tanh', 'relu']

/** Initial weights of embeddings and output layer are uniform up to this. */
const BOUND = 0.1

/** What a recurrent layer has seen: h (L, B, H), an LSTM's c behind it. */
export type RecurrentState = State

/**
 * Token indices (B, T), and the state behind the tokens before them, to logits (B, T, V) for the token that follows each, and the state
 * behind. Training on a long text in pieces hands the state on, cut off from its graph (truncated backpropagation through time):
 *
 *     let state: RecurrentState | null = null
 *     for (const [inputs, targets] of pieces) {
 *       const [loss, next] = model.loss(inputs, targets, state)
 *       loss.backward()
 *       state = detachState(next)
 *     }
 */
export class RecurrentLM extends Module {
  readonly config: Required<RecurrentLMConfig>
  drop: Dropout
  encoder: Embedding
  rnn: LSTM | GRU | RNN
  decoder: Linear

  /** @throws ValueError for unknown options and cells, sizes that are no positive integers, and tied layers of different widths */
  constructor(config: RecurrentLMConfig) {
    super()
    known('RecurrentLM', config, KEYS)
    this.config = { embedding: config.hidden, layers: 1, cell: 'lstm', dropout: 0, tied: false, ...config }
    const { vocabSize, embedding, hidden, layers, cell, dropout, tied } = this.config
    if (!CELLS.includes(cell))
      throw new ValueError(`RecurrentLM: cell is '${String(cell)}', expected one of ${CELLS.join(', ')}`)
    if (tied && embedding !== hidden)
      throw new ValueError(
        `RecurrentLM: tied layers are of one width, found embedding ${embedding} and hidden ${hidden}`,
      )
    this.drop = new Dropout(dropout)
    this.encoder = new Embedding(vocabSize, embedding)
    const options = { numLayers: layers, dropout, batchFirst: true }
    if (cell === 'lstm') this.rnn = new LSTM(embedding, hidden, options)
    else if (cell === 'gru') this.rnn = new GRU(embedding, hidden, options)
    else this.rnn = new RNN(embedding, hidden, { ...options, nonlinearity: cell })
    this.decoder = new Linear(hidden, vocabSize)
    init.uniform(this.encoder.weight, -BOUND, BOUND)
    init.uniform(this.decoder.weight, -BOUND, BOUND)
    init.zeros(this.decoder.bias as Parameter)
    if (tied) {
      this.decoder.weight.dispose()
      this.decoder.weight = this.encoder.weight
    }
  }

  /** @throws ShapeError for other shapes of tokens or state */
  override forward(
    tokens_BT: Tensor,
    state: RecurrentState | null = null,
    { logitsToKeep }: DecoderCallOptions = {},
  ): [logits_BTV: Tensor, state: RecurrentState] {
    const [y_BTH, next] = this.#features(tokens_BT, state)
    return [this.decoder.call(lastPositions(y_BTH, logitsToKeep)), next]
  }

  /**
   * Mean cross entropy of the tokens (B, T) that follow, and the state behind. The logits are never stored as a whole, which a
   * vocabulary of words is worth.
   */
  loss(
    tokens_BT: Tensor,
    targets_BT: Tensor,
    state: RecurrentState | null = null,
  ): [loss: Tensor, state: RecurrentState] {
    const [y_BTH, next] = this.#features(tokens_BT, state)
    const rows = reshape(y_BTH, [-1, this.config.hidden])
    const { weight, bias } = this.decoder
    return [linearCrossEntropy(rows, weight, reshape(targets_BT, [-1]), { linearBias: bias }), next]
  }

  #features(tokens_BT: Tensor, state: RecurrentState | null): [y_BTH: Tensor, state: RecurrentState] {
    if (tokens_BT.rank !== 2) throw new ShapeError(`RecurrentLM: takes tokens (b, t), found ${show(tokens_BT.shape)}`)
    const x_BTE = this.drop.call(this.encoder.call(tokens_BT))
    const { rnn } = this
    const count = rnn instanceof LSTM ? 2 : 1
    if (state !== null && state.length !== count)
      throw new ShapeError(
        `RecurrentLM: a state of ${count} tensors continues ${this.config.cell}, found ${state.length}`,
      )
    if (rnn instanceof LSTM) {
      const [y_BTH, next] = rnn.call(x_BTE, state as readonly [Tensor, Tensor] | null)
      return [this.drop.call(y_BTH), next]
    }
    const [y_BTH, next] = (rnn as GRU).call(x_BTE, state?.[0] ?? null)
    return [this.drop.call(y_BTH), [next]]
  }

  /** For `generate` and its like: a step costs the same however long the text is. */
  decoding({ lengths }: DecodingOptions): Decoding {
    return new StatefulDecoding({
      rows: lengths.length,
      state: null,
      fixed: [],
      run: (tokens_BT, state) => (this as RecurrentLM).call(tokens_BT, state, { logitsToKeep: 1 }),
    })
  }
}

/** The state for the next piece of a text: its numbers, through which no gradient goes back. */
export const detachState = (state: RecurrentState): RecurrentState => state.map((t) => t.detach())
