// Every schedule over 200 steps against torch 2.13 (test/golden/schedulers.json), two groups; and from a saved state in the middle.
// torch multiplies its way from step to step where the schedules here are closed forms: its 200 roundings are the tolerance.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import * as optim from '#lib/optim/index.js'

type Optimizer = optim.ScheduledOptimizer
interface Table {
  name: string
  options: object | null
  rates: number[]
  momenta?: number[]
  second: number
}

const golden = JSON.parse(readFileSync(new URL('../golden/schedulers.json', import.meta.url), 'utf8'))
const TOLERANCE = 400 * 2 ** -52

const optimizer = (): Optimizer => ({
  paramGroups: [
    { lr: 0.1, momentum: 0.9 },
    { lr: 0.02, momentum: 0.9 },
  ],
})

/** Schedules that are made of functions and other schedules. */
const BUILT: Record<string, (o: Optimizer) => optim.Scheduler> = {
  MultiplicativeLR: (o) => new optim.MultiplicativeLR(o, (t) => 1 - 1 / (t + 20)),
  SequentialLR: (o) =>
    new optim.SequentialLR(o, {
      schedulers: [
        new optim.LinearLR(o, { startFactor: 0.1, totalIters: 20 }),
        new optim.CosineAnnealingLR(o, { tMax: 100 }),
        new optim.ExponentialLR(o, { gamma: 0.95 }),
      ],
      milestones: [20, 120],
    }),
  ChainedScheduler: (o) =>
    new optim.ChainedScheduler(o, [
      new optim.ConstantLR(o, { factor: 0.1, totalIters: 30 }),
      new optim.ExponentialLR(o, { gamma: 0.97 }),
      new optim.StepLR(o, { stepSize: 80, gamma: 0.5 }),
    ]),
}

function make({ name, options }: Table, o: Optimizer): optim.Scheduler {
  type Class = new (o: Optimizer, options: object) => optim.Scheduler
  return options === null
    ? (BUILT[name] as (o: Optimizer) => optim.Scheduler)(o)
    : new (optim as never as Record<string, Class>)[name]!(o, options)
}

/** Largest distance, relative to the largest value. */
const distance = (found: readonly number[], expected: readonly number[]) =>
  Math.max(...found.map((x, i) => Math.abs(x - expected[i]!))) / Math.max(...expected)

describe.each(golden.tables as Table[])('$name $options', (table) => {
  it('has torch’s numbers', () => {
    const o = optimizer()
    const scheduler = make(table, o)
    const [rates, momenta]: [number[], number[]] = [[], []]
    for (let t = 0; t < 200; t++) {
      if (t > 0) scheduler.step()
      rates.push(o.paramGroups[0]!.lr)
      momenta.push(o.paramGroups[0]!.momentum!)
    }
    expect(distance(rates, table.rates)).toBeLessThan(TOLERANCE)
    expect(distance([o.paramGroups[1]!.lr], [table.second]) || 0).toBeLessThan(TOLERANCE)
    expect(scheduler.lastLr()).toEqual(o.paramGroups.map(({ lr }) => lr))
    if (table.momenta) expect(distance(momenta, table.momenta)).toBeLessThan(TOLERANCE)
    else expect(new Set(momenta)).toEqual(new Set([0.9]))
  })

  it('goes on from a saved state', () => {
    const [one, two] = [optimizer(), optimizer()]
    const first = make(table, one)
    for (let t = 0; t < 97; t++) first.step()
    const second = make(table, two)
    second.loadStateDict(JSON.parse(JSON.stringify(first.stateDict())))
    expect(two).toEqual(one)
    for (let t = 0; t < 60; t++) {
      first.step()
      second.step()
      expect(two).toEqual(one)
    }
  })
})

describe.each(golden.plateau as { options: object; changes: Record<string, number[]> }[])(
  'ReduceLROnPlateau $options',
  (one) => {
    it('has torch’s numbers, with a saved state in the middle', () => {
      let o = optimizer()
      let scheduler = new optim.ReduceLROnPlateau(o, one.options)
      let expected: number[] = []
      for (const [t, metric] of (golden.metrics as number[]).entries()) {
        scheduler.step(metric)
        expected = one.changes[t] ?? expected
        expect(distance(scheduler.lastLr(), expected), `step ${t}`).toBeLessThan(TOLERANCE)
        if (t % 29 !== 3) continue
        const state = JSON.parse(JSON.stringify(scheduler.stateDict()))
        o = optimizer()
        scheduler = new optim.ReduceLROnPlateau(o, one.options)
        scheduler.loadStateDict(state)
      }
    })
  },
)

describe('schedules that make no sense', () => {
  const o = optimizer()
  const linear = () => new optim.LinearLR(o)
  it.each<[string, () => unknown, RegExp]>([
    [
      'MultiStepLR',
      () => new optim.MultiStepLR(o, { milestones: [3, 1.5] }),
      /milestones\[1\] is 1.5, expected a whole/,
    ],
    ['ExponentialLR', () => new optim.ExponentialLR(o, { gamma: Number.NaN }), /ExponentialLR: gamma is NaN/],
    ['ConstantLR', () => new optim.ConstantLR(o, { factor: 2 }), /ConstantLR: factor is 2, expected 0 to 1/],
    ['LinearLR', () => new optim.LinearLR(o, { startFactor: 0 }), /startFactor is 0, expected more than 0/],
    ['PolynomialLR', () => new optim.PolynomialLR(o, { power: -1 }), /power is -1, expected at least 0/],
    ['CosineAnnealingLR', () => new optim.CosineAnnealingLR(o, { tMax: 0 }), /tMax is 0, expected a whole number/],
    ['warm restarts', () => new optim.CosineAnnealingWarmRestarts(o, { t0: 5, tMult: 0 }), /tMult is 0/],
    ['CyclicLR', () => new optim.CyclicLR(o, { baseLr: 0, maxLr: [1] }), /1 maxLr for 2 parameter groups/],
    [
      'CyclicLR’s mode',
      () => new optim.CyclicLR(o, { baseLr: 0, maxLr: 1, mode: 'x' as never }),
      /mode is 'x', expected/,
    ],
    [
      'CyclicLR without momentum',
      () => new optim.CyclicLR({ paramGroups: [{ lr: 1 }] }, { baseLr: 0, maxLr: 1 }),
      /CyclicLR: cycleMomentum needs an optimizer with momentum/,
    ],
    ['WSD', () => new optim.WSD(o, { totalSteps: 5, decaySteps: 4, warmupSteps: 2 }), /are more than totalSteps 5/],
    [
      'WSD’s decay',
      () => new optim.WSD(o, { totalSteps: 5, decaySteps: 4, decay: 'x' as never }),
      /decay is 'x', expected one of/,
    ],
    ['InverseSqrtLR', () => new optim.InverseSqrtLR(o, { warmupSteps: 0 }), /warmupSteps is 0/],
    ['SWALR', () => new optim.SWALR(o, { swaLr: [1] }), /1 swaLr for 2 parameter groups/],
    ['no parts', () => new optim.ChainedScheduler(o, []), /ChainedScheduler: no schedulers/],
    [
      'too many milestones',
      () => new optim.SequentialLR(o, { schedulers: [linear()], milestones: [3] }),
      /SequentialLR: 1 milestones, expected 0, one less than schedulers/,
    ],
    ['another optimizer', () => new optim.ChainedScheduler(optimizer(), [linear()]), /was made for another optimizer/],
    [
      'a plateau as a part',
      () => new optim.ChainedScheduler(o, [new optim.ReduceLROnPlateau(o) as never]),
      /schedulers\[0\] is no Scheduler; ReduceLROnPlateau/,
    ],
    [
      'plateau',
      () => new optim.ReduceLROnPlateau(o, { factor: 1 }),
      /factor is 1, expected at least 0 and less than 1/,
    ],
    [
      'plateau’s metric',
      () => new optim.ReduceLROnPlateau(o).step('1' as never),
      /the metric is a string, expected a number/,
    ],
  ])('%s', (_, construct, message) => {
    expect(construct).toThrow(message)
  })
})

describe('mistyped options', () => {
  it.each([
    ['StepLR', { stepSise: 3 }, 'stepSize'],
    ['MultiStepLR', { milestone: [3] }, 'milestones'],
    ['ExponentialLR', { gama: 0.5 }, 'gamma'],
    ['ConstantLR', { factr: 0.5 }, 'factor'],
    ['LinearLR', { startFaktor: 0.5 }, 'startFactor'],
    ['PolynomialLR', { powr: 0.5 }, 'power'],
    ['CosineLR', { totalStep: 5 }, 'totalSteps'],
    ['CosineAnnealingLR', { tmax: 5 }, 'tMax'],
    ['CosineAnnealingWarmRestarts', { t0: 2, tMul: 5 }, 'tMult'],
    ['CyclicLR', { baseLr: 0, maxLR: 5 }, 'maxLr'],
    ['OneCycleLR', { maxLr: 1, totalSteps: 5, pctstart: 5 }, 'pctStart'],
    ['WSD', { totalSteps: 1, decaySteps: 1, decai: 'linear' }, 'decay'],
    ['InverseSqrtLR', { warmupStep: 1 }, 'warmupSteps'],
    ['SWALR', { swalr: 1 }, 'swaLr'],
    ['SequentialLR', { scheduler: [], milestones: [] }, 'schedulers'],
    ['ReduceLROnPlateau', { patienc: 1 }, 'patience'],
  ])('%s says what was meant', (name, options, meant) => {
    const Schedule = (optim as unknown as Record<string, new (o: Optimizer, options: object) => unknown>)[name]
    if (Schedule === undefined) throw new Error(`no ${name}`)
    expect(() => new Schedule(optimizer(), options)).toThrow(
      new RegExp(`^${name}: no such option: .* did you mean "${meant}"`),
    )
  })
})
