/** Shapes at run time. Place in the whole: shape rules that several operator families share; their types are in shape-types.ts. */
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

/** null when the strides are those of a contiguous tensor. */
export function compact(shape: Shape, strides: readonly number[]): readonly number[] | null {
  let n = 1
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== n) return numelOf(shape) <= 1 ? null : strides
    n *= shape[i] as number
  }
  return null
}

/** Whether two elements may share memory: no when each stride, in order, steps over everything the smaller ones reach. */
export function overlaps(shape: Shape, strides: readonly number[]): boolean {
  const axes = shape.map((size, i) => ({ size, stride: strides[i] as number })).filter(({ size }) => size > 1)
  axes.sort((a, b) => a.stride - b.stride)
  let reach = 1
  for (const { size, stride } of axes) {
    if (stride < reach) return true
    reach += (size - 1) * stride
  }
  return false
}
