// Text to tokens by @huggingface/tokenizers, each word once. Place in the whole: the engine of tokenizer.ts. The library works out what a
// word becomes; texts repeat their words, so that looking them up is most of the work and encoding is several times faster.
import { ValueError } from '../errors.js'
import { own } from './own.js'
import { patternOf } from './patterns.js'
import type { TokenizerJson } from './tokenizer-json.js'

/** What is used of the library, whose own declarations Node's module resolution cannot follow. */
export interface Library {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[]; tokens: string[] }
  tokenize(text: string, options: { add_special_tokens: boolean }): string[]
  decode(ids: readonly number[], options: object): string
  id_to_token(id: number): string | undefined
  get_vocab(): Map<string, number>
  readonly normalizer: ((text: string) => string) | null
  readonly pre_tokenizer: ((text: string) => string[]) | null
  readonly model: ((words: readonly string[]) => string[]) & { readonly unk_token_id?: number | null }
  readonly post_processor:
    | ((
        first: readonly string[],
        second: readonly string[] | null,
        special: boolean,
      ) => { tokens: string[]; token_type_ids?: number[] })
    | null
}

/** Words that are remembered; when there are more, all are forgotten. */
const REMEMBERED = 1 << 16
/** Longer words are rare, and not remembered. */
const LONGEST = 64

/** Numbers of a text's tokens, without special ones around it. @throws ValueError for text that no token covers */
export type Encoder = (caller: string, text: string) => number[]

export function encoderOf(
  library: Library,
  json: TokenizerJson,
  config: Readonly<Record<string, unknown>>,
  tokens: ReadonlyMap<string, number>,
): Encoder {
  const pattern = patternOf(json.pre_tokenizer)
  const plain = json.added_tokens.every(
    ({ lstrip, rstrip, normalized, special }) =>
      !(lstrip || rstrip) && !((normalized ?? !special) && json.normalizer !== null),
  )
  const asWritten = !config['remove_space'] && !config['do_lowercase_and_remove_accent']
  if (pattern === null || !plain || !asWritten)
    return (caller, text) => {
      const { ids, tokens: found } = library.encode(text, { add_special_tokens: false })
      const lost = ids.findIndex((id) => !Number.isInteger(id))
      if (lost >= 0) throw uncovered(caller, found[lost] as string)
      return ids
    }

  const added = new Map(json.added_tokens.map(({ content, id }) => [content, id]))
  const sections = sectionsOf([...added.keys()])
  const remembered = new Map<string, readonly number[]>()
  const encodeWord = (caller: string, word: string): readonly number[] => {
    const pieces = library.model(library.pre_tokenizer?.(word) ?? [word])
    return pieces.map((piece) => {
      const id = tokens.get(piece) ?? library.model.unk_token_id
      if (typeof id !== 'number') throw uncovered(caller, piece)
      return id
    })
  }
  return (caller, text) => {
    const ids: number[] = []
    for (const section of sections(text)) {
      const special = added.get(section)
      if (special !== undefined) {
        ids.push(special)
        continue
      }
      for (const word of (library.normalizer?.(section) ?? section).match(pattern) ?? []) {
        let numbers = remembered.get(word)
        if (numbers === undefined) {
          numbers = encodeWord(caller, word)
          if (remembered.size === REMEMBERED) remembered.clear()
          if (word.length <= LONGEST) remembered.set(own(word), numbers)
        }
        for (const id of numbers) ids.push(id)
      }
    }
    return ids
  }
}

/** Parts a text at the added tokens that stand in it, of several the longest. */
function sectionsOf(contents: readonly string[]): (text: string) => readonly string[] {
  const escaped = contents
    .filter((content) => content !== '')
    .sort((a, b) => b.length - a.length)
    .map((content) => content.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
  if (escaped.length === 0) return (text) => [text]
  const separator = new RegExp(`(${escaped.join('|')})`)
  return (text) => text.split(separator)
}

const uncovered = (caller: string, piece: string): ValueError =>
  new ValueError(`${caller}: no token covers ${JSON.stringify(piece)}, and the tokenizer has no unknown token`)
