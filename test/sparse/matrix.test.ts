/** Making sparse matrices: what is kept, what is refused, what comes back. */
import { describe, expect, test } from 'vitest'
import { engine, randn, ShapeError, scope, type Tensor, tensor, ValueError, zeros } from '#lib/index.js'
import { SPARSE_FORMATS, SparseMatrix } from '#lib/sparse/index.js'
import { largestOf } from '#lib/sparse/select.js'
import { numbers } from '../helpers/compare.js'

const matrix = (rows: readonly (readonly number[])[]): Tensor => tensor(rows as number[][]) as Tensor
const dense = (s: SparseMatrix): number[] => Array.from(numbers(s.toDense()))
const sum = (xs: Iterable<number>): number => [...xs].reduce((a, b) => a + b, 0)

describe('what is kept', () => {
  test('CSR keeps what is not 0, NaN too', async () => {
    const x = matrix([
      [0, 2, 0],
      [0, 0, 0],
      [Number.NaN, 0, -3],
    ])
    const s = await SparseMatrix.from(x)
    expect([s.nnz, s.density, s.format, s.dtype, ...s.shape]).toEqual([3, 3 / 9, 'csr', 'f32', 3, 3])
    expect(Array.from(numbers(s.values))).toEqual([2, Number.NaN, -3])
    expect(dense(s)).toEqual(Array.from(numbers(x)))
    expect(Array.from(numbers(s.T.toDense()))).toEqual(Array.from(numbers(x.transpose(0, 1))))
    expect(s.T.shape).toEqual([3, 3])
    expect(s.nbytes).toBe(3 * 4 + 4 * 4 + 3 * 4)
  })

  test('blocks are kept whole, as far as the matrix goes', () => {
    for (const format of ['bsr1x16', 'bsr16x1', 'bsr4x4'] as const) {
      scope(() => {
        const x = zeros([18, 19])
        const spot = tensor(
          Float32Array.from({ length: 18 * 19 }, (_, i) => (i === 17 * 19 + 18 ? 5 : 0)),
          {
            shape: [18, 19],
          },
        )
        const s = SparseMatrix.fromSync(x.add(spot) as Tensor, { format })
        expect(s.nnz).toBe({ bsr1x16: 3, bsr16x1: 2, bsr4x4: 6 }[format])
        expect(s.values.numel).toBe(16)
        expect(dense(s)).toEqual(Array.from(numbers(spot as Tensor)))
      })
    }
  })

  test('a threshold is on magnitudes, of blocks on their means', () => {
    scope(() => {
      const x = matrix([[0.5, -2, 1, 0, 3, -0.9, 1, -1]])
      expect(dense(SparseMatrix.fromSync(x, { threshold: 1 }))).toEqual([0, -2, 1, 0, 3, 0, 1, -1])
      const blocks = SparseMatrix.fromSync(x, { format: 'bsr4x4', threshold: 1 })
      expect(dense(blocks)).toEqual([0, 0, 0, 0, 3, expect.closeTo(-0.9), 1, -1])
    })
  })

  test('a density keeps that share, of equal ones the first', () => {
    scope(() => {
      const x = matrix([[1, -1, 2, 1]])
      expect(dense(SparseMatrix.fromSync(x, { density: 0.75 }))).toEqual([1, -1, 2, 0])
      expect(SparseMatrix.fromSync(x, { density: 0 }).nnz).toBe(0)
      const large = SparseMatrix.fromSync(randn([64, 96]) as Tensor, { density: 0.1, format: 'bsr1x16' })
      expect(large.values.shape).toEqual([38, 1, 16])
    })
  })

  test('the k largest are those of a sort', () => {
    const scores = Float32Array.from({ length: 1000 }, (_, i) => Math.abs(Math.sin(i * i)) * 2 ** ((i % 40) - 20))
    for (const k of [0, 1, 7, 500, 1000]) {
      const order = Array.from(scores.keys()).sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b)
      const expected = new Uint8Array(1000)
      for (const i of order.slice(0, k)) expected[i] = 1
      expect(largestOf(scores, k)).toEqual(expected)
    }
  })

  test('2:4 keeps the two largest of every four, of a shorter last group as many as it has', () => {
    scope(() => {
      const x = matrix([
        [1, -4, 3, 2, 0, 0, 0, 0, 7],
        [Number.NaN, 1, 2, 3, -1, -1, -1, -1, -2],
      ])
      const s = SparseMatrix.fromSync(x, { format: '2:4' })
      expect(dense(s)).toEqual([0, -4, 3, 0, 0, 0, 0, 0, 7, Number.NaN, 0, 0, 3, -1, -1, 0, 0, -2])
      expect(s.nnz).toBe(10)
      expect(s.values.shape).toEqual([2, 6])
      expect(s.nbytes).toBe(12 * 4 + 2 * 4)
    })
  })

  test('a mask says what is kept, zeros too', () => {
    scope(() => {
      const x = matrix([[1, 0, 3, 4, 5]])
      expect(SparseMatrix.fromSync(x, { mask: matrix([[1, 1, 0, 0, 1]]) }).nnz).toBe(3)
      const s = SparseMatrix.fromSync(x, { format: '2:4', mask: matrix([[1, 1, 0, 0, 1]]).to('bool') as Tensor })
      expect(dense(s)).toEqual([1, 0, 0, 0, 5])
      const blocks = { format: 'bsr4x4', mask: matrix([[1, 1, 1, 1, 0]]) } as const
      expect(dense(SparseMatrix.fromSync(x, blocks))).toEqual([1, 0, 3, 4, 0])
    })
  })

  test('every format and dtype gives its elements back', () => {
    for (const format of SPARSE_FORMATS)
      for (const dtype of ['f32', 'f64', 'bf16', 'f16'] as const) {
        scope(() => {
          const x = randn([21, 35], { dtype })
          const s = SparseMatrix.fromSync(x, format === '2:4' ? { format } : { format, density: 0.4 })
          const [found, truth] = [dense(s), numbers(x)]
          expect(s.dtype).toBe(dtype)
          expect(sum(found.map((v, i) => (v === 0 || v === truth[i] ? 0 : 1)))).toBe(0)
          expect(sum(found.map((v) => (v === 0 ? 0 : 1)))).toBe(s.nnz)
        })
      }
  })

  test('i8 rounds each row to 255 steps of its largest magnitude', () => {
    scope(() => {
      const x = matrix([
        [0, 12.7, -6.35, 0.26],
        [0, 0, 0, 0],
      ])
      const s = SparseMatrix.fromSync(x, { dtype: 'i8' })
      expect(s.dtype).toBe('i8')
      expect(Array.from(numbers(s.values))).toEqual([127, -63, 3])
      expect(numbers(s.scales as Tensor)[0]).toBeCloseTo(0.1)
      expect(dense(s)[3]).toBeCloseTo(0.3)
    })
  })
})

describe('what is refused', () => {
  const x = (): Tensor => zeros([2, 8])
  const fails = (f: () => unknown, type: new (message: string) => Error, message: string): void => {
    scope(() => {
      expect(f).toThrow(type)
      expect(f).toThrow(message)
    })
  }
  const mask = (...on: number[]): Tensor =>
    tensor(
      Float32Array.from({ length: 16 }, (_, i) => (on.includes(i) ? 1 : 0)),
      { shape: [2, 8] },
    ) as Tensor

  test('a mask that is not two of every four names the first place', () => {
    fails(
      () => SparseMatrix.fromSync(x(), { format: '2:4', mask: mask(0, 1, 4, 5, 6, 8, 9, 12, 13) }),
      ValueError,
      "SparseMatrix.from: the mask keeps 3 of row 0, columns 4 to 7; '2:4' keeps 2 of them",
    )
  })

  test('a mask that cuts a block names the first place', () => {
    fails(
      () => SparseMatrix.fromSync(x(), { format: 'bsr4x4', mask: mask(0, 1, 2, 3, 8, 9, 11) }),
      ValueError,
      'SparseMatrix.from: the mask is false at (1, 2) and true elsewhere in its block of 4 x 4; whole blocks are kept',
    )
  })

  test('options that exclude one another, or are none', () => {
    const exclude = 'SparseMatrix.from: mask, threshold and density exclude one another'
    fails(() => SparseMatrix.fromSync(x(), { threshold: 1, density: 0.5 }), ValueError, exclude)
    fails(() => SparseMatrix.fromSync(x(), { density: 1.5 }), ValueError, 'density 1.5 is not between 0 and 1')
    fails(
      () => SparseMatrix.fromSync(x(), { format: '2:4', density: 0.5 }),
      ValueError,
      "'2:4' keeps two of every four",
    )
    fails(() => SparseMatrix.fromSync(x(), { format: 'coo' as 'csr' }), ValueError, "format 'coo' is not one of csr,")
    fails(() => SparseMatrix.fromSync(zeros([4])), ShapeError, 'takes a matrix, not (4)')
    fails(() => SparseMatrix.fromSync(x(), { mask: zeros([8, 2]) }), ShapeError, 'a mask (8, 2) for a matrix (2, 8)')
    fails(() => SparseMatrix.fromSync(zeros([2, 2], { dtype: 'i32' })), Error, 'takes a floating-point matrix, not i32')
  })

  test('parts that do not fit', () => {
    const csr = (pointers: number[], columns: number[]) => (): unknown =>
      SparseMatrix.fromParts({ format: 'csr', shape: [2, 4], pointers, columns, values: zeros([columns.length]) })
    fails(csr([0, 1], [0]), ValueError, 'csr of (2, 4) takes 3 pointers from 0 to the 1 columns; got 2, from 0 to 1')
    fails(
      csr([0, 2, 3], [1, 1, 0]),
      ValueError,
      'column 1 at 1, in row 0: columns ascend within a row and are less than 4',
    )
    fails(csr([0, 1, 2], [0, 4]), ValueError, 'column 4 at 1, in row 1')
    fails(csr([0, 2, 1], [0]), ValueError, 'SparseMatrix: ')
    fails(
      () => SparseMatrix.fromParts({ format: '2:4', shape: [1, 4], columns: [0b0101], values: zeros([1, 2]) }),
      ValueError,
      'positions 1 and 1 in group 0 of row 0: two different ones, ascending',
    )
    fails(
      () => SparseMatrix.fromParts({ format: '2:4', shape: [1, 4], columns: [0b1101], values: zeros([2]) }),
      ShapeError,
      'values (2); this pattern takes (1, 2)',
    )
  })

  test('i8 values without scales, scales without i8 values', () => {
    const parts = { format: 'csr', shape: [1, 2], pointers: [0, 1], columns: [1] } as const
    const i8 = (): unknown => SparseMatrix.fromParts({ ...parts, values: zeros([1], { dtype: 'i8' }) })
    fails(i8, ValueError, 'i8 values take scales, f32 (1), one a row')
    const f32 = (): unknown => SparseMatrix.fromParts({ ...parts, values: zeros([1]), scales: zeros([1]) })
    fails(f32, ValueError, 'scales are for i8 values, not for f32')
  })
})

test('a scope keeps a matrix that it returns; dispose frees it', () => {
  const before = engine.memory().tensors
  const s = scope(() => SparseMatrix.fromSync(randn([8, 8]) as Tensor, { density: 0.5, dtype: 'i8' }))
  expect(dense(s).length).toBe(64)
  expect(s.values.isDisposed).toBe(false)
  s.dispose()
  expect([s.values.isDisposed, s.scales?.isDisposed]).toEqual([true, true])
  expect(engine.memory().tensors).toBeGreaterThanOrEqual(before)
  expect(String(s)).toBe('SparseMatrix(csr i8 (8, 8), 32 elements, density 0.500)')
})

test('parts of another library make the same matrix', () => {
  scope(() => {
    const s = SparseMatrix.fromParts({
      format: 'csr',
      shape: [3, 4],
      pointers: [0, 2, 2, 3],
      columns: [0, 3, 1],
      values: tensor([1, 2, 3]) as Tensor,
    })
    expect(dense(s)).toEqual([1, 0, 0, 2, 0, 0, 0, 0, 0, 3, 0, 0])
  })
})
