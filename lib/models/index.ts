// lib/models: whole models, built from lib/nn, and generation.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export {
  Autoencoder,
  type AutoencoderActivation,
  type AutoencoderConfig,
  ConvAutoencoder,
  type ConvAutoencoderConfig,
} from './autoencoder.js'
export { BERT_SIZES, Bert, type BertConfig, type BertInputs, type BertResult } from './bert.js'
export type { BertTaskConfig, BertTaskResult } from './bert-head.js'
export {
  BertForMaskedLM,
  BertForNextSentencePrediction,
  BertForPreTraining,
  type BertMaskedInputs,
  type BertPretrainingInputs,
  type BertPretrainingResult,
  type BertSentenceInputs,
} from './bert-pretraining.js'
export {
  type BertClassifierInputs,
  type BertClassifierOptions,
  BertForQuestionAnswering,
  BertForSequenceClassification,
  BertForTokenClassification,
  type BertSpanInputs,
  type BertSpanResult,
} from './bert-tasks.js'
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
export {
  ConvNeXt,
  type ConvNeXtConfig,
  type ConvNeXtOptions,
  convnextBase,
  convnextLarge,
  convnextSmall,
  convnextTiny,
} from './convnext.js'
export {
  EfficientNet,
  type EfficientNetConfig,
  type EfficientNetOptions,
  type EfficientNetStage,
  efficientnetB0,
  efficientnetB1,
  efficientnetB2,
  efficientnetB3,
  efficientnetB4,
  efficientnetB5,
  efficientnetB6,
  efficientnetB7,
  efficientnetV2L,
  efficientnetV2M,
  efficientnetV2S,
} from './efficientnet.js'
export { TransformerSources } from './encoded-sources.js'
export * from './generation/index.js'
export { GPT, type GPTConfig } from './gpt.js'
export type { GPTCallOptions } from './gpt-decoder.js'
export { GPT2, GPT2_SIZES, type GPT2Config } from './gpt2.js'
export { type CacheAttentionOptions, type DecoderCache, KeyValueCache, type KeyValueCacheOptions } from './kv-cache.js'
export { LeNet, type LeNetConfig } from './lenet.js'
export { LLAMA_SIZES, Llama, type LlamaCallOptions, type LlamaConfig } from './llama.js'
export { Mixtral, type MixtralConfig } from './mixtral.js'
export { MobileNetV2, type MobileNetV2Config, mobilenetV2 } from './mobilenet-v2.js'
export {
  MobileNetV3,
  type MobileNetV3Block,
  type MobileNetV3Config,
  type MobileNetV3Options,
  mobilenetV3Large,
  mobilenetV3Small,
} from './mobilenet-v3.js'
export { PagedKvCache, type PagedKvCacheOptions } from './paged-cache.js'
export type { PagedStep } from './paged-step.js'
export {
  detachState,
  RecurrentLM,
  type RecurrentLMConfig,
  type RecurrentState,
} from './recurrent-lm.js'
export {
  ResNet,
  type ResNetConfig,
  type ResNetOptions,
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
  resnext50_32x4d,
  resnext101_32x8d,
  resnext101_64x4d,
  wideResnet50_2,
  wideResnet101_2,
} from './resnet.js'
export { EncodedSequences, Seq2Seq, type Seq2SeqConfig } from './seq2seq.js'
export {
  AdditiveAttention,
  type Alignment,
  ConcatAttention,
  DotAttention,
  SourceAttention,
} from './seq2seq-attention.js'
export { relativePositionBucket, shiftRight, T5, T5_SIZES, type T5Config } from './t5.js'
export { TRANSFORMER_SIZES, type TransformerConfig, TransformerModel } from './transformer.js'
export { UNet, type UNetConfig } from './unet.js'
export {
  VAE,
  type VAEConfig,
  type VAELoss,
  type VAELossOptions,
  type VAEResult,
  type VAESampling,
  vaeLoss,
} from './vae.js'
export {
  VGG,
  type VGGConfig,
  type VGGOptions,
  vgg11,
  vgg11BatchNorm,
  vgg13,
  vgg13BatchNorm,
  vgg16,
  vgg16BatchNorm,
  vgg19,
  vgg19BatchNorm,
} from './vgg.js'
export {
  type InterpolateEmbeddingsOptions,
  interpolateEmbeddings,
  VIT_SIZES,
  VisionTransformer,
  type VisionTransformerConfig,
} from './vit.js'
export { Vocabulary, type WordsOptions } from './vocabulary.js'
