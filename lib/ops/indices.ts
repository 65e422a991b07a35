/** Index tensors. Place in the whole: what every operator that takes some shares: their check, their positions, rank 0. */
import { adopt, collecting } from '../engine/lifetime.js'
import { DTypeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, isIntegral } from '../tensor/dtype.js'
import { broadcastShapes, numelOf, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { cast } from './convert.js'
import { make0, makeMany } from './emit.js'
import { expand, reshape } from './views.js'

/** What a source does to the element or slice that its index names; the numbers of native/ops.def. */
export const MODE = { replace: 0, sum: 1, prod: 2, mean: 3, amax: 4, amin: 5 } as const
export type Mode = keyof typeof MODE

export function checkIndices(op: string, indices: Tensor): void {
  if (indices.dtype !== 'i64' && indices.dtype !== 'i32')
    throw new DTypeError(`${op}: indices are ${indices.dtype}, not i64 or i32`)
}

/** The indices, checked. No indices at all may have any integer dtype, as in PyTorch. */
export function asIndices(op: string, indices: Tensor): Tensor {
  if (indices.numel === 0 && isIntegral(indices.dtype) && indices.dtype !== 'i32') return cast(indices, 'i64')
  checkIndices(op, indices)
  return indices
}

/** A tensor of rank 0 as a vector of one element; others as they are. */
export const lift = <D extends DType>(t: Tensor<D>): Tensor<D> => (t.rank === 0 ? reshape(t, [1]) : t)

/** Zeros with a tensor's dtype and device. */
export const zerosOf = <D extends DType>(like: Tensor<D>, shape: Shape): Tensor<D> =>
  make0(OP.fill, like.device, like.dtype, shape, [0])

export const constantOf = <D extends DType>(like: Tensor<D>, value: number, shape: Shape = []): Tensor<D> =>
  make0(OP.fill, like.device, like.dtype, shape, [value])

/**
 * Positions (i64, a vector) in a row-major array of sizes `sizes` of the elements that coordinates name, which broadcast.
 * Negative coordinates count from the end; one out of range poisons the result.
 */
export function positions(op: string, coordinates: readonly Tensor[], sizes: Shape): Tensor<'i64'> {
  const shape = coordinates.reduce<Shape>((s, t) => broadcastShapes(op, s, t.shape), [])
  const n = numelOf(shape)
  const [y] = makeMany(
    op,
    OP.linearIndex,
    [{ dtype: 'i64', shape: [n] }],
    coordinates.map((t) => reshape(expand(asIndices(op, t), shape), [n])),
    sizes,
    n * coordinates.length * 0.5,
  )
  return y as Tensor<'i64'>
}

/** Runs `fn` and frees what it makes, except its result. */
export function tidy<T extends Tensor>(fn: () => T): T {
  const made: Tensor[] = []
  let result: T | undefined
  try {
    result = collecting(made, fn)
    return result
  } finally {
    for (const t of made) if (t !== result) t.dispose()
    if (result !== undefined && made.includes(result)) adopt(result)
  }
}
