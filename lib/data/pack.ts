// Short sequences packed into rows of one length, so that little is padding. Place in the whole: between tokens and a language model whose
// attention is kept within the sequences (varlenAttention with `starts`). Definition: Krell et al. 2021, "Efficient sequence packing
// without cross-contamination"; first-fit-decreasing: Johnson 1973.

import { sequence } from '../filled.js'
import { type HostArray, type HostBatch, stack } from './batch.js'
import { lazyDataset, reading, settled, shardedAs } from './combine/reading.js'
import type { Dataset, IterableDataset } from './dataset.js'
import { DataError, RecordError } from './errors.js'
import { checkOptions, whole } from './options.js'

/** Targets that no loss counts: crossEntropy's `ignoreIndex`. */
export const IGNORED = -100

export interface PackOptions {
  /** Tokens a row. */
  readonly length: number
  /** Stands in what is left of a row. Default 0. */
  readonly value?: number
  /** What becomes of a sequence longer than a row: it is refused (default), or cut into pieces that are sequences of their own. */
  readonly long?: 'refuse' | 'split'
}

/** A packed row, each field i32 (length). */
export interface PackedRow {
  readonly tokens: Int32Array
  /** The token that follows in the sequence; -100 for the last of each, and for padding. */
  readonly targets: Int32Array
  /** Of the token in its sequence, from 0. */
  readonly positions: Int32Array
  /** Which sequence of the row a token is of, from 1; 0: padding. */
  readonly segments: Int32Array
}

/**
 * Packed rows as a batch: tokens, targets, positions, segments i32 (rows, length), and for varlenAttention over the flattened rows `starts`
 * i32 (n + 1): where each sequence begins, and the end. What is left of a row is a sequence of its own.
 */
export interface PackedBatch {
  readonly tokens: HostArray
  readonly targets: HostArray
  readonly positions: HostArray
  readonly segments: HostArray
  readonly starts: HostArray
  readonly [field: string]: HostBatch
}

/**
 * Which sequences share a row, by first-fit-decreasing: the longest first, each into the first row that has room. At most 11/9 of the
 * fewest rows possible, and in practice nearly none too many.
 *
 * @param lengths of the sequences, none longer than `length`
 * @returns of each row the indices of its sequences
 */
export function packRows(lengths: ArrayLike<number>, length: number): number[][] {
  whole('packRows', 'length', length, 1)
  for (let i = 0; i < lengths.length; i++) {
    whole('packRows', `the length of sequence ${i}`, lengths[i] as number, 0)
    if ((lengths[i] as number) > length) throw tooLong('packRows', i, lengths[i] as number, length)
  }
  const order = sequence(lengths.length)
  order.sort((a, b) => (lengths[b] as number) - (lengths[a] as number))
  const room = new Rooms(lengths.length, length)
  const rows: number[][] = []
  for (const index of order) {
    const row = room.take(lengths[index] as number)
    if (row === rows.length) rows.push([index])
    else (rows[row] as number[]).push(index)
  }
  return rows
}

/** What is free in each row: a tree of maxima, in which the first that has room is found from the top. */
class Rooms {
  readonly #leaves: number
  readonly #free: Float64Array

  constructor(rows: number, length: number) {
    this.#leaves = 2 ** Math.ceil(Math.log2(Math.max(1, rows)))
    this.#free = new Float64Array(2 * this.#leaves).fill(length)
  }

  /** Takes so much of the first row that has it, and returns the row. */
  take(length: number): number {
    let at = 1
    while (at < this.#leaves) at = 2 * at + ((this.#free[2 * at] as number) >= length ? 0 : 1)
    const row = at - this.#leaves
    this.#free[at] = (this.#free[at] as number) - length
    while ((at >>= 1) > 0) this.#free[at] = Math.max(this.#free[2 * at] as number, this.#free[2 * at + 1] as number)
    return row
  }
}

/** Packs sequences that are all there, by first-fit-decreasing. @throws DataError DATA_OPTIONS for one longer than a row */
export function packSequences(sequences: readonly ArrayLike<number>[], options: PackOptions): PackedBatch {
  const { length, value, long } = checkPack('packSequences', options)
  const pieces = sequences.flatMap((sequence, i) => piecesOf('packSequences', sequence, i, length, long))
  const rows = packRows(
    pieces.map((piece) => piece.length),
    length,
  )
  return packedBatch(
    rows.map((row) =>
      rowOf(
        row.map((i) => pieces[i] as ArrayLike<number>),
        length,
        value,
      ),
    ),
  )
}

/**
 * Rows of the sequences of a dataset, which share them by first-fit-decreasing, the same ones in every epoch: shuffle the rows.
 *
 * @param lengths of the dataset's sequences, known without reading them
 */
export function packDataset(
  dataset: Dataset<ArrayLike<number>>,
  lengths: ArrayLike<number>,
  options: Omit<PackOptions, 'long'>,
): Dataset<PackedRow> {
  const { length, value } = checkPack('packDataset', options)
  if (lengths.length !== dataset.length) {
    const message = `packDataset: ${lengths.length} lengths for a dataset of ${dataset.length} sequences`
    throw new DataError('DATA_OPTIONS', message)
  }
  const rows = packRows(lengths, length)
  return {
    length: rows.length,
    async get(row, context) {
      const sequences: ArrayLike<number>[] = []
      for (const index of rows[row] as number[]) {
        const sequence = await dataset.get(index, context)
        if (sequence.length !== lengths[index]) {
          const message = `packDataset: sequence ${index} has ${sequence.length} tokens, but ${lengths[index]} by the given lengths`
          throw new DataError('DATA_COLLATE', message, { index })
        }
        sequences.push(sequence)
      }
      return rowOf(sequences, length, value)
    },
    collate: packedBatch,
  }
}

/**
 * Rows of the sequences of a stream, in its order: a row ends with the last sequence that fits whole. With `long: 'split'` a sequence
 * longer than a row is cut. An epoch that is resumed reads its sequences from the beginning, to find where the rows end.
 */
export function packStream(
  dataset: IterableDataset<ArrayLike<number>>,
  options: PackOptions,
): IterableDataset<PackedRow> {
  const { length, value, long } = checkPack('packStream', options)
  return lazyDataset<PackedRow>(
    async function* (context, from) {
      let [row, used, made, number] = [[] as ArrayLike<number>[], 0, 0, 0]
      const end = (): (() => PackedRow) | undefined => {
        const full = row
        ;[row, used] = [[], 0]
        return made++ >= from ? () => rowOf(full, length, value) : undefined
      }
      for await (const record of reading(dataset, context)) {
        const sequence = await settled(record)
        if (sequence instanceof RecordError) {
          if (made++ >= from) yield sequence
          continue
        }
        for (const piece of piecesOf('packStream', sequence, number++, length, long)) {
          if (used + piece.length > length) {
            const full = end()
            if (full !== undefined) yield full
          }
          row.push(piece)
          used += piece.length
        }
      }
      const last = used > 0 ? end() : undefined
      if (last !== undefined) yield last
    },
    { ...shardedAs(dataset), collate: packedBatch },
  )
}

function piecesOf(
  where: string,
  sequence: ArrayLike<number>,
  index: number,
  length: number,
  long: 'refuse' | 'split',
): ArrayLike<number>[] {
  if (sequence.length <= length) return [sequence]
  if (long === 'refuse') throw tooLong(where, index, sequence.length, length)
  const pieces: ArrayLike<number>[] = []
  for (let at = 0; at < sequence.length; at += length)
    pieces.push(Array.prototype.slice.call(sequence, at, at + length))
  return pieces
}

function tooLong(where: string, index: number, found: number, length: number): DataError {
  const message = `${where}: sequence ${index} has ${found} tokens, a row ${length}`
  return new DataError('DATA_OPTIONS', `${message}: cut it before, or take longer rows`, { index })
}

function rowOf(sequences: readonly ArrayLike<number>[], length: number, value: number): PackedRow {
  const tokens = new Int32Array(length).fill(value)
  const targets = new Int32Array(length).fill(IGNORED)
  const positions = new Int32Array(length)
  const segments = new Int32Array(length)
  let at = 0
  for (const [s, sequence] of sequences.entries()) {
    tokens.set(sequence, at)
    for (let i = 0; i < sequence.length; i++, at++) {
      positions[at] = i
      segments[at] = s + 1
      if (i > 0) targets[at - 1] = sequence[i] as number
    }
  }
  // What is left is a sequence too, with places that its embedding has.
  for (let i = 0; at < length; i++, at++) positions[at] = i
  return { tokens, targets, positions, segments }
}

export function packedBatch(rows: readonly PackedRow[]): PackedBatch {
  const starts: number[] = []
  for (const [r, { segments }] of rows.entries()) {
    for (const [i, segment] of segments.entries())
      if (i === 0 || segment !== segments[i - 1]) starts.push(r * segments.length + i)
  }
  starts.push(rows.reduce((sum, { tokens }) => sum + tokens.length, 0))
  const batch = rows.length === 0 ? emptyBatch() : (stack(rows.map(fieldsOf), 'row') as Omit<PackedBatch, 'starts'>)
  return { ...(batch as PackedBatch), starts: { data: Int32Array.from(starts) } }
}

const fieldsOf = ({ tokens, targets, positions, segments }: PackedRow) => ({ tokens, targets, positions, segments })

function emptyBatch(): Omit<PackedBatch, 'starts'> {
  const none = { data: new Int32Array(), shape: [0, 0] }
  return { tokens: none, targets: none, positions: none, segments: none }
}

function checkPack(where: string, options: PackOptions): Required<PackOptions> {
  checkOptions(where, options, ['length', 'value', 'long'])
  const { length, value = 0, long = 'refuse' } = options
  whole(where, 'length', length, 1)
  if (long !== 'refuse' && long !== 'split')
    throw new DataError('DATA_OPTIONS', `${where}: long is ${JSON.stringify(long)}, expected 'refuse' or 'split'`)
  return { length, value, long }
}
