/** scripts/cuda-mutate.mjs: which edits it makes of a line, where, and in which order. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
// @ts-expect-error a script without types
import { codeOf, drawn, editsOf, linesOf } from '../../scripts/cuda-mutate.mjs'

const made = (line: string) => (editsOf(line) as { kind: string; text: string }[]).map((it) => [it.kind, it.text])

test.each([
  ['  a = b + c;', [['sign', '  a = b - c;']]],
  ['  a -= b;  // a + b', [['sign', '  a += b;  // a + b']]],
  ['  while (a <= b) c();', [['comparison', '  while (a < b) c();']]],
  [
    '  if (a && f(b)) c();',
    [
      ['logic', '  if (a || f(b)) c();'],
      ['guard', '  if (true) c();'],
    ],
  ],
  [
    '  x = a == 31;',
    [
      ['equality', '  x = a != 31;'],
      ['constant', '  x = a == 32;'],
    ],
  ],
  [
    '  x = fmaxf(a, min(b, c));',
    [
      ['minimum', '  x = fminf(a, min(b, c));'],
      ['minimum', '  x = fmaxf(a, max(b, c));'],
    ],
  ],
  ['  __syncthreads();', [['synchronization', '  ;']]],
  [
    '    cp_async_wait<1>();',
    [
      ['constant', '    cp_async_wait<2>();'],
      ['synchronization', '    ;'],
    ],
  ],
  ['  p[row];', [['variable', '  p[column];']]],
  ['  x = a % b;', [['division', '  x = a / b;']]],
  ['template <int N = 4>', []],
  ['#pragma unroll 4', []],
])('edits of %j', (line, edits) => {
  expect(made(line)).toEqual(edits)
})

test('lines of a folder that PTX has code of', () => {
  const ptx =
    '.loc 1 5 3\n\t.loc\t1 9 0, function_name $L__info_string0, inlined_at 2 7 1\n.loc 2 7 1\n.file\t1 "/r/a/x.cu"\n.file 2 "/o/y.h"'
  expect(linesOf(ptx, 'r/a')).toEqual({ 'r/a/x.cu': new Set([5, 9]) })
})

test('lines of source are no code', () => {
  const one = '.version 9.0\n\n\t.loc 1 5 3\n\tret;\n\t.file 1 "a"\n\t.section .debug_str\n{\n.b8 1\n}\n'
  expect(codeOf(one)).toBe('\tret;')
})

test('kinds take turns, in the order of the seed', () => {
  const edits = [...Array(6).keys()].map((i) => ({ kind: i < 5 ? 'a' : 'b', i }))
  const order = (seed: number) => drawn(edits, seed) as { kind: string; i: number }[]
  expect(order(1).map((it) => it.kind)).toEqual(['a', 'b', 'a', 'a', 'a', 'a'])
  expect(order(1)).toEqual(order(1))
  expect(order(1)).not.toEqual(order(2))
})

test('edits that are listed as equivalent are of lines that are there', () => {
  const root = new URL('../../', import.meta.url)
  const list = JSON.parse(readFileSync(new URL('scripts/cuda-mutate.equivalent.json', root), 'utf8')) as {
    path: string
    from: string
    to: string
    why: string
  }[]
  for (const { path, from, to, why } of list) {
    const lines = readFileSync(new URL(path, root), 'utf8').split('\n')
    const line = lines.find((it) => it.trim() === from)
    expect(line, `${path}: ${from}`).toBeDefined()
    expect(made(line as string).map(([, text]) => text?.trim())).toContain(to)
    expect(why).not.toBe('')
  }
})
