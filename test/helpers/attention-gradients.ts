/**
 * Attention of halves and its gradients against the same in f64, element by element. Place in the whole: attention.test.ts and
 * attention-pairs.test.ts, that is the processor's own kernels and those by pairs, and those of CUDA; OpSpecs bound gradients by their
 * norm alone.
 *
 * With u the unit roundoff of the dtype, 2^-8 or 2^-11, P the weights and g the gradient of the result y = P v, what is rounded to it is y, the
 * weights and dS = P (g v^T - D), and D = rowsum(g y) is computed from the rounded y. So, |x| by elements,
 *   y    u (|y| + Y),  Y = P |v|
 *   dS   u E,          E = |dS| + P rowsum(|g| (|y| + Y))
 *   gq   u (|gq| + scale E |k|),  gk the same with E^T |q|,  gv  u (|gv| + P^T |g|)
 * Sums in f32 and the products of two such errors stay far below a sixteenth of that, which is added.
 */
import { expect, test } from 'vitest'
import * as s from '#lib/index.js'
import { scope, type Tensor } from '#lib/index.js'
import { numbers, smallest } from './compare.js'
import { Random } from './random.js'

const ROUNDOFF = { bf16: 2 ** -8 * (1 + 1 / 16), f16: 2 ** -11 * (1 + 1 / 16) }

/** b, h, t queries, s keys, d, e */
const SIZES = [
  [1, 1, 5, 1, 1, 1],
  [1, 2, 6, 7, 3, 5],
  [2, 1, 33, 65, 16, 17],
  [1, 2, 70, 131, 40, 24],
  [1, 1, 130, 260, 64, 64],
  [1, 2, 67, 129, 33, 70],
] as const
/** How many keys before and behind its place a query sees; -1: all. */
const WINDOWS = [
  [-1, -1],
  [-1, 0],
  [20, 3],
] as const

export function attentionGradients(dtype: keyof typeof ROUNDOFF = 'bf16', device = 'cpu'): void {
  test.each(SIZES)(`${dtype} (%i, %i), %i queries, %i keys, %i and %i wide`, (b, h, t, n, d, e) => {
    const r = new Random(`attention ${b} ${h} ${t} ${n} ${d} ${e}`)
    const draw = (rows: number, width: number): Tensor =>
      s.tensor(
        r.array(b * h * rows * width, (r) => r.uniform(-1, 1)),
        { shape: [b, h, rows, width], dtype, device },
      )
    for (const [left, right] of WINDOWS)
      scope(() => {
        const [q, k, v, g] = [draw(t, d), draw(n, d), draw(n, e), draw(t, e)]
        const leaves = [q, k, v].map((x) => x.requiresGrad_())
        const y = s.scaledDotProductAttention(q, k, v, { window: [left, right] })
        y.backward({ gradient: g })
        const truth = s.noGrad(() => exact([q, k, v, g], left, right, ROUNDOFF[dtype]))
        for (const [name, found] of [['y', y], ...leaves.map((x, i) => ['gq gk gv'.split(' ')[i], x.grad])] as const)
          expectWithin(`${name}, window ${left} ${right}`, found as Tensor, truth[name as keyof typeof truth])
      })
  })
}

type Bounded = readonly [value: Tensor, bound: Tensor]

function exact(
  operands: readonly Tensor[],
  left: number,
  right: number,
  u: number,
): Record<'y' | 'gq' | 'gk' | 'gv', Bounded> {
  const [q, k, v, g] = operands.map((x) => x.to('cpu').to('f64')) as [Tensor, Tensor, Tensor, Tensor]
  const [t, n, d] = [q.shape[2] as number, k.shape[2] as number, q.shape[3] as number]
  const scale = 1 / Math.sqrt(d)
  const turned = (x: Tensor): Tensor => x.transpose(-2, -1)
  const place = (x: number): number => (x % n) - (Math.floor(x / n) + n - t) // of a key, seen from the query
  const sees = s.tensor(
    Uint8Array.from(
      { length: t * n },
      (_, x) => +((left < 0 || place(x) >= -left) && (right < 0 || place(x) <= right)),
    ),
    { shape: [t, n], dtype: 'bool' },
  )
  const hidden = -1e9 // finite, for queries that see no key
  const P = s.where(sees, s.softmax(s.where(sees, s.matmul(q, turned(k)).mul(scale), hidden), -1), 0)
  const y = s.matmul(P, v)
  const rowsum = (x: Tensor): Tensor => s.sum(x, -1, { keepDim: true })
  const dS = P.mul(s.matmul(g, turned(v)).sub(rowsum(g.mul(y))))
  const Y = s.matmul(P, s.abs(v))
  const E = s.abs(dS).add(P.mul(rowsum(s.abs(g).mul(s.abs(y).add(Y)))))
  const bounded = (x: Tensor, inner: Tensor): Bounded => [x, s.abs(x).add(inner).mul(u)]
  return {
    y: bounded(y, Y),
    gq: bounded(s.matmul(dS, k).mul(scale), s.matmul(E, s.abs(k)).mul(scale)),
    gk: bounded(s.matmul(turned(dS), q).mul(scale), s.matmul(turned(E), s.abs(q)).mul(scale)),
    gv: bounded(s.matmul(turned(P), g), s.matmul(turned(P), s.abs(g))),
  }
}

function expectWithin(what: string, found: Tensor, [value, bound]: Bounded): void {
  expect(found.shape, what).toEqual(value.shape)
  const lost = smallest(found.dtype) / 2 // of numbers too small for all digits
  const [a, b, most] = [found, value, bound].map(numbers) as [Float64Array, Float64Array, Float64Array]
  for (let i = 0; i < a.length; i++) {
    const off = Math.abs((a[i] as number) - (b[i] as number))
    if (!(off <= (most[i] as number) + lost))
      expect.fail(`${what}: element ${i} is ${a[i]}, expected ${b[i]}, off by ${off} > ${most[i]}`)
  }
}
