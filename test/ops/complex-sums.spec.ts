/** Complex numbers where several meet: products, norms, sums, running sums and products. See complex-pairs.ts for the operands. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Sampler } from '../opspec/sampler.js'
import type { Accuracy, OpName, OpSpec, Sample } from '../opspec/spec.js'
import { type Args, AWAY, exact, one, WIDE, z } from './complex-pairs.js'

function* alongLast(s: Sampler): Iterable<Sample<Args>> {
  for (const shape of [
    [7, 2],
    [3, 5, 2],
  ])
    yield { inputs: [s.values(shape, AWAY)], args: {} }
}

const product = (
  name: string,
  f: (a: Tensor, b: Tensor) => Tensor,
  shapes: readonly (readonly number[])[][],
): OpSpec => ({
  name,
  ops: ['matmul'],
  dtypes: WIDE,
  samples: function* (s): Iterable<Sample<Args>> {
    for (const [a, b] of shapes as [readonly number[], readonly number[]][]) {
      const inputs = [s.values([...a, 2]), s.values([...b, 2])]
      yield { inputs, args: {} }
      if (a.length > 1 && b.length > 1) yield { inputs, args: { strided: true } }
    }
  },
  call: ([a, b], args) => ops.viewAsReal(f(z(a as Tensor, args), z(b as Tensor, args))),
  accuracy: {
    roundings: 4,
    terms: ([a]) => 2 * (a?.shape.at(-2) ?? 1),
    serial: true,
    magnitude: 'norm',
  },
  gradient: {},
})

export const specs: readonly OpSpec[] = [
  ...Object.entries<ops.masked.MaskedAlong>({
    prod: (x, axis, o) => ops.masked.prod(x, axis, o),
    cumsum: ops.masked.cumsum,
    cumprod: ops.masked.cumprod,
  }).map(
    ([name, f]): OpSpec => ({
      ...one(`complex masked.${name}`, ops.neg, [name === 'cumsum' ? 'cumsum' : 'mul'], {
        roundings: 24,
        magnitude: 'norm',
      }),
      samples: function* (s): Iterable<Sample<Args>> {
        yield { inputs: [s.values([3, 4, 2], AWAY)], args: { axes: [0] } }
        yield { inputs: [s.values([3, 4, 2], AWAY)], args: { axes: [1] } }
      },
      call: ([x], args: Args) => {
        const c = z(x as Tensor, args)
        return ops.viewAsReal(f(c, args.axes?.[0] ?? 0, { mask: ops.real(c).gt(ops.imag(c)) }))
      },
    }),
  ),
  ...Object.entries({ vdot: ops.vdot, vecdot: ops.linalg.vecdot }).map(
    ([name, f]): OpSpec => ({
      ...product(`complex ${name}`, f, [[[7], [7]]]),
      ops: ['conj'],
    }),
  ),
  product('complex matmul', ops.matmul, [
    [
      [3, 4],
      [4, 5],
    ],
    [
      [1, 1],
      [1, 1],
    ],
    [
      [2, 3, 4],
      [4, 2],
    ],
    [
      [3, 1, 2, 3],
      [2, 3, 1],
    ],
    [[4], [4]],
    [[4], [4, 3]],
    [
      [17, 33],
      [33, 19],
    ],
    [
      [2, 0],
      [0, 3],
    ],
  ]),
  product('complex linear', (a, b) => ops.linear(a, b, b.select(1, 0)), [
    [
      [3, 4],
      [5, 4],
    ],
  ]),
  ...[1, 2, 3, Number.POSITIVE_INFINITY, 0].map((p) => ({
    ...one(`complex vectorNorm ${p}`, (x) => ops.vectorNorm(x, p), ['abs', 'vectorNorm'], {
      roundings: 24,
      magnitude: 'norm',
    }),
    gradient: p === 0 ? null : { kinks: 'zero' },
    samples: function* (s: Sampler): Iterable<Sample<Args>> {
      yield { inputs: [s.values([3, 5, 2], AWAY)], args: {} }
      yield { inputs: [s.values([7, 2], AWAY)], args: {} }
    },
  })),
  ...Object.entries({ variance: ops.variance, std: ops.std }).map(([name, f]) => ({
    ...one(`complex ${name}`, ops.neg, ['variance'], { roundings: 12, terms: () => 40, magnitude: 'norm' } as Accuracy),
    samples: function* (s: Sampler): Iterable<Sample<Args>> {
      for (const axes of [undefined, [0], [0, -1]])
        yield { inputs: [s.values([3, 4, 5, 2])], args: axes ? { axes } : {} }
    },
    call: ([x]: readonly Tensor[], args: Args) => f(z(x as Tensor, args), args.axes, { correction: 0 }),
  })),
  ...Object.entries({ any: ops.any, all: ops.all, countNonzero: ops.countNonzero }).map(([name, f]) => ({
    ...one(`complex ${name}`, (x) => f(x, -1), ['ne'], exact, {
      result: () => (name === 'countNonzero' ? 'i64' : 'bool'),
      gradient: null,
    }),
    samples: function* (s: Sampler): Iterable<Sample<Args>> {
      yield { inputs: [s.given([0, 0, 1, 0, 0, -1, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2], [4, 2, 2])], args: {} }
      yield { inputs: [s.values([3, 5, 2])], args: {} }
    },
  })),
  // Composed of the above.
  ...Object.entries({
    renorm: (x: Tensor) => ops.renorm(ops.unsqueeze(x, 0), 2, 0, 1),
    trapezoid: (x: Tensor) => ops.trapezoid(x),
    cumulativeTrapezoid: (x: Tensor) => ops.cumulativeTrapezoid(x),
    'masked.norm': (x: Tensor) => ops.masked.norm(x, 2, -1, { mask: ops.gt(ops.real(x), 0) }),
  }).map(([name, f]) =>
    one(
      `complex ${name}`,
      f,
      [],
      { roundings: 40, magnitude: 'norm', composed: true },
      { samples: alongLast, gradient: { kinks: 'zero' } },
    ),
  ),
  one('complex diff', (x) => ops.diff(x), ['sub'], { roundings: 2 }, { domain: {}, samples: alongLast }),
  {
    ...one('complex prod', ops.prod, ['mul'], { roundings: 24, magnitude: 'norm' }),
    samples: function* (s): Iterable<Sample<Args>> {
      for (const axes of [undefined, [0], [-1], [0, 2], []])
        yield { inputs: [s.values([3, 2, 5, 2], AWAY)], args: axes ? { axes } : {} }
      yield { inputs: [s.values([0, 2])], args: {} }
      yield { inputs: [s.given([0, 0, 1, 2, -1, 1, 0, 0], [2, 2, 2])], args: { axes: [0] } }
    },
    call: ([x], args: Args) => ops.viewAsReal(ops.prod(z(x as Tensor, args), args.axes)),
  },
  ...Object.entries({ cumsum: ops.cumsum, cumprod: ops.cumprod }).map(
    ([name, f]): OpSpec => ({
      ...one(`complex ${name}`, ops.neg, [name === 'cumsum' ? 'cumsum' : 'mul'], { roundings: 24, magnitude: 'norm' }),
      samples: function* (s): Iterable<Sample<Args>> {
        for (const axes of [[0], [1], [-1]]) yield { inputs: [s.values([3, 5, 2, 2])], args: { axes } }
        yield { inputs: [s.values([1, 2])], args: { axes: [0] } }
        yield { inputs: [s.values([0, 2])], args: { axes: [0] } }
        yield { inputs: [s.values([2])], args: { axes: [0] } }
      },
      call: ([x], args: Args) => ops.viewAsReal(f(z(x as Tensor, args), args.axes?.[0] as number)),
    }),
  ),
  ...Object.entries({ sum: ops.sum, mean: ops.mean }).map(
    ([name, f]): OpSpec => ({
      ...one(`complex ${name}`, f, [name as OpName], {
        roundings: 2,
        terms: ([x]) => (x?.values.length ?? 0) / 2,
        magnitude: 'norm',
      }),
      samples: function* (s): Iterable<Sample<Args>> {
        for (const axes of [undefined, [0], [-1], [0, 2], []])
          yield { inputs: [s.values([3, 4, 5, 2])], args: axes ? { axes } : {} }
        yield { inputs: [s.values([300, 2])], args: {} }
      },
      call: ([x], args: Args) => ops.viewAsReal(f(z(x as Tensor, args), args.axes)),
    }),
  ),
]
