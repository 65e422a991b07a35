/** New tensors from values. */

import { defaultDevice } from '../engine/device.js'
import { adopt } from '../engine/lifetime.js'
import { streamOf } from '../engine/stream.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { filled } from '../filled.js'
import { OP } from '../generated/ops.js'
import { loadNative } from '../native/load.js'
import {
  CODE,
  type ComplexNumber,
  checkDType,
  type DType,
  dtypeOfArray,
  isComplex,
  isComplexNumber,
  type TypedArray,
} from '../tensor/dtype.js'
import { checkShape, numelOf, type Shape, show } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { cast } from './convert.js'
import { make0 } from './emit.js'
import type { NestedArray } from './read.js'

export interface TensorOptions<D extends DType = DType> {
  dtype?: D
  /** Default: `defaultDevice()`, that is 'cpu' unless `setDefaultDevice` says otherwise. */
  device?: string
  requiresGrad?: boolean
}

export function finish<D extends DType, S extends Shape>(
  t: Tensor<D, S>,
  options: TensorOptions | undefined,
): Tensor<D, S> {
  return options?.requiresGrad ? t.requiresGrad_() : t
}

/** A value as attributes of `fill`; a complex one only for complex tensors. */
export function wordsOf(name: string, value: number | boolean | ComplexNumber, dtype: DType): number[] {
  if (typeof value === 'number' || typeof value === 'boolean') return [Number(value)]
  if (!isComplexNumber(value)) throw new ValueError(`${name}: the value is a ${typeof value}, not a number`)
  if (!isComplex(dtype))
    throw new DTypeError(`${name}: the complex number ${value.re} + ${value.im}i for a ${dtype} tensor`)
  return [value.re, value.im]
}

/** A constant; {re, im} gives c64 unless `dtype` says otherwise. */
export function full<const S extends Shape, D extends DType = 'f32'>(
  shape: S,
  value: number | boolean | ComplexNumber,
  options?: TensorOptions<D>,
): Tensor<D, S> {
  const dtype = checkDType(options?.dtype ?? (isComplexNumber(value) ? 'c64' : 'f32')) as D
  const words = wordsOf('full', value, dtype)
  const own = checkShape('full', shape).slice() as unknown as S
  return finish(make0(OP.fill, options?.device ?? defaultDevice(), dtype, own, words), options)
}

export function zeros<const S extends Shape, D extends DType = 'f32'>(
  shape: S,
  options?: TensorOptions<D>,
): Tensor<D, S> {
  return full(shape, 0, options)
}

export function ones<const S extends Shape, D extends DType = 'f32'>(
  shape: S,
  options?: TensorOptions<D>,
): Tensor<D, S> {
  return full(shape, 1, options)
}

/** Memory as it comes: whatever the elements hold, somebody must write them. */
export function empty<const S extends Shape, D extends DType = 'f32'>(
  shape: S,
  options?: TensorOptions<D>,
): Tensor<D, S> {
  const dtype = checkDType(options?.dtype ?? 'f32') as D
  const own = checkShape('empty', shape).slice() as unknown as S
  return finish(make0(OP.empty, options?.device ?? defaultDevice(), dtype, own, []), options)
}

/** The options of a tensor that takes after `x`. */
export function like<D extends DType>(x: Tensor, options: TensorOptions<D> | undefined): TensorOptions<D> {
  return { dtype: x.dtype as D, device: x.device, ...options }
}

/** Zeros with the dtype, shape and device of `x`, where the options do not say otherwise. */
export function zerosLike<D extends DType, S extends Shape>(x: Tensor<D, S>, options?: TensorOptions<D>): Tensor<D, S> {
  return full(x.shape, 0, like(x, options))
}

/** Ones with the dtype, shape and device of `x`, where the options do not say otherwise. */
export function onesLike<D extends DType, S extends Shape>(x: Tensor<D, S>, options?: TensorOptions<D>): Tensor<D, S> {
  return full(x.shape, 1, like(x, options))
}

/** A constant with the dtype, shape and device of `x`, where the options do not say otherwise. */
export function fullLike<D extends DType, S extends Shape>(
  x: Tensor<D, S>,
  value: number | boolean,
  options?: TensorOptions<D>,
): Tensor<D, S> {
  return full(x.shape, value, like(x, options))
}

/** Uninitialised memory with the dtype, shape and device of `x`, where the options do not say otherwise. */
export function emptyLike<D extends DType, S extends Shape>(x: Tensor<D, S>, options?: TensorOptions<D>): Tensor<D, S> {
  return empty(x.shape, like(x, options))
}

/** A tensor without dimensions. */
export function scalarTensor<D extends DType = 'f32'>(
  value: number | boolean,
  options?: TensorOptions<D>,
): Tensor<D, readonly []> {
  return full([], value, options)
}

/** start, start + step, ... before end. One argument: from 0 to it. i64 when all arguments are integers, else f32. */
export function arange<D extends DType = DType>(
  start: number,
  end?: number,
  step = 1,
  options?: TensorOptions<D>,
): Tensor<D> {
  const [from, to] = end === undefined ? [0, start] : [start, end]
  if (![from, to, step].every(Number.isFinite) || step === 0) {
    throw new ValueError(`arange: from ${from} to ${to} in steps of ${step} is no finite range`)
  }
  if (to !== from && to > from !== step > 0)
    throw new ValueError(`arange: steps of ${step} do not lead from ${from} to ${to}`)
  const dtype = (options?.dtype ?? ([from, to, step].every(Number.isInteger) ? 'i64' : 'f32')) as D
  const n = Math.max(0, Math.ceil((to - from) / step))
  return finish(
    make0(OP.arange, options?.device ?? defaultDevice(), checkDType(dtype) as D, [n] as Shape, [from, step]),
    options,
  )
}

/** Ones on the main diagonal of an n x m matrix (m = n by default). */
export function eye<D extends DType = 'f32'>(n: number, m: number = n, options?: TensorOptions<D>): Tensor<D> {
  const dtype = checkDType(options?.dtype ?? 'f32') as D
  return finish(make0(OP.eye, options?.device ?? defaultDevice(), dtype, checkShape('eye', [n, m]), []), options)
}

/**
 * A tensor from numbers. Typed arrays are copied at the call and keep their dtype (Float32Array f32, BigInt64Array i64, ...)
 * unless `dtype` says otherwise (Int16Array gives i32, Uint32Array i64, which hold all their values); numbers and nested arrays
 * become f32, booleans bool, bigints i64. `shape` arranges flat data. Complex tensors take typed arrays of interleaved pairs, or
 * nested arrays of {re, im} or of real numbers; a Uint16Array gives the bits of bf16 or f16.
 */
export function tensor<D extends DType = DType, const S extends Shape = Shape>(
  data: TypedArray | Int16Array | Uint32Array | NestedArray | bigint | readonly (NestedArray | bigint)[],
  options?: TensorOptions<D> & { shape?: S },
): Tensor<D, S> {
  const [array, natural, found] = ArrayBuffer.isView(data)
    ? [widened(data), undefined, undefined]
    : flatten(data, options?.dtype)
  const dtype = options?.dtype === undefined ? undefined : checkDType(options.dtype)
  const bits = array instanceof Uint16Array
  if (bits && dtype !== 'bf16' && dtype !== 'f16')
    throw new DTypeError("tensor: a Uint16Array holds the bits of dtype 'bf16' or 'f16'; name one")
  let source: DType = natural ?? (bits ? (dtype as DType) : dtypeOfArray(array))
  let n = array.length
  if (isComplex(source)) n /= 2
  else if (dtype !== undefined && isComplex(dtype) && found === undefined && (source === 'f32' || source === 'f64')) {
    source = source === 'f32' ? 'c64' : 'c128'
    n /= 2
  }
  const shape = (options?.shape ?? found ?? [n]) as Shape
  checkShape('tensor', shape)
  if (numelOf(shape) !== n) throw new ShapeError(`tensor: ${n} elements do not fill shape ${show(shape)}`)
  const stream = streamOf(options?.device ?? defaultDevice())
  const t = new Tensor(stream, stream.newId(), source, shape.slice(), null)
  stream.emitBind(t._id, loadNative().upload(array), CODE[source], 0, t.shape)
  adopt(t)
  if (dtype === undefined || dtype === source) return finish(t, options) as unknown as Tensor<D, S>
  const converted = cast(t, dtype)
  t.dispose()
  return finish(converted, options) as unknown as Tensor<D, S>
}

/** Kinds of array without a dtype of their own in the next wider one. */
function widened(data: ArrayBufferView): TypedArray {
  if (data instanceof Int16Array) return Int32Array.from(data)
  if (data instanceof Uint32Array) return filled(new BigInt64Array(data.length), (i) => BigInt(data[i] as number))
  return data as TypedArray
}

// Numbers to a typed array, with the dtype they suggest and the nesting's shape. For another dtype than f32 numbers go
// through f64, which keeps integers up to 2^53 exact.
function flatten(data: unknown, wanted: DType | undefined): [TypedArray, DType, number[]] {
  const shape: number[] = []
  for (let level = data; Array.isArray(level); level = level[0]) shape.push(level.length)
  const flat: (number | boolean | bigint)[] = []
  const pairs: ComplexNumber[] = []
  const walk = (x: unknown, d: number): void => {
    if (Array.isArray(x)) {
      if (d >= shape.length || x.length !== shape[d]) {
        throw new ShapeError(
          `tensor: nested arrays are ragged: length ${x.length} at depth ${d}, where ${shape[d] ?? 'a number'} is expected`,
        )
      }
      // Nearly all of large arrays are numbers: without a call for each.
      const last = d + 1 === shape.length
      for (const y of x) {
        if (last && typeof y === 'number') flat.push(y)
        else walk(y, d + 1)
      }
    } else if (d !== shape.length) {
      throw new ShapeError(
        `tensor: nested arrays are ragged: a ${typeof x} at depth ${d}, where an array of ${shape[d]} is expected`,
      )
    } else if (typeof x === 'number' || typeof x === 'boolean' || typeof x === 'bigint') flat.push(x)
    else if (isComplexNumber(x)) pairs.push(x)
    else throw new DTypeError(`tensor: ${x === null ? 'null' : typeof x} is not a number`)
  }
  walk(data, 0)
  if (pairs.length > 0) {
    if (flat.length > 0) throw new DTypeError('tensor: complex numbers {re, im} and other values in one array')
    const values = pairs.flatMap(({ re, im }) => [re, im])
    return wanted === 'c128' ? [Float64Array.from(values), 'c128', shape] : [Float32Array.from(values), 'c64', shape]
  }
  const at = (i: number): number => Number(flat[i])
  if (flat.length > 0 && flat.every((x) => typeof x === 'boolean'))
    return [filled(new Uint8Array(flat.length), at), 'bool', shape]
  if (flat.some((x) => typeof x === 'bigint')) {
    return [filled(new BigInt64Array(flat.length), (i) => BigInt(flat[i] as number | bigint)), 'i64', shape]
  }
  if (wanted === undefined || wanted === 'f32') return [filled(new Float32Array(flat.length), at), 'f32', shape]
  return [filled(new Float64Array(flat.length), at), 'f64', shape]
}
