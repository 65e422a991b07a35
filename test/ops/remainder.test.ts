/**
 * Remainders and rounded quotients are exact over the whole range of operands: against JavaScript's `%`, which is C's fmod, and
 * nextafter against the order of bit patterns.
 */
import { describe, expect, test } from 'vitest'
import { floorDivide, fmod, nextafter, remainder, scope, type Tensor, tensor } from '#lib/index.js'
import { Draw } from '../fuzz/tensors.js'
import { numbers } from '../helpers/compare.js'

type Width = 'f32' | 'f64'
const EDGES = [0, -0, 1, -1, 0.1, -0.3, 3, 7.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]
const EXTREMES = { f32: [3.4028234663852886e38, 1.401298464324817e-45], f64: [Number.MAX_VALUE, Number.MIN_VALUE] }

/** A number of any bit pattern. */
function anyNumber(r: Draw, dtype: Width): number {
  const words = new DataView(new ArrayBuffer(8))
  words.setUint32(0, r.int(0, 2 ** 32))
  words.setUint32(4, r.int(0, 2 ** 32))
  return dtype === 'f32' ? words.getFloat32(0) : words.getFloat64(0)
}

/** Edges with each other, any patterns, and quotients near whole numbers of every size. */
function pairs(dtype: Width): [number[], number[]] {
  const r = new Draw(`remainders ${dtype}`)
  const round = dtype === 'f32' ? Math.fround : (x: number): number => x
  const [a, b]: [number[], number[]] = [[], []]
  const add = (x: number, y: number): void => {
    a.push(round(x))
    b.push(round(y))
  }
  const edges = [...EDGES, ...EXTREMES[dtype]]
  for (const x of edges) for (const y of edges) add(x, y)
  for (let i = 0; i < 3000; i++) add(anyNumber(r, dtype), anyNumber(r, dtype))
  for (let i = 0; i < 6000; i++) {
    const y = round((0.5 + r.int(0, 2 ** 30) / 2 ** 30) * 2 ** r.int(-40, 40))
    const size = 2 ** r.int(0, dtype === 'f32' ? 26 : 55)
    const x = round(y * Math.floor(size * (1 + r.int(0, 2 ** 30) / 2 ** 30)))
    const sign = r.pick([1, -1])
    add(sign * x * (1 + r.int(-1, 2) * (dtype === 'f32' ? 2 ** -23 : 2 ** -52)), r.pick([1, -1]) * y)
  }
  return [a, b]
}

const both = (dtype: Width, f: (a: Tensor, b: Tensor) => Tensor, a: number[], b: number[], device: string): number[] =>
  scope(() => [...numbers(f(tensor(a, { dtype, device }), tensor(b, { dtype, device })))])

/** The first element where they differ, with its operands. */
function difference(got: number[], expected: (i: number) => number, a: number[], b: number[]): object | null {
  const i = got.findIndex((y, i) => !Object.is(y, expected(i)))
  return i < 0 ? null : { a: a[i], b: b[i], got: got[i], expected: expected(i) }
}

describe.each(['f32', 'f64'] as const)('%s', (dtype) => {
  const [a, b] = pairs(dtype)
  const round = dtype === 'f32' ? Math.fround : (x: number): number => x
  const modulo = (x: number, y: number): number => {
    const rest = x % y
    return rest !== 0 && rest < 0 !== y < 0 ? round(rest + y) : rest
  }

  test('fmod', () => {
    const got = both(dtype, fmod, a, b, 'cpu')
    expect(difference(got, (i) => a[i]! % b[i]!, a, b)).toBeNull()
  })

  test('remainder', () => {
    const got = both(dtype, remainder, a, b, 'cpu')
    expect(difference(got, (i) => modulo(a[i]!, b[i]!), a, b)).toBeNull()
  })

  test('floorDivide: the floor of the exact quotient', () => {
    const got = both(dtype, floorDivide, a, b, 'cpu')
    const truth = both(dtype, floorDivide, a, b, 'reference')
    const whole = dtype === 'f32' ? 2 ** 23 : 2 ** 52
    const expected = (i: number): number => {
      const [x, y] = [a[i]!, b[i]!]
      // A double tells quotients of f32 from whole numbers, those of f64 need the oracle's fused product.
      const exact = dtype === 'f32' && Number.isFinite(x) && Number.isFinite(y)
      const q = exact ? Math.fround(Math.floor(x / y)) : truth[i]!
      // Large ones are rounded twice.
      return Math.abs(q) >= whole && Math.abs(got[i]! - q) <= (2 * Math.abs(q)) / whole ? got[i]! : q
    }
    expect(difference(got, expected, a, b)).toBeNull()
  })

  test('nextafter', () => {
    const got = both(dtype, nextafter, a, b, 'cpu')
    const [small, bits] = dtype === 'f32' ? [EXTREMES.f32[1]!, 32] : [Number.MIN_VALUE, 64]
    const words = new DataView(new ArrayBuffer(8))
    const step = (x: number, by: 1n | -1n): number => {
      if (bits === 32) {
        words.setFloat32(0, x)
        words.setUint32(0, words.getUint32(0) + Number(by))
        return words.getFloat32(0)
      }
      words.setFloat64(0, x)
      words.setBigUint64(0, words.getBigUint64(0) + by)
      return words.getFloat64(0)
    }
    const expected = (i: number): number => {
      const [x, y] = [a[i]!, b[i]!]
      if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN
      if (x === y) return y
      if (x === 0) return Math.sign(y) * small
      return step(x, x < y === x > 0 ? 1n : -1n)
    }
    expect(difference(got, expected, a, b)).toBeNull()
  })
})
