/** An index for every element along an axis: gather and the scatter functions. An index out of range poisons the result. */
import { needsGrad, record, save } from '../autograd/node.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, isComplex } from '../tensor/dtype.js'
import { broadcastShapes, normalizeAxis, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { viewAsComplex, viewAsReal } from './complex.js'
import { contiguous } from './convert.js'
import { isTensor, make, makeMany, method, sameDType } from './emit.js'
import { asIndices, constantOf, lift, MODE, type Mode, positions, zerosOf } from './indices.js'
import { combineRule, type Reach, savedFor } from './scatter-gradients.js'
import { expand, narrow, reshape, unsqueeze } from './views.js'

function checkGather(op: string, x: Tensor, axis: number, indices: Tensor): number {
  const a = normalizeAxis(op, axis, x.rank)
  if (indices.numel === 0) return a
  const [from, chosen] = [x.shape, indices.shape]
  const fits = chosen.length === from.length && chosen.every((d, i) => i === a || d <= (from[i] as number))
  if (!fits) throw new ShapeError(`${op}: indices ${show(chosen)} do not fit ${show(from)} beside axis ${axis}`)
  return a
}

/**
 * y[i][j] = x[indices[i][j]][j] for axis 0, and so on: a value for each index. Rank 0 counts as a vector of one element.
 * Definition: torch.gather.
 *
 * @param indices i64 or i32, of x's rank, no larger than x beside the axis; negative ones are out of range
 */
export function gather<D extends DType>(x: Tensor<D>, axis: number, indices: Tensor): Tensor<D> {
  const at = asIndices('gather', indices)
  if (x.rank === 0 || (at.rank === 0 && x.rank === 1))
    return reshape(gather(lift(x), axis, lift(at)), at.shape) as Tensor<D>
  const a = checkGather('gather', x, axis, at)
  const y = make('gather', OP.gather, x.dtype, at.shape, x, at, [a], at.numel)
  if (needsGrad(x)) {
    const from = x.shape
    record('gather', y, [x], [save(at)], (g, [i]) => [scatterAdd(zerosOf(g, from), a, i as Tensor, g)])
  }
  return y
}

/**
 * Values at `indices` along an axis, x and indices broadcast beside it; without an axis, of both flattened. Negative indices count
 * from the end. Definition: torch.take_along_dim.
 */
export function takeAlongDim<D extends DType>(x: Tensor<D>, indices: Tensor, axis?: number): Tensor<D> {
  if (axis === undefined) return takeAlongDim(reshape(x, [x.numel]), reshape(indices, [indices.numel]), 0)
  if (x.rank !== indices.rank)
    throw new ShapeError(`takeAlongDim: ${show(x.shape)} and indices ${show(indices.shape)} differ in rank`)
  const a = normalizeAxis('takeAlongDim', axis, x.rank)
  const beside = (t: Tensor): number[] => t.shape.map((d, i) => (i === a ? 1 : d))
  const common = broadcastShapes('takeAlongDim', beside(x), beside(indices))
  const along = common.map((d, i) => (i === a ? -1 : d))
  const at = positions('takeAlongDim', [indices], [x.shape[a] as number])
  const spread = expand(reshape(at, indices.shape), along)
  return gather(expand(x, along), a, spread)
}

/** src[0 .. sizes] : scatter functions read as much of src as there are indices. */
function corner(op: string, src: Tensor, at: Tensor): Tensor {
  const [have, need] = [src.shape, at.shape]
  if (sameShape(have, need)) return src
  if (have.length !== need.length || have.some((d, i) => d < (need[i] as number)))
    throw new ShapeError(`${op}: src is ${show(have)}, indices ${show(need)}`)
  return need.reduce<Tensor>((t, n, axis) => (n === t.shape[axis] ? t : narrow(t, axis, 0, n)), src)
}

const reach = (axis: number): Reach => ({
  combine: (x, at, src, mode, self) => combine('scatterReduce', x, axis, at, src, mode, self),
  pick: (x, at) => gather(x, axis, at),
  clear: (x, at) => scatter(x, axis, at, 0),
})

function combine<D extends DType>(
  name: string,
  x: Tensor<D>,
  axis: number,
  indices: Tensor,
  src: Tensor | number,
  mode: Mode,
  self: boolean,
): Tensor<D> {
  const at = lift(asIndices(name, indices))
  if (x.rank === 0) {
    const source = isTensor(src) ? lift(src) : src
    return reshape(combine(name, lift(x), axis, at, source, mode, self), []) as Tensor<D>
  }
  if (isTensor(src)) sameDType(name, x, src)
  const a = checkGather(name, x, axis, at)
  if (mode === 'sum' && isComplex(x.dtype)) {
    const both = expand(unsqueeze(at, -1), [...at.shape, 2])
    const parts = viewAsReal(contiguous(corner(name, lift(src as Tensor), at)))
    return viewAsComplex(combine(name, viewAsReal(x), a, both, parts, mode, self)) as Tensor<D>
  }
  const source = isTensor(src) ? corner(name, lift(src), at) : null
  const plain = mode === 'sum' && self
  const [y] = makeMany(
    name,
    plain ? OP.scatterAdd : OP.scatterReduce,
    [{ dtype: x.dtype, shape: x.shape }],
    [x, at, source ?? constantOf(x, src as number)],
    plain ? [a] : [a, MODE[mode], self ? 1 : 0],
    x.numel * 0.3 + at.numel,
  )
  const result = y as Tensor<D>
  if (needsGrad(x, source)) {
    const wanted = { x: x.requiresGrad, src: source?.requiresGrad ?? false }
    const saved = savedFor(mode, at, x, source ?? at, result).map(save)
    record(name, result, [x, source], saved, combineRule(reach(a), mode, self, wanted))
  }
  return result
}

/**
 * x with the elements at the indices along an axis replaced by src: y[indices[i][j]][j] = src[i][j] for axis 0, and so on. Of
 * equal indices the last one stays, but the gradient goes to all of them, as in PyTorch. Any dtype.
 *
 * @param indices i64 or i32, of x's rank, no larger than x beside the axis
 * @param src a number, or a tensor of x's dtype at least as large as indices
 */
export function scatter<D extends DType>(x: Tensor<D>, axis: number, indices: Tensor, src: Tensor | number): Tensor<D> {
  return combine('scatter', x, axis, indices, src, 'replace', true)
}

/** x with src added at the indices along an axis (the reverse of gather); repeated indices add up, in a fixed order. */
export function scatterAdd<D extends DType>(x: Tensor<D>, axis: number, indices: Tensor, src: Tensor): Tensor<D> {
  return combine('scatterAdd', x, axis, indices, src, 'sum', true)
}

export interface ScatterReduceOptions {
  /** Whether the elements of x take part where they are indexed. Default true. */
  includeSelf?: boolean
}

/** Which of `sum`, `prod`, `mean`, `amax` and `amin` combines the elements of one index. */
export type ScatterReduction = Exclude<Mode, 'replace'>

export function checkReduction(op: string, reduce: string, allowed: readonly ScatterReduction[]): void {
  if (!allowed.includes(reduce as ScatterReduction))
    throw new ValueError(`${op}: reduce is '${reduce}', expected one of ${allowed.join(', ')}`)
}

/**
 * x with src combined into the elements at the indices along an axis; elements that no index names stay. Means of integers
 * round down. Any dtype but bool and complex. Definition: torch.scatter_reduce.
 */
export function scatterReduce<D extends DType>(
  x: Tensor<D>,
  axis: number,
  indices: Tensor,
  src: Tensor,
  reduce: ScatterReduction,
  options: ScatterReduceOptions = {},
): Tensor<D> {
  checkReduction('scatterReduce', reduce, ['sum', 'prod', 'mean', 'amax', 'amin'])
  checkNumbers('scatterReduce', x)
  return combine('scatterReduce', x, axis, indices, src, reduce, options.includeSelf ?? true)
}

export function checkNumbers(op: string, x: Tensor): void {
  if (x.dtype === 'bool' || x.dtype === 'c64' || x.dtype === 'c128')
    throw new DTypeError(`${op}: a ${x.dtype} tensor; elements are combined in integer and floating-point dtypes only`)
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    gather<E extends DType>(this: Tensor<E>, axis: number, indices: Tensor): Tensor<E>
    takeAlongDim<E extends DType>(this: Tensor<E>, indices: Tensor, axis?: number): Tensor<E>
    scatter<E extends DType>(this: Tensor<E>, axis: number, indices: Tensor, src: Tensor | number): Tensor<E>
    scatterAdd<E extends DType>(this: Tensor<E>, axis: number, indices: Tensor, src: Tensor): Tensor<E>
    scatterReduce<E extends DType>(
      this: Tensor<E>,
      axis: number,
      indices: Tensor,
      src: Tensor,
      reduce: ScatterReduction,
      options?: ScatterReduceOptions,
    ): Tensor<E>
  }
}
method('gather', function (this: Tensor, axis: number, indices: Tensor) {
  return gather(this, axis, indices)
})
method('takeAlongDim', function (this: Tensor, indices: Tensor, axis?: number) {
  return takeAlongDim(this, indices, axis)
})
method('scatter', function (this: Tensor, axis: number, indices: Tensor, src: Tensor | number) {
  return scatter(this, axis, indices, src)
})
method('scatterAdd', function (this: Tensor, axis: number, indices: Tensor, src: Tensor) {
  return scatterAdd(this, axis, indices, src)
})
method(
  'scatterReduce',
  function (
    this: Tensor,
    axis: number,
    indices: Tensor,
    src: Tensor,
    reduce: ScatterReduction,
    options?: ScatterReduceOptions,
  ) {
    return scatterReduce(this, axis, indices, src, reduce, options)
  },
)
