/**
 * In-place forms of the pointwise operators, named as theirs with `_` behind. Place in the whole: each computes the operator's
 * result and writes it over the tensor.
 */
import { collecting } from '../engine/lifetime.js'
import { DTypeError, ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type DType, isComplex, isFloating } from '../tensor/dtype.js'
import { type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { assign, recordsWrite } from './assign.js'
import type { Operand } from './binary.js'
import { isTensor, method, mutate, NO_ATTRIBUTES } from './emit.js'
import type { NanToNumOptions } from './numbers.js'
import type { AddcOptions } from './ternary.js'
import type { RoundOptions } from './unary.js'

const ONE = [
  'abs',
  'neg',
  'sign',
  'sgn',
  'square',
  'sqrt',
  'rsqrt',
  'reciprocal',
  'exp',
  'exp2',
  'expm1',
  'log',
  'log2',
  'log10',
  'log1p',
  'sin',
  'cos',
  'tan',
  'asin',
  'acos',
  'atan',
  'sinh',
  'cosh',
  'tanh',
  'asinh',
  'acosh',
  'atanh',
  'sigmoid',
  'relu',
  'erf',
  'erfc',
  'erfinv',
  'floor',
  'ceil',
  'trunc',
  'fix',
  'frac',
  'lgamma',
  'digamma',
  'i0',
  'sinc',
  'deg2rad',
  'rad2deg',
  'logicalNot',
  'bitwiseNot',
] as const
const TWO = [
  'pow',
  'remainder',
  'fmod',
  'floorDivide',
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'logicalAnd',
  'logicalOr',
  'logicalXor',
  'atan2',
  'hypot',
  'copysign',
  'heaviside',
  'nextafter',
  'xlogy',
  'ldexp',
  'floatPower',
  'igamma',
  'igammac',
  'gcd',
  'lcm',
  'bitwiseAnd',
  'bitwiseOr',
  'bitwiseXor',
  'bitwiseLeftShift',
  'bitwiseRightShift',
  'clampMin',
  'clampMax',
] as const
const WITH_ARGUMENTS = [
  'round',
  'clamp',
  'logit',
  'polygamma',
  'mvlgamma',
  'nanToNum',
  'lerp',
  'addcmul',
  'addcdiv',
] as const

/** bool, integers, floating-point numbers, complex numbers. */
const kindOf = (d: DType): number => (d === 'bool' ? 0 : isComplex(d) ? 3 : isFloating(d) ? 2 : 1)

/**
 * x[...] = f(x), recorded where gradients are. The result's dtype must be of x's kind or a lower one, as in PyTorch.
 *
 * @throws DTypeError when it is not
 * @throws ShapeError when the result has another shape than x
 */
export function overwrite(op: string, x: Tensor, operands: readonly unknown[], f: (x: Tensor) => Tensor): Tensor {
  const compute = (x: Tensor): Tensor => {
    const y = f(x)
    if (kindOf(y.dtype) > kindOf(x.dtype))
      throw new DTypeError(`${op}: the result is ${y.dtype}, which a ${x.dtype} tensor cannot hold; convert it first`)
    if (!sameShape(y.shape, x.shape))
      throw new ShapeError(`${op}: the result ${show(y.shape)} does not fit into ${show(x.shape)}`)
    return y
  }
  if (recordsWrite(x, ...operands.filter(isTensor))) return assign(op, x, compute)
  const made: Tensor[] = []
  try {
    const y = collecting(made, () => compute(x))
    if (y !== x) mutate(op, OP.copyInto, [x, y], [x], NO_ATTRIBUTES, x.numel * 0.3)
    return x
  } finally {
    for (const t of made) t.dispose()
  }
}

/** x.exp_() and so on: no arguments. */
export type InPlaceOne = { [K in (typeof ONE)[number] as `${K}_`]: <T extends Tensor>(this: T) => T }
/** x.pow_(y) and so on: a tensor or a number. */
export type InPlaceTwo = { [K in (typeof TWO)[number] as `${K}_`]: <T extends Tensor>(this: T, other: Operand) => T }

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> extends InPlaceOne, InPlaceTwo {
    round_(options?: RoundOptions): this
    clamp_(min?: Operand | null, max?: Operand | null): this
    logit_(eps?: number | null): this
    polygamma_(n: number): this
    mvlgamma_(p: number): this
    nanToNum_(options?: NanToNumOptions): this
    lerp_(other: Tensor, weight: Operand): this
    addcmul_(a: Tensor, b: Tensor, options?: AddcOptions): this
    addcdiv_(a: Tensor, b: Tensor, options?: AddcOptions): this
  }
}
for (const name of [...ONE, ...TWO, ...WITH_ARGUMENTS]) {
  method(`${name}_`, function (this: Tensor, ...args: never[]) {
    return overwrite(`${name}_`, this, args, (x) =>
      (x[name] as (...args: never[]) => Tensor).apply(
        x,
        // x beside itself is the old x too.
        args.map((a) => ((a as unknown) === this ? (x as never) : a)),
      ),
    )
  })
}
