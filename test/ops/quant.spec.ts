/** Bytes: lib/quant. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import {
  dequantize,
  dynamicQuantizedLinear,
  Int8Weight,
  intMatmul,
  quantizedLinear,
  quantizePerChannel,
  quantizePerTensor,
} from '#lib/quant/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Sampler } from '../opspec/sampler.js'
import { FLOATS, INTEGERS, type Input, type OpSpec } from '../opspec/spec.js'

/** Which byte a number becomes is decided in f32: the oracle decides the same of the same numbers. */
const asItIs = (d: DType): DType => d
const BYTES: readonly DType[] = ['u8', 'i8']
/** Never made equal by broadcasting. */
const whole = { mutated: true }
const positive = (s: Sampler, n: number): Input => ({
  shape: [n],
  values: s.random.array(n, (r) => Math.fround(r.uniform(0.01, 0.1))),
  dtype: 'f32',
})

const perTensor: OpSpec<{ scale: number; zero: number; dtype: 'u8' | 'i8' }> = {
  name: 'quantizePerTensor',
  ops: ['quantizeLinear'],
  dtypes: FLOATS,
  oracle: asItIs,
  *samples(s) {
    for (const shape of [[], [0], [1], [7], [8], [33], [3, 5, 7]])
      for (const dtype of ['u8', 'i8'] as const)
        yield { inputs: [s.values(shape)], args: { scale: 0.02, zero: dtype === 'u8' ? 131 : -5, dtype } }
    // Ties, infinities and NaN; beyond the range.
    yield { inputs: [s.specials()], args: { scale: 1, zero: 3, dtype: 'i8' } }
    yield { inputs: [s.specials()], args: { scale: 0.25, zero: 200, dtype: 'u8' } }
    yield { inputs: [s.values([70_001])], args: { scale: 0.03, zero: 0, dtype: 'i8' }, large: true }
  },
  call: ([x], { scale, zero, dtype }) => quantizePerTensor(x as Tensor, scale, zero, dtype).to('i32'),
  result: () => 'i32',
  accuracy: { roundings: 0 },
  gradient: null,
  errors: {
    scale: {
      call: (device) => quantizePerTensor(ops.zeros([2], { device }), 0),
      code: 'SINTER_VALUE',
      message: 'quantizePerTensor: the scale is 0, expected a positive number that f32 and its reciprocal hold',
    },
    'zero point': {
      call: (device) => quantizePerTensor(ops.zeros([2], { device }), 1, 128, 'i8'),
      code: 'SINTER_VALUE',
      message: 'quantizePerTensor: the zero point is 128, expected an integer from -128 to 127, as i8 holds',
    },
  },
}

const perChannel: OpSpec<{ axis: number; dtype: 'u8' | 'i8' }> = {
  name: 'quantizePerChannel',
  ops: ['quantizeLinear'],
  dtypes: ['f32', 'bf16', 'f16'],
  refuses: [...INTEGERS, 'bool', 'c64', 'c128'],
  oracle: asItIs,
  *samples(s) {
    for (const [shape, axis] of [
      [[3], 0],
      [[4, 9], 0],
      [[4, 9], 1],
      [[2, 3, 17], -2],
      [[2, 0, 3], 2],
    ] as const) {
      const n = shape.at(axis) as number
      const zeros = { ...s.indices([n], 0, 128, 'i64'), ...whole }
      yield { inputs: [s.values(shape), { ...positive(s, n), ...whole }, zeros], args: { axis, dtype: 'u8' } }
      yield { inputs: [s.values(shape), { ...positive(s, n), ...whole }, null], args: { axis, dtype: 'i8' } }
    }
    const many = { ...positive(s, 130), ...whole }
    yield { inputs: [s.values([130, 1001]), many, null], args: { axis: 0, dtype: 'i8' }, large: true }
  },
  call: ([x, scales, zeros], { axis, dtype }) =>
    quantizePerChannel(x as Tensor, scales as Tensor, zeros, axis, dtype).to('i32'),
  result: () => 'i32',
  accuracy: { roundings: 0 },
  gradient: null,
  errors: {
    scales: {
      call: (device) => quantizePerChannel(ops.zeros([2, 3], { device }), ops.ones([2], { device }), null, 1),
      code: 'SINTER_SHAPE',
      message: 'quantizePerChannel: scales (2) for 3 slices along axis 1; expected (3)',
    },
    axis: {
      call: (device) => quantizePerChannel(ops.zeros([2, 3], { device }), ops.ones([2], { device }), null, 2),
      code: 'SINTER_SHAPE',
      message: 'quantizePerChannel: axis 2 of a tensor (2, 3)',
    },
    'dtype of scales': {
      call: (device) => quantizePerChannel(ops.zeros([2], { device }), ops.ones([2], { device, dtype: 'f64' })),
      code: 'SINTER_DTYPE',
      message: 'quantizePerChannel: the scales are f64, expected f32',
    },
  },
}

const back: OpSpec<{ axis?: number; zero?: number; dtype: 'f32' | 'bf16' | 'f16' }> = {
  name: 'dequantize',
  ops: ['dequantizeLinear'],
  dtypes: BYTES,
  result: () => 'f32',
  *samples(s) {
    for (const dtype of ['f32', 'bf16', 'f16'] as const) {
      yield { inputs: [s.values([2, 33]), null, null], args: { zero: 7, dtype } }
      const zeros = { ...s.indices([5], 0, 100, 'i32'), ...whole }
      yield { inputs: [s.values([3, 5, 2]), { ...positive(s, 5), ...whole }, zeros], args: { axis: 1, dtype } }
    }
    yield { inputs: [s.values([0]), null, null], args: { dtype: 'f32' } }
    yield { inputs: [s.specials(), null, null], args: { zero: 127, dtype: 'f32' } }
  },
  call: ([q, scales, zeros], { axis = 0, zero = 0, dtype }) =>
    dequantize(q as Tensor, scales ?? 0.125, { zeroPoint: zeros ?? zero, axis, dtype }).to('f32'),
  accuracy: { roundings: 1 },
  gradient: null,
  errors: {
    dtype: {
      call: (device) => dequantize(ops.zeros([2], { device, dtype: 'u8' }), 1, { dtype: 'f64' as never }),
      code: 'SINTER_DTYPE',
      message: 'dequantize: gives f32, bf16 or f16, not f64',
    },
    'zero points': {
      call: (device) =>
        dequantize(ops.zeros([2], { device, dtype: 'u8' }), 1, { zeroPoint: ops.zeros([2], { device, dtype: 'i32' }) }),
      code: 'SINTER_VALUE',
      message: 'dequantize: zero points are a tensor and the scale is a number; give both the same form',
    },
  },
}

const PRODUCTS: readonly (readonly [Shape, Shape])[] = [
  [
    [1, 1],
    [1, 1],
  ],
  [
    [3, 4],
    [4, 5],
  ],
  [
    [6, 16],
    [16, 16],
  ],
  [
    [7, 17],
    [17, 33],
  ],
  [
    [13, 35],
    [35, 31],
  ],
  [
    [1, 67],
    [67, 9],
  ],
  [
    [2, 3, 5],
    [5, 4],
  ],
  [
    [2, 3, 5],
    [2, 5, 4],
  ],
  [
    [2, 1, 3, 4],
    [3, 4, 2],
  ],
  [
    [0, 3],
    [3, 4],
  ],
  [
    [3, 0],
    [0, 4],
  ],
]
/** Any bytes, of the dtype under test or one of their own. */
function full(s: Sampler, shape: Shape, dtype?: DType): Input {
  const { values } = (dtype ?? s.dtype) === 'u8' ? s.indices(shape, 0, 256) : s.indices(shape, -128, 128)
  return dtype === undefined ? { shape, values } : { shape, values, dtype }
}

const product: OpSpec<{ transposed?: boolean; zeros?: boolean }> = {
  name: 'intMatmul',
  ops: ['intMatmul'],
  dtypes: BYTES,
  result: () => 'i32',
  *samples(s) {
    for (const [a, b] of PRODUCTS) {
      yield { inputs: [full(s, a), full(s, b, 'i8'), null, null], args: {} }
      const zeros = [s.indices([a.at(-2) as number], 0, 128, 'i32'), s.indices([b.at(-1) as number], -128, 128, 'i32')]
      yield { inputs: [full(s, a), full(s, b, 'i8'), ...zeros.map((z) => ({ ...z, ...whole }))], args: {} }
    }
    yield { inputs: [full(s, [9, 5]), full(s, [7, 9], 'i8'), null, null], args: { transposed: true } }
    yield { inputs: [full(s, [9, 5]), full(s, [9, 7], 'i8'), null, null], args: { zeros: true, transposed: false } }
  },
  call: ([a, b, za, zb], { transposed, zeros }) =>
    transposed !== undefined
      ? intMatmul((a as Tensor).transpose(0, 1), transposed ? (b as Tensor).transpose(0, 1) : (b as Tensor), {
          ...(zeros ? { aZeroPoint: 11, bZeroPoint: -3 } : {}),
        })
      : intMatmul(a as Tensor, b as Tensor, { aZeroPoint: za ?? null, bZeroPoint: zb ?? null }),
  accuracy: { roundings: 0 },
  gradient: null,
  errors: {
    'inner dimensions': {
      call: (device) =>
        intMatmul(ops.zeros([2, 3], { device, dtype: 'u8' }), ops.zeros([4, 5], { device, dtype: 'i8' })),
      code: 'SINTER_SHAPE',
      message: 'intMatmul: inner dimensions differ: (2, 3) x (4, 5): 3 and 4',
    },
    'right operand': {
      call: (device) =>
        intMatmul(ops.zeros([2, 3], { device, dtype: 'u8' }), ops.zeros([3, 5], { device, dtype: 'u8' })),
      code: 'SINTER_DTYPE',
      message: 'intMatmul: the right operand is u8, expected i8',
    },
    vector: {
      call: (device) => intMatmul(ops.zeros([3], { device, dtype: 'u8' }), ops.zeros([3, 5], { device, dtype: 'i8' })),
      code: 'SINTER_SHAPE',
      message: 'intMatmul: takes two dimensions or more: (3) x (3, 5)',
    },
    'zero point': {
      call: (device) =>
        intMatmul(ops.zeros([2, 3], { device, dtype: 'u8' }), ops.zeros([3, 5], { device, dtype: 'i8' }), {
          aZeroPoint: ops.zeros([3], { device, dtype: 'i32' }),
        }),
      code: 'SINTER_SHAPE',
      message: 'intMatmul: aZeroPoint (3), expected () or (2)',
    },
  },
}

const ACTIVATIONS = [null, 'relu', 'gelu', 'geluTanh', 'silu'] as const
/** x (..., in), values (out, in), scales (out) or (1), zero points, bias. */
function layer(s: Sampler, x: Shape, out: number, zeros = false, bias = true): (Input | null)[] {
  const inner = x.at(-1) as number
  return [
    s.values(x),
    { ...full(s, [out, inner], 'i8'), ...whole },
    { ...positive(s, out % 2 ? out : 1), ...whole },
    zeros ? { ...s.indices([out], -20, 20, 'i32'), ...whole } : null,
    bias ? s.values([out]) : null,
  ]
}
const weightOf = ([, values, scales, zeros]: readonly (Tensor | null | undefined)[]): Int8Weight =>
  Int8Weight.from(values as Tensor, scales as Tensor, zeros ?? null)
const LAYERS: readonly (readonly [Shape, number])[] = [
  [[1, 1], 1],
  [[4], 3],
  [[3, 16], 16],
  [[7, 17], 33],
  [[2, 3, 6], 5],
  [[1, 67], 31],
  [[0, 3], 4],
  [[2, 0], 3],
]

const dynamic: OpSpec<{ activation: (typeof ACTIVATIONS)[number]; reduceRange: boolean }> = {
  name: 'dynamicQuantizedLinear',
  ops: ['dynamicQuantizedLinear', 'packInt8'],
  dtypes: ['f32', 'bf16'],
  oracle: asItIs,
  *samples(s) {
    for (const [i, [x, out]] of LAYERS.entries()) {
      for (const reduceRange of [false, true]) {
        const activation = ACTIVATIONS[(i + Number(reduceRange)) % 5] ?? null
        yield { inputs: layer(s, x, out, i % 3 === 1, i % 2 === 0), args: { activation, reduceRange } }
      }
    }
    // A row of one sign, one of zeros, and those that are not finite.
    const rows = s.values([6, 5])
    rows.values.set([1, 2, 3, 4, 5], 0)
    rows.values.set([-1, -2, -3, -4, -5], 5)
    rows.values.set([0, 0, -0, 0, 0], 10)
    rows.values[16] = Number.NaN
    rows.values[22] = Number.POSITIVE_INFINITY
    const [, ...rest] = layer(s, [6, 5], 3)
    yield { inputs: [rows, ...rest], args: { activation: null, reduceRange: false } }
    yield { inputs: layer(s, [40, 300], 131), args: { activation: null, reduceRange: false }, large: true }
  },
  call: (inputs, options) => dynamicQuantizedLinear(inputs[0] as Tensor, weightOf(inputs), inputs[4] ?? null, options),
  accuracy: { roundings: 12, magnitude: 'norm' },
  gradient: null,
  errors: {
    input: {
      call: (device) => dynamicQuantizedLinear(ops.zeros([2, 3], { device }), plain(device)),
      code: 'SINTER_SHAPE',
      message: "dynamicQuantizedLinear: input (2, 3) does not end in the weight's 4: weight (5, 4)",
    },
    bias: {
      call: (device) =>
        dynamicQuantizedLinear(ops.zeros([2, 4], { device }), plain(device), ops.zeros([4], { device })),
      code: 'SINTER_SHAPE',
      message: 'dynamicQuantizedLinear: bias (4) for 5 outputs',
    },
    'dtype of the bias': {
      call: (device) =>
        dynamicQuantizedLinear(ops.zeros([2, 4], { device }), plain(device), ops.zeros([5], { device, dtype: 'bf16' })),
      code: 'SINTER_DTYPE',
      message: 'dynamicQuantizedLinear: the bias is bf16, expected f32',
    },
    activation: {
      call: (device) =>
        dynamicQuantizedLinear(ops.zeros([2, 4], { device }), plain(device), null, { activation: 'elu' as never }),
      code: 'SINTER_VALUE',
      message: "dynamicQuantizedLinear: activation 'elu' is not one of none, relu, gelu, geluTanh, silu",
    },
  },
}
const plain = (device: string): Int8Weight =>
  Int8Weight.from(ops.zeros([5, 4], { device, dtype: 'i8' }), ops.ones([5], { device }))

const OUTS = ['f32', 'u8', 'i8', 'bf16'] as const
const fixed: OpSpec<{ activation: 'none' | 'relu'; outDtype: (typeof OUTS)[number] }> = {
  name: 'quantizedLinear',
  ops: ['quantizedLinear', 'packInt8'],
  dtypes: BYTES,
  result: () => 'f32',
  *samples(s) {
    for (const [i, [x, out]] of LAYERS.entries()) {
      for (const outDtype of OUTS) {
        // Scales are powers of two and biases multiples of 1/4: numbers between two bytes are told exactly.
        const [, values, , zeros] = layer(s, x, out, i % 3 === 1)
        const scales = { ...s.given(Array.from({ length: out }, (_, j) => 2 ** -(8 + (j % 3)))), dtype: 'f32' as const }
        const bias = { ...s.indices([out], -20, 20, 'f32'), ...whole }
        const input = full(s, x)
        const activation = i % 2 ? 'relu' : 'none'
        const inputs = [input, values as Input, { ...scales, ...whole }, zeros as Input | null, i % 2 ? null : bias]
        yield { inputs, args: { activation, outDtype } }
      }
    }
  },
  call: (inputs, { activation, outDtype }) =>
    quantizedLinear(inputs[0] as Tensor, weightOf(inputs), inputs[4] ?? null, {
      scale: 0.25,
      zeroPoint: 5,
      outDtype,
      outScale: 0.5,
      outZeroPoint: 9,
      activation,
    }).to('f32'),
  accuracy: { roundings: 1, magnitude: 'norm' },
  gradient: null,
  errors: {
    'no output scale': {
      call: (device) =>
        quantizedLinear(ops.zeros([2, 4], { device, dtype: 'u8' }), plain(device), null, { scale: 1, outDtype: 'u8' }),
      code: 'SINTER_VALUE',
      message: 'quantizedLinear: outDtype u8 needs an outScale',
    },
    'dtype of the result': {
      call: (device) =>
        quantizedLinear(ops.zeros([2, 4], { device, dtype: 'u8' }), plain(device), null, {
          scale: 1,
          outDtype: 'f64' as never,
        }),
      code: 'SINTER_DTYPE',
      message: 'quantizedLinear: gives u8, i8, f32 or bf16, not f64',
    },
    'gradient of the bias': {
      call: (device) =>
        quantizedLinear(
          ops.zeros([2, 4], { device, dtype: 'u8' }),
          plain(device),
          ops.zeros([5], { device }).requiresGrad_(),
          { scale: 1 },
        ),
      code: 'SINTER_AUTOGRAD',
      message: 'quantizedLinear: the bias requires a gradient, and there is none; detach it, or call this in noGrad()',
    },
  },
}

const values: OpSpec = {
  name: 'Int8Weight',
  ops: ['packInt8', 'unpackInt8', 'dequantizeLinear'],
  dtypes: ['i8'],
  result: (_, k) => (k === 0 ? 'i8' : 'f32'),
  *samples(s) {
    for (const shape of [
      [1, 1],
      [3, 5],
      [16, 16],
      [33, 17],
      [31, 67],
      [2, 0],
    ] as const) {
      const scales = { ...positive(s, shape[0]), ...whole }
      yield { inputs: [full(s, shape), scales, { ...s.indices([shape[0]], -9, 9, 'i32'), ...whole }], args: {} }
    }
  },
  call: ([bytes, scales, zeros]) => {
    const weight = Int8Weight.from(bytes as Tensor, scales as Tensor, zeros)
    return [weight.values(), weight.dequantize()]
  },
  accuracy: { roundings: 1 },
  gradient: null,
  errors: {
    rank: {
      call: (device) => Int8Weight.from(ops.zeros([4], { device, dtype: 'i8' }), ops.ones([4], { device })),
      code: 'SINTER_SHAPE',
      message: 'Int8Weight.from: the values are (4), expected (out, in)',
    },
    scales: {
      call: (device) => Int8Weight.from(ops.zeros([4, 2], { device, dtype: 'i8' }), ops.ones([2], { device })),
      code: 'SINTER_SHAPE',
      message: 'Int8Weight.from: scales (2) for 4 outputs; expected (4) or (1)',
    },
  },
}

export const specs: readonly OpSpec[] = [perTensor, perChannel, back, product, dynamic, fixed, values]
