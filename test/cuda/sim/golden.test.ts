// PTX through cuda/sim's parser and executor against what a GPU wrote for it (test/golden/ptx), bit for bit, with no driver between
// (golden.cpp). The approximations are held to the largest errors of that GPU.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inputs, type Kernel, manifest, mapArguments, outputs, unpacked } from '../../golden/recorded.js'

type Recorded = Kernel & {
  signature?: string
  shared?: number
  cluster?: number[]
  initial?: number
  launches?: number
}

const program =
  process.env.SINTER_SIM_GOLDEN ?? fileURLToPath(new URL('../../../build/cuda/sim_golden', import.meta.url))
const built = existsSync(program)
if (!built) console.log(`skipped: ${program} is not built (node scripts/build.mjs --test)`)

// What an instruction may be away from the GPU's result, in units of the last place (ulp) or absolutely: the two errors together, ours
// being that of rounding. test/golden/ptx/README.md for .f32; the PTX ISA for the others.
const approximate: [RegExp, { ulp?: number; absolute?: number; relative?: number }][] = [
  [/^div\.(full|approx)/, { ulp: 2 }],
  [/^ex2\.approx(\.ftz)?\.f32/, { ulp: 2 }],
  [/^rcp\.approx(\.ftz)?\.f32/, { ulp: 1 }],
  [/^rsqrt\.approx(\.ftz)?\.f32/, { ulp: 2 }],
  [/^sqrt\.approx(\.ftz)?\.f32/, { ulp: 1 }],
  [/^lg2\.approx(\.ftz)?\.f32/, { ulp: 2, absolute: 2 ** -22 }],
  [/^(sin|cos)\.approx/, { absolute: 2 ** -16.6 }],
  [/^tanh\.approx\.f32/, { relative: 2 ** -16.4 }],
  [/^(ex2|tanh)\.approx.*f16/, { ulp: 1 }],
  [/^(rcp|rsqrt)\.approx.*f64/, { relative: 2 ** -20 }],
]

const f32 = (bits: number) => new Float32Array(Uint32Array.of(bits).buffer)[0]!
const f64 = (low: number, high: number) => new Float64Array(Uint32Array.of(low, high).buffer)[0]!

/** The distance of two floats of [bits] bits in units of the last place: of their codes, in the order of the numbers. */
function ulps(a: number, b: number, bits: 16 | 32): number {
  const sign = 2 ** (bits - 1)
  const rank = (code: number) => (code >= sign ? sign - code : code)
  return Math.abs(rank(a) - rank(b))
}

function close(column: string, got: number[], wanted: number[], operand: number): boolean {
  const allowed = approximate.find(([name]) => name.test(column))?.[1]
  if (!allowed) return false
  if (column.includes('f16')) {
    const halves = (word: number) => (column.includes('x2') ? [word >>> 16, word & 0xffff] : [word & 0xffff])
    const other = halves(wanted[0]!)
    return halves(got[0]!).every((half, i) => ulps(half, other[i]!, 16) <= allowed.ulp!)
  }
  if (allowed.ulp !== undefined && ulps(got[0]!, wanted[0]!, 32) <= allowed.ulp) return true
  const [x, y] =
    got.length === 2 ? [f64(got[0]!, got[1]!), f64(wanted[0]!, wanted[1]!)] : [f32(got[0]!), f32(wanted[0]!)]
  // Beyond 100 a GPU reduces its operand coarsely, and nobody has measured how.
  if (/^(sin|cos)/.test(column) && Math.abs(f32(operand)) > 100) return Math.abs(x) <= 1
  if (allowed.absolute !== undefined && Math.abs(x - y) <= allowed.absolute) return true
  return allowed.relative !== undefined && Math.abs(x - y) <= allowed.relative * Math.abs(y)
}

// Where a neighbour's shared memory is seen is no promise.
const unpromised = /distance of its window/

/** The first few places where the kernel's output is not what it should be. */
function differences(family: string, k: Recorded, got: Uint32Array, wanted: Uint32Array): string[] {
  const list: string[] = []
  const result = k.signature?.split('>')[1]?.[0] ?? 'r'
  const width = 'ld'.includes(result) ? 2 : 1
  const rows = k.outWords / k.columns.length
  for (let i = 0; i < k.outWords && list.length < 5; i += width) {
    if (got[i] === wanted[i] && (width === 1 || got[i + 1] === wanted[i + 1])) continue
    const column = k.columns[Math.floor(i / rows)] ?? ''
    // The word that a 16-bit register is stored in has an upper half that nothing says anything of.
    if (result === 'h' && ((got[i]! ^ wanted[i]!) & 0xffff) === 0) continue
    const words = (from: Uint32Array) => Array.from(from.subarray(i, i + width))
    if (close(column, words(got), words(wanted), k.in ? inputs(family, k)[i % rows]! : 0)) continue
    list.push(`${column}, word ${i}: ${got[i]!.toString(16)}, not ${wanted[i]!.toString(16)}`)
  }
  return list
}

describe.skipIf(!built)('PTX over cuda/sim against a GPU', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sinter-golden-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** Runs kernels of a family: a line each of what became of it, and all their outputs. */
  function run(family: string, kernels: Recorded[], seed: number) {
    const path = (name: string) => join(folder, name)
    writeFileSync(path('ptx'), unpacked(`${family}.ptx.gz`))
    writeFileSync(path('in'), unpacked(`${family}.in.gz`))
    const lines = kernels.map((k) =>
      [
        ...[
          k.name,
          ...(k.iota ? [-1, k.iota] : k.in!),
          k.outWords,
          k.initial ?? 0xa5a5a5a5,
          k.n,
          ...k.grid,
          ...k.block,
        ],
        ...[k.shared ?? 0, ...(k.cluster ?? [1, 1, 1]), k.launches ?? 1, seed],
        ...(k.tensorMap ? [k.tensorMap.base, ...Object.values(mapArguments(k.tensorMap)).flat()] : []),
      ].join(' '),
    )
    const input = `${lines.join('\n')}\n`
    const status = execFileSync(program, [path('ptx'), path('in'), path('out')], { input, encoding: 'utf8' })
    const bytes = readFileSync(path('out'))
    return {
      status: status.trim().split('\n'),
      words: new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4),
    }
  }

  const families = [
    'integer',
    'compare',
    'float',
    'half',
    'convert',
    'approximate',
    'warp',
    'barrier',
    'registers',
    'access',
    'atomic',
    'mma',
    'mma_fp8',
    'mma_sp',
    'wgmma',
    'ldmatrix',
    'async',
    'tensor',
  ]
  // Seeds order warps and blocks; asynchronous copies land at once with odd ones and as late as they may with even ones.
  const ordered = ['warp', 'barrier', 'access', 'atomic', 'wgmma', 'async', 'tensor']
  for (const family of families)
    for (const seed of ordered.includes(family) ? [0, 1, 2] : [0])
      test(`${family}${seed ? `, in another order (seed ${seed})` : ''}`, () => {
        const kernels = (manifest.families[family]!.kernels as Recorded[]).filter((k) => !k.hashed)
        const { status, words } = run(family, kernels, seed)
        const illegal = expect.stringMatching(/^3 .*PTX line \d+ \(cp/) // Fault::kIllegalInstruction
        expect(status).toEqual(
          kernels.map((k) => (k.fault === 'CUDA_ERROR_ILLEGAL_INSTRUCTION' ? illegal : (k.fault ?? 'ok'))),
        )
        let at = 0
        for (const k of kernels) {
          const got = words.slice(at, at + k.outWords)
          at += k.outWords
          if (k.fault) continue
          const wanted = outputs(family, k).slice()
          const column = k.columns.findIndex((name) => unpromised.test(name))
          if (column >= 0) clearColumn(k, column, got, wanted)
          expect(differences(family, k, got, wanted), k.name).toEqual([])
        }
      })

  /** access' cluster: [block][column][lane] */
  function clearColumn(k: Recorded, column: number, ...outputs: Uint32Array[]) {
    const lanes = k.block[0]!
    for (const words of outputs)
      for (let block = 0; block < k.grid[0]!; block++) {
        const from = (block * k.columns.length + column) * lanes
        words.fill(0, from, from + lanes)
      }
  }
})
