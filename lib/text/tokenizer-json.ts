// The file format of tokenizers, Hugging Face's tokenizer.json. Place in the whole: trainers write it, tokenizer.ts reads it.
import { DataError } from '../data/errors.js'
import type { NormalizerConfig } from './normalize.js'

/** A part of a tokenizer: its type and its options. */
export interface Part {
  readonly type: string
  readonly [option: string]: unknown
}

export interface AddedToken {
  readonly id: number
  readonly content: string
  readonly single_word: boolean
  readonly lstrip: boolean
  readonly rstrip: boolean
  readonly normalized: boolean
  readonly special: boolean
}

/** The content of a tokenizer.json. */
export interface TokenizerJson {
  readonly version: string
  readonly truncation: null
  readonly padding: null
  readonly added_tokens: readonly AddedToken[]
  readonly normalizer: NormalizerConfig | null
  readonly pre_tokenizer: Part | null
  readonly post_processor: Part | null
  readonly decoder: Part | null
  readonly model: Part
}

/** The whole file from what a trainer learnt; the special tokens have the numbers 0, 1, ... */
export function tokenizerJson(
  special: readonly string[],
  parts: Partial<Pick<TokenizerJson, 'normalizer' | 'pre_tokenizer' | 'post_processor' | 'decoder'>> & { model: Part },
): TokenizerJson {
  const added = special.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }))
  const { normalizer = null, pre_tokenizer = null, post_processor = null, decoder = null, model } = parts
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer,
    pre_tokenizer,
    post_processor,
    decoder,
    model,
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What is left out becomes null. @throws DataError DATA_FILE for what is no tokenizer.json */
export function checkJson(json: unknown, name: string): TokenizerJson {
  const fail = (what: string) => new DataError('DATA_FILE', `${name}: ${what}: expected Hugging Face's tokenizer.json`)
  if (!isObject(json)) throw fail('it is no object')
  const { model, added_tokens = [], ...others } = json
  if (!isObject(model)) throw fail("it has no 'model'")
  if (!Array.isArray(added_tokens)) throw fail("'added_tokens' is no array")
  const { vocab } = model
  if (!isObject(vocab) && !Array.isArray(vocab)) throw fail("its model has no 'vocab'")
  if (Object.keys(vocab).length === 0) throw fail("its model's 'vocab' is empty")
  const parts = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, ...others }
  return { ...parts, added_tokens, model } as unknown as TokenizerJson
}
