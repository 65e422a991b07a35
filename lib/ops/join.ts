/** Tensors side by side. */

import { gradMode } from '../autograd/mode.js'
import { record } from '../autograd/node.js'
import { ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { promote } from '../tensor/dtype.js'
import { normalizeAxis, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { atleast1d, atleast2d, atleast3d } from './axes.js'
import { cast } from './convert.js'
import { makeMany } from './emit.js'
import { narrow, reshape, unsqueeze } from './views.js'

/**
 * Tensors joined along an axis; the other sizes must agree. dtypes promote. Empty vectors fit tensors of any rank and add nothing,
 * an old rule of PyTorch.
 */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  const first = tensors.find((t) => !isEmptyVector(t)) ?? tensors[0]
  if (!first) throw new ShapeError('concat: no tensors')
  if (tensors.some((t) => t.rank === 0)) throw new ShapeError('concat: tensors of rank 0 have no axis; use stack')
  const a = normalizeAxis('concat', axis, first.rank)
  const shape = first.shape.slice()
  shape[a] = 0
  for (const t of tensors) {
    if (t.rank !== first.rank && isEmptyVector(t)) continue
    if (t.rank !== first.rank || t.shape.some((d, i) => i !== a && d !== shape[i])) {
      throw new ShapeError(`concat: ${show(first.shape)} and ${show(t.shape)} differ beside axis ${axis}`)
    }
    shape[a] = (shape[a] as number) + (t.shape[a] as number)
  }
  const dtype = tensors.reduce((d, t) => promote(d, t.dtype), first.dtype)
  const parts = tensors.filter((t) => t.rank === shape.length).map((t) => cast(t, dtype))
  const n = shape.reduce((k, d) => k * d, 1)
  const y = makeMany('concat', OP.concat, [{ dtype, shape }], parts, [a], n * 0.3)[0] as Tensor
  if (gradMode.enabled && parts.some((t) => t.requiresGrad)) {
    const sizes = parts.map((t) => t.shape[a] as number)
    const wanted = parts.map((t) => t.requiresGrad)
    record('concat', y, parts, null, (g) => {
      let at = 0
      return sizes.map((size, i) => {
        at += size
        return wanted[i] ? narrow(g, a, at - size, size) : null
      })
    })
  }
  return y
}

function isEmptyVector(t: Tensor): boolean {
  return t.rank === 1 && t.shape[0] === 0
}

/** Tensors of one shape joined along a new axis. */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  const first = tensors[0]
  if (!first) throw new ShapeError('stack: no tensors')
  for (const t of tensors) {
    if (!sameShape(t.shape, first.shape))
      throw new ShapeError(`stack: shapes differ: ${show(first.shape)} and ${show(t.shape)}`)
  }
  return concat(
    tensors.map((t) => unsqueeze(t, axis)),
    axis < 0 ? axis + first.rank + 1 : axis,
  )
}

/** Side by side: joined along axis 1, vectors (and scalars, as vectors of one element) along axis 0. */
export function hstack(tensors: readonly Tensor[]): Tensor {
  const parts = tensors.map((t) => atleast1d(t))
  return concat(parts, parts[0]?.rank === 1 ? 0 : 1)
}

/** On top of each other: joined along axis 0, vectors as rows. */
export function vstack(tensors: readonly Tensor[]): Tensor {
  return concat(
    tensors.map((t) => atleast2d(t)),
    0,
  )
}

/** Behind each other: joined along axis 2 after `atleast3d`. */
export function dstack(tensors: readonly Tensor[]): Tensor {
  return concat(
    tensors.map((t) => atleast3d(t)),
    2,
  )
}

/** Joined along axis 1, vectors (and scalars) as columns. */
export function columnStack(tensors: readonly Tensor[]): Tensor {
  return concat(
    tensors.map((t) => (t.rank < 2 ? reshape(t, [t.numel, 1]) : t)),
    1,
  )
}
