/** Pointwise operators of two operands, with broadcasting and dtype promotion. */
import { sum as accumulateSum } from '../autograd/accumulate.js'
import { type GradRule, needsGrad, record, save } from '../autograd/node.js'
import { DTypeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type ComplexNumber, type DType, floatOf, isComplex } from '../tensor/dtype.js'
import { type Shape, sameShape } from '../tensor/shape.js'
import type { Broadcast, Fits, ShapeOf } from '../tensor/shape-types.js'
import type { Tensor } from '../tensor/tensor.js'
import { type RoundingMode, roundedDiv } from './arithmetic.js'
import { conj, real } from './complex.js'
import { cast } from './convert.js'
import { isTensor, make, method, numeric } from './emit.js'
import { arithmetic, BOTH, type ComplexOperand, emit, type Operand, unify } from './pointwise.js'
import { sumTo } from './reduce.js'
import { where } from './select.js'
import { floor, log, neg } from './unary.js'

export type { ComplexOperand, Operand } from './pointwise.js'

const same = (d: DType): DType => d

/**
 * The short way of two tensors that need neither promotion nor broadcasting, or null. Tiny operators cost what JavaScript
 * spends on them, so this one allocates nothing but the result.
 */
function plain(name: string, op: number, a: ComplexOperand, b: ComplexOperand): Tensor | null {
  if (!isTensor(a) || !isTensor(b) || a.dtype !== b.dtype || !sameShape(a.shape, b.shape)) return null
  return make(name, op, a.dtype, a.shape, a, b, BOTH, a.numel * 0.3)
}

const toLeft: GradRule = (g) => [g, null]
const toRight: GradRule = (g) => [null, g]
const toBoth: GradRule = (g) => [g, g]
// Of complex factors the gradient takes the conjugate; of real ones it is the factor itself.
const timesRight: GradRule = (g, s) => [mul(g, conj(s[0] as Tensor)), null]
const timesLeft: GradRule = (g, s) => [null, mul(g, conj(s[0] as Tensor))]
const timesEach: GradRule = (g, s) => [mul(g, conj(s[0] as Tensor)), mul(g, conj(s[1] as Tensor))]

const wants = (t: Tensor | null): boolean => t?.requiresGrad === true

/** Sum; of bool tensors, "or". */
export function add(a: ComplexOperand, b: ComplexOperand): Tensor {
  const short = plain('add', OP.add, a, b)
  if (short !== null) {
    const [x, z] = [a as Tensor, b as Tensor]
    if (needsGrad(x, z)) record('add', short, [x, z], null, !z._requires ? toLeft : !x._requires ? toRight : toBoth)
    return short
  }
  const p = unify('add', a, b, same)
  const y = emit('add', OP.add, p, p.dtype)
  const ga = wants(p.a)
  const gb = wants(p.b)
  if ((ga || gb) && needsGrad((p.a ?? p.b) as Tensor, p.b)) {
    const sa = p.a?.shape
    const sb = p.b?.shape
    record('add', y, [p.a, p.b], null, (g) => [ga ? sumTo(g, sa as Shape) : null, gb ? sumTo(g, sb as Shape) : null])
  }
  return y
}

/** Difference. */
export function sub(a: ComplexOperand, b: ComplexOperand): Tensor {
  const p = unify('sub', a, b, (d) => {
    if (d === 'bool')
      throw new DTypeError('sub: bool tensors have no difference; use logicalXor, or convert with .to()')
    return d
  })
  const y = emit('sub', OP.sub, p, p.dtype)
  const ga = wants(p.a)
  const gb = wants(p.b)
  if ((ga || gb) && needsGrad((p.a ?? p.b) as Tensor, p.b)) {
    const sa = p.a?.shape
    const sb = p.b?.shape
    record('sub', y, [p.a, p.b], null, (g) => [
      ga ? sumTo(g, sa as Shape) : null,
      gb ? sumTo(neg(g), sb as Shape) : null,
    ])
  }
  return y
}

/** Product. */
export function mul(a: ComplexOperand, b: ComplexOperand): Tensor {
  const short = plain('mul', OP.mul, a, b)
  if (short !== null) {
    const [x, z] = [a as Tensor, b as Tensor]
    if (needsGrad(x, z)) {
      if (!z._requires) record('mul', short, [x, z], [save(z)], timesRight)
      else if (!x._requires) record('mul', short, [x, z], [save(x)], timesLeft)
      else record('mul', short, [x, z], [save(z), save(x)], timesEach)
    }
    return short
  }
  const p = unify('mul', a, b, same)
  const y = emit('mul', OP.mul, p, p.dtype)
  const ga = wants(p.a)
  const gb = wants(p.b)
  if ((ga || gb) && needsGrad((p.a ?? p.b) as Tensor, p.b)) {
    const sa = p.a?.shape
    const sb = p.b?.shape
    const { scalar } = p
    // d(ab) = b da + a db
    const saved: Tensor[] = []
    const ib = ga && p.b !== null ? saved.push(save(p.b)) - 1 : -1
    const ia = gb && p.a !== null ? saved.push(save(p.a)) - 1 : -1
    record('mul', y, [p.a, p.b], saved, (g, s) => [
      ga ? sumTo(mul(g, ib >= 0 ? conj(s[ib] as Tensor) : scalar), sa as Shape) : null,
      gb ? sumTo(mul(g, ia >= 0 ? conj(s[ia] as Tensor) : scalar), sb as Shape) : null,
    ])
  }
  return y
}

export interface DivOptions {
  /** 'floor' or 'trunc': a whole number, in the operands' own dtype; integer division by zero gives 0. Default: none. */
  roundingMode?: RoundingMode | null
}

/** Quotient; integers are divided as f32 unless it is rounded. */
export function div(a: ComplexOperand, b: ComplexOperand, options?: DivOptions): Tensor {
  if (options?.roundingMode) return roundedDiv(a as Operand, b as Operand, options.roundingMode)
  const p = unify('div', a, b, floatOf)
  const y = emit('div', OP.div, p, p.dtype)
  const ga = wants(p.a)
  const gb = wants(p.b)
  if ((ga || gb) && needsGrad((p.a ?? p.b) as Tensor, p.b)) {
    const sa = p.a?.shape
    const sb = p.b?.shape
    const { scalar } = p
    // d(a/b) = da / b - (a/b) db / b
    const saved = p.b === null ? [] : gb ? [save(p.b), save(y)] : [save(p.b)]
    record('div', y, [p.a, p.b], saved, (g, [b, y]) => {
      const q = div(g, b === undefined ? scalar : conj(b))
      return [ga ? sumTo(q, sa as Shape) : null, gb ? sumTo(neg(mul(q, conj(y as Tensor))), sb as Shape) : null]
    })
  }
  return y
}

/** a to the power b; of complex numbers e^(b ln a), with 0^0 = 1. Within 0.6 ulp in f32, 1.2 in f64. */
export function pow(a: ComplexOperand, b: ComplexOperand): Tensor {
  const p = unify('pow', a, b, (d) => numeric('pow', d))
  const y = emit('pow', OP.pow, p, p.dtype)
  const ga = wants(p.a)
  const gb = wants(p.b)
  if ((ga || gb) && needsGrad((p.a ?? p.b) as Tensor, p.b)) {
    const sa = p.a?.shape
    const sb = p.b?.shape
    const { scalar } = p
    const [haveA, haveB] = [p.a !== null, p.b !== null]
    const saved = [p.a, p.b, gb ? y : null].filter((t) => t !== null).map((t) => save(t as Tensor))
    // d(a^b) = b a^(b-1) da + a^b ln(a) db, conjugated, where 0^0 has derivative 0 and a = 0, Re b >= 0 gives no db
    record('pow', y, [p.a, p.b], saved, (g, s) => {
      const base: Operand = haveA ? (s[0] as Tensor) : scalar
      const exponent: Operand = haveB ? (s[haveA ? 1 : 0] as Tensor) : scalar
      const y = s[s.length - 1] as Tensor
      return [
        ga ? sumTo(conj(powGradBase(conj(g), base as Tensor, exponent)), sa as Shape) : null,
        gb ? sumTo(conj(powGradExponent(conj(g), base, exponent as Tensor, y)), sb as Shape) : null,
      ]
    })
  }
  return y
}

function powGradBase(g: Tensor, a: Tensor, b: Operand): Tensor {
  if (!isTensor(b)) return b === 0 ? mul(g, 0) : mul(g, mul(pow(a, b - 1), b))
  const d = mul(b, pow(a, sub(b, 1)))
  return mul(g, where(eq(b, 0), 0, d))
}

function powGradExponent(g: Tensor, a: Operand, b: Tensor, y: Tensor): Tensor {
  const grows = ge(real(b), 0)
  if (!isTensor(a)) {
    if (a === 0) return mul(g, where(grows, 0, mul(y, Number.NEGATIVE_INFINITY)))
    // Of a negative number only complex powers vary.
    return mul(g, mul(y, a < 0 && isComplex(b.dtype) ? { re: Math.log(-a), im: Math.PI } : Math.log(a)))
  }
  const vanishes = logicalAnd(eq(a, 0), grows)
  return mul(g, where(vanishes, 0, mul(y, log(a))))
}

/** The larger of the two; a NaN wins. Equal operands share the gradient. */
export function maximum(a: Operand, b: Operand): Tensor {
  return extremum('maximum', OP.maximum, a, b, gt)
}

/** The smaller of the two; a NaN wins. Equal operands share the gradient. */
export function minimum(a: Operand, b: Operand): Tensor {
  return extremum('minimum', OP.minimum, a, b, lt)
}

function extremum(name: string, op: number, a: Operand, b: Operand, wins: (a: Operand, b: Operand) => Tensor): Tensor {
  return arithmetic(
    name,
    op,
    a,
    b,
    same,
    (p) => [p.a, p.b].filter((t) => t !== null).map((t) => save(t as Tensor)),
    (p) => {
      const { scalar, dtype } = p
      const [haveA, haveB] = [p.a !== null, p.b !== null]
      const [sa, sb] = [p.a?.shape, p.b?.shape]
      return (g, s) => {
        const x: Operand = haveA ? (s[0] as Tensor) : scalar
        const y: Operand = haveB ? (s[haveA ? 1 : 0] as Tensor) : scalar
        const tie = mul(cast(eq(x, y), dtype), 0.5)
        return [
          sa ? sumTo(mul(g, add(cast(wins(x, y), dtype), tie)), sa) : null,
          sb ? sumTo(mul(g, add(cast(wins(y, x), dtype), tie)), sb) : null,
        ]
      }
    },
  )
}

/** a - floor(a / b) * b: has the divisor's sign. */
export function remainder(a: Operand, b: Operand): Tensor {
  return arithmetic(
    'remainder',
    OP.remainder,
    a,
    b,
    (d) => numeric('remainder', d),
    (p) => (wants(p.b) ? [p.a, p.b].filter((t) => t !== null).map((t) => save(t as Tensor)) : null),
    (p) => {
      const { scalar } = p
      const haveA = p.a !== null
      const [sa, sb] = [p.a?.shape, wants(p.b) ? p.b?.shape : undefined]
      return (g, s) => [
        sa ? sumTo(g, sa) : null,
        sb ? sumTo(neg(mul(g, floor(div(haveA ? (s[0] as Tensor) : scalar, s[haveA ? 1 : 0] as Tensor)))), sb) : null,
      ]
    },
  )
}

const compare =
  (name: string, op: number) =>
  (a: ComplexOperand, b: ComplexOperand): Tensor<'bool'> =>
    emit(name, op, unify(name, a, b, same), 'bool')

type Equality = (a: ComplexOperand, b: ComplexOperand) => Tensor<'bool'>
type Comparison = (a: Operand, b: Operand) => Tensor<'bool'>
/** a == b, pointwise. */
export const eq: Equality = compare('eq', OP.eq)
/** a != b, pointwise. */
export const ne: Equality = compare('ne', OP.ne)
/** a < b, pointwise. */
export const lt: Comparison = compare('lt', OP.lt)
/** a <= b, pointwise. */
export const le: Comparison = compare('le', OP.le)
/** a > b, pointwise. */
export const gt: Comparison = compare('gt', OP.gt)
/** a >= b, pointwise. */
export const ge: Comparison = compare('ge', OP.ge)
/** Both not zero. */
export const logicalAnd: Comparison = compare('logicalAnd', OP.logicalAnd)
/** Either not zero. */
export const logicalOr: Comparison = compare('logicalOr', OP.logicalOr)
/** Exactly one not zero. */
export const logicalXor: Comparison = compare('logicalXor', OP.logicalXor)

accumulateSum.recorded = (a, b) => add(a, b)

type Both<D extends DType, E extends DType> = [D] extends [E] ? D : DType

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    add<E extends DType, A extends Shape>(this: Tensor<E, A>, other: number): Tensor<E, A>
    add<A extends Shape>(this: Tensor<DType, A>, other: ComplexNumber): Tensor<DType, A>
    add<E extends DType, A extends Shape, F extends DType, B extends Shape>(
      this: Tensor<E, A>,
      other: Tensor<F, B> & Fits<Broadcast<A, B>>,
    ): Tensor<Both<E, F>, ShapeOf<Broadcast<A, B>>>
    sub<E extends DType, A extends Shape>(this: Tensor<E, A>, other: number): Tensor<E, A>
    sub<A extends Shape>(this: Tensor<DType, A>, other: ComplexNumber): Tensor<DType, A>
    sub<E extends DType, A extends Shape, F extends DType, B extends Shape>(
      this: Tensor<E, A>,
      other: Tensor<F, B> & Fits<Broadcast<A, B>>,
    ): Tensor<Both<E, F>, ShapeOf<Broadcast<A, B>>>
    mul<E extends DType, A extends Shape>(this: Tensor<E, A>, other: number): Tensor<E, A>
    mul<A extends Shape>(this: Tensor<DType, A>, other: ComplexNumber): Tensor<DType, A>
    mul<E extends DType, A extends Shape, F extends DType, B extends Shape>(
      this: Tensor<E, A>,
      other: Tensor<F, B> & Fits<Broadcast<A, B>>,
    ): Tensor<Both<E, F>, ShapeOf<Broadcast<A, B>>>
    div<E extends DType, A extends Shape>(this: Tensor<E, A>, other: number, options?: DivOptions): Tensor<E, A>
    div<A extends Shape>(this: Tensor<DType, A>, other: ComplexNumber): Tensor<DType, A>
    div<E extends DType, A extends Shape, F extends DType, B extends Shape>(
      this: Tensor<E, A>,
      other: Tensor<F, B> & Fits<Broadcast<A, B>>,
      options?: DivOptions,
    ): Tensor<Both<E, F>, ShapeOf<Broadcast<A, B>>>
    pow(exponent: number): Tensor<D>
    pow(exponent: ComplexOperand): Tensor
    maximum(other: Operand): Tensor
    minimum(other: Operand): Tensor
    remainder(divisor: Operand): Tensor
    eq(other: ComplexOperand): Tensor<'bool'>
    ne(other: ComplexOperand): Tensor<'bool'>
    lt(other: Operand): Tensor<'bool'>
    le(other: Operand): Tensor<'bool'>
    gt(other: Operand): Tensor<'bool'>
    ge(other: Operand): Tensor<'bool'>
    logicalAnd(other: Operand): Tensor<'bool'>
    logicalOr(other: Operand): Tensor<'bool'>
    logicalXor(other: Operand): Tensor<'bool'>
  }
}
method('add', function (this: Tensor, other: ComplexOperand) {
  return add(this, other)
})
method('mul', function (this: Tensor, other: ComplexOperand) {
  return mul(this, other)
})
method('div', function (this: Tensor, other: Operand, options?: DivOptions) {
  return div(this, other, options)
})
const others = { sub, pow, maximum, minimum, remainder, eq, ne, lt, le, gt, ge, logicalAnd, logicalOr, logicalXor }
for (const [name, f] of Object.entries(others)) {
  method(name, function (this: Tensor, other: Operand) {
    return f(this, other)
  })
}
