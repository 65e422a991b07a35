/** scripts/cuda-coverage.mjs: how the lines of many processes are merged, and what is said of a kernel. */
import { expect, test } from 'vitest'
// @ts-expect-error a script without types
import { judge, merge, ranges } from '../../scripts/cuda-coverage.mjs'

const begins = (kernel: string, at: number[]) => JSON.stringify({ kernel, files: ['', 'a.cuh', 'b.cu'], at })
const reached = (kernel: string, instructions: number[]) => JSON.stringify({ kernel, reached: instructions })

test('what any process reached is reached', () => {
  const at = [0, 0, 1, 7, 1, 8, 1, 9, 2, 4]
  const merged = merge([
    [begins('add', at), reached('add', [0, 1]), reached('add', [4])].join('\n'),
    [begins('mul', [2, 1]), reached('mul', [0]), begins('add', at), reached('add', [1]), '{"kernel":"add","rea'].join(
      '\n',
    ),
    // Another module's kernel of the same name.
    [begins('add', [2, 1, 2, 2]), reached('add', [0, 1])].join('\n'),
  ])
  expect(Object.keys(merged).sort()).toEqual(['add', 'mul'])
  expect(merged.add.reached).toEqual([true, true, false, false, true])
  // The first instruction is of no line.
  expect(judge(merged.add)).toEqual({ executed: 2, instructions: 4, missed: { 'a.cuh': [8, 9] } })
  expect(judge(merged.mul)).toEqual({ executed: 1, instructions: 1, missed: {} })
})

test('lines are told as ranges', () => {
  expect(ranges([3, 4, 5, 9, 11, 12])).toBe('3-5 9 11-12')
})
