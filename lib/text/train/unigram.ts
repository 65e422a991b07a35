// The unigram language model's pieces, the tokenizer of T5 and XLNet. Place in the whole: a trainer; pieces.ts learns.
import { ValueError } from '../../errors.js'
import { unicode } from '../normalize.js'
import { SPACED } from '../patterns.js'
import { listOf, type SpecialTokens, toConfig } from '../special-tokens.js'
import { Tokenizer } from '../tokenizer.js'
import { tokenizerJson } from '../tokenizer-json.js'
import { countParts, type TextSource } from './count.js'
import { checkRoom, checkTraining, checkUnknown, normalizerConfig, type TrainOptions, templatePart } from './options.js'
import { run } from './run.js'

export interface UnigramOptions extends TrainOptions {
  /** Characters of the longest piece, the mark of a word's beginning included. Default 16. */
  readonly maxPieceLength?: number
  /** Pieces to begin with, at most. Default 1,000,000. */
  readonly seedSize?: number
  /** Share of the pieces that one round of dropping leaves, in (0, 1). Default 0.75. */
  readonly shrinkingFactor?: number
  /** Steps of expectation maximization between two rounds. Default 2. */
  readonly subIterations?: number
  /** Share of the text's characters that have pieces; the rarest are unknown. Default 1; for Chinese or Japanese, say, 0.9995. */
  readonly characterCoverage?: number
}

const T5_TOKENS: SpecialTokens = { pad: '<pad>', eos: '</s>', unk: '<unk>' }
/** Stands for the space before a word. */
const MARK = '\u2581'

/**
 * Trains pieces by the unigram language model (Kudo 2018): texts are encoded by the most probable way to put them together. As
 * SentencePiece does it, but that frequent substrings are counted by how often they stand in the text, not in its list of words, and
 * that single characters are never dropped. White space parts words and is lost but for its being there. Default: NFKC, T5's special
 * tokens (`<pad> </s> <unk>`), no template; T5's is `{ single: '$A </s>', pair: '$A </s> $B </s>' }`.
 * @param texts a text, or texts as they come
 * @throws ValueError for options out of range, what is no text, and characters that leave no room
 */
export async function trainUnigram(texts: TextSource, options: UnigramOptions): Promise<Tokenizer> {
  const { vocabSize, specialTokens = T5_TOKENS, normalizer = unicode('NFKC'), signal } = options
  const { maxPieceLength = 16, seedSize = 1_000_000, subIterations = 2 } = options
  const { shrinkingFactor = 0.75, characterCoverage = 1 } = options
  const numbers = { maxPieceLength, seedSize, subIterations }
  checkTraining('trainUnigram', options, { vocabSize, ...numbers }, ['shrinkingFactor', 'characterCoverage'])
  if (!(shrinkingFactor > 0 && shrinkingFactor < 1))
    throw new ValueError(`trainUnigram: shrinkingFactor is ${shrinkingFactor}, expected a share between 0 and 1`)
  if (!(characterCoverage > 0 && characterCoverage <= 1))
    throw new ValueError(`trainUnigram: characterCoverage is ${characterCoverage}, expected a share of up to 1`)
  const special = listOf('trainUnigram', specialTokens)
  const unknown = checkUnknown('trainUnigram', specialTokens)
  const template = templatePart('trainUnigram', options.template ?? null, special)
  const config = normalizerConfig('trainUnigram', normalizer)

  const split = (part: string) => ((normalizer?.(part) ?? part).match(SPACED) ?? []).map(marked)
  const counts = await countParts('trainUnigram', texts, split, signal)
  const pieceOptions = { ...numbers, size: vocabSize - special.length, shrinkingFactor, characterCoverage }
  const learnt = await run({ kind: 'pieces', counts, options: pieceOptions }, signal)
  checkRoom('trainUnigram', vocabSize, special.length + learnt.characters, 'the characters and the special tokens')
  const words = { type: 'Metaspace', replacement: MARK, prepend_scheme: 'always', split: true }
  const json = tokenizerJson(special, {
    normalizer: config,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, words] },
    post_processor: template,
    decoder: words,
    model: {
      type: 'Unigram',
      unk_id: special.indexOf(unknown),
      vocab: [
        ...special.map((token) => [token, 0]),
        ...learnt.vocabulary.filter(([piece]) => !special.includes(piece)),
      ],
      byte_fallback: false,
    },
  })
  return new Tokenizer(json, toConfig(specialTokens))
}

const marked = (word: string): string => (word.startsWith(MARK) ? word : MARK + word)
