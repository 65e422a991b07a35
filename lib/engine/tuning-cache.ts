/**
 * What was measured on this machine, kept for later processes. Place in the whole: a small JSON file of sections by name, in the
 * user's cache folder; each room reads and checks its own section. A file belongs to one processor, instruction set and version of
 * the kernels; others, and what cannot be read, count as absent and are overwritten.
 */
import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, homedir } from 'node:os'
import { join } from 'node:path'
import { SinterError } from '../errors.js'
import { loadNative } from '../native/load.js'
import { VERSION } from './version.js'

interface Contents {
  /** Layout of the file. */
  format: 1
  machine: Machine
  sections: Record<string, unknown>
}

interface Machine {
  cpu: string
  isa: string
  version: string
  /** Of the operator table. */
  kernels: string
}

let known: Machine | undefined

/** Asked once: the system takes a millisecond to describe its processors. */
function machine(): Machine {
  const native = loadNative()
  known ??= { cpu: cpus()[0]?.model ?? '', isa: native.info().isa, version: VERSION, kernels: native.opsHash }
  return known
}

/** SINTER_CACHE, or sinter in XDG_CACHE_HOME or ~/.cache. */
export function cacheFolder(): string {
  const { SINTER_CACHE, XDG_CACHE_HOME } = process.env
  return SINTER_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'sinter')
}

/** A file a machine, so that a home that several share does not go back and forth. */
export function tuningFile(): string {
  const hash = createHash('sha256').update(JSON.stringify(machine())).digest('hex')
  return join(cacheFolder(), `tuning-${hash.slice(0, 16)}.json`)
}

function contents(): Contents {
  const own: Contents = { format: 1, machine: machine(), sections: {} }
  try {
    const found = JSON.parse(readFileSync(tuningFile(), 'utf8')) as Partial<Contents> | null
    const same = found?.format === 1 && JSON.stringify(found.machine) === JSON.stringify(own.machine)
    if (same && typeof found.sections === 'object' && found.sections !== null) own.sections = { ...found.sections }
  } catch {
    // Absent or unreadable: as if nothing had been measured.
  }
  return own
}

/** A section as it was written, unchecked; undefined where there is none. */
export function readTuning(section: string): unknown {
  const { sections } = contents()
  return Object.hasOwn(sections, section) ? sections[section] : undefined
}

/**
 * Writes a section beside the others, or with undefined takes it away; the file is there whole or not at all.
 *
 * @throws SinterError SINTER_CACHE when it cannot be written
 */
export function writeTuning(section: string, value: unknown): void {
  const all = contents()
  if (value === undefined) delete all.sections[section]
  else all.sections[section] = value
  const file = tuningFile()
  const temporary = `${file}.${randomUUID()}.tmp`
  try {
    mkdirSync(cacheFolder(), { recursive: true })
    writeFileSync(temporary, `${JSON.stringify(all, null, 1)}\n`, { flag: 'wx' })
    renameSync(temporary, file)
  } catch (cause) {
    discard(temporary)
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SinterError(
      'SINTER_CACHE',
      `measurements could not be kept in ${cacheFolder()}: ${why}; SINTER_CACHE names another folder`,
      { cause },
    )
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // Its folder is none, so there is nothing to discard.
  }
}
