// 100 steps of every optimizer against test/golden/optim.json: torch 2.13 in float64, and the papers' algorithms written out in
// float64 where torch has none (test/golden/optim.py names them). All 36 parameters are compared at steps 1, 2, 5, 10, 20, 50, 100.
//
// Tolerance: what rounding does to a trajectory is measured. The same steps in f64 with the parameters rounded to f32 after each, or
// with gradients, parameters and state rounded, lie d away; a step's other roundings are no larger, and they are some: those of
// gradient and rule together are counted as ROUNDINGS. In f64 all of it is 2^-29 as large, and so is what f32 does inside a rule
// (an eigenvector of SOAP may move by far more than its matrix).
import { describe, expect, it } from 'vitest'
import { scope, Tensor } from '#lib/index.js'
import type { Parameter } from '#lib/nn/index.js'
import * as optim from '#lib/optim/index.js'
import { distance, golden, largest, lossOf, roundTo, start, valuesOf } from './problem.js'

const ROUNDINGS = 16
/** SOAP has six products of sums of four terms more, and eigenvectors, whose errors are a small multiple of n eps. */
const OF_SOAP = 64
const EPS = { f32: 2 ** -23, f64: 2 ** -52 } as const

interface Case {
  optimizer: string
  options: Record<string, unknown>
  values: Record<string, number[]>
}

type Points = Record<string, number[]>
type Make = new (params: readonly Parameter[], options: object) => optim.Optimizer<any>

const tensorsOf = (optimizer: optim.Optimizer<any>): Tensor[] =>
  Object.values(optimizer.stateDict().state).flatMap((kept) => Object.values(kept).filter((x) => x instanceof Tensor))

function free(params: readonly Parameter[]): void {
  for (const p of params) {
    p.grad?.dispose()
    p.grad = null
  }
}

/** Parameters at the golden file's steps. */
async function run(
  { optimizer: name, options, values }: Case,
  dtype: 'f32' | 'f64',
  rounded: 'params' | 'all' | 'bf16' | null = null,
) {
  const params = start(dtype)
  const trained = name === 'Muon' ? params.filter((p) => p.rank === 2) : params
  const optimizer = new ((optim as never)[name] as Make)(trained, options)
  const loss = lossOf(dtype)
  const points: Points = {}
  for (let t = 1; t <= 100; t++) {
    scope(() => {
      free(params)
      loss(params, t).backward()
      const grads = params.map((p) => p.grad as unknown as Tensor)
      if (rounded === 'all') roundTo('f32', grads)
      if (rounded === 'bf16') roundTo('bf16', grads)
      optimizer.step()
      if (rounded === 'all') roundTo('f32', [...params, ...tensorsOf(optimizer)])
      if (rounded === 'params') roundTo('f32', params)
    })
    if (String(t) in values) points[t] = await valuesOf(params)
  }
  // Freed here and now: this many tensors are much to leave to the collector.
  free(params)
  for (const tensor of [...tensorsOf(optimizer), ...params]) tensor.dispose()
  loss.dispose()
  return points
}

/** By step: how far apart two runs have been so far. */
function spread(a: Points, b: Points): Record<string, number> {
  let most = 0
  return Object.fromEntries(
    Object.entries(a).map(([t, values]) => [t, (most = Math.max(most, distance(values, b[t] as number[])))]),
  )
}

/** The larger of both at every step. */
const larger = (a: Record<string, number>, b: Record<string, number>) =>
  Object.fromEntries(Object.entries(a).map(([t, x]) => [t, Math.max(x, b[t] as number)]))

async function rounding(one: Case, exact: Points): Promise<Record<string, number>> {
  return larger(spread(await run(one, 'f64', 'params'), exact), spread(await run(one, 'f64', 'all'), exact))
}

function expectClose(found: Points, one: Case, d: Record<string, number>, eps: number): void {
  for (const [t, expected] of Object.entries(one.values)) {
    const roundings = one.optimizer === 'SOAP' ? OF_SOAP : ROUNDINGS
    const bound = roundings * ((d[t] as number) * (eps / EPS.f32) + eps * largest(expected))
    expect(distance(found[t] as number[], expected), `step ${t}`).toBeLessThanOrEqual(bound)
  }
}

const CASES: Case[] = golden.trajectories
const of = (...names: string[]) => CASES.filter(({ optimizer }) => names.includes(optimizer))
const EIGHT_BIT = of('AdamW8bit')
const MUON = of('Muon')

describe.each(CASES.filter((one) => !EIGHT_BIT.includes(one) && !MUON.includes(one)))('$optimizer $options', (one) => {
  it('goes where the golden file says, in f64 and in f32', async () => {
    const exact = await run(one, 'f64')
    const single = await run(one, 'f32')
    const d = await rounding(one, exact)
    expectClose(exact, one, larger(d, spread(single, exact)), EPS.f64)
    expectClose(single, one, d, EPS.f32)
  })
})

describe.each(EIGHT_BIT)('$optimizer $options', (one) => {
  it('goes where the golden file says, in f32, the only dtype with codes here', async () => {
    const { min8bitSize: _, ...options } = one.options
    const plain = { ...one, optimizer: 'AdamW', options }
    const single = await run(one, 'f32')
    expectClose(single, one, await rounding(plain, await run(plain, 'f64')), EPS.f32)
  })
})

// Its bf16 numbers are torch's to the bit, until a sum that differs in its last place makes one of them come out as its neighbour,
// which the iteration may make much of. From then on runs may differ by as much as rounding the gradients to bf16 makes them.
describe.each(MUON)('$optimizer $options', (one) => {
  it('goes where the golden file says: to f64’s roundings for 20 steps, then to those of bf16', async () => {
    const exact = await run(one, 'f64')
    const early = { ...one, values: Object.fromEntries(Object.entries(one.values).filter(([t]) => Number(t) <= 20)) }
    expectClose(exact, early, Object.fromEntries(Object.keys(one.values).map((t) => [t, 0])), EPS.f64)
    const d = spread(await run(one, 'f64', 'bf16'), exact)
    for (const points of [exact, await run(one, 'f32')])
      for (const [t, expected] of Object.entries(one.values))
        expect(distance(points[t] as number[], expected), `step ${t}`).toBeLessThanOrEqual(d[t] as number)
  })
})
