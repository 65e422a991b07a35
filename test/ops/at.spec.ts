/** Indexing with everything: lib/ops/at.ts. What its arguments mean is checked by at.test.ts; here gradients, dtypes, layouts. */

import * as ops from '#lib/index.js'
import { type Index, type Tensor, tensor } from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import type { Shape } from '#lib/tensor/shape.js'
import { type ErrorCase, FLOATS, INTEGERS, type OpSpec, REALS } from '../opspec/spec.js'

const NUMBERS: readonly DType[] = [...FLOATS, ...INTEGERS]

/** 't' stands for the tensor of indices among the operands. */
type Given = readonly (Index | 't')[]
interface Args {
  given: Given
}

const STATIC: readonly Given[] = [
  [1],
  ['::2', '1:'],
  ['...', null, -1],
  ['::-1', ':', '3:0:-2'],
  [[0, -1]],
  [':', [2, 0]],
  [[0, 1], ':', [1, 3]],
  [0, '...', [1, 1]],
  [[true, false, true], 1],
]
const SHAPE: Shape = [3, 4, 5]

const fill = (given: Given, t: Tensor | null | undefined): Index[] => given.map((i) => (i === 't' ? (t as Tensor) : i))

const at: OpSpec<Args> = {
  name: 'at atSync',
  ops: ['linearIndex', 'indexSelect', 'indexAdd'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const given of STATIC) yield { inputs: [s.values(SHAPE), null], args: { given } }
    for (const dtype of ['i64', 'i32'] as const) {
      yield { inputs: [s.values(SHAPE), s.indices([2, 3], -3, 3, dtype)], args: { given: ['t', [1]] } }
      yield { inputs: [s.values(SHAPE), s.indices([], -4, 4, dtype)], args: { given: [':', 't'] } }
    }
    yield { inputs: [s.values(SHAPE), s.mask([3, 4])], args: { given: ['t', '1:'] } }
    yield { inputs: [s.values(SHAPE), s.mask([])], args: { given: ['t', 1] } }
    yield { inputs: [s.values([300, 301]), s.indices([10, 25], -300, 300)], args: { given: ['t', '::2'] }, large: true }
  },
  call: ([x, t], { given }) => ops.atSync(x as Tensor, ...fill(given, t)),
  accuracy: { roundings: 0 },
  gradient: { roundings: 2 },
  errors: {
    many: error((device) => ops.at(zeros(device), 0, 0, 0), 'SHAPE', 'at: 3 axes are indexed, (2, 3) has 2'),
    integer: error(
      (device) => ops.at(zeros(device), 0, 3),
      'SHAPE',
      'at: index 3 is out of range for dimension 1 of (2, 3)',
    ),
    dots: error(
      (device) => ops.at(zeros(device), '...', '...'),
      'VALUE',
      "at: '...' is given 2 times; once says all that is missing",
    ),
    notation: error(
      (device) => ops.at(zeros(device), 'all'),
      'VALUE',
      "at: 'all' is no index; strings are slices such as '1:3', ':', '::-1', or '...'",
    ),
    step: error((device) => ops.at(zeros(device), '::0'), 'VALUE', 'at: a slice with step 0'),
    dtype: error(
      (device) => ops.at(zeros(device), zeros(device)),
      'DTYPE',
      'at: an index tensor of f32; they are i64, i32, or bool for masks',
    ),
    array: error((device) => ops.at(zeros(device), [0.5]), 'VALUE', 'at: an array of indices holds 0.5 (number)'),
    'out of range': error(
      (device) => ops.at(zeros(device), [0, -3]).dataSync(),
      'INDEX_OUT_OF_RANGE',
      'linearIndex: index -3 is out of range for 2 entries of the indexed dimension',
    ),
  },
}

const withAt: OpSpec<Args & { value?: number }> = {
  name: 'withAt',
  ops: ['linearIndex', 'indexReduce', 'indexSelect', 'where', 'nonzero'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const given of STATIC) {
      if (given[0] === 0) continue // names elements twice
      yield { inputs: [s.values(SHAPE), null, null], args: { given, value: 1 } }
      yield { inputs: [s.values(SHAPE), null, s.values([1])], args: { given } }
    }
    yield { inputs: [s.values(SHAPE), null, s.values([2, 1, 5])], args: { given: [[0, 2], '1:3'] } }
    yield { inputs: [s.values(SHAPE), null, s.values([2, 4])], args: { given: [[2, 0], ':', [1, 3]] } }
    yield { inputs: [s.values(SHAPE), s.mask([3, 4]), s.values([3])], args: { given: ['t', '1:4'] } }
    const mask = { ...s.given([1, 0, 1]), dtype: 'bool' as const, mutated: true }
    yield { inputs: [s.values(SHAPE), mask, s.values([2, 4, 5])], args: { given: ['t'] } }
    yield {
      inputs: [s.values(SHAPE), { ...s.given([-1], []), dtype: 'i64' }, s.values([4])],
      args: { given: ['t', ':', 1] },
    }
  },
  call: ([x, t, v], { given, value }) => ops.withAt(x as Tensor, fill(given, t), v ?? (value as number)),
  accuracy: { roundings: 0 },
  gradient: { roundings: 2 },
  errors: {
    value: error(
      (device) => ops.withAt(zeros(device), [0], ops.zeros([2], { device })),
      'SHAPE',
      'withAt: the value is (2), which does not broadcast to (3)',
    ),
    count: error(
      (device) =>
        ops
          .withAt(zeros(device), [tensor([true, true], { device }) as Tensor], ops.zeros([3, 3], { device }))
          .dataSync(),
      'INDEX_OUT_OF_RANGE',
      'nonzero: the mask selects 2 elements, where 3 values are given',
    ),
    masks: error(
      (device) => ops.withAt(zeros(device), [tensor([true, true], { device }) as Tensor, [0, 1]], 1),
      'VALUE',
      'withAt: a mask beside other index tensors; give its coordinates (nonzero) instead',
    ),
  },
}

const setAt: OpSpec<Args & { value?: number }> = {
  name: 'setAt_',
  ops: ['linearIndex', 'indexCopyInto', 'copyInto', 'fillInto'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    const x = () => ({ ...s.values(SHAPE), mutated: true })
    for (const given of STATIC) {
      yield { inputs: [x(), null, null], args: { given, value: 1 } }
      yield { inputs: [x(), null, s.values([1])], args: { given } }
    }
    yield { inputs: [x(), s.mask([3, 4]), s.values([3])], args: { given: ['t', '1:4'] } }
    yield { inputs: [x(), s.indices([2], -3, 3), s.values([2, 4, 5])], args: { given: ['t'] } }
  },
  call: ([x, t, v], { given, value }) => ops.setAt_(x as Tensor, fill(given, t), v ?? (value as number)),
  accuracy: { roundings: 0 },
  gradient: null,
  errors: {
    recorded: error(
      (device) => ops.setAt_(zeros(device).requiresGrad_(), [0], 1),
      'AUTOGRAD',
      'setAt_: a leaf that requires gradients cannot be written in place; run it inside noGrad, or use the operator without _',
    ),
  },
}

const indexPut: OpSpec<{ accumulate: boolean; dots?: boolean }> = {
  name: 'indexPut',
  ops: ['linearIndex', 'indexReduce', 'indexAdd', 'indexSelect'],
  dtypes: NUMBERS,
  refuses: [],
  *samples(s) {
    for (const accumulate of [true, false]) {
      const at = accumulate ? s.indices([3], -4, 4) : { ...s.given([2, -4, 3]), dtype: 'i64' as const }
      yield { inputs: [s.values(SHAPE), at, s.values([3, 3, 5])], args: { accumulate, dots: true } }
      yield { inputs: [s.values([4, 5]), at, s.values([5])], args: { accumulate } }
      yield { inputs: [s.values([4, 5]), s.mask([4]), s.values([5])], args: { accumulate } }
    }
  },
  call: ([x, at, v], { accumulate, dots }) =>
    ops.indexPut(x as Tensor, dots ? [null, at as Tensor] : [at as Tensor], v as Tensor, { accumulate }),
  accuracy: {
    roundings: 1,
    terms: () => 4,
    magnitude: ([x, at, v], { dots }) =>
      ops.indexPut(ops.abs(x as Tensor), dots ? [null, at as Tensor] : [at as Tensor], ops.abs(v as Tensor), {
        accumulate: true,
      }),
  },
  gradient: { roundings: 2 },
}

export const specs: readonly OpSpec[] = [at, withAt, setAt, indexPut]

function zeros(device: string): Tensor {
  return ops.zeros([2, 3], { device }) as Tensor
}

function error(call: (device: string) => unknown, code: string, message: string): ErrorCase {
  return { call, code: `SINTER_${code}`, message }
}
