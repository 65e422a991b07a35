// `--set path=value`. Place in the whole: changes a configuration that was read, before it is checked, so that what is set is held
// against the same schema.
import { z } from 'zod'
import { ConfigError, describe, fieldOf, unwrapped } from '../train/config.js'
import { type Path, type Source, scalar } from './source.js'

/**
 * The source with values set: `optim.lr=3e-4`, `callbacks.0.patience=5`. A component given by its name alone takes options, too.
 * @throws ConfigError for what is no `path=value`, and for a path through a value that has no fields
 */
export function overridden(source: Source, sets: readonly string[], schema: z.ZodType): Source {
  if (sets.length === 0) return source
  const value = copied(source.value)
  const changed = new Set<string>()
  for (const set of sets) {
    const at = set.indexOf('=')
    const name = at < 0 ? set : set.slice(0, at)
    const path = name.split('.')
    if (at < 0 || path.includes('')) throw new ConfigError('--set', set, 'expected path=value, such as optim.lr=0.001')
    assign(value, path, typed(schema, path, set.slice(at + 1)))
    changed.add(path.join('.'))
  }
  const atPath = (path: Path): string => {
    const set = path.some((_, i) => changed.has(path.slice(0, i + 1).join('.')))
    return set ? '--set' : source.at(path)
  }
  return { ...source, value, at: atPath }
}

/** What the schema wants as text stays text, unless it stands in quotes: a name of digits is no number. */
function typed(schema: z.ZodType, path: readonly string[], text: string): unknown {
  const wanted = unwrapped(path.reduce<z.ZodType | undefined>((at, key) => fieldOf(at, key), schema))
  return wanted instanceof z.ZodString && !/^(".*"|'.*')$/s.test(text) ? text : scalar(text)
}

function assign(value: unknown, path: readonly string[], what: unknown): void {
  let at = value as Record<string, unknown>
  for (const [i, key] of path.slice(0, -1).entries()) {
    const next = at[key]
    if (next === undefined) at[key] = {}
    else if (typeof next === 'string') at[key] = { name: next }
    else if (typeof next !== 'object' || next === null) {
      const field = path.slice(0, i + 1).join('.')
      throw new ConfigError('--set', field, `it is ${describe(next)}, which has no fields`)
    }
    at = at[key] as Record<string, unknown>
    checkIndex(at, path, i + 1)
  }
  checkIndex(at, path, path.length - 1)
  at[path.at(-1) as string] = what
}

/** A list's items are its numbers, and the next one. */
function checkIndex(at: unknown, path: readonly string[], i: number): void {
  if (!Array.isArray(at)) return
  const index = Number(path[i])
  if (Number.isInteger(index) && index >= 0 && index <= at.length) return
  const field = path.slice(0, i).join('.')
  throw new ConfigError('--set', field, `it is a list of ${at.length}: expected a number from 0 to ${at.length}`)
}

/** Plain objects and lists anew; functions and instances as they are. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied)
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copied(inner)]))
}
