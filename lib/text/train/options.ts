// What trainers' options have in common. Place in the whole: their documentation and checks.

import { known, positive } from '../../check.js'
import { ValueError } from '../../errors.js'
import type { Normalizer, NormalizerConfig } from '../normalize.js'
import type { SpecialTokens } from '../special-tokens.js'
import type { Part } from '../tokenizer-json.js'

export interface TrainOptions {
  /** Most tokens, special ones included. */
  readonly vocabSize: number
  /** They have the first numbers, in the order in which they are given. */
  readonly specialTokens?: SpecialTokens
  /** Cleaning before all else, of training texts and of those that are encoded. Default: the trainer's. null: none. */
  readonly normalizer?: Normalizer | null
  /** What stands around texts. Default: the trainer's. null: nothing. */
  readonly template?: Template | null
  /** Ends the training: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/**
 * Special tokens around one text and around two, parted by spaces: `$A` and `$B` stand for the texts; `:1` after an item is its token
 * type, else 0. BERT's: `[CLS] $A [SEP]` and `[CLS] $A [SEP] $B:1 [SEP]:1`.
 */
export interface Template {
  readonly single: string
  readonly pair: string
}

/** @throws ValueError for unknown options, and for `numbers` that are not whole or less than 1 */
export function checkTraining(
  caller: string,
  options: object,
  numbers: Readonly<Record<string, number>>,
  more: readonly string[] = [],
): void {
  known(caller, options, [...Object.keys(numbers), ...more, 'specialTokens', 'normalizer', 'template', 'signal'])
  positive(caller, numbers)
}

/** @throws ValueError where `needed` tokens come before any that are learnt, and the vocabulary has no room for them */
export function checkRoom(caller: string, vocabSize: number, needed: number, what: string): void {
  if (vocabSize < needed)
    throw new ValueError(
      `${caller}: vocabSize is ${vocabSize}, but ${what} are ${needed} tokens already: give a larger one`,
    )
}

/** @throws ValueError for a normalizer that tokenizer.json cannot say */
export function normalizerConfig(caller: string, normalizer: Normalizer | null): NormalizerConfig | null {
  if (normalizer === null) return null
  if (typeof normalizer === 'function' && normalizer.config !== undefined) return normalizer.config
  const what = 'a tokenizer cannot save this normalizer, which has no config'
  throw new ValueError(`${caller}: ${what}: apply it to texts before they are trained on and encoded`)
}

/** @throws ValueError for items of the template that are neither texts nor special tokens */
export function templatePart(caller: string, template: Template | null, special: readonly string[]): Part | null {
  if (template === null) return null
  const used = new Map<string, number>()
  const parse = (text: string, texts: readonly string[]) => {
    if (typeof text !== 'string')
      throw new ValueError(`${caller}: template is { single, pair }, both text; found ${typeof text}`)
    const items = text.split(' ').map((item) => {
      const [, name = '', type = '0'] = /^(.*?)(?::(\d))?$/s.exec(item) as RegExpExecArray
      if (texts.includes(name)) return { Sequence: { id: name.slice(1), type_id: Number(type) } }
      const id = special.indexOf(name)
      if (id < 0)
        throw new ValueError(
          `${caller}: template: '${item}' is neither ${texts.join(' nor ')} nor a special token (${special.join(', ')})`,
        )
      used.set(name, id)
      return { SpecialToken: { id: name, type_id: Number(type) } }
    })
    for (const name of texts)
      if (items.filter((item) => item.Sequence?.id === name.slice(1)).length !== 1)
        throw new ValueError(`${caller}: template: '${text}' is to have ${name} once`)
    return items
  }
  const [single, pair] = [parse(template.single, ['$A']), parse(template.pair, ['$A', '$B'])]
  const tokens = Object.fromEntries([...used].map(([id, number]) => [id, { id, ids: [number], tokens: [id] }]))
  return { type: 'TemplateProcessing', single, pair, special_tokens: tokens }
}

/** @throws ValueError where there is no token for text that no other covers */
export function checkUnknown(caller: string, { unk }: SpecialTokens): string {
  if (unk !== undefined) return unk
  throw new ValueError(`${caller}: specialTokens has no unk, which stands for text that no other token covers`)
}
