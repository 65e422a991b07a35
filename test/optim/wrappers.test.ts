// Optimizers around another one, against their papers' algorithms written out in float64.
import { describe, expect, it } from 'vitest'
import { mul, noGrad, pow, sum, type Tensor, tensor } from '#lib/index.js'
import { Parameter } from '#lib/nn/index.js'
import { AdamW, Lookahead, SAM, SGD, StepLR } from '#lib/optim/index.js'

const START = [1, -2, 0.5]
const start = (): Parameter => new Parameter(tensor(Float64Array.from(START)))
const valuesOf = async (p: Tensor): Promise<number[]> => [...((await p.data()) as Float64Array)]
/** Of sum(p^4) / 4. */
const gradient = (p: readonly number[]): number[] => p.map((x) => x ** 3)
const lossOf = (p: Parameter): Tensor => mul(sum(pow(p, 4)), 0.25)
const norm = (x: readonly number[]): number => Math.hypot(...x)

function backward(p: Parameter): Tensor {
  const loss = lossOf(p)
  loss.backward()
  return loss
}

function close(found: readonly number[], expected: readonly number[]): void {
  for (const [i, x] of found.entries()) expect(x).toBeCloseTo(expected[i] as number, 12)
}

describe('SAM', () => {
  it.each([
    ['', { rho: 0.1 }, () => [1, 1, 1]],
    [', adaptive', { rho: 0.1, adaptive: true, eta: 0.02 }, (p: number[]) => p.map((x) => Math.abs(x) + 0.02)],
  ])('steps by the gradient of the point climbed to%s', async (_, options, sizes) => {
    const p = start()
    const optimizer = new SAM(new SGD([p], { lr: 0.05 }), options)
    let by: number[] = START
    for (let t = 0; t < 5; t++) {
      const size = sizes(by)
      const g = gradient(by)
      const length = norm(g.map((x, i) => x * (size[i] as number)))
      const climbed = by.map((x, i) => x + (0.1 * (size[i] as number) ** 2 * (g[i] as number)) / length)
      const worst = gradient(climbed)
      by = by.map((x, i) => x - 0.05 * (worst[i] as number))
      if (t % 2 === 0) optimizer.step(() => backward(p))
      else {
        optimizer.zeroGrad()
        backward(p)
        optimizer.firstStep()
        close(await valuesOf(p), climbed)
        optimizer.zeroGrad()
        backward(p)
        optimizer.secondStep()
      }
    }
    close(await valuesOf(p), by)
  })

  it('shares groups and state with the inner optimizer', async () => {
    const p = start()
    const inner = new AdamW([p], { lr: 0.1 })
    const optimizer = new SAM(inner)
    new StepLR(optimizer, { stepSize: 1 }).step()
    expect(inner.paramGroups[0]?.lr).toBeCloseTo(0.01, 12)
    const loss = optimizer.step(() => backward(p))
    expect(await loss.item()).toBeCloseTo((1 + 16 + 0.0625) / 4, 12)
    expect(optimizer.stateDict()).toEqual(inner.stateDict())
  })

  it('says what is wrong', () => {
    const p = start()
    const optimizer = new SAM(new SGD([p], { lr: 1 }))
    expect(() => optimizer.firstStep()).toThrow(/no parameter has a gradient/)
    expect(() => optimizer.secondStep()).toThrow(/call firstStep before/)
    backward(p)
    optimizer.firstStep()
    expect(() => optimizer.firstStep()).toThrow(/have climbed already/)
    expect(() => new SAM(new SGD([start()], { lr: 1 }), { rho: -1 })).toThrow(/rho is -1, expected at least 0/)
  })
})

describe('Lookahead', () => {
  const run = (p: Parameter, optimizer: Lookahead, steps: number): void => {
    for (let t = 0; t < steps; t++) {
      optimizer.zeroGrad()
      backward(p)
      optimizer.step()
    }
  }

  it('takes the slow weights some of the way every k steps', async () => {
    const p = start()
    run(p, new Lookahead(new SGD([p], { lr: 0.05 }), { k: 3, alpha: 0.25 }), 7)
    let [fast, slow]: number[][] = [START, START]
    for (let t = 1; t <= 7; t++) {
      const g = gradient(fast as number[])
      fast = fast?.map((x, i) => x - 0.05 * (g[i] as number))
      if (t % 3 !== 0) continue
      slow = slow?.map((x, i) => x + 0.25 * ((fast?.[i] as number) - x))
      fast = slow
    }
    close(await valuesOf(p), fast as number[])
  })

  it('goes on from its state dict to the bit, in the middle of a round', async () => {
    const [whole, first, second] = [start(), start(), start()]
    const make = (p: Parameter) => new Lookahead(new AdamW([p], { lr: 0.1 }), { k: 3 })
    run(whole, make(whole), 8)
    const before = make(first)
    run(first, before, 4)
    noGrad(() => second.copy_(first))
    const after = make(second)
    const saved = before.stateDict()
    expect(Object.keys(saved.state[0] ?? {})).toEqual([
      'step',
      'exp_avg',
      'exp_avg_sq',
      'slow_buffer',
      'lookahead_step',
    ])
    after.loadStateDict(saved)
    run(second, after, 4)
    expect(await valuesOf(second)).toEqual(await valuesOf(whole))
  })

  it('says what is wrong', () => {
    const inner = () => new SGD([start()], { lr: 1 })
    expect(() => new Lookahead(inner(), { k: 0 })).toThrow(/k is 0, expected a whole number of at least 1/)
    expect(() => new Lookahead(inner(), { alpha: 2 })).toThrow(/alpha is 2, expected 0 to 1/)
    expect(() => new Lookahead(new SGD([start()], { lr: 1, masterWeights: true }))).toThrow(/train in f32/)
  })
})
