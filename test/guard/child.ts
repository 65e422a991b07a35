/** Child processes under SINTER_DEBUG=guard, which may end by a signal. Place in the whole: shared by this folder's tests. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { engine } from '#lib/index.js'

export interface Ended {
  /** The exit status, or the signal's name. */
  how: number | string
  out: string
  /** The last line of standard error. */
  last: string
}

export function child(program: string, args: readonly string[], env: Record<string, string>): Promise<Ended> {
  const path = fileURLToPath(new URL(program, import.meta.url))
  const build = process.env['SINTER_BUILD'] ?? 'test'
  const options = { env: { ...process.env, SINTER_BUILD: build, ...env }, maxBuffer: 1 << 28 }
  return new Promise((resolve) => {
    execFile(process.execPath, [path, ...args], options, (error, out, err) => {
      resolve({
        how: error ? (error.signal ?? error.code ?? 'not started') : 0,
        out,
        last: err.trim().split('\n').at(-1) ?? '',
      })
    })
  })
}

/** The instruction sets that run here. */
export function instructionSets(): string[] {
  return [...engine.info().isaSupported]
}

export const FAMILIES = [
  'matmul',
  'skinny',
  'batched',
  'linear',
  'packed',
  'grouped',
  'deep',
  'planned',
  'conv',
  'int8',
  'groups',
  'sparse',
] as const

/**
 * Kernels in portable form for instructions that few machines run, which test builds have beside avx2's: see test/cpu/pairs.test.ts
 * and amx.test.ts.
 */
const PAIRED = ['batched', 'linear', 'packed', 'planned', 'grouped', 'deep', 'conv'] as const
export const PORTABLE = [
  { isa: 'avx2pairs', families: PAIRED },
  { isa: 'avx2amx', families: [...PAIRED, 'int8'] },
] as const
export const runsPortable = process.arch === 'x64' && instructionSets().includes('avx2')

/** Every step-th call of a family must end well, which takes a result that is right and no byte beyond a block. */
export async function sweep(family: (typeof FAMILIES)[number], isa: string, step: number): Promise<void> {
  const { how, out, last } = await child('run.mjs', [family, String(step)], { SINTER_DEBUG: 'guard', SINTER_ISA: isa })
  expect(how === 0 ? 'done' : `ended with ${how}: ${last}`).toBe('done')
  expect(Number(out)).toBeGreaterThan(100)
}
