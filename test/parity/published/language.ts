import { BERT_SIZES, Bert, BertForMaskedLM, BertForPreTraining, GPT2, GPT2_SIZES } from '#lib/models/index.js'
import { countOf, countOfLayers, type Published } from './published.js'

export const language: readonly Published[] = [
  {
    name: 'GPT-2',
    source: 'Hugging Face gpt2',
    parameters: 124_439_808,
    count: () => countOf(() => new GPT2()),
  },
  {
    name: 'GPT-2 medium',
    source: 'Hugging Face gpt2-medium',
    parameters: 354_823_168,
    count: () => countOf(() => new GPT2(GPT2_SIZES['355M'])),
  },
  {
    name: 'GPT-2 large',
    source: 'Hugging Face gpt2-large',
    parameters: 774_030_080,
    count: () => countOfLayers(36, (layers) => new GPT2({ ...GPT2_SIZES['774M'], layers })),
  },
  {
    name: 'GPT-2 XL',
    source: 'Hugging Face gpt2-xl',
    parameters: 1_557_611_200,
    count: () => countOfLayers(48, (layers) => new GPT2({ ...GPT2_SIZES['1558M'], layers })),
  },
  {
    name: 'BERT-base-uncased',
    source: 'Hugging Face bert-base-uncased, with pooler',
    parameters: 109_482_240,
    count: () => countOf(() => new Bert()),
  },
  {
    name: 'BERT-large-uncased',
    source: 'Hugging Face bert-large-uncased, with pooler',
    parameters: 335_141_888,
    count: () => countOf(() => new Bert(BERT_SIZES.large)),
  },
  {
    name: 'BERT-base-uncased, masked words',
    source: 'Hugging Face BertForMaskedLM',
    parameters: 109_514_298,
    count: () => countOf(() => new BertForMaskedLM()),
  },
  {
    name: 'BERT-base-uncased, pre-training',
    source: 'Hugging Face BertForPreTraining',
    parameters: 110_106_428,
    count: () => countOf(() => new BertForPreTraining()),
  },
]
