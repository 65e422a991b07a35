/** Running averages of many tensors, and gradients without their means: lib/ops/eachTensor.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { FLOATS, type OpSpec } from '../opspec/spec.js'
import { LARGE, longest, SETS, written } from './optimizerRule.js'

const lerpEach_: OpSpec<{ weight: number }> = {
  name: 'lerpEach_',
  ops: ['lerpEach'],
  dtypes: FLOATS,
  *samples(s) {
    for (const weight of [0.1, 1])
      for (const shapes of SETS)
        yield { inputs: shapes.flatMap((shape) => [written(s.values(shape)), s.values(shape)]), args: { weight } }
    yield {
      inputs: LARGE.flatMap((shape) => [written(s.values(shape)), s.values(shape)]),
      args: { weight: 0.1 },
      large: true,
    }
  },
  call: (inputs, { weight }) => {
    const averages = inputs.filter((_, i) => i % 2 === 0) as Tensor[]
    ops.lerpEach_(averages, inputs.filter((_, i) => i % 2 === 1) as Tensor[], weight)
    return averages
  },
  accuracy: { roundings: 5, magnitude: 'norm' },
  gradient: null,
}

const centralizeEach_: OpSpec = {
  name: 'centralizeEach_',
  ops: ['centralizeEach'],
  dtypes: FLOATS,
  *samples(s) {
    const sets = [
      [[1, 1]],
      [
        [3, 5],
        [0, 4],
        [4, 0],
        [33, 1],
      ],
      [
        [2, 3, 4],
        [5, 2, 3, 3],
        [3, 1009],
      ],
    ]
    for (const shapes of sets) yield { inputs: shapes.map((shape) => written(s.values(shape))), args: {} }
    yield { inputs: [written(s.values([301, 501])), written(s.values([2, 70_001]))], args: {}, large: true }
  },
  call: (inputs) => {
    ops.centralizeEach_(inputs as Tensor[])
    return inputs as Tensor[]
  },
  accuracy: { roundings: 4, terms: longest, magnitude: 'norm' },
  gradient: null,
}

export const specs: readonly OpSpec[] = [lerpEach_, centralizeEach_]
