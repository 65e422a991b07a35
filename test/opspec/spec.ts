/**
 * The description of an operator from which its tests are made. Place in the whole: one OpSpec an operator, in
 * test/ops/<family>.spec.ts; suite.ts turns it into correctness, gradient, dtype, layout, edge, error and thread tests.
 */

import type { OP } from '#lib/generated/ops.js'
import type { Tensor } from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Sampler } from './sampler.js'

/** A row of native/ops.def. */
export type OpName = keyof typeof OP

export interface Input {
  shape: Shape
  /** Row-major. */
  values: Float64Array
  /** A dtype of its own (indices, masks); else the dtype under test. */
  dtype?: DType
  /** Written in place: never laid out with stride 0, and what lies between its elements must not change. */
  mutated?: boolean
  /** Has no gradient. */
  constant?: boolean
  /** Its values depend on one another: tests do not exchange them. */
  ordered?: boolean
}

export interface Sample<A = any> {
  inputs: readonly (Input | null)[]
  args: A
  /** Takes part in gradient tests. Default: all inputs' values are finite. */
  differentiable?: boolean
  /** false: its gradient differs from the derivative on purpose. */
  byDifferences?: false
  /** Long enough to run on several threads: compared between one thread and several. */
  large?: boolean
  /** Of a path that the CPU's kernels alone have, and too large for the simulator's pace. */
  cpu?: boolean
}

export interface Accuracy<A = any> {
  /** Roundings between operands and a result, sums aside. 0: the result is exact. */
  roundings: number
  /** Terms of the longest sum behind one element of the result. */
  terms?: (inputs: readonly (Input | null)[], args: A) => number
  /** The sum is one of products, which are added one after the other. */
  serial?: boolean
  /**
   * What errors are relative to, computed by the oracle: for each result the sum of its terms' absolute values, 'norm'
   * (the largest element, and the sensitivity to the inputs; for operators whose terms are no plain sum), or |y|.
   */
  magnitude?: 'norm' | ((inputs: readonly Tensor[], args: A) => Tensor | readonly Tensor[])
  /** Several commands: every intermediate result is rounded to the dtype. */
  composed?: boolean
  /** A kernel of these dtypes (on CUDA, of others) rounds factors of the sum to them: the sum of the terms' absolute values. */
  narrowed?: {
    dtypes: readonly DType[]
    onCuda?: readonly DType[]
    magnitude: (inputs: readonly Tensor[], args: A) => Tensor
  }
}

export interface Gradient {
  /** Where the function has no derivative: its sampler stays away from there. */
  kinks?: string
  /** Roundings of the backward pass. Default: twice the forward pass's, and two. */
  roundings?: number
  /** Has no second derivative: asking for one is a typed error. */
  once?: true
}

export interface ErrorCase {
  call: (device: string) => unknown
  code: string
  message: string
}

/** Operators that take c64 and c128 beside the dtypes of their specs; complex.spec.ts tests that. */
export const TAKE_COMPLEX: ReadonlySet<string> = new Set(
  (
    'add sub mul div pow eq ne neg abs square reciprocal exp exp2 expm1 log log1p log2 log10 sqrt rsqrt sigmoid sin cos tan ' +
    'asin acos atan sinh cosh tanh asinh acosh atanh isnan isfinite isinf logicalNot lerp addcmul addcdiv sum mean prod ' +
    'cumsum cumprod sumToSize matmul linear vdot vecdot vectorNorm norm dist variance std varMean stdMean any all ' +
    'countNonzero isclose diff trapezoid cumulativeTrapezoid trapz glu ldexp renorm masked.prod masked.norm masked.normalize ' +
    'masked.cumsum masked.cumprod'
  ).split(' '),
)

export interface OpSpec<A = any> {
  /** Public function. */
  name: string
  /** Rows of native/ops.def that the tests of this spec run, the backward pass included. */
  ops: readonly OpName[]
  /** Dtypes that are tested. */
  dtypes: readonly DType[]
  /** Dtypes refused with a typed error that names the dtype. Default: all the others (see also TAKE_COMPLEX). */
  refuses?: readonly DType[]
  /** Dtype of a result. Default: the dtype under test; for further results an integer dtype is left to the oracle. */
  result?: (d: DType, index: number) => DType
  /** The oracle computes in this dtype. Default: f64 for floating-point dtypes, integers as they are. */
  oracle?: (d: DType) => DType
  samples: (s: Sampler) => Iterable<Sample<A>>
  call: (inputs: readonly Tensor[], args: A, device: string) => Tensor | readonly Tensor[]
  accuracy: Accuracy<A>
  /** null: nothing to differentiate. */
  gradient: Gradient | null
  /** -0 and 0 are told apart. */
  signedZeros?: boolean
  errors?: Readonly<Record<string, ErrorCase>>
}

export const FLOATS: readonly DType[] = ['f32', 'f64', 'bf16', 'f16']
export const INTEGERS: readonly DType[] = ['i32', 'i64', 'u8', 'i8']
export const REALS: readonly DType[] = [...FLOATS, ...INTEGERS, 'bool']
