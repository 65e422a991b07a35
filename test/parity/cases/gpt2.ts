import { GPT2 } from '#lib/models/index.js'
import type { Cases, ParityCase } from '../harness.js'

const gpt2: ParityCase = {
  build: ({ vocab, positions, channels, layers, heads }) =>
    new GPT2({ vocabSize: vocab, positions, channels, layers, heads }),
}

export const gpt2s: Cases = { gpt2, gpt2Odd: gpt2, gpt2OneToken: gpt2 }
