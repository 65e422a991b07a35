/**
 * The program that has the runtime's native tests: built here, run a case at a time. Place in the whole: for the tests of this folder;
 * cuda/runtime is compiled with it, as the addon exports nothing that a test could call.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root: string = fileURLToPath(new URL('../../..', import.meta.url))
const here = join(root, 'test/cuda/runtime')
const program = join(root, 'build/cuda/runtime-harness')
/** The stand-in driver; see cuda/sim. */
export const simulator: string = join(root, 'build/cuda/libcudasim.so')

// What a sanitizer's run preloads is not for these programs.
const { LD_PRELOAD: _, ...clean } = process.env

const files = (folder: string, end: RegExp): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => end.test(name))
    .map((name) => join(folder, name))

/** Builds the program unless it is newer than all that it is made of. */
export function buildHarness(): void {
  const sources = [
    ...files('cuda/runtime', /\.cpp$/),
    ...files('test/cuda/runtime', /^(harness|\w+_cases)\.cpp$/),
    ...['error', 'allocator', 'guard'].map((name) => `native/engine/${name}.cpp`),
  ]
  const all = [
    ...sources,
    ...['cuda/runtime', 'test/cuda/runtime', 'native/engine'].flatMap((f) => files(f, /\.(h|def)$/)),
  ]
  const newest = Math.max(...all.map((file) => statSync(join(root, file)).mtimeMs))
  if (existsSync(program) && statSync(program).mtimeMs > newest) return
  mkdirSync(dirname(program), { recursive: true })
  const options = ['-std=c++20', '-Wall', '-Wextra', '-Werror', '-O1', '-Inative', '-I.', '-pthread']
  const compiler = process.env['CXX'] ?? 'c++'
  execFileSync(compiler, [...options, '-o', program, ...sources, '-ldl'], { cwd: root, env: clean, stdio: 'inherit' })
}

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
