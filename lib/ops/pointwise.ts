/**
 * The bodies that pointwise operators share: one or two operands, their common dtype, the command, the rule. Place in the whole:
 * used by unary.ts, binary.ts and the families beside them; exports nothing public.
 */
import { type GradRule, needsGrad, record, save } from '../autograd/node.js'
import { AutogradError, DTypeError } from '../errors.js'
import {
  type ComplexNumber,
  complexOf,
  type DType,
  floatOf,
  isComplex,
  isComplexNumber,
  promote,
  promoteScalar,
} from '../tensor/dtype.js'
import { broadcastShapes, numelOf, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { conj } from './complex.js'
import { cast } from './convert.js'
import { full } from './creation.js'
import { isTensor, make, NO_ATTRIBUTES, refuseComplex } from './emit.js'
import { sumTo } from './reduce.js'

/** A tensor or a plain number. */
export type Operand = Tensor | number
/** For operators that take complex tensors: a complex number too. */
export type ComplexOperand = Operand | ComplexNumber

export type Unary = <D extends DType, S extends Shape>(x: Tensor<D, S>) => Tensor<D, S>
/** A function declaration, as modules that import each other call it while they are evaluated. */
export function define(f: (x: Tensor) => Tensor): Unary {
  return f as Unary
}
export const float = (x: Tensor): DType => floatOf(x.dtype)

/**
 * y and what its rule saves; `derivative` maps (g, saved x or y) to g times the derivative. Functions of complex numbers are
 * holomorphic, and their rule multiplies with the derivative's conjugate.
 */
export function unary(
  name: string,
  op: number,
  x: Tensor,
  dtype: DType,
  saves: 'x' | 'y' | 'nothing',
  derivative: (g: Tensor, saved: Tensor) => Tensor,
  attributes: readonly number[] = NO_ATTRIBUTES,
): Tensor {
  refuseComplex(name, x)
  const f = cast(x, dtype)
  const y = make(name, op, dtype, f.shape, f, null, attributes, f.numel * 0.6)
  if (needsGrad(f)) {
    const saved = saves === 'nothing' ? null : [save(saves === 'x' ? f : y)]
    record(name, y, [f], saved, (g, s) => [conj(derivative(conj(g), s[0] as Tensor))])
  }
  return y
}

// The fused gradient kernels are not differentiable themselves and real, so a recorded backward pass composes the same derivative.
export function fused(
  op: number,
  name: string,
  g: Tensor,
  s: Tensor,
  attributes: readonly number[],
  composed: () => Tensor,
): Tensor {
  if (needsGrad(g, s) || isComplex(g.dtype)) return composed()
  return make(name, op, g.dtype, g.shape, g, s, attributes, g.numel * 0.8)
}

export function predicate(name: string, op: number, x: Tensor): Tensor<'bool'> {
  refuseComplex(name, x)
  return make(name, op, 'bool', x.shape, x, null, NO_ATTRIBUTES, x.numel * 0.3)
}

export const BOTH: readonly number[] = [0, 0]

/** Two operands of one dtype, at most one of them a number. */
export interface Pair {
  a: Tensor | null
  b: Tensor | null
  scalar: number
  dtype: DType
  shape: Shape
}

/** A complex number beside a tensor, as a tensor of rank 0. */
function lifted(x: ComplexOperand, beside: ComplexOperand): Operand {
  if (isTensor(x) || !isComplexNumber(x) || !isTensor(beside)) return x as Operand
  return full([], x, { dtype: complexOf(beside.dtype), device: beside.device })
}

export function unify(name: string, left: ComplexOperand, right: ComplexOperand, compute: (d: DType) => DType): Pair {
  const [a, b] = [lifted(left, right), lifted(right, left)]
  if (isTensor(a) && isTensor(b)) {
    for (const t of [a, b]) if (isComplex(t.dtype)) refuseComplex(name, t)
    const dtype = compute(promote(a.dtype, b.dtype))
    return { a: cast(a, dtype), b: cast(b, dtype), scalar: 0, dtype, shape: broadcastShapes(name, a.shape, b.shape) }
  }
  const t = isTensor(a) ? a : b
  const scalar = isTensor(a) ? b : a
  if (!isTensor(t) || typeof scalar !== 'number') {
    throw new DTypeError(`${name}: takes two tensors, or a tensor and a number; got ${kind(a)} and ${kind(b)}`)
  }
  if (isComplex(t.dtype)) refuseComplex(name, t)
  const dtype = compute(promoteScalar(t.dtype, scalar))
  const x = cast(t, dtype)
  return { a: isTensor(a) ? x : null, b: isTensor(a) ? null : x, scalar, dtype, shape: t.shape }
}

const kind = (x: unknown): string => (isTensor(x) ? 'a tensor' : x === null ? 'null' : typeof x)

export function emit<R extends DType>(
  name: string,
  op: number,
  p: Pair,
  dtype: R,
  more: readonly number[] = NO_ATTRIBUTES,
): Tensor<R> {
  const n = numelOf(p.shape)
  if (p.a === null) return make(name, op, dtype, p.shape, p.b as Tensor, null, [2, p.scalar, ...more], n * 0.3)
  const attributes = p.b === null ? [1, p.scalar, ...more] : more.length === 0 ? BOTH : [...BOTH, ...more]
  return make(name, op, dtype, p.shape, p.a, p.b, attributes, n * 0.3)
}

/** The common body. `saved` chooses what the rule gets; `rule` may close over shapes and the number, not over tensors. */
export function arithmetic(
  name: string,
  op: number,
  a: Operand,
  b: Operand,
  compute: (d: DType) => DType,
  saved: (p: Pair, y: Tensor) => Tensor[] | null,
  rule: (p: Pair) => GradRule,
): Tensor {
  const p = unify(name, a, b, compute)
  const y = emit(name, op, p, p.dtype)
  if ((p.a !== null && needsGrad(p.a)) || (p.b !== null && needsGrad(p.b))) {
    record(name, y, [p.a, p.b], saved(p, y), rule(p))
  }
  return y
}

/**
 * A derivative by one operand, g times it; the operands come as they were given, y is the result. 'none': the operand gets no
 * gradient; 'unknown': recording it is refused, because the derivative has no closed form.
 */
export type Partial = ((g: Tensor, a: Operand, b: Operand, y: Tensor) => Tensor) | 'none' | 'unknown'

/** A function of two operands that saves both and its result. */
export function pairwise(
  name: string,
  op: number,
  a: Operand,
  b: Operand,
  compute: (d: DType) => DType,
  [da, db]: readonly [Partial, Partial],
  more: readonly number[] = NO_ATTRIBUTES,
): Tensor {
  const p = unify(name, a, b, compute)
  const wantsA = p.a !== null && needsGrad(p.a) && da !== 'none'
  const wantsB = p.b !== null && needsGrad(p.b) && db !== 'none'
  if ((wantsA && da === 'unknown') || (wantsB && db === 'unknown'))
    throw new AutogradError(
      `${name}: has no derivative by operand ${wantsA && da === 'unknown' ? 0 : 1}; use noGrad, or detach() the operand`,
    )
  const y = emit(name, op, p, p.dtype, more)
  if (!wantsA && !wantsB) return y
  const [haveA, haveB] = [p.a !== null, p.b !== null]
  const { scalar } = p
  const [sa, sb] = [wantsA ? (p.a as Tensor).shape : null, wantsB ? (p.b as Tensor).shape : null]
  const saved = [p.a, p.b, y].filter((t) => t !== null).map((t) => save(t as Tensor))
  record(name, y, [p.a, p.b], saved, (g, s) => {
    const x: Operand = haveA ? (s[0] as Tensor) : scalar
    const z: Operand = haveB ? (s[haveA ? 1 : 0] as Tensor) : scalar
    const y = s[s.length - 1] as Tensor
    return [
      sa && typeof da === 'function' ? sumTo(da(g, x, z, y), sa) : null,
      sb && typeof db === 'function' ? sumTo(db(g, x, z, y), sb) : null,
    ]
  })
  return y
}

/** For operators that PyTorch has no derivative of. */
export function refuseGradient(name: string, x: Tensor): void {
  if (needsGrad(x)) throw new AutogradError(`${name}: has no derivative rule; use noGrad, or detach() the operand`)
}
