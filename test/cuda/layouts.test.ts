/**
 * Pointwise operators on CUDA in every dtype and every way that a pointwise kernel takes its operands: packs with a ragged end, rows and
 * columns exchanged, addresses of no whole pack, one value along a row, and a plain number. Place in the whole: the operator matrix
 * (test/ops) has the values, in few layouts for most dtypes; here each kernel's paths are all executed, against the CPU.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { engine, scope, type Tensor } from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { numbers } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'

const device = engine.info().devices.find((d) => d.startsWith('cuda'))
if (device === undefined) console.log('no CUDA device here, real or simulated: layouts on CUDA are not tested')

const DTYPES: readonly DType[] = ['f32', 'f64', 'bf16', 'f16', 'i32', 'i64', 'u8', 'i8', 'bool']
const EPS: Partial<Record<DType, number>> = { f32: 2 ** -23, f64: 2 ** -52, bf16: 2 ** -7, f16: 2 ** -10 }

/** Values that every function is defined for, and none near a kink or a half: from 1/4 to 3/4, or whole from 1 to 6. */
function values(seed: string, shape: readonly number[], dtype: DType): Tensor {
  const n = shape.reduce((a, b) => a * b, 1)
  const whole = !(dtype in EPS)
  const data = new Random(seed).array(n, (r) =>
    dtype === 'bool' ? r.int(0, 2) : whole ? r.int(1, 7) : r.uniform(0.26, 0.74),
  )
  return (ops.tensor([...data], { dtype: 'f64', shape }) as Tensor).to(dtype)
}

/** Values of any size and sign, zeros, infinities and NaN, in an order of their own; integers from -6 to 6. */
function extremes(seed: string, n: number, dtype: DType): Tensor {
  const special = [0, -0, Infinity, -Infinity, NaN, 1, -1, 0.5, -0.5]
  const data = new Random(seed).array(n, (r) => {
    if (!(dtype in EPS)) return r.int(dtype === 'bool' || dtype === 'u8' ? 0 : -6, dtype === 'bool' ? 2 : 7)
    const kind = r.int(0, 4)
    return kind === 0 ? (special[r.int(0, special.length)] as number) : r.uniform(-1, 1) * 10 ** r.int(-4, 5)
  })
  return (ops.tensor([...data], { dtype: 'f64', shape: [n] }) as Tensor).to(dtype)
}

type Layout = readonly [what: string, shape: readonly number[], lie: (whole: Tensor) => Tensor]
/** 16 bytes are 16 elements of a byte: three packs and an end. */
const LAYOUTS: readonly Layout[] = [
  ['packs and an end', [53], (x) => x],
  ['rows and columns exchanged', [7, 9], (x) => x.transpose(0, 1)],
  ['from an odd address on', [38], (x) => x.at([1, null])],
  ['rows with a gap behind them', [5, 23], (x) => x.at([null, null], [1, 22])],
  ['every second element', [74], (x) => x.at([null, null, 2])],
  ['a value a row', [5, 1], (x) => x.expand([5, 32])],
]

/** f on both devices, of operands made on the CPU: equal within [roundings], or refused by both. */
function same(
  what: string,
  operands: readonly (readonly [Tensor, Layout[2]])[],
  f: (...x: Tensor[]) => unknown,
  roundings: number,
): boolean {
  return scope(() => {
    const run = (at: string) => [f(...operands.map(([x, lie]) => lie(x.to(at))))].flat() as Tensor[]
    let expected: Tensor[]
    try {
      expected = run('cpu')
    } catch {
      expect(() => run(device as string), `${what}: refused on the CPU`).toThrow()
      return false
    }
    for (const [k, actual] of run(device as string).entries()) {
      const wanted = expected[k] as Tensor
      expect([actual.dtype, actual.shape], what).toEqual([wanted.dtype, wanted.shape])
      const [a, b] = [numbers(actual), numbers(wanted)]
      const unit = roundings * (EPS[wanted.dtype] ?? 0)
      for (const [i, y] of b.entries()) {
        const x = a[i] as number
        if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue
        if (!(Math.abs(x - y) <= unit * Math.max(1, Math.abs(y))))
          expect.fail(`${what}: element ${i} is ${x}, on the CPU ${y}`)
      }
    }
    return true
  })
}

type Unary = (x: Tensor) => unknown
type Binary = (a: Tensor | number, b: Tensor | number) => unknown

/** What is the same bits, and what is a function to the accuracy of accuracy.md on either side. */
const EXACT = 0
const ELEMENTARY = 16

const UNARY: Record<string, readonly [number, Unary]> = {
  abs: [EXACT, ops.abs],
  bitwiseNot: [EXACT, ops.bitwiseNot],
  ceil: [EXACT, ops.ceil],
  floor: [EXACT, ops.floor],
  frac: [EXACT, ops.frac],
  frexp: [EXACT, ops.frexp],
  isfinite: [EXACT, ops.isfinite],
  isinf: [EXACT, ops.isinf],
  isnan: [EXACT, ops.isnan],
  isneginf: [EXACT, ops.isneginf],
  isposinf: [EXACT, ops.isposinf],
  logicalNot: [EXACT, ops.logicalNot],
  nanToNum: [EXACT, ops.nanToNum],
  neg: [EXACT, ops.neg],
  reciprocal: [EXACT, ops.reciprocal],
  round: [EXACT, ops.round],
  'round to tens': [EXACT, (x) => ops.round(x, { decimals: -1 })],
  'round to 2 decimals': [EXACT, (x) => ops.round(x, { decimals: 2 })],
  rsqrt: [ELEMENTARY, ops.rsqrt],
  sign: [EXACT, ops.sign],
  signbit: [EXACT, ops.signbit],
  sqrt: [EXACT, ops.sqrt],
  square: [EXACT, ops.square],
  trunc: [EXACT, ops.trunc],
  relu: [EXACT, ops.relu],
  clamp: [EXACT, (x) => ops.clamp(x, 0.5, 3)],
  threshold: [EXACT, (x) => ops.threshold(x, 0.5, 2)],
}

const BINARY: Record<string, readonly [number, Binary]> = {
  add: [EXACT, ops.add],
  sub: [EXACT, ops.sub],
  mul: [EXACT, ops.mul],
  div: [EXACT, ops.div],
  floorDivide: [EXACT, ops.floorDivide],
  'div, truncated': [EXACT, (a, b) => ops.div(a, b, { roundingMode: 'trunc' })],
  remainder: [EXACT, ops.remainder],
  fmod: [EXACT, ops.fmod],
  pow: [ELEMENTARY, ops.pow],
  maximum: [EXACT, ops.maximum],
  minimum: [EXACT, ops.minimum],
  fmax: [EXACT, ops.fmax],
  fmin: [EXACT, ops.fmin],
  heaviside: [EXACT, ops.heaviside],
  bitwiseAnd: [EXACT, ops.bitwiseAnd],
  bitwiseOr: [EXACT, ops.bitwiseOr],
  bitwiseXor: [EXACT, ops.bitwiseXor],
  bitwiseLeftShift: [EXACT, ops.bitwiseLeftShift],
  bitwiseRightShift: [EXACT, ops.bitwiseRightShift],
  eq: [EXACT, ops.eq],
  ne: [EXACT, ops.ne],
  lt: [EXACT, ops.lt],
  le: [EXACT, ops.le],
  gt: [EXACT, ops.gt],
  ge: [EXACT, ops.ge],
  isclose: [EXACT, (a, b) => ops.isclose(a, b)],
  logicalAnd: [EXACT, ops.logicalAnd],
  logicalOr: [EXACT, ops.logicalOr],
  logicalXor: [EXACT, ops.logicalXor],
  atan2: [ELEMENTARY, ops.atan2],
  copysign: [EXACT, ops.copysign],
  gcd: [EXACT, ops.gcd],
  lcm: [EXACT, ops.lcm],
  hypot: [ELEMENTARY, ops.hypot],
  logaddexp: [ELEMENTARY, ops.logaddexp],
  logaddexp2: [ELEMENTARY, ops.logaddexp2],
  nextafter: [EXACT, ops.nextafter],
  xlog1py: [ELEMENTARY, ops.xlog1py],
  xlogy: [ELEMENTARY, ops.xlogy],
}

describe.skipIf(device === undefined)('pointwise operators in every layout', () => {
  test.each(Object.entries(UNARY))('%s', (name, [roundings, f]) => {
    let taken = 0
    for (const dtype of DTYPES)
      for (const [what, shape, lie] of LAYOUTS)
        taken += Number(same(`${name} ${dtype}, ${what}`, [[values(name, shape, dtype), lie]], f, roundings))
    for (const dtype of DTYPES)
      taken += Number(same(`${name} ${dtype}, extremes`, [[extremes(name, 149, dtype), (x) => x]], f, roundings))
    expect(taken).toBeGreaterThan(0)
  })

  test.each(Object.entries(BINARY))('%s', (name, [roundings, f]) => {
    let taken = 0
    for (const dtype of DTYPES) {
      for (const [what, shape, lie] of LAYOUTS) {
        const [a, b] = [values(`${name} a`, shape, dtype), values(`${name} b`, shape, dtype)]
        const said = `${name} ${dtype}, ${what}`
        taken += Number(
          same(
            said,
            [
              [a, lie],
              [b, lie],
            ],
            f,
            roundings,
          ),
        )
        taken += Number(same(`${said}, a number second`, [[a, lie]], (x) => f(x as Tensor, 2), roundings))
        taken += Number(same(`${said}, a number first`, [[a, lie]], (x) => f(2, x as Tensor), roundings))
      }
      const [p, q] = [extremes(`${name} p`, 307, dtype), extremes(`${name} q`, 307, dtype)]
      taken += Number(
        same(
          `${name} ${dtype}, extremes`,
          [
            [p, (x) => x],
            [q, (x) => x],
          ],
          f,
          roundings,
        ),
      )
      const [a, row] = [values(`${name} a`, [5, 32], dtype), values(`${name} row`, [5, 1], dtype)]
      const said = `${name} ${dtype}, a value a row`
      taken += Number(
        same(
          said,
          [
            [a, (x) => x],
            [row, (x) => x],
          ],
          f,
          roundings,
        ),
      )
      taken += Number(
        same(
          `${said}, first`,
          [
            [row, (x) => x],
            [a, (x) => x],
          ],
          f,
          roundings,
        ),
      )
    }
    expect(taken).toBeGreaterThan(0)
  })
})
