// What a GPU gave for the PTX in test/golden/ptx, held against models written from the PTX ISA's text. Place in the whole:
// no kernel of ours runs here; these are the facts (layouts, descriptors, the tensor cores' rounding) on which the CUDA
// kernels and their simulator rest, and the files they will be tested with. test/golden/ptx/README.md has the formats.

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { folder, inputs, type Kernel, manifest, outputs, unpacked, words } from './recorded.js'

// --- numbers -----------------------------------------------------------------------------------------------------------

const scratch = new DataView(new ArrayBuffer(4))
const f32 = (bits: number) => {
  scratch.setUint32(0, bits)
  return scratch.getFloat32(0)
}

/** A binary float of `e` exponent and `m` fraction bits. */
function float(bits: number, e: number, m: number): number {
  const exponent = (bits >>> m) & ((1 << e) - 1)
  const fraction = bits & ((1 << m) - 1)
  const bias = (1 << (e - 1)) - 1
  const sign = (bits >>> (e + m)) & 1 ? -1 : 1
  if (e === 4 && (bits & 0x7f) === 0x7f) return Number.NaN // e4m3 has no infinities
  if (e !== 4 && exponent === (1 << e) - 1) return fraction ? Number.NaN : sign * Infinity
  return sign * (exponent ? 1 + fraction / 2 ** m : (fraction / 2 ** m) * 2) * 2 ** (exponent - bias)
}

interface Kind {
  bits: number
  lowest: number // the exponent of the smallest normal number
  decode: (code: number) => number
}

const kinds: Record<string, Kind> = {
  f16: { bits: 16, lowest: -14, decode: (c) => float(c, 5, 10) },
  bf16: { bits: 16, lowest: -126, decode: (c) => f32((c << 16) >>> 0) },
  tf32: { bits: 32, lowest: -126, decode: (c) => f32((c & 0xffffe000) >>> 0) }, // the low 13 bits are ignored
  e4m3: { bits: 8, lowest: -6, decode: (c) => float(c, 4, 3) },
  e5m2: { bits: 8, lowest: -14, decode: (c) => float(c, 5, 2) },
  s8: { bits: 8, lowest: 0, decode: (c) => (c << 24) >> 24 },
  u8: { bits: 8, lowest: 0, decode: (c) => c },
  s4: { bits: 4, lowest: 0, decode: (c) => (c << 28) >> 28 },
  u4: { bits: 4, lowest: 0, decode: (c) => c },
}

const element = (word: number, j: number, bits: number) =>
  bits === 32 ? word : (word >>> (bits * j)) & ((1 << bits) - 1)

const exponentOf = (x: number, lowest: number) => {
  let e = Math.max(lowest, Math.floor(Math.log2(Math.abs(x))))
  if (2 ** e > Math.abs(x) && e > lowest) e--
  if (2 ** (e + 1) <= Math.abs(x)) e++
  return e
}

/** Truncated to `significand` bits, no finer than 2^finest. */
const truncated = (x: number, significand: number, lowest: number) => {
  if (x === 0) return 0
  const unit = 2 ** (exponentOf(x, lowest) - significand + 1)
  return Math.trunc(x / unit) * unit
}

const roundedToF16 = (x: number) => {
  if (x === 0) return 0
  const unit = 2 ** (exponentOf(x, -14) - 10)
  const scaled = x / unit
  const down = Math.floor(scaled)
  const up = scaled - down > 0.5 || (scaled - down === 0.5 && down % 2 !== 0)
  const y = (up ? down + 1 : down) * unit
  return Math.abs(y) > 65504 ? Math.sign(y) * Infinity : y
}

/** Products and sum cut to a multiple of 2^(largest exponent - fraction), added exactly: what the recording shows. */
function tensorCoreSum(a: number[], b: number[], c: number, kind: Kind, fraction: number): number {
  let top = c === 0 ? -Infinity : exponentOf(c, -126)
  for (let k = 0; k < a.length; k++)
    if (a[k] && b[k]) top = Math.max(top, exponentOf(a[k]!, kind.lowest) + exponentOf(b[k]!, kind.lowest))
  if (top === -Infinity) return 0
  const unit = 2 ** (top - fraction)
  let sum = Math.trunc(c / unit)
  for (let k = 0; k < a.length; k++) sum += Math.trunc((a[k]! * b[k]!) / unit)
  return sum * unit
}

// --- fragments ---------------------------------------------------------------------------------------------------------

type Matrix = number[][]
const matrix = (rows: number, cols: number): Matrix =>
  Array.from({ length: rows }, () => new Array<number>(cols).fill(0))

/** Registers [r][lane] of A (16 x K): lane 4g+t, register r hold row g + 8 (r & 1), word t + 4 (r >> 1) of the row. */
function fragmentA(regs: Uint32Array, count: number, kind: Kind, stride = 32): Matrix {
  const e = 32 / kind.bits
  const a = matrix(16, 4 * Math.ceil(count / 2) * e)
  for (let r = 0; r < count; r++)
    for (let lane = 0; lane < 32; lane++)
      for (let j = 0; j < e; j++)
        a[(lane >> 2) + 8 * (r & 1)]![((lane & 3) + 4 * (r >> 1)) * e + j] = kind.decode(
          element(regs[r * stride + lane]!, j, kind.bits),
        )
  return a
}

/** Registers [r][lane] of B (K x 8): lane 4g+t, register r hold word t + 4 r of column g. By columns. */
function fragmentB(regs: Uint32Array, count: number, kind: Kind): Matrix {
  const e = 32 / kind.bits
  const b = matrix(8, 4 * count * e)
  for (let r = 0; r < count; r++)
    for (let lane = 0; lane < 32; lane++)
      for (let j = 0; j < e; j++)
        b[lane >> 2]![((lane & 3) + 4 * r) * e + j] = kind.decode(element(regs[r * 32 + lane]!, j, kind.bits))
  return b
}

const sumOf = (bits: number, type: string) => (type === 'f32' ? f32(bits) : bits | 0)

/** Sums [r][thread]: rows of 16 a warp; f32 and s32 two neighbours in two registers, f16 in the halves of one. */
function sums(regs: Uint32Array, type: string, warps: number, cols: number): Matrix {
  const c = matrix(16 * warps, cols)
  for (let thread = 0; thread < 32 * warps; thread++) {
    const row = 16 * (thread >> 5) + ((thread & 31) >> 2)
    const t = thread & 3
    for (let r = 0; r < cols / (type === 'f16' ? 4 : 2); r++) {
      const word = regs[r * 32 * warps + thread]!
      if (type === 'f16')
        for (const half of [0, 1])
          c[row + 8 * (r & 1)]![8 * (r >> 1) + 2 * t + half] = kinds.f16!.decode((word >>> (16 * half)) & 0xffff)
      else c[row + 8 * ((r >> 1) & 1)]![8 * (r >> 2) + 2 * t + (r & 1)] = sumOf(word, type)
    }
  }
  return c
}

const wrap = (x: number, saturate: boolean) =>
  saturate ? Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, x)) : Number(BigInt.asIntN(32, BigInt(x)))

/** How many elements of the product of rows and columns, plus c, are not what was recorded. */
function mismatches(a: Matrix, b: Matrix, c: Matrix, d: Matrix, finish: (x: number) => number = (x) => x): number {
  let wrong = 0
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j < b.length; j++) {
      let s = c[i]![j]!
      for (let k = 0; k < b[j]!.length; k++) s += a[i]![k]! * b[j]![k]!
      if (!(Math.abs(finish(s) - d[i]![j]!) <= 0)) wrong++
    }
  return wrong
}

interface MmaCase {
  a: Matrix
  b: Matrix
  c: Matrix
  d: Matrix
  kind: Kind
  type: string
  instruction: string
  meta: Uint32Array
}

function* mmaCases(family: string, k: Kernel, named: (name: string) => boolean): Generator<MmaCase> {
  const regs = k.registers as { a: number; b: number; c: number }
  const total = regs.a + regs.b + regs.c + (family === 'mma_sp' ? 1 : 0)
  const input = inputs(family, k)
  const output = outputs(family, k)
  for (const [index, name] of k.cases!.entries()) {
    if (!named(name)) continue
    const words = input.subarray(index * total * 32, (index + 1) * total * 32)
    for (const [column, instruction] of k.columns.entries()) {
      const [type, ka, kb] = instruction.split(' ')[0]!.split('.').slice(-4) as [string, string, string]
      const at = (index * k.columns.length + column) * regs.c * 32
      yield {
        a: fragmentA(words, regs.a, kinds[ka]!),
        b: fragmentB(words.subarray(regs.a * 32), regs.b, kinds[kb]!),
        c: sums(words.subarray((regs.a + regs.b) * 32), type, 1, 8),
        d: sums(output.subarray(at, at + regs.c * 32), type, 1, 8),
        kind: kinds[ka]!,
        type,
        instruction,
        meta: words.subarray((total - 1) * 32),
      }
    }
  }
}

/** Products of a warpgroup whose operands both come through descriptors. */
function* wgmmaCases(k: Kernel): Generator<MmaCase & { name: string }> {
  const [, shapeN, shapeK, type, ka, kb, tail] = /m64n(\d+)k(\d+)\.(\w+)\.(\w+)\.(\w+)(.*)/.exec(k.columns[0]!)!
  const [N, K] = [Number(shapeN), Number(shapeK)]
  const [negateA, negateB, transposeA, transposeB] = tail!.split(',').slice(1).map(Number)
  const input = inputs('wgmma', k)
  const output = outputs('wgmma', k)
  const count = k.registers as number
  for (const [index, name] of k.cases!.entries()) {
    const start = k.imageWords! * k.images! + index * (16 + 128 * count)
    const header = input.subarray(start, start + 16)
    const image = new Uint8Array(input.buffer, input.byteOffset + 4 * header[6]! * k.imageWords!, 4 * k.imageWords!)
    const read = (
      low: number,
      high: number,
      at: number,
      rows: number,
      kind: Kind,
      transpose: boolean,
      sign: number,
    ) => {
      const size = kind.bits / 8
      const unit = 16 / size // elements of 16 bytes
      const lead = ((low >>> 16) & 0x3fff) << 4
      const stride = (high & 0x3fff) << 4
      const span = [0, 128, 64, 32][high >>> 30]! // bytes of a swizzled row
      const base = (high >>> 17) & 7
      const m = matrix(rows, K)
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < K; c++) {
          const [inner, outer] = transpose ? [r, c] : [c, r]
          const block = outer >> 3
          let byte = at + (outer % 8) * (span || 16)
          if (!span) {
            byte += (inner % unit) * size + Math.floor(inner / unit) * (transpose ? stride : lead)
            byte += block * (transpose ? lead : stride)
          } else {
            const per = span / size
            byte += transpose ? (inner % per) * size + Math.floor(inner / per) * lead : inner * size
            byte += block * stride
            byte ^= (((byte >> 7) - base) & (span / 16 - 1)) << 4
          }
          let code = 0
          for (let j = 0; j < size; j++) code |= image[byte + j]! << (8 * j)
          m[r]![c] = sign * kind.decode(code >>> 0)
        }
      return m
    }
    yield {
      name,
      a: read(header[0]!, header[1]!, header[4]!, 64, kinds[ka!]!, transposeA === 1, negateA ?? 1),
      b: read(header[2]!, header[3]!, header[5]!, N, kinds[kb!]!, transposeB === 1, negateB ?? 1),
      c: header[7] ? sums(input.subarray(start + 16), type!, 4, N) : matrix(64, N),
      d: sums(output.subarray(index * count * 128), type!, 4, N),
      kind: kinds[ka!]!,
      type: type!,
      instruction: k.columns[0]!,
      meta: header,
    }
  }
}

/** How many elements are not the tensor cores' sum with so many bits of fraction and of result. */
function misroundings(x: MmaCase, fraction: number, significand: number): number {
  let wrong = 0
  for (let i = 0; i < x.a.length; i++)
    for (let j = 0; j < x.b.length; j++) {
      const s = tensorCoreSum(x.a[i]!, x.b[j]!, x.c[i]![j]!, x.kind, fraction)
      if ((x.type === 'f16' ? roundedToF16(s) : truncated(s, significand, -126)) !== x.d[i]![j]!) wrong++
    }
  return wrong
}

const finite = new Set(['normal', 'wide', 'big sum', 'big product', 'cancel', 'tiny', 'full f32 operands'])
const isReal = (k: Kernel) => !/f64|b1/.test(k.name)
const isInteger = (k: Kernel) => /int\d$/.test(k.name)

describe('PTX as a GPU ran it', () => {
  test('the manifest and its files are whole', () => {
    let kernels = 0
    for (const [name, family] of Object.entries(manifest.families)) {
      const ptx = unpacked(`${name}.ptx.gz`).toString()
      expect(existsSync(new URL(`${name}.cu`, folder)), name).toBe(true)
      let written = 0
      for (const k of family.kernels) {
        const label = `${name}/${k.name}`
        expect(ptx, label).toContain(`.entry ${k.name}(`)
        if (k.iota === undefined) expect(inputs(name, k).length, label).toBe(k.in![1])
        expect(Math.max(...k.grid, ...k.block, k.columns.length), label).toBeGreaterThan(0)
        kernels++
        if (k.fault) {
          expect(k.out, label).toBeUndefined()
          continue
        }
        if (k.hashed) {
          expect(k.sha256, label).toMatch(/^[0-9a-f]{64}$/)
          continue
        }
        expect(k.out, label).toBe(written)
        const out = outputs(name, k)
        expect(
          createHash('sha256')
            .update(new Uint8Array(out.buffer, out.byteOffset, out.byteLength))
            .digest('hex'),
          label,
        ).toBe(k.sha256)
        written += k.outWords
      }
      expect(words(`${name}.out.gz`).length, name).toBe(written)
    }
    expect(kernels).toBeGreaterThan(400)
  })

  test('mma: fragments and exact sums', () => {
    for (const family of ['mma', 'mma_fp8'])
      for (const k of manifest.families[family]!.kernels.filter(isReal))
        for (const x of mmaCases(family, k, (name) => isInteger(k) || name === 'integers')) {
          const finish = x.type === 's32' ? (s: number) => wrap(s, x.instruction.includes('.satfinite')) : undefined
          expect(mismatches(x.a, x.b, x.c, x.d, finish), x.instruction).toBe(0)
        }
  })

  test('mma: operands keep 25 bits below the largest exponent, the f32 result is cut, the f16 result rounded', () => {
    for (const k of manifest.families.mma!.kernels.filter((k) => isReal(k) && !isInteger(k)))
      for (const x of mmaCases('mma', k, (name) => finite.has(name)))
        expect(misroundings(x, 25, 24), x.instruction).toBe(0)
  })

  test('mma.sp: where each selector finds its metadata', () => {
    for (const k of manifest.families.mma_sp!.kernels)
      for (const x of mmaCases('mma_sp', k, (name) => name === 'integers')) {
        const selector = Number(x.instruction.split(' selector ')[1])
        const K = Number(/n8k(\d+)/.exec(x.instruction)![1])
        const group = x.kind.bits === 32 ? 2 : x.kind.bits === 4 ? 8 : 4 // dense columns that a nibble speaks of
        const chunks = K / group
        const dense = matrix(16, K)
        for (let row = 0; row < 16; row++)
          for (let chunk = 0; chunk < chunks; chunk++) {
            const quad = 4 * (row % 8)
            const high = row >> 3
            // Four chunks, or eight of 16- and 32-bit types: rows g and g + 8 share a word. Else a row has words of its own.
            const shared = chunks === 4 || (chunks === 8 && x.kind.bits >= 16)
            const lane = shared
              ? quad + (chunks === 4 ? selector : 2 * selector + (chunk >> 2))
              : quad + high + 2 * (chunks === 8 ? selector : chunk >> 3)
            const nibble = (x.meta[lane]! >>> (shared ? 16 * high + 4 * (chunk & 3) : 4 * (chunk & 7))) & 15
            const a = x.a[row]!
            if (group === 2) dense[row]![2 * chunk + (nibble === 0xe ? 1 : 0)] = a[chunk]!
            else
              for (const [h, at] of [nibble & 3, nibble >> 2].entries())
                for (let j = 0; j < group / 4; j++)
                  dense[row]![group * chunk + (at * group) / 4 + j] = a[(chunk * group) / 2 + (h * group) / 4 + j]!
          }
        const finish = x.type === 's32' ? (s: number) => wrap(s, x.instruction.includes('.satfinite')) : undefined
        expect(
          mismatches(
            dense,
            x.b.map((b) => b.slice(0, K)),
            x.c,
            x.d,
            finish,
          ),
          x.instruction,
        ).toBe(0)
      }
  })

  test('ldmatrix: eight lanes name the rows of a matrix, lane 4g+t gets elements 2t and 2t+1 of row g', () => {
    const k = manifest.families.ldmatrix!.kernels.find((k) => k.name === 'ldmatrix')!
    const input = inputs('ldmatrix', k)
    const output = outputs('ldmatrix', k)
    const half = (byte: number) => (input[byte >> 2]! >>> (8 * (byte & 2))) & 0xffff
    for (let index = 0; index < k.n; index++) {
      let at = index * 448
      for (const instruction of k.columns)
        for (let r = 0; r < Number(/x(\d)/.exec(instruction)![1]); r++, at += 32)
          for (let lane = 0; lane < 32; lane++) {
            const get = (row: number, col: number) => half(input[512 + index * 32 + 8 * r + row]! + 2 * col)
            const [g, t] = [lane >> 2, lane & 3]
            const pair = instruction.includes('.trans')
              ? [get(2 * t, g), get(2 * t + 1, g)]
              : [get(g, 2 * t), get(g, 2 * t + 1)]
            expect(output[at + lane], instruction).toBe((pair[0]! | (pair[1]! << 16)) >>> 0)
          }
    }
  })

  test('wgmma: descriptors, swizzles, transposes and sums', () => {
    for (const k of manifest.families.wgmma!.kernels.filter((k) => /^(layout|shape)/.test(k.name)))
      for (const x of wgmmaCases(k)) expect(mismatches(x.a, x.b, x.c, x.d), `${x.instruction} ${x.name}`).toBe(0)
  })

  test('wgmma: rounds as mma, but 8-bit floats keep 13 bits below the largest exponent and 14 of the result', () => {
    for (const k of manifest.families.wgmma!.kernels.filter((k) => /^(real|negated)/.test(k.name) && !k.fromRegisters))
      for (const x of wgmmaCases(k))
        if (finite.has(x.name))
          expect(
            x.kind.bits === 8 ? misroundings(x, 13, 14) : misroundings(x, 25, 24),
            `${x.instruction} ${x.name}`,
          ).toBe(0)
  })
})
