/**
 * Sequences of several lengths without padding. Place in the whole: recurrent networks take and give them. Definition:
 * torch.nn.utils.rnn.
 */
import { ShapeError, ValueError } from '../errors.js'
import { type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { full, tensor } from './creation.js'
import { indexSelect } from './indexing.js'
import { concat, stack } from './join.js'
import { narrow, reshape, transpose } from './views.js'

/**
 * Step after step a row of each sequence that is that long, longest first. Make one with `packPaddedSequence` or `packSequence`. Its
 * tensor is the user's to dispose of, or a scope's.
 */
export class PackedSequence {
  /** (sum of the lengths, ...) */
  readonly data: Tensor
  /** Sequences in each step. */
  readonly batchSizes: readonly number[]
  /** Which of the caller's sequences each of the sorted ones is; null: they came sorted. */
  readonly sortedIndices: readonly number[] | null

  constructor(data: Tensor, batchSizes: readonly number[], sortedIndices: readonly number[] | null = null) {
    const rising = batchSizes.findIndex(
      (b, t) => !(Number.isInteger(b) && b > 0 && (t === 0 || b <= (batchSizes[t - 1] as number))),
    )
    if (batchSizes.length === 0 || rising >= 0)
      throw new ValueError(
        `PackedSequence: batch sizes are whole, positive and never rise, got (${batchSizes.join(', ')})`,
      )
    const rows = batchSizes.reduce((n, b) => n + b, 0)
    if (data.rank === 0 || data.shape[0] !== rows)
      throw new ShapeError(`PackedSequence: data ${show(data.shape)} for ${rows} rows in all`)
    const batch = batchSizes[0] as number
    if (sortedIndices && !isPermutation(sortedIndices, batch))
      throw new ValueError(`PackedSequence: (${sortedIndices.join(', ')}) is no order of ${batch} sequences`)
    this.data = data
    this.batchSizes = batchSizes
    this.sortedIndices = sortedIndices
  }

  /** Where each of the caller's sequences is among the sorted ones; null: they came sorted. */
  get unsortedIndices(): readonly number[] | null {
    return this.sortedIndices && inverse(this.sortedIndices)
  }

  /** Lengths in the caller's order. */
  get lengths(): readonly number[] {
    return placesOf(this).map((rows) => rows.length)
  }

  /** Other rows for the same sequences. */
  withData(data: Tensor): PackedSequence {
    return new PackedSequence(data, this.batchSizes, this.sortedIndices)
  }

  /** Slices along an axis, one a sequence, from the caller's order into the sorted one. */
  toSorted(t: Tensor, axis = 0): Tensor {
    return reordered(t, axis, this.sortedIndices)
  }

  /** And back. */
  toOriginal(t: Tensor, axis = 0): Tensor {
    return reordered(t, axis, this.unsortedIndices)
  }

  /** For scopes: what they keep when they keep this. */
  ownedTensors(): Tensor[] {
    return [this.data]
  }
}

function inverse(order: readonly number[]): number[] {
  const places = new Array<number>(order.length)
  order.forEach((from, to) => {
    places[from] = to
  })
  return places
}

const isPermutation = (order: readonly number[], n: number): boolean =>
  order.length === n && [...order].sort((a, b) => a - b).every((v, i) => v === i)

function reordered(t: Tensor, axis: number, order: readonly number[] | null): Tensor {
  return order ? indexSelect(t, axis, indicesOf(order, t)) : t
}

const indicesOf = (values: readonly number[], like: Tensor): Tensor =>
  tensor([...values], { dtype: 'i64', device: like.device, shape: [values.length] })

export interface PackOptions {
  /** The padded tensor is (b, t, ...) instead of (t, b, ...). */
  batchFirst?: boolean
  /** Lengths that are not sorted, longest first, are an error. Default true; false sorts. */
  enforceSorted?: boolean
}

/**
 * Packs sequences that are padded at their ends: x (t, b, ...), one length a sequence, all from 1 to t. The recurrent networks give
 * what belongs to x's order back in it. Differentiable.
 */
export function packPaddedSequence(x: Tensor, lengths: readonly number[], options: PackOptions = {}): PackedSequence {
  const name = 'packPaddedSequence'
  if (x.rank < 2)
    throw new ShapeError(`${name}: takes (t, b, ...), or (b, t, ...) with batchFirst, got ${show(x.shape)}`)
  const { batchFirst = false } = options
  const [t, b] = (batchFirst ? [x.shape[1], x.shape[0]] : [x.shape[0], x.shape[1]]) as [number, number]
  if (lengths.length !== b) throw new ShapeError(`${name}: ${lengths.length} lengths for ${b} sequences`)
  const bad = lengths.find((n) => !(Number.isInteger(n) && n >= 1 && n <= t))
  if (bad !== undefined) throw new ValueError(`${name}: a length of ${bad}; lengths are from 1 to ${t}`)
  const order = orderOf(name, lengths, options.enforceSorted ?? true)
  const sizes = sizesOf(order.map((i) => lengths[i] as number))
  const rows = sizes.flatMap((size, step) =>
    order.slice(0, size).map((i) => (batchFirst ? i * t + step : step * b + i)),
  )
  const data = indexSelect(reshape(x, [t * b, ...x.shape.slice(2)]), 0, indicesOf(rows, x))
  return new PackedSequence(data, sizes, options.enforceSorted === false ? order : null)
}

/** Packs sequences (length, ...) that are equal beside their lengths. Differentiable. */
export function packSequence(sequences: readonly Tensor[], options: { enforceSorted?: boolean } = {}): PackedSequence {
  const name = 'packSequence'
  const lengths = checkSequences(name, sequences)
  const order = orderOf(name, lengths, options.enforceSorted ?? true)
  const sizes = sizesOf(order.map((i) => lengths[i] as number))
  const first: number[] = []
  lengths.reduce((at, n, i) => {
    first[i] = at
    return at + n
  }, 0)
  const rows = sizes.flatMap((size, step) => order.slice(0, size).map((i) => (first[i] as number) + step))
  const all = concat(sequences)
  return new PackedSequence(
    indexSelect(all, 0, indicesOf(rows, all)),
    sizes,
    options.enforceSorted === false ? order : null,
  )
}

export interface PadSequenceOptions {
  batchFirst?: boolean
  /** What stands behind the ends. Default 0. */
  paddingValue?: number
  /** Steps of the result. Default: the longest sequence's; at least that. */
  totalLength?: number
}

/** The sequences as one tensor (t, b, ...), in the order in which they were packed, and their lengths. Differentiable. */
export function padPackedSequence(packed: PackedSequence, options: PadSequenceOptions = {}): [Tensor, number[]] {
  const { batchFirst = false, paddingValue = 0, totalLength } = options
  const { data, batchSizes } = packed
  const longest = batchSizes.length
  const t = totalLength ?? longest
  if (!(Number.isInteger(t) && t >= longest))
    throw new ValueError(`padPackedSequence: totalLength ${t} for a sequence of ${longest} steps`)
  const places = placesOf(packed)
  const padding = data.shape[0] as number
  const b = places.length
  const at = (step: number, i: number): number => places[i]?.[step] ?? padding
  const rows = batchFirst
    ? places.flatMap((_, i) => Array.from({ length: t }, (_, step) => at(step, i)))
    : Array.from({ length: t }, (_, step) => places.map((_, i) => at(step, i))).flat()
  const rest = data.shape.slice(1)
  const fill = full([1, ...rest], paddingValue, { dtype: data.dtype, device: data.device })
  const padded = indexSelect(concat([data, fill]), 0, indicesOf(rows, data))
  return [reshape(padded, [...(batchFirst ? [b, t] : [t, b]), ...rest]), places.map((own) => own.length)]
}

/** The sequences (length, ...) in the order in which they were packed. Differentiable. */
export function unpackSequence(packed: PackedSequence): Tensor[] {
  return placesOf(packed).map((rows) => indexSelect(packed.data, 0, indicesOf(rows, packed.data)))
}

/** Sequences (length, ...) as one tensor (t, b, ...) with `paddingValue` behind their ends. Differentiable. */
export function padSequence(
  sequences: readonly Tensor[],
  options: Omit<PadSequenceOptions, 'totalLength'> = {},
): Tensor {
  const lengths = checkSequences('padSequence', sequences)
  const t = Math.max(...lengths)
  const value = options.paddingValue ?? 0
  const padded = sequences.map((s) => {
    const missing = t - (s.shape[0] as number)
    if (missing === 0) return s
    return concat([s, full([missing, ...s.shape.slice(1)], value, { dtype: s.dtype, device: s.device })])
  })
  return stack(padded, options.batchFirst ? 0 : 1)
}

/** The sequences (length, ...) of a padded tensor (t, b, ...): views. */
export function unpadSequence(
  padded: Tensor,
  lengths: readonly number[],
  options: { batchFirst?: boolean } = {},
): Tensor[] {
  if (padded.rank < 2) throw new ShapeError(`unpadSequence: takes (t, b, ...), got ${show(padded.shape)}`)
  const x = options.batchFirst ? padded : transpose(padded, 0, 1)
  const [b, t] = x.shape as [number, number]
  if (lengths.length !== b) throw new ShapeError(`unpadSequence: ${lengths.length} lengths for ${b} sequences`)
  const bad = lengths.find((n) => !(Number.isInteger(n) && n >= 0 && n <= t))
  if (bad !== undefined) throw new ValueError(`unpadSequence: a length of ${bad}; lengths are from 0 to ${t}`)
  return lengths.map((n, i) => reshape(narrow(narrow(x, 0, i, 1), 1, 0, n), [n, ...x.shape.slice(2)]))
}

function checkSequences(name: string, sequences: readonly Tensor[]): number[] {
  const first = sequences[0]
  if (!first) throw new ValueError(`${name}: no sequences`)
  const rest: Shape = first.shape.slice(1)
  for (const s of sequences)
    if (s.rank === 0 || s.shape[0] === 0 || !sameShape(s.shape.slice(1), rest))
      throw new ShapeError(
        `${name}: takes sequences (length, ...) of at least one step, got ${show(first.shape)} and ${show(s.shape)}`,
      )
  return sequences.map((s) => s.shape[0] as number)
}

/** The sequences, longest first; equal ones in their order. */
function orderOf(name: string, lengths: readonly number[], enforceSorted: boolean): number[] {
  const order = lengths.map((_, i) => i).sort((i, k) => (lengths[k] as number) - (lengths[i] as number) || i - k)
  if (enforceSorted && order.some((i, at) => i !== at))
    throw new ValueError(
      `${name}: lengths (${lengths.join(', ')}) are not sorted, longest first; pass {enforceSorted: false}`,
    )
  return order
}

/** How many of the sorted lengths reach each step. */
const sizesOf = (sorted: readonly number[]): number[] =>
  Array.from({ length: sorted[0] ?? 0 }, (_, step) => sorted.filter((n) => n > step).length)

/** The rows of each sequence, in the caller's order. */
function placesOf({ batchSizes, unsortedIndices }: PackedSequence): number[][] {
  const sorted: number[][] = Array.from({ length: batchSizes[0] as number }, () => [])
  let row = 0
  for (const size of batchSizes) for (let b = 0; b < size; b++) (sorted[b] as number[]).push(row++)
  return unsortedIndices ? unsortedIndices.map((b) => sorted[b] as number[]) : sorted
}
