// A configuration as it was written. Place in the whole: reads YAML, JSON and ES modules, and knows for error messages where each
// value came from: a line of the file, or a --set.
import { access, readFile } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isMap, isScalar, isSeq, LineCounter, parse, parseDocument } from 'yaml'
import { ConfigError } from '../train/config.js'
import { interpolated } from './interpolate.js'

export type Path = readonly (string | number)[]

/** A value that was read and not checked. */
export interface Source {
  readonly value: unknown
  /** The file as the user wrote it. */
  readonly file: string
  /** What relative paths in it begin at. */
  readonly folder: string
  /** What an error message about the value at `path` begins with. */
  readonly at: (path: Path) => string
}

const MODULES = ['.js', '.mjs', '.ts', '.mts']
const TEXTS = ['.yaml', '.yml', '.json']

/**
 * Reads `file`: .yaml, .yml, .json, or an ES module's default export (.ts where Node itself strips types).
 * @throws ConfigError for a file that is not there, is of another type, or cannot be parsed, with its line
 */
export async function readSource(file: string): Promise<Source> {
  const path = resolve(file)
  const type = extname(path)
  if (![...MODULES, ...TEXTS].includes(type)) {
    const expected = `expected an ES module (${MODULES.join(', ')}) or ${TEXTS.join(', ')}`
    throw new ConfigError(file, '', `${expected}, found "${type || 'no extension'}"`)
  }
  try {
    await access(path)
  } catch {
    throw new ConfigError(file, '', 'no such file')
  }
  return TEXTS.includes(type) ? await readText(file, path) : await readModule(file, path, type)
}

async function readText(file: string, path: string): Promise<Source> {
  const text = await readFile(path, 'utf8')
  const lines = new LineCounter()
  // JSON is YAML, too: one parser knows both and the lines.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [error] = document.errors
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0])
    throw new ConfigError(`${file}:${line}:${col}`, '', error.message)
  }
  const at = (wanted: Path): string => {
    let node: unknown = document.contents
    let offset: number | undefined
    for (const key of wanted) {
      let next: unknown
      if (isMap(node)) {
        const pair = node.items.find(({ key: found }) => isScalar(found) && String(found.value) === String(key))
        if (pair === undefined) break
        offset = (pair.key as { range?: [number, number, number] }).range?.[0] ?? offset
        next = pair.value
      } else if (isSeq(node)) {
        next = node.items[Number(key)]
        offset = (next as { range?: [number, number, number] } | undefined)?.range?.[0] ?? offset
      }
      node = next
    }
    return offset === undefined ? file : `${file}:${lines.linePos(offset).line}`
  }
  const value = interpolated(document.toJS(), (path, problem) => new ConfigError(at(path), path.join('.'), problem))
  return { value, file, folder: dirname(path), at }
}

async function readModule(file: string, path: string, type: string): Promise<Source> {
  const stripsTypes = (process.features as { typescript?: unknown }).typescript
  if (type.endsWith('ts') && !stripsTypes) {
    const problem = `Node ${process.version} does not run TypeScript: compile it to .mjs first, or use Node 22.18 or later`
    throw new ConfigError(file, '', problem)
  }
  const exports = (await import(pathToFileURL(path).href)) as Record<string, unknown>
  if (!('default' in exports)) {
    const names = Object.keys(exports)
    const found = names.length === 0 ? 'it exports nothing' : `it exports ${names.join(', ')}`
    throw new ConfigError(
      file,
      '',
      `expected "export default defineConfig({...})" or "export default defineRun({...})"; ${found}`,
    )
  }
  return { value: exports['default'], file, folder: dirname(path), at: () => file }
}

/** The value of `--set name=value`, as YAML has it: 3e-4 is a number, true a truth value, [1, 2] a list. */
export function scalar(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return text
  }
}
