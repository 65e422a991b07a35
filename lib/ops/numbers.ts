/** Tests of numbers, closeness and membership; parts and replacements of numbers. */
import { noGrad } from '../autograd/mode.js'
import { type GradRule, needsGrad, record, save } from '../autograd/node.js'
import { collecting } from '../engine/lifetime.js'
import { OP } from '../generated/ops.js'
import { type DType, isComplex, isFloating, isIntegral, promote, promoteScalar } from '../tensor/dtype.js'
import { type Shape, sameShape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, div, eq, ge, gt, le, logicalAnd, logicalOr, lt, maximum, minimum, mul, sub } from './binary.js'
import { imag, real } from './complex.js'
import { cast, clone } from './convert.js'
import { full } from './creation.js'
import { isTensor, make, method, numeric, refuseComplex } from './emit.js'
import { tidy } from './indices.js'
import { define, emit, float, type Operand, predicate, type Unary, unary, unify } from './pointwise.js'
import { all, sumTo } from './reduce.js'
import { maskedFill, where } from './select.js'
import { exp2 } from './trig.js'
import { abs, isfinite, isnan, trunc } from './unary.js'

/** True where the sign bit is set: of negative numbers and of -0. */
export function signbit(x: Tensor): Tensor<'bool'> {
  return predicate('signbit', OP.signbit, x)
}
/** True where x is infinite. */
export function isinf(x: Tensor): Tensor<'bool'> {
  if (isComplex(x.dtype)) return logicalOr(isinf(real(x)), isinf(imag(x)))
  return predicate('isinf', OP.isinf, x)
}
/** True where x is plus infinity. */
export function isposinf(x: Tensor): Tensor<'bool'> {
  return predicate('isposinf', OP.isposinf, x)
}
/** True where x is minus infinity. */
export function isneginf(x: Tensor): Tensor<'bool'> {
  return predicate('isneginf', OP.isneginf, x)
}
export interface CloseOptions {
  /** Default 1e-5, relative to the second operand. */
  rtol?: number
  /** Default 1e-8. */
  atol?: number
  /** Default false. */
  equalNan?: boolean
}

/** |a - b| <= atol + rtol |b|; infinities are close to themselves. */
export function isclose(a: Operand, b: Operand, options: CloseOptions = {}): Tensor<'bool'> {
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options
  const wide = [a, b].some((x) => isTensor(x) && isComplex(x.dtype))
  if (wide) return closeComplex(a, b, rtol, atol, equalNan)
  const p = unify('isclose', a, b, (d) => d)
  return emit('isclose', OP.isclose, p, 'bool', [rtol, atol, equalNan ? 1 : 0])
}

// |a - b| <= atol + rtol |b|, where infinities are close to equal ones only.
function closeComplex(a: Operand, b: Operand, rtol: number, atol: number, equalNan: boolean): Tensor<'bool'> {
  const whole = (x: Operand): Operand => (isTensor(x) ? x.detach() : x)
  return tidy(() => {
    const [x, y] = [whole(a), whole(b)]
    const size = isTensor(y) ? add(mul(abs(y), rtol), atol) : atol + rtol * Math.abs(y)
    const distance = abs(sub(x, y))
    const near = logicalAnd(le(distance, size), isfinite(distance))
    const close = logicalOr(eq(x, y), isTensor(size) ? logicalAnd(near, isfinite(size)) : near)
    const [nx, ny] = [x, y].map((t) => (isTensor(t) ? isnan(t) : Number(Number.isNaN(t)))) as [Operand, Operand]
    return equalNan ? logicalOr(close, logicalAnd(nx, ny)) : close
  })
}

/** Whether all elements of a test are true; the caller disposes of the result. */
function everywhere(test: () => Tensor): Tensor {
  const made: Tensor[] = []
  const result = collecting(made, () => noGrad(() => all(test())))
  for (const t of made) if (t !== result) t.dispose()
  return result
}
async function answer(t: Tensor): Promise<boolean> {
  try {
    return (await t.item()) !== 0
  } finally {
    t.dispose()
  }
}
function answerSync(t: Tensor): boolean {
  try {
    return t.itemSync() !== 0
  } finally {
    t.dispose()
  }
}
/** Whether all elements are close; see isclose. */
export function allclose(a: Tensor, b: Tensor, options?: CloseOptions): Promise<boolean> {
  return answer(everywhere(() => isclose(a, b, options)))
}
/** `allclose`, blocking the thread. */
export function allcloseSync(a: Tensor, b: Tensor, options?: CloseOptions): boolean {
  return answerSync(everywhere(() => isclose(a, b, options)))
}
/** Whether shapes and all elements are equal. */
export async function equal(a: Tensor, b: Tensor): Promise<boolean> {
  return sameShape(a.shape, b.shape) && answer(everywhere(() => eq(a, b)))
}
/** `equal`, blocking the thread. */
export function equalSync(a: Tensor, b: Tensor): boolean {
  return sameShape(a.shape, b.shape) && answerSync(everywhere(() => eq(a, b)))
}

/** True where an element is among the values of `test` (with invert: where it is not). */
export function isin(elements: Operand, test: Operand, options: { invert?: boolean } = {}): Tensor<'bool'> {
  const like = isTensor(elements) ? elements : (test as Tensor)
  const lifted = (x: Operand): Tensor =>
    isTensor(x) ? x : full([], x, { dtype: promoteScalar(like.dtype, x), device: like.device })
  const [x, values] = [lifted(elements), lifted(test)]
  for (const t of [x, values]) refuseComplex('isin', t)
  const d = promote(x.dtype, values.dtype)
  const compute: DType = d === 'f64' || d === 'i64' ? d : isIntegral(d) ? 'i32' : 'f32'
  const n = x.numel * 10 + values.numel * 20
  return make('isin', OP.isin, 'bool', x.shape, cast(x, compute), cast(values, compute), [options.invert ? 1 : 0], n)
}

// ---- parts and replacements

/** x - trunc(x). */
export const frac: Unary = define((x) => unary('frac', OP.frac, x, float(x), 'nothing', (g) => g))
/** x without its fraction; trunc by another name. */
export const fix: Unary = define((x) => trunc(x))
/** x itself. */
export const positive: Unary = define((x) => {
  numeric('positive', x.dtype)
  return x
})
/** mantissa (1/2 <= |mantissa| < 1) and exponent (i32) of x = mantissa 2^exponent; what is not finite keeps exponent 0. */
export function frexp<D extends DType, S extends Shape>(x: Tensor<D, S>): [Tensor<D, S>, Tensor<'i32', S>] {
  refuseComplex('frexp', x)
  const f = cast(x, float(x))
  const exponent = make('frexp', OP.frexpExponent, f.dtype, f.shape, f, null, [], f.numel)
  const mantissa = make('frexp', OP.frexpMantissa, f.dtype, f.shape, f, null, [], f.numel)
  if (needsGrad(f)) record('frexp', mantissa, [f], [save(exponent)], (g, [e]) => [div(g, exp2(e as Tensor))])
  return [mantissa as unknown as Tensor<D, S>, cast(exponent, 'i32') as unknown as Tensor<'i32', S>]
}

export interface NanToNumOptions {
  /** In place of NaN. Default 0. */
  nan?: number | null
  /** In place of plus infinity. Default: the dtype's largest number. */
  posinf?: number | null
  /** In place of minus infinity. Default: the dtype's smallest number. */
  neginf?: number | null
}
const LARGEST: Partial<Record<DType, number>> = {
  f32: 3.4028234663852886e38,
  f64: Number.MAX_VALUE,
  bf16: 3.3895313892515355e38,
  f16: 65504,
}

/** x with NaN and infinities replaced. Integers have none. */
export function nanToNum<D extends DType, S extends Shape>(
  x: Tensor<D, S>,
  options: NanToNumOptions = {},
): Tensor<D, S> {
  refuseComplex('nanToNum', x)
  if (!isFloating(x.dtype)) return clone(x)
  const most = LARGEST[x.dtype] as number
  const attributes = [options.nan ?? 0, options.posinf ?? most, options.neginf ?? -most]
  const rule = (g: Tensor, x: Tensor): Tensor => where(isfinite(x), g, 0)
  return unary('nanToNum', OP.nanToNum, x, x.dtype, 'x', rule, attributes) as Tensor<D, S>
}

/** x bounded below. Gradients pass where it was not changed. */
export function clampMin(x: Tensor, min: Operand): Tensor {
  return clampBetween('clampMin', x, min, null)
}
/** x bounded above. Gradients pass where it was not changed. */
export function clampMax(x: Tensor, max: Operand): Tensor {
  return clampBetween('clampMax', x, null, max)
}

/** clamp with tensors as bounds: max wins where it is below min. A changed element's gradient goes to the bound. */
export function clampBetween(name: string, x: Tensor, min: Operand | null, max: Operand | null): Tensor {
  for (const t of [x, min, max]) if (isTensor(t)) refuseComplex(name, t)
  const common = [min, max].reduce(
    (d: DType, b) => (b === null ? d : isTensor(b) ? promote(d, b.dtype) : promoteScalar(d, b)),
    x.dtype,
  )
  const dtype = numeric(name, common)
  const bound = (b: Operand | null): Tensor | null =>
    b === null ? null : isTensor(b) ? cast(b, dtype) : full([], b, { dtype, device: x.device })
  const [f, low, high] = [cast(x, dtype), bound(min), bound(max)]
  const y = bounded(f, low, high)
  if (needsGrad(f, low, high)) {
    const saved = [f, low, high].filter((t) => t !== null).map((t) => save(t as Tensor))
    const shapes = [f, low, high].map((t) => (t?.requiresGrad ? t.shape : null))
    record(name, y, [f, low, high], saved, clampRule(shapes, low !== null, high !== null))
  }
  return y
}

function bounded(x: Tensor, low: Tensor | null, high: Tensor | null): Tensor {
  return noGrad(() => {
    const risen = low ? maximum(x, low) : x
    if (!high) return risen
    const result = minimum(risen, high)
    if (risen !== x) risen.dispose()
    return result
  })
}

const clampRule =
  (shapes: readonly (Shape | null)[], haveLow: boolean, haveHigh: boolean): GradRule =>
  (g, s) => {
    const x = s[0] as Tensor
    const low = haveLow ? (s[1] as Tensor) : null
    const high = haveHigh ? (s[haveLow ? 2 : 1] as Tensor) : null
    const inside = low && high ? logicalAnd(ge(x, low), le(x, high)) : low ? ge(x, low) : le(x, high as Tensor)
    const below = low && (high ? logicalAnd(lt(x, low), lt(low, high)) : lt(x, low))
    const above = high && (low ? logicalOr(gt(x, high), lt(high, low)) : gt(x, high))
    return [inside, below, above].map((mask, i) => {
      const shape = shapes[i]
      return shape && mask ? sumTo(where(mask, g, 0), shape) : null
    })
  }

/** A tensor of x's shape and dtype filled with a value; a tensor of rank 0 as value gets the sum of the gradients. */
export function fill<D extends DType, S extends Shape>(x: Tensor<D, S>, value: Operand): Tensor<D, S> {
  const everywhere = full([], 1, { dtype: 'bool', device: x.device })
  if (!isTensor(value)) return maskedFill(x, everywhere, value) as Tensor<D, S>
  return where(everywhere, cast(value, x.dtype), x) as Tensor<D, S>
}

type UnaryMethod = <E extends DType, A extends Shape>(this: Tensor<E, A>) => Tensor<E, A>

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    signbit(): Tensor<'bool'>
    isinf(): Tensor<'bool'>
    isposinf(): Tensor<'bool'>
    isneginf(): Tensor<'bool'>
    frac: UnaryMethod
    fix: UnaryMethod
    positive: UnaryMethod
    isclose(other: Operand, options?: CloseOptions): Tensor<'bool'>
    allclose(other: Tensor, options?: CloseOptions): Promise<boolean>
    allcloseSync(other: Tensor, options?: CloseOptions): boolean
    equal(other: Tensor): Promise<boolean>
    equalSync(other: Tensor): boolean
    frexp(): [Tensor<D, S>, Tensor<'i32', S>]
    nanToNum<E extends DType, A extends Shape>(this: Tensor<E, A>, options?: NanToNumOptions): Tensor<E, A>
    clampMin(min: Operand): Tensor
    clampMax(max: Operand): Tensor
  }
}
const plain = { signbit, isinf, isposinf, isneginf, frac, fix, positive, frexp }
for (const [name, f] of Object.entries(plain)) {
  method(name, function (this: Tensor) {
    return f(this)
  })
}
for (const [name, f] of Object.entries({ isclose, allclose, allcloseSync })) {
  method(name, function (this: Tensor, other: Tensor, options?: CloseOptions) {
    return f(this, other, options)
  })
}
for (const [name, f] of Object.entries({ equal, equalSync })) {
  method(name, function (this: Tensor, other: Tensor) {
    return f(this, other)
  })
}
for (const [name, f] of Object.entries({ clampMin, clampMax })) {
  method(name, function (this: Tensor, bound: Operand) {
    return f(this, bound)
  })
}
method('nanToNum', function (this: Tensor, options?: NanToNumOptions) {
  return nanToNum(this, options)
})
