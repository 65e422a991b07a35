/** Reading results. Each read is asynchronous, with a blocking `...Sync` twin; a poisoned tensor rejects with its cause. */
import { ValueError } from '../errors.js'
import {
  arrayFor,
  CODE,
  type ComplexNumber,
  type DType,
  isComplex,
  type TypedArray,
  type TypedArrayOf,
} from '../tensor/dtype.js'
import { type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { rawArray } from './convert.js'
import { method } from './emit.js'

/** Nested arrays of numbers, of {re, im} for complex dtypes; a plain number for rank 0. */
export type NestedArray = number | boolean | ComplexNumber | NestedArray[]

/** Memory for all of t's elements; views may have more of them than any array holds. */
function room<T>(op: string, t: Tensor, allocate: () => T): T {
  try {
    return allocate()
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new ValueError(
      `${op}: ${show(t.shape)} ${t.dtype} are ${t.numel} elements, ${t.nbytes} bytes, which no typed array of this process holds; ` +
        'read a part of it (narrow, slice), or a reduction',
    )
  }
}

async function data(t: Tensor): Promise<TypedArray> {
  const [array, dtype] = room('data', t, () => arrayFor(t.dtype, t.numel))
  await t._stream.read(t._use('data'), CODE[dtype], array)
  return array
}

function dataSync(t: Tensor): TypedArray {
  const [array, dtype] = room('dataSync', t, () => arrayFor(t.dtype, t.numel))
  t._stream.readSync(t._use('dataSync'), CODE[dtype], array)
  return array
}

async function rawData(t: Tensor): Promise<TypedArray> {
  const array = room('rawData', t, () => rawArray(t.dtype, t.numel))
  await t._stream.read(t._use('rawData'), CODE[t.dtype], array)
  return array
}

function rawDataSync(t: Tensor): TypedArray {
  const array = room('rawDataSync', t, () => rawArray(t.dtype, t.numel))
  t._stream.readSync(t._use('rawDataSync'), CODE[t.dtype], array)
  return array
}

function toNumber(x: number | bigint, where: string): number {
  if (typeof x === 'number') return x
  const n = Number(x)
  if (!Number.isSafeInteger(n))
    throw new ValueError(`${where}: ${x} is beyond 2^53; read data(), which gives a BigInt64Array`)
  return n
}

/** Numbers and arrays that toArray makes at most: V8 ends the process, without an error, when its heap is full. */
const MOST_NESTED = 2 ** 27

/** Refuses what would fill the heap, dimensions before one of size 0 included. */
function checkNested(t: Tensor): void {
  let [arrays, made] = [1, 1]
  for (const d of t.shape) made += arrays *= d
  if (made > MOST_NESTED)
    throw new ValueError(
      `toArray: ${show(t.shape)} ${t.dtype} would be ${made} numbers and arrays, more than 2^27; take data(), or toArray() of a part`,
    )
}

function nest(t: Tensor, flat: TypedArray): NestedArray {
  const { shape, dtype } = t
  let at = 0
  const build = (d: number): NestedArray => {
    if (d === shape.length) {
      if (isComplex(dtype)) return { re: flat[at++] as number, im: flat[at++] as number }
      const x = toNumber(flat[at++] as number | bigint, 'toArray')
      return dtype === 'bool' ? x !== 0 : x
    }
    const out: NestedArray[] = []
    for (let i = 0; i < (shape[d] as number); i++) out.push(build(d + 1))
    return out
  }
  return build(0)
}

function checkOne(t: Tensor): void {
  if (t.numel !== 1 || isComplex(t.dtype)) {
    throw new ValueError(
      `item: the tensor has ${t.numel} elements of ${t.dtype}, shape ${show(t.shape)}; item() takes one real number`,
    )
  }
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    /** The elements in row-major order: f16 and bf16 as Float32Array, i64 as BigInt64Array, bool as Uint8Array, complex
     * dtypes as interleaved pairs. Throws a ValueError where no typed array is long enough; so do the others. */
    data(): Promise<TypedArrayOf<D>>
    /** `data`, blocking the thread. */
    dataSync(): TypedArrayOf<D>
    /** The elements' bits: f16 and bf16 as Uint16Array, else as `data`. */
    rawData(): Promise<TypedArray>
    rawDataSync(): TypedArray
    /** Nested arrays of numbers (booleans for bool, {re, im} for complex dtypes). Throws for i64 values beyond 2^53, and for more
     * than 2^27 elements, which the heap of V8 may not hold. */
    toArray(): Promise<NestedArray>
    toArraySync(): NestedArray
    /** The one element as a number. Throws when there is not exactly one. */
    item(): Promise<number>
    itemSync(): number
  }
}
method('data', function (this: Tensor) {
  return data(this)
})
method('dataSync', function (this: Tensor) {
  return dataSync(this)
})
method('rawData', function (this: Tensor) {
  return rawData(this)
})
method('rawDataSync', function (this: Tensor) {
  return rawDataSync(this)
})
method('toArray', async function (this: Tensor) {
  checkNested(this)
  return nest(this, await data(this))
})
method('toArraySync', function (this: Tensor) {
  checkNested(this)
  return nest(this, dataSync(this))
})
method('item', async function (this: Tensor) {
  checkOne(this)
  return toNumber((await data(this))[0] as number | bigint, 'item')
})
method('itemSync', function (this: Tensor) {
  checkOne(this)
  return toNumber(dataSync(this)[0] as number | bigint, 'item')
})
