// `sinter bench`. Place in the whole: starts the repository's bench, which the installed package does not carry.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { FAILED, UsageError } from './usage.js'

const SCRIPT = fileURLToPath(new URL('../../scripts/bench.mjs', import.meta.url))

/** Runs the bench with these arguments; returns its exit code. */
export async function bench(args: readonly string[]): Promise<number> {
  if (!existsSync(SCRIPT)) {
    throw new UsageError('bench: runs in a checkout of the repository only, where it is also `npm run bench`')
  }
  const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: 'inherit' })
  return await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? FAILED))
  })
}
