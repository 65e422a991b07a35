/** Casts and copies: lib/ops/convert.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { LARGE, LENGTHS, type Sampler } from '../opspec/sampler.js'
import { type OpSpec, REALS, type Sample } from '../opspec/spec.js'

/** Elements in order of 2, 3 and 4 dimensions, long enough for blocked transposes. */
const SHAPES: readonly (readonly number[])[] = [
  ...LENGTHS.map((n) => [n]),
  [],
  [3, 5],
  [2, 3, 4],
  [2, 0, 3],
  [17, 33],
  [2, 3, 4, 5],
]

function* copies<A>(s: Sampler, args: A): Iterable<Sample<A>> {
  for (const shape of SHAPES) yield { inputs: [s.values(shape)], args }
  yield { inputs: [s.specials()], args, differentiable: false }
  yield { inputs: [s.values([LARGE])], args, large: true }
}

const copied = (name: string, f: (x: Tensor) => Tensor): OpSpec => ({
  name,
  ops: ['copy'],
  dtypes: REALS,
  refuses: [],
  samples: (s) => copies(s, {}),
  call: ([x]) => f(x as Tensor),
  accuracy: { roundings: 0 },
  gradient: {},
  signedZeros: true,
})

/** To one dtype from every other; the oracle converts the same values, so rounding is held against its conversion. */
const castTo = (to: DType): OpSpec => ({
  name: `cast to ${to}`,
  ops: ['copy'],
  dtypes: REALS,
  refuses: [],
  result: () => to,
  oracle: (d) => d,
  samples: (s) => copies(s, {}),
  call: ([x]) => ops.cast(x as Tensor, to),
  accuracy: { roundings: 0 },
  gradient: null,
  signedZeros: true,
  errors: {
    dtype: {
      call: (device) => ops.cast(ops.zeros([2], { device }), 'float' as DType),
      code: 'SINTER_DTYPE',
      message: "dtype: 'float' is not one of f32, f64, bf16, f16, i32, i64, u8, i8, bool, c64, c128",
    },
  },
})

/** There and back, so that the gradient arrives in the operand's dtype. */
const castGradient: OpSpec = {
  name: 'cast to f64',
  ops: ['copy'],
  dtypes: ['f32', 'f64', 'bf16', 'f16'],
  refuses: [],
  result: () => 'f64',
  samples: (s) => copies(s, {}),
  call: ([x]) => ops.to(x as Tensor, 'f64'),
  accuracy: { roundings: 0 },
  gradient: {},
}

export const specs: readonly OpSpec[] = [
  copied('clone', ops.clone),
  copied('contiguous', (x) => ops.contiguous(x.permute(x.shape.map((_, i) => x.rank - 1 - i)))),
  ...REALS.map(castTo),
  castGradient,
]
