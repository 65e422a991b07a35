// WordPiece, the tokenizer of BERT and its kin. Place in the whole: a trainer; merges.ts learns.
import { bert } from '../normalize.js'
import { BERT } from '../patterns.js'
import { listOf, type SpecialTokens, toConfig } from '../special-tokens.js'
import { Tokenizer } from '../tokenizer.js'
import { tokenizerJson } from '../tokenizer-json.js'
import { countParts, type TextSource, type WordCounts } from './count.js'
import { byCode } from './merges.js'
import {
  checkRoom,
  checkTraining,
  checkUnknown,
  normalizerConfig,
  type Template,
  type TrainOptions,
  templatePart,
} from './options.js'
import { run } from './run.js'

export interface WordPieceOptions extends TrainOptions {
  /** Pairs that stand there less often are not merged. Default 2. */
  readonly minFrequency?: number
  /** The most frequent characters are kept; words with others are unknown. Default 1000. */
  readonly limitAlphabet?: number
}

const BERT_TOKENS: SpecialTokens = { pad: '[PAD]', unk: '[UNK]', cls: '[CLS]', sep: '[SEP]', mask: '[MASK]' }
const BERT_TEMPLATE: Template = { single: '[CLS] $A [SEP]', pair: '[CLS] $A [SEP] $B:1 [SEP]:1' }
const PREFIX = '##'

/**
 * Trains WordPiece with BERT's splitting: words that no pieces cover are `[UNK]`. The pieces are those that Hugging Face's
 * WordPieceTrainer learns, which merges the most frequent pair (BERT's own trainer was not published; Schuster and
 * Nakajima 2012 merge by likelihood); where pairs are equally frequent the two may differ. Default: BERT's cleaning in lower case
 * (`bert()`), special tokens (`[PAD] [UNK] [CLS] [SEP] [MASK]`) and template; of special tokens other than these there is no template.
 * @param texts a text, or texts as they come
 * @throws ValueError for options out of range, what is no text, and an alphabet that leaves no room
 */
export async function trainWordPiece(texts: TextSource, options: WordPieceOptions): Promise<Tokenizer> {
  const {
    vocabSize,
    minFrequency = 2,
    limitAlphabet = 1000,
    specialTokens = BERT_TOKENS,
    normalizer = bert(),
  } = options
  checkTraining('trainWordPiece', options, { vocabSize, minFrequency, limitAlphabet })
  const special = listOf('trainWordPiece', specialTokens)
  const unknown = checkUnknown('trainWordPiece', specialTokens)
  const usual = options.specialTokens === undefined ? BERT_TEMPLATE : null
  const template = templatePart('trainWordPiece', options.template === undefined ? usual : options.template, special)
  const config = normalizerConfig('trainWordPiece', normalizer)

  const split = (part: string) => (normalizer?.(part) ?? part).match(BERT) ?? []
  const counts = await countParts('trainWordPiece', texts, split, options.signal)
  const alphabet = alphabetOf(counts, limitAlphabet)
  checkRoom(
    'trainWordPiece',
    vocabSize,
    special.length + 2 * alphabet.length,
    'the alphabet, twice, and the special tokens',
  )
  const mergeOptions = { special, alphabet, vocabSize, minFrequency, prefix: PREFIX }
  const { tokens } = await run({ kind: 'merges', counts, options: mergeOptions }, options.signal)
  const json = tokenizerJson(special, {
    normalizer: config,
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: template,
    decoder: { type: 'WordPiece', prefix: PREFIX, cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: unknown,
      continuing_subword_prefix: PREFIX,
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    },
  })
  return new Tokenizer(json, toConfig(specialTokens))
}

/** The most frequent characters in the order of their codes; of equally frequent ones those with the smaller codes. */
function alphabetOf({ words, counts }: WordCounts, limit: number): string[] {
  const frequency = new Map<string, number>()
  for (const [w, word] of words.entries())
    for (const c of word) frequency.set(c, (frequency.get(c) ?? 0) + (counts[w] as number))
  const frequent = [...frequency].sort(([a, m], [b, n]) => n - m || byCode(a, b)).slice(0, limit)
  return frequent.map(([c]) => c).sort(byCode)
}
