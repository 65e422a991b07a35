/**
 * Functions on CUDA where their arguments leave the ordinary range: circular functions from 2^20 on, by all digits of 2/pi
 * (cuda/kernels/far_trig.cuh), and what is made of them (Bessel functions, polynomials); gamma functions left of zero and of large
 * parameters; remainders of quotients that no double holds. Place in the whole: against the CPU, whose C library has other texts for most
 * of these.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { type Tensor, tensor } from '#lib/index.js'
import { numbers } from '../../helpers/compare.js'
import { device, same } from '../same.js'

const FLOATS = ['f32', 'f64', 'bf16', 'f16'] as const
type Float = (typeof FLOATS)[number]

/**
 * Numbers of every size, f16's last ones and one of f32's next to a multiple of pi/2 (16367173 * 2^72) among them, and what is no number.
 * Airy's function takes a sine of 2/3 |x|^(3/2), which of f16 too is far from 13600 on.
 */
const NEAR = [0, 1e-3, 0.3, 0.5, 1, 1.25, 2, 3.7, 6.5, 7.9, 8.1, 9.5, 23, 57.25, 999.5, 13608, 30000, 55008, 65504]
// biome-ignore format: a table
const FAR = [
  2 ** 20 - 1, 2 ** 20, 2 ** 20 + 7, 1647099.3, 4e6, 2 ** 24 + 2, 1e9, 2 ** 31, 5e10, 2 ** 52, 1e15, 8e18, 1e22, 6e30, 1e38,
]
const FARTHEST = [16367173 * 2 ** 72, 2 ** 100, 1e200, 1e308, Infinity, NaN]
const both = (x: readonly number[]): number[] => x.flatMap((v) => [v, -v])
const ARGUMENTS = both([...NEAR, ...FAR, ...FARTHEST])

type Unary = (x: Tensor) => Tensor
/** Roundings in f32 and in f64, of results of size 1 or more; bf16 and f16 are f32's, rounded once. */
const CIRCULAR: Record<string, readonly [f32: number, f64: number, Unary]> = {
  sin: [2, 2, ops.sin],
  cos: [2, 2, ops.cos],
  tan: [2, 4, ops.tan],
  sinc: [4, 4, ops.sinc],
  besselJ0: [1, 8, ops.besselJ0],
  besselJ1: [1, 8, ops.besselJ1],
  besselY0: [1, 8, ops.besselY0],
  besselY1: [1, 8, ops.besselY1],
  modifiedBesselK0: [1, 8, ops.modifiedBesselK0],
  modifiedBesselK1: [1, 8, ops.modifiedBesselK1],
  scaledModifiedBesselK0: [1, 8, ops.scaledModifiedBesselK0],
  scaledModifiedBesselK1: [1, 8, ops.scaledModifiedBesselK1],
  sphericalBesselJ0: [1, 4, ops.sphericalBesselJ0],
  sphericalBesselJ1: [1, 4, ops.sphericalBesselJ1],
  airyAi: [1, 8, ops.airyAi],
}

const of = (x: readonly number[], dtype: Float, at: string): Tensor =>
  (tensor([...x], { dtype: 'f64' }) as Tensor).to(dtype).to(at)
/** An even number of elements, through strides. */
const exchanged = (x: Tensor): Tensor => x.reshape([-1, 2]).t()
const laid = (x: Tensor): readonly Tensor[] => [x, exchanged(x)]
const roundings = (dtype: Float, f32: number, f64: number): number =>
  dtype === 'f64' ? f64 : dtype === 'f32' ? f32 : 1

describe.skipIf(device === undefined)('arguments far from zero', () => {
  test.each(Object.entries(CIRCULAR))('%s', (name, [f32, f64, f]) => {
    for (const dtype of FLOATS)
      same(`${name} ${dtype}`, (at) => laid(of(ARGUMENTS, dtype, at)).map(f), roundings(dtype, f32, f64))
  })

  // It is 4.68716592425462761112e-19 away from an odd one, which no other double is nearer to.
  test('the double next to a multiple of pi/2', () => {
    const x = of([6381956970095103 * 2 ** 797], 'f64', device as string)
    const exact = [1, -4.687165924254628e-19, -1 / 4.687165924254628e-19]
    for (const [i, f] of [ops.sin, ops.cos, ops.tan].entries()) {
      const [y, e] = [numbers(f(x))[0] as number, exact[i] as number]
      expect(Math.abs(y / e - 1), f.name).toBeLessThanOrEqual(2 ** -51)
    }
  })

  const GAMMA: Record<string, Unary> = {
    lgamma: ops.lgamma,
    digamma: ops.digamma,
    trigamma: (x) => ops.polygamma(1, x),
    polygamma: (x) => ops.polygamma(2, x),
  }
  // Left of zero too, away from zeros and poles, where digits cancel.
  const POINTS = [
    0.25, 0.5, 0.75, 1.2, 1.75, 2.5, 3, 7.25, 11.5, 40.75, 171, 1000, 3e4, -0.25, -0.75, -1.4, -3.6, -10.5,
  ]
  test.each(Object.entries(GAMMA))('%s', (name, f) => {
    for (const dtype of FLOATS)
      same(`${name} ${dtype}`, (at) => laid(of(POINTS, dtype, at)).map(f), roundings(dtype, 1, 32))
    for (const dtype of FLOATS)
      same(`${name} ${dtype}, limits`, (at) => f(of([Infinity, NaN, ...(name === 'lgamma' ? [0, -1] : [])], dtype, at)))
  })
})

describe.skipIf(device === undefined)('special functions of two numbers', () => {
  type Pair = (a: Tensor, b: Tensor) => Tensor
  const pairs = (a: readonly number[], b: readonly number[]) => a.flatMap((x) => b.map((y) => [x, y] as const))
  function everywhere(what: string, f: Pair, at: readonly (readonly [number, number])[], f32: number, f64: number) {
    for (const dtype of FLOATS)
      same(
        `${what} ${dtype}`,
        (on) => {
          const column = (k: 0 | 1): Tensor => {
            const all = at.map((p) => p[k])
            return of(all, dtype, on)
          }
          const [a, b] = [column(0), column(1)]
          return [f(a, b), f(exchanged(a), exchanged(b))]
        },
        roundings(dtype, f32, f64),
      )
  }

  test("Hurwitz's zeta function", () => {
    const s = [1.5, 2, 3, 7.5, 30, 1, 0.5, Infinity]
    everywhere('zeta', ops.zeta, pairs(s, [0.3, 1, 2.75, 40, 3e4, -0.7, -2.4, -3, 0, Infinity]), 1, 64)
    everywhere('zeta of NaN', ops.zeta, pairs([NaN], [1, NaN]), 0, 0)
    everywhere('zeta at NaN', ops.zeta, pairs([2, 3], [NaN]), 0, 0)
  })

  // By series, continued fraction, Temme's expansion from 4e6 on; and limits.
  test.each(Object.entries({ igamma: ops.igamma, igammac: ops.igammac }))('%s', (name, f) => {
    const a = [0.5, 1, 3.5, 19, 25, 300, 6e4]
    const ratio = [0.1, 0.7, 0.99, 1, 1.02, 1.5, 3, 5]
    const scaled = (a: readonly number[], by: readonly number[]) => pairs(a, by).map(([x, r]) => [x, r * x] as const)
    everywhere(name, f, scaled(a, ratio), 1, 2 ** 10)
    const large = scaled([5e6, 2e7, 1e10], [0.5, 0.99, 0.9985, 0.9995, 1, 1.0005, 1.0015, 3])
    everywhere(name, f, large, 1, 2 ** 10)
    // Where e^-x leaves the range, and x that of normal numbers.
    const tails = [
      [1, 720],
      [25, 832],
      [1, 800],
      [3, 0.1],
      [25, 4000],
      [300, 6e4],
      [0.5, 1e-310],
      [0.01, 2e-320],
      [30, 1e-5],
      [2000, 0.01],
      [30, 1e-18],
      [3, 30],
      [1e10, 1e-8],
      [47185920, 47448064],
    ] as const
    everywhere(name, f, tails, 1, 2 ** 10)
    const limits = [0, 1, Infinity, -1, NaN]
    everywhere(name, f, [...pairs(limits, limits), [2, 3]], 1, 16)
    // A parameter that is a number has any size beside f16 too.
    for (const dtype of FLOATS)
      same(`${name} of a large number ${dtype}`, (at) => f(5e6, of([1, 100, 6e4, 65504], dtype, at)), 1)
  })

  const POLYNOMIALS = {
    chebyshevT: ops.chebyshevPolynomialT,
    chebyshevU: ops.chebyshevPolynomialU,
    chebyshevV: ops.chebyshevPolynomialV,
    chebyshevW: ops.chebyshevPolynomialW,
    hermiteH: ops.hermitePolynomialH,
    hermiteHe: ops.hermitePolynomialHe,
    laguerre: ops.laguerrePolynomialL,
    legendre: ops.legendrePolynomialP,
  }
  // Outside [-1, 1] by recurrences; inside by cosines of degree times angle, whose rounding grows with the degree.
  test.each(Object.entries(POLYNOMIALS))('%s', (name, f) => {
    everywhere(name, f, pairs([-1.5, -1, -0.6, 0, 0.3, 1, 2], [-1, 0, 1, 2, 8, 9, NaN, 3.5]), 1, 2 ** 8)
    if (!name.startsWith('chebyshev')) return
    everywhere(name, f, pairs([-0.6, 0.3], [2 ** 11, 5e6, 3e7]), 4, 2 ** 27)
    for (const dtype of FLOATS)
      same(
        `${name} of a far degree ${dtype}`,
        (at) => f(of([-0.6, 0.3, 0.9], dtype, at), 3e7),
        roundings(dtype, 4, 2 ** 27),
      )
  })
})

/** Of quotients below 2^52 and far above, of the smallest and the largest numbers, signs and what has no remainder. */
const DIVIDENDS: Record<Float, readonly number[]> = {
  f64: [0, 1, 5.3, 1e16, 1e300, 2 ** 1023, 5e-324, 2 ** -1030, 1e-290, Infinity, NaN],
  f32: [0, 1, 5.3, 1e8, 1e30, 2 ** 127, 2 ** -149, 2 ** -130, 1e-37, Infinity, NaN],
  bf16: [0, 1, 5.3, 1e8, 1e30, 2 ** 127, 2 ** -133, 2 ** -130, 1e-37, Infinity, NaN],
  f16: [0, 1, 5.3, 999, 65504, 2 ** -24, 2 ** -20, 2 ** -14, Infinity, NaN],
}
describe.skipIf(device === undefined)('remainders', () => {
  const DIVISIONS = { fmod: ops.fmod, remainder: ops.remainder, floorDivide: ops.floorDivide }
  test.each(Object.entries(DIVISIONS))('%s', (name, f) => {
    for (const dtype of FLOATS) {
      const x = both(DIVIDENDS[dtype])
      same(`${name} ${dtype}`, (at) => f(of(x, dtype, at).unsqueeze(1), of(x, dtype, at)))
    }
  })
})
