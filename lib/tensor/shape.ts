/** Shapes, at run time and at type level. Place in the whole: shape rules that several operator families share. */
import { ShapeError, ValueError } from '../errors.js'

export type Shape = readonly number[]

export const MAX_RANK = 16

export function numelOf(shape: Shape): number {
  let n = 1
  for (let i = 0; i < shape.length; i++) n *= shape[i] as number
  return n
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** '(2, 3)' as messages print it. */
export const show = (shape: Shape): string => `(${shape.join(', ')})`

export function checkShape(op: string, shape: Shape): Shape {
  if (!Array.isArray(shape)) throw new ShapeError(`${op}: a shape is an array of sizes, got ${String(shape)}`)
  if (shape.length > MAX_RANK)
    throw new ShapeError(`${op}: ${shape.length} dimensions; at most ${MAX_RANK} are supported`)
  for (const d of shape) {
    if (!Number.isInteger(d) || d < 0)
      throw new ShapeError(`${op}: ${show(shape)} is no shape: sizes are integers of at least 0`)
  }
  if (numelOf(shape) > Number.MAX_SAFE_INTEGER)
    throw new ShapeError(`${op}: ${show(shape)} has more than 2^53 elements`)
  return shape
}

/** The common shape under broadcasting (NumPy's rule). */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a
  const rank = Math.max(a.length, b.length)
  const out = new Array<number>(rank)
  for (let i = 1; i <= rank; i++) {
    const x = a[a.length - i] ?? 1
    const y = b[b.length - i] ?? 1
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(`${op}: shapes ${show(a)} and ${show(b)} do not broadcast: ${x} and ${y} at dimension -${i}`)
    }
    out[rank - i] = x === 1 ? y : x
  }
  return out
}

/** A non-negative axis from one that may count from the end. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  // A number counts as a vector of one element.
  const a = axis < 0 ? axis + Math.max(rank, 1) : axis
  if (!Number.isInteger(axis) || a < 0 || a >= Math.max(rank, 1)) {
    throw new ShapeError(`${op}: axis ${axis} is out of range for ${rank} dimensions`)
  }
  return a
}

/** Bit mask of axes; all of them when none are given. */
export function axesMask(op: string, axes: number | readonly number[] | undefined, rank: number): number {
  if (axes === undefined) return 2 ** rank - 1
  let mask = 0
  for (const axis of typeof axes === 'number' ? [axes] : axes) {
    const bit = rank === 0 ? 0 : 1 << normalizeAxis(op, axis, rank)
    if (mask & bit) throw new ValueError(`${op}: axis ${axis} is named twice`)
    mask |= bit
  }
  return mask
}

export function reducedShape(shape: Shape, mask: number, keepDim: boolean): Shape {
  const out: number[] = []
  for (let i = 0; i < shape.length; i++) {
    if (!(mask & (1 << i))) out.push(shape[i] as number)
    else if (keepDim) out.push(1)
  }
  return out
}

export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length)
  let n = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = n
    n *= shape[i] as number
  }
  return strides
}

// ---- type level: literal shapes give literal results, `number` and plain arrays stay open

type Dim<A extends number, B extends number> = A extends 1 ? B : B extends 1 ? A : number extends A ? B : A

type Zip<A extends Shape, B extends Shape, R extends Shape = []> = A extends readonly [
  ...infer AI extends Shape,
  infer AL extends number,
]
  ? B extends readonly [...infer BI extends Shape, infer BL extends number]
    ? Zip<AI, BI, [Dim<AL, BL>, ...R]>
    : [...A, ...R]
  : [...B, ...R]

/** Shape of a pointwise result. */
export type Broadcast<A extends Shape, B extends Shape> = number extends A['length']
  ? Shape
  : number extends B['length']
    ? Shape
    : Zip<A, B>

/** A type error that reads as a sentence. */
export interface ShapeMismatch<Message extends string> {
  readonly shapeMismatch: Message
}

type Inner<K1 extends number, K2 extends number, R extends Shape> = number extends K1
  ? R
  : number extends K2
    ? R
    : K1 extends K2
      ? R
      : ShapeMismatch<`matmul: inner dimensions differ: ${K1} and ${K2}`>

/** Shape of a matrix product, or a ShapeMismatch. */
export type MatMul<A extends Shape, B extends Shape> = number extends A['length']
  ? Shape
  : number extends B['length']
    ? Shape
    : A extends readonly [...infer P extends Shape, infer M extends number, infer K1 extends number]
      ? B extends readonly [...infer Q extends Shape, infer K2 extends number, infer N extends number]
        ? Inner<K1, K2, [...Zip<P, Q>, M, N]>
        : B extends readonly [infer K2 extends number]
          ? Inner<K1, K2, [...P, M]>
          : Shape
      : A extends readonly [infer K1 extends number]
        ? B extends readonly [...infer Q extends Shape, infer K2 extends number, infer N extends number]
          ? Inner<K1, K2, [...Q, N]>
          : B extends readonly [infer K2 extends number]
            ? Inner<K1, K2, []>
            : Shape
        : Shape

/** `unknown` for a good shape, else the mismatch: intersected with an argument's type it makes the call an error. */
export type Fits<R> = R extends ShapeMismatch<string> ? R : unknown

/** Shape with its last two dimensions exchanged. */
export type Transposed<S extends Shape> = S extends readonly [
  ...infer P extends Shape,
  infer M extends number,
  infer N extends number,
]
  ? [...P, N, M]
  : Shape
