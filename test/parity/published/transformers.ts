import {
  LLAMA_SIZES,
  Llama,
  type LlamaConfig,
  Mixtral,
  T5,
  T5_SIZES,
  TRANSFORMER_SIZES,
  TransformerModel,
} from '#lib/models/index.js'
import { countOf, type Published } from './published.js'

type Sizes = Readonly<Record<string, number>>

/**
 * Parameters of a model that is too large to be built here: their number is linear in each of `sizes` (layers, the vocabulary, the MLP's
 * width, experts), so models with one and with two of each tell it for any. All other sizes are the published ones.
 */
function extrapolated(sizes: Sizes, count: (sizes: Sizes) => number): number {
  const [first, ...rest] = Object.entries(sizes)
  if (!first) return count({})
  const [name, size] = first
  const at = (value: number): number =>
    extrapolated(Object.fromEntries(rest), (others) => count({ ...others, [name]: value }))
  const one = at(1)
  return one + (size - 1) * (at(2) - one)
}

const llama = (config: LlamaConfig): number => {
  const { layers = 32, vocabSize = 32000, hidden = 11008 } = config
  return extrapolated({ layers, vocabSize, hidden }, (sizes) => countOf(() => new Llama({ ...config, ...sizes })))
}

export const transformers: readonly Published[] = [
  {
    name: 'Llama 2 7B',
    source: 'Hugging Face meta-llama/Llama-2-7b-hf',
    parameters: 6_738_415_616,
    count: () => llama(LLAMA_SIZES['2-7B']),
  },
  {
    name: 'Llama 3 8B',
    source: 'Hugging Face meta-llama/Meta-Llama-3-8B',
    parameters: 8_030_261_248,
    count: () => llama(LLAMA_SIZES['3-8B']),
  },
  {
    name: 'Llama 3.2 1B',
    source: 'Hugging Face meta-llama/Llama-3.2-1B',
    parameters: 1_235_814_400,
    count: () => llama(LLAMA_SIZES['3.2-1B']),
  },
  {
    name: 'Mistral 7B',
    source: 'Hugging Face mistralai/Mistral-7B-v0.1',
    parameters: 7_241_732_096,
    count: () => llama(LLAMA_SIZES['Mistral-7B']),
  },
  {
    name: 'Qwen2 0.5B',
    source: 'Hugging Face Qwen/Qwen2-0.5B',
    parameters: 494_032_768,
    count: () => llama(LLAMA_SIZES['Qwen2-0.5B']),
  },
  {
    name: 'Mixtral 8x7B',
    source: 'Hugging Face mistralai/Mixtral-8x7B-v0.1',
    parameters: 46_702_792_704,
    count: () =>
      extrapolated({ layers: 32, vocabSize: 32000, hidden: 14336, experts: 8 }, (sizes) =>
        countOf(() => new Mixtral({ ...sizes, topK: 1 })),
      ),
  },
  {
    name: 'Transformer base',
    source:
      'Vaswani et al. 2017, table 3: 65 million; this is with a shared vocabulary of 37,000, its weight counted once',
    parameters: 63_082_496,
    count: () => countOf(() => new TransformerModel(TRANSFORMER_SIZES.base)),
  },
  {
    name: 'Transformer big',
    source: 'Vaswani et al. 2017, table 3: 213 million; counted as the base model',
    parameters: 214_245_376,
    count: () => countOf(() => new TransformerModel(TRANSFORMER_SIZES.big)),
  },
  {
    name: 'T5-small',
    source: 'Hugging Face google-t5/t5-small',
    parameters: 60_506_624,
    count: () => countOf(() => new T5()),
  },
  {
    name: 'T5-base',
    source: 'Hugging Face google-t5/t5-base',
    parameters: 222_903_552,
    count: () => countOf(() => new T5(T5_SIZES.base)),
  },
  {
    name: 'T5 1.1 small',
    source: 'Hugging Face google/t5-v1_1-small',
    parameters: 76_961_152,
    count: () => countOf(() => new T5(T5_SIZES['1.1-small'])),
  },
]
