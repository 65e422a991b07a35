// Rows of tokens of one length. Place in the whole: what tokenizer.ts makes of a list of texts; arrays in ordinary memory, so that workers
// make them too.

import { known, positive } from '../check.js'
import type { HostArray } from '../data/batch.js'
import { ValueError } from '../errors.js'

export interface TruncationOptions {
  /** Most tokens of a row, special ones included; what is more is cut off. Default: no limit. */
  readonly maxLength?: number
  /** Of a pair, which is cut: the longer until both are equal, the first, or the second. Default 'longestFirst'. */
  readonly truncation?: 'longestFirst' | 'onlyFirst' | 'onlySecond'
  /** The end that is cut off. Default 'right'. */
  readonly truncationSide?: 'left' | 'right'
}

export interface PaddingOptions {
  /** Rows become as long as the longest, or as `maxLength`. Default 'longest'. */
  readonly padding?: 'longest' | 'maxLength'
  /** The length becomes a multiple of this. Default 1. */
  readonly padToMultipleOf?: number
  /** Where padding stands; generation wants 'left'. Default 'right'. */
  readonly paddingSide?: 'left' | 'right'
  /** The token that fills rows. Default: the tokenizer's pad token. */
  readonly padId?: number
}

export interface EncodeOptions extends TruncationOptions {
  /** Whether cls, sep, eos or the like are added, as the tokenizer has it. Default true. */
  readonly addSpecialTokens?: boolean
}

export interface BatchEncodeOptions extends EncodeOptions, PaddingOptions {}

/** Rows (B, T), i64. */
export interface TokenArrays {
  readonly inputIds: Required<HostArray>
  /** 1 where a token stands, 0 where padding does. */
  readonly attentionMask: Required<HostArray>
  /** 1 for the second text of a pair. */
  readonly tokenTypeIds: Required<HostArray>
}

/** A row before it is padded. */
export interface Row {
  readonly ids: ArrayLike<number>
  readonly types: ArrayLike<number>
}

const ENCODE = ['maxLength', 'truncation', 'truncationSide', 'addSpecialTokens'] as const
const BATCH = [...ENCODE, 'padding', 'padToMultipleOf', 'paddingSide', 'padId'] as const

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  truncation: ['longestFirst', 'onlyFirst', 'onlySecond'],
  truncationSide: ['left', 'right'],
  padding: ['longest', 'maxLength'],
  paddingSide: ['left', 'right'],
}

/** @throws ValueError for unknown options and values */
export function checkEncode(caller: string, options: BatchEncodeOptions, more: readonly string[] | null): void {
  known(caller, options, more === null ? [...ENCODE, 'pair'] : [...BATCH, ...more])
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value = options[name as keyof BatchEncodeOptions]
    if (value !== undefined && !choices.includes(value as string))
      throw new ValueError(`${caller}: ${name} is '${value}', expected ${choices.map((c) => `'${c}'`).join(' or ')}`)
  }
  for (const name of ['maxLength', 'padToMultipleOf'] as const) {
    const value = options[name]
    if (value !== undefined) positive(caller, { [name]: value })
  }
  if (options.padding === 'maxLength' && options.maxLength === undefined)
    throw new ValueError(`${caller}: padding is 'maxLength', but maxLength is not given`)
}

/**
 * How many of a text's tokens, and of its pair's, are kept where `room` is left for them; as Hugging Face shares it.
 * @throws ValueError where cutting the one that may be cut is not enough
 */
export function share(
  caller: string,
  [first, second]: readonly [number, number],
  room: number,
  strategy: NonNullable<TruncationOptions['truncation']>,
): [number, number] {
  if (first + second <= room) return [first, second]
  if (strategy !== 'longestFirst') {
    const [kept, cut] = strategy === 'onlyFirst' ? [second, first] : [first, second]
    if (kept > room)
      throw new ValueError(
        `${caller}: ${kept} tokens of the text that is not cut, room for ${room}: cut 'longestFirst'`,
      )
    return strategy === 'onlyFirst' ? [Math.min(cut, room - kept), kept] : [kept, Math.min(cut, room - kept)]
  }
  const shorter = Math.min(first, second, Math.floor(room / 2))
  return first > second ? [room - shorter, shorter] : [shorter, room - shorter]
}

/** `count` of the tokens: the first, or with `side` left the last. */
export function cut(
  ids: readonly number[],
  count: number,
  side: TruncationOptions['truncationSide'] = 'right',
): readonly number[] {
  if (ids.length <= count) return ids
  return side === 'right' ? ids.slice(0, count) : ids.slice(ids.length - count)
}

/** @throws ValueError where a row needs padding and there is no token for it */
export function pad(
  caller: string,
  rows: readonly Row[],
  options: BatchEncodeOptions,
  padId: number | undefined,
): TokenArrays {
  const { padding = 'longest', padToMultipleOf = 1, paddingSide = 'right', maxLength = 0 } = options
  const longest = rows.reduce((most, { ids }) => Math.max(most, ids.length), padding === 'maxLength' ? maxLength : 0)
  const length = Math.ceil(longest / padToMultipleOf) * padToMultipleOf
  const filling = options.padId ?? padId
  if (filling === undefined && rows.some(({ ids }) => ids.length < length))
    throw new ValueError(`${caller}: texts of different lengths, and the tokenizer has no pad token: give padId`)
  const size = rows.length * length
  const [ids, mask, types] = [new BigInt64Array(size), new BigInt64Array(size), new BigInt64Array(size)] as const
  if (filling !== undefined) ids.fill(BigInt(filling))
  for (const [b, row] of rows.entries()) {
    const from = b * length + (paddingSide === 'left' ? length - row.ids.length : 0)
    for (let t = 0; t < row.ids.length; t++) {
      ids[from + t] = BigInt(row.ids[t] as number)
      mask[from + t] = 1n
      types[from + t] = BigInt(row.types[t] as number)
    }
  }
  const shape = [rows.length, length]
  return { inputIds: { data: ids, shape }, attentionMask: { data: mask, shape }, tokenTypeIds: { data: types, shape } }
}
