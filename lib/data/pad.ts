// Samples of different lengths as one batch. Place in the whole: given to a loader as `collate`, or to a dataset as its method (which
// workers need); sequences that are packed instead (pack.ts) need no padding.

import type { TypedArray } from '../tensor/dtype.js'
import { type Allocate, allocateFresh } from './arena.js'
import {
  asArray,
  copyInto,
  type HostArray,
  type HostBatch,
  isHostArray,
  isTypedArray,
  type Sample,
  stack,
} from './batch.js'
import { DataError } from './errors.js'
import type { Collate } from './maker.js'
import { checkOptions, whole } from './options.js'

/** What each field is filled up with, nested as the samples are; a number alone where a sample is an array. */
export type PadValues = number | { readonly [field: string]: PadValues }

export interface PadOptions {
  /** Where what is missing is added. Default 'right'. */
  readonly side?: 'right' | 'left'
  /** The length of the first dimension is rounded up to a multiple of this. Default 1. */
  readonly multipleOf?: number
  /** Name of a field to add: u8 (batch, length), 1 where the first padded field is the sample's. */
  readonly mask?: string
  /** Name of a field to add: i32 (batch), the lengths of the first padded field. */
  readonly lengths?: string
}

/**
 * Joins samples as `collate` does, but fills the fields that `values` names up to the largest of the batch, in every dimension:
 *
 *     padCollate({ tokens: 0, labels: -100 }, { multipleOf: 8, mask: 'mask' })
 *
 * @throws DataError DATA_OPTIONS, and of the batch DATA_COLLATE where samples differ in more than lengths
 */
export function padCollate(values: PadValues, options: PadOptions = {}): Collate {
  const name = 'padCollate'
  checkOptions(name, options, ['side', 'multipleOf', 'mask', 'lengths'])
  const { side = 'right', multipleOf = 1, mask, lengths } = options
  if (side !== 'right' && side !== 'left')
    throw new DataError('DATA_OPTIONS', `${name}: side is ${JSON.stringify(side)}, expected 'right' or 'left'`)
  whole(name, 'multipleOf', multipleOf, 1)
  if (typeof values === 'number' && (mask ?? lengths) !== undefined)
    throw new DataError('DATA_OPTIONS', `${name}: mask and lengths are fields: they need samples with fields`)
  return (samples, allocate = allocateFresh) => {
    if (samples.length === 0) throw new DataError('DATA_COLLATE', `${name}: no samples`)
    const padding = new Padding(side, multipleOf, allocate)
    const batch = padding.join(samples, values, 'sample')
    const added: Record<string, HostArray> = {}
    if (mask !== undefined) added[mask] = padding.mask()
    if (lengths !== undefined) added[lengths] = { data: Int32Array.from(padding.lengths) }
    for (const field of Object.keys(added))
      if (field in (batch as object))
        throw new DataError(
          'DATA_COLLATE',
          `${name}: samples have a field '${field}' already: give the added one another name`,
        )
    return mask === undefined && lengths === undefined
      ? batch
      : { ...(batch as { [field: string]: HostBatch }), ...added }
  }
}

class Padding {
  readonly #side: 'right' | 'left'
  readonly #multipleOf: number
  readonly #allocate: Allocate
  #length = 0
  /** Of the samples in the first padded field. */
  lengths: readonly number[] = []

  constructor(side: 'right' | 'left', multipleOf: number, allocate: Allocate) {
    this.#allocate = allocate
    this.#side = side
    this.#multipleOf = multipleOf
  }

  join(samples: readonly Sample[], values: PadValues | undefined, path: string): HostBatch {
    if (values === undefined) return stack(samples, path, this.#allocate)
    if (typeof values === 'number') return this.#pad(samples, values, path)
    const first = samples[0] as { readonly [field: string]: Sample }
    if (typeof first !== 'object' || first === null || isTypedArray(first) || isHostArray(first))
      throw new DataError('DATA_COLLATE', `padCollate: ${path} has no fields, but a value is given for each of them`)
    const missing = Object.keys(values).find((field) => !(field in first))
    if (missing !== undefined) {
      const message = `padCollate: ${path} has no field '${missing}' to pad; its fields are ${Object.keys(first).join(', ')}`
      throw new DataError('DATA_COLLATE', message)
    }
    const batch: Record<string, HostBatch> = {}
    for (const field of Object.keys(first)) {
      const column = samples.map((sample) => (sample as Record<string, Sample>)[field] as Sample)
      batch[field] = this.join(column, values[field], `${path}.${field}`)
    }
    return batch
  }

  mask(): HostArray {
    const data = new Uint8Array(this.lengths.length * this.#length)
    for (const [row, length] of this.lengths.entries()) {
      const begin = row * this.#length + this.#before(this.#length, length)
      data.fill(1, begin, begin + length)
    }
    return { data, shape: [this.lengths.length, this.#length] }
  }

  #pad(samples: readonly Sample[], value: number, path: string): HostArray {
    const arrays = samples.map((sample, i) => asArray(sample, path, i))
    const first = arrays[0] as Required<HostArray>
    const odd = arrays.findIndex(
      ({ data, shape }) => data.constructor !== first.data.constructor || shape.length !== first.shape.length,
    )
    if (odd >= 0 || first.shape.length === 0) {
      const other = arrays[Math.max(odd, 0)] as Required<HostArray>
      const found = `${other.data.constructor.name} with ${other.shape.length} dimensions in sample ${Math.max(odd, 0)}`
      const expected = `${first.data.constructor.name} with ${Math.max(first.shape.length, 1)}`
      throw new DataError('DATA_COLLATE', `padCollate: ${path} is ${found}, expected ${expected}`)
    }
    const largest = first.shape.map((_, d) => Math.max(...arrays.map(({ shape }) => shape[d] as number)))
    largest[0] = Math.ceil((largest[0] as number) / this.#multipleOf) * this.#multipleOf
    if (this.lengths.length === 0) {
      this.lengths = arrays.map(({ shape }) => shape[0] as number)
      this.#length = largest[0]
    }
    const size = largest.reduce((product, dim) => product * dim, 1)
    const data = this.#allocate(first.data.constructor as new (length: number) => TypedArray, size * arrays.length)
    fill(data, value)
    for (const [i, array] of arrays.entries()) this.#place(data, array.data, array.shape, largest, 0, 0, i * size)
    return { data, shape: [arrays.length, ...largest] }
  }

  /** Copies dimension `d` and those within it: from element `from` of the sample to element `to` of the batch. */
  #place(
    data: TypedArray,
    source: TypedArray,
    shape: readonly number[],
    largest: readonly number[],
    d: number,
    from: number,
    to: number,
  ): void {
    const [count, room] = [shape[d] as number, largest[d] as number]
    const before = this.#before(room, count)
    if (d === shape.length - 1) {
      copyInto(data, source.subarray(from, from + count) as TypedArray, to + before)
      return
    }
    const inner = shape.slice(d + 1).reduce((product, dim) => product * dim, 1)
    const innerRoom = largest.slice(d + 1).reduce((product, dim) => product * dim, 1)
    for (let i = 0; i < count; i++)
      this.#place(data, source, shape, largest, d + 1, from + i * inner, to + (before + i) * innerRoom)
  }

  #before(room: number, count: number): number {
    return this.#side === 'left' ? room - count : 0
  }
}

function fill(data: TypedArray, value: number): void {
  if (data instanceof BigInt64Array) data.fill(BigInt(value))
  else (data as Float32Array).fill(value)
}
