/**
 * Weights of 4 and 8 bits on CUDA (cuda/kernels/quant) against float64 and against the CPU's bits. Place in the whole: the operator
 * tests have the semantics; here are the kernels' edges: panels of 32 outputs, words and chunks of inputs, tiles of rows, parts of the
 * inputs, rows at odd addresses, zero points beyond the codes.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { engine, type Tensor, tensor } from '#lib/index.js'
import {
  GroupQuantizedWeight,
  type GroupQuantizeOptions,
  quantizeGroups,
  type WeightOnlyLinearOptions,
  weightOnlyLinear,
} from '#lib/quant/index.js'
import { expectClose, numbers } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'

const device = engine.info().devices.find((d) => d.startsWith('cuda'))
if (device === undefined) console.log('no CUDA device here, real or simulated: weights of groups are not tested on one')
const at = device as string

const EPS = 2 ** -24
type Float = 'f32' | 'bf16'
const FORMS: readonly Required<GroupQuantizeOptions>[] = ([4, 8] as const).flatMap((bits) =>
  ([32, 64, 128] as const).flatMap((groupSize) =>
    [false, true].map(
      (zeroPoints) => ({ bits, groupSize, zeroPoints, scaleDtype: zeroPoints ? 'bf16' : 'f16' }) as const,
    ),
  ),
)
const named = (o: Required<GroupQuantizeOptions>): string =>
  `${o.bits} bits, groups of ${o.groupSize}, ${o.scaleDtype} scales${o.zeroPoints ? ', zero points' : ''}`

/** On the CPU. */
const matrix = (r: Random, rows: number, cols: number, dtype: Float | 'f16' = 'f32', size = 2): Tensor =>
  tensor(
    r.array(rows * cols, (r) => r.uniform(-size, size)),
    { shape: [rows, cols], dtype },
  )

/** The decoded weight, and what a code's largest value would be, (out, in), in f64 on the CPU. */
function decoded(w: GroupQuantizedWeight): { weight: Tensor; size: Tensor } {
  const { outFeatures: out, inFeatures: inner, groups, groupSize, bits } = w
  const zeros = w.zeroPoints()
  const largest = Math.max(2 ** bits, zeros ? 2 * Math.max(...numbers(zeros)) : 0)
  const codes = numbers(w.codes())
  const [scale, zero] = [numbers(w.scales()), zeros ? numbers(zeros) : new Float64Array(out * groups)]
  const place = (i: number): number => Math.floor(i / inner) * groups + Math.floor((i % inner) / groupSize)
  const of = (f: (i: number) => number): Tensor =>
    tensor(
      codes.map((_, i) => f(i)),
      { shape: [out, inner], dtype: 'f64' },
    )
  return {
    weight: of((i) => ((codes[i] as number) - (zero[place(i)] as number)) * (scale[place(i)] as number)),
    size: of((i) => largest * Math.abs(scale[place(i)] as number)),
  }
}

const last = (dtype: string): number => (dtype === 'bf16' ? 2 ** -8 : EPS)

/** x W^T on the device; x and its place in memory are the caller's. */
function expectProduct(what: string, x: Tensor, w: GroupQuantizedWeight, onDevice = x.to(at)): void {
  const { weight, size } = decoded(w)
  const y = weightOnlyLinear(onDevice, w)
  const wide = x.to('f64')
  const values = numbers(ops.linear(wide, weight))
  const sizes = numbers(ops.linear(ops.abs(wide), size))
  const tolerance = sizes.map(
    (s, i) => (Math.sqrt(w.inFeatures) + 8) * EPS * s + last(x.dtype) * Math.abs(values[i] as number),
  )
  expectClose(what, y, { dtype: x.dtype, shape: y.shape, values }, tolerance)
}

/** Number for number: tensors of one dtype and shape. */
function expectSame(what: string, found: Tensor, expected: Tensor): void {
  const { dtype, shape } = expected
  expectClose(what, found, { dtype, shape, values: numbers(expected) }, 0, true)
}

describe.skipIf(device === undefined)('weights of groups on cuda', () => {
  test('quantizing gives the codes, scales and packed words of the CPU', () => {
    const r = new Random('bits')
    for (const options of FORMS)
      for (const dtype of ['f32', 'bf16', 'f16'] as const)
        for (const [out, inner] of [
          [1, 1],
          [33, 131],
          [35, 260],
        ] as const)
          ops.scope(() => {
            // Ties, groups of zeros, and magnitudes that f16 scales do not have.
            const w = matrix(r, out, inner, dtype, [0.25, 2, 3e4][(out + inner) % 3] as number)
            const spread = inner > 40 ? ops.mul(w, ops.round(w)) : w
            const [cpu, cuda] = [quantizeGroups(spread, options), quantizeGroups(spread.to(at), options)]
            const what = `${named(options)} ${dtype} ${out} x ${inner}`
            cpu.ownedTensors().forEach((t, i) => {
              expectSame(`${what}: part ${i}`, cuda.ownedTensors()[i] as Tensor, t)
            })
            expectSame(`${what}: codes`, cuda.codes(), cpu.codes())
            for (const to of ['f32', 'bf16', 'f16'] as const)
              expectSame(`${what}: decoded to ${to}`, cuda.dequantize(to), cpu.dequantize(to))
          })
  })

  test.each(FORMS.map((o) => [named(o), o] as const))('%s: around the edges of every block', (name, options) => {
    const r = new Random(name)
    for (const [out, inner, rows] of [
      [1, 1, [1]],
      [31, 33, [2, 9]],
      [33, 129, [8, 65]],
      [130, 70, [17, 64]],
      [32, 264, [1, 40]],
    ] as const)
      for (const m of rows)
        for (const dtype of ['f32', 'bf16'] as const)
          ops.scope(() => {
            const w = quantizeGroups(matrix(r, out, inner).to(at), options)
            expectProduct(`${m} x ${out} x ${inner} ${dtype}`, matrix(r, m, inner, dtype), w)
          })
  })

  test('many inputs: warps and parts of them', () => {
    const r = new Random('deep')
    for (const [i, m] of [1, 3, 12].entries())
      for (const dtype of ['f32', 'bf16'] as const)
        ops.scope(() => {
          const w = quantizeGroups(matrix(r, 35, 2601).to(at), FORMS[(5 * i + 1) % FORMS.length])
          expectProduct(`${m} x 35 x 2601 ${dtype}`, matrix(r, m, 2601, dtype), w)
        })
  })

  test('rows at odd addresses', () => {
    const r = new Random('odd')
    for (const m of [2, 10])
      for (const dtype of ['f32', 'bf16'] as const)
        ops.scope(() => {
          const w = quantizeGroups(matrix(r, 40, 96).to(at), { groupSize: 32 })
          const whole = matrix(r, 1, 1 + m * 96, dtype)
          const part = (t: Tensor): Tensor => ops.reshape(ops.slice(ops.reshape(t, [-1]), 0, 1), [m, 96])
          expectProduct(`${m} rows ${dtype}`, part(whole), w, part(whole.to(at)))
        })
  })

  test('codes and zero points at either end', () => {
    const r = new Random('ends')
    for (const bits of [4, 8] as const)
      for (const m of [1, 9])
        for (const code of [0, 2 ** bits - 1])
          for (const zero of [0, 15, 129, 255])
            ops.scope(() => {
              const fill = (shape: [number, number], value: number, dtype: 'u8' | 'f16'): Tensor =>
                tensor(new Float64Array(shape[0] * shape[1]).fill(value), { shape, dtype, device: at })
              const codes = fill([33, 100], code, 'u8')
              const w = GroupQuantizedWeight.from(codes, fill([33, 4], -0.75, 'f16'), fill([33, 4], zero, 'u8'), {
                bits,
                groupSize: 32,
              })
              expectProduct(`${bits} bits, code ${code}, zero ${zero}`, matrix(r, m, 100), w)
            })
  })

  test('magnitudes far from 1', () => {
    const r = new Random('magnitudes')
    for (const m of [1, 9])
      for (const size of [2 ** -100, 2 ** -60, 2 ** 60, 2 ** 112])
        for (const bits of [4, 8] as const)
          ops.scope(() => {
            const w = quantizeGroups(matrix(r, 5, 130).to(at), { bits, groupSize: 64 })
            expectProduct(`${m} rows about ${size}`, matrix(r, m, 130, 'f32', size), w)
          })
  })

  test('NaN and infinity stay in their row, and infinity keeps its sign', () => {
    const r = new Random('odd')
    for (const m of [3, 11])
      for (const dtype of ['f32', 'bf16'] as const)
        ops.scope(() => {
          const w = quantizeGroups(matrix(r, 5, 40).to(at), { groupSize: 32 })
          const clean = matrix(r, m, 40, dtype)
          const before = numbers(weightOnlyLinear(clean.to(at), w))
          for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
            const values = numbers(clean).slice()
            values[40 + 37] = bad
            const x = tensor(values, { shape: [m, 40], dtype })
            const [found, expected] = [
              numbers(weightOnlyLinear(x.to(at), w)),
              numbers(ops.linear(x.to('f64'), decoded(w).weight)),
            ]
            for (let j = 5; j < 10; j++) expect(found[j]).toBe(expected[j])
            for (const [from, to] of [
              [0, 5],
              [10, 5 * m],
            ])
              expect(found.slice(from, to)).toEqual(before.slice(from, to))
          }
        })
  })

  test('bias and activation, in one part and in several', () => {
    const r = new Random('epilogue')
    for (const [m, out, inner] of [
      [2, 37, 64],
      [20, 37, 64],
      [1, 37, 2100],
      [10, 6, 1100],
    ] as const)
      for (const dtype of ['f32', 'bf16'] as const)
        for (const activation of ['relu', 'gelu', 'geluTanh', 'silu'] as const)
          ops.scope(() => {
            const weight = matrix(r, out, inner, 'f32', 0.1)
            const [x, bias] = [matrix(r, m, inner, dtype), ops.reshape(matrix(r, 1, out, dtype), [out])]
            const run = (place: string, options: WeightOnlyLinearOptions): Tensor =>
              weightOnlyLinear(x.to(place), quantizeGroups(weight.to(place)), bias.to(place), options)
            const [cuda, cpu] = [numbers(run(at, { activation })), numbers(run('cpu', { activation }))]
            const scale = Math.max(1, ...numbers(run('cpu', {})).map(Math.abs))
            cuda.forEach((v, i) => {
              const tolerance = 2 * last(dtype) * Math.abs(cpu[i] as number) + 64 * EPS * scale
              if (!(Math.abs(v - (cpu[i] as number)) <= tolerance))
                expect.fail(`${m} x ${out} x ${inner} ${dtype} ${activation}: ${v}, expected ${cpu[i]}`)
            })
          })
  })

  test('the gradient of x: g W, and of g again', () => {
    const r = new Random('gradient')
    for (const [i, m] of [1, 9, 70].entries())
      for (const dtype of ['f32', 'bf16'] as const)
        ops.scope(() => {
          const [out, inner] = [[33, 200, 5][i] as number, [130, 31, 200][i] as number]
          const w = quantizeGroups(matrix(r, out, inner).to(at), FORMS[(7 * i + 2) % FORMS.length])
          const { weight, size } = decoded(w)
          const g = matrix(r, m, out, dtype)
          const x = ops.zeros([m, inner], { device: at, dtype }).requiresGrad_()
          const gx = (ops.grad(weightOnlyLinear(x, w), [x], { gradOutputs: g.to(at) }) as Tensor[])[0] as Tensor
          const wide = g.to('f64')
          const values = numbers(ops.matmul(wide, weight))
          const sizes = numbers(ops.matmul(ops.abs(wide), size))
          // bf16: the weight as two numbers of eight digits.
          const each = dtype === 'bf16' ? 2 ** -16 : EPS
          const tolerance = sizes.map(
            (s, k) => (each + (Math.sqrt(out) + 8) * EPS) * s + last(dtype) * Math.abs(values[k] as number),
          )
          expectClose(`${m} ${dtype}`, gx, { dtype, shape: [m, inner], values }, tolerance)
        })
  })

  test('a code out of range is an error that says where', async () => {
    const codes = tensor(new Float64Array([1, 2, 3, 9]), { shape: [2, 2], dtype: 'i8', device: at })
    const scales = ops.ones([2, 1], { dtype: 'f16', device: at })
    const w = GroupQuantizedWeight.from(codes, scales, null, { bits: 4, groupSize: 32 })
    await expect(w.data.data()).rejects.toThrow('the code 9 of output 1, input 1 is out of range: -8 to 7')
    for (const t of [codes, scales, w]) t.dispose()
  })

  test('the same bits every time', () => {
    const r = new Random('again')
    ops.scope(() => {
      const w = quantizeGroups(matrix(r, 70, 2100).to(at))
      for (const m of [3, 30]) {
        const x = matrix(r, m, 2100).to(at)
        expect(numbers(weightOnlyLinear(x, w))).toEqual(numbers(weightOnlyLinear(x, w)))
      }
    })
  })
})
