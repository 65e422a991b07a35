/** Distinct elements. Their number depends on the data, so it is read back: a promise, and a twin that blocks. */
import { ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import type { DType } from '../tensor/dtype.js'
import { normalizeAxis, numelOf, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { cast, clone } from './convert.js'
import { zeros } from './creation.js'
import { make, makeMany, method, refuseComplex } from './emit.js'
import { indexSelect } from './indexing.js'
import { comparable } from './search.js'
import { sort } from './sort.js'
import { narrow, permute, reshape } from './views.js'

export interface UniqueOptions {
  /** Compare slices along this axis instead of elements. */
  axis?: number
}

export interface Distinct<D extends DType> {
  /** The distinct elements (or slices), each once. */
  values: Tensor<D>
  /** For each element (slice) the place of its like in `values`, i64. */
  inverse: Tensor<'i64'>
  /** How often each occurs, i64. */
  counts: Tensor<'i64'>
}

/** Everything but the number of runs, which is on its way. */
interface Runs<D extends DType> {
  /** (n, ...): elements or slices in rows. */
  rows: Tensor<D>
  axis: number | undefined
  shape: Shape
  first: Tensor
  inverse: Tensor
  counts: Tensor
  total: Tensor
}

function findRuns<D extends DType>(name: string, x: Tensor<D>, sorted: boolean, axis: number | undefined): Runs<D> {
  refuseComplex(name, x)
  const source = x.detach()
  const { shape } = source
  const a = axis === undefined ? undefined : normalizeAxis(name, axis, x.rank)
  if (a !== undefined && x.rank === 0) throw new ShapeError(`${name}: a tensor of rank 0 has no axis`)
  const rows =
    a === undefined
      ? reshape(source, [source.numel])
      : permute(source, [a, ...shape.map((_, i) => i).filter((i) => i !== a)])
  const n = rows.shape[0] as number
  const width = numelOf(rows.shape.slice(1))
  if (a !== undefined && n > 0 && width === 0)
    throw new ShapeError(`${name}: slices along axis ${a} of ${show(shape)} have no elements to compare`)
  const table = reshape(cast(rows, comparable(x.dtype)), [n, width])
  let order: Tensor | null = null
  if (sorted && n > 0)
    order =
      width === 1
        ? sort(reshape(table, [n]), 0)[1]
        : make(name, OP.sortRows, 'i64', [n], table, null, [], n * width * Math.log2(n + 1))
  const places = { dtype: 'i64' as const, shape: [n] }
  const [first, inverse, counts, total] = makeMany(
    name,
    OP.uniqueRuns,
    [places, places, places, { dtype: 'i64', shape: [1] }],
    [table, order],
    [],
    n * 4,
  ) as [Tensor, Tensor, Tensor, Tensor]
  return { rows: rows as Tensor<D>, axis: a, shape, first, inverse, counts, total }
}

function distinct<D extends DType>({ rows, axis, shape, first, inverse, counts }: Runs<D>, n: number): Distinct<D> {
  const taken = n === 0 ? rows : indexSelect(rows, 0, narrow(first, 0, 0, n))
  const back = shape.map((_, i) => (axis === undefined || i > axis ? i : i === axis ? 0 : i + 1))
  return {
    values: axis === undefined ? taken : permute(taken, back),
    inverse: (axis === undefined ? reshape(inverse, shape) : inverse) as Tensor<'i64'>,
    // A copy: the counts of all that might have been distinct need not stay.
    counts: (n === 0
      ? zeros([0], { dtype: 'i64', device: rows.device })
      : clone(narrow(counts, 0, 0, n))) as Tensor<'i64'>,
  }
}

/**
 * The distinct elements in rising order (torch.unique), or the distinct slices along an axis in lexicographic order. As in
 * PyTorch every NaN is distinct, and there are no gradients.
 */
export async function unique<D extends DType>(x: Tensor<D>, options: UniqueOptions = {}): Promise<Distinct<D>> {
  const runs = findRuns('unique', x, true, options.axis)
  return distinct(runs, await runs.total.item())
}

/** `unique`, blocking the thread. */
export function uniqueSync<D extends DType>(x: Tensor<D>, options: UniqueOptions = {}): Distinct<D> {
  const runs = findRuns('unique', x, true, options.axis)
  return distinct(runs, runs.total.itemSync())
}

/** One of each run of equal neighbours, in their order (torch.unique_consecutive). */
export async function uniqueConsecutive<D extends DType>(
  x: Tensor<D>,
  options: UniqueOptions = {},
): Promise<Distinct<D>> {
  const runs = findRuns('uniqueConsecutive', x, false, options.axis)
  return distinct(runs, await runs.total.item())
}

/** `uniqueConsecutive`, blocking the thread. */
export function uniqueConsecutiveSync<D extends DType>(x: Tensor<D>, options: UniqueOptions = {}): Distinct<D> {
  const runs = findRuns('uniqueConsecutive', x, false, options.axis)
  return distinct(runs, runs.total.itemSync())
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    unique<E extends DType>(this: Tensor<E>, options?: UniqueOptions): Promise<Distinct<E>>
    uniqueConsecutive<E extends DType>(this: Tensor<E>, options?: UniqueOptions): Promise<Distinct<E>>
  }
}
method('unique', function (this: Tensor, options?: UniqueOptions) {
  return unique(this, options)
})
method('uniqueConsecutive', function (this: Tensor, options?: UniqueOptions) {
  return uniqueConsecutive(this, options)
})
