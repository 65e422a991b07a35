/** Connectionist temporal classification: lib/ops/ctc.ts. */

import type { CtcOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Sampler } from '../opspec/sampler.js'
import { FLOATS, type Input, type OpSpec, type Sample } from '../opspec/spec.js'

interface Args extends CtcOptions {
  frames: number[] | number
  lengths: number[] | number
}

const classes = (s: Sampler, values: readonly number[], shape?: readonly number[]): Input => ({
  ...s.given(values, shape),
  dtype: 'i64',
})

function* ctcSamples(s: Sampler): Iterable<Sample<Args>> {
  const padded = (): Input => classes(s, [1, 2, 2, 3, 0, 0], [2, 3])
  for (const options of [{}, { reduction: 'none' }, { reduction: 'sum', blank: 3 }] as const) {
    const target = options.reduction === 'sum' ? classes(s, [1, 2, 2, 1, 0, 0], [2, 3]) : padded()
    yield { inputs: [s.values([5, 2, 4]), target], args: { ...options, frames: [5, 4], lengths: [3, 1] } }
  }
  yield { inputs: [s.values([4, 3, 4]), classes(s, [2, 1, 3])], args: { frames: [4, 3, 4], lengths: [2, 0, 1] } }
  yield { inputs: [s.values([4, 3]), classes(s, [2, 1])], args: { frames: 4, lengths: 2, reduction: 'none' } }
  const impossible: Args = { frames: [2, 3], lengths: [2, 1], reduction: 'none' }
  const twice = (): Input => classes(s, [1, 1, 2, 0], [2, 2])
  yield { inputs: [s.values([3, 2, 3]), twice()], args: { ...impossible, zeroInfinity: true } }
  yield { inputs: [s.values([3, 2, 3]), twice()], args: impossible, differentiable: false }
  const many = s.indices([9, 20], 1, 7)
  const all = new Array<number>(9)
  yield {
    inputs: [s.values([60, 9, 7]), many],
    args: { frames: all.fill(60), lengths: new Array<number>(9).fill(20) },
    large: true,
  }
}

/** After a log softmax, where PyTorch's gradient is the derivative. */
const ctcLoss: OpSpec<Args> = {
  name: 'ctcLoss',
  ops: ['ctcLoss', 'ctcLossBackward', 'logSoftmax'],
  dtypes: FLOATS,
  // The log softmax takes integers.
  refuses: ['c64', 'c128'],
  samples: ctcSamples,
  call: ([x, targets], { frames, lengths, ...options }) =>
    ops.ctcLoss(ops.logSoftmax(x as Tensor, -1), targets as Tensor, frames, lengths, options),
  accuracy: { roundings: 60, composed: true, magnitude: 'norm' },
  gradient: { roundings: 120 },
  errors: {
    lengths: {
      call: (device) =>
        ops.ctcLoss(ops.zeros([5, 2, 4], { device }), ops.zeros([2, 3], { device, dtype: 'i64' }), [5], [3, 1]),
      code: 'SINTER_SHAPE',
      message: 'ctcLoss: 1 and 2 lengths, targets (2, 3) for 2 samples',
    },
    'too many frames': {
      call: (device) =>
        ops.ctcLoss(ops.zeros([5, 1, 4], { device }), ops.zeros([1, 3], { device, dtype: 'i64' }), [6], [3]).dataSync(),
      code: 'SINTER_INDEX_OUT_OF_RANGE',
      message: 'ctcLoss: input length 6 of 5 frames',
    },
    'out of range': {
      call: (device) =>
        ops
          .ctcLoss(ops.zeros([5, 1, 4], { device }), ops.full([1, 3], 4, { device, dtype: 'i64' }), [5], [3])
          .dataSync(),
      code: 'SINTER_INDEX_OUT_OF_RANGE',
      message: 'ctcLoss: index 4 is out of range for 4 classes',
    },
  },
}

export const specs: readonly OpSpec[] = [ctcLoss]
