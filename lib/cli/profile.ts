// `sinter profile`. Place in the whole: runs a script inside profile() and shows where its time went.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { profile as measure } from '../profile/index.js'
import { UsageError } from './usage.js'

const TABLES = ['operator', 'shape', 'range'] as const

/** Runs the script with these arguments, and those behind `--`; returns the exit code. The table goes to standard error, out of the script's own output. */
export async function profile(
  script: string,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const by = String(options['by'] ?? 'operator') as (typeof TABLES)[number]
  if (!TABLES.includes(by)) throw new UsageError(`--by is ${by}, expected ${TABLES.join(', ')}`)
  const rows = Number(options['rows'] ?? 40)
  if (!Number.isInteger(rows) || rows < 1)
    throw new UsageError(`--rows is ${String(options['rows'])}, expected a positive integer`)
  const path = resolve(script)
  if (!existsSync(path)) throw new UsageError(`profile: there is no script ${path}`)
  const behind = options['--']
  process.argv = [process.argv[0] as string, path, ...args, ...(Array.isArray(behind) ? behind.map(String) : [])]
  const measured = await measure(async () => void (await import(pathToFileURL(path).href)))
  process.stderr.write(`${measured.table({ by, rows })}\n`)
  const trace = options['trace']
  if (typeof trace === 'string') {
    await measured.export(trace)
    process.stderr.write(`wrote ${trace}: open it in https://ui.perfetto.dev\n`)
  }
  return 0
}
