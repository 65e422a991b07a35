/**
 * Products on CUDA (cuda/kernels/gemm) against the CPU's in f64: every dtype, layout, tile and way of cutting k, with ragged sizes,
 * misaligned rows and all epilogues. Place in the whole: the operator tests have the semantics; here is what they have no shapes for.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { cuda, engine, type Tensor } from '#lib/index.js'
import { numbers } from '../helpers/compare.js'
import { check, close, FLOATS } from './products.js'

const present = engine.info().devices.includes('cuda:0')
if (!present) console.log('no CUDA device here, real or simulated: products on CUDA are not tested')

const ALL = { bias: true, added: true, activation: 'gelu', scale: -0.5, dropout: 0.3 } as const
/** Around tiles of 64 and 128, and the 32 elements of k that a step has; primes; nothing. */
const SIZES: readonly (readonly [number, number, number])[] = [
  [9, 16, 16],
  [17, 31, 33],
  [64, 64, 64],
  [131, 67, 97],
  [128, 136, 72],
  [65, 129, 1],
  [37, 41, 0],
]

describe.skipIf(!present)('products on CUDA', () => {
  for (const dtype of FLOATS) {
    for (const ta of [false, true])
      for (const tb of [false, true]) {
        const [a, b] = [{ transposed: ta }, { transposed: tb }]
        test(`${dtype}, a ${ta ? 'wide' : 'deep'}, b ${tb ? 'wide' : 'deep'}`, () => {
          for (const [m, n, k] of SIZES) {
            check(dtype, { m, n, k, a, b })
            check(dtype, { m, n, k, a: { ...a, gap: 8 }, b: { ...b, gap: 16 }, after: ALL })
            // Rows that begin at 8, 4 and 2 bytes.
            check(dtype, {
              m,
              n,
              k,
              a: { ...a, gap: 4 - (k % 4) },
              b: { ...b, gap: 2, offset: 2 },
              after: { bias: true },
            })
            check(dtype, { m, n, k, a: { ...a, gap: 1, offset: 1 }, b, after: { added: true, activation: 'relu' } })
          }
        })
        test(`${dtype}, few rows or columns, a ${ta ? 'wide' : 'deep'}, b ${tb ? 'wide' : 'deep'}`, () => {
          for (const [m, n, k] of [
            [1, 300, 64],
            [1, 1, 2999],
            [3, 261, 72],
            [8, 64, 33],
            [130, 5, 200],
            [70, 1, 1024],
            [2, 2, 5],
          ] as const) {
            check(dtype, { m, n, k, a, b })
            check(dtype, { m, n, k, a: { ...a, gap: 3 }, b: { ...b, gap: 8 }, after: ALL })
          }
        })
      }

    test(`${dtype}, strides that no kernel takes`, () => {
      check(dtype, { m: 70, n: 50, k: 40, a: { step: 2 }, b: { step: 3, transposed: true }, after: ALL })
    })
    test(`${dtype}, a long k is cut into parts`, () => {
      check(dtype, { m: 40, n: 48, k: 5003, after: ALL })
      check(dtype, { m: 33, n: 45, k: 4096, a: { transposed: true }, b: { transposed: true } })
    })
    test(`${dtype}, batches, of which one operand has none`, () => {
      ops.scope(() => {
        for (const [sa, sb] of [
          [
            [3, 1, 20, 24],
            [2, 24, 40],
          ],
          [
            [4, 1, 24],
            [4, 24, 40],
          ],
          [
            [2, 3, 9, 17],
            [17, 33],
          ],
        ] as const) {
          const [a, b] = [ops.randn(sa).to(dtype), ops.randn(sb).to(dtype)] as [Tensor, Tensor]
          const exact = ops.matmul(a.to('f64'), b.to('f64'))
          const size = ops.matmul(ops.abs(a.to('f64')), ops.abs(b.to('f64')))
          close(
            `${dtype} ${sa} x ${sb}`,
            ops.matmul(a.to('cuda'), b.to('cuda')),
            exact,
            size,
            sa[sa.length - 1] as number,
          )
        }
      })
    })
    test(`${dtype}, the gradients of linear`, () => {
      for (const [m, n, k] of [
        [300, 40, 24],
        [1031, 41, 23],
        [5, 8, 8],
      ] as const)
        ops.scope(() => {
          const operands = [
            ops.randn([m, k]).to(dtype),
            ops.randn([n, k]).to(dtype),
            ops.randn([n]).to(dtype),
            ops.randn([m, n]).to(dtype),
          ] as readonly Tensor[]
          const gradients = (place: (t: Tensor) => Tensor): Tensor[] => {
            const [x, w, b, g] = operands.map((t) => place(t)) as [Tensor, Tensor, Tensor, Tensor]
            for (const t of [x, w, b]) t.requiresGrad_()
            return ops.grad(ops.linear(x, w, b), [x, w, b], { gradOutputs: g })
          }
          const found = gradients((t) => t.to('cuda'))
          const exact = gradients((t) => t.to('f64'))
          const sizes = gradients((t) => ops.abs(t.to('f64')))
          for (const [i, y] of found.entries())
            close(`gradient ${i}`, y, exact[i] as Tensor, sizes[i] as Tensor, i === 0 ? n : m)
        })
    })
  }
})

describe.skipIf(!present)('products of f32 in tf32', () => {
  /** Largest error over the sum of the terms' magnitudes. */
  const error = (y: Tensor, a: Tensor, b: Tensor): number => {
    const [exact, size] = [ops.matmul(a.to('f64'), b.to('f64')), ops.matmul(ops.abs(a).to('f64'), ops.abs(b).to('f64'))]
    const [found, wanted, sizes] = [numbers(y), numbers(exact), numbers(size)]
    return found.reduce((worst, v, i) => {
      const e = Math.abs(v - (wanted[i] as number)) / (sizes[i] as number)
      return Number.isNaN(worst) || e <= worst ? worst : e
    }, 0)
  }
  const inTf32 = (work: () => void): void => {
    cuda.matmulPrecision = 'tf32'
    try {
      ops.scope(work)
    } finally {
      cuda.matmulPrecision = 'ieee'
    }
  }

  test('where it is asked for: every layout, ragged sizes, parts of k', () => {
    for (const [m, n, k] of [
      [9, 9, 1],
      [64, 64, 64],
      [37, 70, 33],
      [130, 129, 20],
      [20, 17, 700],
    ] as const)
      for (const [ta, tb] of [
        [false, false],
        [false, true],
        [true, false],
        [true, true],
      ] as const)
        inTf32(() => {
          const a = ops.randn(ta ? [k, m] : [m, k]) as Tensor
          const b = ops.randn(tb ? [n, k] : [k, n]) as Tensor
          const turn = (t: Tensor, yes: boolean): Tensor => (yes ? ops.transpose(t) : t)
          const y = ops.matmul(turn(a.to('cuda:0'), ta), turn(b.to('cuda:0'), tb))
          const e = error(y, turn(a, ta), turn(b, tb))
          // Each factor is off by 2^-11 of itself at most; what is off by less than 2^-20 was not computed in tf32.
          expect(e, `${m} x ${n} x ${k}`).toBeLessThanOrEqual(2 ** -10 + 2 ** -20)
          expect(e, `${m} x ${n} x ${k}`).toBeGreaterThan(2 ** -20)
          cuda.matmulPrecision = 'ieee'
          expect(
            error(ops.matmul(turn(a.to('cuda:0'), ta), turn(b.to('cuda:0'), tb)), turn(a, ta), turn(b, tb)),
          ).toBeLessThan(2 ** -20)
        })
  })

  test('convolutions and linear algebra stay as they are', () => {
    ops.scope(() => {
      const on = { device: 'cuda:0' }
      const [x, w, a] = [
        ops.randn([2, 16, 8, 8], on),
        ops.randn([24, 16, 1, 1], on),
        ops.randn([12, 12], on),
      ] as Tensor[]
      const results = () => [ops.conv2d(x as Tensor, w as Tensor), ops.linalg.matrixExp(a as Tensor)].map(numbers)
      const plain = results()
      inTf32(() => {
        expect(results()).toEqual(plain)
      })
    })
  })

  test('halves of the last digit go away from zero; bias and activation as ever; what is not finite stays', () => {
    inTf32(() => {
      const one = new Float64Array(16 * 16)
      for (let i = 0; i < 16; i++) one[17 * i] = 1
      const values = new Float64Array(16 * 16).fill(-(1 + 2 ** -11))
      values[0] = Number.POSITIVE_INFINITY
      values[17] = 3 + 2 ** -10 - 2 ** -20
      values[34] = 1.5
      const place = (v: Float64Array): Tensor =>
        ops.tensor(v, { shape: [16, 16], dtype: 'f32', device: 'cuda:0' }) as Tensor
      const y = numbers(ops.matmul(place(values), place(one)))
      expect(Number.isNaN(y[1] as number)).toBe(true) // infinity times 0
      expect(y[17]).toBe(3)
      expect(y[34]).toBe(1.5)
      expect(y[40]).toBe(-(1 + 2 ** -10))
      values[0] = Number.NaN
      const z = numbers(
        ops.linear(place(values), place(one), ops.ones([16], { device: 'cuda:0' }), { activation: 'relu' }),
      )
      expect(z.slice(0, 16).every(Number.isNaN)).toBe(true)
      expect(z[34]).toBe(2.5)
      expect(z[40]).toBe(0)
    })
  })

  test('another word is refused, and nothing changes', () => {
    expect(() => {
      cuda.matmulPrecision = 'high' as never
    }).toThrow("cuda.matmulPrecision: 'high' is not one of ieee, tf32")
    expect(cuda.matmulPrecision).toBe('ieee')
  })
})
