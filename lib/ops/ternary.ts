/** Arithmetic of three operands. All broadcast; dtypes are promoted. */
import { needsGrad, record, save } from '../autograd/node.js'
import { OP } from '../generated/ops.js'
import { type DType, floatOf, isComplex, promote, promoteScalar } from '../tensor/dtype.js'
import { broadcastShapes, numelOf, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, div, mul, sub } from './binary.js'
import { cast } from './convert.js'
import { isTensor, makeMany, method, numeric } from './emit.js'
import type { Operand } from './pointwise.js'
import { sumTo } from './reduce.js'
import { neg, square } from './unary.js'

type Partials = (g: Tensor, operands: readonly Tensor[], wants: readonly boolean[]) => (Tensor | null)[]

/** Casts, broadcasts, emits and records; `partials` gives the gradients in the result's shape. */
function combine(
  name: string,
  op: number,
  dtype: DType,
  operands: readonly Tensor[],
  attributes: readonly number[],
  partials: Partials,
): Tensor {
  const own = operands.map((t) => cast(t, dtype))
  const shape = own.reduce((s: Shape, t) => broadcastShapes(name, s, t.shape), [])
  const y = makeMany(name, op, [{ dtype, shape }], own, attributes, numelOf(shape) * 0.5)[0] as Tensor
  if (needsGrad(own[0] as Tensor, own[1], own[2])) {
    const [shapes, wants] = [own.map((t) => t.shape), own.map((t) => t.requiresGrad)]
    record(name, y, own.slice(), own.map(save), (g, s) =>
      partials(g, s, wants).map((d, i) => (d && wants[i] ? sumTo(d, shapes[i] as Shape) : null)),
    )
  }
  return y
}

const common = (...tensors: readonly Tensor[]): DType => tensors.map((t) => t.dtype).reduce(promote)

const byNumber =
  (weight: number): Partials =>
  (g, _, [wa, wb]) => [wa ? mul(g, 1 - weight) : null, wb ? mul(g, weight) : null]
const byTensor: Partials = (g, [a, b, w], [wa, wb, ww]) => [
  wa ? mul(g, sub(1, w as Tensor)) : null,
  wb ? mul(g, w as Tensor) : null,
  ww ? mul(g, sub(b as Tensor, a as Tensor)) : null,
]

/** a + weight (b - a); the weight is a number or a tensor. Complex numbers too, as in the next two. */
export function lerp(a: Tensor, b: Tensor, weight: Operand): Tensor {
  const dtype = isTensor(weight) ? common(a, b, weight) : common(a, b)
  if (isComplex(dtype)) {
    const [from, to] = [cast(a, dtype), cast(b, dtype)]
    return add(from, mul(sub(to, from), weight))
  }
  return isTensor(weight)
    ? combine('lerp', OP.lerp, floatOf(common(a, b, weight)), [a, b, weight], [0], byTensor)
    : combine('lerp', OP.lerp, floatOf(common(a, b)), [a, b], [weight], byNumber(weight))
}

export interface AddcOptions {
  /** Factor of the product or quotient. Default 1. */
  value?: number
}

/** x + value a b. */
export function addcmul(x: Tensor, a: Tensor, b: Tensor, { value = 1 }: AddcOptions = {}): Tensor {
  const dtype = promoteScalar(numeric('addcmul', common(x, a, b)), value)
  if (isComplex(dtype)) return add(x, mul(mul(a, b), value))
  return combine('addcmul', OP.addcmul, dtype, [x, a, b], [value], (g, [, a, b], [, wa, wb]) => [
    g,
    wa ? mul(g, mul(b as Tensor, value)) : null,
    wb ? mul(g, mul(a as Tensor, value)) : null,
  ])
}

/** x + value a / b. */
export function addcdiv(x: Tensor, a: Tensor, b: Tensor, { value = 1 }: AddcOptions = {}): Tensor {
  if (isComplex(common(x, a, b))) return add(x, mul(div(a, b), value))
  return combine('addcdiv', OP.addcdiv, floatOf(common(x, a, b)), [x, a, b], [value], (g, [, a, b], [, wa, wb]) => [
    g,
    wa ? mul(g, div(value, b as Tensor)) : null,
    wb ? neg(mul(g, div(mul(a as Tensor, value), square(b as Tensor)))) : null,
  ])
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    lerp(other: Tensor, weight: Operand): Tensor
    addcmul(a: Tensor, b: Tensor, options?: AddcOptions): Tensor
    addcdiv(a: Tensor, b: Tensor, options?: AddcOptions): Tensor
  }
}
method('lerp', function (this: Tensor, other: Tensor, weight: Operand) {
  return lerp(this, other, weight)
})
method('addcmul', function (this: Tensor, a: Tensor, b: Tensor, options?: AddcOptions) {
  return addcmul(this, a, b, options)
})
method('addcdiv', function (this: Tensor, a: Tensor, b: Tensor, options?: AddcOptions) {
  return addcdiv(this, a, b, options)
})
