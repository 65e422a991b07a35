/**
 * Weights of 4 and 8 bits beyond their OpSpecs: every edge of the blocking against float64, what no float hides (extreme codes,
 * infinities, magnitudes), both forms of the kernel, gradients, the object itself.
 */
import { describe, expect, test } from 'vitest'
import { OP } from '#lib/generated/ops.js'
import { engine, grad, linear, scope, type Tensor, tensor } from '#lib/index.js'
import { Module } from '#lib/nn/index.js'
import { makeMany } from '#lib/ops/emit.js'
import {
  type GroupBits,
  GroupQuantizedWeight,
  type GroupQuantizeOptions,
  type GroupSize,
  quantizeGroups,
  weightOnlyLinear,
} from '#lib/quant/index.js'
import { expectClose, numbers } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'

const EPS = 2 ** -24
const ACTIVATIONS = [
  ['none', (y: Tensor): Tensor => y],
  ['relu', (y: Tensor): Tensor => y.relu()],
  ['gelu', (y: Tensor): Tensor => y.gelu()],
  ['geluTanh', (y: Tensor): Tensor => y.gelu({ approximate: 'tanh' })],
  ['silu', (y: Tensor): Tensor => y.silu()],
] as const

const matrix = (r: Random, rows: number, cols: number, dtype: 'f32' | 'bf16' = 'f32'): Tensor =>
  tensor(
    r.array(rows * cols, (r) => r.uniform(-2, 2)),
    { shape: [rows, cols], dtype },
  )

/** codes, scales and zero points as numbers: w = (code - zero) scale. */
function parts(w: GroupQuantizedWeight): { code: Float64Array; scale: Float64Array; zero: Float64Array } {
  const scale = numbers(w.scales())
  const zeros = w.zeroPoints()
  return { code: numbers(w.codes()), scale, zero: zeros ? numbers(zeros) : new Float64Array(scale.length) }
}

interface Truth {
  /** (m, out) */
  y: Float64Array
  /** The sum of |x| (largest code) |scale|: what the kernels' roundings are relative to. */
  size: Float64Array
}

/** x W^T in float64, from the codes. */
function truth(x: Float64Array, m: number, w: GroupQuantizedWeight): Truth {
  const { outFeatures: out, inFeatures: inner, groupSize, groups, bits } = w
  const { code, scale, zero } = parts(w)
  const y = new Float64Array(m * out)
  const size = new Float64Array(m * out)
  for (let i = 0; i < m; i++)
    for (let o = 0; o < out; o++)
      for (let k = 0; k < inner; k++) {
        const at = o * groups + Math.floor(k / groupSize)
        const [xk, s] = [x[i * inner + k] as number, scale[at] as number]
        y[i * out + o] = (y[i * out + o] as number) + xk * ((code[o * inner + k] as number) - (zero[at] as number)) * s
        size[i * out + o] = (size[i * out + o] as number) + Math.abs(xk * s) * 2 ** bits
      }
  return { y, size }
}

/** An f32 sum of k products and its conversions, then the rounding to the result's dtype. */
function expectProduct(what: string, y: Tensor, x: Tensor, w: GroupQuantizedWeight): void {
  const m = x.shape[0] as number
  const { y: values, size } = truth(numbers(x), m, w)
  const last = y.dtype === 'bf16' ? 2 ** -8 : EPS
  const tolerance = size.map((s, i) => (w.inFeatures + 8) * EPS * s + last * Math.abs(values[i] as number))
  expectClose(what, y, { dtype: x.dtype, shape: [m, w.outFeatures], values }, tolerance)
}

const FORMS: readonly GroupQuantizeOptions[] = ([4, 8] as const).flatMap((bits) =>
  ([32, 64, 128] as const).flatMap((groupSize) =>
    [false, true].map(
      (zeroPoints) => ({ bits, groupSize, zeroPoints, scaleDtype: zeroPoints ? 'bf16' : 'f16' }) as const,
    ),
  ),
)
const named = (o: GroupQuantizeOptions): string =>
  `${o.bits} bits, groups of ${o.groupSize}, ${o.scaleDtype} scales${o.zeroPoints ? ', zero points' : ''}`

describe('the product', () => {
  test.each(FORMS.map((o) => [named(o), o] as const))('%s: around the edges of every block', (name, options) => {
    const r = new Random(name)
    const g = options.groupSize as number
    for (const inner of [1, 7, 9, 31, 33, g - 1, g, g + 1, 2 * g + 3, 385])
      for (const out of [1, 31, 33])
        scope(() => {
          const w = quantizeGroups(matrix(r, out, inner), options)
          for (const m of [1, 2, 3, 7, 9])
            for (const dtype of ['f32', 'bf16'] as const) {
              const x = matrix(r, m, inner, dtype)
              expectProduct(`${m} x ${out} x ${inner} ${dtype}`, weightOnlyLinear(x, w), x, w)
            }
        })
  })

  test('rows from 0 to 40, outputs from 1 to 300', () => {
    const r = new Random('rows')
    for (const [i, m] of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 23, 40].entries())
      for (const out of [2, 32, 63, 64, 65, 129, 300])
        scope(() => {
          const w = quantizeGroups(matrix(r, out, 70), FORMS[i % FORMS.length])
          const x = matrix(r, m, 70)
          expectProduct(`${m} x ${out} x 70`, weightOnlyLinear(x, w), x, w)
        })
  })

  test('strided and many-dimensional inputs', () => {
    scope(() => {
      const r = new Random('views')
      const w = quantizeGroups(matrix(r, 40, 36), { groupSize: 32 })
      const x = matrix(r, 36, 6)
      const turned = x.transpose(0, 1)
      expectProduct('transposed', weightOnlyLinear(turned, w), turned.contiguous(), w)
      const deep = turned.contiguous().reshape([2, 3, 36])
      expect(weightOnlyLinear(deep, w).shape).toEqual([2, 3, 40])
      expect(numbers(weightOnlyLinear(deep, w))).toEqual(numbers(weightOnlyLinear(turned.contiguous(), w)))
      expect(weightOnlyLinear(deep.select(0, 1).select(0, 2), w).shape).toEqual([40])
    })
  })

  test.each([4, 8] as const)('%i bits: all codes at either end, zero points at either end', (bits) => {
    const r = new Random(bits)
    const levels = 2 ** bits
    for (const m of [1, 4, 9])
      for (const groupSize of [32, 128] as const)
        for (const code of [0, levels - 1])
          for (const zero of [null, 0, levels / 2, 255])
            scope(() => {
              const shape = [33, 200]
              const [dtype, offset] = zero === null ? (['i8', levels / 2] as const) : (['u8', 0] as const)
              const codes = tensor(new Float64Array(33 * 200).fill(code - offset), { shape, dtype })
              const groups = Math.ceil(200 / groupSize)
              const scales = tensor(new Float64Array(33 * groups).fill(-0.75), { shape: [33, groups], dtype: 'f16' })
              const zeros =
                zero === null
                  ? null
                  : tensor(new Float64Array(33 * groups).fill(zero), { shape: [33, groups], dtype: 'u8' })
              const w = GroupQuantizedWeight.from(codes, scales, zeros, { bits, groupSize })
              const x = matrix(r, m, 200)
              const { y: values, size } = truth(numbers(x), m, w)
              // A zero point may lie outside the codes' range: 255 of 4 bits.
              const range = Math.max(1, (zero ?? 0) / levels)
              const tolerance = size.map((s) => 208 * EPS * s * range)
              expectClose(`code ${code}`, weightOnlyLinear(x, w), { dtype: 'f32', shape: [m, 33], values }, tolerance)
            })
  })

  test('magnitudes from the smallest to the largest', () => {
    const r = new Random('magnitudes')
    for (const m of [1, 2, 4])
      for (const size of [2 ** -140, 2 ** -126, 2 ** -60, 2 ** 60, 2 ** 115])
        scope(() => {
          const w = quantizeGroups(matrix(r, 5, 130), { bits: m === 2 ? 8 : 4, groupSize: 64 })
          const x = matrix(r, m, 130).mul(size)
          const { y: values, size: norm } = truth(numbers(x), m, w)
          const tolerance = norm.map((s) => 138 * EPS * s + 2 ** -149)
          expectClose(`about ${size}`, weightOnlyLinear(x, w), { dtype: 'f32', shape: [m, 5], values }, tolerance)
        })
  })

  test.each([1, 3, 8, 9])('NaN and infinity in one of %i rows: as linear has them, and nowhere else', (m) => {
    const r = new Random(m)
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      scope(() => {
        const w = quantizeGroups(matrix(r, 70, 100), { groupSize: 32 })
        const x = matrix(r, m, 100)
        const values = numbers(x).slice()
        values[(m - 1) * 100 + 37] = bad
        const spoilt = tensor(values, { shape: [m, 100], dtype: 'f32' })
        const [y, expected, clean] = [
          weightOnlyLinear(spoilt, w),
          linear(spoilt, w.dequantize()),
          weightOnlyLinear(x, w),
        ]
        const [found, wanted, before] = [numbers(y), numbers(expected), numbers(clean)]
        wanted.forEach((v, i) => {
          if (!Number.isFinite(v)) expect(found[i]).toBe(v)
        })
        expect(found.slice(0, -70).every(Number.isFinite)).toBe(true)
        expect(found.slice(0, (m - 1) * 70)).toEqual(before.slice(0, (m - 1) * 70))
      })
  })

  test('codes converted and codes read as subnormal numbers give the same bits', () => {
    const r = new Random('forms')
    for (const options of FORMS)
      for (const m of [1, 2, 4])
        scope(() => {
          const w = quantizeGroups(matrix(r, 67, 200), options)
          const x = matrix(r, m, 200).mul(2 ** r.int(-20, 20))
          const by = (form: number): Float64Array =>
            numbers(
              makeMany(
                'weightOnlyLinear',
                OP.weightOnlyLinear,
                [{ dtype: 'f32', shape: [m, 67] }],
                [x, w.data, w.packedScales, w.packedZeroPoints, null],
                [w.bits, w.groupSize, 0, form],
                1000,
              )[0] as Tensor,
            )
          expect(by(1)).toEqual(by(2))
          expect(by(0)).toEqual(by(1))
        })
  })

  test('a bias and an activation in the same pass', () => {
    const r = new Random('epilogue')
    for (const m of [2, 20])
      for (const dtype of ['f32', 'bf16'] as const)
        for (const [activation, f] of ACTIVATIONS)
          scope(() => {
            const w = quantizeGroups(matrix(r, 37, 64), { groupSize: 64 })
            const x = matrix(r, m, 64, dtype)
            const bias = tensor(
              r.array(37, (r) => r.uniform(-1, 1)),
              { shape: [37], dtype },
            )
            const fused = numbers(weightOnlyLinear(x, w, bias, { activation }))
            const wide = weightOnlyLinear(x.to('f32'), w, bias.to('f32')).to('f64')
            const after = numbers(f(wide))
            // The activations' slopes are below 1.2, their own error a few units; then one rounding.
            const eps = dtype === 'bf16' ? 2 ** -8 : 2 ** -23
            fused.forEach((v, i) => {
              expect(Math.abs(v - (after[i] as number))).toBeLessThanOrEqual(
                eps * Math.abs(after[i] as number) + 2 ** -20,
              )
            })
          })
  })
})

describe('quantizing', () => {
  const row = (values: readonly number[]): Tensor => tensor(values, { shape: [1, values.length] })
  const list = (t: Tensor | null): number[] => (t ? [...numbers(t)] : [])

  test('4 bits, symmetric: the element of largest magnitude is -8', () => {
    scope(() => {
      const w = quantizeGroups(row([4, -1, 0.5, 0.25, -0.75, -4, 0.2]), { groupSize: 32 })
      expect(list(w.scales())).toEqual([0.5])
      expect(list(w.codes())).toEqual([7, -2, 1, 0, -2, -8, 0]) // halves to even; 8 is cut to 7
      const v = quantizeGroups(row([8, -7, 3]), { groupSize: 32 })
      expect(list(v.scales())).toEqual([-1])
      expect(list(v.codes())).toEqual([-8, 7, -3])
      expect(list(v.dequantize())).toEqual([8, -7, 3])
    })
  })

  test('8 bits, symmetric: the largest magnitude is 127', () => {
    scope(() => {
      const w = quantizeGroups(row([-254, 127, 3, 1]), { bits: 8, groupSize: 32 })
      expect(list(w.scales())).toEqual([2])
      expect(list(w.codes())).toEqual([-127, 64, 2, 0])
    })
  })

  test('zero points: the range reaches to zero', () => {
    scope(() => {
      const w = quantizeGroups(row([-5, 10, 2.5, 0]), { groupSize: 32, zeroPoints: true })
      expect([list(w.scales()), list(w.zeroPoints()), list(w.codes())]).toEqual([[1], [5], [0, 15, 7, 5]])
      const all = quantizeGroups(row([3, 15]), { groupSize: 32, zeroPoints: true })
      expect([list(all.scales()), list(all.zeroPoints()), list(all.codes())]).toEqual([[1], [0], [3, 15]])
      const below = quantizeGroups(row([-255, -51]), { bits: 8, groupSize: 32, zeroPoints: true })
      expect([list(below.scales()), list(below.zeroPoints()), list(below.codes())]).toEqual([[1], [255], [0, 204]])
    })
  })

  test('groups of zeros stay zero; groups with NaN or infinity are NaN, their neighbours not', () => {
    for (const zeroPoints of [false, true])
      scope(() => {
        const values = new Array<number>(96).fill(0)
        values[40] = Number.NaN
        values[70] = 1
        const w = numbers(quantizeGroups(row(values), { groupSize: 32, zeroPoints }).dequantize())
        expect([...w.slice(0, 32)]).toEqual(new Array(32).fill(0))
        expect(w.slice(32, 64).every(Number.isNaN)).toBe(true)
        expect(w[70]).toBeCloseTo(1, 3)
      })
  })

  test.each(FORMS.map((o) => [named(o), o] as const))('%s: half a step off at most', (name, options) => {
    scope(() => {
      const x = matrix(new Random(name), 40, 150)
      const w = quantizeGroups(x, options)
      const { scale } = parts(w)
      const [decoded, values] = [numbers(w.dequantize()), numbers(x)]
      const groupSize = w.groupSize
      decoded.forEach((v, i) => {
        const s = Math.abs(scale[Math.floor(i / 150) * w.groups + Math.floor((i % 150) / groupSize)] as number)
        // Half a step; the scale itself is rounded (to 8 bits in bf16), and the range is cut at 7 in 4 bits.
        const steps = options.bits === 4 && !options.zeroPoints ? 1 : 0.5 + 2 ** ((options.bits as number) - 8)
        expect(Math.abs(v - (values[i] as number))).toBeLessThanOrEqual(s * (steps + 2 ** -9))
      })
    })
  })

  test('codes, scales and zero points go out and come in again', () => {
    for (const options of FORMS)
      scope(() => {
        const w = quantizeGroups(matrix(new Random('round'), 45, 77), options)
        const again = GroupQuantizedWeight.from(w.codes(), w.scales(), w.zeroPoints(), w)
        expect(numbers(again.data)).toEqual(numbers(w.data))
        expect(numbers(again.dequantize())).toEqual(numbers(w.dequantize()))
        const { code, scale, zero } = parts(w)
        const expected = code.map((c, i) => {
          const at = Math.floor(i / 77) * w.groups + Math.floor((i % 77) / w.groupSize)
          return Math.fround((c - (zero[at] as number)) * (scale[at] as number))
        })
        expect(numbers(w.dequantize())).toEqual(expected)
        expect(w.dequantize('bf16').dtype).toBe('bf16')
      })
  })
})

describe('gradients', () => {
  const r = new Random('gradients')

  test.each([1, 3, 9, 40])('of x for %i rows: g W; and of g again', (m) => {
    for (const [i, options] of FORMS.entries())
      for (const dtype of ['f32', 'bf16'] as const)
        scope(() => {
          const [out, inner] = [[33, 400, 5][i % 3] as number, [130, 31, 200][i % 3] as number]
          const w = quantizeGroups(matrix(r, out, inner), options)
          const x = matrix(r, m, inner, dtype).requiresGrad_()
          const g = matrix(r, m, out, dtype).requiresGrad_()
          const [gx] = grad(weightOnlyLinear(x, w), [x], { gradOutputs: g, createGraph: true }) as [Tensor]
          const weight = numbers(w.dequantize())
          const [values, size] = [new Float64Array(m * inner), new Float64Array(m * inner)]
          const gs = numbers(g)
          for (let a = 0; a < m; a++)
            for (let k = 0; k < inner; k++)
              for (let o = 0; o < out; o++) {
                const term = (gs[a * out + o] as number) * (weight[o * inner + k] as number)
                values[a * inner + k] = (values[a * inner + k] as number) + term
                size[a * inner + k] = (size[a * inner + k] as number) + Math.abs(term)
              }
          const last = dtype === 'bf16' ? 2 ** -8 : EPS
          const tolerance = size.map((s, i) => (out + 4) * EPS * s + last * Math.abs(values[i] as number))
          expectClose('gx', gx, { dtype, shape: [m, inner], values }, tolerance)
          // gx is linear in g, so what comes back is the product once more.
          const gg = matrix(r, m, inner, dtype)
          const [back] = grad(gx, [g], { gradOutputs: gg }) as [Tensor]
          expectProduct('gg', back, gg, w)
        })
  })

  test('of the bias and through activations: as of the composed layer', () => {
    for (const [activation, f] of ACTIVATIONS)
      scope(() => {
        const w = quantizeGroups(matrix(r, 7, 40), { bits: 8, groupSize: 32 })
        const [x, bias] = [matrix(r, 5, 40).requiresGrad_(), matrix(r, 1, 7).reshape([7]).detach().requiresGrad_()]
        const g = matrix(r, 5, 7)
        const composed = f(linear(x, w.dequantize(), bias))
        const expected = grad(composed, [x, bias], { gradOutputs: g }) as Tensor[]
        const found = grad(weightOnlyLinear(x, w, bias, { activation }), [x, bias], { gradOutputs: g }) as Tensor[]
        found.forEach((t, i) => {
          const [a, b] = [numbers(t), numbers(expected[i] as Tensor)]
          // Products of some 40 terms of magnitudes up to 10.
          a.forEach((v, k) => {
            expect(Math.abs(v - (b[k] as number))).toBeLessThanOrEqual(2000 * EPS * 10)
          })
        })
      })
  })

  test('outlive the weight object', () => {
    scope(() => {
      const w = quantizeGroups(matrix(r, 7, 40))
      const x = matrix(r, 2, 40).requiresGrad_()
      const y = weightOnlyLinear(x, w)
      w.dispose()
      expect(w.isDisposed).toBe(true)
      y.sum().backward()
      expect(numbers(x.grad as Tensor).every(Number.isFinite)).toBe(true)
    })
  })
})

describe('the object', () => {
  test('holds an eighth and a quarter of the bytes, and its scales', () => {
    scope(() => {
      const w = matrix(new Random(1), 64, 256)
      expect(quantizeGroups(w, { groupSize: 128 }).nbytes).toBe(64 * (128 + 2 * 2))
      expect(quantizeGroups(w, { bits: 8, groupSize: 32, zeroPoints: true }).nbytes).toBe(64 * (256 + 8 * 3))
    })
  })

  test('a scope keeps what it returns; dispose leaves nothing', () => {
    engine.syncSync()
    const before = engine.memory().tensors
    const w = scope(() => quantizeGroups(matrix(new Random(2), 40, 40), { zeroPoints: true }))
    expect(engine.memory().tensors - before).toBe(3) // data, scales, zero points
    expect(scope(() => numbers(w.dequantize())).length).toBe(1600)
    w.dispose()
    expect(engine.memory().tensors - before).toBe(0)
    expect(() => w.dequantize()).toThrow(/dequantizeGroups/)
  })

  test('a module that holds one keeps it through a scope and disposes of it', () => {
    class Layer extends Module {
      weight = quantizeGroups(matrix(new Random(3), 8, 40))
      override forward(x: Tensor): Tensor {
        return weightOnlyLinear(x, this.weight)
      }
    }
    const layer = scope(() => new Layer())
    expect(scope(() => layer.call(matrix(new Random(4), 2, 40))).shape).toEqual([2, 8])
    expect(layer.weight.isDisposed).toBe(false)
    layer.dispose()
    expect(layer.weight.isDisposed).toBe(true)
  })

  test('a code that has no place in its bits poisons what is computed from it', async () => {
    const scales = tensor([1], { shape: [1, 1], dtype: 'f16' })
    const from = (code: number, dtype: 'i8' | 'u8'): GroupQuantizedWeight =>
      GroupQuantizedWeight.from(
        tensor([0, code], { shape: [1, 2], dtype }),
        scales,
        dtype === 'u8' ? tensor([0], { shape: [1, 1], dtype }) : null,
        { bits: 4, groupSize: 32 },
      )
    const x = tensor([1, 1], { shape: [1, 2] })
    for (const [code, dtype, range] of [
      [8, 'i8', '-8 to 7'],
      [-9, 'i8', '-8 to 7'],
      [16, 'u8', '0 to 15'],
    ] as const)
      await expect(weightOnlyLinear(x, from(code, dtype)).data()).rejects.toThrow(
        `the code ${code} of output 0, input 1 is out of range: ${range}`,
      )
    expect([...(await weightOnlyLinear(x, from(-8, 'i8')).data())]).toEqual([-8])
  })

  test('says what it does not take', () => {
    scope(() => {
      const codes = tensor([1, 2], { shape: [1, 2], dtype: 'i8' })
      const scales = tensor([1], { shape: [1, 1], dtype: 'f16' })
      const options = { bits: 4, groupSize: 32 } as const
      const from = GroupQuantizedWeight.from
      expect(() => from(codes.to('i32'), scales, null, options)).toThrow(/codes are i32; take i8, or u8/)
      expect(() => from(codes.to('u8'), scales, null, options)).toThrow(/u8 codes without zero points/)
      expect(() => from(codes, scales, codes.to('u8'), options)).toThrow(/i8 codes with zero points/)
      expect(() => from(codes, scales.to('f32'), null, options)).toThrow(/scales are f32, not f16 or bf16/)
      expect(() => from(codes, scales.reshape([1]), null, options)).toThrow(
        /scales are \(1\); the codes \(1, 2\) take \(1, 1\)/,
      )
      expect(() => from(codes, scales, null, { ...options, bits: 3 as GroupBits })).toThrow(/bits is 3, not 4 or 8/)
      expect(() => quantizeGroups(scales, { groupSize: 48 as GroupSize })).toThrow(/groupSize is 48/)
      expect(() => quantizeGroups(tensor([1]))).toThrow(/the weight is \(1\), not \(out, in\)/)
      expect(() => quantizeGroups(tensor([1], { shape: [1, 1], dtype: 'f64' }))).toThrow(/f64 weights/)
      expect(() => quantizeGroups(scales, { scaleDtype: 'f32' as 'f16' })).toThrow(/scaleDtype is 'f32'/)
      const w = quantizeGroups(scales)
      expect(() => weightOnlyLinear(tensor([1]), w, null, { activation: 'tanh' as 'relu' })).toThrow(
        "weightOnlyLinear: activation 'tanh' is not one of none, relu, gelu, geluTanh, silu",
      )
    })
  })
})
