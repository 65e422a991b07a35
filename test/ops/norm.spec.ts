/** Normalisation: lib/ops/norm.ts. */
import * as ops from '#lib/index.js'
import { noGrad, type Tensor } from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Sampler } from '../opspec/sampler.js'
import { FLOATS, type Input, type OpSpec, type Sample } from '../opspec/spec.js'

const size = (shape: Shape): number => shape.reduce((n, d) => n * d, 1)

interface LayerArgs {
  shape: Shape
  eps?: number
}

const layerNorm: OpSpec<LayerArgs> = {
  name: 'layerNorm',
  ops: ['layerNorm', 'layerNormBackward'],
  dtypes: FLOATS,
  *samples(s) {
    yield* layerSamples(s, [3, 7], [7])
    for (const n of [2, 9, 16, 33, 65, 1009])
      yield { inputs: [s.values([3, n]), s.values([n]), s.values([n])], args: { shape: [n] } }
    yield* layerSamples(s, [2, 3, 5], [3, 5])
    yield* layerSamples(s, [17], [17])
    yield* layerSamples(s, [0, 4], [4])
    yield { inputs: [s.values([2, 9]), null, null], args: { shape: [9], eps: 0.1 } }
    yield { inputs: [s.values([301, 503]), s.values([503]), s.values([503])], args: { shape: [503] }, large: true }
    const bad = s.values([4, 5])
    for (const [i, v] of [Number.NaN, Number.POSITIVE_INFINITY].entries()) bad.values[5 * i + 1] = v
    yield { inputs: [bad, null, null], args: { shape: [5] }, differentiable: false }
  },
  call: ([x, w, b], { shape, eps }) => ops.layerNorm(x as Tensor, shape, w, b, eps),
  accuracy: { roundings: 8, terms: (_, { shape }) => size(shape), magnitude: 'norm' },
  gradient: { roundings: 40 },
  errors: {
    shape: {
      call: (device) => ops.layerNorm(ops.zeros([2, 3], { device }), [2]),
      code: 'SINTER_SHAPE',
      message: 'layerNorm: (2, 3) does not end in (2)',
    },
    weight: {
      call: (device) => ops.layerNorm(ops.zeros([2, 3], { device }), [3], ops.zeros([2], { device })),
      code: 'SINTER_SHAPE',
      message: 'layerNorm: weight or bias is (2), not (3)',
    },
    dtype: {
      call: (device) => ops.layerNorm(ops.zeros([2, 3], { device }), [3], ops.zeros([3], { device, dtype: 'f64' })),
      code: 'SINTER_DTYPE',
      message: 'layerNorm: dtypes differ: f32 and f64; convert one with .to()',
    },
  },
}

function* layerSamples(s: Sampler, x: Shape, shape: Shape): Iterable<Sample<LayerArgs>> {
  yield { inputs: [s.values(x), s.values(shape), s.values(shape)], args: { shape } }
  yield { inputs: [s.values(x), null, null], args: { shape } }
  yield { inputs: [s.values(x), s.values(shape), null], args: { shape } }
}

interface BatchArgs {
  training: boolean
  momentum?: number
  eps?: number
  activation?: 'relu'
}

/** Inputs: x, running mean, running variance, weight, bias, residual. Gives back the result and the running statistics, which training updates in place. */
const batchNorm: OpSpec<BatchArgs> = {
  name: 'batchNorm',
  ops: ['batchNorm', 'batchNormEval', 'batchNormBackward', 'batchNormUpdate'],
  dtypes: FLOATS,
  result: (d, k) => (k === 0 || d === 'f64' ? d : 'f32'),
  *samples(s) {
    for (const shape of [
      [4, 3],
      [5, 1],
      [2, 3, 7],
      [2, 3, 4, 5],
      [3, 2, 9, 17],
      [5, 17, 1, 1], // of two values a channel the gradient would be what cancellation leaves
    ]) {
      yield* batchSamples(s, shape, { training: true }, true)
      yield* batchSamples(s, shape, { training: false }, true)
      yield* batchSamples(s, shape, { training: true, momentum: 0.3, eps: 0.01 }, false)
      for (const training of [true, false]) {
        yield* batchSamples(s, shape, { training, activation: 'relu' }, true)
        yield { inputs: [...statistics(s, shape, true), s.values(shape)], args: { training, activation: 'relu' } }
        yield { inputs: [...statistics(s, shape, false), s.values(shape)], args: { training } }
      }
    }
    yield* batchSamples(s, [0, 3, 2, 2], { training: false }, true)
    const [x, ...rest] = statistics(s, [8, 16, 31, 37], true)
    yield { inputs: [x as Input, ...rest], args: { training: true }, large: true }
    yield { inputs: [x as Input, ...rest], args: { training: false }, large: true }
    const residual = s.values([8, 16, 31, 37])
    yield { inputs: [x as Input, ...rest, residual], args: { training: true, activation: 'relu' }, large: true }
    yield { inputs: [x as Input, ...rest, residual], args: { training: false, activation: 'relu' }, large: true }
    const bad = s.values([2, 3, 20])
    for (const [i, v] of [Number.NaN, Number.POSITIVE_INFINITY].entries()) bad.values[20 * i + 1] = v
    const others = [...statistics(s, [2, 3, 20], true).slice(1), s.values([2, 3, 20])]
    yield { inputs: [bad, ...others], args: { training: true, activation: 'relu' }, differentiable: false }
  },
  call: ([x, mean, variance, weight, bias, residual], options) => {
    const y = ops.batchNorm(x as Tensor, mean as Tensor, variance as Tensor, weight, bias, { ...options, residual })
    return [y, mean as Tensor, variance as Tensor]
  },
  accuracy: { roundings: 8, terms: ([x]) => (x?.values.length ?? 0) / (x?.shape[1] as number), magnitude: 'norm' },
  gradient: { roundings: 40 },
  errors: {
    rank: {
      call: (device) => ops.batchNorm(ops.zeros([3], { device }), null, null, null, null, { training: true }),
      code: 'SINTER_SHAPE',
      message: 'batchNorm: takes (n, c, ...), got (3)',
    },
    'no statistics': {
      call: (device) => ops.batchNorm(ops.zeros([3, 2], { device }), null, null),
      code: 'SINTER_SHAPE',
      message: 'batchNorm: without training it needs the running mean and variance',
    },
    'one value': {
      call: (device) => ops.batchNorm(ops.zeros([1, 2], { device }), null, null, null, null, { training: true }),
      code: 'SINTER_SHAPE',
      message: 'batchNorm: one value a channel in (1, 2): there is no variance to train with',
    },
    channels: {
      call: (device) =>
        noGrad(() => ops.batchNorm(ops.zeros([4, 2], { device }), null, null, ops.ones([3], { device }))),
      code: 'SINTER_SHAPE',
      message: 'batchNorm: (3) for 2 channels',
    },
    residual: {
      call: (device) => {
        const [x, residual] = [ops.zeros([4, 2], { device }), ops.zeros([4, 1], { device })]
        return noGrad(() => ops.batchNorm(x, null, null, null, null, { training: true, residual }))
      },
      code: 'SINTER_SHAPE',
      message: 'batchNorm: the residual is (4, 1) f32, x (4, 2) f32',
    },
    activation: {
      call: (device) =>
        noGrad(() =>
          ops.batchNorm(ops.zeros([4, 2], { device }), null, null, null, null, {
            training: true,
            activation: 'gelu' as 'relu',
          }),
        ),
      code: 'SINTER_VALUE',
      message: "batchNorm: activation 'gelu' is not relu",
    },
  },
}

/** x, running mean, running variance, weight, bias. */
function statistics(s: Sampler, shape: Shape, affine: boolean): (Input | null)[] {
  const c = [shape[1] as number]
  // Running statistics have a dtype of their own, as a model's buffers do.
  const dtype = s.dtype === 'f64' ? ('f64' as const) : ('f32' as const)
  const running = (low: number, high: number): Input => ({ ...s.values(c, { low, high }), dtype, mutated: true })
  return [s.values(shape), running(-1, 1), running(0.5, 2), affine ? s.values(c) : null, affine ? s.values(c) : null]
}

function* batchSamples(s: Sampler, shape: Shape, args: BatchArgs, affine: boolean): Iterable<Sample<BatchArgs>> {
  yield { inputs: statistics(s, shape, affine), args }
}

export const specs: readonly OpSpec[] = [layerNorm, batchNorm]
