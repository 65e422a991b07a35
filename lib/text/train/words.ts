// Words as tokens, with characters for those that are rare. Place in the whole: a trainer that only counts.
import { ValueError } from '../../errors.js'
import { SPACED } from '../patterns.js'
import { listOf, type SpecialTokens, toConfig } from '../special-tokens.js'
import { Tokenizer } from '../tokenizer.js'
import { type Part, type TokenizerJson, tokenizerJson } from '../tokenizer-json.js'
import { countParts, type TextSource } from './count.js'
import { byCode } from './merges.js'
import { checkRoom, checkTraining, checkUnknown, normalizerConfig, type TrainOptions, templatePart } from './options.js'

export interface WordOptions extends Omit<TrainOptions, 'vocabSize'> {
  /** Most tokens, special ones and characters included: the most frequent words, of equals the first. Default: all. */
  readonly vocabSize?: number
  /** Words that stand there less often are left out. Default 1. */
  readonly minFrequency?: number
  /**
   * What other words become: the unknown token, or their characters, of which those that the training texts do not have are unknown.
   * Default 'unknown'. For pieces between words and characters train WordPiece or Unigram.
   */
  readonly backoff?: 'unknown' | 'characters'
}

const UNKNOWN: SpecialTokens = { unk: '<unk>' }
/** Stands before a word where its characters may be tokens too. */
const MARK = '\u2581'

/**
 * A tokenizer of the words of a text, as white space parts them, numbered by how frequent they are after the special tokens (default:
 * unk `<unk>`). Decoding puts one space between words.
 * @param texts a text, or texts as they come
 * @throws ValueError for options out of range and what is no text
 */
export async function trainWords(texts: TextSource, options: WordOptions = {}): Promise<Tokenizer> {
  const { specialTokens = UNKNOWN, normalizer = null, signal, backoff = 'unknown' } = options
  const { minFrequency = 1, vocabSize = Number.MAX_SAFE_INTEGER } = options
  checkTraining('trainWords', options, { vocabSize, minFrequency }, ['backoff'])
  if (backoff !== 'unknown' && backoff !== 'characters')
    throw new ValueError(`trainWords: backoff is '${backoff}', expected 'unknown' or 'characters'`)
  const special = listOf('trainWords', specialTokens)
  const unknown = checkUnknown('trainWords', specialTokens)
  const template = templatePart('trainWords', options.template ?? null, special)
  const config = normalizerConfig('trainWords', normalizer)

  const split = (part: string) => (normalizer?.(part) ?? part).match(SPACED) ?? []
  const { words, counts } = await countParts('trainWords', texts, split, signal)
  const order = [...words.keys()].filter((w) => (counts[w] as number) >= minFrequency)
  order.sort((a, b) => (counts[b] as number) - (counts[a] as number))
  const characters = backoff === 'characters' ? [...new Set([MARK, ...words.join('')])].sort(byCode) : []
  checkRoom('trainWords', vocabSize, special.length + characters.length, 'the special tokens and characters')
  const mark = backoff === 'characters' ? MARK : ''
  const tokens = new Set([...special, ...characters])
  for (const w of order) {
    if (tokens.size >= vocabSize) break
    tokens.add(mark + words[w])
  }
  const vocab = Object.fromEntries([...tokens].map((token, id) => [token, id]))
  const parts = backoff === 'characters' ? withCharacters(vocab, unknown) : wholeWords(vocab, unknown)
  const json = tokenizerJson(special, { ...parts, normalizer: config, post_processor: template })
  return new Tokenizer(json, toConfig(specialTokens))
}

type Parts = Pick<TokenizerJson, 'pre_tokenizer' | 'decoder' | 'model'>
const SPLIT: Part = { type: 'WhitespaceSplit' }

const wholeWords = (vocab: Readonly<Record<string, number>>, unk_token: string): Parts => ({
  pre_tokenizer: SPLIT,
  decoder: null,
  model: { type: 'WordLevel', vocab, unk_token },
})

/** BPE that takes whole words first (`ignore_merges`) and has no merges: what is no word stays the characters it began with. */
function withCharacters(vocab: Readonly<Record<string, number>>, unk_token: string): Parts {
  const marks = { type: 'Metaspace', replacement: MARK, prepend_scheme: 'always', split: true }
  return {
    pre_tokenizer: { type: 'Sequence', pretokenizers: [SPLIT, marks] },
    decoder: marks,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: true,
      vocab,
      merges: [],
    },
  }
}
