/**
 * Cross entropy on CUDA (cuda/kernels/loss/cross_entropy.cu) over any number of classes against the CPU's in f64: several packs a
 * thread, ragged and unaligned rows, rows longer than what a block keeps; losses and gradients, and both in one pass. Place in the
 * whole: the operator tests have the semantics, in few classes.
 */
import { describe, expect, test } from 'vitest'
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { BYTES } from '#lib/tensor/dtype.js'
import { numbers, smallest } from '../../helpers/compare.js'
import { FLOATS, type Float, ROUNDOFF } from '../products.js'
import { device, drawn } from '../same.js'

/** Logits lie in -4 .. 4: logarithms of sums over up to 2^13 classes, and losses, are below this. */
const LARGEST = 16
/** Operations behind a probability or a loss, in the type that is computed in. */
const ROUNDINGS = 8
const IGNORED = -100

interface Case {
  rows: number
  classes: number
  weighted?: boolean
  smoothing?: number
  reduction?: 'none' | 'mean' | 'sum'
  indices?: 'i32' | 'i64'
}

/** Rounded, as a rule once, to the result's dtype, from what is computed in x's: by size(element, index) off. */
function close(
  what: string,
  found: Tensor,
  exact: Tensor,
  x: Float,
  size: (e: number, i: number) => number,
  times = 1,
): void {
  const [a, e] = [numbers(found), numbers(exact)]
  const [once, own] = [ROUNDOFF[found.dtype as Float], ROUNDINGS * ROUNDOFF[x === 'f64' ? 'f64' : 'f32']]
  const allowed = (v: number, i: number): number =>
    times * Math.max(once * Math.abs(v), smallest(found.dtype) / 2) + own * size(v, i)
  const wrong = e.findIndex((v, i) => !(Math.abs((a[i] as number) - v) <= allowed(v, i)))
  expect(found.shape, what).toEqual(exact.shape)
  if (wrong >= 0) expect.fail(`${what}: element ${wrong} is ${a[wrong]}, expected ${e[wrong]}`)
}

interface Problem {
  logits: Tensor
  target: Tensor
  weight: Tensor | null
  g: Tensor
}
/** The last class, which may lie behind the packs; the first one; no class; any. */
const targetOf = (row: number, classes: number): number =>
  [classes - 1, 0, IGNORED, (row * 7919) % classes][row % 4] as number

function problem(dtype: Float, { rows, classes, weighted, reduction = 'none', indices = 'i64' }: Case): Problem {
  const of = (seed: string, shape: readonly number[], low: number, high: number): Tensor =>
    drawn(seed, shape, dtype, 'cpu', (r) => r.uniform(low, high))
  const targets = Array.from({ length: rows }, (_, i) => targetOf(i, classes))
  return {
    logits: of('logits', [rows, classes], -4, 4),
    target: ops.tensor(targets, { dtype: indices }) as Tensor,
    weight: weighted ? of('weight', [classes], 0.5, 1.5) : null,
    g: of('g', reduction === 'none' ? [rows] : [], 0.5, 1),
  }
}

const described = (name: string, dtype: Float, c: Case): string => `${name} of ${dtype} ${JSON.stringify(c)}`

/**
 * A gradient's terms: a probability, whose logarithm is of size LARGEST, and a share of a smoothed target; that of the target is the
 * difference of two that may be near 1. Rows are weighted by 1.5 at most, and divided by half their number at least.
 */
function ofGradient({ rows, classes, smoothing = 0, reduction }: Case): (e: number, i: number) => number {
  const row = reduction === 'mean' ? 3 / rows : 1.5
  return (e, i) => {
    const own = targetOf(Math.floor(i / classes), classes) === i % classes
    return LARGEST * (Math.abs(e) + row * (own ? 1 : (2 * smoothing) / classes))
  }
}

/** The loss and its gradient, by two kernels. */
function twoPasses(dtype: Float, c: Case): void {
  ops.scope(() => {
    const { rows, reduction = 'none', smoothing = 0 } = c
    const { logits, target, weight, g } = problem(dtype, c)
    const run = (place: (t: Tensor) => Tensor, device: string): [Tensor, Tensor] => {
      const x = place(logits).detach().requiresGrad_(true)
      const loss = ops.crossEntropy(x, target.to(device), {
        weight: weight && place(weight),
        labelSmoothing: smoothing,
        reduction,
      })
      loss.backward({ gradient: place(g) })
      return [loss, x.grad as Tensor]
    }
    const [found, exact] = [run((t) => t.to(device as string), device as string), run((t) => t.to('f64'), 'cpu')]
    const what = described('crossEntropy', dtype, c)
    // The mean's terms are divided by what is rounded once itself.
    close(`${what}: loss`, found[0], exact[0], dtype, () => (reduction === 'sum' ? rows : 1) * LARGEST)
    close(`${what}: gradient`, found[1], exact[1], dtype, ofGradient(c))
  })
}

/**
 * Loss and gradient of a linear layer in one kernel. Rows of x are those of the unit matrix, so that the weights are the logits, and
 * their gradients the logits', exactly.
 */
function onePass(dtype: Float, c: Case): void {
  ops.scope(() => {
    const { rows, reduction = 'none', smoothing = 0 } = c
    const { logits, target, weight, g } = problem(dtype, c)
    const exact = logits.to('f64').requiresGrad_(true)
    const options = { labelSmoothing: smoothing, reduction }
    const expected = ops.crossEntropy(exact, target, { ...options, weight: weight?.to('f64') ?? null })
    expected.backward({ gradient: g.to('f64') })

    const on = (t: Tensor): Tensor => t.to(device as string)
    const x = on(ops.eye(rows).to(dtype))
    const layer = on(ops.clone(ops.permute(logits, [1, 0])))
    const what = described('linearCrossEntropy', dtype, c)
    const size = (): number => (reduction === 'sum' ? rows : 1) * LARGEST
    const given = { ...options, weight: weight && on(weight) }
    // Without a gradient, too: losses of another dtype than the logits'.
    for (const wanted of [false, true]) {
      const w = layer.detach().requiresGrad_(wanted)
      const loss = ops.linearCrossEntropy(x, w, on(target), given)
      close(`${what}: loss`, loss, expected, dtype, size)
      if (!wanted) continue
      loss.backward({ gradient: on(g) })
      // With 'mean' and 'sum' the gradient is rounded before the loss's factor, and after it.
      close(
        `${what}: gradient`,
        ops.permute(w.grad as Tensor, [1, 0]),
        exact.grad as Tensor,
        dtype,
        ofGradient(c),
        reduction === 'none' ? 1 : 2,
      )
    }
  })
}

describe.skipIf(device === undefined)('cross entropy on cuda', () => {
  for (const dtype of FLOATS) {
    const pack = 16 / BYTES[dtype]
    const cases: Case[] = [
      // A thread a row, in more than one block; more rows than four for each thread of the block that adds losses.
      { rows: 1301, classes: 3, reduction: 'mean', indices: 'i32' },
      { rows: 1301, classes: 3, weighted: true, smoothing: 0.1, reduction: 'sum' },
      ...[false, true].flatMap((weighted) =>
        [0, 0.25].map((smoothing): Case => ({ rows: 35, classes: 37, weighted, smoothing, reduction: 'mean' })),
      ),
      // All of a block's threads, of which each keeps up to four packs: rows that end within each of these, and longer ones.
      { rows: 5, classes: 140 * pack, smoothing: 0.25 },
      ...[140, 333, 600, 1021, 1030].map(
        (packs): Case => ({ rows: 5, classes: packs * pack + 1, weighted: true, smoothing: 0.25, reduction: 'none' }),
      ),
      { rows: 5, classes: 600 * pack },
      { rows: 5, classes: 1030 * pack },
    ]
    test(`${dtype}: a loss, then its gradient`, () => {
      for (const c of cases) twoPasses(dtype, c)
    })
    test(`${dtype}: loss and gradient at once`, () => {
      // Here a thread keeps two packs of a row, of f64 one.
      for (const c of cases) if (c.rows < 100 && c.classes < 601 * pack) onePass(dtype, c)
    })
    test(`${dtype}: targets that are no class`, () => {
      const at = device as string
      for (const indices of ['i32', 'i64'] as const)
        for (const bad of [7, -3])
          ops.scope(() => {
            const target = ops.tensor([0, bad, 6, IGNORED], { dtype: indices, device: at }) as Tensor
            const layer = drawn('layer', [7, 4], dtype, at, (r) => r.uniform(-1, 1)).requiresGrad_(true)
            const refused = (name: string): string => `${name}: index ${bad} is out of range for 7 classes`
            const loss = ops.crossEntropy(ops.permute(layer, [1, 0]), target, { reduction: 'sum' })
            loss.backward()
            // What the gradient finds follows from what the loss found: one error.
            for (const result of [loss, layer.grad as Tensor])
              expect(() => numbers(result)).toThrow(refused('crossEntropy'))
            const x = ops.eye(4, 4, { dtype, device: at })
            const other = ops.linearCrossEntropy(x, layer, target, { reduction: 'sum' })
            expect(() => numbers(other)).toThrow(refused('crossEntropyInto'))
          })
    })
  }
})
