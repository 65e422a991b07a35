/** Writing into a tensor: lib/ops/inplace.ts. The call gives back the tensor that it wrote. */
import * as ops from '#lib/index.js'
import { noGrad, type Tensor } from '#lib/index.js'
import { DTYPES, type DType } from '#lib/tensor/dtype.js'
import { LARGE, LENGTHS, type Sampler } from '../opspec/sampler.js'
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

const PAIRS: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[], []],
  [[4], []],
  [
    [3, 5],
    [3, 1],
  ],
  [[2, 3, 5], [5]],
  [[2, 0, 3], [3]],
]

function* pairs<A>(s: Sampler, args: A): Iterable<Sample<A>> {
  const written = (shape: readonly number[]) => ({ ...s.values(shape), mutated: true })
  for (const n of LENGTHS) yield { inputs: [written([n]), s.values([n])], args }
  for (const [x, y] of PAIRS) yield { inputs: [written(x), s.values(y)], args }
  yield { inputs: [written([LARGE]), s.values([LARGE])], args, large: true }
}

function* singles<A>(s: Sampler, args: A): Iterable<Sample<A>> {
  for (const shape of [...LENGTHS.map((n) => [n]), [], [3, 5], [2, 0, 3]])
    yield { inputs: [{ ...s.values(shape), mutated: true }], args }
  yield { inputs: [{ ...s.values([LARGE]), mutated: true }], args, large: true }
}

const refusals = (name: string, f: (x: Tensor, y: Tensor) => Tensor): Record<string, ErrorCase> => ({
  recorded: {
    call: (device) => f(ops.zeros([2], { device, requiresGrad: true }), ops.zeros([2], { device })),
    code: 'SINTER_AUTOGRAD',
    message: `${name}: a leaf that requires gradients cannot be written in place; run it inside noGrad, or use the operator without _`,
  },
  shapes: {
    call: (device) => f(ops.zeros([2], { device }), ops.zeros([3, 2], { device })),
    code: 'SINTER_SHAPE',
    message: `${name}: (3, 2) does not broadcast to (2)`,
  },
  expanded: {
    call: (device) => f(ops.zeros([3, 1], { device }).expand([3, 32]), ops.zeros([32], { device })),
    code: 'SINTER_SHAPE',
    message: `${name}: elements of the expanded tensor (3, 32) share memory; write into a clone()`,
  },
})

const spec = <A>(
  name: string,
  row: OpName,
  dtypes: readonly DType[],
  samples: (s: Sampler) => Iterable<Sample<A>>,
  call: (x: Tensor, y: Tensor, args: A) => Tensor,
  accuracy: Accuracy<A>,
  errors: Record<string, ErrorCase> = {},
): OpSpec<A> => ({
  name,
  ops: [row],
  dtypes,
  refuses: [],
  samples,
  call: ([x, y], args) => noGrad(() => call(x as Tensor, y as Tensor, args)),
  accuracy,
  gradient: null,
  errors,
})

const NUMBERS: readonly DType[] = [...FLOATS, ...INTEGERS]

export const specs: readonly OpSpec[] = [
  spec(
    'copy_',
    'copyInto',
    REALS,
    (s) => pairs(s, {}),
    (x, y) => ops.copy_(x, y),
    { roundings: 0 },
    refusals('copy_', ops.copy_),
  ),
  {
    ...spec(
      'copy_ between dtypes',
      'copyInto',
      REALS,
      (s) => castPairs(s),
      (x, y, { from }) => ops.copy_(x, y.to(from) as Tensor),
      { roundings: 0 },
    ),
    // The oracle converts as the dtype under test does.
    oracle: (d) => d,
  },
  spec(
    'fill_',
    'fillInto',
    REALS,
    (s) => singles(s, { value: s.floating ? -1.5 : 1 }),
    (x, _, { value }) => ops.fill_(x, value),
    { roundings: 0 },
  ),
  spec(
    'add_',
    'addInto',
    REALS,
    (s) => pairs(s, {}),
    (x, y) => ops.add_(x, y),
    { roundings: 1 },
    refusals('add_', ops.add_),
  ),
  {
    ...spec(
      'add_ with alpha',
      'addInto',
      NUMBERS,
      (s) => pairs(s, { alpha: s.floating ? -0.5 : 3 }),
      (x, y, { alpha }) => ops.add_(x, y, { alpha }),
      {
        roundings: 2,
        magnitude: ([x, y], { alpha }: { alpha: number }) =>
          ops.abs(x as Tensor).add(ops.abs(y as Tensor).mul(Math.abs(alpha))),
      },
    ),
  },
  spec(
    'add_ of a number',
    'addInto',
    NUMBERS,
    (s) => singles(s, { other: 3 }),
    (x, _, { other }) => ops.add_(x, other),
    { roundings: 1 },
  ),
  spec(
    'mul_',
    'mulInto',
    REALS,
    (s) => pairs(s, {}),
    (x, y) => ops.mul_(x, y),
    { roundings: 1 },
    refusals('mul_', ops.mul_),
  ),
  spec(
    'mul_ by a number',
    'mulInto',
    NUMBERS,
    (s) => singles(s, { other: 3 }),
    (x, _, { other }) => ops.mul_(x, other),
    { roundings: 1 },
  ),
]

function* castPairs(s: Sampler): Iterable<Sample<{ from: DType }>> {
  for (const from of DTYPES.filter((d) => REALS.includes(d) && d !== s.dtype)) {
    // Small whole numbers: conversions that round have their own tests (cast).
    const whole = (shape: readonly number[]) => ({
      shape,
      values: s.random.array(
        shape.reduce((n, d) => n * d, 1),
        (r) => r.int(0, 2),
      ),
    })
    for (const shape of [[17], [3, 11], [0]])
      yield { inputs: [{ ...whole(shape), mutated: true }, whole(shape)], args: { from } }
  }
}
