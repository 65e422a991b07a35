// Checked configuration. Place in the whole: what a user writes by hand (run definitions, trainer options, --set values)
// passes through a zod schema here, and a mistake becomes one error that names the field, what was found, what is expected
// and the file.
import type { z } from 'zod'
import { SinterError } from '../errors.js'
import { didYouMean } from '../suggest.js'

export class ConfigError extends SinterError {
  /** The field, as a path from the value checked: `trainer.epochs`. */
  readonly field: string
  constructor(where: string, field: string, problem: string, options?: ErrorOptions) {
    super('SINTER_CONFIG', `${where}: ${field === '' ? '' : `${field}: `}${problem}`, options)
    this.field = field
  }
}

type Issue = z.core.$ZodIssue

/** What a message begins with: a file or caller, or a function that also knows the line of a field. */
export type Where = string | ((path: readonly string[]) => string)

/**
 * The value as the schema gives it.
 * @throws ConfigError for the first mistake
 */
export function checked<T extends z.ZodType>(schema: T, value: unknown, from: Where): z.output<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = deepest(result.error.issues[0] as Issue)
  const path = issue.path.map(String)
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const where = typeof from === 'string' ? from : from([...path, ...unknown])
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] as string
    const known = knownKeys(schema, path)
    const expected = known.length === 0 ? '' : `: expected ${known.join(', ')}`
    throw new ConfigError(where, [...path, key].join('.'), `unknown field${didYouMean(key, known)}${expected}`)
  }
  if (path.length === 0 && issue.code === 'custom') throw new ConfigError(where, '', issue.message)
  const found = path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value)
  throw new ConfigError(where, path.join('.'), `found ${describe(found)}, expected ${expectation(issue)}`)
}

/** Of a union's alternatives, the one that came furthest. */
function deepest(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue
  const inner = issue.errors.map((issues) => issues[0]).filter((found) => found !== undefined)
  const far = inner.sort((a, b) => b.path.length - a.path.length)[0]
  return far === undefined || far.path.length === 0 ? issue : deepest({ ...far, path: [...issue.path, ...far.path] })
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : withArticle(issue.expected)
    case 'too_small':
      return `${issue.origin === 'string' ? 'text of ' : ''}${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`
    case 'too_big':
      return `${issue.origin === 'string' ? 'text of ' : ''}${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`
    case 'invalid_value':
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.map(String).join(', ')}`
    default:
      return issue.message
  }
}

const withArticle = (type: string): string => (/^[aeiou]/i.test(type) ? `an ${type}` : `a ${type}`)

function knownKeys(schema: z.ZodType, path: readonly string[]): string[] {
  const shape = path.reduce<z.ZodType | undefined>((at, key) => fieldOf(at, key), schema)
  return Object.keys(shapeOf(shape) ?? {})
}

type Shape = Readonly<Record<string, z.ZodType>>

/** The schema of a field: of the first of a union's alternatives that has it. */
export function fieldOf(schema: z.ZodType | undefined, key: string): z.ZodType | undefined {
  const element = (unwrapped(schema) as { element?: z.ZodType } | undefined)?.element
  return element ?? shapeOf(schema)?.[key]
}

function shapeOf(schema: z.ZodType | undefined): Shape | undefined {
  const inner = unwrapped(schema) as { shape?: Shape; options?: readonly z.ZodType[] } | undefined
  return inner?.shape ?? inner?.options?.map(shapeOf).find((shape) => shape !== undefined)
}

/** Without `optional` and its like. */
export function unwrapped(schema: z.ZodType | undefined): z.ZodType | undefined {
  let at = schema
  while (at !== undefined && 'unwrap' in at && !('element' in at)) at = (at as z.ZodOptional<z.ZodType>).unwrap()
  return at
}

/** A value for a message, short. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value)
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'function') return 'a function'
  const name = (value as object).constructor?.name
  return name === undefined || name === 'Object' ? 'an object' : `a ${name}`
}
