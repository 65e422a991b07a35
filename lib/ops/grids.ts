/** Grids of coordinates, products and choices of elements, powers. */
import { ShapeError, ValueError } from '../errors.js'
import type { DType } from '../tensor/dtype.js'
import { type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { clone } from './convert.js'
import { onesLike, tensor } from './creation.js'
import { indexSelect } from './indexing.js'
import { stack } from './join.js'
import { expand, reshape, transpose } from './views.js'

/**
 * Vectors (or scalars) as coordinates of a grid: result i is vector i along axis i, expanded to all lengths. `indexing` 'xy' gives
 * the first two axes in the other order, as images have them. Views.
 */
export function meshgrid(tensors: readonly Tensor[], options: { indexing?: 'ij' | 'xy' } = {}): Tensor[] {
  const { indexing = 'ij' } = options
  if (indexing !== 'ij' && indexing !== 'xy')
    throw new ValueError(`meshgrid: indexing '${indexing}' is not 'ij' or 'xy'`)
  const first = tensors[0]
  if (!first) throw new ShapeError('meshgrid: no tensors')
  for (const x of tensors) if (x.rank > 1) throw new ShapeError(`meshgrid: takes vectors, got ${show(x.shape)}`)
  const shape = tensors.map((x) => x.numel)
  const grids = tensors.map((x, i) =>
    expand(
      reshape(
        x,
        shape.map((_, k) => (k === i ? -1 : 1)),
      ),
      shape,
    ),
  )
  return indexing === 'xy' && tensors.length > 1 ? grids.map((g) => transpose(g, 0, 1)) : grids
}

/** All tuples that take one element of each vector, as rows; of one vector itself. */
export function cartesianProd(...tensors: readonly Tensor[]): Tensor {
  const first = tensors[0]
  if (!first) throw new ShapeError('cartesianProd: no tensors')
  for (const x of tensors) if (x.rank !== 1) throw new ShapeError(`cartesianProd: takes vectors, got ${show(x.shape)}`)
  if (tensors.length === 1) return clone(first)
  return stack(
    meshgrid(tensors).map((g) => reshape(g, [-1])),
    1,
  )
}

/** All choices of `r` elements of a vector, in order, as rows (count, r); each element once, or with replacement repeatedly. */
export function combinations<D extends DType>(
  x: Tensor<D>,
  r = 2,
  options: { withReplacement?: boolean } = {},
): Tensor<D> {
  if (x.rank !== 1) throw new ShapeError(`combinations: takes a vector, got ${show(x.shape)}`)
  if (!Number.isInteger(r) || r < 0) throw new ValueError(`combinations: ${r} is not a number of elements`)
  const choices = choose(x.numel, r, options.withReplacement === true)
  const indices = tensor(BigInt64Array.from(choices, BigInt), { device: x.device })
  // No element chosen: PyTorch gives one empty vector.
  return reshape(indexSelect(x, 0, indices), r === 0 ? [0] : [choices.length / r, r]) as Tensor<D>
}

/** The indices of all choices, row after row, in lexicographic order. */
function choose(n: number, r: number, again: boolean): number[] {
  const rows: number[] = []
  const last = (i: number): number => (again ? n - 1 : n - r + i)
  if (r === 0 || last(0) < 0) return rows
  const row = Array.from({ length: r }, (_, i) => (again ? 0 : i))
  for (;;) {
    rows.push(...row)
    let i = r - 1
    while (i >= 0 && row[i] === last(i)) i--
    if (i < 0) return rows
    const next = (row[i] as number) + 1
    for (let k = i; k < r; k++) row[k] = again ? next : next + k - i
  }
}

/**
 * Powers of each element along a new last axis of size `n` (by default that of the last axis): x^(n-1) ... x^0, or, increasing,
 * x^0 ... x^(n-1). (..., m) gives (..., m, n).
 */
export function vander<D extends DType>(x: Tensor<D>, options: { n?: number; increasing?: boolean } = {}): Tensor<D> {
  if (x.rank === 0) throw new ShapeError('vander: a tensor of rank 0 has no axis; reshape it to (1)')
  const { n = x.shape.at(-1) as number, increasing = false } = options
  if (!Number.isInteger(n) || n < 0) throw new ValueError(`vander: ${n} is not a number of powers`)
  if (n === 0) return reshape(x.narrow(-1, 0, 0), [...x.shape, 0] as Shape)
  const powers: Tensor[] = [onesLike(x)]
  while (powers.length < n) {
    const p = powers.at(-1) as Tensor
    powers.push(powers.length === 1 ? x : (p.mul(x) as Tensor))
  }
  return stack(increasing ? powers : powers.reverse(), -1) as Tensor<D>
}
