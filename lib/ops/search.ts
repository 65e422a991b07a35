/** Searching in sorted lines. */
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, isFloating, promote } from '../tensor/dtype.js'
import { type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { cast } from './convert.js'
import { full } from './creation.js'
import { isTensor, makeMany, method, refuseComplex } from './emit.js'

export interface SearchOptions {
  /** Behind equal elements instead of before them. */
  right?: boolean
  /** The same by name. */
  side?: 'left' | 'right'
  /** Places of the sorted elements in the line, which then need not be sorted itself: the shape of the line, i64. */
  sorter?: Tensor
  /** Places as i32 instead of i64. */
  outInt32?: boolean
}

/** The dtype that elements are compared in. */
export const comparable = (d: DType): DType =>
  d === 'f16' || d === 'bf16' ? 'f32' : d === 'u8' || d === 'i8' || d === 'bool' ? 'i32' : d

/**
 * Where each value belongs in a sorted line (torch.searchsorted): how many elements are smaller, or with `right` not larger.
 * sorted is (n), or (..., n) with values (..., m); NaN is greatest. Lines that are not sorted give places without meaning.
 */
export function searchSorted(
  sorted: Tensor,
  values: Tensor | number,
  options: SearchOptions = {},
): Tensor<'i64' | 'i32'> {
  const { right, side, sorter } = options
  if (side !== undefined && side !== 'left' && side !== 'right')
    throw new ValueError(`searchSorted: side '${side}' is neither 'left' nor 'right'`)
  if (right === true && side === 'left')
    throw new ValueError("searchSorted: right and side 'left' contradict each other")
  const v = isTensor(values) ? values : full([], values, { dtype: numberType(sorted, values), device: sorted.device })
  for (const t of [sorted, v]) refuseComplex('searchSorted', t)
  const fits =
    sorted.rank === 1 || (sorted.rank === v.rank && sameShape(sorted.shape.slice(0, -1), v.shape.slice(0, -1)))
  if (sorted.rank === 0 || !fits)
    throw new ShapeError(`searchSorted: values ${show(v.shape)} do not fit sorted lines ${show(sorted.shape)}`)
  if (sorter && !sameShape(sorter.shape, sorted.shape))
    throw new ShapeError(`searchSorted: the sorter is ${show(sorter.shape)}, the lines ${show(sorted.shape)}`)
  if (sorter && sorter.dtype !== 'i64') throw new DTypeError(`searchSorted: the sorter is ${sorter.dtype}, not i64`)
  const dtype = comparable(promote(sorted.dtype, v.dtype))
  const [places] = makeMany(
    'searchSorted',
    OP.searchSorted,
    [{ dtype: options.outInt32 ? 'i32' : 'i64', shape: v.shape }],
    [cast(sorted, dtype), cast(v, dtype), sorter],
    [right || side === 'right' ? 1 : 0],
    v.numel * (2 + Math.log2(1 + (sorted.shape.at(-1) as number))),
  )
  return places as Tensor<'i64' | 'i32'>
}

/** A number compares with floating-point lines in their dtype, with integers exactly. */
const numberType = (sorted: Tensor, x: number): DType =>
  isFloating(sorted.dtype) ? sorted.dtype : Number.isInteger(x) ? 'i64' : 'f64'

/** The bucket of each element between rising boundaries (n): 0 to n (torch.bucketize). `right`: as in searchSorted. */
export function bucketize(
  x: Tensor | number,
  boundaries: Tensor,
  options: Pick<SearchOptions, 'right' | 'outInt32'> = {},
): Tensor<'i64' | 'i32'> {
  if (boundaries.rank !== 1) throw new ShapeError(`bucketize: boundaries are ${show(boundaries.shape)}, not a vector`)
  return searchSorted(boundaries, x, { right: options.right ?? false, outInt32: options.outInt32 ?? false })
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    bucketize(boundaries: Tensor, options?: Pick<SearchOptions, 'right' | 'outInt32'>): Tensor<'i64' | 'i32'>
  }
}
method('bucketize', function (this: Tensor, boundaries: Tensor, options?: Pick<SearchOptions, 'right' | 'outInt32'>) {
  return bucketize(this, boundaries, options)
})
