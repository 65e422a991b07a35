/**
 * From checked arguments to a command and a tensor. Place in the whole: the one way in which operators make results.
 */
import { anomaly } from '../autograd/anomaly.js'
import { gradMode } from '../autograd/mode.js'
import { adopt } from '../engine/lifetime.js'
import { profiling } from '../engine/profiling.js'
import { type Stream, streamOf } from '../engine/stream.js'
import { DeviceError, DTypeError, ShapeError } from '../errors.js'
import { batching } from '../tensor/batched.js'
import { BYTES, CODE, type DType, isComplex } from '../tensor/dtype.js'
import { MAX_RANK, numelOf, type Shape, show } from '../tensor/shape.js'
import { epochOf, Tensor, type ViewOf } from '../tensor/tensor.js'

export const NO_ATTRIBUTES: readonly number[] = []

/** Adds a method to Tensor.prototype; each family declares its types by interface merging. */
export function method(name: string, fn: (this: Tensor, ...args: never[]) => unknown): void {
  Object.defineProperty(Tensor.prototype, name, { value: fn, writable: true, configurable: true })
}

export const isTensor = (x: unknown): x is Tensor => x instanceof Tensor

export function sameDevice(op: string, a: Tensor, b: Tensor): void {
  if (a._stream !== b._stream) {
    throw new DeviceError(`${op}: tensors on ${a.device} and ${b.device}; move one with .to('${a.device}')`)
  }
}

export function sameDType(op: string, a: Tensor, b: Tensor): void {
  if (a.dtype !== b.dtype)
    throw new DTypeError(`${op}: dtypes differ: ${a.dtype} and ${b.dtype}; convert one with .to('${a.dtype}')`)
}

/** Pointwise operators whose kernels compute with complex numbers. */
const COMPLEX: ReadonlySet<string> = new Set(
  (
    'add sub mul div pow eq ne neg square reciprocal sqrt rsqrt exp2 expm1 log1p log2 log10 sigmoid ' +
    'sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh'
  ).split(' '),
)

export function refuseComplex(name: string, x: Tensor): void {
  if (isComplex(x.dtype) && !COMPLEX.has(name))
    throw new DTypeError(
      `${name}: a ${x.dtype} tensor, and ${name} takes real numbers only; take real(), imag() or abs() of it, or viewAsReal()`,
    )
}

/** For functions of numbers that keep integers: truth values are none, as in PyTorch. */
export function numeric(name: string, d: DType): DType {
  if (d === 'bool') throw new DTypeError(`${name}: a bool tensor; convert it with .to('i32') first`)
  return d
}

/** Native code holds at most MAX_RANK dimensions. */
function checkRank(name: string, shape: Shape): void {
  if (shape.length > MAX_RANK)
    throw new ShapeError(`${name}: the result would have ${shape.length} dimensions; at most ${MAX_RANK} are supported`)
}

/** One result from nothing but attributes. */
export function make0<D extends DType, S extends Shape>(
  op: number,
  device: string,
  dtype: D,
  shape: S,
  attributes: readonly number[],
  nsPerElement = 0.15,
): Tensor<D, S> {
  checkRank('creation', shape)
  if (batching.hooks !== null) {
    const t = batching.hooks.make0(op, device, dtype, shape, attributes)
    if (t !== null) return t as Tensor<D, S>
  }
  const stream = streamOf(device)
  const id = stream.newId()
  const t = new Tensor(stream, id, dtype, shape, null)
  const n = numelOf(shape)
  stream.emit(op, id, CODE[dtype], shape, 0, 0, 0, attributes, n * nsPerElement, n * BYTES[dtype])
  adopt(t)
  return t
}

/** Who keeps results and gives them again instead of having them computed: a selective checkpoint (lib/derivatives/kept-results.ts). */
export interface ResultKeeper {
  /** Results of the same call in the first run; undefined where it is to be computed. */
  again(name: string): Tensor[] | undefined
  made(name: string, results: readonly Tensor[]): void
}
export const keeping: { keeper: ResultKeeper | null } = { keeper: null }

/** One result from one or two operands. `ns` is the estimated run time. */
export function make<D extends DType, S extends Shape>(
  name: string,
  op: number,
  dtype: D,
  shape: S,
  a: Tensor,
  b: Tensor | null,
  attributes: readonly number[],
  ns: number,
): Tensor<D, S> {
  if (batching.hooks !== null) {
    const t = batching.hooks.make(name, op, dtype, shape, a, b, attributes, ns)
    if (t !== null) return t as Tensor<D, S>
  }
  const { keeper } = keeping
  const again = keeper?.again(name)
  if (again !== undefined) return again[0] as Tensor<D, S>
  const stream = a._stream
  const ia = a._use(name)
  const ib = b === null ? 0 : b._use(name)
  if (b !== null && b._stream !== stream) sameDevice(name, a, b)
  if (shape.length > MAX_RANK) checkRank(name, shape)
  const id = stream.newId()
  const t = new Tensor(stream, id, dtype, shape, null)
  if (profiling.session !== null) profiling.session.operator(stream, name)
  stream.emit(op, id, CODE[dtype], shape, ia, ib, b === null ? 1 : 2, attributes, ns, numelOf(shape) * BYTES[dtype])
  adopt(t)
  if (anomaly.enabled) anomaly.checkResult(name, t, [a, b])
  keeper?.made(name, [t])
  return t
}

export interface ResultSpec {
  dtype: DType
  shape: Shape
}

/** Any number of results and operands; null operands are absent. */
export function makeMany(
  name: string,
  op: number,
  results: readonly ResultSpec[],
  operands: readonly (Tensor | null | undefined)[],
  attributes: readonly number[],
  ns: number,
): Tensor[] {
  if (batching.hooks !== null) {
    const all = batching.hooks.makeMany(name, op, results, operands, attributes, ns)
    if (all !== null) return all
  }
  const { keeper } = keeping
  const again = keeper?.again(name)
  if (again !== undefined) return again
  const stream = streamFor(name, operands)
  const ids = idsOf(name, operands, stream)
  for (const { shape } of results) checkRank(name, shape)
  const tensors = results.map((r) => new Tensor(stream, stream.newId(), r.dtype, r.shape, null))
  let bytes = 0
  const outs = tensors.map((t) => {
    bytes += t.numel * BYTES[t.dtype]
    return { id: t._id, dtype: CODE[t.dtype], shape: t.shape }
  })
  if (profiling.session !== null) profiling.session.operator(stream, name)
  stream.emitMany(op, outs, ids, attributes, ns, bytes)
  for (const t of tensors) adopt(t)
  if (anomaly.enabled) for (const t of tensors) anomaly.checkResult(name, t, operands)
  keeper?.made(name, tensors)
  return tensors
}

/** A command that writes into some of its operands and has no result; `less`: see Stream.emitLess. */
export function mutate(
  name: string,
  op: number,
  operands: readonly (Tensor | null | undefined)[],
  written: readonly Tensor[],
  attributes: readonly number[],
  ns: number,
  less?: { readonly index: number; readonly by: Tensor },
): void {
  for (const t of written) if (!t.isContiguous) refuseRepeated(name, t)
  if (batching.hooks?.mutate(name, op, operands, written, attributes, ns)) return
  const stream = streamFor(name, operands)
  const ids = idsOf(name, operands, stream)
  if (profiling.session !== null) profiling.session.operator(stream, name)
  if (less !== undefined) {
    if (less.by._stream !== stream) sameDevice(name, operands[0] as Tensor, less.by)
    stream.emitLess(less.by._use(name), less.index)
  }
  stream.emitMany(op, [], ids, attributes, ns, 0)
  for (const t of written) t._touch()
}

/** Elements in one place have no value of their own to become; kernels write whole packs of them besides. */
function refuseRepeated(name: string, t: Tensor): void {
  if (t.numel > 0 && t.shape.some((size, i) => size > 1 && t.strides[i] === 0))
    throw new ShapeError(`${name}: elements of the expanded tensor ${show(t.shape)} share memory; write into a clone()`)
}

function streamFor(name: string, operands: readonly (Tensor | null | undefined)[]): Stream {
  for (const t of operands) if (t) return t._stream
  throw new DeviceError(`${name}: no operand`)
}

function idsOf(name: string, operands: readonly (Tensor | null | undefined)[], stream: Stream): number[] {
  const ids = new Array<number>(operands.length)
  for (let i = 0; i < operands.length; i++) {
    const t = operands[i]
    ids[i] = t ? t._use(name) : 0
    if (t && t._stream !== stream) sameDevice(name, operands.find((x) => x != null) as Tensor, t)
  }
  return ids
}

/** A view of `t`'s storage; offset in elements from t's first. Not recorded: the caller records its gradient. */
export function viewOf<D extends DType, S extends Shape>(
  name: string,
  t: Tensor<D>,
  shape: S,
  strides: readonly number[] | null,
  offset = 0,
): Tensor<D, S> {
  return viewAs(name, t, t.dtype, shape, strides, offset)
}

/** `viewOf` that reads the bytes as another dtype; strides and offset in its elements. */
export function viewAs<D extends DType, S extends Shape>(
  name: string,
  t: Tensor,
  dtype: D,
  shape: S,
  strides: readonly number[] | null,
  offset = 0,
): Tensor<D, S> {
  const view =
    batching.hooks?.view(name, t, dtype, shape, strides, offset) ?? plainView(name, t, dtype, shape, strides, offset)
  // What is made inside noGrad is no part of the graph, and does not keep alive what it is a view of.
  if (gradMode.enabled) view._view = partOf(t, dtype, offset)
  return view as Tensor<D, S>
}

function partOf(t: Tensor, dtype: DType, offset: number): ViewOf {
  const from = t._view
  if (from === null) return { of: t, offset: dtype === t.dtype ? offset : null, epoch: 0 }
  const follows = from.offset !== null && dtype === t.dtype
  return { of: from.of, offset: follows ? (from.offset as number) + offset : null, epoch: epochOf(from.of) }
}

function plainView(
  name: string,
  t: Tensor,
  dtype: DType,
  shape: Shape,
  strides: readonly number[] | null,
  offset: number,
): Tensor {
  const stream = t._stream
  const source = t._use(name)
  checkRank(name, shape)
  const id = stream.newId()
  const view = new Tensor(stream, id, dtype, shape, strides)
  view._base = t._base !== 0 ? t._base : source
  stream.retain(view._base)
  stream.emitView(id, source, CODE[dtype], offset, shape, strides ?? view.strides)
  adopt(view)
  return view
}

/** A fresh tensor that is about to be written into from `source`; inside vmap a copy for every sample where source is a batch. */
export function writable<T extends Tensor>(t: T, source: Tensor): T {
  return batching.hooks === null ? t : (batching.hooks.beside(t, source) as T)
}
