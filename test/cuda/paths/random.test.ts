/**
 * Random numbers on CUDA (cuda/kernels/random) in every dtype: the same as the CPU's, element by element, in rows that packs divide or
 * not; the same by a graph's launches, whose streams the device counts, as by calls; parameters that are refused. Place in the whole:
 * test/ops/distributions.test.ts has the distributions themselves; here are the kernels' paths.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { cudaGraph, Generator, manualSeed, scope, type Tensor, tensor } from '#lib/index.js'
import { numbers } from '../../helpers/compare.js'
import { device, drawn, same } from '../same.js'

const FLOATS = ['f32', 'f64', 'bf16', 'f16'] as const
type Float = (typeof FLOATS)[number]
const REALS = [...FLOATS, 'i32', 'i64', 'u8', 'i8', 'bool'] as const
const on = device as string

interface Draws {
  generator?: Generator
}

/** Probabilities beyond 0 and 1, too, which count as the nearer end. */
const chances = (at: string, dtype: Float): Tensor => drawn('p', [515], dtype, at, (r) => r.uniform(-0.2, 1.2))

/**
 * By the size of count times probability, the rarer of success and failure: below 10 by inversion, above by rejection, with logarithms of
 * factorials from a product or by a series. One row has the ends: no trials, certain and impossible ones, all but impossible ones.
 */
function trials(at: string, dtype: Float): [Tensor, Tensor] {
  const ends = [
    [0, 0.5],
    [7, 0],
    [7, 1],
    [2000, 2 ** -24],
    [40, 0.5],
    [21, 0.5],
  ] as const
  const count = drawn('n', [300], dtype, at, (r) => Math.floor(r.pick([1, 5, 30, 60, 500, 2000]) * r.next()))
  const chance = drawn('q', [300], dtype, at, (r) => r.pick([0.01, 0.3, 0.5, 0.8, 0.99]))
  const parts = [0, 1].map((k) =>
    tensor(ends.map((e) => e[k] as number))
      .to(dtype)
      .to(at),
  ) as [Tensor, Tensor]
  return [ops.concat([count, parts[0]], 0), ops.concat([chance, parts[1]], 0)]
}

/** Categories, some of which have no weight; a thread has five of 1153 rows' weights. */
const weights = (at: string, dtype: Float): Tensor =>
  drawn('w', [2, 1153], dtype, at, (r) => (r.next() < 0.1 ? 0 : r.uniform(0.1, 9)))

const DRAWS: Record<string, (at: string, dtype: Float, by: Draws) => Tensor | Tensor[]> = {
  // Behind an odd element nothing is aligned.
  dropout: (at, dtype, by) =>
    [0, 1].flatMap((offset) =>
      [1031, 1024].map((n) => {
        const x = drawn('x', [n + offset], dtype, at, (r) => r.uniform(-9, 9))
        return ops.dropout(ops.narrow(x, 0, offset, n), 0.3, by)
      }),
    ),
  bernoulli: (at, dtype, by) => REALS.map((d) => ops.bernoulli(chances(at, dtype), { dtype: d, ...by })),
  binomial: (at, dtype, by) => ops.binomial(...trials(at, dtype), by),
  poisson: (at, dtype, by) =>
    ops.poisson(
      drawn('r', [700], dtype, at, (r) => r.pick([0, 0.5, 4, 12, 90, 900])),
      by,
    ),
  'multinomial with replacement': (at, dtype, by) =>
    ops.multinomial(weights(at, dtype), 301, { replacement: true, ...by }),
  // Few are found one after the other, more by sorting; of equal tickets, infinite ones of no weight, none is drawn.
  'multinomial without': (at, dtype, by) => [7, 300].map((k) => ops.multinomial(weights(at, dtype), k, by)),
}

/** The draws of every dtype of results, from numbers. */
const PLAIN: Record<string, (at: string, by: Draws) => Tensor[]> = {
  'bernoulli, randint, geometric': (at, by) =>
    REALS.flatMap((dtype) =>
      [1031, 6].flatMap((n) => [
        ops.bernoulli([n], 0.3, { dtype, device: at, ...by }),
        ops.randint(0, 2, [n], { dtype, device: at, ...by }),
        ops.geometric([n], 0.3, { dtype, device: at, ...by }),
      ]),
    ) as Tensor[],
  'uniform, normal': (at, by) =>
    FLOATS.flatMap((dtype) =>
      [1031, 6].flatMap((n) => [
        ops.uniform([n], -3, 5, { dtype, device: at, ...by }),
        ops.normal([n], 2, 3, { dtype, device: at, ...by }),
      ]),
    ) as Tensor[],
  'exponential, cauchy, log-normal': (at, by) =>
    FLOATS.flatMap((dtype) =>
      [1031, 6].flatMap((n) => [
        ops.exponential([n], 2, { dtype, device: at, ...by }),
        ops.cauchy([n], 1, 2, { dtype, device: at, ...by }),
        ops.logNormal([n], 0, 0.5, { dtype, device: at, ...by }),
      ]),
    ) as Tensor[],
}
/** The CPU's bits, but where logarithms, exponentials and roots of f64 take part, and what they are rounded to. */
const ROUNDINGS: Record<string, number> = { 'uniform, normal': 4, 'exponential, cauchy, log-normal': 4 }

describe.skipIf(device === undefined)('draws on cuda are those on the CPU', () => {
  for (const [name, draw] of Object.entries(DRAWS))
    test.each(FLOATS)(`${name}, %s`, (dtype) =>
      same(name, (at) => draw(at, dtype, { generator: new Generator(2 ** 40 + 7) })),
    )
  for (const [name, draw] of Object.entries(PLAIN))
    test(name, () => same(name, (at) => draw(at, { generator: new Generator(5) }), ROUNDINGS[name] ?? 0))
})

describe.skipIf(device === undefined)('draws by a graph are those by calls', () => {
  const both = async (draw: () => Tensor[]): Promise<void> => {
    const values = (all: Tensor[]): number[][] => all.map((t) => [...numbers(t)])
    manualSeed(3)
    const calls = [0, 1, 2].map(() => scope(() => values(draw()) as never) as number[][])
    manualSeed(1)
    const graph = await cudaGraph(draw)
    manualSeed(3)
    for (const expected of calls) expect(values(graph.replay() as Tensor[])).toEqual(expected)
    graph.dispose()
  }
  for (const [name, draw] of Object.entries(DRAWS))
    test.each(FLOATS)(`${name}, %s`, (dtype) => {
      return both(() => [draw(on, dtype, {})].flat())
    })
  for (const [name, draw] of Object.entries(PLAIN)) test(name, () => both(() => draw(on, {})))
})

describe.skipIf(device === undefined).each(FLOATS)('%s parameters that are refused on cuda', (dtype) => {
  const given = (...values: number[]): Tensor => tensor(values).to(dtype).to(on)
  const refused = (f: () => Tensor, message: RegExp): void =>
    scope(() => void expect(() => numbers(f())).toThrow(message))

  test('rates, counts and probabilities', () => {
    for (const rate of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      refused(() => ops.poisson(given(1, 2, rate)), /poisson: the rate at position 2 is negative, NaN or above/)
    for (const [count, p] of [
      [-1, 0.5],
      [Number.NaN, 0.5],
      [Number.POSITIVE_INFINITY, 0.5],
      [3, -0.5],
      [3, 1.5],
      [3, Number.NaN],
    ] as const)
      refused(() => ops.binomial(given(3, count), given(0.5, p)), /binomial: the count at position 1 is negative, NaN/)
  })

  test('weights', () => {
    for (const replacement of [true, false]) {
      for (const w of [-1, Number.NaN, Number.POSITIVE_INFINITY])
        refused(
          () => ops.multinomial(given(1, 2, 3, 1, w, 3).reshape([2, 3]) as Tensor, 1, { replacement }),
          /multinomial: row 1 has weights that are negative or not finite/,
        )
      refused(() => ops.multinomial(given(0, 0, 0), 1, { replacement }), /multinomial: row 0 .* too few above 0/)
    }
    refused(() => ops.multinomial(given(1, 0, 0), 2), /multinomial: row 0 .* too few above 0/)
  })
})
