// What a loader reads from. Place in the whole: the interfaces users implement, the in-memory dataset, and how a dataset
// is named so that a worker thread can build its own.
import { isComplex, type TypedArray } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { type Allocate, allocateFresh } from './arena.js'
import { copyInto, type HostArray, type HostBatch, type Sample } from './batch.js'
import type { BatchContext, SampleContext, StreamContext } from './context.js'
import { DataError, type RecordError } from './errors.js'

/**
 * Samples by index. `getBatch` and `collate` are optional: the first makes whole batches, the second joins samples. Where `getBatch`
 * throws a RecordError and the loader is told to skip such, it takes the samples one by one from `get`.
 */
export interface Dataset<S = Sample> {
  readonly length: number
  get(index: number, context: SampleContext): S | Promise<S>
  getBatch?(indices: Uint32Array, context: BatchContext): HostBatch | Promise<HostBatch>
  /**
   * Batches that a loader without workers asks for before they are needed, of a dataset that waits for other threads or for disks.
   * `getBatch` or `get` is then called again before what it promised has come. Default 0.
   */
  readonly readAhead?: number
  /** `allocate` is as in a BatchContext. */
  collate?(samples: readonly S[], allocate?: Allocate): HostBatch | Promise<HostBatch>
}

/** What a stream gives: samples, and in the place of a record that cannot be read its error. */
export type Stream<S = Sample> = Iterable<S | RecordError> | AsyncIterable<S | RecordError>

/**
 * Samples in an order of their own, perhaps without end. Each call of `iterate` begins an epoch anew.
 *
 * With several workers or processes each reads the whole stream and makes samples only of its own batches: the batches are then the same
 * for any number of workers. A dataset that can do better says that it is `sharded` and gives only the part that the context names; its
 * order then depends on the number of workers, which a resumed run must not change.
 */
export interface IterableDataset<S = Sample> {
  readonly sharded?: boolean
  iterate(context: StreamContext): Stream<S>
  /**
   * What `iterate` gives behind its first `records` ones: an epoch that is resumed need not make them again. A record that cannot be
   * read counts like any other.
   */
  iterateFrom?(context: StreamContext, records: number): Stream<S>
  /** `allocate` is as in a BatchContext. */
  collate?(samples: readonly S[], allocate?: Allocate): HostBatch | Promise<HostBatch>
}

export type AnyDataset<S = Sample> = Dataset<S> | IterableDataset<S>

/**
 * A dataset that each thread builds for itself: the export (default: `default`) of an ES module is a class, or a
 * function that returns the dataset or a promise of it, and is given `args`, which must be structured-cloneable.
 */
export interface DatasetModule {
  readonly module: string | URL
  readonly export?: string
  readonly args?: readonly unknown[]
}

export function isDatasetModule(value: object): value is DatasetModule {
  return 'module' in value
}

/** Whether there is a dataset already: a reader's is one, and says by its module how workers make their own. */
export function isDataset(value: object): value is AnyDataset {
  return 'get' in value || 'iterate' in value
}

export function isIterable<S>(dataset: AnyDataset<S>): dataset is IterableDataset<S> {
  return 'iterate' in dataset
}

/** Imports and builds the dataset that a DatasetModule names. */
export async function buildDataset(from: DatasetModule): Promise<AnyDataset> {
  const name = from.export ?? 'default'
  const where = `export ${JSON.stringify(name)} of ${String(from.module)}`
  const exports = (await import(String(from.module))) as Record<string, unknown>
  const make = exports[name]
  if (typeof make !== 'function') {
    const found = Object.keys(exports).join(', ') || 'nothing'
    throw new DataError(
      'DATA_DATASET_INVALID',
      `${where} is ${typeof make}, expected a class or a function; exported: ${found}`,
    )
  }
  const args = from.args ?? []
  // A class's `prototype` property is the one that cannot be written.
  const isClass = Object.getOwnPropertyDescriptor(make, 'prototype')?.writable === false
  const dataset: unknown = isClass ? Reflect.construct(make, args) : await make(...args)
  checkDataset(dataset, where)
  return dataset
}

/** @throws DataError DATA_DATASET_INVALID unless the value has a dataset's methods */
export function checkDataset(value: unknown, where: string): asserts value is AnyDataset {
  const candidate = value as Partial<Dataset & IterableDataset> | null | undefined
  const indexed = Number.isSafeInteger(candidate?.length) && typeof candidate?.get === 'function'
  if (!indexed && typeof candidate?.iterate !== 'function') {
    const message = `${where}: expected a dataset: {length, get(index)} or {iterate()}`
    throw new DataError('DATA_DATASET_INVALID', message)
  }
}

/** Rows of arrays in memory; the first dimension of each field counts the samples. */
export class ArrayDataset<F extends Readonly<Record<string, HostArray>>>
  implements Dataset<{ readonly [K in keyof F]: HostArray }>
{
  readonly length: number
  readonly fields: F

  constructor(fields: F) {
    const counts = Object.entries(fields).map(([name, field]) => {
      const shape = field.shape ?? [field.data.length]
      const size = shape.reduce((product, dim) => product * dim, 1)
      if (shape.length === 0 || size !== field.data.length) {
        const message = `ArrayDataset: ${name}: shape (${shape.join(', ')}) does not fit ${field.data.length} elements`
        throw new DataError('DATA_DATASET_INVALID', message)
      }
      return [name, shape[0] as number] as const
    })
    const first = counts[0]
    if (first === undefined) throw new DataError('DATA_DATASET_INVALID', 'ArrayDataset: no fields')
    for (const [name, count] of counts) {
      if (count !== first[1]) {
        const message = `ArrayDataset: ${first[0]} has ${first[1]} samples, ${name} has ${count}`
        throw new DataError('DATA_DATASET_INVALID', message)
      }
    }
    this.fields = fields
    this.length = first[1]
  }

  /** The rows of tensors, read into memory: f16 and bf16 as f32, bool as u8. */
  static async fromTensors<K extends string>(
    tensors: Readonly<Record<K, Tensor>>,
  ): Promise<ArrayDataset<Readonly<Record<K, HostArray>>>> {
    const entries = Object.entries<Tensor>(tensors).map(async ([name, t]) => {
      if (isComplex(t.dtype)) {
        throw new DataError(
          'DATA_DATASET_INVALID',
          `ArrayDataset: ${name} is ${t.dtype}: give real and imaginary parts`,
        )
      }
      return [name, { data: await t.data(), shape: t.shape }] as const
    })
    return new ArrayDataset(Object.fromEntries(await Promise.all(entries)) as Readonly<Record<K, HostArray>>)
  }

  get(index: number): { readonly [K in keyof F]: HostArray } {
    return this.#map((field) => {
      const { size, shape } = rows(field)
      return { data: field.data.subarray(index * size, (index + 1) * size) as TypedArray, shape }
    })
  }

  getBatch(indices: Uint32Array, context?: BatchContext): { readonly [K in keyof F]: HostArray } {
    const allocate = context?.allocate ?? allocateFresh
    return this.#map((field) => {
      const { size, shape } = rows(field)
      const data = allocate(field.data.constructor as new (length: number) => TypedArray, size * indices.length)
      indices.forEach((index, i) => {
        copyInto(data, field.data.subarray(index * size, (index + 1) * size) as TypedArray, i * size)
      })
      return { data, shape: [indices.length, ...shape] }
    })
  }

  #map(row: (field: HostArray) => HostArray): { readonly [K in keyof F]: HostArray } {
    const entries = Object.entries(this.fields).map(([name, field]) => [name, row(field)])
    return Object.fromEntries(entries) as { readonly [K in keyof F]: HostArray }
  }
}

function rows(field: HostArray): { size: number; shape: readonly number[] } {
  const [, ...shape] = field.shape ?? [field.data.length]
  return { size: shape.reduce((product, dim) => product * dim, 1), shape }
}

/** A whole number as a sample's field, i32: for labels (a plain number becomes f32). */
export function int(value: number): HostArray {
  return { data: Int32Array.of(value), shape: [] }
}
