/** No operator without tests: a new row of native/ops.def or a new public function fails here until it has an OpSpec. */
import { existsSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { OP } from '#lib/generated/ops.js'
import * as ops from '#lib/ops/index.js'
import { SPECS } from './specs.js'

const all = Object.values(SPECS).flat()

/** Public, and no operators, or tested elsewhere: `tensor` by everything, sequences by packedSequence.test.ts, the others by distributions.test.ts. */
const WITHOUT_SPEC = ['tensor', 'Generator', 'PackedSequence', 'manualSeed', 'rand', 'randn', 'randnLike']

test('every row of native/ops.def is claimed by an OpSpec', () => {
  const claimed = new Set<string>(all.flatMap((spec) => spec.ops))
  expect(Object.keys(OP).filter((name) => !claimed.has(name))).toEqual([])
})

test('every public function has an OpSpec', () => {
  const named = new Set(all.flatMap((spec) => spec.name.split(/[ ,]+/)))
  const functions = Object.entries(ops).filter(([, value]) => typeof value === 'function')
  expect(functions.map(([name]) => name).filter((name) => !named.has(name) && !WITHOUT_SPEC.includes(name))).toEqual([])
  // Some are the functions of the same name outside the namespace.
  const inside = functions
    .filter(([name, f]) => (ops.linalg as Record<string, unknown>)[name] === f)
    .map(([name]) => name)
  const own = Object.keys(ops.linalg).filter((name) => !inside.includes(name))
  expect(own.filter((name) => !named.has(`linalg.${name}`))).toEqual([])
})

test('names are unique within a family, and every family has its test file', () => {
  const here = new URL('.', import.meta.url)
  const files = readdirSync(here).filter((name) => name.endsWith('.spec.ts'))
  expect(files.map((name) => name.slice(0, -'.spec.ts'.length)).sort()).toEqual(Object.keys(SPECS).sort())
  for (const [family, specs] of Object.entries(SPECS)) {
    expect(existsSync(new URL(`${family}.test.ts`, here))).toBe(true)
    const names = specs.map((spec) => spec.name)
    expect(names.filter((name, i) => names.indexOf(name) !== i && name !== 'cast to f64')).toEqual([])
  }
})

test('an operator with a gradient names its kinks where its samples avoid them', () => {
  for (const spec of all) if (spec.gradient?.kinks !== undefined) expect(spec.gradient.kinks.length).toBeGreaterThan(0)
})
