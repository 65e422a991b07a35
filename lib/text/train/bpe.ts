// Byte-level BPE, the tokenizer of GPT-2 and its kin. Place in the whole: a trainer; merges.ts learns.
import { listOf, toConfig } from '../special-tokens.js'
import { Tokenizer } from '../tokenizer.js'
import { tokenizerJson } from '../tokenizer-json.js'
import { countGpt2, type TextSource } from './count.js'
import { byCode } from './merges.js'
import { checkRoom, checkTraining, normalizerConfig, type TrainOptions, templatePart } from './options.js'
import { run } from './run.js'

export interface BpeOptions extends TrainOptions {
  /** Pairs that stand there less often are not merged. Default 2. */
  readonly minFrequency?: number
}

/** GPT-2's character for each byte (Radford et al. 2019): printable ones stand for themselves, others for those from U+0100 on. */
const CHARACTERS: readonly string[] = (() => {
  let next = 0x100
  const printable = (b: number) => (b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xac) || b >= 0xae
  return Array.from({ length: 256 }, (_, b) => String.fromCodePoint(printable(b) ? b : next++))
})()

/**
 * Trains byte-level BPE with GPT-2's splitting: every text has tokens and comes back as it was. Merges are those of Hugging Face's
 * BpeTrainer with the 256 bytes as its initial alphabet. Default special tokens: eos `<|endoftext|>`.
 * @param texts a text, or texts as they come; a text is split by itself
 * @throws ValueError for options out of range and what is no text
 */
export async function trainBpe(texts: TextSource, options: BpeOptions): Promise<Tokenizer> {
  const { vocabSize, minFrequency = 2, specialTokens = { eos: '<|endoftext|>' }, normalizer = null, signal } = options
  checkTraining('trainBpe', options, { vocabSize, minFrequency })
  const special = listOf('trainBpe', specialTokens)
  checkRoom('trainBpe', vocabSize, special.length + 256, 'the 256 bytes and the special tokens')
  const template = templatePart('trainBpe', options.template ?? null, special)
  const config = normalizerConfig('trainBpe', normalizer)

  const counted = await countGpt2('trainBpe', texts, normalizer, signal)
  const counts = { ...counted, words: counted.words.map(spellBytes) }
  const alphabet = [...CHARACTERS].sort(byCode)
  const mergeOptions = { special, alphabet, vocabSize, minFrequency, prefix: '' }
  const { tokens, merges } = await run({ kind: 'merges', counts, options: mergeOptions }, signal)
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
  const json = tokenizerJson(special, {
    normalizer: config,
    pre_tokenizer: byteLevel,
    post_processor: template,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map(([left, right]) => [tokens[left], tokens[right]]),
    },
  })
  return new Tokenizer(json, toConfig(specialTokens))
}

function spellBytes(word: string): string {
  let spelled = ''
  for (const byte of Buffer.from(word, 'utf8')) spelled += CHARACTERS[byte]
  return spelled
}
