/** Bits and divisors of integers. */
import { DTypeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, isIntegral } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { make, method, NO_ATTRIBUTES } from './emit.js'
import { type Operand, pairwise } from './pointwise.js'
import { logicalNot } from './unary.js'

function integer(name: string, d: DType, takesBool: boolean): DType {
  if (!isIntegral(d) || (d === 'bool' && !takesBool))
    throw new DTypeError(`${name}: a ${d} tensor; it takes integers${takesBool ? ' and bool' : ''}`)
  return d
}

type Bits = (a: Operand, b: Operand) => Tensor
const bits =
  (name: keyof typeof OP, takesBool: boolean): Bits =>
  (a, b) =>
    pairwise(name, OP[name], a, b, (d) => integer(name, d, takesBool), ['none', 'none'])

/** Bits of both; of bool tensors, "and". */
export const bitwiseAnd: Bits = bits('bitwiseAnd', true)
/** Bits of either. */
export const bitwiseOr: Bits = bits('bitwiseOr', true)
/** Bits of exactly one. */
export const bitwiseXor: Bits = bits('bitwiseXor', true)
/** a 2^b, losing what leaves the type's width; 0 for b negative or as large as the width. */
export const bitwiseLeftShift: Bits = bits('bitwiseLeftShift', false)
/** floor(a / 2^b); everything is shifted out for b negative or as large as the width. */
export const bitwiseRightShift: Bits = bits('bitwiseRightShift', false)
/** Greatest common divisor, not negative; gcd(0, 0) is 0. */
export const gcd: Bits = bits('gcd', false)
/** Least common multiple, not negative. */
export const lcm: Bits = bits('lcm', false)

/** Every bit inverted; of bool tensors, "not". */
export function bitwiseNot<D extends DType, S extends Shape>(x: Tensor<D, S>): Tensor<D, S> {
  if (integer('bitwiseNot', x.dtype, true) === 'bool') return logicalNot(x) as unknown as Tensor<D, S>
  return make('bitwiseNot', OP.bitwiseNot, x.dtype, x.shape, x, null, NO_ATTRIBUTES, x.numel * 0.3)
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    bitwiseAnd(other: Operand): Tensor
    bitwiseOr(other: Operand): Tensor
    bitwiseXor(other: Operand): Tensor
    bitwiseLeftShift(other: Operand): Tensor
    bitwiseRightShift(other: Operand): Tensor
    gcd(other: Operand): Tensor
    lcm(other: Operand): Tensor
    bitwiseNot<E extends DType, A extends Shape>(this: Tensor<E, A>): Tensor<E, A>
  }
}
const methods = { bitwiseAnd, bitwiseOr, bitwiseXor, bitwiseLeftShift, bitwiseRightShift, gcd, lcm }
for (const [name, f] of Object.entries(methods)) {
  method(name, function (this: Tensor, other: Operand) {
    return f(this, other)
  })
}
method('bitwiseNot', function (this: Tensor) {
  return bitwiseNot(this)
})
