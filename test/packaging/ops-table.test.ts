// The generator of lib/generated/ops.ts. Place in the whole: scripts/gen-ops.mjs; a mistyped line of native/ops.def is
// named by its line number.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { OP, OP_NAMES, OPS_HASH } from '#lib/generated/ops.js'
import { checkout } from './workplace.js'

const { parseOps } = await import(pathToFileURL(join(checkout, 'scripts/gen-ops.mjs')).href)
const table = readFileSync(join(checkout, 'native/ops.def'), 'utf8')

describe('operator table', () => {
  test('the generated file holds every line of native/ops.def and its hash', () => {
    const lines = table.split('\n').filter((line) => line.startsWith('OP('))
    expect(Object.keys(OP)).toHaveLength(lines.length)
    for (const [name, code] of Object.entries(OP)) expect(OP_NAMES[code]).toBe(name)
    expect(OPS_HASH).toBe(createHash('sha256').update(table).digest('hex').slice(0, 8))
  })

  test.each([
    ['a missing field', 'OP(relu, 55, 0, 0)', /ops\.def:1: expected OP\(name, code/],
    ['a code of the engine commands', 'OP(relu, 3, 0, 0, 0)', /ops\.def:1: relu has code 3, expected 16 to 4095/],
    ['a repeated code', 'OP(a, 55, 0, 0, 0)\nOP(b, 55, 0, 0, 0)', /ops\.def:2: 55 is taken by native\/ops\.def:1/],
    ['a repeated name', 'OP(a, 55, 0, 0, 0)\nOP(a, 56, 0, 0, 0)', /ops\.def:2: a is taken/],
    ['nothing', '', /no OP/],
  ])('refuses %s', (_, text, message) => {
    expect(() => parseOps(text)).toThrow(message)
  })
})
