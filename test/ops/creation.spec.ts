/** New tensors from values: lib/ops/creation.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { DTYPES, type DType } from '#lib/tensor/dtype.js'
import { LARGE, LENGTHS } from '../opspec/sampler.js'
import { FLOATS, INTEGERS, type OpSpec, REALS } from '../opspec/spec.js'

const NUMBERS: readonly DType[] = [...FLOATS, ...INTEGERS]
const unknown = 'f31' as DType
const dtypeError = `dtype: 'f31' is not one of ${DTYPES.join(', ')}`

type Options = { dtype: DType; device: string }

/** No operands: the oracle makes the same dtype. */
const common = { refuses: [], oracle: (d: DType): DType => d, gradient: null, accuracy: { roundings: 0 } }

const full: OpSpec<{ shape: readonly number[]; value: number; dtype: DType }> = {
  ...common,
  name: 'full',
  ops: ['fill'],
  dtypes: REALS,
  *samples(s) {
    const values = s.floating ? [0, 1, -1.5, Number.NaN, Number.NEGATIVE_INFINITY] : [0, 1]
    for (const value of values) {
      for (const shape of [...LENGTHS.map((n) => [n]), [], [2, 0, 3], [3, 5]])
        yield { inputs: [], args: { shape, value, dtype: s.dtype } }
    }
    yield { inputs: [], args: { shape: [LARGE], value: 1, dtype: s.dtype }, large: true }
  },
  call: (_, { shape, value, dtype }, device) => ops.full(shape, value, { dtype, device }) as Tensor,
  errors: {
    dtype: {
      call: (device) => ops.full([2], 1, { dtype: unknown, device }),
      code: 'SINTER_DTYPE',
      message: dtypeError,
    },
    shape: {
      call: (device) => ops.full([2, -1], 1, { device }),
      code: 'SINTER_SHAPE',
      message: 'full: (2, -1) is no shape: sizes are integers of at least 0',
    },
    device: {
      call: () => ops.full([2], 1, { device: 'tpu' }),
      code: 'SINTER_DEVICE',
      message: "device 'tpu' is unknown: there are 'cpu', 'cuda' (which is 'cuda:0'), 'cuda:1', ...",
    },
  },
}

const ALIKE = {
  zerosLike: ops.zerosLike,
  onesLike: ops.onesLike,
  fullLike: (x: Tensor) => ops.fullLike(x, true),
  // What memory holds by chance is nobody's business.
  emptyLike: (x: Tensor) => ops.zerosLike(ops.emptyLike(x)),
  newZeros: (x: Tensor) => x.newZeros([2]),
  newOnes: (x: Tensor) => x.newOnes([2]),
  newFull: (x: Tensor) => x.newFull([2], 1),
  newEmpty: (x: Tensor) => ops.zerosLike(x.newEmpty([2])),
  newTensor: (x: Tensor) => x.newTensor([[1, 0]]),
}

const alike: OpSpec<{ which: keyof typeof ALIKE }> = {
  ...common,
  name: 'zerosLike, onesLike, fullLike, emptyLike',
  ops: ['fill', 'empty'],
  dtypes: REALS,
  *samples(s) {
    for (const which of Object.keys(ALIKE) as (keyof typeof ALIKE)[])
      for (const shape of [[], [0], [3, 5]]) yield { inputs: [s.values(shape)], args: { which } }
  },
  call: ([x], { which }) => ALIKE[which](x as Tensor),
}

const CONSTANTS = {
  zeros: (o: Options) => ops.zeros([3, 5], o),
  ones: (o: Options) => ops.ones([3, 5], o),
  empty: (o: Options) => ops.zerosLike(ops.empty([3, 5], o)),
  scalarTensor: (o: Options) => ops.scalarTensor(true, o),
}

const constants: OpSpec<{ which: keyof typeof CONSTANTS; dtype: DType }> = {
  ...common,
  name: 'zeros, ones, empty, scalarTensor',
  ops: ['fill'],
  dtypes: REALS,
  *samples(s) {
    for (const which of Object.keys(CONSTANTS) as (keyof typeof CONSTANTS)[])
      yield { inputs: [], args: { which, dtype: s.dtype } }
  },
  call: (_, { which, dtype }, device) => CONSTANTS[which]({ dtype, device }) as Tensor,
}

const arange: OpSpec<{ start: number; end: number; step: number; dtype: DType }> = {
  ...common,
  name: 'arange',
  ops: ['arange'],
  dtypes: NUMBERS,
  *samples(s) {
    for (const n of LENGTHS.filter((n) => n < 100))
      yield { inputs: [], args: { start: 0, end: n, step: 1, dtype: s.dtype } }
    yield { inputs: [], args: { start: 3, end: 90, step: 7, dtype: s.dtype } }
    if (s.dtype === 'u8') return
    yield { inputs: [], args: { start: 20, end: -15, step: -3, dtype: s.dtype } }
    if (s.floating) yield { inputs: [], args: { start: -1, end: 1, step: 0.125, dtype: s.dtype } }
    if (s.dtype === 'f32' || s.dtype === 'i64')
      yield { inputs: [], args: { start: 5, end: 5 + LARGE, step: 1, dtype: s.dtype }, large: true }
  },
  call: (_, { start, end, step, dtype }, device) => ops.arange(start, end, step, { dtype, device }) as Tensor,
  accuracy: { roundings: 1 },
  errors: {
    direction: {
      call: () => ops.arange(0, 5, -1),
      code: 'SINTER_VALUE',
      message: 'arange: steps of -1 do not lead from 0 to 5',
    },
    infinite: {
      call: () => ops.arange(0, Number.POSITIVE_INFINITY),
      code: 'SINTER_VALUE',
      message: 'arange: from 0 to Infinity in steps of 1 is no finite range',
    },
  },
}

const eye: OpSpec<{ n: number; m?: number; dtype: DType }> = {
  ...common,
  name: 'eye',
  ops: ['eye'],
  dtypes: REALS,
  *samples(s) {
    for (const [n, m] of [
      [1, 1],
      [3, 3],
      [2, 5],
      [5, 2],
      [0, 3],
      [17, 33],
    ])
      yield { inputs: [], args: { n: n as number, m, dtype: s.dtype } }
    yield { inputs: [], args: { n: 4, dtype: s.dtype } }
    yield { inputs: [], args: { n: 401, m: 373, dtype: s.dtype }, large: true }
  },
  call: (_, { n, m, dtype }, device) => ops.eye(n, m, { dtype, device }) as Tensor,
}

export const specs: readonly OpSpec[] = [full, alike, constants, arange, eye]
