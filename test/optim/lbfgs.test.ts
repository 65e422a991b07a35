// L-BFGS against torch 2.13 (test/golden/optim.json), on the whole batch. Tolerance: a step's iterations each lose some roundings, and
// the curvature pairs make more of them where the loss is flat: 2^-36 of the largest parameter leaves f64 sixteen bits for that.
import { describe, expect, it } from 'vitest'
import { noGrad, type Tensor, tensor } from '#lib/index.js'
import { Parameter } from '#lib/nn/index.js'
import { LBFGS } from '#lib/optim/index.js'
import { distance, golden, largest, lossOf, start, valuesOf } from './problem.js'

interface Case {
  options: object
  values: Record<string, number[]>
  losses: number[]
  evaluations: number
}

function closureOf(params: readonly Parameter[], optimizer: LBFGS, loss = lossOf('f64')): () => Tensor {
  return () => {
    optimizer.zeroGrad()
    const value = loss(params, null)
    value.backward()
    return value
  }
}

describe.each(golden.lbfgs as Case[])('LBFGS $options', ({ options, values, losses, evaluations }) => {
  it('goes where torch’s goes, by as many evaluations', async () => {
    const params = start('f64')
    const optimizer = new LBFGS(params, options)
    const closure = closureOf(params, optimizer)
    for (let t = 1; String(t) in values || t < Math.max(...Object.keys(values).map(Number)); t++) {
      const loss = await optimizer.step(closure)
      const expected = losses[t - 1] as number
      expect(Math.abs((await loss.item()) - expected)).toBeLessThan(2 ** -36 * expected)
      const at = values[t]
      if (at) expect(distance(await valuesOf(params), at), `step ${t}`).toBeLessThan(2 ** -36 * largest(at))
    }
    expect(optimizer.stateDict().state[0]?.['func_evals']).toBe(evaluations)
  })

  it('goes on from its state dict to the bit', async () => {
    const [whole, first, second] = [start('f64'), start('f64'), start('f64')]
    const [a, b, c] = [whole, first, second].map((params) => new LBFGS(params, options)) as [LBFGS, LBFGS, LBFGS]
    for (let t = 0; t < 4; t++) await a.step(closureOf(whole, a))
    for (let t = 0; t < 2; t++) await b.step(closureOf(first, b))
    noGrad(() => {
      for (const [i, p] of second.entries()) p.copy_(first[i] as Tensor)
    })
    c.loadStateDict(b.stateDict())
    for (let t = 0; t < 2; t++) await c.step(closureOf(second, c))
    expect(await valuesOf(second)).toEqual(await valuesOf(whole))
  })
})

describe('LBFGS', () => {
  it('finds the least of a quadratic, takes an asynchronous closure, and stops there', async () => {
    const p = new Parameter(tensor(Float64Array.of(3, -2)))
    const optimizer = new LBFGS([p], { lineSearchFn: 'strong_wolfe' })
    const scale = tensor(Float64Array.of(1, 50))
    let calls = 0
    const closure = async () => {
      calls++
      optimizer.zeroGrad()
      const loss = scale.mul(p.sub(1).pow(2)).sum()
      loss.backward()
      await Promise.resolve()
      return loss
    }
    await optimizer.step(closure)
    // It ends when the loss changes by less than 1e-9, which is that of 1 +- 3e-5.
    for (const x of await valuesOf([p])) expect(Math.abs(x - 1)).toBeLessThan(3e-5)
    calls = 0
    await optimizer.step(closure)
    expect(calls).toBeLessThan(4)
  })

  it('keeps no more pairs than it is told', async () => {
    const params = start('f64')
    const optimizer = new LBFGS(params, { lr: 0.01, maxIter: 6, historySize: 2 })
    await optimizer.step(closureOf(params, optimizer))
    const names = Object.keys(optimizer.stateDict().state[0] ?? {}).filter((name) => name.includes('.'))
    expect(names.sort()).toEqual(['old_dirs.0', 'old_dirs.1', 'old_stps.0', 'old_stps.1', 'ro.0', 'ro.1'])
  })

  it('says what is wrong', () => {
    const [p, q] = [new Parameter(tensor([1])), new Parameter(tensor(Float64Array.of(1)))]
    expect(() => new LBFGS([p, q])).toThrow(/parameters in f32 and f64; it takes one dtype/)
    expect(() => new LBFGS([{ params: [p] }, { params: [new Parameter(tensor([1]))] }])).toThrow(
      /2 groups; it takes one/,
    )
    expect(() => new LBFGS([p], { maxIter: 0 })).toThrow(/maxIter is 0, expected a whole number of at least 1/)
    expect(() => new LBFGS([p], { lineSearchFn: 'x' as never })).toThrow(/lineSearchFn is 'x', expected 'strong_wolfe'/)
  })
})
