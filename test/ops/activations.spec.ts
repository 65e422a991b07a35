/** Activation functions: lib/ops/activations.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { unarySpecs } from '../opspec/pointwise.js'
import { FLOATS, INTEGERS, type OpSpec, REALS } from '../opspec/spec.js'

const NUMBERS = [...FLOATS, ...INTEGERS]
export const specs: readonly OpSpec[] = [
  ...unarySpecs({
    hardtanh: {
      f: (x) => ops.hardtanh(x),
      ops: ['clamp', 'gate'],
      dtypes: NUMBERS,
      result: 'same',
      domain: { avoid: [-1, 1] },
      gradient: { kinks: '-1, 1' },
      large: true,
    },
    relu6: {
      f: ops.relu6,
      ops: ['clamp', 'gate'],
      dtypes: NUMBERS,
      result: 'same',
      domain: { high: 8, avoid: [0, 6] },
      gradient: { kinks: '0, 6' },
    },
    hardsigmoid: {
      f: ops.hardsigmoid,
      ops: ['hardsigmoid', 'gate'],
      roundings: 2,
      absolute: true,
      domain: { low: -5, high: 5, avoid: [-3, 3] },
      gradient: { kinks: '-3, 3' },
    },
    hardswish: {
      f: ops.hardswish,
      ops: ['hardswish', 'hardswishBackward'],
      roundings: 3,
      absolute: true,
      domain: { low: -5, high: 5, avoid: [-3, 3] },
      gradient: { kinks: '-3, 3' },
    },
    hardshrink: {
      f: (x, { lambda }) => ops.hardshrink(x, lambda),
      ops: ['shrink', 'gate'],
      args: [{}, { lambda: 1 }],
      domain: { avoid: [-1, -0.5, 0.5, 1] },
      gradient: { kinks: 'lambda' },
    },
    softshrink: {
      f: (x, { lambda }) => ops.softshrink(x, lambda),
      ops: ['shrink', 'gate'],
      args: [{}, { lambda: 1 }],
      roundings: 1,
      absolute: true,
      domain: { avoid: [-1, -0.5, 0.5, 1] },
      gradient: { kinks: 'lambda' },
    },
    tanhshrink: { f: ops.tanhshrink, roundings: 3, absolute: true },
    mish: { f: ops.mish, ops: ['mish', 'mishBackward'], roundings: 6 },
    logSigmoid: { f: ops.logSigmoid, ops: ['logSigmoid', 'logSigmoidBackward'], roundings: 4 },
    threshold: {
      f: (x) => ops.threshold(x, 1, 7),
      dtypes: NUMBERS,
      ops: ['threshold', 'gate'],
      result: 'same',
      domain: { avoid: [1] },
      gradient: { kinks: '1' },
    },
    celu: {
      f: (x, { alpha }) => ops.celu(x, alpha),
      ops: ['scaledElu', 'scaledEluBackward'],
      args: [{}, { alpha: 1.7 }],
      roundings: 4,
      domain: { avoid: [0] },
      gradient: { kinks: '0' },
    },
    selu: {
      f: ops.selu,
      ops: ['scaledElu', 'scaledEluBackward'],
      roundings: 4,
      domain: { avoid: [0] },
      gradient: { kinks: '0' },
    },
    rrelu: {
      f: (x) => ops.rrelu(x),
      ops: ['leakyRelu'],
      roundings: 2,
      domain: { avoid: [0] },
      gradient: { kinks: '0' },
    },
  }),
  {
    name: 'rrelu in training',
    ops: ['prelu', 'uniform'],
    dtypes: FLOATS,
    refuses: [],
    samples: (s) => [{ inputs: [s.values([3, 33], { avoid: [0] })], args: {} }],
    // Slopes are drawn in the operands' dtype, and rounded to it.
    call: ([x]) => ops.rrelu((x as Tensor).to('f32') as Tensor, { training: true, generator: new ops.Generator(3) }),
    result: () => 'f32',
    accuracy: { roundings: 2 },
    gradient: null,
  },
  {
    name: 'prelu',
    ops: ['prelu'],
    dtypes: REALS,
    result: (d) => (FLOATS.includes(d) ? d : 'f32'),
    *samples(s) {
      const x = { avoid: [0] }
      yield { inputs: [s.values([17], x), s.values([1])], args: {} }
      yield { inputs: [s.values([2, 3, 5], x), s.values([3])], args: {} }
      yield { inputs: [s.values([2, 3], x), s.values([])], args: {} }
      yield { inputs: [s.values([2, 0, 3], x), s.values([1])], args: {} }
    },
    call: ([x, w]) => ops.prelu(x as Tensor, w as Tensor),
    accuracy: { roundings: 1 },
    gradient: { kinks: '0' },
    errors: {
      channels: {
        call: (device) => ops.prelu(ops.zeros([2, 3], { device }), ops.zeros([2], { device })),
        code: 'SINTER_SHAPE',
        message: 'prelu: weight (2) for 3 channels of (2, 3)',
      },
    },
  },
  {
    name: 'glu',
    ops: ['sigmoid', 'mul'],
    dtypes: REALS,
    result: (d) => (FLOATS.includes(d) ? d : 'f32'),
    *samples(s) {
      yield { inputs: [s.values([34])], args: {} }
      yield { inputs: [s.values([4, 3])], args: { axis: 0 } }
      yield { inputs: [s.values([2, 0, 2])], args: {} }
    },
    call: ([x], { axis }) => ops.glu(x as Tensor, axis),
    accuracy: { roundings: 4, composed: true },
    gradient: {},
    errors: {
      odd: {
        call: (device) => ops.glu(ops.zeros([3], { device })),
        code: 'SINTER_SHAPE',
        message: 'glu: axis -1 of (3) has an odd size',
      },
    },
  },
  {
    name: 'softmin',
    ops: ['neg', 'softmax'],
    dtypes: FLOATS,
    refuses: [],
    *samples(s) {
      yield { inputs: [s.values([3, 17])], args: { axis: -1 } }
      yield { inputs: [s.values([4, 3])], args: { axis: 0 } }
    },
    call: ([x], { axis }) => ops.softmin(x as Tensor, axis),
    accuracy: { roundings: 6, terms: () => 17 },
    gradient: {},
  },
]
