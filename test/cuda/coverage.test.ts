/** scripts/cuda-coverage.mjs: how the lines of many processes are merged, and what is said of a kernel. */
import { expect, test } from 'vitest'
// @ts-expect-error a script without types
import { judge, merge, ranges } from '../../scripts/cuda-coverage.mjs'

const begins = (kernel: string, at: number[]) => JSON.stringify({ kernel, files: ['', 'a.cuh', 'b.cu'], at })
const reached = (kernel: string, instructions: number, those: number[]) =>
  JSON.stringify({ kernel, instructions, reached: those })

test('what any process reached is reached', () => {
  const at = [0, 0, 1, 7, 1, 8, 1, 9, 2, 4]
  const merged = merge([
    [begins('add', at), reached('add', 5, [0, 1]), reached('add', 5, [4])].join('\n'),
    [begins('mul', [2, 1]), reached('mul', 1, [0]), begins('add', at), reached('add', 5, [1]), '{"kernel":"a'].join(
      '\n',
    ),
    // The same without lines, before and after.
    [begins('neg', [0, 0, 0, 0]), reached('neg', 2, [0])].join('\n'),
    [begins('neg', [0, 0, 2, 6]), begins('neg', [0, 0, 0, 0]), reached('neg', 2, [1])].join('\n'),
    // Another image's kernel of the same name.
    [begins('add', at), begins('add', [2, 1, 2, 2]), reached('add', 2, [0]), reached('add', 5, [4])].join('\n'),
  ]) as { kernel: string; reached: boolean[] }[]
  expect(merged.map((it) => [it.kernel, it.reached])).toEqual([
    ['add', [true, true, false, false, true]],
    ['mul', [true]],
    ['neg', [true, true]],
    ['add', [true, false]],
  ])
  expect(merged.map(judge)).toEqual([
    // The first instruction is of no line.
    { executed: 2, instructions: 4, missed: { 'a.cuh': [8, 9] } },
    { executed: 1, instructions: 1, missed: {} },
    { executed: 1, instructions: 1, missed: {} },
    { executed: 1, instructions: 2, missed: { 'b.cu': [2] } },
  ])
})

test('lines are told as ranges', () => {
  expect(ranges([3, 4, 5, 9, 11, 12])).toBe('3-5 9 11-12')
})
