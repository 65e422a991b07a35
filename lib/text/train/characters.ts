// Characters as tokens, the vocabulary of nanoGPT's small run. Place in the whole: a trainer that only counts.
import { ValueError } from '../../errors.js'
import { CHARACTERS } from '../patterns.js'
import { listOf, toConfig } from '../special-tokens.js'
import { Tokenizer } from '../tokenizer.js'
import { tokenizerJson } from '../tokenizer-json.js'
import { countParts, type TextSource } from './count.js'
import { byCode } from './merges.js'
import { checkTraining, normalizerConfig, type TrainOptions, templatePart } from './options.js'

export interface CharacterOptions extends Omit<TrainOptions, 'vocabSize'> {
  /** Characters that stand there less often are left out. Default 1. */
  readonly minFrequency?: number
}

/**
 * A tokenizer of the characters (code points) of a text, numbered in the order of their codes after the special tokens, of which there
 * are none by default. Others are the unknown token, where there is one, else an error.
 * @param texts a text, or texts as they come
 * @throws ValueError for options out of range and what is no text
 */
export async function trainCharacters(texts: TextSource, options: CharacterOptions = {}): Promise<Tokenizer> {
  const { specialTokens = {}, normalizer = null, minFrequency = 1, signal } = options
  checkTraining('trainCharacters', options, { minFrequency })
  const special = listOf('trainCharacters', specialTokens)
  const template = templatePart('trainCharacters', options.template ?? null, special)
  const config = normalizerConfig('trainCharacters', normalizer)
  const { words, counts } = await countParts('trainCharacters', texts, (part) => normalizer?.(part) ?? part, signal)
  const characters = words.filter((c, i) => (counts[i] as number) >= minFrequency && !special.includes(c)).sort(byCode)
  if (special.length + characters.length === 0)
    throw new ValueError('trainCharacters: the texts have no characters: there would be no tokens')
  const json = tokenizerJson(special, {
    normalizer: config,
    pre_tokenizer: CHARACTERS,
    post_processor: template,
    decoder: { type: 'Fuse' },
    model: {
      type: 'WordLevel',
      vocab: Object.fromEntries([...special, ...characters].map((token, id) => [token, id])),
      // The format wants a name even where no token has it.
      unk_token: specialTokens.unk ?? '<unk>',
    },
  })
  return new Tokenizer(json, toConfig(specialTokens))
}
