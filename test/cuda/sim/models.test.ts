// cuda/sim's models of matrix and asynchronous instructions, bit for bit against what a GPU wrote (test/golden/ptx), by the
// program models.cpp, with no executor between.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { inputs, manifest, outputs } from '../../golden/recorded.js'

const program =
  process.env.SINTER_SIM_MODELS ?? fileURLToPath(new URL('../../../build/cuda/sim_models', import.meta.url))
const built = existsSync(program)
if (!built) console.log(`skipped: ${program} is not built (node scripts/build.mjs --test)`)

function model(words: Uint32Array, ...args: (string | number)[]): Uint32Array {
  const bytes = execFileSync(program, args.map(String), {
    input: new Uint8Array(words.buffer, words.byteOffset, words.byteLength),
    maxBuffer: 2 ** 28,
  })
  return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}

/** The first few words that differ. */
function differences(got: Uint32Array, wanted: Uint32Array): string[] {
  const list = got.length === wanted.length ? [] : [`${got.length} words, not ${wanted.length}`]
  for (let i = 0; i < wanted.length && list.length < 5; i++)
    if (got[i] !== wanted[i]) list.push(`${i}: ${got[i]?.toString(16)}, not ${wanted[i]!.toString(16)}`)
  return list
}

describe.skipIf(!built)('models of cuda/sim against a GPU', () => {
  for (const family of ['mma', 'mma_fp8', 'mma_sp'])
    test(`${family}: every instruction, every bit`, () => {
      for (const k of manifest.families[family]!.kernels) {
        const columns = k.columns.map((column) => column.split(' selector ') as [string, string?])
        const registers = (k.registers as { c: number }).c * 32 * (k.columns[0]!.includes('f64') ? 2 : 1)
        const all = outputs(family, k)
        for (const [index, [mnemonic, selector]] of columns.entries()) {
          const wanted = new Uint32Array(k.cases!.length * registers)
          for (let i = 0; i < k.cases!.length; i++) {
            const at = (i * columns.length + index) * registers
            wanted.set(all.subarray(at, at + registers), i * registers)
          }
          const got = model(inputs(family, k), 'mma', mnemonic, selector ?? 0)
          for (const [i, name] of k.cases!.entries())
            expect(
              differences(
                got.subarray(i * registers, (i + 1) * registers),
                wanted.subarray(i * registers, (i + 1) * registers),
              ),
              `${mnemonic} ${selector ?? ''} ${name}`,
            ).toEqual([])
        }
      }
    })

  test('wgmma: every type, layout, swizzle and sign, every bit', () => {
    for (const k of manifest.families.wgmma!.kernels) {
      const [mnemonic, tail] = k.columns[0]!.split(' (')[0]!.split(/,(.*)/) as [string, string?]
      const immediates = (tail ?? '').split(',').map(Number)
      const [negateA, negateB] = [immediates[0] === -1, immediates[1] === -1]
      const [transposeA, transposeB] = k.fromRegisters ? [0, immediates[2]] : [immediates[2], immediates[3]]
      const flags = [k.fromRegisters, negateA, negateB, transposeA, transposeB].map((x) => (x ? 1 : 0))
      const got = model(inputs('wgmma', k), 'wgmma', mnemonic, k.imageWords!, k.images!, ...flags)
      const each = got.length / k.cases!.length
      for (const [i, name] of k.cases!.entries())
        expect(
          differences(got.subarray(i * each, (i + 1) * each), outputs('wgmma', k).subarray(i * each, (i + 1) * each)),
          `${k.name} ${name}`,
        ).toEqual([])
    }
  })

  test('ldmatrix, stmatrix, movmatrix', () => {
    for (const k of manifest.families.ldmatrix!.kernels) {
      const [verb] = k.columns[0]!.split('.')
      const count = /\.x(\d)/.exec(k.columns[0]!)?.[1] ?? 1
      const transpose = k.columns[0]!.includes('.trans') ? 1 : 0
      const args = verb === 'ldmatrix' ? [k.n] : [count, transpose]
      expect(differences(model(inputs('ldmatrix', k), verb!, ...args), outputs('ldmatrix', k)), k.name).toEqual([])
    }
  })
})
