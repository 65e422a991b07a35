/** In-place forms, written through whatever view the operand is: lib/ops/inplace.ts, inplace-pointwise.ts. */
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import {
  ALL,
  call,
  type Entry,
  entry,
  FLOATS,
  type Fn,
  INSIDE,
  INTEGERS,
  type Judge,
  NUMBERS,
  POSITIVE,
  partner,
  WIDE,
} from '../draw.js'
import { type Domain, operand, randomShape } from '../tensors.js'

type Given = Judge & { domains?: readonly (Domain | undefined)[]; args?: readonly unknown[] }
const inPlace: Judge = { gradient: false }
const methodOf = (x: ops.Tensor, name: string): Fn => (x as unknown as Record<string, Fn>)[name] as Fn

/** x.name_(...args). */
const one = (names: string, dtypes: readonly DType[], { domains = [], args = [], ...judge }: Given = {}): Entry[] =>
  names
    .split(' ')
    .map((name) =>
      entry(
        `${name}_`,
        (r) =>
          call([operand(r, randomShape(r), r.pick(dtypes), domains[0])], (x) =>
            methodOf(x, `${name}_`).call(x, ...args),
          ),
        { roundings: 24, ...judge, ...inPlace },
      ),
    )
/** x.name_(y). */
const two = (names: string, dtypes: readonly DType[], { domains = [], args = [], ...judge }: Given = {}): Entry[] =>
  names.split(' ').map((name) =>
    entry(
      `${name}_`,
      (r) => {
        const shape = randomShape(r, 4, 200)
        const dtype = r.pick(dtypes)
        const x = operand(r, shape, dtype, domains[0])
        if (r.chance(5)) {
          const number = r.int(1, 4)
          return call([x], (a) => methodOf(a, `${name}_`).call(a, number, ...args))
        }
        return call([x, operand(r, partner(r, shape), r.chance(4) ? r.pick(dtypes) : dtype, domains[1])], (a, b) =>
          methodOf(a, `${name}_`).call(a, b, ...args),
        )
      },
      { roundings: 24, power: 2, ...judge, ...inPlace },
    ),
  )
const FROM_ONE: Domain = { low: 1, high: 3 }

export const inplace: readonly Entry[] = [
  ...one('abs neg sign square floor ceil trunc fix frac round zero', NUMBERS),
  ...one('exp exp2 expm1 sin cos atan sinh cosh tanh asinh sigmoid relu erf erfc i0 sinc deg2rad rad2deg', FLOATS),
  ...one('tan', FLOATS, { domains: [{ low: -1.25, high: 1.25 }] }),
  ...one('sqrt rsqrt reciprocal log log2 log10 log1p', FLOATS, { domains: [POSITIVE] }),
  ...one('asin acos atanh erfinv', FLOATS, { domains: [INSIDE] }),
  ...one('acosh', FLOATS, { domains: [{ low: 1.25, high: 4 }] }),
  ...one('lgamma digamma', FLOATS, { domains: [{ low: 0.5, high: 4 }] }),
  ...one('sgn', NUMBERS),
  ...one('logicalNot', ALL),
  ...one('bitwiseNot', INTEGERS),
  ...one('fill', ALL, { args: [1] }),
  ...one('clamp', NUMBERS, { args: [-1, 1] }),
  ...one('logit', FLOATS, { domains: [{ low: 0.125, high: 0.875 }] }),
  ...one('polygamma', FLOATS, { domains: [{ low: 0.5, high: 4 }], args: [1], roundings: 40 }),
  ...one('mvlgamma', FLOATS, { domains: [{ low: 2, high: 4 }], args: [2] }),
  ...one('nanToNum', FLOATS, { args: [{ nan: 1, posinf: 2, neginf: -2 }] }),
  ...two('add mul', ALL),
  ...two('sub clampMin clampMax', NUMBERS),
  ...two('div remainder fmod floorDivide', FLOATS, { domains: [undefined, FROM_ONE] }),
  ...two('eq ne lt le gt ge logicalAnd logicalOr logicalXor', ALL),
  ...two('pow', FLOATS, { domains: [POSITIVE, {}], power: 3 }),
  ...two('atan2 hypot', FLOATS, { domains: [POSITIVE, POSITIVE] }),
  ...two('copysign heaviside', FLOATS),
  ...two('nextafter', WIDE),
  ...two('xlogy', FLOATS, { domains: [undefined, POSITIVE] }),
  ...two('ldexp', FLOATS, { power: 5 }),
  ...two('floatPower', ['f64'], { domains: [POSITIVE, {}], power: 3 }),
  ...two('igamma igammac', FLOATS, { domains: [POSITIVE, POSITIVE], roundings: 40 }),
  ...two('gcd lcm bitwiseAnd bitwiseOr bitwiseXor bitwiseLeftShift bitwiseRightShift', INTEGERS),
  entry(
    'addcmul_, addcdiv_',
    (r) => {
      const shape = randomShape(r, 4, 200)
      const dtype = r.pick(FLOATS)
      const name = r.pick(['addcmul_', 'addcdiv_'])
      return call(
        [
          operand(r, shape, dtype),
          operand(r, partner(r, shape), dtype),
          operand(r, partner(r, shape), dtype, FROM_ONE),
        ],
        (x, a, b) => methodOf(x, name).call(x, a, b, { value: 0.5 }),
      )
    },
    { roundings: 24, power: 2, ...inPlace },
  ),
  entry(
    'fill_, copy_, add_, mul_',
    (r) => {
      const shape = randomShape(r, 4, 200)
      const dtype = r.pick(ALL)
      const f = r.pick([
        (x: ops.Tensor) => ops.fill_(x, 1),
        (x: ops.Tensor, y: ops.Tensor) => ops.copy_(x, y),
        (x: ops.Tensor, y: ops.Tensor) => ops.add_(x, y, { alpha: 2 }),
        (x: ops.Tensor, y: ops.Tensor) => ops.mul_(x, y),
      ])
      return call([operand(r, shape, dtype), operand(r, partner(r, shape), dtype)], f)
    },
    { roundings: 24, power: 2, ...inPlace },
  ),
  entry(
    'copy_, lerp_',
    (r) => {
      const shape = randomShape(r, 4, 200)
      const [name, ...args] = r.pick([['copy_'], ['lerp_', 0.25]] as const)
      const dtype = r.pick(name === 'copy_' ? ALL : WIDE)
      return call(
        [operand(r, shape, dtype), operand(r, partner(r, shape), name === 'copy_' ? r.pick(ALL) : dtype)],
        (x, y) => methodOf(x, name).call(x, y, ...args),
      )
    },
    inPlace,
  ),
  // Uniform and normal numbers into a view.
  entry(
    'uniform_, normal_, bernoulli_, random_, exponential_, logNormal_',
    (r) => {
      const seed = r.int(0, 2 ** 31)
      const [name, ...args] = r.pick([
        ['uniform_', -1, 1],
        ['normal_', 0, 1],
        ['bernoulli_', 0.25],
        ['random_', 0, 9],
        ['exponential_', 1],
        ['logNormal_', 0, 0.5],
      ] as const)
      return call([operand(r, randomShape(r), r.pick(WIDE))], (x) =>
        methodOf(x, name).call(x, ...args, { generator: new ops.Generator(seed) }),
      )
    },
    { roundings: 40, ...inPlace },
  ),
]
