import { seq2seqTransformers } from './cases/seq2seq-transformers.js'
import { parity } from './harness.js'

await parity('seq2seq-transformers', seq2seqTransformers)
