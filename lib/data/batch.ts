// Samples become batches. Place in the whole: shared by the loader's thread and its workers, so it knows typed arrays
// but no tensors; loader.ts uploads.
import { dtypeOfArray, type TypedArray } from '../tensor/dtype.js'
import { type Allocate, allocateFresh } from './arena.js'
import { DataError } from './errors.js'

/** An array in ordinary memory, as a dataset gives it and as it crosses threads. */
export interface HostArray {
  readonly data: TypedArray
  /** Row-major. Without it the array has one dimension. */
  readonly shape?: readonly number[]
}

/** What a dataset may return: numbers, arrays, text, and arrays or objects of these. */
export type Sample =
  | number
  | bigint
  | boolean
  | string
  | TypedArray
  | HostArray
  | readonly Sample[]
  | { readonly [field: string]: Sample }

/** A collated batch before it is uploaded: HostArrays with a leading batch dimension, lists of strings, and these nested. */
export type HostBatch = HostArray | string | readonly HostBatch[] | { readonly [field: string]: HostBatch }

type Constructor = new (length: number) => TypedArray

export function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
}

export function isHostArray(value: unknown): value is HostArray {
  return typeof value === 'object' && value !== null && 'data' in value && isTypedArray(value.data)
}

/**
 * Stacks samples along a new first dimension, field by field: numbers become f32, bigints i64, booleans u8, typed
 * arrays keep their type, strings stay a list.
 * @param allocate the memory of typed arrays; a dataset's `collate` method is given it by the loader
 * @throws DataError DATA_COLLATE where samples differ in structure, type or shape
 */
export function collate(samples: readonly Sample[], allocate: Allocate = allocateFresh): HostBatch {
  if (samples.length === 0) throw new DataError('DATA_COLLATE', 'collate: no samples')
  return stack(samples, 'sample', allocate)
}

/** As `collate`; `path` names the values in errors. */
export function stack(values: readonly Sample[], path: string, allocate: Allocate = allocateFresh): HostBatch {
  const first = values[0] as Sample
  switch (typeof first) {
    case 'number':
      return { data: Float32Array.from(same(values, 'number', path)), shape: [values.length] }
    case 'bigint':
      return { data: BigInt64Array.from(same(values, 'bigint', path)), shape: [values.length] }
    case 'boolean':
      return { data: Uint8Array.from(same(values, 'boolean', path), Number), shape: [values.length] }
    case 'string':
      return same(values, 'string', path)
  }
  if (isTypedArray(first) || isHostArray(first)) return stackArrays(values, path, allocate)
  if (Array.isArray(first)) {
    return first.map(
      (_, i): HostBatch =>
        stack(
          values.map((value) => (value as Sample[])[i] as Sample),
          `${path}[${i}]`,
          allocate,
        ),
    )
  }
  if (typeof first !== 'object' || first === null) {
    const found = first === null ? 'null' : typeof first
    throw new DataError(
      'DATA_COLLATE',
      `collate: ${path} is ${found}: expected numbers, typed arrays, text or these nested`,
    )
  }
  const batch: Record<string, HostBatch> = {}
  for (const field of Object.keys(first)) {
    batch[field] = stack(
      values.map((value) => (value as Record<string, Sample>)[field] as Sample),
      `${path}.${field}`,
      allocate,
    )
  }
  return batch
}

function same<T>(values: readonly unknown[], type: string, path: string): T[] {
  const odd = values.findIndex((value) => typeof value !== type)
  if (odd >= 0) {
    throw new DataError(
      'DATA_COLLATE',
      `collate: ${path} is ${type} in sample 0 but ${typeof values[odd]} in sample ${odd}`,
    )
  }
  return values as T[]
}

function stackArrays(values: readonly Sample[], path: string, allocate: Allocate): HostArray {
  const [first, ...rest] = values.map((value, i) => asArray(value, path, i)) as [
    Required<HostArray>,
    ...Required<HostArray>[],
  ]
  const size = first.data.length
  const data = allocate(first.data.constructor as Constructor, size * values.length)
  copyInto(data, first.data, 0)
  rest.forEach((item, i) => {
    const differs = item.data.constructor !== first.data.constructor || !sameShape(item.shape, first.shape)
    if (differs) {
      const message = `collate: ${path} is ${name(first)} in sample 0 but ${name(item)} in sample ${i + 1} of the batch`
      throw new DataError(
        'DATA_COLLATE',
        `${message}: give samples one shape, or give the dataset a collate of its own`,
      )
    }
    copyInto(data, item.data, size * (i + 1))
  })
  return { data, shape: [values.length, ...first.shape] }
}

export function asArray(value: Sample, path: string, i: number): Required<HostArray> {
  const array = isTypedArray(value) ? { data: value } : value
  if (!isHostArray(array))
    throw new DataError('DATA_COLLATE', `collate: ${path} is an array in sample 0 but not in sample ${i}`)
  const shape = array.shape ?? [array.data.length]
  const size = shape.reduce((product, dim) => product * dim, 1)
  if (size !== array.data.length) {
    const message = `collate: ${path} of sample ${i}: shape (${shape.join(', ')}) needs ${size} elements, found ${array.data.length}`
    throw new DataError('DATA_COLLATE', message)
  }
  return { data: array.data, shape }
}

/** `set` between typed arrays of one type, which TypeScript cannot see. */
export function copyInto(target: TypedArray, source: TypedArray, offset: number): void {
  ;(target as Float32Array).set(source as Float32Array, offset)
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i])
}

function name(array: Required<HostArray>): string {
  return `${dtypeOfArray(array.data)} (${array.shape.join(', ')})`
}

/** The buffers of a batch, for postMessage to move instead of copying. A SharedArrayBuffer is shared as it is. */
export function transferables(batch: HostBatch, found: Set<ArrayBuffer> = new Set()): Set<ArrayBuffer> {
  if (isHostArray(batch)) {
    if (batch.data.buffer instanceof ArrayBuffer) found.add(batch.data.buffer)
  } else if (typeof batch === 'object') {
    for (const item of Object.values(batch) as HostBatch[]) transferables(item, found)
  }
  return found
}
