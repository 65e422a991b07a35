// What a run directory keeps so that `sinter resume` and `sinter eval` need nothing else: config.json. Place in the whole: written
// before a run begins, read by those two. Relative paths in it begin at the folder of the file that the run was started from.
import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { SinterError } from '../errors.js'
import { writeFileAtomic } from '../io/atomic.js'
import type { Json } from '../train/callback.js'
import { checked } from '../train/config.js'

const FILE = 'config.json'
const FORMAT = 1

export interface RunRecord {
  /** The file that the run was started from, and the folder that its relative paths begin at. */
  readonly file: string
  readonly folder: string
  readonly seed: number
  readonly quick: boolean
  /** `--set` of a file that is read again. */
  readonly set: readonly string[]
  /** The configuration, values set and variables replaced; null: read the file again, since it holds functions. */
  readonly config: Json
}

const schema = z.strictObject({
  format: z.literal(FORMAT),
  file: z.string(),
  folder: z.string(),
  seed: z.number().int().min(0),
  quick: z.boolean(),
  set: z.array(z.string()),
  config: z.json(),
})

export async function writeRecord(out: string, record: RunRecord): Promise<void> {
  const text = `${JSON.stringify({ format: FORMAT, ...record }, null, 1)}\n`
  await writeFileAtomic(join(out, FILE), async (file) => void (await file.writeFile(text)))
}

/**
 * The record of a run directory, or of the run whose checkpoint `path` is.
 * @throws SinterError SINTER_NO_RUN where there is none, ConfigError for one that is not as it was written
 */
export async function readRecord(path: string): Promise<RunRecord & { readonly out: string }> {
  const exists = await stat(path).catch(() => undefined)
  // A checkpoint lies in the run directory, or in its folder of an earlier run's.
  const folders = [path, dirname(path), dirname(dirname(path))]
  for (const out of exists === undefined ? [] : folders) {
    const text = await readFile(join(out, FILE), 'utf8').catch(() => undefined)
    if (text === undefined) continue
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch (cause) {
      throw new SinterError('SINTER_NO_RUN', `${join(out, FILE)}: ${(cause as Error).message}`, { cause })
    }
    const { format: _, ...record } = checked(schema, json, join(out, FILE))
    return { ...(record as RunRecord), out }
  }
  const found = exists === undefined ? 'there is no such folder' : `there is no ${FILE} in it`
  throw new SinterError('SINTER_NO_RUN', `${path} is no run directory and no checkpoint of one: ${found}`)
}

/** The configuration as JSON; null where it holds what JSON does not: functions, instances. */
export function plainConfig(config: unknown): Json {
  const plain = (value: unknown): boolean => {
    if (value === null || ['string', 'boolean'].includes(typeof value)) return true
    if (typeof value === 'number') return Number.isFinite(value)
    if (Array.isArray(value)) return value.every(plain)
    return (
      typeof value === 'object' &&
      Object.getPrototypeOf(value) === Object.prototype &&
      Object.values(value).every((inner) => inner === undefined || plain(inner))
    )
  }
  return plain(config) ? (JSON.parse(JSON.stringify(config)) as Json) : null
}
