/** Products of vectors and matrices under their usual names. Place in the whole: composed of matmul and pointwise operators. */
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { type DType, isComplex, isFloating, promote } from '../tensor/dtype.js'
import { broadcastShapes, normalizeAxis, numelOf, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, mul, sub } from './binary.js'
import { conj } from './complex.js'
import { cast } from './convert.js'
import { diagonalOf } from './diagonal.js'
import { method } from './emit.js'
import { concat } from './join.js'
import { matmul } from './matmul.js'
import { sum } from './reduce.js'
import { expand, narrow, permute, reshape, unsqueeze } from './views.js'

function ranks(name: string, a: Tensor, ra: number, b: Tensor, rb: number): void {
  if (a.rank !== ra || b.rank !== rb) {
    throw new ShapeError(
      `${name}: takes tensors of ${ra} and ${rb} dimensions, got ${show(a.shape)} and ${show(b.shape)}`,
    )
  }
}

/** Product of two matrices: (m, k) x (k, n) -> (m, n). */
export function mm(a: Tensor, b: Tensor): Tensor {
  ranks('mm', a, 2, b, 2)
  return matmul(a, b)
}

/** Products of two lists of matrices: (b, m, k) x (b, k, n) -> (b, m, n). */
export function bmm(a: Tensor, b: Tensor): Tensor {
  ranks('bmm', a, 3, b, 3)
  if (a.shape[0] !== b.shape[0])
    throw new ShapeError(`bmm: ${a.shape[0]} and ${b.shape[0]} matrices: ${show(a.shape)} and ${show(b.shape)}`)
  return matmul(a, b)
}

/** Product of a matrix and a vector: (m, k) x (k) -> (m). */
export function mv(a: Tensor, x: Tensor): Tensor {
  ranks('mv', a, 2, x, 1)
  return matmul(a, x)
}

/** Sum of the products of two vectors of one length. */
export function dot(a: Tensor, b: Tensor): Tensor {
  ranks('dot', a, 1, b, 1)
  return matmul(a, b)
}

/** `dot` with the first vector conjugated. Definition: torch.vdot. */
export function vdot(a: Tensor, b: Tensor): Tensor {
  ranks('vdot', a, 1, b, 1)
  return matmul(conj(a), b)
}

/** Inner products along the last axis of both: (..., k) x (..., k) -> (..., ...). A scalar multiplies. Definition: torch.inner. */
export function inner(a: Tensor, b: Tensor): Tensor {
  if (a.rank === 0 || b.rank === 0) return mul(a, b)
  return tensordot(a, b, [[-1], [-1]])
}

/** All products of an element of a (n) and one of b (m): (n, m). */
export function outer(a: Tensor, b: Tensor): Tensor {
  ranks('outer', a, 1, b, 1)
  return mul(unsqueeze(a, 1), unsqueeze(b, 0))
}

/** Sums of products along an axis; the other axes broadcast; complex factors from a are conjugated.
 * Definition: torch.linalg.vecdot. */
export function vecdot(a: Tensor, b: Tensor, options: { axis?: number } = {}): Tensor {
  const rank = Math.max(a.rank, b.rank)
  const axis = normalizeAxis('vecdot', options.axis ?? -1, rank)
  const [na, nb] = [a, b].map((t) => t.shape[axis - rank + t.rank] ?? 1)
  if (na !== nb)
    throw new ShapeError(`vecdot: ${na} and ${nb} elements along axis ${axis}: ${show(a.shape)} and ${show(b.shape)}`)
  return cast(sum(mul(conj(a), b), axis), promote(a.dtype, b.dtype))
}

export interface ScaleOptions {
  /** Factor of the product. Default 1. */
  alpha?: number
  /** Factor of the input; with 0 its values are ignored, NaN included. Default 1. */
  beta?: number
}

function scaled(name: string, input: Tensor, product: Tensor, { alpha = 1, beta = 1 }: ScaleOptions): Tensor {
  const dtype = promote(input.dtype, product.dtype)
  if (!isFloating(dtype) && !isComplex(dtype) && !(Number.isInteger(alpha) && Number.isInteger(beta)))
    throw new ValueError(`${name}: alpha ${alpha} and beta ${beta} with ${dtype} tensors; take integers`)
  if (!sameShape(broadcastShapes(name, input.shape, product.shape), product.shape))
    throw new ShapeError(`${name}: input ${show(input.shape)} does not broadcast to ${show(product.shape)}`)
  const y = alpha === 1 ? product : mul(product, alpha)
  if (beta === 0) return cast(y, dtype)
  return add(beta === 1 ? input : mul(input, beta), y)
}

/** beta input + alpha a b: (m, k) x (k, n), input broadcast to (m, n). */
export function addmm(input: Tensor, a: Tensor, b: Tensor, options: ScaleOptions = {}): Tensor {
  ranks('addmm', a, 2, b, 2)
  return scaled('addmm', input, matmul(a, b), options)
}

/** beta input + alpha a x: (m, k) x (k), input broadcast to (m). */
export function addmv(input: Tensor, a: Tensor, x: Tensor, options: ScaleOptions = {}): Tensor {
  ranks('addmv', a, 2, x, 1)
  return scaled('addmv', input, matmul(a, x), options)
}

/** beta input + alpha outer(a, b): (n) and (m), input broadcast to (n, m). */
export function addr(input: Tensor, a: Tensor, b: Tensor, options: ScaleOptions = {}): Tensor {
  ranks('addr', a, 1, b, 1)
  return scaled('addr', input, outer(a, b), options)
}

/** beta input + alpha sum of the products a[i] b[i]: (b, m, k) x (b, k, n), input broadcast to (m, n). */
export function addbmm(input: Tensor, a: Tensor, b: Tensor, options: ScaleOptions = {}): Tensor {
  ranks('addbmm', a, 3, b, 3)
  if (a.shape[0] !== b.shape[0])
    throw new ShapeError(`addbmm: ${a.shape[0]} and ${b.shape[0]} matrices: ${show(a.shape)} and ${show(b.shape)}`)
  // The sum over products is one product with a longer inner dimension.
  return scaled(
    'addbmm',
    input,
    tensordot(a, b, [
      [0, 2],
      [0, 1],
    ]),
    options,
  )
}

/** beta input + alpha a b for lists of matrices: (b, m, k) x (b, k, n), input broadcast to (b, m, n). */
export function baddbmm(input: Tensor, a: Tensor, b: Tensor, options: ScaleOptions = {}): Tensor {
  ranks('baddbmm', a, 3, b, 3)
  return scaled('baddbmm', input, bmm(a, b), options)
}

/**
 * Products summed over axes of a and as many of b: the last `axes` of a with the first of b, or the given pairs. An axis of
 * size 1 meets any size. The result has the other axes of a, then those of b. Definition: torch.tensordot.
 */
export function tensordot(
  a: Tensor,
  b: Tensor,
  axes: number | readonly [readonly number[], readonly number[]] = 2,
): Tensor {
  let [ia, ib] = typeof axes === 'number' ? [[], []] : axes.map((list) => [...list])
  if (typeof axes === 'number') {
    if (!Number.isInteger(axes) || axes < 0 || axes > Math.min(a.rank, b.rank))
      throw new ShapeError(`tensordot: ${axes} axes of ${show(a.shape)} and ${show(b.shape)}`)
    ia = Array.from({ length: axes }, (_, i) => a.rank - axes + i)
    ib = Array.from({ length: axes }, (_, i) => i)
  }
  if (ia?.length !== ib?.length)
    throw new ShapeError(`tensordot: ${ia?.length} axes of the first tensor, ${ib?.length} of the second`)
  const first = (ia as number[]).map((k) => normalizeAxis('tensordot', k, a.rank))
  const second = (ib as number[]).map((k) => normalizeAxis('tensordot', k, b.rank))
  let [x, y] = [a, b]
  first.forEach((k, i) => {
    const l = second[i] as number
    const [p, q] = [a.shape[k] as number, b.shape[l] as number]
    if (p === q) return
    if (p !== 1 && q !== 1)
      throw new ShapeError(
        `tensordot: axis ${k} of ${show(a.shape)} has ${p} elements, axis ${l} of ${show(b.shape)} has ${q}`,
      )
    if (p === 1) y = cast(sum(y, l, { keepDim: true }), y.dtype)
    else x = cast(sum(x, k, { keepDim: true }), x.dtype)
  })
  const restA = x.shape.map((_, i) => i).filter((i) => !first.includes(i))
  const restB = y.shape.map((_, i) => i).filter((i) => !second.includes(i))
  const sizes = (t: Tensor, list: readonly number[]): number[] => list.map((i) => t.shape[i] as number)
  const k = numelOf(sizes(x, first))
  const left = reshape(permute(x, [...restA, ...first]), [numelOf(sizes(x, restA)), k])
  const right = reshape(permute(y, [...second, ...restB]), [k, numelOf(sizes(y, restB))])
  return reshape(matmul(left, right), [...sizes(x, restA), ...sizes(y, restB)])
}

/** Kronecker product: every element of a times all of b, in blocks. Missing leading dimensions count as 1. */
export function kron(a: Tensor, b: Tensor): Tensor {
  const rank = Math.max(a.rank, b.rank)
  const padded = (s: Shape): number[] => [...new Array<number>(rank - s.length).fill(1), ...s]
  const [sa, sb] = [padded(a.shape), padded(b.shape)]
  const x = reshape(
    a,
    sa.flatMap((d) => [d, 1]),
  )
  const y = reshape(
    b,
    sb.flatMap((d) => [1, d]),
  )
  return reshape(
    mul(x, y),
    sa.map((d, i) => d * (sb[i] as number)),
  )
}

/** Sum of the diagonal of a matrix. Integers give i64. */
export function trace(x: Tensor): Tensor {
  if (x.rank !== 2) throw new ShapeError(`trace: takes a matrix, got ${show(x.shape)}`)
  return sum(diagonalOf(x))
}

/** Vector product along an axis of size 3 (default: the last); the other axes broadcast. */
export function cross(a: Tensor, b: Tensor, options: { axis?: number } = {}): Tensor {
  if (a.rank !== b.rank)
    throw new ShapeError(`cross: takes tensors of as many dimensions, got ${show(a.shape)} and ${show(b.shape)}`)
  const axis = normalizeAxis('cross', options.axis ?? -1, a.rank)
  if (a.shape[axis] !== 3 || b.shape[axis] !== 3)
    throw new ShapeError(`cross: axis ${axis} of ${show(a.shape)} and ${show(b.shape)} has not 3 elements in both`)
  // Components 1, 2, 0 and 2, 0, 1.
  const turned = (t: Tensor, by: number): Tensor => concat([narrow(t, axis, by, 3 - by), narrow(t, axis, 0, by)], axis)
  return sub(mul(turned(a, 1), turned(b, 2)), mul(turned(a, 2), turned(b, 1)))
}

/**
 * x1 W[o] x2^T + bias[o] for every o: x1 (..., i), x2 (..., j), weight (out, i, j), bias (out) -> (..., out). Definition:
 * torch.nn.functional.bilinear.
 */
export function bilinear(x1: Tensor, x2: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  if (weight.rank !== 3) throw new ShapeError(`bilinear: the weight is ${show(weight.shape)}, not (out, in1, in2)`)
  const [out, i, j] = weight.shape as [number, number, number]
  const lead = x1.shape.slice(0, -1)
  if (!sameShape(lead, x2.shape.slice(0, -1)) || x1.shape.at(-1) !== i || x2.shape.at(-1) !== j) {
    throw new ShapeError(
      `bilinear: inputs ${show(x1.shape)} and ${show(x2.shape)} are not (..., ${i}) and (..., ${j}): weight ${show(weight.shape)}`,
    )
  }
  if (bias && (bias.rank !== 1 || bias.shape[0] !== out))
    throw new ShapeError(`bilinear: bias ${show(bias.shape)} for ${out} outputs`)
  if (x1.dtype !== weight.dtype || x2.dtype !== weight.dtype)
    throw new DTypeError(`bilinear: inputs are ${x1.dtype} and ${x2.dtype}, the weight ${weight.dtype}`)
  const n = numelOf(lead)
  const half = matmul(reshape(x1, [n, i]), reshape(permute(weight, [1, 0, 2]), [i, out * j]))
  const y = matmul(reshape(half, [n, out, j]), reshape(x2, [n, j, 1]))
  const flat = reshape(y, [...lead, out])
  return bias ? add(flat, bias) : flat
}

/** Product of several matrices in the cheapest order; the first and the last may be vectors. Definition: torch.linalg.multi_dot. */
export function multiDot(matrices: readonly Tensor[]): Tensor {
  const n = matrices.length
  if (n < 2) throw new ValueError(`multiDot: takes at least two matrices, got ${n}`)
  const list = matrices.map((m, i) => {
    if (m.rank === 2) return m
    if (m.rank === 1 && i === 0) return unsqueeze(m, 0)
    if (m.rank === 1 && i === n - 1) return unsqueeze(m, 1)
    throw new ShapeError(`multiDot: operand ${i} is ${show(m.shape)}, not a matrix`)
  })
  const dims = [...list.map((m) => m.shape[0] as number), list[n - 1]?.shape[1] as number]
  // The matrix chain problem: cost[i][j] multiplies matrices i .. j (Cormen et al., section 15.2).
  const cost = dims.map(() => new Array<number>(n).fill(0))
  const split = dims.map(() => new Array<number>(n).fill(0))
  for (let length = 1; length < n; length++) {
    for (let i = 0; i + length < n; i++) {
      const j = i + length
      ;(cost[i] as number[])[j] = Number.POSITIVE_INFINITY
      for (let k = i; k < j; k++) {
        const c =
          (cost[i]?.[k] as number) +
          (cost[k + 1]?.[j] as number) +
          (dims[i] as number) * (dims[k + 1] as number) * (dims[j + 1] as number)
        if (c < (cost[i]?.[j] as number)) {
          ;(cost[i] as number[])[j] = c
          ;(split[i] as number[])[j] = k
        }
      }
    }
  }
  const product = (i: number, j: number): Tensor =>
    i === j
      ? (list[i] as Tensor)
      : matmul(product(i, split[i]?.[j] as number), product((split[i]?.[j] as number) + 1, j))
  const y = product(0, n - 1)
  const shape = [
    ...(matrices[0]?.rank === 1 ? [] : [dims[0] as number]),
    ...(matrices[n - 1]?.rank === 1 ? [] : [dims[n] as number]),
  ]
  return reshape(y, shape)
}

/** `multiDot` of matrices, by PyTorch's older name. */
export function chainMatmul(...matrices: Tensor[]): Tensor {
  return matrices.length === 1 ? (matrices[0] as Tensor) : multiDot(matrices)
}

/** Operands with a common batch: all dimensions before the last two. */
export function broadcastBatches(name: string, a: Tensor, b: Tensor): [Tensor, Tensor] {
  const [sa, sb] = [a.shape.slice(0, -2), b.shape.slice(0, -2)]
  if (sameShape(sa, sb)) return [a, b]
  const batch = broadcastShapes(name, sa, sb)
  return [expand(a, [...batch, ...a.shape.slice(-2)]), expand(b, [...batch, ...b.shape.slice(-2)])]
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    mm(other: Tensor): Tensor
    bmm(other: Tensor): Tensor
    mv(vector: Tensor): Tensor
    dot(other: Tensor): Tensor
    vdot(other: Tensor): Tensor
    inner(other: Tensor): Tensor
    outer(other: Tensor): Tensor
    kron(other: Tensor): Tensor
    addmm(a: Tensor, b: Tensor, options?: ScaleOptions): Tensor
    addmv(a: Tensor, x: Tensor, options?: ScaleOptions): Tensor
    addr(a: Tensor, b: Tensor, options?: ScaleOptions): Tensor
    addbmm(a: Tensor, b: Tensor, options?: ScaleOptions): Tensor
    baddbmm(a: Tensor, b: Tensor, options?: ScaleOptions): Tensor
    trace(): Tensor
    cross(other: Tensor, options?: { axis?: number }): Tensor
  }
}
for (const [name, f] of Object.entries({ mm, bmm, mv, dot, vdot, inner, outer, kron })) {
  method(name, function (this: Tensor, other: Tensor) {
    return f(this, other)
  })
}
for (const [name, f] of Object.entries({ addmm, addmv, addr, addbmm, baddbmm })) {
  method(name, function (this: Tensor, a: Tensor, b: Tensor, options?: ScaleOptions) {
    return f(this, a, b, options)
  })
}
method('trace', function (this: Tensor) {
  return trace(this)
})
method('cross', function (this: Tensor, other: Tensor, options?: { axis?: number }) {
  return cross(this, other, options)
})
