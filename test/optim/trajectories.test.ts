// 100 steps of every optimizer against test/golden/optim.json: torch 2.13 in float64, and the papers' algorithms written out in
// float64 where torch has none (test/golden/optim.py names them). All 36 parameters are compared at steps 1, 2, 5, 10, 20, 50, 100.
//
// Tolerance: what rounding does to a trajectory is measured. The same steps in f64 with the parameters rounded to f32 after each
// lie d away; a step's other roundings are no larger, and they are some: those of gradient and rule together are counted as
// ROUNDINGS. In f64 all of it is 2^-29 as large.
import { describe, expect, it } from 'vitest'
import { scope } from '#lib/index.js'
import type { Parameter } from '#lib/nn/index.js'
import * as optim from '#lib/optim/index.js'
import { distance, golden, largest, lossOf, roundToF32, start, valuesOf } from './problem.js'

const ROUNDINGS = 16
const EPS = { f32: 2 ** -23, f64: 2 ** -52 } as const

interface Case {
  optimizer: string
  options: Record<string, unknown>
  values: Record<string, number[]>
}

type Make = new (params: readonly Parameter[], options: object) => optim.Optimizer<any>

/** Parameters at the golden file's steps. */
async function run({ optimizer: name, options, values }: Case, dtype: 'f32' | 'f64', rounded = false) {
  const params = start(dtype)
  const trained = name === 'Muon' ? params.filter((p) => p.rank === 2) : params
  const optimizer = new ((optim as never)[name] as Make)(trained, options)
  const loss = lossOf(dtype)
  const points: Record<string, number[]> = {}
  for (let t = 1; t <= 100; t++) {
    scope(() => {
      for (const p of params) p.grad = null
      loss(params, t).backward()
      optimizer.step()
      if (rounded) roundToF32(params)
    })
    if (String(t) in values) points[t] = await valuesOf(params)
  }
  return points
}

/** By step: how far rounding the parameters once a step has led so far. */
async function rounding(one: Case, exact: Record<string, number[]>): Promise<Record<string, number>> {
  const rounded = await run(one, 'f64', true)
  let most = 0
  return Object.fromEntries(
    Object.entries(rounded).map(([t, values]) => [t, (most = Math.max(most, distance(values, exact[t] as number[])))]),
  )
}

function expectClose(found: Record<string, number[]>, one: Case, d: Record<string, number>, eps: number): void {
  for (const [t, expected] of Object.entries(one.values)) {
    const bound = ROUNDINGS * ((d[t] as number) * (eps / EPS.f32) + eps * largest(expected))
    expect(distance(found[t] as number[], expected), `step ${t}`).toBeLessThanOrEqual(bound)
  }
}

const CASES: Case[] = golden.trajectories.filter(({ optimizer }: Case) => optimizer in optim)
const of = (...names: string[]) => CASES.filter(({ optimizer }) => names.includes(optimizer))
const EIGHT_BIT = of('AdamW8bit')

describe.each(CASES.filter((one) => !EIGHT_BIT.includes(one)))('$optimizer $options', (one) => {
  it('goes where the golden file says, in f64 and in f32', async () => {
    const exact = await run(one, 'f64')
    const d = await rounding(one, exact)
    expectClose(exact, one, d, EPS.f64)
    expectClose(await run(one, 'f32'), one, d, EPS.f32)
  })
})

describe.each(EIGHT_BIT)('$optimizer $options', (one) => {
  it('goes where the golden file says, in f32, the only dtype with codes here', async () => {
    const plain = { ...one, optimizer: 'AdamW' }
    const single = await run(one, 'f32')
    expectClose(single, one, await rounding(plain, await run(plain, 'f64')), EPS.f32)
  })
})
