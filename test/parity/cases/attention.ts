import { ne, type Tensor } from '#lib/index.js'
import {
  FeedForward,
  GroupedQueryAttention,
  LearnedPositionalEmbedding,
  loadBalancingLoss,
  MixtureOfExperts,
  MultiheadAttention,
  RotaryEmbedding,
  SinusoidalPositionalEncoding,
} from '#lib/nn/index.js'
import type { Cases, Config, Inputs, ParityCase } from '../harness.js'

const multihead = (run: ParityCase['run']): ParityCase => ({
  build: (c: Config) => new MultiheadAttention(8, 2, c),
  ...(run ? { run } : {}),
})

/** Without weights; masks are stored as numbers. */
const attend = multihead((model: MultiheadAttention, { query, key, value, ...masks }: Inputs) => {
  const mask = (name: string): Tensor | null => (masks[name] ? ne(masks[name], 0) : null)
  const inputs = { keyPaddingMask: mask('key_padding_mask'), attnMask: mask('attn_mask') }
  return model.call(query as Tensor, key ?? (query as Tensor), value ?? key ?? (query as Tensor), inputs)[0]
})

const weighted = (averageWeights: boolean): ParityCase =>
  multihead((model: MultiheadAttention, { query, key, value }: Inputs) => {
    const inputs = { needWeights: true, averageWeights }
    return model.call(query as Tensor, key as Tensor, value as Tensor, inputs) as Tensor[]
  })

const grouped: ParityCase = {
  build: (c) => new GroupedQueryAttention(8, 4, { kvHeads: 2, rotary: new RotaryEmbedding(c['headWidth'] ?? 2), ...c }),
}

const rotary: ParityCase = {
  build: ({ width, base, scaling }) => new RotaryEmbedding(width, { base, scaling }),
  run: (model: RotaryEmbedding, { q, k, places }: Inputs, { length }) => {
    const at = { positions: places as Tensor, length }
    return [model.call(q as Tensor, at), model.call(k as Tensor, at)]
  },
}

const feedForward: ParityCase = { build: (c) => new FeedForward(8, { hidden: 12, ...c }) }

const mixture: ParityCase = {
  build: (c) => new MixtureOfExperts(8, { hidden: 6, experts: 4, ...c }),
}

const balanced: ParityCase = {
  ...mixture,
  run: (model: MixtureOfExperts, { x }: Inputs, { topK }) => {
    const [y, scores] = model.call(x as Tensor)
    return [y, loadBalancingLoss([scores], topK)]
  },
}

export const attention: Cases = {
  'multihead self': attend,
  'multihead causal': multihead((model: MultiheadAttention, { query }: Inputs) => {
    const q = query as Tensor
    return model.call(q, q, q, { causal: true })[0]
  }),
  'multihead cross': attend,
  'multihead masked': attend,
  'multihead masked by head': attend,
  'multihead unbatched': attend,
  'multihead weights': weighted(true),
  'multihead weights by head': weighted(false),
  'grouped-query': grouped,
  'grouped-query window': grouped,
  'multi-query with ALiBi': {
    build: () => new GroupedQueryAttention(8, 4, { kvHeads: 1, bias: true, alibi: true }),
    // Without rotary positions a bias of keys moves all scores of a query alike: its gradient is rounding alone.
    like: (name) => (name === 'k_proj.bias' ? 'k_proj.weight' : name),
  },
  sinusoidal: {
    build: () => new SinusoidalPositionalEncoding(6),
    run: (model: SinusoidalPositionalEncoding, { x }: Inputs, { offset }) => model.call(x as Tensor, { offset }),
  },
  'learned positions': {
    build: () => new LearnedPositionalEmbedding(7, 4),
    run: (model: LearnedPositionalEmbedding, { x }: Inputs, { offset }) => model.call(x as Tensor, { offset }),
  },
  'rotary plain': rotary,
  'rotary linear': rotary,
  'rotary dynamic within': rotary,
  'rotary dynamic beyond': rotary,
  'rotary yarn': rotary,
  'rotary yarn with mscale': rotary,
  'rotary llama3': rotary,
  'rotary longrope short': rotary,
  'rotary longrope long': rotary,
  'feed-forward relu': feedForward,
  'feed-forward gelu': feedForward,
  'feed-forward geluTanh': feedForward,
  'feed-forward swiglu': feedForward,
  'feed-forward geglu': feedForward,
  'feed-forward gegluTanh': feedForward,
  'feed-forward reglu': feedForward,
  mixture: balanced,
  'mixture of one': balanced,
  'mixture with capacity': { ...mixture, run: (model: MixtureOfExperts, { x }: Inputs) => model.call(x as Tensor)[0] },
}
