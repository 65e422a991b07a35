// lib/models: whole models, built from lib/nn, and generation.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export { BERT_SIZES, Bert, type BertConfig, type BertInputs, type BertResult } from './bert.js'
export {
  type BertClassifierInputs,
  type BertClassifierOptions,
  BertForMaskedLM,
  BertForNextSentencePrediction,
  BertForPreTraining,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
  type BertMaskedInputs,
  type BertPretrainingInputs,
  type BertPretrainingResult,
  type BertSentenceInputs,
  type BertSpanInputs,
  type BertSpanResult,
  type BertTaskConfig,
  type BertTaskResult,
} from './bert-heads.js'
export {
  CLIP_SIZES,
  Clip,
  type ClipConfig,
  type ClipResult,
  type ClipTextConfig,
  ClipTextModel,
  type ClipTowerConfig,
  type ClipTowerResult,
  type ClipVisionConfig,
  ClipVisionModel,
  type ClipVisionOptions,
  contrastiveLoss,
} from './clip.js'
export * from './generation/index.js'
export { GPT, type GPTCallOptions, type GPTConfig } from './gpt.js'
export { GPT2, GPT2_SIZES, type GPT2CallOptions, type GPT2Config } from './gpt2.js'
export { type CacheAttentionOptions, type DecoderCache, KeyValueCache, type KeyValueCacheOptions } from './kv-cache.js'
export { LLAMA_SIZES, Llama, type LlamaConfig } from './llama.js'
export { Mixtral, type MixtralConfig } from './mixtral.js'
export { PagedKvCache, type PagedKvCacheOptions } from './paged-cache.js'
export type { PagedStep } from './paged-step.js'
export {
  ResNet,
  type ResNetConfig,
  type ResNetOptions,
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
} from './resnet.js'
export {
  type InterpolateEmbeddingsOptions,
  interpolateEmbeddings,
  VIT_SIZES,
  VisionTransformer,
  type VisionTransformerConfig,
} from './vit.js'
