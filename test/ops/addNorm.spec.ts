/** Normalisation of a sum with a residual: lib/ops/addNorm.ts. Both results are given back. */
import type { AddNorm, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Sampler } from '../opspec/sampler.js'
import { FLOATS, type Input, type OpSpec, type Sample } from '../opspec/spec.js'

interface Args {
  shape: Shape
  eps?: number
}

const size = (shape: Shape): number => shape.reduce((n, d) => n * d, 1)
const both = ({ sum, y }: AddNorm): Tensor[] => [sum, y]

function* samples(s: Sampler, parameters: number): Iterable<Sample<Args>> {
  const operands = (x: Shape, shape: Shape, given: number): (Input | null)[] => [
    s.values(x),
    s.values(x),
    ...Array.from({ length: parameters }, (_, i) => (i < given ? s.values(shape) : null)),
  ]
  for (const n of [2, 7, 9, 16, 33, 65, 1009]) yield { inputs: operands([3, n], [n], parameters), args: { shape: [n] } }
  for (let given = 0; given <= parameters; given++)
    yield { inputs: operands([2, 3, 5], [3, 5], given), args: { shape: [3, 5], eps: 0.1 } }
  yield { inputs: operands([17], [17], parameters), args: { shape: [17] } }
  yield { inputs: operands([0, 4], [4], parameters), args: { shape: [4] } }
  // Results that go past the caches: rows that fit the buffer of a sum, and one that does not.
  for (const [rows, n] of [
    [8200, 513],
    [900, 4700],
  ] as const)
    if (s.dtype === 'f32')
      yield {
        inputs: operands([rows, n], [n], parameters),
        args: { shape: [n] },
        large: true,
        cpu: true,
        differentiable: false,
      }
  yield { inputs: operands([301, 503], [503], parameters), args: { shape: [503] }, large: true }
}

/** The sum is rounded before it is normalised. */
const accuracy: OpSpec<Args>['accuracy'] = {
  roundings: 10,
  terms: (_, { shape }) => size(shape),
  magnitude: 'norm',
  composed: true,
}

const addLayerNorm: OpSpec<Args> = {
  name: 'addLayerNorm',
  ops: ['layerNorm', 'layerNormBackward'],
  dtypes: FLOATS,
  samples: (s) => samples(s, 2),
  call: ([x, residual, w, b], { shape, eps }) =>
    both(ops.addLayerNorm(x as Tensor, residual as Tensor, shape, w, b, eps)),
  accuracy,
  gradient: { roundings: 40 },
  errors: {
    shapes: {
      call: (device) => ops.addLayerNorm(ops.zeros([2, 3], { device }), ops.zeros([3], { device }), [3]),
      code: 'SINTER_SHAPE',
      message: 'addLayerNorm: x (2, 3) and the residual (3) differ in shape',
    },
    weight: {
      call: (device) => {
        const x = ops.zeros([2, 3], { device })
        return ops.addLayerNorm(x, x, [3], ops.zeros([2], { device }))
      },
      code: 'SINTER_SHAPE',
      message: 'addLayerNorm: weight or bias is (2), not (3)',
    },
  },
}

const addRmsNorm: OpSpec<Args> = {
  name: 'addRmsNorm',
  ops: ['rmsNorm', 'rmsNormBackward'],
  dtypes: FLOATS,
  samples: (s) => samples(s, 1),
  call: ([x, residual, w], { shape, eps }) => both(ops.addRmsNorm(x as Tensor, residual as Tensor, shape, w, eps)),
  accuracy,
  gradient: { roundings: 40 },
  errors: {
    shape: {
      call: (device) => {
        const x = ops.zeros([2, 3], { device })
        return ops.addRmsNorm(x, x, [2])
      },
      code: 'SINTER_SHAPE',
      message: 'addRmsNorm: (2, 3) does not end in (2)',
    },
  },
}

export const specs: readonly OpSpec[] = [addLayerNorm, addRmsNorm]
