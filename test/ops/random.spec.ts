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

const dropout: OpSpec<{ p: number; seed: number }> = {
  name: 'dropout',
  ops: ['dropout'],
  dtypes: FLOATS,
  *samples(s) {
    for (const p of [0, 0.1, 0.5, 1])
      for (const shape of [...LENGTHS.map((n) => [n]), [3, 5], []])
        yield { inputs: [s.values(shape)], args: { p, seed: 3 } }
    yield { inputs: [s.values([301, 503])], args: { p: 0.3, seed: 5 }, large: true }
  },
  call: ([x], { p, seed }) => ops.dropout(x as Tensor, p, { generator: new ops.Generator(seed) }),
  accuracy: { roundings: 2 },
  gradient: {},
  errors: value((device) => ops.dropout(ops.ones([2], { device }), 1.5), 'dropout: 1.5 is not a probability'),
}

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
    [...INTEGERS, 'f32', 'f64'],
    [
      [0, 10],
      [3, 100],
    ],
    (shape, [low, high], o) => ops.randint(low as number, high as number, shape, o) as Tensor,
    exact,
    [],
    value(() => ops.randint(3, 3, [2]), 'randint: no integers from 3 below 3'),
  ),
  {
    ...drawn(
      'randperm',
      ['i64'],
      [[]],
      (shape, _, { device, generator }) => ops.randperm(shape[0] ?? 1, { device, generator }) as Tensor,
      exact,
      [],
    ),
    *samples() {
      for (const n of [0, 1, 2, 33, 1009])
        yield { inputs: [], args: { shape: [n], seed: 7, skip: 0, parameters: [], dtype: 'i64' } }
    },
  },
  dropout,
]
