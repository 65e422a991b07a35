// How texts are parted into what is encoded by itself. Place in the whole: trainers count these parts, and encoder.ts remembers what each
// becomes, so that it is worked out once.
import type { Part } from './tokenizer-json.js'

/** GPT-2's pattern (Radford et al. 2019): contractions, letters, digits and other signs with a space before them, white space. */
export const GPT2: RegExp = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu

/** BERT's words: white space parts them, and every punctuation mark is one. */
export const BERT: RegExp = /[^\s\p{P}!-/:-@[-`{-~]+|[\p{P}!-/:-@[-`{-~]/gu

/** What stands between white space. */
export const SPACED: RegExp = /\S+/g

/** Every code point. */
export const CHARACTER: RegExp = /[\s\S]/gu

/** The pre-tokenizer of single characters. */
export const CHARACTERS: Part = {
  type: 'Split',
  pattern: { Regex: '[\\s\\S]' },
  behavior: 'Isolated',
  invert: false,
}

/** The parts that a pre-tokenizer makes of a text, each of which it leaves whole when it stands alone; null: not known. */
export function patternOf(part: Part | null): RegExp | null {
  switch (part?.type) {
    case 'ByteLevel':
      return part['use_regex'] === false || part['add_prefix_space'] === true ? null : GPT2
    case 'BertPreTokenizer':
      return BERT
    case 'WhitespaceSplit':
      return SPACED
    case 'Split':
      return JSON.stringify(part) === JSON.stringify(CHARACTERS) ? CHARACTER : null
    case 'Sequence': {
      const [first, second, ...others] = part['pretokenizers'] as readonly Part[]
      const marks = second?.type === 'Metaspace' && (second['prepend_scheme'] ?? 'always') === 'always'
      return first?.type === 'WhitespaceSplit' && marks && others.length === 0 ? SPACED : null
    }
    default:
      return null
  }
}
