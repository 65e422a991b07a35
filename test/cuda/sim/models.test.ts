// cuda/sim's models of matrix and asynchronous instructions, bit for bit against what a GPU wrote (test/golden/ptx), by the
// program models.cpp, with no executor between.

import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import {
  coordinates,
  inputs,
  type Kernel,
  manifest,
  mapArguments,
  outputs,
  type TensorMapArguments,
} from '../../golden/recorded.js'
import { built, differences, model, program } from './program.js'

const joined = (...parts: ArrayLike<number>[]) => {
  const all = new Uint32Array(parts.reduce((n, part) => n + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** The arguments of cuTensorMapEncode*, a word each (models.cpp, map_of). */
function mapWords(map: TensorMapArguments, address: number): number[] {
  const { kinds, sizes } = mapArguments(map)
  return [...kinds, address % 2 ** 32, Math.floor(address / 2 ** 32), ...sizes]
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

  /** What the program says of words that it refuses, with the status. */
  const refusal = (status: number, words: Uint32Array, ...args: string[]) => {
    const run = spawnSync(program, args, { encoding: 'utf8', input: new Uint8Array(words.buffer) })
    expect(run.status, run.stderr).toBe(status)
    return run.stderr
  }

  test('mma: what PTX does not have is refused with a reason', () => {
    for (const [mnemonic, reason] of [
      ['mma.sync.aligned.m16n8k16.row.col.f32.f16.bf16.f32', 'types do not go together'],
      ['mma.sync.aligned.m16n8k32.row.col.f32.bf16.bf16.f32', 'do not have this shape'],
      ['mma.sync.aligned.m8n8k4.row.col.f32.f16.f16.f32', 'do not have this shape'],
      ['mma.sync.aligned.m16n8k16.row.row.f32.f16.f16.f32', 'A must be .row and B .col'],
      ['mma.sync.aligned.m16n8k16.row.col.satfinite.f32.f16.f16.f32', '.satfinite is for integers'],
      ['mma.sync.aligned.m16n8k256.row.col.s32.b1.b1.s32', '.and.popc or .xor.popc'],
      ['mma.sync.aligned.kind::f8f6f4.m16n8k32.row.col.f32.e4m3.e4m3.f32', '.kind::f8f6f4 is not modelled'],
      ['mma.sync.m16n8k16.row.col.f32.f16.f16.f32', 'not mma.sync.aligned'],
    ])
      expect(refusal(1, new Uint32Array(), 'mma', mnemonic!)).toContain(reason)
  })

  test('mma.sp: metadata and selectors that PTX does not have are errors', () => {
    const words = new Uint32Array(32 * 13) // a, b, c of zeros, then metadata
    const run = (nibbles: number, status: number, kind: string, selector: string) => {
      words.fill(nibbles, 32 * 12)
      return refusal(status, words, 'mma', `mma.${kind}.sync.aligned.m16n8k32.row.col.f32.f16.f16.f32`, selector)
    }
    run(0xeeeeeeee, 0, 'sp::ordered_metadata', '1')
    run(0x11111111, 0, 'sp', '0')
    expect(run(0x11111111, 13, 'sp::ordered_metadata', '0')).toContain('must increase')
    expect(run(0x55555555, 13, 'sp', '0')).toContain('must differ')
    expect(run(0xeeeeeeee, 13, 'sp', '2')).toContain('selector 2')
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

  test('mbarrier: every step of a walk through its states', () => {
    const k = manifest.families.async!.kernels.find((k) => k.name === 'mbarrier_states')!
    const steps = k.columns.map((c) => /(?:inval, )?(\w+(?:\.\w+)?(?: \d+)?)/.exec(c)![1]!)
    expect(differences(model(new Uint32Array(), 'mbarrier', ...steps), outputs('async', k))).toEqual([])
  })

  test('mbarrier: what the PTX ISA leaves undefined is an error', () => {
    const refused = (...steps: string[]) => {
      const { status, stderr } = spawnSync(program, ['mbarrier', ...steps], { encoding: 'utf8' })
      expect(status, stderr).toBe(13)
      return stderr
    }
    expect(refused('arrive')).toContain('mbarrier.init')
    expect(refused('init 0')).toContain('count of 0')
    expect(refused('init 2', 'arrive 3')).toContain('3 arrivals')
    expect(refused('init 1', 'arrive.noComplete')).toContain('noComplete')
    expect(refused('init 1', 'expect_tx 1048575', 'expect_tx 1')).toContain('transaction count')
    expect(refused('init 1048575', 'increment')).toContain('more arrivals')
  })

  test('cp.async: sizes, source sizes and ignored sources, landing at the wait', () => {
    const kernels = manifest.families.async!.kernels.filter((k) => k.name.startsWith('cp_async_c'))
    expect(kernels.length).toBe(15)
    for (const k of kernels) {
      const got = model(inputs('async', k), 'cp_async', k.bytes!, k.name.split('_').at(-1)!)
      expect(differences(got, outputs('async', k)), k.name).toEqual([])
    }
  })

  test('bulk reductions of every type', () => {
    const k = manifest.families.async!.kernels.find((k) => k.name === 'bulk_reduce')!
    const columns = k.columns.map((c) => c.split('bulk_group.')[1]!)
    const got = model(inputs('async', k), 'reduce', ...columns)
    for (const [i, column] of columns.entries())
      expect(
        differences(got.subarray(32 * i, 32 * i + 32), outputs('async', k).subarray(32 * i, 32 * i + 32)),
        column,
      ).toEqual([])
  })

  test('tensor maps: the bytes of 32 encodings and of the kernels', () => {
    const kernels = manifest.families.tensor!.kernels.filter((k) => k.mapBytes)
    const maps = [...manifest.tensorMaps, ...kernels.map((k) => ({ ...k.tensorMap!, ...k.mapBytes! }))]
    expect(maps.length).toBeGreaterThan(50)
    for (const map of maps) {
      const bytes = Buffer.from(map.base64, 'base64')
      const wanted = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 128))
      const got = model(joined(mapWords(map, map.address)), 'encode')
      expect(differences(got, wanted), JSON.stringify(map)).toEqual([])
    }
  })

  /** A kernel of family tensor: what it loads, or the tensor it leaves. */
  function runTensor(k: Kernel): { status: number | null; out: Uint32Array } {
    const map = k.tensorMap!
    const cases = coordinates(k)
    const verb = /^(load|store)/.exec(k.name)?.[1] ?? 'add'
    const all = inputs('tensor', k)
    const heads = all.subarray(all.length - 8 * cases.length)
    const rest = all.subarray(0, all.length - 8 * cases.length)
    const before = new Uint32Array(k.outWords).fill(verb === 'add' ? 0x3f803f80 : 0xeeeeeeee)
    const words = joined(mapWords(map, 0x7f0000000000), heads, rest, verb === 'load' ? [] : before)
    const dump = verb === 'load' ? k.dumpWords! : rest.length
    const run = spawnSync(program, ['tensor', verb, String(cases.length), String(dump)], {
      input: new Uint8Array(words.buffer),
      maxBuffer: 2 ** 28,
    })
    const { stdout } = run
    return {
      status: run.status,
      out: new Uint32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + (stdout.byteLength & ~3))),
    }
  }

  test('cp.async.bulk.tensor: every load, store and reduction through a map, and every fault', () => {
    const kernels = manifest.families.tensor!.kernels.filter((k) => k.name !== 'load_2d_multicast')
    expect(kernels.length).toBe(37)
    for (const k of kernels) {
      const { status, out } = runTensor(k)
      if (k.fault) {
        expect(k.fault, k.name).toBe('CUDA_ERROR_ILLEGAL_INSTRUCTION')
        expect(status, k.name).toBe(10)
        continue
      }
      expect(status, k.name).toBe(0)
      const wanted = outputs('tensor', k).slice()
      // The last word of a load says whether the expected bytes came; the model gives their number.
      if (k.dumpWords)
        for (let at = k.dumpWords; at < wanted.length; at += k.dumpWords + 1) {
          expect(wanted[at], k.name).toBe(1)
          wanted[at] = k.expectBytes!
        }
      expect(differences(out, wanted), k.name).toEqual([])
    }
  })
})
