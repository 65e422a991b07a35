/** Indexing: its OpSpecs, and what PyTorch (for negative steps NumPy) gives for a table of indices. */
import { describe, expect, test } from 'vitest'
import { arange, type Index, noGrad, scope, type Tensor, tensor } from '#lib/index.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './at.spec.js'

testOps(specs)

const index = (i: number): Tensor<'i64'> => tensor([i], { dtype: 'i64', shape: [] }) as Tensor<'i64'>
const SHAPE = [3, 4, 5]
const positions = (): Tensor => arange(60).reshape(SHAPE) as Tensor

/** Indices, shape, and elements of 0 .. 59 as (3, 4, 5): also the positions that an assignment writes. */
const TABLE: () => readonly (readonly [Index[], number[], number[]])[] = () => [
  [[0], [4, 5], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]],
  [[-1, 2], [5], [50, 51, 52, 53, 54]],
  [[1, 2, 3], [], [33]],
  [
    ['...', 1],
    [3, 4],
    [1, 6, 11, 16, 21, 26, 31, 36, 41, 46, 51, 56],
  ],
  [
    ['1:'],
    [2, 4, 5],
    [
      20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
      48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59,
    ],
  ],
  [
    [':', '-3:-1'],
    [3, 2, 5],
    [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54],
  ],
  [
    ['::2', 2],
    [2, 5],
    [10, 11, 12, 13, 14, 50, 51, 52, 53, 54],
  ],
  [['9:'], [0, 4, 5], []],
  [['2:1'], [0, 4, 5], []],
  [
    [null, 1],
    [1, 4, 5],
    [20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39],
  ],
  [
    [1, null, '...', null],
    [1, 4, 5, 1],
    [20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39],
  ],
  [
    ['...', null, '0:2', 0],
    [3, 1, 2],
    [0, 5, 20, 25, 40, 45],
  ],
  [
    [[0, 2]],
    [2, 4, 5],
    [
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50,
      51, 52, 53, 54, 55, 56, 57, 58, 59,
    ],
  ],
  [
    [
      [-1, 0],
      [1, -2],
    ],
    [2, 5],
    [45, 46, 47, 48, 49, 10, 11, 12, 13, 14],
  ],
  [
    [':', [0, 3]],
    [3, 2, 5],
    [0, 1, 2, 3, 4, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 55, 56, 57, 58, 59],
  ],
  [
    [[0, 2], ':', [1, 4]],
    [2, 4],
    [1, 6, 11, 16, 44, 49, 54, 59],
  ],
  [
    [0, ':', [1, 2]],
    [4, 2],
    [1, 2, 6, 7, 11, 12, 16, 17],
  ],
  [
    [':', [0, 1], null, [1, 2]],
    [2, 3, 1],
    [1, 21, 41, 7, 27, 47],
  ],
  [
    [[0, 1], null, ':', [1, 2]],
    [2, 1, 4],
    [1, 6, 11, 16, 22, 27, 32, 37],
  ],
  [
    [
      [
        [0, 1],
        [2, 0],
      ],
    ],
    [2, 2, 4, 5],
    [
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
      31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58,
      59, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
    ],
  ],
  [
    [':', [[0], [2]], [1, 3]],
    [3, 2, 2],
    [1, 3, 11, 13, 21, 23, 31, 33, 41, 43, 51, 53],
  ],
  [
    [':', '1:3', [0, -1]],
    [3, 2, 2],
    [5, 9, 10, 14, 25, 29, 30, 34, 45, 49, 50, 54],
  ],
  [[[]], [0, 4, 5], []],
  [[index(1)], [4, 5], [20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39]],
  [
    [index(-1), ':', [1, 2]],
    [4, 2],
    [41, 42, 46, 47, 51, 52, 56, 57],
  ],
  [
    [null, [0, 1], ':', 1],
    [1, 2, 4],
    [1, 6, 11, 16, 21, 26, 31, 36],
  ],
  [
    [[true, false, true]],
    [2, 4, 5],
    [
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50,
      51, 52, 53, 54, 55, 56, 57, 58, 59,
    ],
  ],
  [
    [':', [true, false, false, true]],
    [3, 2, 5],
    [0, 1, 2, 3, 4, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 55, 56, 57, 58, 59],
  ],
  [
    [[true, false, true], ':', [0, 1]],
    [2, 4],
    [0, 5, 10, 15, 41, 46, 51, 56],
  ],
  [
    [
      [
        [true, false, false, true],
        [false, false, false, false],
        [false, true, false, false],
      ],
    ],
    [3, 5],
    [0, 1, 2, 3, 4, 15, 16, 17, 18, 19, 45, 46, 47, 48, 49],
  ],
  [
    [
      [
        [true, false, false, true],
        [false, false, false, false],
        [false, true, false, false],
      ],
      [1, 2, 3],
    ],
    [3],
    [1, 17, 48],
  ],
  [
    [true],
    [1, 3, 4, 5],
    [
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
      31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58,
      59,
    ],
  ],
  [[false, 1], [0, 4, 5], []],
  [
    [':', true, [0, 1]],
    [3, 2, 5],
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49],
  ],
  [
    ['::-1'],
    [3, 4, 5],
    [
      40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 20, 21, 22, 23, 24, 25, 26, 27,
      28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
      19,
    ],
  ],
  [
    [':', ':0:-2'],
    [3, 2, 5],
    [15, 16, 17, 18, 19, 5, 6, 7, 8, 9, 35, 36, 37, 38, 39, 25, 26, 27, 28, 29, 55, 56, 57, 58, 59, 45, 46, 47, 48, 49],
  ],
  [
    [2, ':', '3::-2'],
    [4, 2],
    [43, 41, 48, 46, 53, 51, 58, 56],
  ],
  [
    ['::-1', [0, 2]],
    [3, 2, 5],
    [40, 41, 42, 43, 44, 50, 51, 52, 53, 54, 20, 21, 22, 23, 24, 30, 31, 32, 33, 34, 0, 1, 2, 3, 4, 10, 11, 12, 13, 14],
  ],
  [['1:9:-1', 0], [0, 5], []],
  [[0, '-9::-1'], [0, 5], []],
]

describe('indices of every kind', () => {
  const numbers = (t: Tensor): number[] => Array.from(t.dataSync() as ArrayLike<number | bigint>, Number)

  test('at', () => {
    scope(() => {
      for (const [indices, shape, values] of TABLE()) {
        const y = positions().atSync(...indices)
        expect({ indices, shape: y.shape, values: numbers(y) }).toEqual({ indices, shape, values })
      }
    })
  })

  test('withAt and setAt_, of a contiguous tensor and of a view', () => {
    scope(() => {
      for (const [indices, shape, places] of TABLE()) {
        const value = arange(100, 100 + places.length).reshape(shape)
        const expected = Array.from({ length: 60 }, (_, i) => i)
        places.forEach((at, i) => {
          expected[at] = 100 + i
        })
        const view = arange(60).reshape([3, 4, 5]).permute([2, 0, 1]).contiguous().permute([1, 2, 0])
        for (const x of [positions(), view]) {
          expect({ indices, values: numbers(x.withAt(indices, value)) }).toEqual({ indices, values: expected })
          x.setAt_(indices, value)
          expect({ indices, values: numbers(x) }).toEqual({ indices, values: expected })
        }
        const filled = expected.map((v) => (v >= 100 ? -1 : v))
        const x = positions()
        expect({ indices, values: numbers(x.withAt(indices, -1)) }).toEqual({ indices, values: filled })
        expect({ indices, values: numbers(x.setAt_(indices, -1)) }).toEqual({ indices, values: filled })
      }
    })
  })

  test('an index out of range is an error where nothing is picked, too', async () => {
    const y = positions().withAt([[7], { start: 3, end: 1 }], tensor(1) as Tensor)
    await expect(y.data()).rejects.toThrow('out of range')
  })

  test('a mask gives a promise, in place it needs none', async () => {
    const x = positions()
    const mask = x.remainder(7).eq(0) as Tensor<'bool'>
    const chosen = x.at(mask)
    expect(chosen).toBeInstanceOf(Promise)
    expect(numbers(await chosen)).toEqual([0, 7, 14, 21, 28, 35, 42, 49, 56])
    const rows = tensor([true, false, true]) as Tensor<'bool'>
    expect((await x.at(rows, [0, 1])).shape).toEqual([2, 5])
    expect((await x.at(':', tensor([true, false, false, true]) as Tensor, '::-1')).shape).toEqual([3, 2, 5])
    await expect(x.at(tensor([true, false]) as Tensor)).rejects.toThrow(
      'at: a mask of (2) over dimensions of sizes (3)',
    )
    noGrad(() => {
      x.setAt_([mask], 0)
      x.setAt_([rows, 1], tensor([[1], [2]], { dtype: 'i64' }))
    })
    expect(numbers(x.at(0))).toEqual([0, 1, 2, 3, 4, 1, 1, 1, 1, 1, 10, 11, 12, 13, 0, 15, 16, 17, 18, 19])
    expect(numbers(x.at(2, 1))).toEqual([2, 2, 2, 2, 2])
  })

  test('views share memory, and no rule waits', () => {
    const x = positions()
    x.at(1, '::2').fill_(-5)
    expect(numbers(x.at(1, ':', 0))).toEqual([-5, 25, -5, 35])
  })
})
