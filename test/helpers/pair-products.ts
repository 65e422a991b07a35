/**
 * Products of bf16 by pairs (native/cpu/gemm/product_bf16.cpp), which belong to processors with AVX512-BF16 or AMX: here the same code
 * runs on AVX2 with the instructions spelled out, by the name of a set of test builds. Held against this machine's own path in f32;
 * test/guard has the same products of whole numbers, where nothing may be lost.
 */
import { describe, expect, test } from 'vitest'
import * as s from '#lib/index.js'
import {
  engine,
  type LinearActivation,
  linear,
  matmul,
  matmulPacked,
  packMatrix,
  scope,
  type Tensor,
} from '#lib/index.js'
import { expectSameBits, numbers } from './compare.js'
import { Random } from './random.js'

const r = new Random('pairs')
const draw = (...shape: number[]): Tensor =>
  s.tensor(
    r.array(
      shape.reduce((a, b) => a * b, 1),
      (r) => r.uniform(-1, 1),
    ),
    { shape, dtype: 'bf16' },
  )
const wide = <T extends Tensor | null>(t: T): T => (t?.to('f32') ?? null) as T

/**
 * Results of bf16 against the same in f32. Either side's sums are off by at most `terms` roundings of `size`, the sum of the products'
 * magnitudes, and what follows makes that `gain` times as large; then one is rounded to bf16, by 2^-8 of it at most.
 */
export function expectNear(what: string, found: Tensor, expected: Tensor, size: Tensor, terms: number, gain = 1): void {
  expect(found.shape, what).toEqual(expected.shape)
  expect(found.dtype, what).toBe('bf16')
  const [a, b, m] = [found, expected, size].map(numbers) as [Float64Array, Float64Array, Float64Array]
  for (let i = 0; i < a.length; i++) {
    const bound = 2 ** -8 * Math.abs(b[i] as number) + 2 ** -23 * gain * terms * (1 + (m[i] as number))
    const off = Math.abs((a[i] as number) - (b[i] as number))
    if (!(off <= bound)) expect.fail(`${what}: element ${i} is ${a[i]}, expected ${b[i]}, off by ${off} > ${bound}`)
  }
}

/** m, n, k: small, around slices, rows that share panels, a k of more than one part, few rows. */
const SIZES = [
  [9, 9, 5],
  [13, 40, 767],
  [12, 33, 769],
  [61, 17, 1537],
  [257, 50, 300],
  [300, 65, 1600],
  [300, 30, 3500],
  [520, 1040, 20],
] as const
const EPILOGUES: readonly { activation?: LinearActivation; scale?: number; dropout?: number; residual?: boolean }[] = [
  {},
  { activation: 'relu', residual: true },
  { activation: 'gelu', scale: 0.25 },
  { activation: 'geluTanh', dropout: 0.25 },
  { activation: 'silu', scale: -2, dropout: 0.5, residual: true },
]

/** slice: steps of k that are summed from zero before they are added to what there is. */
export function pairProducts(isa: string, slice: number): void {
  const termsOf = (k: number): number => Math.min(k, slice) + Math.ceil(k / slice)
  describe.skipIf(process.arch !== 'x64')('products by pairs', () => {
    test('are what runs here', () => {
      scope(() => {
        const b = s.tensor([1, 2, 3, 4], { shape: [2, 2], dtype: 'bf16' })
        const packed = packMatrix(b)
        expect(engine.info().isa).toBe(isa)
        // The first word has both rows of the first column, the first one in its low half.
        const words = new Uint32Array((packed._panels.dataSync() as Float32Array).buffer, 0, 2)
        expect([...words]).toEqual([0x40403f80, 0x40804000])
        packed.dispose()
      })
    })

    test('every transposition and epilogue, packed and not', () => {
      for (const [i, [m, n, k]] of SIZES.entries())
        scope(() => {
          const [x, w, bias, residual] = [draw(m, k), draw(n, k), draw(n), draw(m, n)]
          const size = linear(wide(s.abs(x)), wide(s.abs(w)), wide(s.abs(bias)))
          const label = `${m}x${n}x${k}`
          const exact = linear(wide(x), wide(w))
          const [tx, tw] = [s.contiguous(x.transpose(0, 1)), s.contiguous(w.transpose(0, 1))]
          const plain = linear(x, w)
          expectNear(label, plain, exact, size, termsOf(k))
          for (const [how, y] of [
            ['nn', matmul(x, tw)],
            ['tn', matmul(tx.transpose(0, 1), tw)],
            ['tt', matmul(tx.transpose(0, 1), w.transpose(0, 1))],
          ] as const)
            expectSameBits(`${label} ${how}`, y, plain)
          const matrix = packMatrix(w, { transposed: true })
          expectSameBits(`${label} packed`, matmulPacked(x, matrix), plain)
          const then = EPILOGUES[i % EPILOGUES.length] as (typeof EPILOGUES)[number]
          for (const { residual: adds, ...options } of [then, {}, { activation: 'relu' as const }]) {
            const what = `${label} ${JSON.stringify(options)}`
            const of = (t: Tensor) => ({ ...options, residual: adds ? t : null, generator: new s.Generator(i) })
            const y = linear(x, w, bias, of(residual))
            const gain = (2 * Math.abs(options.scale ?? 1)) / (1 - (options.dropout ?? 0))
            expectNear(what, y, linear(wide(x), wide(w), wide(bias), of(wide(residual))), size, termsOf(k), gain)
            const { dropout, ...rest } = options
            if (!dropout)
              expectSameBits(
                `${what} packed`,
                matmulPacked(x, matrix, bias, { ...rest, residual: adds ? residual : null }),
                y,
              )
          }
          matrix.dispose()
        })
    })

    test('batches, some with one right operand for all', () => {
      for (const [batch, m, n, k] of [
        [3, 20, 33, 70],
        [2, 300, 40, 900],
        [2, 530, 1050, 16],
      ] as const)
        scope(() => {
          const [a, b, shared] = [draw(batch, m, k), draw(batch, k, n), draw(k, n)]
          for (const right of [b, shared]) {
            const size = matmul(wide(s.abs(a)), wide(s.abs(right)))
            expectNear(`${batch} of ${m}x${n}x${k}`, matmul(a, right), matmul(wide(a), wide(right)), size, termsOf(k))
          }
        })
    })

    test('gradients of weight and bias in one pass', () => {
      for (const [m, out, inner] of [
        [70, 33, 20],
        [1000, 40, 65],
        [3200, 270, 30],
      ] as const)
        scope(() => {
          const [x, w, bias, g] = [draw(m, inner), draw(out, inner), draw(out), draw(m, out)]
          const of = (...t: [Tensor, Tensor, Tensor, Tensor]) => {
            const [x, w, bias, g] = t.map((t) => t.detach()) as [Tensor, Tensor, Tensor, Tensor]
            for (const leaf of [x, w, bias]) leaf.requiresGrad_()
            return s.grad(linear(x, w, bias), [x, w, bias], { gradOutputs: g }) as Tensor[]
          }
          const found = of(x, w, bias, g)
          const expected = of(wide(x), wide(w), wide(bias), wide(g))
          const sizes = of(wide(s.abs(x)), wide(s.abs(w)), wide(bias), wide(s.abs(g)))
          for (const [i, terms] of [out, termsOf(m), termsOf(m)].entries())
            expectNear(`gradient ${i}`, found[i] as Tensor, expected[i] as Tensor, sizes[i] as Tensor, terms)
        })
    })

    test('lists and experts', () => {
      scope(() => {
        const shapes = [
          [300, 40, 1600],
          [1, 70, 9],
          [0, 5, 4],
          [6, 7, 0],
          [17, 530, 800],
        ] as const
        const as = shapes.map(([m, , k]) => draw(m, k))
        const bs = shapes.map(([, n, k]) => draw(k, n))
        const exact = s.groupedMatmul(as.map(wide), bs.map(wide))
        const sizes = s.groupedMatmul(
          as.map((t) => wide(s.abs(t))),
          bs.map((t) => wide(s.abs(t))),
        )
        for (const [i, y] of s.groupedMatmul(as, bs).entries())
          expectNear(`product ${i}`, y, exact[i] as Tensor, sizes[i] as Tensor, termsOf(shapes[i]?.[2] as number))

        const [x, w, ends] = [draw(1100, 33), draw(4, 33, 50), s.tensor([1000, 1000, 1007, 1090], { dtype: 'i32' })]
        const g = draw(1100, 50)
        const of = (x: Tensor, w: Tensor, g: Tensor) => {
          const leaves = [x.detach().requiresGrad_(), w.detach().requiresGrad_()] as const
          const y = s.expertMatmul(...leaves, ends)
          return [y.detach(), ...(s.grad(y, [...leaves], { gradOutputs: g }) as Tensor[])]
        }
        const [found, expected, size] = [
          of(x, w, g),
          of(wide(x), wide(w), wide(g)),
          of(wide(s.abs(x)), wide(s.abs(w)), wide(s.abs(g))),
        ]
        for (const i of [0, 1, 2])
          expectNear(`experts ${i}`, found[i] as Tensor, expected[i] as Tensor, size[i] as Tensor, 1100)
      })
    })

    test('NaN and infinity come through', () => {
      scope(() => {
        const [x, w] = [s.ones([20, 40], { dtype: 'bf16' }), s.ones([40, 30], { dtype: 'bf16' })]
        const row = (x: number): Tensor => s.full([1, 40], x, { dtype: 'bf16' })
        const odd = s.concat([x.narrow(0, 0, 18), row(Number.NaN), row(Number.POSITIVE_INFINITY)])
        const y = numbers(matmul(odd, w))
        expect([...y.subarray(0, 540)].every((v) => v === 40)).toBe(true)
        expect([...y.subarray(540, 570)].every(Number.isNaN)).toBe(true)
        expect([...y.subarray(570)].every((v) => v === Number.POSITIVE_INFINITY)).toBe(true)
      })
    })

    test('the same bits with one thread and with several', () => {
      const threads = engine.threads
      scope(() => {
        for (const [m, n, k] of SIZES) {
          const [x, w, bias] = [draw(m, k), draw(n, k), draw(n)]
          engine.setThreads(1)
          const one = linear(x, w, bias, { activation: 'gelu' })
          numbers(one)
          engine.setThreads(2)
          expectSameBits(`${m}x${n}x${k}`, linear(x, w, bias, { activation: 'gelu' }), one)
        }
      })
      engine.setThreads(threads)
    })
  })
}
