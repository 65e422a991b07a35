/**
 * Accuracy of the elementary and special functions, in units in the last place, within the bounds that docs/accuracy.md states: f64
 * against results of 240 bits (test/golden/elementary.py), f32 against f64 over bit patterns of all exponents and their edges, all of
 * bf16 and f16 against f32. Every f32 pattern: sweep.full.test.ts.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as S from '#lib/index.js'
import { scope, type Tensor, tensor } from '#lib/index.js'
// @ts-expect-error a script without types
import { statedIn } from '../../scripts/accuracy.mjs'
import { openSafetensors, type Stored } from '../helpers/safetensors.js'
// @ts-expect-error a script without types
import * as functions from './functions.mjs'
// @ts-expect-error a script without types
import * as samples from './pairs.mjs'
// @ts-expect-error a script without types
import * as sweeps from './sweep.mjs'

interface Measured {
  name: string
  call: (x: Tensor, z?: Tensor) => Tensor
  f32: number
  f64?: number
  symmetry?: 'odd' | 'even'
  operands?: 'pair'
}
type Found = Promise<{ error: number; at: number[] }>

const FUNCTIONS: readonly Measured[] = functions.FUNCTIONS
const named = (select: (f: Measured) => unknown) => FUNCTIONS.filter(select).map((f) => [f.name, f] as const)
const { errorOn, patterns } = sweeps as {
  errorOn(call: Measured['call'], x: Float32Array, z?: Float32Array): Found
  patterns(step: number): Float32Array
}
const pairs: (seed: number, count: number) => [Float32Array, Float32Array] = samples.pairs

const read = openSafetensors(new URL('../golden/elementary.safetensors', import.meta.url))
const words = new DataView(new ArrayBuffer(8))

/** The distance of neighbours of doubles at y. */
function unit(y: number): number {
  words.setFloat64(0, y)
  const exponent = ((words.getUint32(0) >> 20) & 0x7ff) - 1023
  return 2 ** (Math.max(exponent, -1022) - 52)
}

async function values(call: Measured['call'], x: Tensor, z?: Tensor): Promise<Float64Array> {
  const y = scope(() => call(x, z))
  const numbers = Float64Array.from((await y.data()) as Float64Array)
  for (const t of [x, z, y]) t?.dispose()
  return numbers
}

test.each(named((f) => f.f64))('%s f64', async (name, { call, f64, operands }) => {
  const golden = (column: string): Float64Array => (read(`${name}.${column}`) as Stored).values as Float64Array
  const double = (column: string): Tensor => tensor(golden(column), { dtype: 'f64' })
  const [x, y, low] = [golden('x'), golden('y'), golden('low')]
  const computed = await values(call, double('x'), operands && double('z'))
  let worst = { error: 0, x: 0 }
  for (let i = 0; i < x.length; i++) {
    const error = Math.abs(computed[i]! - y[i]! - low[i]!) / unit(y[i]!)
    if (!(error <= worst.error)) worst = { error, x: x[i]! }
  }
  expect(worst.error, `worst at ${worst.x}`).toBeLessThan(f64!)
})

// It is 4.68716592425462761112e-19 away from an odd one, which no other double is nearer to (Muller, Elementary Functions, 2006).
test('sine, cosine and tangent of the double next to a multiple of pi/2', async () => {
  const near = -4.687165924254628e-19
  for (const sign of [1, -1])
    for (const [call, y] of [
      [S.sin, sign],
      [S.cos, near],
      [S.tan, sign / near],
    ] as const) {
      const [found] = await values(call, tensor([sign * 6381956970095103 * 2 ** 797], { dtype: 'f64' }))
      expect(Math.abs((found as number) / y - 1), call.name).toBeLessThanOrEqual(2 ** -51)
    }
})

/** The first and the last two numbers of every exponent, infinities, NaN, and both zeros. */
const EDGES = new Float32Array(
  Uint32Array.from({ length: 256 * 8 }, (_, i) => {
    const sign = (i & 1) * 2 ** 31
    return sign + (i >> 3) * 2 ** 23 + [0, 1, 2 ** 23 - 2, 2 ** 23 - 1][(i >> 1) & 3]!
  }).buffer,
)

test.each(named((f) => !f.operands))('%s f32', async (_name, { call, f32 }) => {
  // A prime, so that mantissas vary.
  for (const found of [await errorOn(call, patterns(65537)), await errorOn(call, EDGES)]) {
    expect(found.error, `worst at ${found.at}`).toBeLessThanOrEqual(f32)
  }
})

test.each(named((f) => f.operands))('%s f32', async (_name, { call, f32 }) => {
  const corners: number[] = Array.from(samples.CORNERS)
  const all = corners.flatMap((x) => corners.map((z) => [x, z] as const))
  const column = (i: 0 | 1) => Float32Array.from(all, (pair) => pair[i])
  for (const found of [await errorOn(call, ...pairs(1, 1 << 18)), await errorOn(call, column(0), column(1))]) {
    expect(found.error, `worst at ${found.at}`).toBeLessThanOrEqual(f32)
  }
})

test.each([0.5, -0.5, 2, -2, 3, -1])('pow by the number %s f32', async (exponent) => {
  const found = await errorOn((x) => S.pow(x, exponent), patterns(65537))
  expect(found.error, `worst at ${found.at}`).toBeLessThanOrEqual(2)
})

test('pow of all pairs of exceptional numbers is what C asks for', async () => {
  const corners: number[] = Array.from(samples.CORNERS)
  const { call } = FUNCTIONS.find((f) => f.name === 'pow')!
  for (const x of corners) {
    const power = await values(call, tensor(corners.map(() => x)), tensor(corners))
    corners.forEach((z, i) => {
      // JavaScript's own differs where C has the limit 1.
      const wanted = x === 1 || (x === -1 && Math.abs(z) === Number.POSITIVE_INFINITY) ? 1 : Math.fround(x ** z)
      const same = Object.is(power[i], wanted) || Math.abs(power[i]! / wanted - 1) < 2 ** -23
      expect(same, `${x} ** ${z} = ${power[i]}, not ${wanted}`).toBe(true)
    })
  }
})

test.each(named((f) => f.symmetry))('one sign of %s stands for both', async (_name, { call, symmetry }) => {
  const x = new Float32Array(Uint32Array.from({ length: 2 ** 17 }, (_, i) => i * 16381).buffer)
  const [right, left] = [await values(call, tensor(x)), await values(call, tensor(x.map((v) => -v)))]
  const differing = right.findIndex((y, i) => !Object.is(symmetry === 'odd' ? -y : y, left[i]))
  expect(differing).toBe(-1)
})

/** Every number of 16 bits, and a permutation of them. */
const BITS = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i)
const OTHERS = BITS.map((bits) => Math.imul(bits, 40503))

test.each(
  named(() => true).flatMap(([name, f]) => (['bf16', 'f16'] as const).map((dtype) => [name, dtype, f] as const)),
)('%s %s is what f32 gives, rounded once', async (_name, dtype, { call, operands }) => {
  const results = scope(() => {
    const x = tensor(BITS, { dtype })
    const z = operands && tensor(OTHERS, { dtype })
    return [call(x, z).to('f32'), call(x.to('f32'), z?.to('f32')).to(dtype).to('f32')] as const
  })
  const [got, wanted] = [await results[0].data(), await results[1].data()]
  for (const t of results) t.dispose()
  expect(got.findIndex((y, i) => !Object.is(y, wanted[i]))).toBe(-1)
})

test('docs/accuracy.md and the comments of the functions state the bounds that are tested', () => {
  const root = new URL('../../', import.meta.url)
  const source = (path: string) => readFileSync(new URL(path, root), 'utf8')
  const stated: ReadonlyMap<string, { f32: string; f64: string }> = statedIn(source('docs/accuracy.md'))
  expect([...stated.keys()]).toEqual(FUNCTIONS.map((f) => f.name))
  for (const { name, f32, f64 } of FUNCTIONS) {
    expect(stated.get(name), name).toEqual({ f32: String(f32), f64: String(f64 ?? '') })
    if (name === 'trigamma') continue // a case of polygamma
    const bounds = `Within ${f32} ulp in f32${f64 ? `, ${f64} in f64` : ''}.`
    const comment = ['unary', 'binary', 'trig', 'special']
      .map((family) =>
        new RegExp(`/\\*\\* (.*) \\*/\\nexport (const|function) ${name}\\b`).exec(source(`lib/ops/${family}.ts`)),
      )
      .find((match) => match)?.[1]
    expect(comment, name).toContain(bounds)
  }
})
