/** What the decompositions share. Place in the whole: checks and small helpers of this folder; matrices are the last two axes. */
import { DTypeError, ShapeError } from '../../errors.js'
import { isComplex } from '../../tensor/dtype.js'
import { numelOf, type Shape, show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'
import { conj } from '../complex.js'
import { eye } from '../creation.js'
import { expand, transpose } from '../views.js'

export function realFloats(name: string, x: Tensor): void {
  if (x.dtype !== 'f32' && x.dtype !== 'f64')
    throw new DTypeError(`${name}: takes f32 and f64, not ${x.dtype}; convert it with .to('f32')`)
}

/** Matrices of f32 or f64, with `complex` also of c64 or c128: rows, columns, and the dimensions before them. */
export function matrices(name: string, x: Tensor, complex = false): { m: number; n: number; batch: Shape } {
  if (!complex) realFloats(name, x)
  else if (x.dtype !== 'f32' && x.dtype !== 'f64' && !isComplex(x.dtype))
    throw new DTypeError(`${name}: takes f32, f64, c64 and c128, not ${x.dtype}; convert it with .to('f32')`)
  if (x.rank < 2) throw new ShapeError(`${name}: takes matrices, got ${show(x.shape)}`)
  return { m: x.shape.at(-2) as number, n: x.shape.at(-1) as number, batch: x.shape.slice(0, -2) }
}

export function squares(name: string, x: Tensor, complex = false): { n: number; batch: Shape } {
  const { m, n, batch } = matrices(name, x, complex)
  if (m !== n) throw new ShapeError(`${name}: takes square matrices, got ${show(x.shape)}`)
  return { n, batch }
}

/** Estimated nanoseconds of `flops` operations on each matrix of a batch. */
export const costOf = (batch: Shape, flops: number): number => numelOf(batch) * (100 + flops * 0.3)

/** The transposes of the matrices. */
export const mT = (x: Tensor): Tensor => transpose(x)
/** The conjugate transposes; of real matrices the transposes. */
export const mH = (x: Tensor): Tensor => conj(mT(x))

/** Identity matrices like x's dtype and device, (..., n, n). */
export function identityLike(x: Tensor, n: number, batch: Shape = []): Tensor {
  const one: Tensor = eye(n, n, { dtype: x.dtype, device: x.device })
  return batch.length === 0 ? one : expand(one, [...batch, n, n])
}

/** The spacing of numbers at 1. */
export const epsilonOf = (x: Tensor): number => (x.dtype === 'f64' || x.dtype === 'c128' ? 2 ** -52 : 2 ** -23)
