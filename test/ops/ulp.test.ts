/**
 * Accuracy of the vectorised elementary and special functions, in units in the last place: f64 against results of 240 bits
 * (test/golden/elementary.py), then f32 against f64 over bit patterns of all exponents, more of them in `npm run test:full`. The
 * bounds are those that native/cpu/simd/math*.h and native/cpu/pointwise/special_*.h state; the sweep of `test:full`, four
 * million arguments of each, stays below.
 */
import { expect, test } from 'vitest'
import * as S from '#lib/index.js'
import { scope, type Tensor, tensor } from '#lib/index.js'
import { openSafetensors, type Stored } from '../helpers/safetensors.js'

type Call = (x: Tensor, z: Tensor) => Tensor

/** Function, bound in f64, bound in f32. */
const BOUNDS: readonly (readonly [name: string, call: Call, f64: number, f32: number])[] = [
  ['exp', S.exp, 1, 1.1],
  ['exp2', S.exp2, 1.2, 1.2],
  ['expm1', S.expm1, 2, 1.7],
  ['log', S.log, 0.9, 0.9],
  ['log2', S.log2, 1.2, 1.8],
  ['log10', S.log10, 1.1, 2],
  ['log1p', S.log1p, 0.9, 1.6],
  ['sin', S.sin, 0.9, 1.9],
  ['cos', S.cos, 0.9, 1.9],
  ['tan', S.tan, 2.2, 3.6],
  ['asin', S.asin, 1.3, 2.5],
  ['acos', S.acos, 1.2, 1.5],
  ['atan', S.atan, 1.8, 3],
  ['sinh', S.sinh, 1, 2.6],
  ['cosh', S.cosh, 1, 2.6],
  ['tanh', S.tanh, 1.5, 2.6],
  ['asinh', S.asinh, 1, 2.2],
  ['acosh', S.acosh, 1, 2.3],
  ['atanh', S.atanh, 1, 2.5],
  ['erf', S.erf, 1.4, 2.7],
  ['erfc', S.erfc, 5, 8],
  ['erfcx', S.erfcx, 6, 0.51],
  ['ndtr', S.ndtr, 6, 0.51],
  ['logNdtr', S.logNdtr, 6, 0.51],
  ['sigmoid', S.sigmoid, 2.2, 2.3],
  ['erfinv', S.erfinv, 6, 0.51],
  ['ndtri', S.ndtri, 5, 0.51],
  ['lgamma', S.lgamma, 7, 0.51],
  ['digamma', S.digamma, 24, 0.51],
  ['trigamma', (x) => S.polygamma(1, x), 7, 0.51],
  ['pow', (x, z) => S.pow(x, z), 1.2, 0.6],
  ['atan2', (x, z) => S.atan2(x, z), 2, 3],
  ['hypot', (x, z) => S.hypot(x, z), 1.3, 0.6],
]

const PAIRS = new Set(['pow', 'atan2', 'hypot'])

/** Those that golden values do not cover in f64: held against the reference elsewhere. */
const F32_ONLY: typeof BOUNDS = [
  ['i0', S.i0, 0, 12],
  ['i0e', S.i0e, 0, 12],
  ['i1', S.i1, 0, 12],
  ['i1e', S.i1e, 0, 12],
]

const read = openSafetensors(new URL('../golden/elementary.safetensors', import.meta.url))
const words = new DataView(new ArrayBuffer(8))

/** The distance of neighbours at y: 2^(exponent - digits), at least the smallest subnormal number. */
function unit(y: number, digits: 52 | 23): number {
  words.setFloat64(0, y)
  const exponent = ((words.getUint32(0) >> 20) & 0x7ff) - 1023
  return 2 ** (Math.max(exponent, digits === 52 ? -1022 : -126) - digits)
}

test.each(BOUNDS)('%s f64', async (name, call, bound) => {
  const golden = (column: string): Float64Array => (read(`${name}.${column}`) as Stored).values
  const [x, y, low] = [golden('x'), golden('y'), golden('low')]
  const z = PAIRS.has(name) ? golden('z') : x
  const computed = await values(call, double(x), double(z))
  let worst = { error: 0, x: 0 }
  for (let i = 0; i < x.length; i++) {
    const error = Math.abs(computed[i]! - y[i]! - low[i]!) / unit(y[i]!, 52)
    if (!(error <= worst.error)) worst = { error, x: x[i]! }
  }
  expect(worst.error, `worst at ${worst.x}`).toBeLessThan(bound)
})

const double = (numbers: Float64Array): Tensor => tensor(numbers, { dtype: 'f64' })

/** What the call computes; its operands are disposed of. */
async function values(call: Call, x: Tensor, z: Tensor): Promise<Float32Array | Float64Array> {
  const y = scope(() => call(x, z))
  const numbers = await y.data()
  for (const t of [x, z, y]) t.dispose()
  return numbers as Float32Array | Float64Array
}

/** Every STEP-th of the 2^32 bit patterns; a prime, so that mantissas vary. */
const STEP = process.env['SINTER_TEST_FULL'] ? 1021 : 65537
const COUNT = Math.floor(2 ** 32 / STEP)

/** The numbers of the patterns from `first` on. */
function patterns(first: number): Float32Array {
  return new Float32Array(Uint32Array.from({ length: COUNT }, (_, i) => first + i * STEP).buffer)
}

test.each([...BOUNDS, ...F32_ONLY])('%s f32', async (_name, call, _f64, bound) => {
  const x = patterns(0)
  const z = patterns(12345).reverse()
  const both = (dtype: 'f32' | 'f64') =>
    values(
      call,
      scope(() => tensor(x).to(dtype)),
      scope(() => tensor(z).to(dtype)),
    )
  const computed = await both('f32')
  const wanted = await both('f64')
  let worst = { error: 0, x: 0, z: 0 }
  for (let i = 0; i < COUNT; i++) {
    const y = wanted[i]!
    const got = computed[i]!
    // What f32 rounds to infinity may be infinite; else the kinds must be the same.
    if (Object.is(Math.fround(y), got) || (Math.abs(y) > 3.4028e38 && Math.abs(got) > 3.4028e38)) continue
    const error = Math.abs(got - y) / unit(y, 23)
    if (!(error <= worst.error)) worst = { error, x: x[i]!, z: z[i]! }
  }
  expect(worst.error, `worst at ${worst.x}, ${worst.z}`).toBeLessThan(bound)
})
