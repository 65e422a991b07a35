// The tensor cores' sums of cuda/sim, made with vectors of floats, against the same definition in integers of any length: random
// bits, extreme significands and exponents, in numbers that recordings do not have.

import { describe, expect, test } from 'vitest'
import { built, differences, model } from './program.js'

interface Format {
  exponent: number
  fraction: number
  infinities: boolean
}
const formats: Record<string, Format> = {
  f16: { exponent: 5, fraction: 10, infinities: true },
  bf16: { exponent: 8, fraction: 7, infinities: true },
  tf32: { exponent: 8, fraction: 10, infinities: true },
  f32: { exponent: 8, fraction: 23, infinities: true },
}

/** significand * 2^exponent, or what it is instead of a number. */
interface Real {
  significand: bigint
  exponent: number
  special?: number
}

function decode(code: number, { exponent, fraction }: Format): Real & { top: number } {
  const field = (code >>> fraction) & (2 ** exponent - 1)
  const rest = code & (2 ** fraction - 1)
  const negative = (code >>> (exponent + fraction)) & 1
  const top = Math.max(field, 1) - (2 ** (exponent - 1) - 1)
  const size = BigInt(rest + (field ? 2 ** fraction : 0))
  const special = field === 2 ** exponent - 1 ? (rest ? Number.NaN : negative ? -Infinity : Infinity) : undefined
  return { significand: negative ? -size : size, exponent: top - fraction, special, top }
}

const asNumber = (x: Real) => x.special ?? Math.sign(Number(x.significand))
/** Cut toward zero. */
const shifted = (x: bigint, by: number) =>
  by >= 0 ? x << BigInt(by) : x < 0n ? -(-x >> BigInt(-by)) : x >> BigInt(-by)
const bitLength = (x: bigint) => x.toString(2).length

/** The bits of an f32, or of an f16, for sum * 2^exponent. */
function encode(sum: bigint, exponent: number, f16: boolean): number {
  const format = formats[f16 ? 'f16' : 'f32']!
  const size = sum < 0n ? -sum : sum
  const sign = sum < 0n ? 2 ** (format.exponent + format.fraction) : 0
  if (!size) return 0
  const lowest = 2 - 2 ** (format.exponent - 1)
  const top = Math.max(bitLength(size) - 1 + exponent, lowest)
  const drop = top - format.fraction - exponent
  let kept = shifted(size, -drop)
  if (f16 && drop > 0) {
    const rest = size - (kept << BigInt(drop))
    const half = 1n << BigInt(drop - 1)
    if (rest > half || (rest === half && kept & 1n)) kept++
  }
  if (!kept) return f16 ? 0 : sign // of f32, what is cut to nothing keeps its sign
  let field = top - lowest + 1
  if (kept >> BigInt(format.fraction + 1)) {
    kept >>= 1n
    field++
  }
  if (!(kept >> BigInt(format.fraction))) field = 0
  if (field >= 2 ** format.exponent - 1) return (sign + (2 ** format.exponent - 1) * 2 ** format.fraction) >>> 0
  return (sign + field * 2 ** format.fraction + (Number(kept) % 2 ** format.fraction)) >>> 0
}

function tensorSum(as: number[], bs: number[], c: number, kind: Format, sum: string): number {
  const f16 = sum === 'f16'
  const [a, b] = [as.map((x) => decode(x, kind)), bs.map((x) => decode(x, kind))]
  const start = decode(c, formats[sum]!)
  const specials = [asNumber(start), ...a.map((x, k) => asNumber(x) * asNumber(b[k]!))]
  const special = specials.reduce((s, x) => (Number.isFinite(x) ? s : s + x), 0)
  if (Number.isNaN(special)) return f16 ? 0x7fff : 0x7fffffff
  if (special) return ((special < 0 ? 2 ** (f16 ? 15 : 31) : 0) + (f16 ? 0x7c00 : 0x7f800000)) >>> 0
  // The accumulator of f16 counts as the f32 that it is.
  const startTop = start.significand
    ? bitLength(start.significand < 0n ? -start.significand : start.significand) - 1
    : 0
  const cTop = f16 ? start.exponent + startTop : start.top
  const tops = a.map((x, k) => (x.significand && b[k]!.significand ? x.top + b[k]!.top : -Infinity))
  const top = Math.max(start.significand ? cTop : -Infinity, ...tops)
  if (top === -Infinity) return 0
  let total = shifted(start.significand, start.exponent - (top - 25))
  for (const [k, x] of a.entries())
    total += shifted(x.significand * b[k]!.significand, x.exponent + b[k]!.exponent - (top - 25))
  return encode(total, top - 25, f16)
}

/** Repeatable words: a generator of 32 bits (xorshift). */
function words(count: number, seed: number, make: (next: () => number) => number): Uint32Array {
  let x = seed >>> 0
  const next = () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    x >>>= 0
    return x
  }
  return Uint32Array.from({ length: count }, () => make(next) >>> 0)
}

const cases = 12
const near = (fields: number[], next: () => number) => fields[next() % fields.length]!

describe.skipIf(!built)('sums of tensor cores in integers of any length', () => {
  for (const [kind, k, sum] of [
    ['bf16', 16, 'f32'],
    ['bf16', 8, 'f32'],
    ['f16', 16, 'f32'],
    ['f16', 16, 'f16'],
    ['tf32', 8, 'f32'],
  ] as const) {
    const wide = kind === 'tf32'
    const format = formats[kind]!
    const pair = (make: (next: () => number) => number) => (next: () => number) =>
      wide ? (make(next) << 13) | (next() & 0x1fff) : make(next) | (make(next) << 16)
    const code = (sign: number, field: number, fraction: number) =>
      (sign << (format.exponent + format.fraction)) | (field << format.fraction) | fraction
    const ones = 2 ** format.fraction - 1
    const middle = 2 ** (format.exponent - 1) - 1
    const inputs: Record<string, (next: () => number) => number> = {
      'any bits': (next) => next(),
      // The largest significands, all of one sign: the sums grow as far as they can.
      'largest sums': pair(() => code(0, middle, ones)),
      'near the lowest exponents': pair((next) => code(next() & 1, near([0, 0, 1, 2, 3], next), next() & ones)),
      'around one': pair((next) => code(next() & 1, middle - 3 + (next() % 7), next() & ones)),
      'spread over 40 powers of two': pair((next) =>
        code(next() & 1, Math.max(0, middle - 14 + (next() % 28)), next() & ones),
      ),
      'near the highest exponents': pair((next) =>
        code(next() & 1, 2 * middle - (next() % 3), near([0, 1, ones], next)),
      ),
      'mostly zeros': pair((next) => (next() % 4 ? code(next() & 1, 0, 0) : code(next() & 1, middle, next() & ones))),
    }
    for (const [name, make] of Object.entries(inputs))
      test(`${kind} m16n8k${k} to ${sum}: ${name}`, () => {
        const inWord = wide ? 1 : 2
        const [na, nb, nc] = [(16 * k) / inWord / 32, (8 * k) / inWord / 32, sum === 'f16' ? 2 : 4]
        const total = 32 * (na + nb + nc)
        const input = words(cases * total, 12345 + k, make)
        // Accumulators of all sizes, f32 whatever the operands are.
        const accumulators = words(cases * 32 * nc, 99, (next) => {
          if (sum === 'f16') return next() & 0xbbffbbff
          return (next() & 0x807fffff) | (near([0, 1, 90, 120, 127, 130, 150, 254], next) << 23)
        })
        for (let i = 0; i < cases; i++)
          input.set(accumulators.subarray(i * 32 * nc, (i + 1) * 32 * nc), i * total + 32 * (na + nb))
        const mnemonic = `mma.sync.aligned.m16n8k${k}.row.col.${sum}.${kind}.${kind}.${sum}`
        const got = model(input, 'mma', mnemonic)
        const wanted = new Uint32Array(got.length)
        const element = (word: number, j: number) => (wide ? word >>> 13 : (word >>> (16 * j)) & 0xffff)
        for (let i = 0; i < cases; i++) {
          const at = (r: number, lane: number) => input[i * total + r * 32 + lane]!
          for (let row = 0; row < 16; row++)
            for (let col = 0; col < 8; col++) {
              const a: number[] = []
              const b: number[] = []
              for (let w = 0; w < k / inWord; w++)
                for (let j = 0; j < inWord; j++) {
                  a.push(element(at((row >> 3) + 2 * (w >> 2), 4 * (row & 7) + (w & 3)), j))
                  b.push(element(at(na + (w >> 2), 4 * col + (w & 3)), j))
                }
              const lane = 4 * (row & 7) + (col >> 1)
              const r = sum === 'f16' ? row >> 3 : 2 * (row >> 3) + (col & 1)
              const word = at(na + nb + r, lane)
              const place = (i * nc + r) * 32 + lane
              if (sum === 'f16')
                wanted[place]! |= tensorSum(a, b, (word >>> (16 * (col & 1))) & 0xffff, format, sum) << (16 * (col & 1))
              else wanted[place] = tensorSum(a, b, word, format, sum)
            }
        }
        expect(differences(got, wanted)).toEqual([])
      })
  }
})
