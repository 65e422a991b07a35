import { Bert, GPT2 } from '#lib/models/index.js'
import { countOf, type Published } from './published.js'

export const language: readonly Published[] = [
  {
    name: 'GPT-2',
    source: 'Hugging Face gpt2',
    parameters: 124_439_808,
    count: () => countOf(() => new GPT2()),
  },
  {
    name: 'BERT-base-uncased',
    source: 'Hugging Face bert-base-uncased, with pooler',
    parameters: 109_482_240,
    count: () => countOf(() => new Bert()),
  },
]
