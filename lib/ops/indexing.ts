/** An index for every slice along an axis, or into the flattened tensor. An index out of range poisons the result. */
import { needsGrad, record, save } from '../autograd/node.js'
import { ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, isComplex, isFloating } from '../tensor/dtype.js'
import { normalizeAxis, numelOf, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { mul } from './binary.js'
import { viewAsComplex, viewAsReal } from './complex.js'
import { cast } from './convert.js'
import { isTensor, make, makeMany, method, sameDType } from './emit.js'
import { checkNumbers, checkReduction, type ScatterReduceOptions, type ScatterReduction } from './gather.js'
import { asIndices, constantOf, lift, MODE, type Mode, positions, tidy, zerosOf } from './indices.js'
import { sum } from './reduce.js'
import { combineRule, type Reach, savedFor } from './scatter-gradients.js'
import { where } from './select.js'
import { reshape } from './views.js'

/** A vector of indices; one index may have rank 0. */
function checkVector(op: string, indices: Tensor): Tensor {
  const at = lift(asIndices(op, indices))
  if (at.rank !== 1) throw new ShapeError(`${op}: indices are ${show(at.shape)}, not a vector`)
  return at
}

/** The shape with `k` entries along an axis. */
const along = (shape: Shape, axis: number, k: number): number[] => shape.map((d, i) => (i === axis ? k : d))

/**
 * Slices of x at the indices (k) along an axis. Any dtype; rank 0 counts as a vector of one element. Definition:
 * torch.index_select.
 */
export function indexSelect<D extends DType>(x: Tensor<D>, axis: number, indices: Tensor): Tensor<D> {
  const at = checkVector('indexSelect', indices)
  const a = normalizeAxis('indexSelect', axis, x.rank)
  if (x.rank === 0) {
    if (at.numel !== 1)
      throw new ShapeError(`indexSelect: ${at.numel} indices into a tensor of rank 0, which takes one`)
    return reshape(indexSelect(lift(x), 0, at), []) as Tensor<D>
  }
  const shape = along(x.shape, a, at.numel)
  const y = make('indexSelect', OP.indexSelect, x.dtype, shape, x, at, [a], numelOf(shape) * 0.5)
  if (needsGrad(x)) {
    const from = x.shape
    record('indexSelect', y, [x], [save(at)], (g, [i]) => [indexAdd(zerosOf(g, from), a, i as Tensor, g)])
  }
  return y
}

const reach = (axis: number): Reach => ({
  combine: (x, at, src, mode, self) => combine('indexReduce', x, axis, at, src, mode, self, 1),
  pick: (x, at) => indexSelect(x, axis, at),
  clear: (x, at) => indexFill(x, axis, at, 0),
})

function combine<D extends DType>(
  name: string,
  x: Tensor<D>,
  axis: number,
  indices: Tensor,
  src: Tensor | number,
  mode: Mode,
  self: boolean,
  alpha: number,
): Tensor<D> {
  const at = checkVector(name, indices)
  const a = normalizeAxis(name, axis, x.rank)
  if (x.rank === 0) {
    const source = isTensor(src) ? reshape(src, [src.numel]) : src
    return reshape(combine(name, lift(x), 0, at, source, mode, self, alpha), []) as Tensor<D>
  }
  const source = isTensor(src) ? checkSource(name, x, a, at.numel, src) : null
  // Sums of bools are disjunctions, as in PyTorch.
  if (mode === 'sum' && x.dtype === 'bool')
    return tidy(() => {
      const terms = cast(source as Tensor, 'i32')
      return cast(combine(name, cast(x, 'i32'), a, at, terms, mode, self, alpha), 'bool') as Tensor<D>
    })
  if (mode === 'sum' && isComplex(x.dtype)) {
    const added = combine(name, viewAsReal(x), a, at, viewAsReal(source as Tensor), mode, self, alpha)
    return viewAsComplex(added) as Tensor<D>
  }
  const plain = mode === 'sum' && self
  const [y] = makeMany(
    name,
    plain ? OP.indexAdd : OP.indexReduce,
    [{ dtype: x.dtype, shape: x.shape }],
    [x, at, source ?? constantOf(x, src as number)],
    plain ? [a, alpha] : [a, MODE[mode], self ? 1 : 0],
    x.numel * 0.3 + (source?.numel ?? at.numel),
  )
  const result = y as Tensor<D>
  if (needsGrad(x, source)) {
    const wanted = { x: x.requiresGrad, src: source?.requiresGrad ?? false }
    const saved = savedFor(mode, at, x, source ?? at, result).map(save)
    const rule = combineRule(reach(a), mode, self, wanted)
    record(name, result, [x, source], saved, alpha === 1 ? rule : scaledRule(a, wanted.src, alpha))
  }
  return result
}

// Of indexAdd with another alpha than 1.
const scaledRule =
  (axis: number, wanted: boolean, alpha: number) =>
  (g: Tensor, [at]: readonly Tensor[]): (Tensor | null)[] => [
    g,
    wanted ? mul(indexSelect(g, axis, at as Tensor), alpha) : null,
  ]

function checkSource(op: string, x: Tensor, axis: number, k: number, src: Tensor): Tensor {
  sameDType(op, x, src)
  const expected = along(x.shape, axis, k)
  // As in PyTorch one slice of a vector may have rank 0.
  const given = src.rank === 0 && expected.length === 1 ? lift(src) : src
  if (!sameShape(given.shape, expected))
    throw new ShapeError(`${op}: src is ${show(src.shape)}, expected ${show(expected)}`)
  return given
}

/** x with alpha times the slices of src added at the indices along an axis; repeated indices add up, in a fixed order. Definition: torch.index_add. */
export function indexAdd<D extends DType>(
  x: Tensor<D>,
  axis: number,
  indices: Tensor,
  src: Tensor,
  options: { alpha?: number } = {},
): Tensor<D> {
  return combine('indexAdd', x, axis, indices, src, 'sum', true, options.alpha ?? 1)
}

/** x with the slices at the indices along an axis replaced by those of src; of equal indices the last one stays. Definition: torch.index_copy. */
export function indexCopy<D extends DType>(x: Tensor<D>, axis: number, indices: Tensor, src: Tensor): Tensor<D> {
  return combine('indexCopy', x, axis, indices, src, 'replace', true, 1)
}

/**
 * x with src combined into the slices at the indices along an axis. Means of integers round down. Definition:
 * torch.index_reduce.
 */
export function indexReduce<D extends DType>(
  x: Tensor<D>,
  axis: number,
  indices: Tensor,
  src: Tensor,
  reduce: Exclude<ScatterReduction, 'sum'>,
  options: ScatterReduceOptions = {},
): Tensor<D> {
  checkReduction('indexReduce', reduce, ['prod', 'mean', 'amax', 'amin'])
  checkNumbers('indexReduce', x)
  return combine('indexReduce', x, axis, indices, src, reduce, options.includeSelf ?? true, 1)
}

/** x with a number, or the one element of a tensor of rank 0, in the slices at the indices along an axis. Definition: torch.index_fill. */
export function indexFill<D extends DType>(
  x: Tensor<D>,
  axis: number,
  indices: Tensor,
  value: Tensor | number,
): Tensor<D> {
  if (!isTensor(value)) return combine('indexFill', x, axis, indices, value, 'replace', true, 1)
  if (value.rank !== 0) throw new ShapeError(`indexFill: the value is ${show(value.shape)}, not a number or of rank 0`)
  const at = checkVector('indexFill', indices)
  const a = normalizeAxis('indexFill', axis, x.rank)
  const [from, k] = [lift(x), at.numel]
  const v = cast(value, x.dtype)
  const [filled] = makeMany(
    'indexFill',
    OP.indexReduce,
    [{ dtype: from.dtype, shape: from.shape }],
    [from, at, v],
    [a, MODE.replace, 1],
    from.numel * 0.3 + k,
  )
  const y = filled as Tensor<D>
  if (needsGrad(from, v)) {
    const [gx, gv] = [from.requiresGrad, v.requiresGrad && isFloating(v.dtype)]
    record('indexFill', y, [from, v], [save(at)], (g, [i]) => [
      gx ? indexFill(g, a, i as Tensor, 0) : null,
      gv ? sum(where(filledMask(g, a, i as Tensor), g, 0)) : null,
    ])
  }
  return (x.rank === 0 ? reshape(y, []) : y) as Tensor<D>
}

/** Where the slices at the indices are, broadcastable to g. */
function filledMask(g: Tensor, axis: number, at: Tensor): Tensor {
  const n = g.shape[axis] as number
  const mask = indexFill(cast(zerosOf(at, [n]), 'bool'), 0, at, 1)
  return reshape(mask, [n, ...g.shape.slice(axis + 1).map(() => 1)])
}

/** Elements at indices (...) of the flattened x; negative indices count from the end. Definition: torch.take. */
export function take<D extends DType>(x: Tensor<D>, indices: Tensor): Tensor<D> {
  const at = positions('take', [indices], [x.numel])
  const y = indexSelect(reshape(x, [x.numel]), 0, at)
  at.dispose()
  return reshape(y, indices.shape) as Tensor<D>
}

/**
 * x with the elements at indices into the flattened x replaced by those of src (as many), or increased by them with
 * `accumulate`. Negative indices count from the end. Definition: torch.put.
 */
export function put<D extends DType>(
  x: Tensor<D>,
  indices: Tensor,
  src: Tensor,
  options: { accumulate?: boolean } = {},
): Tensor<D> {
  if (src.numel !== indices.numel)
    throw new ShapeError(`put: ${src.numel} elements for ${indices.numel} indices; give one for each`)
  sameDType('put', x, src)
  const at = positions('put', [indices], [x.numel])
  const [flat, given] = [reshape(x, [x.numel]), reshape(src, [src.numel])]
  const y = options.accumulate ? indexAdd(flat, 0, at, given) : indexCopy(flat, 0, at, given)
  at.dispose()
  return reshape(y, x.shape) as Tensor<D>
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    indexSelect<E extends DType>(this: Tensor<E>, axis: number, indices: Tensor): Tensor<E>
    indexAdd<E extends DType>(
      this: Tensor<E>,
      axis: number,
      indices: Tensor,
      src: Tensor,
      options?: { alpha?: number },
    ): Tensor<E>
    indexCopy<E extends DType>(this: Tensor<E>, axis: number, indices: Tensor, src: Tensor): Tensor<E>
    indexFill<E extends DType>(this: Tensor<E>, axis: number, indices: Tensor, value: Tensor | number): Tensor<E>
    indexReduce<E extends DType>(
      this: Tensor<E>,
      axis: number,
      indices: Tensor,
      src: Tensor,
      reduce: Exclude<ScatterReduction, 'sum'>,
      options?: ScatterReduceOptions,
    ): Tensor<E>
    take<E extends DType>(this: Tensor<E>, indices: Tensor): Tensor<E>
    put<E extends DType>(this: Tensor<E>, indices: Tensor, src: Tensor, options?: { accumulate?: boolean }): Tensor<E>
  }
}
method('indexSelect', function (this: Tensor, axis: number, indices: Tensor) {
  return indexSelect(this, axis, indices)
})
method('indexAdd', function (this: Tensor, axis: number, indices: Tensor, src: Tensor, options?: { alpha?: number }) {
  return indexAdd(this, axis, indices, src, options)
})
method('indexCopy', function (this: Tensor, axis: number, indices: Tensor, src: Tensor) {
  return indexCopy(this, axis, indices, src)
})
method('indexFill', function (this: Tensor, axis: number, indices: Tensor, value: Tensor | number) {
  return indexFill(this, axis, indices, value)
})
method(
  'indexReduce',
  function (
    this: Tensor,
    axis: number,
    indices: Tensor,
    src: Tensor,
    reduce: Exclude<ScatterReduction, 'sum'>,
    options?: ScatterReduceOptions,
  ) {
    return indexReduce(this, axis, indices, src, reduce, options)
  },
)
method('take', function (this: Tensor, indices: Tensor) {
  return take(this, indices)
})
method('put', function (this: Tensor, indices: Tensor, src: Tensor, options?: { accumulate?: boolean }) {
  return put(this, indices, src, options)
})
