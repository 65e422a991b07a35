/**
 * What the arguments of `at` mean. Place in the whole: turns them into a strided part of the tensor (integers, slices, new axes,
 * ellipsis) and picks (index tensors and masks) along the part's axes; at.ts carries that out.
 */
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { checkShape, numelOf, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { tensor } from './creation.js'
import { isTensor } from './emit.js'
import { range } from './parts.js'
import type { NestedArray } from './read.js'
import type { Part } from './region.js'
import { reshape } from './views.js'

/** Indices start, start + step, ... before end; bounds may count from the end, a negative step goes backwards. */
export interface SliceIndex {
  start?: number | undefined
  end?: number | undefined
  step?: number | undefined
}

/**
 * One argument of `at`, for the next axis:
 *
 * - an integer, which removes the axis; negative ones count from the end
 * - a slice: Python's notation `'1:3'`, `':'`, `'::-1'`, or an object `{ start, end, step }`
 * - `'...'`: as many `':'` as are missing; `null`: a new axis of size 1
 * - an array of integers (nested, or flat), or a tensor of i64 or i32: the entries it names
 * - an array of booleans, or a bool tensor: a mask over as many axes as it has; the entries where it holds
 */
export type StaticIndex = number | boolean | null | string | SliceIndex | readonly unknown[] | Tensor<'i64' | 'i32'>
export type Index = StaticIndex | Tensor

/** Indices along axes axis .. axis + width - 1 of the part: integers along one, or a mask over all. */
export interface Pick {
  axis: number
  width: number
  index: Tensor
  mask: boolean
}

export interface Plan {
  part: Part
  shape: Shape
  /** Axes of the part to be reversed. */
  flips: readonly number[]
  picks: readonly Pick[]
  /** The part is the whole tensor, as it is. */
  whole: boolean
}

interface Entry {
  /** Axis of the tensor; -1 for a new one. */
  from: number
  start: number
  step: number
  length: number
}

/** An array of booleans: the positions where it holds, in row-major order. */
class Truths {
  readonly positions: Tensor
  readonly shape: Shape
  constructor(positions: Tensor, shape: Shape) {
    this.positions = positions
    this.shape = shape
  }
}

type Known = Exclude<Index, readonly unknown[]> | Truths

export function planOf(op: string, x: Tensor, given: readonly Index[]): Plan {
  const { shape, device } = x
  const indices = given.map((index) => known(op, index, device))
  const missing = shape.length - indices.reduce<number>((n, index) => n + consumed(op, index), 0)
  const dots = indices.filter((index) => index === '...').length
  if (dots > 1) throw new ValueError(`${op}: '...' is given ${dots} times; once says all that is missing`)
  if (missing < 0)
    throw new ShapeError(`${op}: ${shape.length - missing} axes are indexed, ${show(shape)} has ${shape.length}`)
  const entries: Entry[] = []
  const fixed: Entry[] = []
  const picks: Pick[] = []
  const flips: number[] = []
  let axis = 0
  const keep = (n: number): void => {
    for (; n > 0; n--) entries.push({ from: axis, start: 0, step: 1, length: shape[axis++] as number })
  }
  for (const index of dots === 1 ? indices : [...indices, '...']) {
    if (index === '...') keep(missing)
    else if (index === null) entries.push(NEW)
    else if (typeof index === 'number')
      fixed.push({ from: axis, start: entryOf(op, index, axis++, shape), step: 1, length: 1 })
    else if (index instanceof Truths || isTensor(index)) {
      const mask = isTensor(index) && index.dtype === 'bool'
      const covered = mask || index instanceof Truths ? index.shape : [0]
      const width = covered.length
      if (mask || index instanceof Truths) checkMaskShape(op, covered, axis, shape)
      // Without axes of its own a truth value chooses from a new one.
      const chosen = index instanceof Truths ? index.positions : mask && width === 0 ? reshape(index, [1]) : index
      picks.push({ axis: entries.length, width: Math.max(width, 1), index: chosen, mask })
      if (width === 0) entries.push(NEW)
      keep(width)
    } else {
      const slice = sliceOf(op, index as string | SliceIndex, shape[axis] as number)
      if (slice.step < 0) flips.push(entries.length)
      entries.push(forwards(axis++, slice))
    }
  }
  checkShape(
    op,
    entries.map((e) => e.length),
  )
  return {
    part: partOf(entries, fixed),
    shape: entries.map((e) => e.length),
    flips,
    picks,
    whole: flips.length === 0 && isWhole(entries, shape),
  }
}

const NEW: Entry = { from: -1, start: 0, step: 0, length: 1 }

const partOf =
  (entries: readonly Entry[], fixed: readonly Entry[]): Part =>
  (_, strides) => ({
    shape: entries.map((e) => e.length),
    strides: entries.map((e) => (e.from < 0 ? 0 : (strides[e.from] as number) * e.step)),
    offset: [...fixed, ...entries].reduce((n, e) => (e.from < 0 ? n : n + e.start * (strides[e.from] as number)), 0),
  })

const isWhole = (entries: readonly Entry[], shape: Shape): boolean =>
  entries.length === shape.length && entries.every((e, i) => e.from === i && e.step === 1 && e.length === shape[i])

/** How many axes an index is for. */
function consumed(op: string, index: Known): number {
  if (index === null || index === '...') return 0
  if (index instanceof Truths) return index.shape.length
  if (!isTensor(index)) return 1
  if (index.dtype === 'bool') return index.rank
  if (index.dtype !== 'i64' && index.dtype !== 'i32')
    throw new DTypeError(`${op}: an index tensor of ${index.dtype}; they are i64, i32, or bool for masks`)
  return 1
}

/** Arrays as tensors. */
function known(op: string, index: Index, device: string): Known {
  if (typeof index === 'boolean') return truths([index], [], device)
  if (!Array.isArray(index)) return index as Known
  const shape: number[] = []
  for (let level: unknown = index; Array.isArray(level); level = level[0]) shape.push(level.length)
  const flat: readonly unknown[] = index.flat(Number.POSITIVE_INFINITY)
  if (flat.length > 0 && flat.every((v) => typeof v === 'boolean')) {
    if (flat.length !== numelOf(shape)) throw new ShapeError(`${op}: nested arrays of a mask are ragged`)
    return truths(flat as boolean[], shape, device)
  }
  const wrong = flat.find((v) => !Number.isInteger(v) && typeof v !== 'bigint')
  if (wrong !== undefined) throw new ValueError(`${op}: an array of indices holds ${String(wrong)} (${typeof wrong})`)
  if (flat.length === 0) return tensor(new BigInt64Array(0), { shape, device }) as Tensor
  return tensor(index as NestedArray, { device, dtype: 'i64' }) as Tensor
}

function truths(flat: readonly boolean[], shape: Shape, device: string): Truths {
  const at = flat.flatMap((v, i) => (v ? [BigInt(i)] : []))
  return new Truths(tensor(BigInt64Array.from(at), { device }) as Tensor, shape)
}

function entryOf(op: string, index: number, axis: number, shape: Shape): number {
  const size = shape[axis] as number
  if (!Number.isInteger(index) || index < -size || index >= size)
    throw new ShapeError(`${op}: index ${index} is out of range for dimension ${axis} of ${show(shape)}`)
  return index < 0 ? index + size : index
}

function checkMaskShape(op: string, mask: Shape, axis: number, shape: Shape): void {
  const covered = shape.slice(axis, axis + mask.length)
  if (!sameShape(mask, covered))
    throw new ShapeError(`${op}: a mask of ${show(mask)} over dimensions of sizes ${show(covered)}`)
}

const NOTATION = /^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?$/

/** First index, step (not 0) and length of a slice of an axis. */
function sliceOf(
  op: string,
  index: string | SliceIndex,
  size: number,
): { start: number; step: number; length: number } {
  let slice: SliceIndex
  if (typeof index === 'string') {
    const found = NOTATION.exec(index)
    if (!found)
      throw new ValueError(`${op}: '${index}' is no index; strings are slices such as '1:3', ':', '::-1', or '...'`)
    const [start, end, step] = found.slice(1).map((s) => (s === undefined ? undefined : Number(s)))
    slice = { start, end, step }
  } else if (typeof index === 'object' && index !== null && !Array.isArray(index)) slice = index as SliceIndex
  else throw new ValueError(`${op}: ${String(index)} (${typeof index}) is no index`)
  for (const v of [slice.start, slice.end, slice.step])
    if (v !== undefined && !Number.isInteger(v)) throw new ValueError(`${op}: ${v} is not an integer, in a slice`)
  const step = slice.step ?? 1
  if (step === 0) throw new ValueError(`${op}: a slice with step 0`)
  if (step > 0) {
    const { from, length } = range(size, slice.start ?? 0, slice.end ?? size, step)
    return { start: from, step, length }
  }
  const bound = (v: number): number => Math.min(Math.max(v < 0 ? v + size : v, -1), size - 1)
  const start = bound(slice.start ?? size - 1)
  const end = slice.end === undefined ? -1 : bound(slice.end)
  return { start, step, length: Math.max(0, Math.ceil((end - start) / step)) }
}

/** The same elements in the axis' own order. */
function forwards(from: number, { start, step, length }: { start: number; step: number; length: number }): Entry {
  if (step > 0) return { from, start, step, length }
  return { from, start: length === 0 ? 0 : start + (length - 1) * step, step: -step, length }
}
