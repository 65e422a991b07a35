/** Bags of embeddings: lib/ops/embeddingBag.ts. */

import type { EmbeddingBagOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { FLOATS, type OpSpec } from '../opspec/spec.js'

type Args = Omit<EmbeddingBagOptions, 'offsets' | 'perSampleWeights'>

/** Never made equal by broadcasting. */
const whole = { mutated: true }

const embeddingBag: OpSpec<Args> = {
  name: 'embeddingBag',
  ops: ['embeddingBag', 'embeddingBackward', 'indexAdd', 'scatterAdd'],
  dtypes: FLOATS,
  *samples(s) {
    const table = () => s.distinct([5, 3])
    for (const mode of ['sum', 'mean', 'max'] as const) {
      yield { inputs: [table(), s.indices([2, 4], 0, 5), null, null], args: { mode } }
      const offsets = { ...s.given([0, 2, 2]), dtype: 'i32' as const, ...whole }
      yield { inputs: [table(), s.indices([6], 0, 5, 'i32'), offsets, null], args: { mode, paddingIndex: -1 } }
    }
    const offsets = { ...s.given([0, 3, 6]), dtype: 'i64' as const, ...whole }
    const args: Args = { mode: 'sum', includeLastOffset: true, paddingIndex: 2 }
    yield { inputs: [table(), s.indices([6], 0, 5), offsets, s.values([6])], args }
    yield { inputs: [s.values([4, 33]), s.indices([3, 2], 0, 4), null, s.values([3, 2])], args: { mode: 'sum' } }
    yield { inputs: [s.values([4, 3]), s.indices([2, 0], 0, 4), null, null], args: {} }
    const counted: Args = { scaleGradByFreq: true }
    yield { inputs: [s.values([4, 3]), s.indices([3, 2], 0, 4), null, null], args: counted, byDifferences: false }
    yield { inputs: [s.values([50, 67]), s.indices([300, 9], 0, 50), null, null], args: { mode: 'mean' }, large: true }
  },
  call: ([weight, at, offsets, perSampleWeights], options) =>
    ops.embeddingBag(weight as Tensor, at as Tensor, {
      ...options,
      offsets: offsets ?? null,
      perSampleWeights: perSampleWeights ?? null,
    }),
  accuracy: { roundings: 4, terms: ([, at]) => at?.values.length ?? 0, serial: true, magnitude: 'norm' },
  gradient: { kinks: 'equal largest elements', roundings: 20 },
  errors: {
    'no offsets': {
      call: (device) => ops.embeddingBag(ops.zeros([3, 2], { device }), ops.zeros([4], { device, dtype: 'i64' })),
      code: 'SINTER_SHAPE',
      message: 'embeddingBag: takes indices (bags, size), or (k) with offsets (bags); got (4) with no offsets',
    },
    'no bags': {
      call: (device) =>
        ops.embeddingBag(ops.zeros([3, 2], { device }), ops.zeros([4], { device, dtype: 'i64' }), {
          offsets: ops.zeros([0], { device, dtype: 'i64' }),
        }),
      code: 'SINTER_SHAPE',
      message: 'embeddingBag: no bag takes the 4 indices; the offsets are to cover them',
    },
    'bad offsets': {
      call: (device) =>
        ops
          .embeddingBag(ops.zeros([3, 2], { device }), ops.zeros([4], { device, dtype: 'i64' }), {
            offsets: ops.full([2], 1, { device, dtype: 'i64' }),
          })
          .dataSync(),
      code: 'SINTER_INDEX_OUT_OF_RANGE',
      message: 'embeddingBag: bag 0 takes entries 1 to 1 of 4; offsets start with 0, grow and cover the indices',
    },
    'out of range': {
      call: (device) =>
        ops.embeddingBag(ops.zeros([3, 2], { device }), ops.full([1, 1], 3, { device, dtype: 'i64' })).dataSync(),
      code: 'SINTER_INDEX_OUT_OF_RANGE',
      message: 'embeddingBag: index 3 is out of range for 3 rows',
    },
  },
}

/** maxNorm changes the table, which comes back too. */
const withMaxNorm: OpSpec<Args> = {
  name: 'embeddingBag (maxNorm)',
  ops: ['embeddingBag', 'mulInto'],
  dtypes: FLOATS,
  *samples(s) {
    for (const normType of [2, 1]) {
      const table = { ...s.values([5, 3]), mutated: true }
      yield { inputs: [table, s.indices([2, 2], 0, 4)], args: { maxNorm: 1, normType, mode: 'sum' } }
    }
  },
  call: ([weight, at], options) => [ops.embeddingBag(weight as Tensor, at as Tensor, options), weight as Tensor],
  accuracy: { roundings: 15, composed: true, terms: () => 9, magnitude: 'norm' },
  gradient: null,
}

export const specs: readonly OpSpec[] = [embeddingBag, withMaxNorm]
