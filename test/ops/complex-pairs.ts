/**
 * Complex numbers as operands of OpSpecs: real pairs (..., 2) that become complex inside the call, and results go back; so the suite's
 * gradients by differences are those of both parts. Place in the whole: what the complex families share.
 */
import type { ComplexNumber, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import type { Domain, Sampler } from '../opspec/sampler.js'
import type { Accuracy, Input, OpName, OpSpec, Sample } from '../opspec/spec.js'

export interface Args {
  /** The complex operands lie transposed in memory. */
  strided?: boolean
  left?: number | ComplexNumber
  right?: number | ComplexNumber
  axes?: readonly number[]
}

export const WIDE: readonly DType[] = ['f32', 'f64']
export const AWAY: Domain = { avoid: [0] }

export function z(x: Tensor, args: Args): Tensor {
  const c = ops.viewAsComplex(x)
  return args.strided ? c.transpose().clone().transpose() : c
}

export const back = (y: Tensor): Tensor => (y.dtype.startsWith('c') ? ops.viewAsReal(y) : y)

/** Every pair of special numbers. */
export function specials(s: Sampler): Input {
  const list = [...s.specials().values]
  return s.given(
    list.flatMap((re) => list.flatMap((im) => [re, im])),
    [list.length, list.length, 2],
  )
}

export function* single(s: Sampler, domain: Domain, special: boolean): Iterable<Sample<Args>> {
  for (const n of [0, 1, 3, 8, 17, 33]) yield { inputs: [s.values([n, 2], domain)], args: {} }
  yield { inputs: [s.values([2], domain)], args: {} }
  yield { inputs: [s.values([5, 7, 2], domain)], args: { strided: true } }
  if (special) yield { inputs: [specials(s)], args: {}, differentiable: false }
}

export const one = (
  name: string,
  f: (x: Tensor) => Tensor,
  rows: readonly OpName[],
  accuracy: Accuracy,
  more: Partial<OpSpec> & { domain?: Domain; special?: boolean } = {},
): OpSpec => {
  const { domain, special, ...rest } = more
  return {
    name,
    ops: rows,
    dtypes: WIDE,
    samples: (s) => single(s, domain ?? {}, special ?? false),
    call: ([x], args) => back(f(z(x as Tensor, args))),
    accuracy,
    gradient: {},
    ...rest,
  }
}

export const exact = { roundings: 0 }
export const short = { roundings: 4, magnitude: 'norm' as const }

/** Functions of one complex number that have kernels of their own. */
export const FUNCTIONS: Readonly<Record<string, (z: Tensor) => Tensor>> = {
  sqrt: ops.sqrt,
  rsqrt: ops.rsqrt,
  exp2: ops.exp2,
  expm1: ops.expm1,
  log1p: ops.log1p,
  log2: ops.log2,
  log10: ops.log10,
  sin: ops.sin,
  cos: ops.cos,
  tan: ops.tan,
  asin: ops.asin,
  acos: ops.acos,
  atan: ops.atan,
  sinh: ops.sinh,
  cosh: ops.cosh,
  tanh: ops.tanh,
  asinh: ops.asinh,
  acosh: ops.acosh,
  atanh: ops.atanh,
  sigmoid: ops.sigmoid,
}
