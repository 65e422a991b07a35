// Averages of weights, and running statistics for them, against their formulas (torch.optim.swa_utils) written out in float64.
import { describe, expect, it } from 'vitest'
import { noGrad, type Tensor, tensor } from '#lib/index.js'
import { BatchNorm1d, Linear, Module } from '#lib/nn/index.js'
import {
  ExponentialMovingAverage,
  StochasticWeightAveraging,
  updateBatchNorm,
  type WeightAverage,
} from '#lib/optim/index.js'

const WEIGHTS = [
  [1, -2],
  [3, 0.5],
  [-1, 4],
  [0.25, 2],
]

class Small extends Module {
  readonly linear = new Linear(2, 1, { bias: false })
  forward(x: never): unknown {
    return this.linear.call(x)
  }
}

const set = (model: Small, values: readonly number[]) => noGrad(() => model.linear.weight.copy_(tensor([[...values]])))
const get = async (model: Small): Promise<number[]> => [
  ...((await model.linear.weight.to('f64').data()) as Float64Array),
]

/** The averages after WEIGHTS, by factors of the updates after the first. */
function expected(factor: (n: number) => number): number[] {
  let average = WEIGHTS[0] as number[]
  for (const [i, weights] of WEIGHTS.entries())
    if (i > 0) average = average.map((a, k) => a + factor(i) * ((weights[k] as number) - a))
  return average
}

describe.each<[string, (m: Small) => WeightAverage, (n: number) => number]>([
  ['EMA', (m) => new ExponentialMovingAverage(m, { decay: 0.9 }), () => 0.1],
  [
    'EMA with warm-up',
    (m) => new ExponentialMovingAverage(m, { decay: 0.25, warmUp: true }),
    (n) => 1 - Math.min(0.25, (1 + n) / (10 + n)),
  ],
  ['SWA', (m) => new StochasticWeightAveraging(m), (n) => 1 / (n + 1)],
])('%s', (_, make, factor) => {
  it('averages, lends the averages to the model, and goes on from a state', async () => {
    const model = new Small()
    let average = make(model)
    for (const [i, weights] of WEIGHTS.entries()) {
      set(model, weights)
      average.update()
      if (i !== 1) continue
      const next = make(model)
      next.loadStateDict(average.stateDict())
      average.dispose()
      average = next
    }
    expect(average.updates).toBe(4)
    const found = await average.during(() => get(model))
    for (const [i, x] of expected(factor).entries())
      expect(Math.abs((found[i] as number) - x)).toBeLessThan(8 * 2 ** -23 * 4)
    expect(await get(model)).toEqual(WEIGHTS[3])
    average.copyTo()
    expect(await get(model)).toEqual(found)
  })
})

describe('averages of weights', () => {
  it('keeps those of bf16 weights in f32', async () => {
    const model = new Small().to('bf16')
    set(model, [1, 1])
    const average = new ExponentialMovingAverage(model, { decay: 0.999 })
    average.update()
    set(model, [2, 2])
    for (let i = 0; i < 3; i++) average.update()
    const kept = average.stateDict().averages.get('linear.weight')
    for (const x of (await (kept as Tensor).data()) as Float32Array) expect(x).toBeCloseTo(2 - 0.999 ** 3, 6)
  })

  it('takes buffers when asked, integer ones as they are', async () => {
    const norm = new BatchNorm1d(1)
    const average = new StochasticWeightAveraging(norm, { useBuffers: true })
    for (const x of [1, 3]) {
      noGrad(() => {
        norm.runningMean?.copy_(tensor([x]))
        norm.numBatchesTracked?.copy_(tensor(x).to('i64'))
      })
      average.update()
    }
    const { averages } = average.stateDict()
    expect(await averages.get('running_mean')?.toArray()).toEqual([2])
    expect(Number(await averages.get('num_batches_tracked')?.item())).toBe(3)
    expect([...new StochasticWeightAveraging(norm).stateDict().averages.keys()]).toEqual(['weight', 'bias'])
  })

  it('says what is wrong', async () => {
    const model = new Small()
    const average = new ExponentialMovingAverage(model)
    expect(() => new ExponentialMovingAverage(model, { decay: 1.5 })).toThrow(/decay is 1.5, expected 0 to 1/)
    expect(() => average.loadStateDict({ updates: 0, averages: new Map() })).toThrow(/linear.weight is missing/)
    const averages = new Map([['linear.weight', tensor([1])]])
    expect(() => average.loadStateDict({ updates: 0, averages })).toThrow(/has shape \(1\), expected \(1, 2\)/)
    average.swap()
    expect(() => average.update()).toThrow(/the model holds the averages/)
    average.swap()
    await expect(average.during(() => Promise.reject(new Error('stop')))).rejects.toThrow('stop')
    average.update()
  })
})

describe('updateBatchNorm', () => {
  it('makes the statistics those of all batches, and leaves modes and momenta as they were', async () => {
    const norm = new BatchNorm1d(1, { momentum: 0.3 })
    norm.eval()
    const batches = [
      [1, 2, 6],
      [5, 7, 12],
    ].map((values) => tensor(values).reshape([3, 1]))
    await updateBatchNorm(norm, batches)
    // Means 3 and 8; unbiased variances 7 and 13.
    expect(await norm.runningMean?.toArray()).toEqual([5.5])
    expect(((await (norm.runningVar as Tensor).toArray()) as number[])[0]).toBeCloseTo(10, 5)
    expect(Number(await norm.numBatchesTracked?.item())).toBe(2)
    expect([norm.momentum, norm.training]).toEqual([0.3, false])
  })

  it('does nothing without such layers, and takes asynchronous batches and a function', async () => {
    const seen: number[] = []
    async function* batches() {
      yield 1
      yield 2
    }
    await updateBatchNorm(new Small(), batches(), (x) => seen.push(x))
    expect(seen).toEqual([])
    const norm = new BatchNorm1d(1)
    await updateBatchNorm(norm, batches(), (x) => norm.call(tensor([[x], [x + 2]])))
    expect(await norm.runningMean?.toArray()).toEqual([2.5])
  })
})
