// Environment variables in configurations. Place in the whole: applied to what YAML and JSON files hold, before it is checked.
import { parse } from 'yaml'
import type { Path } from './source.js'

const VARIABLE = /\$(\$?)\{env:([A-Za-z_]\w*)(?::([^}]*))?\}/g

/**
 * With `${env:NAME}` and `${env:NAME:otherwise}` replaced in every text; a text that is nothing else becomes what YAML makes of the
 * variable: a number, a truth value. `$${env:NAME}` stands for itself.
 * @param failed the error for a variable that is not set and has no other value
 */
export function interpolated(value: unknown, failed: (path: Path, problem: string) => Error, path: Path = []): unknown {
  if (typeof value === 'string') return replaced(value, (problem) => failed(path, problem))
  if (Array.isArray(value)) return value.map((item, i) => interpolated(item, failed, [...path, i]))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, interpolated(inner, failed, [...path, key])]),
  )
}

function replaced(text: string, failed: (problem: string) => Error): unknown {
  let single = false
  const result = text.replace(VARIABLE, (match: string, escaped: string, name: string, otherwise?: string) => {
    if (escaped !== '') return match.slice(1)
    const value = process.env[name] ?? otherwise
    if (value === undefined)
      throw failed(`the environment variable ${name} is not set: set it, or write \${env:${name}:value}`)
    single = match === text
    return value
  })
  return single ? parse(result) : result
}
