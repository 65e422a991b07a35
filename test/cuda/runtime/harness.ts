/**
 * The program that has the runtime's native tests, run a case at a time. Place in the whole: for the tests of this folder; the addon
 * exports nothing that they could call.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root: string = fileURLToPath(new URL('../../..', import.meta.url))
const here = join(root, 'test/cuda/runtime')
const program = join(root, 'build/cuda/runtime_test')
/** Whether the program is built; tells of it where not. */
export const built: boolean = existsSync(program)
if (!built) console.log(`skipped: ${program} is not built (node scripts/build.mjs --test)`)
/** The stand-in driver; see cuda/sim. */
export const simulator: string = join(root, 'build/cuda/libcudasim.so')

// What a sanitizer's run preloads is not for these programs.
const { LD_PRELOAD: _, ...clean } = process.env

export interface Outcome {
  status: number | null
  signal: string | null
  stdout: string
  stderr: string
}

/** Runs a case of the program with these variables in its environment. */
export function runCase(name: string, env: Record<string, string>): Outcome {
  const { status, signal, stdout, stderr } = spawnSync(program, [name, join(here, 'kernels.ptx')], {
    env: { ...clean, ...env },
    encoding: 'utf8',
    timeout: 120_000,
  })
  return { status, signal, stdout, stderr }
}
