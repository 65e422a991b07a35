// Schedules against torch 2.13's torch.optim.lr_scheduler: the numbers below are the rates (and momenta) it gave.
import { describe, expect, it } from 'vitest'
import { CosineLR, LambdaLR, OneCycleLR, type ScheduledGroup, type Scheduler, StepLR } from '#lib/optim/index.js'

const groups = (lr = 0.1, extra: Partial<ScheduledGroup> = { momentum: 0.9 }) => ({ paramGroups: [{ lr, ...extra }] })

function rates(scheduler: Scheduler, optimizer: ReturnType<typeof groups>, count: number): number[][] {
  const rows: number[][] = []
  for (let i = 0; i < count; i++) {
    if (i > 0) scheduler.step()
    const { lr, momentum = 0, betas } = optimizer.paramGroups[0] as ScheduledGroup
    rows.push([lr, betas?.[0] ?? momentum])
  }
  return rows
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found.length).toBe(expected.length)
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i] as number, 14)
}

describe('schedules', () => {
  it('StepLR(step_size=3, gamma=0.5)', () => {
    const optimizer = groups()
    const found = rates(new StepLR(optimizer, { stepSize: 3, gamma: 0.5 }), optimizer, 8)
    expectClose(
      found.map(([lr]) => lr as number),
      [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025],
    )
  })

  it('LambdaLR(0.95 ** step)', () => {
    const optimizer = groups()
    const found = rates(new LambdaLR(optimizer, (step) => 0.95 ** step), optimizer, 5)
    expectClose(
      found.map(([lr]) => lr as number),
      [0.1, 0.095, 0.09025, 0.0857375, 0.081450625],
    )
  })

  it('OneCycleLR(0.4, total_steps=10), one step past the end included', () => {
    const optimizer = groups()
    const found = rates(new OneCycleLR(optimizer, { maxLr: 0.4, totalSteps: 10 }), optimizer, 11)
    const lrs = [
      0.016000000000000014, 0.20800000000000002, 0.4, 0.38019385280538953, 0.3246982615799052, 0.24450480877451572,
      0.1554967912254843, 0.0753033384200948, 0.019807747194610516, 1.6e-6, 0.019807747194610495,
    ]
    const momenta = [
      0.95, 0.8999999999999999, 0.85, 0.854951556604879, 0.8688255099070633, 0.8888739533021842, 0.9111260466978157,
      0.9311744900929366, 0.945048443395121, 0.95, 0.945048443395121,
    ]
    expectClose(
      found.map(([lr]) => lr as number),
      lrs,
    )
    expectClose(
      found.map(([, momentum]) => momentum as number),
      momenta,
    )
  })

  it('OneCycleLR(0.4, total_steps=10, three_phase=True, anneal_strategy="linear", pct_start=0.4)', () => {
    const optimizer = groups()
    const options = { maxLr: 0.4, totalSteps: 10, threePhase: true, anneal: 'linear', pctStart: 0.4 } as const
    const found = rates(new OneCycleLR(optimizer, options), optimizer, 10)
    const lrs = [
      0.016, 0.14400000000000002, 0.272, 0.4, 0.272, 0.14400000000000002, 0.016000000000000014, 0.010667200000000002,
      0.005334400000000001, 1.6000000000009063e-6,
    ]
    expectClose(
      found.map(([lr]) => lr as number),
      lrs,
    )
  })

  it('OneCycleLR on AdamW(lr=0.01): div_factor=10, final_div_factor=100, total_steps=7, pct_start=0.25', () => {
    const optimizer = groups(0.01, { betas: [0.9, 0.999] })
    const options = { maxLr: 0.01, totalSteps: 7, pctStart: 0.25, divFactor: 10, finalDivFactor: 100 }
    const found = rates(new OneCycleLR(optimizer, options), optimizer, 7)
    const lrs = [
      0.0009999999999999992, 0.009944209976994517, 0.008666594099789982, 0.00611649206511179, 0.003180121583289857,
      0.0008779373222916067, 1e-5,
    ]
    const betas = [
      0.95, 0.8505584586887436, 0.8633474064085087, 0.8888739533021842, 0.9182670512183198, 0.9413119387157997, 0.95,
    ]
    expectClose(
      found.map(([lr]) => lr as number),
      lrs,
    )
    expectClose(
      found.map(([, beta]) => beta as number),
      betas,
    )
    expect(optimizer.paramGroups[0]?.betas?.[1]).toBe(0.999)
  })

  it('CosineLR without warm-up is CosineAnnealingLR(T_max=6, eta_min=0.01)', () => {
    const optimizer = groups()
    const found = rates(new CosineLR(optimizer, { totalSteps: 6, minFactor: 0.1 }), optimizer, 7)
    const lrs = [
      0.1, 0.09397114317029975, 0.07750000000000001, 0.055000000000000014, 0.032500000000000015, 0.01602885682970026,
      0.01,
    ]
    expectClose(
      found.map(([lr]) => lr as number),
      lrs,
    )
  })

  it('CosineLR with warm-up, as the same function given to torch’s LambdaLR', () => {
    const optimizer = groups()
    const found = rates(new CosineLR(optimizer, { totalSteps: 9, warmupSteps: 3, minFactor: 0.1 }), optimizer, 11)
    const lrs = [
      0.03333333333333333, 0.06666666666666667, 0.1, 0.1, 0.09397114317029975, 0.07750000000000001, 0.05500000000000001,
      0.032500000000000015, 0.016028856829700257, 0.010000000000000002, 0.010000000000000002,
    ]
    expectClose(
      found.map(([lr]) => lr as number),
      lrs,
    )
  })

  it('go on from a saved state', () => {
    const [one, two] = [groups(), groups()]
    const first = new OneCycleLR(one, { maxLr: 0.4, totalSteps: 10 })
    for (let i = 0; i < 4; i++) first.step()
    const second = new OneCycleLR(two, { maxLr: 0.4, totalSteps: 10 })
    second.loadStateDict(JSON.parse(JSON.stringify(first.stateDict())))
    expect(two.paramGroups).toEqual(one.paramGroups)
    first.step()
    second.step()
    expect(two.paramGroups).toEqual(one.paramGroups)
  })

  it('say what is wrong', () => {
    expect(() => new StepLR(groups(), { stepSize: 0 })).toThrow(
      'StepLR: stepSize is 0, expected a whole number of at least 1',
    )
    expect(() => new OneCycleLR(groups(0.1, {}), { maxLr: 1, totalSteps: 5 })).toThrow(/set cycleMomentum to false/)
    const over = new OneCycleLR(groups(), { maxLr: 1, totalSteps: 1 })
    over.step()
    expect(() => over.step()).toThrow(/past totalSteps 1/)
  })
})
