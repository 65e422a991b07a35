/** Random numbers with a parameter an element, and dropout: lib/ops/random.ts, distributions.ts, dropout.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { LENGTHS } from '../opspec/sampler.js'
import { FLOATS, type OpSpec } from '../opspec/spec.js'

const generator = (): ops.Generator => new ops.Generator(2 ** 40 + 7)

const VALUE = 'SINTER_VALUE'
const rates: OpSpec<null> = {
  name: 'poisson',
  ops: ['poisson'],
  dtypes: FLOATS,
  oracle: (d) => d,
  *samples(s) {
    yield { inputs: [s.given([0, 0.5, 3, 9.5, 10, 25, 100, 200])], args: null }
    for (const n of [0, 1, 1009]) yield { inputs: [s.values([n], { low: 0, high: 30 })], args: null }
    yield { inputs: [s.values([3, 2000], { low: 0, high: 30 })], args: null, large: true }
  },
  call: ([x]) => ops.poisson(x as Tensor, { generator: generator() }),
  accuracy: { roundings: 0 },
  gradient: null,
  errors: {
    negative: {
      call: (device) => ops.poisson(ops.tensor([1, -1], { device })).dataSync(),
      code: 'SINTER_INDEX_OUT_OF_RANGE',
      message: 'poisson: the rate at position 1 is negative, NaN or above 2^52',
    },
  },
}

const chances: OpSpec<null> = {
  name: 'bernoulli of tensors',
  ops: ['bernoulliOf'],
  dtypes: FLOATS,
  oracle: (d) => d,
  *samples(s) {
    yield { inputs: [s.given([0, 1, -1, 2, 0.5, 0.25])], args: null }
    for (const n of LENGTHS) yield { inputs: [s.values([n], { low: 0, high: 1 })], args: null }
    yield { inputs: [s.values([301, 503], { low: 0, high: 1 })], args: null, large: true }
  },
  call: ([x]) => ops.bernoulli(x as Tensor, { generator: generator() }),
  accuracy: { roundings: 0 },
  gradient: null,
}

const scattered: OpSpec<null> = {
  name: 'normal of tensors',
  ops: ['normal', 'mul', 'add'],
  dtypes: FLOATS,
  oracle: (d) => d,
  *samples(s) {
    yield { inputs: [s.values([3, 1]), s.values([4], { low: 0.5, high: 2 })], args: null }
    yield { inputs: [s.values([5]), null], args: null }
    yield { inputs: [null, s.values([5], { low: 0.5, high: 2 })], args: null }
  },
  call: ([mean, std]) =>
    mean
      ? ops.normal(mean, std ?? 0.5, { generator: generator() })
      : ops.normal(0.5, std as Tensor, { generator: generator() }),
  accuracy: { roundings: 12, composed: true, magnitude: 'norm' },
  gradient: null,
}

const categories: OpSpec<{ n: number; replacement: boolean }> = {
  name: 'multinomial',
  ops: ['multinomial'],
  dtypes: FLOATS,
  oracle: (d) => d,
  result: () => 'i64',
  *samples(s) {
    for (const replacement of [true, false]) {
      yield { inputs: [s.given([1, 0, 3, 0, 2])], args: { n: 3, replacement } }
      yield { inputs: [s.values([4, 7], { low: 0.1, high: 3 })], args: { n: 7, replacement } }
      yield { inputs: [s.values([0, 3], { low: 0, high: 3 })], args: { n: 2, replacement } }
      yield { inputs: [s.values([200, 301], { low: 0.1, high: 3 })], args: { n: 50, replacement }, large: true }
    }
  },
  call: ([x], { n, replacement }) => ops.multinomial(x as Tensor, n, { replacement, generator: generator() }),
  accuracy: { roundings: 0 },
  gradient: null,
  errors: {
    many: {
      call: (device) => ops.multinomial(ops.ones([3], { device }) as Tensor, 4),
      code: VALUE,
      message: 'multinomial: 4 draws of 3 categories without replacement',
    },
    weights: {
      call: (device) =>
        ops
          .multinomial(
            ops.tensor(
              [
                [1, 1],
                [0, 1],
              ],
              { device },
            ),
            2,
          )
          .dataSync(),
      code: 'SINTER_INDEX_OUT_OF_RANGE',
      message: 'multinomial: row 1 has weights that are negative or not finite, or too few above 0',
    },
  },
}

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
  errors: {
    arguments: {
      call: (device) => ops.dropout(ops.ones([2], { device }), 1.5),
      code: VALUE,
      message: 'dropout: 1.5 is not a probability',
    },
  },
}

const FORMS = {
  dropout1d: ops.dropout1d,
  dropout2d: ops.dropout2d,
  dropout3d: ops.dropout3d,
  alphaDropout: ops.alphaDropout,
  featureAlphaDropout: ops.featureAlphaDropout,
}

const forms: OpSpec<{ which: keyof typeof FORMS; p: number; training: boolean }> = {
  name: Object.keys(FORMS).join(', '),
  ops: ['bernoulli'],
  dtypes: FLOATS,
  *samples(s) {
    for (const which of Object.keys(FORMS) as (keyof typeof FORMS)[]) {
      const shape = which === 'dropout1d' ? [4, 3] : [2, 5, 3]
      yield { inputs: [s.values(shape)], args: { which, p: 0.4, training: true } }
      yield { inputs: [s.values(shape)], args: { which, p: 0.4, training: false } }
      yield { inputs: [s.values([2, 3, 1])], args: { which, p: 1, training: true } }
    }
  },
  call: ([x], { which, p, training }) => FORMS[which](x as Tensor, p, { training, generator: generator() }),
  accuracy: { roundings: 6, composed: true, magnitude: 'norm' },
  gradient: { roundings: 6 },
  errors: {
    rank: {
      call: (device) => ops.dropout2d(ops.ones([2], { device }) as Tensor),
      code: 'SINTER_SHAPE',
      message: 'dropout2d: takes (samples, channels, ...), got (2)',
    },
    probability: {
      call: (device) => ops.alphaDropout(ops.ones([2], { device }) as Tensor, -1),
      code: VALUE,
      message: 'alphaDropout: -1 is not a probability',
    },
  },
}

export const specs: readonly OpSpec[] = [rates, chances, scattered, categories, dropout, forms]
