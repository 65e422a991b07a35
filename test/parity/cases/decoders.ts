import type { Tensor } from '#lib/index.js'
import { Llama, Mixtral } from '#lib/models/index.js'
import type { Cases, ParityCase } from '../harness.js'

const llama: ParityCase = {
  build: (c) => new Llama(c),
}

export const decoders: Cases = {
  llama,
  'llama tied with scaling': llama,
  mistral: llama,
  qwen2: llama,
  mixtral: {
    build: (c) => new Mixtral(c),
    run: (model: Mixtral, { tokens }) => {
      const { logits_BTV, balance } = model.balanced(tokens as Tensor)
      return [logits_BTV, balance]
    },
  },
}
