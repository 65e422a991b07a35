/**
 * Tensors with the same elements and different strides. Place in the whole: operators must not care how their operands lie
 * in memory; the bytes between the elements hold poison, so that a kernel that reads them is seen.
 */
import { filled } from '#lib/filled.js'
import { noGrad, type Tensor, tensor } from '#lib/index.js'
import type { DType, TypedArray } from '#lib/tensor/dtype.js'
import { contiguousStrides, numelOf, type Shape } from '#lib/tensor/shape.js'

export const LAYOUTS = ['contiguous', 'transposed', 'stepped', 'broadcast', 'offset'] as const
export type Layout = (typeof LAYOUTS)[number]

/** Elements of `values` along stride 0: what a broadcast layout can hold. */
export function broadcastAxis(shape: Shape): number {
  return shape.findIndex((d) => d > 1)
}

/** The values that a tensor of this layout has: all of them, or with those along the broadcast axis made equal. */
export function settle(values: Float64Array, shape: Shape, layout: Layout): Float64Array {
  const axis = broadcastAxis(shape)
  if (layout !== 'broadcast' || axis < 0) return values
  const stride = contiguousStrides(shape)[axis] as number
  const size = shape[axis] as number
  return values.map((_, i) => values[i - (Math.floor(i / stride) % size) * stride] as number)
}

export interface Placed {
  tensor: Tensor
  /** The tensor behind a view, with poison around the elements. */
  base: Tensor
}

/** `values` (row-major) as a tensor of this layout on a device. Layouts that the shape does not have fall back to contiguous. */
export function place(values: Float64Array, shape: Shape, dtype: DType, device: string, layout: Layout): Placed {
  return noGrad(() => {
    const make = (v: Float64Array, s: Shape): Tensor => upload(v, s, dtype, device)
    const poison = dtype === 'bool' ? 1 : dtype.startsWith('f') || dtype === 'bf16' ? Number.NaN : 77
    const rank = shape.length
    const last = rank - 1
    if (layout === 'transposed' && rank > 1) {
      const order = shape.map((_, i) => last - i)
      const base = make(permuted(values, shape), shape.slice().reverse())
      return { tensor: base.permute(order), base }
    }
    if (layout === 'stepped' && rank > 0) {
      const n = shape[last] as number
      const wide = new Float64Array(values.length * 2).fill(poison)
      values.forEach((v, i) => {
        wide[2 * i] = v
      })
      const base = make(wide, [...shape.slice(0, last), 2 * n])
      return { tensor: base.slice(last, 0, 2 * n, 2), base }
    }
    if (layout === 'offset' && rank > 0) {
      // One more slice in front, and a tail behind.
      const inner = numelOf(shape.slice(1))
      const longer = new Float64Array(values.length + 2 * inner).fill(poison)
      longer.set(values, inner)
      const base = make(longer, [(shape[0] as number) + 2, ...shape.slice(1)])
      return { tensor: base.slice(0, 1, 1 + (shape[0] as number)), base }
    }
    const axis = broadcastAxis(shape)
    if (layout === 'broadcast' && axis >= 0) {
      const thin = shape.map((d, i) => (i === axis ? 1 : d))
      const stride = contiguousStrides(shape)[axis] as number
      const size = shape[axis] as number
      const base = make(
        values.filter((_, i) => Math.floor(i / stride) % size === 0),
        thin,
      )
      return { tensor: base.expand(shape), base }
    }
    const base = make(values, shape)
    return { tensor: base, base }
  })
}

function upload(values: Float64Array, shape: Shape, dtype: DType, device: string): Tensor {
  const array: TypedArray =
    dtype === 'i64' ? filled(new BigInt64Array(values.length), (i) => BigInt(values[i] as number)) : values
  return tensor(array, { dtype, shape, device }) as Tensor
}

/** Row-major elements of the transposed array (all axes reversed). */
function permuted(values: Float64Array, shape: Shape): Float64Array {
  const out = new Float64Array(values.length)
  const strides = contiguousStrides(shape.slice().reverse()).reverse()
  const index = shape.map(() => 0)
  for (let i = 0; i < values.length; i++) {
    let at = 0
    for (let d = 0; d < index.length; d++) at += (index[d] as number) * (strides[d] as number)
    out[at] = values[i] as number
    for (let d = shape.length - 1; d >= 0; d--) {
      index[d] = (index[d] as number) + 1
      if ((index[d] as number) < (shape[d] as number)) break
      index[d] = 0
    }
  }
  return out
}
