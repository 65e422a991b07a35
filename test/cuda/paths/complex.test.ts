/**
 * Paths of complex kernels on CUDA (cuda/kernels/pointwise/complex.cu, complex_functions.cu, cast.cu): elements by packs with an end, by
 * strides and of one value a row; parts on the axes, far from zero and that are no numbers; casts between all dtypes. Place in the whole:
 * against the CPU; test/ops has the semantics, for few shapes and dtypes.
 */
import { describe, test } from 'vitest'
import * as ops from '#lib/index.js'
import { type Tensor, tensor } from '#lib/index.js'
import { DTYPES, isComplex, isFloating } from '#lib/tensor/dtype.js'
import type { Random } from '../../helpers/random.js'
import { FUNCTIONS } from '../../ops/complex-pairs.js'
import { device, drawn, same } from '../same.js'

const COMPLEX = ['c64', 'c128'] as const
type Complex = (typeof COMPLEX)[number]
const PART = { c64: 'f32', c128: 'f64' } as const

/** Elements that lie one behind the other, with rows and columns exchanged, and as one value along a row of whole packs. */
type Layout = readonly [what: string, shape: readonly number[], lie: (x: Tensor) => Tensor]
const LAYOUTS: readonly Layout[] = [
  ['packs and an end', [53], (x) => x],
  ['rows and columns exchanged', [5, 7], (x) => x.transpose(0, 1)],
  ['a value a row', [5, 1], (x) => x.expand([5, 32])],
]

const some = (r: Random): number => r.uniform(0.25, 2) * (r.int(0, 2) ? 1 : -1)
/** Of which many are equal. */
const few = (r: Random): number => r.int(1, 4)
const complex = (seed: string, shape: readonly number[], dtype: Complex, at: string, draw = some): Tensor =>
  ops.complex(drawn(`${seed} re`, shape, PART[dtype], at, draw), drawn(`${seed} im`, shape, PART[dtype], at, draw))
/** Complex results as their parts, which `same` compares. */
const parts = (z: Tensor): Tensor => (isComplex(z.dtype) ? ops.viewAsReal(z.contiguous()) : z)

type Unary = (z: Tensor) => Tensor
/** With the roundings of a part in its dtype: parts are of size 8 at most. */
const UNARY: Record<string, readonly [number, Unary]> = {
  neg: [0, ops.neg],
  conj: [0, ops.conj],
  square: [8, ops.square],
  reciprocal: [8, ops.reciprocal],
  sgn: [4, ops.sgn],
  abs: [4, ops.abs],
  angle: [4, ops.angle],
}
type Binary = (a: Tensor | number, b: Tensor | number) => Tensor
/** A power of an exponent of at most 1/2 a part: of size 8 at most too. */
const root: Binary = (a, b) => ops.pow(a, typeof b === 'number' ? b / 4 : ops.mul(b, 0.25))
const BINARY: Record<string, readonly [number, Binary, ((r: Random) => number)?]> = {
  add: [0, ops.add],
  sub: [0, ops.sub],
  mul: [8, ops.mul],
  div: [8, ops.div],
  eq: [0, ops.eq, few],
  ne: [0, ops.ne, few],
  pow: [64, root],
}

const SIZES = [0, -0, 0.3, -0.7, 1.25, -5, 25, -30, 2.5e6, -1e7, 3e15, -7e22]
const grid = (dtype: Complex, at: string, re: readonly number[], im: readonly number[]): Tensor => {
  const pairs = re.flatMap((x) => im.flatMap((y) => [x, y]))
  return ops.viewAsComplex(tensor(pairs, { dtype: PART[dtype], shape: [pairs.length / 2, 2], device: at }))
}
const ODD = [Infinity, -Infinity, NaN]
const LIMITS = [0.3, -0.7, 0, -0, 1, ...ODD]
/** Where C leaves the sign of an infinite part open, or of a 0 beside a NaN. */
const UNSIGNED = ['sin', 'cos', 'sinh', 'cosh']

describe.skipIf(device === undefined)('complex kernels', () => {
  test.each(Object.entries(UNARY))('%s', (name, [roundings, f]) => {
    for (const dtype of COMPLEX)
      for (const [what, shape, lie] of LAYOUTS)
        same(`${name} ${dtype}, ${what}`, (at) => parts(f(lie(complex(name, shape, dtype, at)))), roundings)
    for (const dtype of COMPLEX)
      same(`${name} ${dtype}, limits`, (at) => parts(f(grid(dtype, at, LIMITS, LIMITS))), roundings)
  })

  // Computed in double: of c64 rounded once.
  test.each(Object.entries(FUNCTIONS))('%s', (name, f) => {
    for (const dtype of COMPLEX) {
      const roundings = dtype === 'c64' ? 1 : 16
      for (const [what, shape, lie] of LAYOUTS)
        same(`${name} ${dtype}, ${what}`, (at) => parts(f(lie(complex(name, shape, dtype, at)))), roundings)
      same(`${name} ${dtype}, on the axes and far`, (at) => parts(f(grid(dtype, at, SIZES, SIZES))), roundings)
      const shown = UNSIGNED.includes(name) ? (z: Tensor) => ops.abs(parts(z)) : parts
      same(`${name} ${dtype}, limits`, (at) => shown(f(grid(dtype, at, LIMITS, LIMITS))), roundings)
    }
  })

  test.each(Object.entries(BINARY))('%s', (name, [roundings, f, draw = some]) => {
    for (const dtype of COMPLEX) {
      const [packs, strides, values] = LAYOUTS as [Layout, Layout, Layout]
      const whole: Layout = ['whole rows', [5, 32], (x) => x]
      for (const [left, right] of [
        [packs, packs],
        [strides, strides],
        [values, whole],
        [whole, values],
      ] as const)
        same(
          `${name} ${dtype}, ${left[0]}, ${right[0]}`,
          (at) =>
            parts(
              f(
                left[2](complex(`${name} a`, left[1], dtype, at, draw)),
                right[2](complex(`${name} b`, right[1], dtype, at, draw)),
              ),
            ),
          roundings,
        )
      for (const x of [2, 0.5])
        same(
          `${name} ${dtype}, the number ${x}`,
          (at) =>
            [x, 1].flatMap((y) => [
              parts(f(complex(name, [53], dtype, at), y)),
              parts(f(complex(name, [5, 7], dtype, at).t(), y)),
              parts(f(y, complex(name, [53], dtype, at))),
              parts(f(y, complex(name, [5, 7], dtype, at).t())),
            ]),
          roundings,
        )
    }
  })

  // Of every kind on either side: by zeros of either sign, and by what is infinite in one part or both.
  test('quotients at their limits', () => {
    const ends = [0.7, 0, -0, Infinity, -Infinity, NaN]
    for (const dtype of COMPLEX)
      same(
        dtype,
        (at) => {
          const z = grid(dtype, at, ends, ends)
          // Whole packs, and such that begin in the middle of one.
          return [z, z.narrow(0, 1, 34)].map((by) => parts(ops.div(z.unsqueeze(1), by)))
        },
        8,
      )
  })

  test('updates in place', () => {
    for (const dtype of COMPLEX)
      for (const [what, shape, from, of] of [
        ['packs and an end', [53], [53], (x: Tensor) => x],
        ['rows and columns exchanged', [5, 7], [5, 7], (x: Tensor) => x.t()],
        ['a value a row', [5, 32], [5, 1], (x: Tensor) => x],
      ] as const)
        same(
          `${dtype}, ${what}`,
          (at) => {
            const update = (f: (x: Tensor, y: Tensor) => unknown): Tensor => {
              const x = complex('updated', shape, dtype, at)
              f(of(x), of(complex('by', from, dtype, at)))
              return parts(x)
            }
            return [
              update((x, y) => x.add_(y, { alpha: 1.5 })),
              update((x, y) => x.mul_(y)),
              update((x) => x.mul_(1.5)),
            ]
          },
          8,
        )
  })

  // The phase of a far power is 3e6 ln 3, below 2^22: its roundings and the logarithm's on either side, times a length of 3^1.5.
  test('powers of zero, on the axes and far, whole, negative and of numbers', () => {
    const bases = [0.5, -1.25, 3]
    for (const dtype of COMPLEX)
      for (const exponent of [
        0,
        3,
        -4,
        64,
        0.5,
        -1.5,
        { re: 0, im: 2 },
        { re: 1.5, im: 3e6 },
        { re: 0.5, im: Infinity },
      ])
        same(
          `${dtype} to ${JSON.stringify(exponent)}`,
          (at) => parts(ops.pow(grid(dtype, at, bases, [0]), exponent)),
          dtype === 'c64' ? 2 : 4 * 2 ** 22 * 3 ** 1.5,
        )
    for (const dtype of COMPLEX)
      same(`${dtype}, of zero`, (at) =>
        [0, 1, 2.5].map((exponent) => parts(ops.pow(grid(dtype, at, [0, -0], [0, -0]), exponent))),
      )
  })

  test('numbers of lengths and angles, far ones too', () => {
    for (const dtype of ['f32', 'f64'] as const) {
      const angles = [0, -0, 1, -2.5, 1e5, 2 ** 20, -3e6, 1e15, Infinity, NaN]
      for (const [what, shape, lie] of LAYOUTS)
        same(
          `${dtype}, ${what}`,
          (at) => [
            parts(ops.polar(lie(drawn('length', shape, dtype, at, some)), lie(drawn('angle', shape, dtype, at, some)))),
            parts(ops.complex(lie(drawn('re', shape, dtype, at, some)), lie(drawn('im', shape, dtype, at, some)))),
            ops.angle(lie(drawn('real', shape, dtype, at, some))),
          ],
          4,
        )
      same(
        `${dtype}, far angles`,
        (at) => parts(ops.polar(drawn('lengths', [10], dtype, at, some), tensor(angles, { dtype, device: at }))),
        4,
      )
    }
  })
})

/** Values of all sizes, on both sides of what each dtype holds, halves, and what is no number. */
const SAMPLES = [
  0, -0, 0.5, 1.5, 2.5, -0.75, 1, -1, 127, 128, -129, 255, 256.5, 65504, 65520, 7e4, 3e9, -3e9, 1e19, 1e-6,
]
describe.skipIf(device === undefined)('casts', () => {
  test.each(DTYPES)('from %s', (from) => {
    const values = isFloating(from) || isComplex(from) ? [...SAMPLES, ...ODD] : SAMPLES
    const source = (at: string, shape: readonly number[]): Tensor => {
      const n = shape.reduce((a, b) => a * b, 1)
      const all = Array.from({ length: n }, (_, i) => values[i % values.length] as number)
      if (isComplex(from)) {
        const re = tensor(all, { dtype: 'f64', shape }).to(at)
        const im = tensor(all.reverse(), { dtype: 'f64', shape }).to(at)
        return ops.complex(re, im).to(from)
      }
      return (tensor(all, { dtype: 'f64', shape }) as Tensor).to(from).to(at)
    }
    for (const to of DTYPES)
      for (const [what, shape, lie] of LAYOUTS)
        if (to !== from) same(`${from} to ${to}, ${what}`, (at) => parts(lie(source(at, shape)).to(to) as Tensor))
  })
})
