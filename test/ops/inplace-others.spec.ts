/**
 * In-place forms of operators that are not pointwise: lib/ops/inplace-others.ts, and fillDiagonal. The call gives back the tensor
 * that it wrote.
 */
import * as ops from '#lib/index.js'
import { noGrad, type Tensor } from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import { FLOATS, type OpSpec, REALS } from '../opspec/spec.js'

const indices = (x: Tensor, ...values: number[]): Tensor =>
  ops.tensor(values, { dtype: 'i64', device: x.device }) as Tensor
const below = (x: Tensor): Tensor => ops.lt(x, 0)

/** On x (4, 3) and y (4, 3); each call writes x. */
const FORMS: Readonly<Record<string, (x: Tensor, y: Tensor) => Tensor>> = {
  maskedFill_: (x, y) => x.maskedFill_(below(y), 5),
  maskedScatter_: (x, y) => x.maskedScatter_(below(y), y),
  tril_: (x) => x.tril_(1),
  triu_: (x) => x.triu_(),
  fillDiagonal_: (x) => x.fillDiagonal_(7, { wrap: true }),
  indexAdd_: (x, y) => x.indexAdd_(0, indices(x, 2, 0, 2, 1), y, { alpha: 2 }),
  indexCopy_: (x, y) => x.indexCopy_(0, indices(x, 2, 0), y.slice(0, 0, 2)),
  indexFill_: (x) => x.indexFill_(1, indices(x, 2, 0), 3),
  indexPut_: (x, y) => x.indexPut_([indices(x, 1, 3), indices(x, 0, 2)], y.select(0, 0).slice(0, 0, 2)),
  indexReduce_: (x, y) => x.indexReduce_(0, indices(x, 2, 0, 2, 1), y, 'amax'),
  put_: (x, y) => x.put_(indices(x, 1, 11, 5), y.select(0, 0)),
  scatter_: (x, y) => x.scatter_(1, ops.lt(y, 0).to('i64'), 4),
  scatterAdd_: (x, y) => x.scatterAdd_(0, ops.lt(y, 0).to('i64'), y),
  scatterReduce_: (x, y) => x.scatterReduce_(0, ops.lt(y, 0).to('i64'), y, 'amin'),
  cumsum_: (x) => x.cumsum_(0),
  cumprod_: (x) => x.cumprod_(1),
  renorm_: (x) => x.renorm_(2, 0, 1),
  addmm_: (x, y) => x.addmm_(y, ops.ones([3, 3], { dtype: x.dtype, device: x.device }), { alpha: 0.5 }),
  addmv_: (x, y) => {
    x.select(1, 0).addmv_(y, y.select(0, 1))
    return x
  },
  addr_: (x, y) => x.addr_(y.select(1, 0), y.select(0, 0), { beta: 2 }),
  addbmm_: (x, y) => x.addbmm_(y.expand([2, 4, 3]), ops.ones([2, 3, 3], { dtype: x.dtype, device: x.device })),
  baddbmm_: (x, y) => {
    x.unsqueeze(0).baddbmm_(y.unsqueeze(0), ops.ones([1, 3, 3], { dtype: x.dtype, device: x.device }))
    return x
  },
  conj_: (x) => x.conj_(),
  celu_: (x) => x.celu_(0.5),
  elu_: (x) => x.elu_(0.5),
  selu_: (x) => x.selu_(),
  leakyRelu_: (x) => x.leakyRelu_(0.25),
  hardtanh_: (x) => x.hardtanh_(-0.5, 0.75),
  threshold_: (x) => x.threshold_(0.5, -1),
  rrelu_: (x) => x.rrelu_({ training: false }),
  dropout_: (x) => x.dropout_(0.5, { training: false }),
  alphaDropout_: (x) => x.alphaDropout_(0.5, { training: false }),
  featureAlphaDropout_: (x) => x.featureAlphaDropout_(0.5, { training: false }),
}

const diagonal: OpSpec<{ wrap?: boolean }> = {
  name: 'fillDiagonal',
  ops: ['fillInto'],
  dtypes: REALS,
  refuses: [],
  *samples(s) {
    for (const shape of [
      [3, 3],
      [2, 5],
      [7, 3],
      [3, 3, 3],
      [0, 4],
      [1, 1],
    ] as Shape[])
      for (const wrap of [false, true]) yield { inputs: [s.values(shape)], args: { wrap } }
  },
  call: ([x], options) => ops.fillDiagonal(x as Tensor, 1, options),
  accuracy: { roundings: 0 },
  gradient: {},
  errors: {
    shape: {
      call: (device) => ops.fillDiagonal(ops.zeros([2, 3, 2], { device }), 1),
      code: 'SINTER_SHAPE',
      message: 'fillDiagonal: takes matrices, or dimensions that are equally long, got (2, 3, 2)',
    },
  },
}

export const specs: readonly OpSpec[] = [
  diagonal,
  ...Object.entries(FORMS).map(
    ([name, f]): OpSpec => ({
      name,
      ops: [],
      dtypes: FLOATS,
      refuses: [],
      *samples(s) {
        yield { inputs: [{ ...s.values([4, 3]), mutated: true }, s.values([4, 3])], args: {} }
      },
      call: ([x, y]) => noGrad(() => f(x as Tensor, y as Tensor)),
      accuracy: { roundings: 24, terms: () => 12, composed: true, magnitude: 'norm' },
      gradient: null,
    }),
  ),
]
