/**
 * Normalised rows on CUDA (cuda/kernels/norm/norm_rows.cu) in rows of every length against the CPU's in f64: several packs a thread,
 * ragged and unaligned rows, rows longer than what a block keeps, several chunks of rows behind the parameters' gradients; running
 * statistics of every dtype. Place in the whole: the operator matrix (test/ops) has the semantics in small rows, and
 * ../channel-norm.test.ts the kernels that normalise channels.
 */
import { describe, expect, test } from 'vitest'
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { BYTES } from '#lib/tensor/dtype.js'
import { numbers } from '../../helpers/compare.js'
import { FLOATS, type Float, ROUNDOFF } from '../products.js'
import { device, drawn } from '../same.js'

/** Operations in a row behind a result: centred, scaled, weighted, shifted; the statistics' own. */
const ROUNDINGS = 8

/**
 * Rounded once to the result's dtype, from numbers that some roundings of the type that x is computed in are away, each of a size.
 * `sides`: 2 where what is expected was rounded, too.
 */
function close(what: string, found: Tensor, expected: Tensor, x: Float, size: (i: number) => number, sides = 1): void {
  const [a, e] = [numbers(found), numbers(expected)]
  const once = sides * ROUNDOFF[found.dtype as Float]
  const own = sides * ROUNDINGS * ROUNDOFF[x === 'f64' ? 'f64' : 'f32']
  const wrong = e.findIndex((v, i) => !(Math.abs((a[i] as number) - v) <= once * Math.abs(v) + own * size(i)))
  expect(found.shape, what).toEqual(expected.shape)
  if (wrong >= 0) expect.fail(`${what}: element ${wrong} is ${a[wrong]}, expected ${e[wrong]}`)
}

interface Case {
  shape: readonly [rows: number, n: number]
  weight?: boolean
  bias?: boolean
  residual?: boolean
}
type Leaves = Partial<Record<'x' | 'weight' | 'bias' | 'residual', Tensor>>

/** What y and its gradients are in f64, and on the device. */
function rows(name: 'layer' | 'rms', dtype: Float, { shape, weight, bias, residual }: Case): void {
  const n = shape[1]
  const what = `${name}Norm of ${dtype} (${shape})${weight ? ', weight' : ''}${bias ? ', bias' : ''}${residual ? ', residual' : ''}`
  const narrow = (seed: string, of: readonly number[], low: number, high: number): Tensor =>
    drawn(seed, of, dtype, 'cpu', (r) => r.uniform(low, high))
  const [g, gsum] = [narrow('g', shape, -1, 1), narrow('gsum', shape, -1, 1)]
  const given: Leaves = { x: narrow('x', shape, -1, 2) }
  if (weight) given.weight = narrow('weight', [n], 0.5, 1.5)
  if (bias && name === 'layer') given.bias = narrow('bias', [n], -1, 1)
  if (residual) given.residual = narrow('residual', shape, -1, 2)
  const leaf = (t: Tensor | undefined, place: (t: Tensor) => Tensor): Tensor | null =>
    t ? place(t).detach().requiresGrad_(true) : null

  const run = (place: (t: Tensor) => Tensor, exact: boolean): Tensor[] => {
    const [w, b] = [leaf(given.weight, place), leaf(given.bias, place)]
    const norm = (x: Tensor): Tensor =>
      name === 'layer' ? ops.layerNorm(x, [n], w, b, 1e-5) : ops.rmsNorm(x, [n], w, 1e-5)
    const parameters = (): Tensor[] => [w, b].flatMap((t) => (t ? [t.grad as Tensor] : []))
    if (!residual) {
      const x = leaf(given.x, place) as Tensor
      const y = norm(x)
      y.backward({ gradient: place(g) })
      return [y, x.grad as Tensor, ...parameters()]
    }
    if (exact) {
      // The sum is rounded before it is normalised.
      const sum = leaf(ops.add(given.x as Tensor, given.residual as Tensor), place) as Tensor
      const y = norm(sum)
      y.backward({ gradient: place(g) })
      return [y, ops.add(sum.grad as Tensor, place(gsum)), ...parameters(), sum.detach()]
    }
    const [x, r] = [leaf(given.x, place), leaf(given.residual, place)] as [Tensor, Tensor]
    const { sum, y } = name === 'layer' ? ops.addLayerNorm(x, r, [n], w, b, 1e-5) : ops.addRmsNorm(x, r, [n], w, 1e-5)
    ops.add(ops.mul(y, place(g)).sum(), ops.mul(sum, place(gsum)).sum()).backward()
    expect(numbers(r.grad as Tensor), what).toEqual(numbers(x.grad as Tensor))
    return [y, x.grad as Tensor, ...parameters(), sum.detach()]
  }
  ops.scope(() => {
    const found = run((t) => t.to(device as string), false)
    const exact = run((t) => t.to('f64'), true)
    expect(found.length).toBe(exact.length)
    // Elements are of size 2, and scaled by their row's rstd; so is what a mean is off. A parameter's gradient is a sum over the rows.
    const rstd = scales(name, ops.add(given.x as Tensor, given.residual ?? 0).to('f64'))
    const all = rstd.reduce((a, b) => a + b, 0)
    const parameters = Number(!!given.weight) + Number(!!given.bias)
    for (const [i, e] of exact.entries())
      close(`${what}: result ${i}`, found[i] as Tensor, e, dtype, (k) =>
        i >= 2 && i < 2 + parameters ? 2 * all : 4 * (rstd[Math.floor(k / n)] as number),
      )
  })
}

/** What each row is multiplied by, at least 1. */
function scales(name: 'layer' | 'rms', x: Tensor): Float64Array {
  const squares = name === 'layer' ? ops.variance(x, 1, { correction: 0 }) : ops.square(x).mean(1)
  return numbers(squares).map((v) => Math.max(1, 1 / Math.sqrt(v + 1e-5)))
}

describe.skipIf(device === undefined)('normalised rows on cuda', () => {
  for (const dtype of FLOATS)
    for (const name of ['layer', 'rms'] as const)
      test(`${dtype} ${name}Norm`, () => {
        const pack = 16 / BYTES[dtype]
        const cases: Case[] = [
          // A thread a row, in more than one block.
          { shape: [300, 3], weight: true, bias: true },
          // Several chunks of rows, each of several rows a thread; several blocks of columns. Rows that all begin at multiples of 16 bytes
          // and end with a pack, and rows that do not.
          { shape: [165, 40], weight: true, bias: true, residual: true },
          { shape: [165, 37], weight: true, bias: true, residual: true },
          // All of a block's threads, of which each keeps up to four packs: rows that end within each of these, and longer ones.
          { shape: [3, 140 * pack], weight: true, residual: true },
          ...[333, 600, 1021, 1030].map(
            (packs): Case => ({ shape: [3, packs * pack + 1], weight: true, bias: true, residual: true }),
          ),
          { shape: [3, 1030 * pack] },
        ]
        for (const it of cases) rows(name, dtype, it)
      })

  // The CPU's in the same dtypes: a deviation of bf16 is one before it is applied.
  for (const dtype of FLOATS)
    test(`${dtype} batchNorm whose running statistics have any dtype`, () => {
      for (const kept of FLOATS)
        for (const training of [true, false])
          for (const shape of [
            [9, 3, 5],
            // An odd number of columns, which are read one by one, and several rows a thread.
            [130, 33],
          ]) {
            const c = [shape[1] as number]
            const of = (seed: string, size: readonly number[], as: Float, low: number, high: number): Tensor =>
              drawn(seed, size, as, 'cpu', (r) => r.uniform(low, high))
            const results = (at: string): Tensor[] => {
              const [x, weight, bias] = [
                of('x', shape, dtype, -2, 2),
                of('w', c, dtype, 0.5, 1.5),
                of('b', c, dtype, -1, 1),
              ].map((t) => t.to(at).requiresGrad_(true)) as [Tensor, Tensor, Tensor]
              const [mean, variance] = [of('m', c, kept, -1, 1).to(at), of('v', c, kept, 0.5, 1.5).to(at)]
              const y = ops.batchNorm(x, mean, variance, weight, bias, { training })
              y.backward({ gradient: of('g', shape, dtype, -1, 1).to(at) })
              return [y, mean, variance, ...[x, weight, bias].map((t) => t.grad as Tensor)]
            }
            const what = `${dtype} (${shape}), statistics of ${kept}, ${training ? 'training' : 'evaluation'}`
            ops.scope(() => {
              const [found, expected] = [results(device as string), results('cpu')]
              // The gradients of weight and bias are sums, over what is beside the channels, of terms of size 4.
              const terms = (shape.reduce((a, b) => a * b, 1) / (shape[1] as number)) * 4
              expect(found.map((t) => t.dtype)).toEqual(expected.map((t) => t.dtype))
              for (const [i, e] of expected.entries())
                close(`${what}: result ${i}`, found[i] as Tensor, e, dtype, () => (i >= 4 ? terms : 4), 2)
            })
          }
    })
})
