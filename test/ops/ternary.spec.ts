/** Arithmetic of three operands: lib/ops/ternary.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { floatOf } from '#lib/tensor/dtype.js'
import { LARGE, type Sampler } from '../opspec/sampler.js'
import { FLOATS, INTEGERS, type OpSpec, REALS, type Sample } from '../opspec/spec.js'

const SHAPES = [
  [[17], [17], [17]],
  [[4, 3], [3], [4, 1]],
  [[2, 5], [], [2, 5]],
  [[2, 0, 3], [3], []],
] as const

function* triples(s: Sampler, args: { value?: number } = {}, third = {}): Iterable<Sample<{ value?: number }>> {
  for (const [a, b, c] of SHAPES) yield { inputs: [s.values(a), s.values(b), s.values(c, third)], args }
}
const magnitude =
  (f: (x: Tensor, a: Tensor, b: Tensor, args: any) => Tensor) =>
  ([x, a, b]: readonly Tensor[], args: any): Tensor =>
    f(ops.abs(x as Tensor), ops.abs(a as Tensor), ops.abs(b as Tensor), { value: Math.abs(args.value ?? 1) })

export const specs: readonly OpSpec[] = [
  {
    name: 'lerp',
    ops: ['lerp'],
    dtypes: REALS,
    result: floatOf,
    *samples(s) {
      yield* triples(s, {}, { low: 0, high: 1, avoid: [0.5] })
      for (const w of [0.25, 0.75]) yield { inputs: [s.values([33]), s.values([3, 1]), null], args: { w } }
      yield { inputs: [s.values([LARGE]), s.values([LARGE]), s.values([LARGE])], args: {}, large: true }
    },
    call: ([a, b, w], args) => ops.lerp(a as Tensor, b as Tensor, (w as Tensor | null) ?? args.w),
    accuracy: {
      roundings: 3,
      magnitude: ([a, b, w]) =>
        ops.add(ops.mul(ops.add(ops.abs(a as Tensor), ops.abs(b as Tensor)), w ? ops.add(ops.abs(w), 2) : 2), 1),
    },
    gradient: {},
  },
  {
    name: 'addcmul',
    ops: ['addcmul'],
    dtypes: [...FLOATS, ...INTEGERS],
    *samples(s) {
      yield* triples(s)
      yield* triples(s, { value: 3 })
    },
    call: ([x, a, b], args) => ops.addcmul(x as Tensor, a as Tensor, b as Tensor, args),
    accuracy: { roundings: 3, magnitude: magnitude(ops.addcmul) },
    gradient: {},
  },
  {
    name: 'addcdiv',
    ops: ['addcdiv'],
    dtypes: FLOATS,
    refuses: [],
    *samples(s) {
      const apart = { low: 0.5, high: 3 }
      yield* triples(s, {}, apart)
      yield* triples(s, { value: -0.7 }, apart)
    },
    call: ([x, a, b], args) => ops.addcdiv(x as Tensor, a as Tensor, b as Tensor, args),
    accuracy: { roundings: 3, magnitude: magnitude(ops.addcdiv) },
    gradient: {},
  },
]
