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

async function data(t: Tensor): Promise<TypedArray> {
  const [array, dtype] = arrayFor(t.dtype, t.numel)
  await t._stream.read(t._use('data'), CODE[dtype], array)
  return array
}

function dataSync(t: Tensor): TypedArray {
  const [array, dtype] = arrayFor(t.dtype, t.numel)
  t._stream.readSync(t._use('dataSync'), CODE[dtype], array)
  return array
}

async function rawData(t: Tensor): Promise<TypedArray> {
  const array = rawArray(t.dtype, t.numel)
  await t._stream.read(t._use('rawData'), CODE[t.dtype], array)
  return array
}

function rawDataSync(t: Tensor): TypedArray {
  const array = rawArray(t.dtype, t.numel)
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
     * dtypes as interleaved pairs. */
    data(): Promise<TypedArrayOf<D>>
    /** `data`, blocking the thread. */
    dataSync(): TypedArrayOf<D>
    /** The elements' bits: f16 and bf16 as Uint16Array, else as `data`. */
    rawData(): Promise<TypedArray>
    rawDataSync(): TypedArray
    /** Nested arrays of numbers (booleans for bool, {re, im} for complex dtypes). Throws for i64 values beyond 2^53. */
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
  return nest(this, await data(this))
})
method('toArraySync', function (this: Tensor) {
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
