import { T5, TransformerModel } from '#lib/models/index.js'
import type { Cases, ParityCase } from '../harness.js'

const transformer: ParityCase = { build: (c) => new TransformerModel(c) }
const t5: ParityCase = { build: (c) => new T5(c) }

export const seq2seqTransformers: Cases = {
  transformer,
  'transformer pre-norm': transformer,
  t5,
  't5 1.1': t5,
}
