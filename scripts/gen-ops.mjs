// Generates lib/generated/ops.ts from native/ops.def, so that opcodes stand in one place only. Place in the
// whole: runs before tsc and before tests (scripts/build.mjs); CMakeLists.txt computes the same hash for the
// addon, and lib/native/load.ts refuses to pair a library with an addon whose hash differs.
//
//   node scripts/gen-ops.mjs            writes the file when its content changes
//   import { generateOps } from ...     the same, returns true when it wrote

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const source = join(root, 'native/ops.def')
const target = join(root, 'lib/generated/ops.ts')

const FIRST_OPERATOR = 16
const FIRST_CUSTOM = 4096

/** Parses the OP(name, code, group, mutates, contiguous) lines; throws on a malformed or repeated one. */
export function parseOps(text) {
  const ops = []
  const seen = new Map()
  for (const [index, line] of text.split('\n').entries()) {
    if (!line.startsWith('OP(')) continue
    const where = `native/ops.def:${index + 1}`
    const match = /^OP\(\s*(\w+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*([01])\s*\)/.exec(line)
    if (!match) throw new Error(`${where}: expected OP(name, code, group, mutates, contiguous), found: ${line}`)
    const [, name] = match
    const [code, group, mutates, contiguous] = match.slice(2).map(Number)
    if (code < FIRST_OPERATOR || code >= FIRST_CUSTOM) {
      throw new Error(`${where}: ${name} has code ${code}, expected ${FIRST_OPERATOR} to ${FIRST_CUSTOM - 1}`)
    }
    for (const key of [name, code]) {
      if (seen.has(key)) throw new Error(`${where}: ${key} is taken by ${seen.get(key)}`)
      seen.set(key, where)
    }
    ops.push({ name, code, group, mutates, contiguous })
  }
  if (ops.length === 0) throw new Error('native/ops.def: no OP(...) line found')
  return ops
}

/** The text of lib/generated/ops.ts for the text of native/ops.def. */
export function renderOps(text) {
  const ops = parseOps(text)
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8)
  return `// Generated from native/ops.def by scripts/gen-ops.mjs; not committed, do not edit.

/** First 8 hex digits of the SHA-256 of native/ops.def; the addon carries the same. */
export const OPS_HASH = '${hash}'

/** Opcodes by operator name. */
export const OP = {
${ops.map((op) => `  ${op.name}: ${op.code},`).join('\n')}
} as const

export type OpName = keyof typeof OP

/** Operator names by opcode (a sparse array: most codes are unused). */
export const OP_NAMES: readonly (OpName | undefined)[] = []
const names = OP_NAMES as (OpName | undefined)[]
for (const name of Object.keys(OP) as OpName[]) names[OP[name]] = name
`
}

/** Writes lib/generated/ops.ts if its content changed (an unchanged file keeps tsc incremental). */
export function generateOps() {
  const rendered = renderOps(readFileSync(source, 'utf8'))
  let present = ''
  try {
    present = readFileSync(target, 'utf8')
  } catch {
    mkdirSync(dirname(target), { recursive: true })
  }
  if (present === rendered) return false
  writeFileSync(target, rendered)
  return true
}

if (process.argv[1] === fileURLToPath(import.meta.url)) generateOps()
