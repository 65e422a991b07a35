/** The layer's product with what follows it, and packed operands: lib/ops/linear.ts, packed.ts. */
import type { EpilogueOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { FLOATS, type OpSpec } from '../opspec/spec.js'

const linear: OpSpec = {
  name: 'linear',
  ops: ['matmul', 'linearBackward'],
  dtypes: FLOATS,
  // Integers are products like any other, and complex numbers are refused.
  refuses: ['c64', 'c128'],
  *samples(s) {
    for (const [x, w] of [
      [
        [3, 4],
        [5, 4],
      ],
      [[4], [3, 4]],
      [
        [2, 3, 6],
        [5, 6],
      ],
      [
        [1, 33],
        [17, 33],
      ],
      [
        [9, 65],
        [33, 65],
      ],
      [
        [0, 3],
        [4, 3],
      ],
      [
        [2, 3, 0],
        [4, 0],
      ],
    ] as const) {
      yield { inputs: [s.values(x), s.values(w), s.values([w[0]])], args: {} }
      yield { inputs: [s.values(x), s.values(w), null], args: {} }
    }
    yield { inputs: [s.values([130, 190]), s.values([210, 190]), s.values([210])], args: {}, large: true }
  },
  call: ([x, w, b]) => ops.linear(x as Tensor, w as Tensor, b),
  accuracy: {
    roundings: 2,
    serial: true,
    terms: ([, w]) => w?.shape[1] ?? 1,
    magnitude: ([x, w, b]) => ops.linear(ops.abs(x as Tensor), ops.abs(w as Tensor), b ? ops.abs(b) : null),
  },
  gradient: {},
  errors: {
    input: {
      call: (device) => ops.linear(ops.zeros([2, 3], { device }), ops.zeros([5, 4], { device })),
      code: 'SINTER_SHAPE',
      message: "linear: input (2, 3) does not end in the weight's 4: weight (5, 4)",
    },
    bias: {
      call: (device) =>
        ops.linear(ops.zeros([2, 4], { device }), ops.zeros([5, 4], { device }), ops.zeros([4], { device })),
      code: 'SINTER_SHAPE',
      message: 'linear: bias (4) for 5 outputs',
    },
    dtype: {
      call: (device) => ops.linear(ops.zeros([2, 4], { device }), ops.zeros([5, 4], { device, dtype: 'f64' })),
      code: 'SINTER_DTYPE',
      message: 'linear: input is f32, weight or bias f64; convert one with .to()',
    },
  },
}

interface Then {
  activation?: ops.LinearActivation
  scale?: number
  dropout?: number
}
const ACTIVATIONS = ['relu', 'none', 'gelu', 'geluTanh', 'silu'] as const
/** (m, n, k): a tile, ragged tiles, one row, many rows, nothing. */
const SIZES = [
  [3, 4, 5],
  [1, 33, 40],
  [13, 17, 9],
  [2, 0, 3],
  [0, 3, 2],
  [3, 2, 0],
] as const

const options = (
  residual: Tensor | null | undefined,
  { seed, ...then }: Then & { seed?: number },
): EpilogueOptions => ({
  ...then,
  residual: residual ?? null,
  ...(seed === undefined ? {} : { generator: new ops.Generator(seed) }),
})
/** What a result's error is relative to: activations are no steeper than 1.2. */
const termsOf = ([x, w, b, r]: readonly (Tensor | null | undefined)[], { scale = 1, dropout = 0 }: Then): Tensor => {
  const weight = ops.abs(w as Tensor)
  const product = ops.mul(
    ops.matmul(ops.abs(x as Tensor), weight.rank === 1 ? weight : ops.transpose(weight)),
    Math.abs(scale),
  )
  const sum = b ? ops.add(product, ops.abs(b)) : product
  const y = ops.div(ops.add(sum, 0.3), 1 - dropout)
  return r ? ops.add(y, ops.abs(r)) : y
}

const epilogue: OpSpec<Then & { seed: number }> = {
  name: 'linear (epilogue)',
  ops: ['matmul', 'linearBackward', 'reluBackward', 'dropout', 'mul'],
  dtypes: FLOATS,
  *samples(s) {
    for (const [m, n, k] of SIZES) {
      const [x, w, b, r] = [s.values([m, k]), s.values([n, k]), s.values([n]), s.values([m, n])]
      for (const activation of ACTIVATIONS) {
        yield { inputs: [x, w, b, null], args: { activation, seed: 1 } }
        yield { inputs: [x, w, null, r], args: { activation, scale: 0.5, seed: 2 } }
        yield { inputs: [x, w, b, r], args: { activation, scale: -1.5, dropout: 0.4, seed: 3 } }
      }
      yield { inputs: [x, w, b, r], args: { seed: 4 } }
      yield { inputs: [x, w, b, null], args: { dropout: 0.25, seed: 5 } }
    }
    yield {
      inputs: [s.values([2, 3, 4]), s.values([5, 4]), s.values([5]), s.values([2, 3, 5])],
      args: { activation: 'silu', seed: 1 },
    }
    yield {
      inputs: [s.values([3, 4]), s.values([4]), s.values([1]), s.values([3])],
      args: { activation: 'relu', seed: 1 },
    }
    // Every source of panels: own, shared, cut along k.
    for (const [m, n, k] of [
      [130, 210, 190],
      [300, 270, 400],
      [5, 20, 4500],
      [1, 600, 300],
      [700, 3, 64],
    ] as const) {
      const args = { activation: 'geluTanh', scale: 0.7, dropout: 0.3, seed: 7 } as const
      yield { inputs: [s.values([m, k]), s.values([n, k]), s.values([n]), s.values([m, n])], args, large: true }
    }
  },
  call: ([x, w, b, r], args) => ops.linear(x as Tensor, w as Tensor, b, options(r, args)),
  // While gradients are recorded some are several commands, each rounded.
  accuracy: { roundings: 8, serial: true, composed: true, terms: ([, w]) => w?.shape[1] ?? 1, magnitude: termsOf },
  gradient: { kinks: 'relu at 0', roundings: 24 },
  errors: {
    activation: {
      call: (device) =>
        ops.linear(ops.zeros([2, 3], { device }), ops.zeros([4, 3], { device }), null, { activation: 'elu' as 'relu' }),
      code: 'SINTER_VALUE',
      message: "linear: activation 'elu' is not one of none, relu, gelu, geluTanh, silu",
    },
    dropout: {
      call: (device) => ops.linear(ops.zeros([2, 3], { device }), ops.zeros([4, 3], { device }), null, { dropout: 1 }),
      code: 'SINTER_VALUE',
      message: 'linear: dropout 1 is not a probability below 1',
    },
    residual: {
      call: (device) =>
        ops.linear(ops.zeros([2, 3], { device }), ops.zeros([4, 3], { device }), null, {
          residual: ops.zeros([2, 3], { device }),
        }),
      code: 'SINTER_SHAPE',
      message: 'linear: the residual is (2, 3) f32, the result (2, 4) f32',
    },
    integers: {
      call: (device) =>
        ops.linear(ops.zeros([2, 3], { device, dtype: 'i32' }), ops.zeros([4, 3], { device, dtype: 'i32' }), null, {
          scale: 2,
        }),
      code: 'SINTER_DTYPE',
      message: 'linear: i32 has no activation, scale, residual or dropout; apply them to its result',
    },
  },
}

const packed: OpSpec<Then & { transposed: boolean }> = {
  name: 'packMatrix, matmulPacked, PackedMatrix',
  ops: ['packMatrix', 'matmul'],
  dtypes: FLOATS,
  *samples(s) {
    for (const transposed of [false, true]) {
      const matrix = (k: number, n: number) => s.values(transposed ? [n, k] : [k, n])
      for (const [m, n, k] of SIZES) {
        yield { inputs: [s.values([m, k]), matrix(k, n), null, null], args: { transposed } }
        yield {
          inputs: [s.values([m, k]), matrix(k, n), s.values([n]), s.values([m, n])],
          args: { transposed, activation: 'gelu', scale: 0.5 },
        }
      }
      yield {
        inputs: [s.values([2, 3, 4]), matrix(4, 5), s.values([5]), null],
        args: { transposed, activation: 'relu' },
      }
      for (const [m, n, k] of [
        [1, 70, 400],
        [8, 500, 300],
        [170, 67, 800],
        [400, 130, 390],
      ] as const)
        yield { inputs: [s.values([m, k]), matrix(k, n), s.values([n]), null], args: { transposed }, large: true }
    }
  },
  call: ([a, b, bias, residual], { transposed, ...then }) =>
    ops.noGrad(() => {
      using packed = ops.packMatrix(b as Tensor, { transposed })
      return ops.matmulPacked(a as Tensor, packed, bias, options(residual, then))
    }),
  accuracy: {
    roundings: 6,
    serial: true,
    terms: ([a]) => a?.shape.at(-1) ?? 1,
    magnitude: ([a, b, bias, r], args) => termsOf([a, args.transposed ? b : ops.transpose(b as Tensor), bias, r], args),
  },
  gradient: null,
  errors: {
    'inner dimensions': {
      call: (device) => ops.matmulPacked(ops.zeros([2, 3], { device }), ops.packMatrix(ops.zeros([4, 5], { device }))),
      code: 'SINTER_SHAPE',
      message: 'matmulPacked: inner dimensions differ: (2, 3) x packed (4, 5)',
    },
    gradient: {
      call: (device) =>
        ops.matmulPacked(ops.zeros([2, 4], { device }).requiresGrad_(), ops.packMatrix(ops.zeros([4, 5], { device }))),
      code: 'SINTER_VALUE',
      message:
        'matmulPacked: a packed matrix has no gradient; call it under noGrad(), or matmul() with the matrix itself',
    },
    matrix: {
      call: (device) => ops.packMatrix(ops.zeros([4], { device })),
      code: 'SINTER_SHAPE',
      message: 'packMatrix: takes a matrix, got (4)',
    },
  },
}

export const specs: readonly OpSpec[] = [linear, epilogue, packed]
