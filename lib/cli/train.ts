// `sinter train <file>`. Place in the whole: from a file's name to executeRun.
import { access } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { INTERRUPTED } from '../train/interrupt.js'
import { executeRun } from '../train/run.js'
import { UsageError } from './usage.js'

/** Trains what `file` defines; returns the exit code. */
export async function train(file: string, options: Readonly<Record<string, unknown>>): Promise<number> {
  const definition = await load(file)
  const { seed, out, resume, quick } = options
  const changes = options['set'] === undefined ? [] : [options['set']].flat().map(String)
  const result = await executeRun(definition, {
    seed: wholeNumber('--seed', seed),
    quick: quick === true,
    ...(out === undefined ? {} : { out: String(out) }),
    resume: resume === undefined ? false : resume === true ? true : String(resume),
    set: changes,
    handleSignals: true,
    where: file,
  })
  if (!result.stopped) return 0
  const again = out === undefined ? '--resume' : `--out ${String(out)} --resume`
  process.stdout.write(`stopped after step ${result.step}: continue with ${again}\n`)
  return INTERRUPTED
}

async function load(file: string): Promise<unknown> {
  const path = resolve(file)
  const type = extname(path)
  if (!['.js', '.mjs', '.ts', '.mts'].includes(type)) {
    throw new UsageError(`${file}: expected an ES module (.mjs, .js or .ts), found "${type || 'no extension'}"`)
  }
  try {
    await access(path)
  } catch {
    throw new UsageError(`${file}: no such file`)
  }
  const stripsTypes = (process.features as { typescript?: unknown }).typescript
  if (type.endsWith('ts') && !stripsTypes) {
    const message = `${file}: Node ${process.version} does not run TypeScript: compile it to .mjs first, or use Node 22.18 or later`
    throw new UsageError(message)
  }
  const exports = (await import(pathToFileURL(path).href)) as Record<string, unknown>
  if (!('default' in exports)) {
    const names = Object.keys(exports)
    const found = names.length === 0 ? 'it exports nothing' : `it exports ${names.join(', ')}`
    throw new UsageError(`${file}: expected "export default defineRun({...})"; ${found}`)
  }
  return exports['default']
}

function wholeNumber(option: string, value: unknown): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new UsageError(`${option} is ${String(value)}, expected a whole number of at least 0`)
  }
  return number
}
