// lib/text: text cleaned, encoded and changed on its way into networks.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export {
  type MaskedTokens,
  type MaskOptions,
  masking,
  maskTokens,
  type TokenDropoutOptions,
  type TokenFields,
  tokenDropout,
} from './augment/masking.js'
export { type CorruptedSpans, corruptSpans, type SpanOptions } from './augment/spans.js'
export {
  type CountOptions,
  type DeletionOptions,
  randomDeletion,
  randomInsertion,
  randomSwap,
  type SynonymOptions,
  type Synonyms,
  synonymReplacement,
} from './augment/words.js'
export type { BatchEncodeOptions, EncodeOptions, PaddingOptions, TokenArrays, TruncationOptions } from './batch.js'
export { stripTags, unescapeHtml } from './html.js'
export {
  type BertOptions,
  bert,
  type ControlOptions,
  collapseWhitespace,
  lowercase,
  type Normalizer,
  type NormalizerConfig,
  normalizer,
  removeControls,
  replace,
  sequence,
  stripAccents,
  type UnicodeForm,
  unicode,
} from './normalize.js'
export type { SpecialRole, SpecialTokens } from './special-tokens.js'
export { type DecodeOptions, type TextOrPair, type TokenBatch, Tokenizer } from './tokenizer.js'
export type { AddedToken, Part, TokenizerJson } from './tokenizer-json.js'
export { type BpeOptions, trainBpe } from './train/bpe.js'
export { type CharacterOptions, trainCharacters } from './train/characters.js'
export type { TextSource } from './train/count.js'
export type { Template, TrainOptions } from './train/options.js'
export { trainUnigram, type UnigramOptions } from './train/unigram.js'
export { trainWordPiece, type WordPieceOptions } from './train/wordpiece.js'
export { trainWords, type WordOptions } from './train/words.js'
