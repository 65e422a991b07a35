// Recurrent encoder-decoders. Sutskever et al. 2014, "Sequence to Sequence Learning with Neural Networks"; with attention as in Bahdanau
// et al. 2015, "Neural Machine Translation by Jointly Learning to Align and Translate", or Luong et al. 2015, "Effective Approaches to
// Attention-based Neural Machine Translation". Place in the whole: a model like any user's, built from lib/nn and seq2seq-attention.ts.
// Shapes: B batch, S source positions, T target positions, E width of embeddings, H units, L layers, M width of the memory (H, or 2H of
// both directions), V target vocabulary.

import { known } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { filled } from '../filled.js'
import { Dropout, Embedding, Linear, LSTM, Module } from '../nn/index.js'
import { tensor, zeros } from '../ops/creation.js'
import { gather } from '../ops/gather.js'
import { concat, stack } from '../ops/join.js'
import { packPaddedSequence, padPackedSequence } from '../ops/packedSequence.js'
import { tanh } from '../ops/unary.js'
import { narrow, reshape, select, transpose, unsqueeze } from '../ops/views.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Decoding, DecodingOptions, StepwiseSources } from './generation/decoding.js'
import { type State, StatefulDecoding } from './generation/stateful.js'
import { type Alignment, type SourceAttention, sourceAttention } from './seq2seq-attention.js'

export interface Seq2SeqConfig {
  readonly sourceVocab: number
  readonly targetVocab: number
  /** Width of both embeddings. Default `hidden`. */
  readonly embedding?: number
  /** Units of a layer, in the encoder of each direction. */
  readonly hidden: number
  /** Of the encoder and of the decoder. Default 1. */
  readonly layers?: number
  /**
   * How the decoder looks at the source: not at all but through its first state (null, Sutskever); before each step, by the state that it
   * begins with ('additive', Bahdanau); or behind it ('dot', 'general', 'concat', Luong). Default null.
   */
  readonly attention?: Alignment | null
  /** Luong's input feeding: a step reads the last one's attentional vector beside its token. Default false. */
  readonly inputFeeding?: boolean
  /** The encoder reads in both directions, as Bahdanau's. Default false. */
  readonly bidirectional?: boolean
  /** The encoder reads from the last token to the first, as Sutskever's. Default false. */
  readonly reverseSource?: boolean
  /** Of embeddings, between layers, and of what the output layer reads. Default 0. */
  readonly dropout?: number
}

const KEYS = [
  'sourceVocab',
  'targetVocab',
  'embedding',
  'hidden',
  'layers',
  'attention',
  'inputFeeding',
  'bidirectional',
  'reverseSource',
  'dropout',
]

type Config = Required<Seq2SeqConfig>
type LSTMState = readonly [h_LBH: Tensor, c_LBH: Tensor]

/** Source tokens (B, S) to memory (B, S, M) and the decoder's first state. */
class Encoder extends Module {
  embedding: Embedding
  drop: Dropout
  rnn: LSTM
  /** Both directions' last states to the decoder's: Bahdanau's tanh(W s), for h and for c. */
  bridgeH: Linear | null
  bridgeC: Linear | null
  readonly #config: Config

  constructor(config: Config) {
    super()
    const { sourceVocab, embedding, hidden, layers, bidirectional, dropout } = config
    this.embedding = new Embedding(sourceVocab, embedding)
    this.drop = new Dropout(dropout)
    this.rnn = new LSTM(embedding, hidden, { numLayers: layers, bidirectional, dropout, batchFirst: true })
    this.bridgeH = bidirectional ? new Linear(2 * hidden, hidden) : null
    this.bridgeC = bidirectional ? new Linear(2 * hidden, hidden) : null
    this.#config = config
  }

  override forward(source_BS: Tensor, lengths: readonly number[] | null): [memory_BSM: Tensor, state: LSTMState] {
    const tokens_BS = this.#config.reverseSource ? reversed(source_BS, lengths) : source_BS
    const x_BSE = this.drop.call(this.embedding.call(tokens_BS))
    if (lengths === null) {
      const [memory_BSM, state] = this.rnn.call(x_BSE)
      return [memory_BSM, this.#bridged(state)]
    }
    const [packed, state] = this.rnn.call(
      packPaddedSequence(x_BSE, lengths, { batchFirst: true, enforceSorted: false }),
    )
    const [memory_BSM] = padPackedSequence(packed, { batchFirst: true, totalLength: source_BS.shape[1] as number })
    return [memory_BSM, this.#bridged(state)]
  }

  #bridged([h, c]: LSTMState): LSTMState {
    const { bridgeH, bridgeC } = this
    if (bridgeH === null || bridgeC === null) return [h, c]
    return [tanh(bridgeH.call(sideBySide(h))), tanh(bridgeC.call(sideBySide(c)))]
  }
}

/** Both directions' states (2L, B, H) as (L, B, 2H). */
function sideBySide(state: Tensor): Tensor {
  const [both, b, h] = state.shape as [number, number, number]
  return reshape(transpose(reshape(state, [both / 2, 2, b, h]), 1, 2), [both / 2, b, 2 * h])
}

/** Each row's tokens from the last to the first, padding where it was. */
function reversed(tokens_BS: Tensor, lengths: readonly number[] | null): Tensor {
  const [b, s] = tokens_BS.shape as [number, number]
  const places = new BigInt64Array(b * s)
  for (let n = 0; n < b; n++) {
    const length = lengths?.[n] ?? s
    for (let i = 0; i < s; i++) places[n * s + i] = BigInt(i < length ? length - 1 - i : i)
  }
  return gather(tokens_BS, 1, tensor(places, { shape: [b, s] }))
}

/** What the decoder reads of a source. */
interface Source {
  readonly memory_BSM: Tensor
  readonly keys: Tensor
  readonly mask_B1S: Tensor | null
}

/** Target tokens (B, T) to logits (B, T, V), and the state behind. */
class Decoder extends Module {
  embedding: Embedding
  drop: Dropout
  rnn: LSTM
  attention: SourceAttention | null
  /** Context and state to the attentional vector, which the output layer reads. */
  combine: Linear | null
  output: Linear
  readonly #config: Config

  constructor(config: Config) {
    super()
    const { targetVocab, embedding, hidden, layers, attention, inputFeeding, bidirectional, dropout } = config
    const memory = bidirectional ? 2 * hidden : hidden
    const read = attention === 'additive' ? memory : inputFeeding ? hidden : 0
    this.embedding = new Embedding(targetVocab, embedding)
    this.drop = new Dropout(dropout)
    this.rnn = new LSTM(embedding + read, hidden, { numLayers: layers, dropout, batchFirst: true })
    this.attention = attention === null ? null : sourceAttention(attention, hidden, memory)
    this.combine = attention === null ? null : new Linear(memory + hidden, hidden, { bias: false })
    this.output = new Linear(hidden, targetVocab)
    this.#config = config
  }

  /** The state with which a target begins: with input feeding an attentional vector (1, B, H) of zeros too. */
  begin(state: LSTMState): State {
    const [h] = state
    return this.#config.inputFeeding ? [...state, zeros([1, ...h.shape.slice(1)], { dtype: h.dtype })] : state
  }

  override forward(target_BT: Tensor, state: State, source: Source | null): [logits_BTV: Tensor, state: State] {
    const x_BTE = this.drop.call(this.embedding.call(target_BT))
    const [y_BTH, next] = this.#inSteps
      ? this.#stepwise(x_BTE, state, source as Source)
      : this.#whole(x_BTE, state, source)
    return [this.output.call(this.drop.call(y_BTH)), next]
  }

  /** Whether a step reads what the last one found in the source; else all steps are computed at once. */
  get #inSteps(): boolean {
    return this.#config.attention === 'additive' || this.#config.inputFeeding
  }

  #whole(x_BTE: Tensor, state: State, source: Source | null): [y_BTH: Tensor, state: State] {
    const [h_BTH, next] = this.rnn.call(x_BTE, state as LSTMState)
    return [source === null ? h_BTH : this.#attentional(h_BTH, this.#context(h_BTH, source)), next]
  }

  #stepwise(x_BTE: Tensor, first: State, source: Source): [y_BTH: Tensor, state: State] {
    const additive = this.#config.attention === 'additive'
    let state = first.slice(0, 2) as unknown as LSTMState
    let fed_BH = first[2] === undefined ? null : select(first[2], 0, 0)
    const steps: Tensor[] = []
    for (let t = 0; t < (x_BTE.shape[1] as number); t++) {
      const before_B1H = unsqueeze(select(state[0], 0, -1), 1)
      const context_B1M = additive ? this.#context(before_B1H, source) : null
      const parts = [narrow(x_BTE, 1, t, 1), context_B1M, fed_BH && unsqueeze(fed_BH, 1)]
      const [h_B1H, next] = this.rnn.call(
        concat(
          parts.filter((part) => part !== null),
          2,
        ),
        state,
      )
      const y_B1H = this.#attentional(h_B1H, context_B1M ?? this.#context(h_B1H, source))
      const y_BH = select(y_B1H, 1, 0)
      if (fed_BH !== null) fed_BH = y_BH
      steps.push(y_BH)
      state = next
    }
    return [stack(steps, 1), fed_BH === null ? state : [...state, unsqueeze(fed_BH, 0)]]
  }

  #context(query_BTH: Tensor, { memory_BSM, keys, mask_B1S }: Source): Tensor {
    return (this.attention as SourceAttention).call(query_BTH, keys, memory_BSM, mask_B1S) as Tensor
  }

  #attentional(h_BTH: Tensor, context_BTM: Tensor): Tensor {
    return tanh((this.combine as Linear).call(concat([context_BTM, h_BTH], 2)))
  }
}

/** What an encoder made of sources (B, S): see Seq2Seq.encode. */
export class EncodedSequences implements StepwiseSources {
  readonly model: Seq2Seq
  /** What the decoder attends to; null without attention. */
  readonly source: Source | null
  /** The decoder's first state. */
  readonly state: State

  constructor(model: Seq2Seq, source: Source | null, state: State) {
    this.model = model
    this.source = source
    this.state = state
  }

  get rows(): number {
    return (this.state[0] as Tensor).shape[1] as number
  }

  decoding({ lengths }: DecodingOptions): Decoding {
    const { memory_BSM, keys, mask_B1S } = this.source ?? {}
    // Without a projection the keys are the memory itself.
    const separate = keys !== memory_BSM
    const fixed = [memory_BSM, separate ? keys : undefined, mask_B1S].filter((t) => t !== undefined && t !== null)
    return new StatefulDecoding({
      rows: lengths.length,
      state: this.state,
      fixed,
      run: (tokens_BT, state, [memory_BSM, ...others]) => {
        const own = memory_BSM && {
          memory_BSM,
          keys: separate ? (others[0] as Tensor) : memory_BSM,
          mask_B1S: mask_B1S ? (others.at(-1) as Tensor) : null,
        }
        return this.model.decoder.call(tokens_BT, state as State, own ?? null)
      },
    })
  }

  ownedTensors(): Tensor[] {
    const { memory_BSM, keys, mask_B1S } = this.source ?? {}
    return [...this.state, memory_BSM, keys, mask_B1S].filter((t) => t !== undefined && t !== null)
  }

  dispose(): void {
    for (const t of this.ownedTensors()) t.dispose()
  }
}

/**
 * Source tokens (B, S) and target tokens (B, T) to logits (B, T, V) for the target token that follows each (teacher forcing: what it reads
 * is the target, which begins with a token that says so). Sources of different lengths are padded behind and told by `lengths`.
 *
 *     const logits = model.call(sources, targets, { lengths })
 *
 *     const encoded = noGrad(() => model.encode(sources, lengths))
 *     const [[best]] = await beamSearch(encoded, [[BEGIN]], 50, { endOfText: END })
 *
 * With 'additive' attention the last state is the query, and what the output layer reads is tanh of a matrix times context and state, as
 * Luong has it, in place of Bahdanau's maxout layer; units are LSTMs in place of his GRUs.
 */
export class Seq2Seq extends Module {
  readonly config: Config
  encoder: Encoder
  decoder: Decoder

  /**
   * @throws ValueError for unknown options, sizes that are no positive integers, 'dot' attention of a bidirectional encoder, whose memory is
   *   wider than the decoder's state, and input feeding without Luong's attention
   */
  constructor(config: Seq2SeqConfig) {
    super()
    known('Seq2Seq', config, KEYS)
    const defaults = { attention: null, inputFeeding: false, bidirectional: false, reverseSource: false, dropout: 0 }
    this.config = { embedding: config.hidden, layers: 1, ...defaults, ...config }
    const { attention, inputFeeding } = this.config
    if (inputFeeding && (attention === null || attention === 'additive'))
      throw new ValueError(
        `Seq2Seq: inputFeeding goes with attention 'dot', 'general' or 'concat', found ${attention === null ? 'none' : `'${attention}'`}`,
      )
    this.encoder = new Encoder(this.config)
    this.decoder = new Decoder(this.config)
  }

  /** @throws ShapeError for other shapes; ValueError for lengths that are no lengths of the sources */
  override forward(
    source_BS: Tensor,
    target_BT: Tensor,
    { lengths = null }: { lengths?: readonly number[] | null } = {},
  ): Tensor {
    if (target_BT.rank !== 2 || target_BT.shape[0] !== source_BS.shape[0])
      throw new ShapeError(
        `Seq2Seq: takes sources (b, s) and targets (b, t), found ${show(source_BS.shape)} and ${show(target_BT.shape)}`,
      )
    const { source, state } = this.encode(source_BS, lengths)
    return this.decoder.call(target_BT, state, source)[0]
  }

  /** What the decoder needs of sources (B, S), for `generate`, `beamSearch` and their like: a prompt of theirs begins a target. */
  encode(source_BS: Tensor, lengths: readonly number[] | null = null): EncodedSequences {
    if (source_BS.rank !== 2) throw new ShapeError(`Seq2Seq: takes sources (b, s), found ${show(source_BS.shape)}`)
    const [b, s] = source_BS.shape as [number, number]
    if (lengths !== null && lengths.length !== b)
      throw new ShapeError(`Seq2Seq: ${lengths.length} lengths for ${b} sources`)
    const given = lengths?.every((length) => length === s) ? null : lengths
    const [memory_BSM, state] = this.encoder.call(source_BS, given)
    const { attention } = this.decoder
    const source = attention && { memory_BSM, keys: attention.keys(memory_BSM), mask_B1S: maskOf(given, s) }
    return new EncodedSequences(this, source, this.decoder.begin(state))
  }
}

/** (B, 1, S), true where there is a source. */
function maskOf(lengths: readonly number[] | null, s: number): Tensor | null {
  if (lengths === null) return null
  const there = filled(new Uint8Array(lengths.length * s), (i) =>
    i % s < (lengths[Math.floor(i / s)] as number) ? 1 : 0,
  )
  return tensor(there, { shape: [lengths.length, 1, s], dtype: 'bool' })
}
