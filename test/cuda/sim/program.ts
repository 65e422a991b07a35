// Runs models.cpp, the program around cuda/sim's models. Place in the whole: for the tests of this folder that need no executor.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const program =
  process.env.SINTER_SIM_MODELS ?? fileURLToPath(new URL('../../../build/cuda/sim_models', import.meta.url))
export const built = existsSync(program)
if (!built) console.log(`skipped: ${program} is not built (node scripts/build.mjs --test)`)

/** The words that the program gives for words on its standard input. */
export function model(words: Uint32Array, ...args: (string | number)[]): Uint32Array {
  const bytes = execFileSync(program, args.map(String), {
    input: new Uint8Array(words.buffer, words.byteOffset, words.byteLength),
    maxBuffer: 2 ** 28,
  })
  return new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}

/** The first few words that differ. */
export function differences(got: Uint32Array, wanted: Uint32Array): string[] {
  const list = got.length === wanted.length ? [] : [`${got.length} words, not ${wanted.length}`]
  for (let i = 0; i < wanted.length && list.length < 5; i++)
    if (got[i] !== wanted[i]) list.push(`${i}: ${got[i]?.toString(16)}, not ${wanted[i]!.toString(16)}`)
  return list
}
