/**
 * Random numbers: lib/ops/random.ts. The stream of numbers is defined (native/engine/philox.h), so the oracle must give the
 * same ones; distributions are tested in random.test.ts.
 */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import type { Shape } from '#lib/tensor/shape.js'
import { LENGTHS, type Sampler } from '../opspec/sampler.js'
import {
  type Accuracy,
  type ErrorCase,
  FLOATS,
  INTEGERS,
  type OpName,
  type OpSpec,
  REALS,
  type Sample,
} from '../opspec/spec.js'

interface Args {
  shape: Shape
  seed: number
  /** Numbers drawn before. */
  skip: number
  parameters: readonly number[]
  dtype: DType
}

function* samples(s: Sampler, parameters: readonly (readonly number[])[]): Iterable<Sample<Args>> {
  for (const p of parameters) {
    for (const n of LENGTHS) yield { inputs: [], args: { shape: [n], seed: 7, skip: 0, parameters: p, dtype: s.dtype } }
    yield { inputs: [], args: { shape: [], seed: 2 ** 40 + 3, skip: 0, parameters: p, dtype: s.dtype } }
    yield { inputs: [], args: { shape: [3, 5], seed: 2 ** 53 - 1, skip: 17, parameters: p, dtype: s.dtype } }
  }
  yield {
    inputs: [],
    args: { shape: [301, 503], seed: 1, skip: 5, parameters: parameters[0] as readonly number[], dtype: s.dtype },
    large: true,
  }
}

type Options = { device: string; dtype: DType; generator: ops.Generator }

function generator({ seed, skip }: { seed: number; skip: number }): ops.Generator {
  const g = new ops.Generator(seed)
  g.state = { seed, offset: skip }
  return g
}

const drawn = (
  name: OpName,
  dtypes: readonly DType[],
  parameters: readonly (readonly number[])[],
  call: (shape: Shape, p: readonly number[], options: Options) => Tensor,
  accuracy: Accuracy<Args>,
  refuses: readonly DType[],
  errors: Record<string, ErrorCase> = {},
): OpSpec<Args> => ({
  name,
  ops: [name],
  dtypes,
  refuses,
  oracle: (d) => d,
  samples: (s) => samples(s, parameters),
  call: (_, args, device) =>
    call(args.shape, args.parameters, { device, dtype: args.dtype, generator: generator(args) }),
  accuracy,
  gradient: null,
  errors,
})

const value = (call: (device: string) => unknown, message: string): Record<string, ErrorCase> => ({
  arguments: { call, code: 'SINTER_VALUE', message },
})

/** The radius sqrt(-2 ln u) times a sine: relative to the longest radius that a 32-bit u gives. */
const boxMuller: Accuracy<Args> = {
  roundings: 4,
  magnitude: (_, { shape, parameters: [mean, std] }) =>
    ops.full(shape, Math.abs(mean as number) + (std as number) * Math.sqrt(64 * Math.LN2), {
      dtype: 'f64',
      device: 'reference',
    }) as Tensor,
}
const exact: Accuracy<Args> = { roundings: 0 }

type Like = { which: 'randLike' | 'randnLike' | 'randintLike' }
const alike: OpSpec<Like> = {
  name: 'randLike, randnLike, randintLike',
  ops: [],
  dtypes: FLOATS,
  refuses: [],
  oracle: (d) => d,
  *samples(s) {
    for (const which of ['randLike', 'randnLike', 'randintLike'] as const)
      yield { inputs: [s.values([3, 5])], args: { which } }
  },
  call: ([x], { which }) => {
    const options = { generator: new ops.Generator(3) }
    if (which === 'randintLike') return ops.randintLike(x as Tensor, 0, 9, options)
    return (which === 'randLike' ? ops.randLike : ops.randnLike)(x as Tensor, options)
  },
  accuracy: { roundings: 4, magnitude: 'norm' },
  gradient: null,
}
export const specs: readonly OpSpec[] = [
  drawn(
    'uniform',
    FLOATS,
    [
      [0, 1],
      [-3, 5],
    ],
    (shape, [low, high], o) => ops.uniform(shape, low as number, high as number, o) as Tensor,
    { roundings: 2, magnitude: 'norm' },
    [],
  ),
  drawn(
    'normal',
    FLOATS,
    [
      [0, 1],
      [2, 0.5],
    ],
    (shape, [mean, std], o) => ops.normal(shape, mean as number, std as number, o) as Tensor,
    boxMuller,
    [],
    value(() => ops.normal([2], 0, -1), 'normal: standard deviation -1 is negative'),
  ),
  drawn(
    'bernoulli',
    REALS,
    [[0.3], [0], [1]],
    (shape, [p], o) => ops.bernoulli(shape, p as number, o) as Tensor,
    exact,
    [],
    value(() => ops.bernoulli([2], -1), 'bernoulli: -1 is not a probability'),
  ),
  drawn(
    'randint',
    [...INTEGERS, ...FLOATS],
    [
      [0, 10],
      [3, 100],
    ],
    (shape, [low, high], o) => ops.randint(low as number, high as number, shape, o) as Tensor,
    exact,
    [],
    {
      ...value(() => ops.randint(3, 3, [2]), 'randint: no integers from 3 below 3'),
      range: {
        call: () => ops.randint(0, 257, [2], { dtype: 'u8' }),
        code: 'SINTER_VALUE',
        message: 'randint: u8 does not hold all integers from 0 below 257',
      },
    },
  ),
  drawn(
    'exponential',
    FLOATS,
    [[1], [0.25]],
    (shape, [rate], o) => ops.exponential(shape, rate as number, o) as Tensor,
    { roundings: 8 },
    [],
    value(() => ops.exponential([2], 0), 'exponential: rate 0 is not above 0'),
  ),
  drawn(
    'cauchy',
    FLOATS,
    [
      [0, 1],
      [2, 0.5],
    ],
    (shape, [median, scale], o) => ops.cauchy(shape, median as number, scale as number, o) as Tensor,
    { roundings: 8, magnitude: 'norm' },
    [],
    value(() => ops.cauchy([2], 0, -1), 'cauchy: scale -1 is not above 0'),
  ),
  drawn(
    'geometric',
    [...FLOATS, ...INTEGERS],
    [[0.25], [0.9]],
    (shape, [p], o) => ops.geometric(shape, p as number, o) as Tensor,
    exact,
    [],
    value(() => ops.geometric([2], 1), 'geometric: 1 is not a probability between 0 and 1'),
  ),
  drawn(
    'logNormal',
    FLOATS,
    [
      [0, 0.5],
      [1, 0.25],
    ],
    (shape, [mean, std], o) => ops.logNormal(shape, mean as number, std as number, o) as Tensor,
    { roundings: 16 },
    [],
    value(() => ops.logNormal([2], 0, 0), 'logNormal: standard deviation 0 is not above 0'),
  ),
  alike,
  {
    ...drawn(
      'randperm',
      ['i64', 'i32', 'f32'],
      [[]],
      (shape, _, o) => ops.randperm(shape[0] ?? 1, o) as Tensor,
      exact,
      [],
    ),
    *samples(s) {
      for (const n of [0, 1, 2, 33, 1009])
        yield { inputs: [], args: { shape: [n], seed: 7, skip: 0, parameters: [], dtype: s.dtype } }
    },
  },
]
