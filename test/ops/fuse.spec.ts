/** Functions of pointwise operators run as one: lib/fusion. test/fusion compares them with the operators one after the other. */

import * as ops from '#lib/index.js'
import { fuse, type Tensor } from '#lib/index.js'
import { LARGE, type Sampler } from '../opspec/sampler.js'
import { FLOATS, INTEGERS, type OpSpec, type Sample } from '../opspec/spec.js'

type Args = { f: keyof typeof FUSED }

const FUSED = {
  affine: fuse((x: Tensor, y: Tensor, z: Tensor) => x.mul(y).add(z).add(1).tanh()),
  gated: fuse((x: Tensor, y: Tensor, z: Tensor) => ops.where(y.gt(0), x.sigmoid().mul(z), x.mul(0.5))),
  two: fuse((x: Tensor, y: Tensor, z: Tensor) => [x.sub(y), x.mul(z).neg()]),
}
const WHOLE = {
  mixed: fuse((x: Tensor, y: Tensor, z: Tensor) => ops.maximum(x.mul(y), z).sub(3)),
}

const SHAPES = [
  [[17], [17], [17]],
  [[4, 3], [3], [4, 1]],
  [[2, 5], [], [2, 5]],
  [[2, 0, 3], [3], []],
] as const

function* triples(s: Sampler): Iterable<Sample<Args>> {
  const apart = { avoid: [0] }
  for (const f of Object.keys(FUSED) as (keyof typeof FUSED)[])
    for (const [a, b, c] of SHAPES) yield { inputs: [s.values(a), s.values(b, apart), s.values(c)], args: { f } }
  yield { inputs: [s.values([LARGE]), s.values([1]), s.values([LARGE])], args: { f: 'affine' }, large: true }
}

export const specs: readonly OpSpec[] = [
  {
    name: 'fuse',
    ops: ['pointwiseChain'],
    dtypes: FLOATS,
    refuses: [],
    *samples(s) {
      yield* triples(s)
    },
    call: ([x, y, z], { f }: Args) => FUSED[f](x as Tensor, y as Tensor, z as Tensor),
    accuracy: {
      roundings: 8,
      composed: true,
      magnitude: ([x, y, z]) => {
        const [a, b, c] = [ops.abs(x as Tensor), ops.abs(y as Tensor), ops.abs(z as Tensor)]
        return a.mul(b).add(a.mul(c)).add(a).add(b).add(c).add(1)
      },
    },
    gradient: { kinks: 'y = 0, where the choice changes' },
  },
  {
    name: 'fuse of integers',
    ops: ['pointwiseChain'],
    dtypes: INTEGERS,
    refuses: [],
    *samples(s) {
      for (const [a, b, c] of SHAPES) yield { inputs: [s.values(a), s.values(b), s.values(c)], args: {} }
    },
    call: ([x, y, z]) => WHOLE.mixed(x as Tensor, y as Tensor, z as Tensor),
    accuracy: { roundings: 0 },
    gradient: null,
  },
]
