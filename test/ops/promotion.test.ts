/** Dtypes of mixed operands against NumPy's and PyTorch's lattice, written out; values against the promoted operands. */
import { describe, expect, test } from 'vitest'
import {
  add,
  addcdiv,
  addcmul,
  broadcastShapes,
  canCast,
  cast,
  clamp,
  concat,
  div,
  lerp,
  lt,
  maskedFill,
  matmul,
  maximum,
  mul,
  noGrad,
  pow,
  promoteTypes,
  remainder,
  resultType,
  scope,
  sub,
  type Tensor,
  tensor,
  where,
} from '#lib/index.js'
import { DTYPES, type DType } from '#lib/tensor/dtype.js'
import { expectSameBits } from '../helpers/compare.js'

const REALS: readonly DType[] = DTYPES.filter((d) => d !== 'c64' && d !== 'c128')

// Rows and columns in the order of REALS: f32 f64 bf16 f16 i32 i64 u8 i8 bool. Where PyTorch gives i16 (u8 with i8), which
// Sinter lacks, it is i32.
const TABLE: Record<string, string> = {
  f32: 'f32 f64 f32 f32 f32 f32 f32 f32 f32',
  f64: 'f64 f64 f64 f64 f64 f64 f64 f64 f64',
  bf16: 'f32 f64 bf16 f32 bf16 bf16 bf16 bf16 bf16',
  f16: 'f32 f64 f32 f16 f16 f16 f16 f16 f16',
  i32: 'f32 f64 bf16 f16 i32 i64 i32 i32 i32',
  i64: 'f32 f64 bf16 f16 i64 i64 i64 i64 i64',
  u8: 'f32 f64 bf16 f16 i32 i64 u8 i32 u8',
  i8: 'f32 f64 bf16 f16 i32 i64 i32 i8 i8',
  bool: 'f32 f64 bf16 f16 i32 i64 u8 i8 bool',
}
const promoted = (a: DType, b: DType): DType => (TABLE[a] as string).split(' ')[REALS.indexOf(b)] as DType

const make = (values: number[], dtype: DType): Tensor => tensor(values, { dtype }) as Tensor
const floating = (d: DType): DType => (['f32', 'f64', 'bf16', 'f16'].includes(d) ? d : 'f32')

describe('two tensors', () => {
  const table: Record<string, [(a: Tensor, b: Tensor) => Tensor, (d: DType) => DType, boolean]> = {
    add: [add, (d) => d, true],
    mul: [mul, (d) => d, true],
    maximum: [maximum, (d) => d, true],
    concat: [(a, b) => concat([a, b]), (d) => d, true],
    where: [(a, b) => where(tensor([true, false, true]), a, b), (d) => d, true],
    div: [div, floating, true],
    lt: [lt, () => 'bool', true],
    sub: [sub, (d) => d, false],
    pow: [pow, (d) => d, false],
    remainder: [remainder, (d) => d, false],
    matmul: [matmul, (d) => d, false],
    addcmul: [(a, b) => addcmul(a, b, b), (d) => d, false],
    clamp: [(a, b) => clamp(a, b, b), (d) => d, false],
    // PyTorch takes operands of one floating-point dtype (lerp), and refuses integers (addcdiv): here both promote, as div does.
    lerp: [(a, b) => lerp(a, b, 0.5), floating, true],
    'lerp by a tensor': [(a, b) => lerp(a, a, b), floating, true],
    addcdiv: [(a, b) => addcdiv(a, b, b), floating, true],
  }
  for (const [name, [f, result, takesBool]] of Object.entries(table)) {
    test(name, () => {
      for (const a of REALS) {
        for (const b of REALS) {
          const common = promoted(a, b)
          if (common === 'bool' && !takesBool) continue
          scope(() => {
            const [x, y] = [make([1, 0, 1], a), make([1, 1, 1], b)]
            const z = f(x, y)
            expect(z.dtype, `${name} of ${a} and ${b}`).toBe(result(common))
            expectSameBits(`${name} of ${a} and ${b}`, z, f(cast(x, common), cast(y, common)))
          })
        }
      }
    })
  }
})

test('a tensor and a number: the tensor decides, unless the number is of a higher kind', () => {
  scope(() => {
    for (const d of REALS) {
      const x = make([1, 0], d)
      expect(add(x, 2).dtype, d).toBe(d === 'bool' ? 'i64' : d)
      expect(add(2, x).dtype, d).toBe(d === 'bool' ? 'i64' : d)
      expect(mul(x, 0.5).dtype, d).toBe(floating(d))
      expect(x.clamp(0.5, 2).dtype, d).toBe(floating(d))
    }
  })
})

describe('numbers beside a tensor, as in PyTorch 2.13', () => {
  // Results of a whole number and of a fraction, in the order of REALS.
  const mask = (): Tensor => tensor([true, false]) as Tensor
  const table: Record<string, [(x: Tensor, v: number) => Tensor, string, string]> = {
    where: [
      (x, v) => where(mask(), x, v),
      'f32 f64 bf16 f16 i32 i64 u8 i8 i64',
      'f32 f64 bf16 f16 f32 f32 f32 f32 f32',
    ],
    clamp: [(x, v) => clamp(x, v), 'f32 f64 bf16 f16 i32 i64 u8 i8 i64', 'f32 f64 bf16 f16 f32 f32 f32 f32 f32'],
    maskedFill: [
      (x, v) => maskedFill(x, mask(), v),
      'f32 f64 bf16 f16 i32 i64 u8 i8 bool',
      'f32 f64 bf16 f16 i32 i64 u8 i8 bool',
    ],
  }
  for (const [name, [f, whole, fraction]] of Object.entries(table)) {
    test(name, () => {
      scope(() => {
        for (const [i, d] of REALS.entries()) {
          const x = make([1, 0], d)
          expect([f(x, 2).dtype, f(x, 0.5).dtype], `${name} of ${d}`).toEqual([
            whole.split(' ')[i],
            fraction.split(' ')[i],
          ])
        }
      })
    })
  }

  test('maskedFill converts to the dtype of the tensor, whatever the value is', () => {
    scope(() => {
      for (const d of DTYPES)
        for (const v of DTYPES) expect(maskedFill(make([1, 0], d), mask(), make([1], v).select(0, 0)).dtype).toBe(d)
      expect(maskedFill(make([1, 5], 'i32'), mask(), 2.75).toArraySync()).toEqual([2, 5])
      expect(maskedFill(make([1, 5], 'c64'), mask(), { re: 2, im: -1 }).toArraySync()).toEqual([
        { re: 2, im: -1 },
        { re: 5, im: 0 },
      ])
      expect(() => maskedFill(make([1, 0], 'f32'), mask(), { re: 0, im: 1 })).toThrow(
        /maskedFill: a complex number in a f32 tensor/,
      )
    })
  })

  test('values of addcmul and addcdiv, weights of lerp', () => {
    scope(() => {
      for (const d of REALS) {
        const x = make([1, 2], d)
        if (d !== 'bool') expect(addcmul(x, x, x, { value: 2 }).dtype, d).toBe(d)
        // Where PyTorch cuts the fraction off and keeps the integers, the result is f32, as with every number.
        if (d !== 'bool') expect(addcmul(x, x, x, { value: 0.5 }).dtype, d).toBe(floating(d))
        expect(addcdiv(x, x, x, { value: 2 }).dtype, d).toBe(floating(d))
        expect(lerp(x, x, 2).dtype, d).toBe(floating(d))
      }
    })
  })

  test('complex numbers make complex results, c128 beside f64', () => {
    scope(() => {
      const i = { re: 0, im: 1 }
      for (const d of DTYPES) {
        const wide = d === 'f64' || d === 'c128' ? 'c128' : 'c64'
        expect(where(mask(), make([1, 0], d), i).dtype, d).toBe(wide)
        for (const z of ['c64', 'c128'] as const) {
          const both = z === 'c128' ? 'c128' : wide
          const [x, y] = [make([1, 0], d), make([1, 1], z)]
          const results = [where(mask(), x, y), lerp(x, y, 0.5), lerp(x, x, y), addcmul(x, x, y), addcdiv(x, y, y)]
          expect(
            results.map((t) => t.dtype),
            `${d} and ${z}`,
          ).toEqual(results.map(() => both))
          expect(() => clamp(x, y)).toThrow(/clamp/)
        }
      }
    })
  })

  test('three dtypes', () => {
    scope(() => {
      const [a, b, c] = [make([1, 2], 'bf16'), make([3, 4], 'f16'), make([5, 6], 'i32')]
      expect([addcmul(a, b, c).dtype, clamp(c, a, b).dtype, lerp(c, a, b).dtype]).toEqual(['f32', 'f32', 'f32'])
      expect(addcmul(a, b, c).toArraySync()).toEqual([16, 26])
      expect(() => clamp(make([1], 'bool'), make([1], 'bool'))).toThrow(/clamp: a bool tensor/)
      expect(() => where(mask(), a, true as never)).toThrow(/where: a boolean; takes tensors and numbers/)
    })
  })
})

test('what operators will do can be asked', () => {
  scope(() => {
    for (const a of REALS) {
      const x = make([1, 0], a)
      for (const b of REALS) {
        expect(promoteTypes(a, b)).toBe(promoted(a, b))
        expect(resultType(x, make([1], b))).toBe(promoted(a, b))
      }
      expect([resultType(x, 2), resultType(0.5, x)]).toEqual([add(x, 2).dtype, add(x, 0.5).dtype])
    }
    expect([resultType(1, 2), resultType(1, 0.5)]).toEqual(['i64', 'f32'])
    // bool < integers < floating-point < complex, within a kind either way.
    expect([canCast('i64', 'u8'), canCast('f64', 'f16'), canCast('bool', 'i8'), canCast('i32', 'c64')]).toEqual(
      Array(4).fill(true),
    )
    expect([canCast('f16', 'i64'), canCast('u8', 'bool'), canCast('c64', 'f64')]).toEqual(Array(3).fill(false))
    expect(() => canCast('f33' as DType, 'f32')).toThrow(/'f33' is not one of/)
    expect(broadcastShapes([3, 1], [4], [2, 1, 1])).toEqual([2, 3, 4])
    expect(broadcastShapes()).toEqual([])
    expect(() => broadcastShapes([3], [4])).toThrow(/broadcastShapes: shapes \(3\) and \(4\) do not broadcast/)
    expect([make([1, 2], 'f64').nbytes, make([], 'f32').nbytes]).toEqual([16, 0])
  })
})

test('gradients come back in the dtype of each operand', () => {
  scope(() => {
    for (const a of ['f32', 'f64', 'bf16', 'f16'] as const) {
      for (const b of ['f32', 'f64', 'bf16', 'f16'] as const) {
        const [x, y] = [make([1, 2], a).requiresGrad_(), make([3, 4], b).requiresGrad_()]
        mul(x, y).sum().backward()
        expect([x.grad?.dtype, y.grad?.dtype]).toEqual([a, b])
        expect(noGrad(() => [x.grad?.toArraySync(), y.grad?.toArraySync()])).toEqual([
          [3, 4],
          [1, 2],
        ])
      }
    }
  })
})
