/** In-place forms of the pointwise operators: lib/ops/inplace-pointwise.ts. The call gives back the tensor that it wrote. */
import * as ops from '#lib/index.js'
import { noGrad, type Tensor } from '#lib/index.js'
import { FLOATS, type OpSpec } from '../opspec/spec.js'

const chain: Record<string, (x: Tensor, y: Tensor) => Tensor> = {
  'exp_, sqrt_, log_, tanh_': (x) => x.exp_().sqrt_().log_().tanh_(),
  'pow_, clamp_, clampMax_': (x, y) => x.abs_().pow_(2).clamp_(0, 4).clampMax_(y),
  'lerp_, addcmul_, round_': (x, y) => x.lerp_(y, 0.25).addcmul_(y, y, { value: 2 }),
  'gt_, logicalAnd_': (x, y) => x.gt_(y).logicalOr_(0),
}

export const specs: readonly OpSpec[] = Object.entries(chain).map(([name, f]) => ({
  name,
  ops: ['copyInto'],
  dtypes: FLOATS,
  refuses: [],
  *samples(s) {
    for (const [x, y] of [
      [[17], [17]],
      [[3, 5], [5]],
      [[2, 0, 3], [3]],
    ] as const)
      yield { inputs: [{ ...s.values(x), mutated: true }, s.values(y)], args: {} }
  },
  call: ([x, y]) => noGrad(() => f(x as Tensor, y as Tensor)),
  accuracy: { roundings: 12, composed: true, magnitude: 'norm' },
  gradient: null,
  errors: {
    dtype: {
      call: (device) => ops.zeros([2], { device, dtype: 'i32' }).exp_(),
      code: 'SINTER_DTYPE',
      message: 'exp_: the result is f32, which a i32 tensor cannot hold; convert it first',
    },
    shape: {
      call: (device) => ops.zeros([2], { device }).pow_(ops.zeros([3, 2], { device })),
      code: 'SINTER_SHAPE',
      message: 'pow_: the result (3, 2) does not fit into (2)',
    },
  },
}))
