/** All OpSpecs. Place in the whole: what the tests about the tests, and the promotion test, go through. */
import { readdirSync } from 'node:fs'
import type { OpSpec } from '../opspec/spec.js'

const SUFFIX = '.spec.ts'
const here = new URL('.', import.meta.url)
const families: [string, readonly OpSpec[]][] = []
for (const file of readdirSync(here)
  .filter((name) => name.endsWith(SUFFIX))
  .sort()) {
  const { specs } = (await import(new URL(file, here).href)) as { specs: readonly OpSpec[] }
  families.push([file.slice(0, -SUFFIX.length), specs])
}

/** By family: the names of test/ops/<family>.spec.ts. */
export const SPECS: Readonly<Record<string, readonly OpSpec[]>> = Object.fromEntries(families)
