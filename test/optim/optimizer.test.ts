// Update rules against torch 2.13 (float64): five steps on sum(p^3 / 2) + 0.1 t sum(p), p from [1, -2, 3].
import { describe, expect, it } from 'vitest'
import { add, mul, noGrad, pow, sum, tensor } from '#lib/index.js'
import { Parameter } from '#lib/nn/index.js'
import { Adam, AdamW, type Optimizer, SGD } from '#lib/optim/index.js'

const start = () => new Parameter(tensor(Float64Array.of(1, -2, 3)))

function steps(p: Parameter, optimizer: Optimizer<any>, from = 1, to = 5): void {
  for (let t = from; t <= to; t++) {
    optimizer.zeroGrad()
    add(sum(mul(pow(p, 3), 0.5)), sum(mul(p, 0.1 * t))).backward()
    optimizer.step()
  }
}

async function expectClose(p: Parameter, expected: readonly number[], digits = 11): Promise<void> {
  const values = (await p.data()) as Float64Array
  for (const [i, value] of values.entries()) expect(value).toBeCloseTo(expected[i] as number, digits)
}

describe('optimizers', () => {
  it.each<[string, (p: Parameter[]) => Optimizer<any>, number[]]>([
    ['SGD', (p) => new SGD(p, { lr: 0.05 }), [0.6493411224981491, -5.398549374541521, 1.229765748862653]],
    [
      'SGD with momentum, dampening and weight decay',
      (p) => new SGD(p, { lr: 0.05, momentum: 0.9, dampening: 0.1, weightDecay: 0.01 }),
      [0.1784902385146293, -11.054039580066613, -1.5321882342395723],
    ],
    [
      'SGD with Nesterov momentum',
      (p) => new SGD(p, { lr: 0.05, momentum: 0.9, nesterov: true }),
      [0.044733207145591335, -46.07092425116172, -1.4934368234327422],
    ],
    [
      'SGD that maximizes',
      (p) => new SGD(p, { lr: 0.05, momentum: 0.9, maximize: true, weightDecay: 0.1 }),
      [2.5906325317671555, 0.5374705554904052, 48.98800765344183],
    ],
    [
      'Adam with L2',
      (p) => new Adam(p, { lr: 0.1, weightDecay: 0.1, betas: [0.8, 0.95] }),
      [0.5103336206719771, -2.505037819343123, 2.5049430651316276],
    ],
    [
      'AdamW',
      (p) => new AdamW(p, { lr: 0.1, weightDecay: 0.1, betas: [0.8, 0.95] }),
      [0.4729251057704037, -2.396512769005886, 2.369849013893705],
    ],
  ])('%s', async (_, make, expected) => {
    const p = start()
    steps(p, make([p]))
    await expectClose(p, expected)
  })

  it.each([
    ['SGD', (p: Parameter[]) => new SGD(p, { lr: 0.05, momentum: 0.9 })],
    ['AdamW', (p: Parameter[]) => new AdamW(p, { lr: 0.1 })],
  ])('%s goes on from its state dict to the bit', async (_, make) => {
    const [whole, first, second] = [start(), start(), start()]
    steps(whole, make([whole]))
    const before = make([first])
    steps(first, before, 1, 2)
    noGrad(() => second.copy_(first))
    const after = make([second])
    after.loadStateDict(before.stateDict())
    steps(second, after, 3, 5)
    expect(await second.data()).toEqual(await whole.data())
  })

  it('gives its state in PyTorch’s structure', async () => {
    const [a, b] = [start(), start()]
    const optimizer = new AdamW(
      [
        { params: [a], weightDecay: 0 },
        { params: [b], lr: 0.5 },
      ],
      { lr: 0.1 },
    )
    steps(a, optimizer, 1, 1)
    const { state, param_groups: groups } = optimizer.stateDict()
    expect(groups).toEqual([
      { lr: 0.1, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0, amsgrad: false, maximize: false, params: [0] },
      { lr: 0.5, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.01, amsgrad: false, maximize: false, params: [1] },
    ])
    expect(Object.keys(state)).toEqual(['0'])
    expect(Object.keys(state[0] ?? {})).toEqual(['step', 'exp_avg', 'exp_avg_sq'])
  })

  it('leaves parameters without a gradient alone', async () => {
    const [a, b] = [start(), start()]
    const optimizer = new SGD([a, b], { lr: 0.05 })
    steps(a, optimizer, 1, 1)
    expect(await b.toArray()).toEqual([1, -2, 3])
  })

  it('says what is wrong', () => {
    const p = start()
    expect(() => new SGD([], { lr: 1 })).toThrow('SGD: no parameters')
    expect(() => new SGD([p], { lr: -1 })).toThrow('SGD: lr is -1, expected at least 0')
    expect(() => new AdamW([p], { betas: [0.9, 1] })).toThrow(
      'AdamW: betas[1] is 1, expected at least 0 and less than 1',
    )
    expect(() => new SGD([p], { lr: 1, nesterov: true })).toThrow(/nesterov needs momentum/)
    expect(() => new SGD([p, p], { lr: 1 })).toThrow(/is there already/)
    expect(() => new SGD([mul(p, 2)], { lr: 1 })).toThrow(/only leaves can be trained/)
    const two = new SGD([p, start()], { lr: 1 })
    expect(() => new SGD([p], { lr: 1 }).loadStateDict(two.stateDict())).toThrow(
      /the state is for groups of 2 parameters, this optimizer has groups of 1/,
    )
  })
})
