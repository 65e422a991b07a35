/** Pointwise operators, masks and conditions. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { TORCH } from '../helpers/torch.js'
import { type Mapping, map, only } from './mapping.js'

const unary = (name: string): Mapping =>
  map('input', ({ input }) => (TORCH[name] as (typeof TORCH)[string])([input], {}))
const binary = (f: (a: any, b: any) => Tensor): Mapping => map('input other', ({ input, other }) => f(input, other))
const swapped = (f: (a: any, b: any) => Tensor): Mapping => map('input other', ({ input, other }) => f(other, input))

export const pointwise: Readonly<Record<string, Mapping>> = {
  ...Object.fromEntries(
    [
      'abs',
      'ceil',
      'cos',
      'exp',
      'floor',
      'log1p',
      'log',
      'neg',
      'round',
      'sigmoid',
      'sign',
      'sin',
      'tanh',
      'trunc',
      'expm1',
      'reciprocal',
      'rsqrt',
      'sqrt',
      'square',
      'isfinite',
      'isnan',
      'erf',
    ].map((name) => [name, unary(name)]),
  ),
  logical_not: unary('logicalNot'),
  'nn.functional.relu': map('input inplace', ({ input, ...a }) => {
    only(a, { inplace: false })
    return ops.relu(input)
  }),
  'nn.functional.silu': map('input inplace', ({ input, ...a }) => {
    only(a, { inplace: false })
    return ops.silu(input)
  }),
  'nn.functional.gelu': map('input approximate', ({ input, approximate }) => ops.gelu(input, { approximate })),
  'nn.functional.leaky_relu': map('input negative_slope inplace', ({ input, negative_slope }) =>
    ops.leakyRelu(input, negative_slope),
  ),
  'nn.functional.elu': map('input alpha', ({ input, alpha }) => ops.elu(input, alpha)),
  'nn.functional.softplus': map('input beta threshold', ({ input, beta, threshold }) =>
    ops.softplus(input, beta, threshold),
  ),
  'nn.functional.hardtanh': map('input min_val max_val', ({ input, min_val, max_val }) =>
    ops.clamp(input, min_val ?? -1, max_val ?? 1),
  ),
  'nn.functional.relu6': map('input', ({ input }) => ops.clamp(input, 0, 6)),
  add: map('input other alpha', ({ input, other, alpha }) =>
    ops.add(input, alpha === undefined ? other : ops.mul(other, alpha)),
  ),
  sub: map('input other alpha', ({ input, other, alpha }) =>
    ops.sub(input, alpha === undefined ? other : ops.mul(other, alpha)),
  ),
  rsub: map('input other alpha', ({ input, other, alpha }) =>
    ops.sub(other, alpha === undefined ? input : ops.mul(input, alpha)),
  ),
  mul: binary(ops.mul),
  'div.no_rounding_mode': map('input other rounding_mode', ({ input, other, ...a }) => {
    only(a, { rounding_mode: null })
    return ops.div(input, other)
  }),
  true_divide: binary(ops.div),
  remainder: binary(ops.remainder),
  pow: binary(ops.pow),
  maximum: binary(ops.maximum),
  minimum: binary(ops.minimum),
  'max.binary': binary(ops.maximum),
  'min.binary': binary(ops.minimum),
  clamp_min: binary(ops.maximum),
  clamp_max: binary(ops.minimum),
  eq: binary(ops.eq),
  ne: binary(ops.ne),
  lt: binary(ops.lt),
  le: binary(ops.le),
  gt: binary(ops.gt),
  ge: binary(ops.ge),
  logical_and: binary(ops.logicalAnd),
  logical_or: binary(ops.logicalOr),
  logical_xor: binary(ops.logicalXor),
  __radd__: swapped(ops.add),
  __rsub__: swapped(ops.sub),
  __rmul__: swapped(ops.mul),
  __rdiv__: swapped(ops.div),
  __rpow__: swapped(ops.pow),
  __rmod__: swapped(ops.remainder),
  where: map('input condition other', ({ condition, input, other }) => ops.where(condition, input, other)),
  masked_fill: map('input mask value', ({ input, mask, value }) => ops.maskedFill(input, mask, value)),
}
