/**
 * Index tensors and masks along the axes of a tensor: reading and replacing what they pick. Place in the whole: the part of `at`
 * and its kin that is no view. Everything becomes positions along one axis; indexing.ts does the rest, gradients included.
 */
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { broadcastShapes, numelOf, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Pick } from './at-plan.js'
import { add, type Operand } from './binary.js'
import { isTensor, mutate } from './emit.js'
import { indexAdd, indexCopy, indexFill, indexSelect } from './indexing.js'
import { constantOf, positions } from './indices.js'
import { coordinates } from './nonzero.js'
import { maskedFill, where } from './select.js'
import { expand, permute, reshape } from './views.js'

// ---- index tensors, all along one axis of what they pick from

interface Picked {
  /** The tensor with the indexed axes as one. */
  x: Tensor
  axis: number
  /** Positions along it, and the shape they stand for. */
  at: Tensor
  shape: Shape
  /** What leads back from a tensor of x's shape, and the shape in between. */
  back: readonly number[] | null
  before: Shape
}

/**
 * Masks as vectors of positions along one axis, instead of the several that they cover: `counts` says how many each selects,
 * `exact` that this is to be checked.
 */
function withoutMasks(x: Tensor, picks: readonly Pick[], counts: readonly number[], exact: boolean): [Tensor, Pick[]] {
  const shape = x.shape.slice()
  const out = picks.map((p) => ({ ...p }))
  let k = 0
  for (const [i, p] of out.entries()) {
    const n = numelOf(shape.slice(p.axis, p.axis + p.width))
    if (p.mask) {
      const size = counts[k++] as number
      p.index = reshape(coordinates(reshape(p.index, [n]), size, 0, exact), [size])
      p.mask = false
    }
    shape.splice(p.axis, p.width, n)
    for (const later of out.slice(i + 1)) later.axis -= p.width - 1
    p.width = 1
  }
  return [sameShape(shape, x.shape) ? x : reshape(x, shape), out]
}

function gathered(op: string, given: Tensor, picks: readonly Pick[]): Picked {
  const axes = picks.map((p) => p.axis)
  const first = axes[0] as number
  const adjacent = axes.every((a, i) => a === first + i)
  // Apart from each other, their axes go to the front (NumPy's rule).
  const order = adjacent ? null : [...axes, ...given.shape.map((_, i) => i).filter((i) => !axes.includes(i))]
  const x = order ? permute(given, order) : given
  const axis = adjacent ? first : 0
  const sizes = x.shape.slice(axis, axis + axes.length)
  const tensors = picks.map((p) => p.index)
  const one = [...x.shape.slice(0, axis), numelOf(sizes), ...x.shape.slice(axis + axes.length)]
  return {
    x: axes.length === 1 ? x : reshape(x, one),
    axis,
    at: positions(op, tensors, sizes),
    shape: tensors.reduce<Shape>((s, t) => broadcastShapes(op, s, t.shape), []),
    back: order ? order.map((_, i) => order.indexOf(i)) : null,
    before: x.shape,
  }
}

/** The shape with what the indexed axis becomes. */
const around = ({ x, axis }: Picked, shape: Shape): number[] => [
  ...x.shape.slice(0, axis),
  ...shape,
  ...x.shape.slice(axis + 1),
]

/** The picked elements; `counts` says how many each mask selects. */
export function read(op: string, given: Tensor, all: readonly Pick[], counts: readonly number[]): Tensor {
  const [x, picks] = withoutMasks(given, all, counts, false)
  const scalar = picks.findIndex((p) => p.index.rank === 0)
  if (scalar >= 0) {
    // As an integer would, it removes its axis and moves no other.
    const { axis, index } = picks[scalar] as Pick
    const chosen = indexSelect(x, axis, positions(op, [index], [x.shape[axis] as number]))
    return read(op, squeezed(chosen, axis), others(picks, scalar), [])
  }
  if (picks.length === 0) return x
  const p = gathered(op, x, picks)
  return reshape(indexSelect(p.x, p.axis, p.at), around(p, p.shape))
}

const squeezed = (x: Tensor, axis: number): Tensor =>
  reshape(
    x,
    x.shape.filter((_, i) => i !== axis),
  )

/** The other picks, of a tensor without that one's axis. */
function others(picks: readonly Pick[], without: number): Pick[] {
  const { axis } = picks[without] as Pick
  return picks.filter((_, i) => i !== without).map((p) => ({ ...p, axis: p.axis > axis ? p.axis - 1 : p.axis }))
}

// ---- assignment

/** The value in a shape that it broadcasts to; leading axes of size 1 too many do no harm. */
export function spreadTo(op: string, value: Tensor, shape: Shape): Tensor {
  let given = value.shape
  while (given.length > shape.length && given[0] === 1) given = given.slice(1)
  const offset = shape.length - given.length
  if (offset < 0 || given.some((d, i) => d !== 1 && d !== shape[i + offset]))
    throw new ShapeError(`${op}: the value is ${show(value.shape)}, which does not broadcast to ${show(shape)}`)
  const v = sameShape(given, value.shape) ? value : reshape(value, given)
  return sameShape(given, shape) ? v : expand(v, shape)
}

/** x with the picked elements replaced by (or increased by) the value. */
export function put(op: string, x: Tensor, picks: readonly Pick[], value: Operand, accumulate: boolean): Tensor {
  if (picks.length === 0) {
    const v = isTensor(value) ? spreadTo(op, value, x.shape) : constantOf(x, value, x.shape)
    return accumulate ? add(x, v) : v
  }
  if (picks.some((p) => p.mask)) return putUnderMask(op, x, picks, value, accumulate)
  if (picks.some((p) => p.width > 1)) {
    const [merged, single] = withoutMasks(x, picks, [], true)
    return reshape(put(op, merged, single, value, accumulate), x.shape)
  }
  const scalar = picks.findIndex((p) => p.index.rank === 0)
  if (scalar >= 0) {
    const { axis, index } = picks[scalar] as Pick
    const at = positions(op, [index], [x.shape[axis] as number])
    const chosen = indexSelect(x, axis, at)
    const changed = put(op, squeezed(chosen, axis), others(picks, scalar), value, accumulate)
    return indexCopy(x, axis, at, reshape(changed, chosen.shape))
  }
  const p = gathered(op, x, picks)
  const changed = changedSlices(op, p, value, accumulate)
  const y = reshape(changed, p.before)
  return p.back ? permute(y, p.back) : y
}

function changedSlices(op: string, p: Picked, value: Operand, accumulate: boolean): Tensor {
  if (!isTensor(value) && !accumulate) return indexFill(p.x, p.axis, p.at, value)
  const target = around(p, p.shape)
  const v = reshape(
    isTensor(value) ? spreadTo(op, value, target) : constantOf(p.x, value, target),
    around(p, [p.at.numel]),
  )
  return accumulate ? indexAdd(p.x, p.axis, p.at, v) : indexCopy(p.x, p.axis, p.at, v)
}

/** One value for all that a mask selects goes where it holds; one for each says how many there are. Neither waits. */
function putUnderMask(op: string, x: Tensor, picks: readonly Pick[], value: Operand, accumulate: boolean): Tensor {
  const { axis, width, index } = picks[0] as Pick
  if (picks.length > 1)
    throw new ValueError(`${op}: a mask beside other index tensors; give its coordinates (nonzero) instead`)
  const inner = x.rank - axis - width
  const ones = (n: number): number[] => new Array<number>(n).fill(1)
  const mask = reshape(index, [...index.shape, ...ones(inner)])
  if (!isTensor(value) && !accumulate) return maskedFill(x, mask, value)
  const v = isTensor(value) ? value : constantOf(x, value)
  const k = v.shape[v.rank - inner - 1]
  if (k !== undefined && k !== 1) {
    const [flat, plain] = withoutMasks(x, picks, [k], true)
    return reshape(put(op, flat, plain, v, accumulate), x.shape)
  }
  const spread =
    k === undefined ? v.shape : [...v.shape.slice(0, -inner - 1), ...ones(width), ...v.shape.slice(v.rank - inner)]
  const source = spreadTo(op, reshape(v, spread), x.shape)
  return where(mask, accumulate ? add(x, source) : source, x)
}

/** Writes slices into a contiguous tensor; false where the indices are not alike enough for that. */
export function writeSlices(x: Tensor, picks: readonly Pick[], value: Operand): boolean {
  const first = picks[0] as Pick
  if (picks.some((p, i) => p.mask || p.width > 1 || p.index.rank === 0 || p.axis !== first.axis + i)) return false
  const p = gathered('setAt_', x, picks)
  const v = isTensor(value)
    ? reshape(spreadTo('setAt_', value, around(p, p.shape)), around(p, [p.at.numel]))
    : constantOf(x, value)
  mutate('setAt_', OP.indexCopyInto, [p.x, p.at, v], [x], [p.axis], v.numel * 0.5)
  return true
}
