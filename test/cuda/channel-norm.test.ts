/**
 * Normalised channels on CUDA (cuda/kernels/norm/channels.cuh) against the CPU's in f64: sums by planes and by columns, runs that begin
 * anywhere in a pack, cut runs, several slices, residual and relu, tables of every layout. Place in the whole: the operator tests have
 * the semantics; here is what they have no shapes for.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { engine, type Tensor } from '#lib/index.js'
import { numbers, ROUNDOFF } from '../helpers/compare.js'

const present = engine.info().devices.includes('cuda:0')
if (!present) console.log('no CUDA device here, real or simulated: normalised channels on CUDA are not tested')
type Float = keyof typeof ROUNDOFF
const FLOATS = Object.keys(ROUNDOFF) as Float[]

/**
 * Of the dtype's rounding and of some of f32's or f64's, relative to the largest element: what is summed is of one magnitude in these
 * tests.
 */
function close(what: string, found: Tensor, exact: Tensor, dtype: Float, roundings = 30): void {
  const [a, e] = [numbers(found), numbers(exact)]
  const most = e.reduce((m, v) => Math.max(m, Math.abs(v)), 1)
  const tolerance = (ROUNDOFF[dtype] + roundings * ROUNDOFF[dtype === 'f64' ? 'f64' : 'f32']) * most
  const wrong = e.findIndex((v, i) => !(Math.abs((a[i] as number) - v) <= tolerance))
  expect(found.shape, what).toEqual(exact.shape)
  expect(wrong, `${what}: element ${wrong} is ${a[wrong]}, not ${e[wrong]}; tolerance ${tolerance}`).toBe(-1)
}

/** Values of the dtype; the same on the CPU in f64 and on the device. */
interface Pair {
  wide: Tensor
  narrow: Tensor
}
let generator: ops.Generator
function pair(dtype: Float, shape: readonly number[], mean = 0, offset = 0): Pair {
  const n = shape.reduce((a, b) => a * b, 1)
  const values = ops.add(ops.randn([n + offset], { generator }), mean).to(dtype)
  const seen = (t: Tensor): Tensor => ops.reshape(ops.narrow(t, 0, offset, n), shape)
  return { wide: seen(values.to('f64')), narrow: seen(values.to('cuda:0')) }
}

interface Case {
  shape: readonly number[]
  training: boolean
  weighted?: boolean
  residual?: boolean
  relu?: boolean
  mean?: number
  offset?: number // elements that the tensor begins behind a multiple of 16 bytes
  last?: boolean // channels-last
}

function batch(dtype: Float, c: Case): void {
  ops.scope(() => {
    generator = new ops.Generator(7)
    const what = `${dtype} ${JSON.stringify(c)}`
    const { shape, training, weighted = true, residual = false, relu = false, mean = 0, offset = 0 } = c
    const channels = [shape[1] as number]
    const laid = (t: Tensor): Tensor => {
      if (!c.last) return t
      const order = [0, t.rank - 1, ...Array.from({ length: t.rank - 2 }, (_, i) => i + 1)]
      return ops.permute(t, order)
    }
    const stored = c.last ? [shape[0] as number, ...shape.slice(2), shape[1] as number] : shape
    const [x, other, g] = [pair(dtype, stored, mean, offset), pair(dtype, stored), pair(dtype, stored, 0, offset)]
    const [weight, bias] = [pair(dtype, channels, 1), pair(dtype, channels)]
    const running = pair(dtype === 'f64' ? 'f64' : 'f32', channels, mean)
    const results = (['wide', 'narrow'] as const).map((which) => {
      const leaf = (p: Pair): Tensor => p[which].detach().requiresGrad_(true)
      const [xs, rs] = [leaf(x), leaf(other)]
      const [w, b] = weighted ? [leaf(weight), leaf(bias)] : [null, null]
      const [runningMean, runningVar] = [ops.clone(running[which]), ops.add(ops.abs(running[which]), 0.5)]
      const y = ops.batchNorm(laid(xs), runningMean, runningVar, w, b, {
        training,
        residual: residual ? laid(rs) : null,
        activation: relu ? 'relu' : null,
      })
      y.backward({ gradient: laid(g[which]) })
      const gradients = [xs, ...(residual ? [rs] : []), ...(w && b ? [w, b] : [])].map((t) => t.grad as Tensor)
      return [y, runningMean, runningVar, ...gradients]
    }) as [Tensor[], Tensor[]]
    const [exact, found] = results
    // The relu's own result decides what counts: near zero it may not be the exact one's.
    if (relu && dtype !== 'f64') {
      close(`${what} y`, found[0] as Tensor, exact[0] as Tensor, dtype)
      return
    }
    for (const [i, e] of exact.entries()) close(`${what}, result ${i}`, found[i] as Tensor, e, dtype)
  })
}

function groups(dtype: Float, shape: readonly number[], count: number, weighted: boolean, offset = 0): void {
  ops.scope(() => {
    generator = new ops.Generator(9)
    const what = `${dtype} (${shape}) in ${count} groups`
    const channels = [shape[1] as number]
    const [x, g] = [pair(dtype, shape, 1, offset), pair(dtype, shape)]
    const [weight, bias] = [pair(dtype, channels, 1), pair(dtype, channels)]
    const [exact, found] = (['wide', 'narrow'] as const).map((which) => {
      const leaf = (p: Pair): Tensor => p[which].detach().requiresGrad_(true)
      const [xs, w, b] = [leaf(x), weighted ? leaf(weight) : null, weighted ? leaf(bias) : null]
      const y = ops.groupNorm(xs, count, w, b)
      y.backward({ gradient: g[which] })
      return [y, xs.grad, w?.grad, b?.grad].filter(Boolean) as Tensor[]
    }) as [Tensor[], Tensor[]]
    for (const [i, e] of exact.entries()) close(`${what}, result ${i}`, found[i] as Tensor, e, dtype)
  })
}

type Statistics = readonly [Float64Array, Float64Array]

describe.skipIf(!present)('normalised channels on CUDA', () => {
  for (const dtype of FLOATS) {
    test(`${dtype}: batches by planes`, () => {
      for (const shape of [
        [2, 3, 32],
        [5, 7, 7, 7],
        [3, 2, 11, 31],
        [37, 1, 49],
        [2, 3, 2053],
      ]) {
        batch(dtype, { shape, training: true, mean: 5 })
        batch(dtype, { shape, training: false, weighted: false, residual: true })
      }
      batch(dtype, { shape: [3, 5, 53], training: true, offset: 1, residual: true })
      // One long run: cut into segments.
      batch(dtype, { shape: [1, 1, 16411], training: true, mean: -3 })
    })
    test(`${dtype}: batches by columns`, () => {
      for (const shape of [
        [67, 3],
        [7, 1],
        [301, 16],
        [130, 40],
        [9, 5, 3],
        [33, 37, 2, 2],
        [23, 301],
      ]) {
        batch(dtype, { shape, training: true, mean: 5 })
        batch(dtype, { shape, training: false, weighted: false, residual: true })
      }
      batch(dtype, { shape: [35, 16], training: true, offset: 3, residual: true })
      batch(dtype, { shape: [3, 24, 5, 7], training: true, last: true, residual: true })
    })
    test(`${dtype}: relu`, () => {
      for (const shape of [
        [3, 5, 53],
        [67, 24],
      ])
        for (const training of [true, false])
          for (const residual of [true, false]) batch(dtype, { shape, training, residual, relu: true })
    })
    test(`${dtype}: groups`, () => {
      groups(dtype, [2, 6, 7, 5], 3, true)
      groups(dtype, [3, 4, 64], 4, false)
      groups(dtype, [1, 12, 331], 2, true, 1)
      groups(dtype, [67, 18], 2, true)
      groups(dtype, [1, 2, 9001], 1, true)
      groups(dtype, [5, 13, 1], 1, true)
    })
  }

  test('variances of values far from zero, and of a first one far from the rest', () => {
    ops.scope(() => {
      generator = new ops.Generator(3)
      for (const shape of [
        [4, 3, 1000],
        [900, 3],
      ]) {
        const values = ops.add(ops.randn(shape, { generator }), 4096) as Tensor
        const first = ops.mul(ops.zeros(shape), 0)
        const x = ops.concat([ops.narrow(first, 0, 0, 1), values], 0)
        for (const t of [values, x]) {
          const [a, b] = [t.to('cuda:0'), t.to('f64')].map((v) => {
            const mean = ops.zeros([3], { dtype: v.dtype, device: v.device })
            const variance = ops.zeros([3], { dtype: v.dtype, device: v.device })
            ops.batchNorm(v, mean, variance, null, null, { training: true, momentum: 1 })
            return [numbers(mean), numbers(variance)] as const
          }) as [Statistics, Statistics]
          for (let k = 0; k < 3; k++) {
            expect(Math.abs((a[0][k] as number) / (b[0][k] as number) - 1)).toBeLessThan(1e-6)
            expect(Math.abs((a[1][k] as number) / (b[1][k] as number) - 1)).toBeLessThan(1e-4)
          }
        }
      }
    })
  })

  test('more packs than threads, whose channels come again or do not', () => {
    ops.scope(() => {
      for (const shape of [
        [150_000, 6],
        [3, 1, 300_001],
      ]) {
        const n = shape.reduce((a, b) => a * b, 1)
        const values = new Float32Array(n).map((_, i) => (i * 7919) % 1009)
        const channels = shape[1] as number
        const means = new Float32Array(channels).map((_, i) => 100 * i)
        const on = (device: string): Float64Array => {
          const [x, mean] = [ops.tensor(values, { shape, device }), ops.tensor(means, { device })]
          return numbers(ops.batchNorm(x, mean, ops.ones([channels], { device }), null, null))
        }
        const [found, exact] = [on('cuda:0'), on('cpu')]
        expect(found.findIndex((v, i) => !(Math.abs(v - (exact[i] as number)) <= 1e-3))).toBe(-1)
      }
    })
  })

  test('what is not a number stays in its channel', () => {
    ops.scope(() => {
      for (const shape of [
        [2, 3, 40],
        [50, 3],
      ]) {
        const values = new Float32Array(shape.reduce((a, b) => a * b, 1)).map((_, i) => Math.sin(i))
        values[shape.length === 3 ? 41 : 4] = Number.NaN
        const y = ops.batchNorm(ops.tensor(values, { shape, device: 'cuda:0' }), null, null, null, null, {
          training: true,
          activation: 'relu',
        })
        const of = (channel: number): number[] => [...numbers(ops.select(y, 1, channel))]
        expect(of(0).every(Number.isFinite)).toBe(true)
        expect(of(1).every(Number.isNaN)).toBe(true)
        expect(of(2).every(Number.isFinite)).toBe(true)
      }
    })
  })
})
