/** Pointwise operators: lib/ops/unary.ts, binary.ts, ternary.ts and what is beside them. */
import * as ops from '#lib/index.js'
import {
  ALL,
  binary,
  call,
  type Entry,
  entry,
  FLOATS,
  INSIDE,
  NUMBERS,
  POSITIVE,
  partner,
  unary,
  WIDE,
} from '../draw.js'
import { operand, randomShape } from '../tensors.js'

/** Operators of three operands that broadcast. */
const ternary = (name: string, f: (a: ops.Tensor, b: ops.Tensor, c: ops.Tensor) => ops.Tensor, third = {}): Entry =>
  entry(
    name,
    (r) => {
      const shape = randomShape(r, 4, 200)
      const dtype = r.pick(FLOATS)
      return call(
        [operand(r, shape, dtype), operand(r, partner(r, shape), dtype), operand(r, partner(r, shape), dtype, third)],
        f,
      )
    },
    { power: 2 },
  )

/** Those with a mask. */
const masking = (name: string, f: (m: ops.Tensor, a: ops.Tensor, b: ops.Tensor) => ops.Tensor): Entry =>
  entry(name, (r) => {
    const shape = randomShape(r, 4, 200)
    const dtype = r.pick(ALL)
    return call(
      [operand(r, partner(r, shape), 'bool'), operand(r, shape, dtype), operand(r, partner(r, shape), dtype)],
      f,
    )
  })

export const pointwise: readonly Entry[] = [
  ...unary('neg abs sign square floor ceil round trunc fix frac positive sgn clone contiguous', NUMBERS, {
    roundings: 2,
  }),
  ...unary('round', FLOATS, { args: (r) => [{ decimals: r.int(-1, 2) }] }),
  ...unary('exp expm1 sin cos tanh sigmoid erf erfc exp2 atan sinh cosh asinh sinc deg2rad rad2deg', NUMBERS, {
    roundings: 6,
  }),
  ...unary('tan', FLOATS, { domain: { low: -1.25, high: 1.25 }, roundings: 12 }),
  ...unary('asin acos atanh', FLOATS, { domain: INSIDE, roundings: 12 }),
  ...unary('acosh', FLOATS, { domain: { low: 1.25, high: 4 }, roundings: 12 }),
  ...unary('sqrt rsqrt log log1p log2 log10 reciprocal', FLOATS, { domain: POSITIVE, roundings: 12 }),
  ...unary('isnan isfinite isinf isposinf isneginf signbit logicalNot', ALL),
  ...unary('nanToNum', FLOATS, { args: (r) => [r.chance(2) ? {} : { nan: 1, posinf: r.int(0, 9), neginf: -3 }] }),
  ...unary('frexp', FLOATS),
  ...unary('angle', NUMBERS),
  ...unary('clamp', NUMBERS, { args: (r) => [r.int(-3, 1), r.chance(4) ? undefined : r.int(-1, 4)] }),
  ...binary('add maximum minimum fmax fmin', ALL),
  ...binary('sub rsub', NUMBERS),
  ...binary('mul', ALL, { power: 2 }),
  ...binary('div', NUMBERS, {
    domains: [undefined, { low: 1, high: 3 }],
    args: (r) => (r.chance(2) ? [] : [{ roundingMode: r.pick(['floor', 'trunc', null]) }]),
  }),
  ...binary('fmod remainder floorDivide', NUMBERS, { domains: [undefined, { low: 1, high: 3 }], power: 2 }),
  ...binary('pow floatPower', FLOATS, { domains: [POSITIVE, { low: -2, high: 2 }], power: 3 }),
  ...binary('pow', NUMBERS, {
    domains: [
      { low: 1, high: 2 },
      { low: 0, high: 0.5 },
    ],
    power: 4,
  }),
  ...binary('atan2 hypot', FLOATS, { domains: [POSITIVE, POSITIVE] }),
  ...binary('copysign heaviside', NUMBERS),
  ...binary('nextafter', WIDE),
  ...binary('ldexp', FLOATS, { power: 5 }),
  ...binary('logaddexp logaddexp2', FLOATS, { roundings: 12 }),
  ...binary('eq ne lt le gt ge logicalAnd logicalOr logicalXor', ALL),
  ...binary('isclose', ALL, { args: (r) => [{ rtol: 0, atol: 0.25, equalNan: r.chance(2) }] }),
  ...binary('clampMin clampMax isin', NUMBERS),
  entry('equalSync, allcloseSync', (r) => {
    const shape = randomShape(r, 4, 200)
    const dtype = r.pick(ALL)
    const f = r.pick([ops.equalSync, ops.allcloseSync])
    const x = operand(r, shape, dtype)
    return call([x, r.chance(2) ? x : operand(r, partner(r, shape), dtype)], (a, b) => f(a, b))
  }),
  ternary('lerp', ops.lerp),
  ternary('addcmul', (x, a, b) => ops.addcmul(x, a, b, { value: 0.5 })),
  ternary('addcdiv', (x, a, b) => ops.addcdiv(x, a, b, { value: -2 }), { low: 1, high: 3 }),
  ternary('clamp', (x, a, b) => ops.clamp(x, a, b)),
  masking('where', ops.where),
  masking('maskedFill', (m, x, y) => ops.maskedFill(x, m, y.numel === 1 ? y.reshape([]) : 2)),
  ...unary('fill', ALL, { args: (r) => [r.int(0, 4)] }),
  entry('cast', (r) => {
    const to = r.pick(ALL)
    return call([operand(r, randomShape(r), r.pick(ALL))], (x) => ops.cast(x, to))
  }),
  entry('to', (r) => {
    const to = r.pick(ALL)
    return call([operand(r, randomShape(r), r.pick(ALL))], (x) => ops.to(x, to))
  }),
  entry('bitcast', (r) => {
    const dtypes = r.pick([
      ['f32', 'i32'] as const,
      ['i32', 'f32'] as const,
      ['f64', 'i64'] as const,
      ['u8', 'i8'] as const,
      ['i64', 'i32'] as const,
    ])
    return call([operand(r, randomShape(r, 4, 200, 1), dtypes[0])], (x) => ops.bitcast(x, dtypes[1]))
  }),
]
