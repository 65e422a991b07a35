/**
 * Elements chosen by their values or a mask. Place in the whole: where results' sizes depend on data. Such functions return a
 * promise and have a `...Sync` twin that waits.
 */
import { needsGrad, record, save } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import type { DType } from '../tensor/dtype.js'
import { broadcastShapes, checkShape, type Shape, sameShape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { ne } from './binary.js'
import { cast } from './convert.js'
import { full, type TensorOptions } from './creation.js'
import { make, makeMany, method, refuseComplex, sameDType } from './emit.js'
import { asIndices, tidy, zerosOf } from './indices.js'
import { sum } from './reduce.js'
import { checkMask, tril, triu } from './select.js'
import { expand, reshape, select, transpose } from './views.js'

/** Number of elements that are not 0, still on the device. */
const countOf = (x: Tensor): Tensor => tidy(() => sum(x.dtype === 'bool' ? x : ne(x, 0)))

export async function countNow(x: Tensor): Promise<number> {
  const n = countOf(x)
  const value = await n.item()
  n.dispose()
  return value
}

export function countSync(x: Tensor): number {
  const n = countOf(x)
  const value = n.itemSync()
  n.dispose()
  return value
}

export interface NonzeroOptions {
  /** A vector for each dimension instead of a matrix; of a tensor of rank 0 as of a vector of one element. */
  asTuple?: boolean
}

/** The first `size` rows of coordinates; `exact`: there must be as many. */
export function coordinates(x: Tensor, size: number, fill: number, exact: boolean): Tensor<'i64'> {
  refuseComplex('nonzero', x)
  return make('nonzero', OP.nonzero, 'i64', [size, x.rank], x, null, [fill, exact ? 1 : 0], x.numel * 0.5)
}

const columns = (y: Tensor<'i64'>): Tensor<'i64'>[] =>
  Array.from({ length: y.shape[1] as number }, (_, i) => select(y, 1, i))

const found = (x: Tensor, n: number, options: NonzeroOptions): Tensor<'i64'> | Tensor<'i64'>[] =>
  options.asTuple ? columns(coordinates(x.rank === 0 ? reshape(x, [1]) : x, n, 0, false)) : coordinates(x, n, 0, false)

/**
 * Coordinates (k, rank) of the k elements that are not 0, in row-major order; NaN is not 0. Definition: torch.nonzero.
 * `nonzeroSync` blocks; `nonzeroStatic`, whose size is given, does not wait.
 */
export async function nonzero(x: Tensor, options: NonzeroOptions & { asTuple: true }): Promise<Tensor<'i64'>[]>
export async function nonzero(x: Tensor, options?: NonzeroOptions & { asTuple?: false }): Promise<Tensor<'i64'>>
export async function nonzero(x: Tensor, options: NonzeroOptions = {}): Promise<Tensor<'i64'> | Tensor<'i64'>[]> {
  refuseComplex('nonzero', x)
  return found(x, await countNow(x), options)
}

/** `nonzero`, blocking. */
export function nonzeroSync(x: Tensor, options: NonzeroOptions & { asTuple: true }): Tensor<'i64'>[]
export function nonzeroSync(x: Tensor, options?: NonzeroOptions & { asTuple?: false }): Tensor<'i64'>
export function nonzeroSync(x: Tensor, options: NonzeroOptions = {}): Tensor<'i64'> | Tensor<'i64'>[] {
  refuseComplex('nonzero', x)
  return found(x, countSync(x), options)
}

/** The first `size` rows of `nonzero`, filled up with `fill` (-1 by default). Definition: torch.nonzero_static. */
export function nonzeroStatic(x: Tensor, size: number, options: { fill?: number } = {}): Tensor<'i64'> {
  if (!Number.isInteger(size) || size < 0) throw new ValueError(`nonzeroStatic: ${size} is no number of rows`)
  return coordinates(x, size, options.fill ?? -1, false)
}

/** `nonzero` by NumPy's name. */
export const argwhere = (x: Tensor): Promise<Tensor<'i64'>> => nonzero(x)
export const argwhereSync = (x: Tensor): Tensor<'i64'> => nonzeroSync(x)

// ---- masks

/** x and the mask, broadcast to one shape. */
function broadcastMask<D extends DType>(op: string, x: Tensor<D>, mask: Tensor): [Tensor<D>, Tensor] {
  checkMask(op, mask)
  const shape = broadcastShapes(op, x.shape, mask.shape)
  return [spread(x, shape), spread(mask, shape)]
}

const spread = <D extends DType>(t: Tensor<D>, shape: Shape): Tensor<D> =>
  sameShape(t.shape, shape) ? t : expand(t, shape)

/** The first `size` elements of x under the mask (of x's shape), then zeros. */
function selected<D extends DType>(x: Tensor<D>, mask: Tensor, size: number): Tensor<D> {
  const y = make('maskedSelect', OP.maskedSelect, x.dtype, [size], x, mask, [], x.numel * 0.6)
  if (needsGrad(x)) {
    const from = x.shape
    record('maskedSelect', y, [x], [save(mask)], (g, [m]) => [scattered(zerosOf(g, from), m as Tensor, g)])
  }
  return y
}

/** x with the elements under the mask (of x's shape) replaced by those of src in order. */
function scattered<D extends DType>(x: Tensor<D>, mask: Tensor, src: Tensor): Tensor<D> {
  const [made] = makeMany(
    'maskedScatter',
    OP.maskedScatter,
    [{ dtype: x.dtype, shape: x.shape }],
    [x, mask, src],
    [],
    x.numel * 0.8,
  )
  const y = made as Tensor<D>
  if (needsGrad(x, src)) {
    const [gx, gs, source] = [x.requiresGrad, src.requiresGrad, src.shape]
    record('maskedScatter', y, [x, src], [save(mask)], (g, [m]) => [
      gx ? g.maskedFill(m as Tensor, 0) : null,
      gs ? reshape(selected(g, m as Tensor, sizeOf(source)), source) : null,
    ])
  }
  return y
}

const sizeOf = (shape: Shape): number => shape.reduce((n, d) => n * d, 1)

/** The elements where the mask (bool, broadcast with x) holds, as a vector. Definition: torch.masked_select. */
export async function maskedSelect<D extends DType>(x: Tensor<D>, mask: Tensor): Promise<Tensor<D>> {
  const [from, m] = broadcastMask('maskedSelect', x, mask)
  return selected(from, m, await countNow(m))
}

/** `maskedSelect`, blocking. */
export function maskedSelectSync<D extends DType>(x: Tensor<D>, mask: Tensor): Tensor<D> {
  const [from, m] = broadcastMask('maskedSelect', x, mask)
  return selected(from, m, countSync(m))
}

/**
 * x with the elements where the mask (bool, broadcast with x) holds replaced by the first ones of src, in order. A src with fewer
 * elements poisons the result. Definition: torch.masked_scatter.
 */
export function maskedScatter<D extends DType>(x: Tensor<D>, mask: Tensor, src: Tensor): Tensor<D> {
  sameDType('maskedScatter', x, src)
  const [to, m] = broadcastMask('maskedScatter', x, mask)
  return scattered(to, m, src)
}

// ---- coordinates of triangles and of positions

function triangleIndices(
  name: string,
  rows: number,
  cols: number,
  offset: number,
  options: TensorOptions<'i64' | 'i32'>,
): Tensor<'i64' | 'i32'> {
  checkShape(name, [rows, cols])
  if (!Number.isInteger(offset)) throw new ValueError(`${name}: offset ${offset} is not an integer`)
  // Row i keeps columns 0 .. i + offset of the lower triangle, i + offset .. of the upper.
  let n = 0
  const lower = name === 'trilIndices'
  for (let i = 0; i < rows; i++) {
    const split = Math.min(Math.max(i + offset + (lower ? 1 : 0), 0), cols)
    n += lower ? split : cols - split
  }
  return tidy(() => {
    const ones = full([rows, cols], 1, { dtype: 'bool', ...(options.device ? { device: options.device } : {}) })
    const pairs = coordinates(lower ? tril(ones, offset) : triu(ones, offset), n, 0, false)
    const y = transpose(pairs).contiguous()
    return options.dtype === 'i32' ? cast(y, 'i32') : y
  })
}

/** Coordinates (2, k) of the lower triangle of a matrix, up to diagonal `offset`, in row-major order. Definition: torch.tril_indices. */
export function trilIndices(
  rows: number,
  cols: number,
  offset = 0,
  options: TensorOptions<'i64' | 'i32'> = {},
): Tensor<'i64' | 'i32'> {
  return triangleIndices('trilIndices', rows, cols, offset, options)
}

/** Coordinates (2, k) of the upper triangle of a matrix, from diagonal `offset` on, in row-major order. Definition: torch.triu_indices. */
export function triuIndices(
  rows: number,
  cols: number,
  offset = 0,
  options: TensorOptions<'i64' | 'i32'> = {},
): Tensor<'i64' | 'i32'> {
  return triangleIndices('triuIndices', rows, cols, offset, options)
}

/** Coordinates, a tensor a dimension, of positions in a row-major array of the given shape. Definition: torch.unravel_index. */
export function unravelIndex(indices: Tensor, shape: Shape): Tensor<'i64'>[] {
  checkShape('unravelIndex', shape)
  if (shape.length === 0) throw new ShapeError('unravelIndex: a shape without dimensions has no coordinates')
  const at = asIndices('unravelIndex', indices)
  const results = shape.map(() => ({ dtype: 'i64' as const, shape: at.shape }))
  return makeMany('unravelIndex', OP.unravelIndex, results, [at], shape, at.numel * shape.length) as Tensor<'i64'>[]
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    nonzero(options: NonzeroOptions & { asTuple: true }): Promise<Tensor<'i64'>[]>
    nonzero(options?: NonzeroOptions & { asTuple?: false }): Promise<Tensor<'i64'>>
    nonzeroSync(options: NonzeroOptions & { asTuple: true }): Tensor<'i64'>[]
    nonzeroSync(options?: NonzeroOptions & { asTuple?: false }): Tensor<'i64'>
    nonzeroStatic(size: number, options?: { fill?: number }): Tensor<'i64'>
    argwhere(): Promise<Tensor<'i64'>>
    argwhereSync(): Tensor<'i64'>
    maskedSelect<E extends DType>(this: Tensor<E>, mask: Tensor): Promise<Tensor<E>>
    maskedSelectSync<E extends DType>(this: Tensor<E>, mask: Tensor): Tensor<E>
    maskedScatter<E extends DType>(this: Tensor<E>, mask: Tensor, src: Tensor): Tensor<E>
  }
}
method('nonzero', function (this: Tensor, options?: NonzeroOptions) {
  return nonzero(this, options as { asTuple: true })
})
method('nonzeroSync', function (this: Tensor, options?: NonzeroOptions) {
  return nonzeroSync(this, options as { asTuple: true })
})
method('nonzeroStatic', function (this: Tensor, size: number, options?: { fill?: number }) {
  return nonzeroStatic(this, size, options)
})
method('argwhere', function (this: Tensor) {
  return argwhere(this)
})
method('argwhereSync', function (this: Tensor) {
  return argwhereSync(this)
})
method('maskedSelect', function (this: Tensor, mask: Tensor) {
  return maskedSelect(this, mask)
})
method('maskedSelectSync', function (this: Tensor, mask: Tensor) {
  return maskedSelectSync(this, mask)
})
method('maskedScatter', function (this: Tensor, mask: Tensor, src: Tensor) {
  return maskedScatter(this, mask, src)
})
