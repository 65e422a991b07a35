// Searches of plain functions: spaces, samplers, strategies, and journals of searches that died.
import { access, appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Random } from '#lib/data/index.js'
import {
  choice,
  int,
  logUniform,
  type Objective,
  type SearchOptions,
  type Space,
  search,
  TrialError,
  uniform,
} from '#lib/search/index.js'
import { draw, gridSampler, randomSampler } from '#lib/search/samplers.js'
import { asha, hyperband, type Strategy, successiveHalving } from '#lib/search/strategies.js'
import type { Result, Trial } from '#lib/search/trial.js'

const ascending = (value: number) => value

describe('a space', () => {
  it('is drawn from within its bounds, every value of it', () => {
    const random = new Random(1)
    const many = (parameter: Parameters<typeof draw>[0]) =>
      Array.from({ length: 4000 }, () => draw(parameter, random) as number)
    const share = (values: number[], below: number) => values.filter((value) => value < below).length / values.length
    expect(share(many(uniform(-1, 3)), 0)).toBeCloseTo(0.25, 1)
    const logs = many(logUniform(1e-4, 1))
    expect(share(logs, 1e-2)).toBeCloseTo(0.5, 1)
    expect(Math.min(...logs)).toBeGreaterThanOrEqual(1e-4)
    const ints = many(int(2, 5))
    expect([...new Set(ints)].sort()).toEqual([2, 3, 4, 5])
    // Every whole number alike, those at the ends too.
    expect(share(ints, 3)).toBeCloseTo(0.25, 1)
    expect(share(many(int(1, 64, { log: true })), 8)).toBeCloseTo(0.5, 0)
    expect([...new Set(many(uniform(0.1, 0.5, { step: 0.1 })))].sort()).toEqual([0.1, 0.2, 0.3, 0.4, 0.5])
    expect([...new Set(many(uniform(0, 1, { step: 0.4 })))].sort()).toEqual([0, 0.4, 0.8])
    expect([...new Set(many(choice(['a', 'b', 3]) as never))].sort()).toEqual([3, 'a', 'b'])
  })

  it('has parameters that are there only beside others', () => {
    const space: Space = {
      momentum: uniform(0, 1, { when: { rule: 'SGD' } }),
      warm: choice([true, false], { when: { rule: ['SGD', 'Adam'], deep: true } }),
      rule: choice(['SGD', 'Adam', 'none']),
      deep: choice([true, false]),
    }
    const sampler = randomSampler(space, 5)
    const seen = Array.from({ length: 200 }, (_, i) => sampler(i, []) as Record<string, unknown>)
    for (const chosen of seen) {
      expect('momentum' in chosen).toBe(chosen['rule'] === 'SGD')
      expect('warm' in chosen).toBe(chosen['deep'] === true && chosen['rule'] !== 'none')
    }
    // A function of the seed and the number.
    expect(randomSampler(space, 5)(17, [])).toEqual(seen[17])
    expect(randomSampler(space, 6)(17, [])).not.toEqual(seen[17])
  })

  it.each<[() => unknown, RegExp]>([
    [() => uniform(1, 1), /uniform: from 1 to 1, expected two numbers, the lower one first/],
    [() => uniform(0, Number.NaN), /uniform: from 0 to NaN/],
    [() => uniform(0, 1, { step: 2 }), /step is 2/],
    [() => uniform(0, 1, { setp: 2 } as never), /no such option: 'setp'; did you mean "step"/],
    [() => logUniform(0, 1), /logUniform: low is 0, expected more than 0/],
    [() => int(0.5, 2), /int: from 0.5 to 2, expected whole numbers/],
    [() => int(0, 2, { log: true }), /int: low is 0, expected more than 0 with log/],
    [() => choice([]), /choice: expected a list of values/],
    [() => choice([1, 1]), /choice: a value is there twice/],
    [() => randomSampler({}, 0), /the space has no parameters/],
    [() => randomSampler({ a: int(0, 1, { when: { bb: 1 } }), b: int(0, 1) }, 0), /a needs bb, which is no parameter/],
    [
      () => randomSampler({ a: int(0, 1, { when: { b: 1 } }), b: int(0, 1, { when: { a: 1 } }) }, 0),
      /a and b need each other/,
    ],
  ])('refuses what makes no sense: %s', (make, message) => {
    expect(make).toThrow(message)
  })

  it('makes a grid of all combinations', () => {
    const space: Space = {
      rule: choice(['SGD', 'Adam']),
      lr: logUniform(1e-3, 1e-1),
      momentum: uniform(0, 1, { when: { rule: 'SGD' } }),
      depth: int(1, 2),
      share: uniform(0, 1, { step: 0.5, when: { depth: 2 } }),
    }
    const sampler = gridSampler(space, 3)
    const all: Record<string, unknown>[] = []
    for (let i = 0; sampler(i, []) !== undefined; i++) all.push(sampler(i, []) as Record<string, unknown>)
    // For SGD 3 * 3 * (1 + 3), for Adam 3 * (1 + 3).
    expect(all.length).toBe(48)
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(48)
    const rates = [...new Set(all.map(({ lr }) => lr as number))]
    for (const [i, lr] of [1e-3, 1e-2, 1e-1].entries()) expect(rates[i]).toBeCloseTo(lr, 10)
    expect([...new Set(all.map(({ momentum }) => momentum))]).toEqual([0, 0.5, 1, undefined])
  })
})

/** What trials a strategy begins, and how far each gets, if trial i is worth value(i) whatever its budget. */
function played(strategy: Strategy, value: (trial: number) => number | undefined, parallel = 1) {
  const trials: Trial[] = []
  const running: [number, number][] = []
  const order: string[] = []
  for (;;) {
    const next = running.length < parallel ? strategy(trials) : 'wait'
    if (typeof next === 'object') {
      const { trial: number, rung, budget } = next
      const result: Result = { rung, budget, state: 'running' }
      const old = trials[number]
      expect(old?.results.length ?? 0).toBe(rung)
      trials[number] = { number, parameters: {}, results: [...(old?.results ?? []), result] }
      running.push([number, rung])
      order.push(`${number}:${budget}`)
      continue
    }
    const [ended] = running.splice(0, 1)
    if (ended === undefined) return { trials, order }
    const [number, rung] = ended
    const trial = trials[number] as Trial
    const found = value(number)
    const state = found === undefined ? 'failed' : 'done'
    const result = { ...(trial.results[rung] as Result), state, ...(found !== undefined && { value: found }) } as Result
    trials[number] = { ...trial, results: trial.results.with(rung, result) }
  }
}

describe('strategies', () => {
  it('successive halving: the best third goes on, three times as far', () => {
    const budgets = { minBudget: 1, maxBudget: 9 }
    const { order } = played(successiveHalving(9, budgets, ascending), (i) => (i * 5) % 9)
    expect(order.slice(0, 9)).toEqual(Array.from({ length: 9 }, (_, i) => `${i}:1`))
    // Values 0, 1 and 2 are those of trials 0, 2 and 4.
    expect(order.slice(9)).toEqual(['0:3', '2:3', '4:3', '0:9'])
  })

  it('does not continue what failed', () => {
    const { order } = played(successiveHalving(4, { minBudget: 2, maxBudget: 4, factor: 2 }, ascending), (i) =>
      i < 3 ? undefined : 1,
    )
    expect(order).toEqual(['0:2', '1:2', '2:2', '3:2', '3:4'])
    expect(played(successiveHalving(3, budgets9, ascending), () => undefined).order.length).toBe(3)
  })

  const budgets9 = { minBudget: 1, maxBudget: 9 }

  it('hyperband: the brackets of the paper', () => {
    // Table 1 of Li et al. 2018 (R = 81, eta = 3), whose bracket s = 1 is given as 8 there and 6 by its own formula's floor.
    const { trials, order } = played(hyperband({ minBudget: 1, maxBudget: 81 }, ascending), (i) => i)
    const firsts = order.map((job) => job.split(':').map(Number)).filter(([trial]) => trial !== undefined)
    const began = new Map<number, number>()
    for (const [trial, budget] of firsts as [number, number][]) if (!began.has(trial)) began.set(trial, budget)
    const counts: Record<number, number> = {}
    for (const budget of began.values()) counts[budget] = (counts[budget] ?? 0) + 1
    expect(counts).toEqual({ 1: 81, 3: 34, 9: 15, 27: 8, 81: 5 })
    // Of the first bracket: 27 with 3, 9 with 9, 3 with 27, 1 with 81.
    const reached = (budget: number) =>
      trials.slice(0, 81).filter(({ results }) => results.some((result) => result.budget === budget)).length
    expect([1, 3, 9, 27, 81].map(reached)).toEqual([81, 27, 9, 3, 1])
  })

  it('asha: never waits while trials are left, and continues the best', () => {
    const { trials, order } = played(asha(9, budgets9, ascending), (i) => i)
    // Three done: the best one goes on at once.
    expect(order.slice(0, 4)).toEqual(['0:1', '1:1', '2:1', '0:3'])
    expect(trials.filter(({ results }) => results.length === 3).map(({ number }) => number)).toEqual([0])
    const parallel = played(asha(27, budgets9, ascending), (i) => -i, 4)
    expect(parallel.trials.length).toBe(27)
    expect(parallel.trials.filter(({ results }) => results.length >= 2).length).toBeGreaterThanOrEqual(9)
  })

  it.each<[Record<string, number>, RegExp]>([
    [{ minBudget: 0, maxBudget: 3 }, /budgets from 0 to 3, expected whole numbers/],
    [{ minBudget: 4, maxBudget: 3 }, /the lower one first/],
    [{ minBudget: 1, maxBudget: 3, factor: 1 }, /factor is 1, expected at least 2/],
  ])('refuse budgets that make no sense: %j', (budgets, message) => {
    expect(() => hyperband(budgets as never, ascending)).toThrow(message)
  })
})

/** Branin's function above its least value. */
const branin: Objective = ({ x, y, shift = 'c' }) => {
  const [a, b] = [x as number, y as number]
  const bowl = (b - (5.1 / (4 * Math.PI ** 2)) * a ** 2 + (5 / Math.PI) * a - 6) ** 2
  return bowl + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(a) + 10 - 0.397887 + (shift === 'c' ? 0 : 5)
}
const BRANIN: Space = { x: uniform(-5, 10), y: uniform(0, 15) }
const SHIFTED: Space = { ...BRANIN, shift: choice(['a', 'b', 'c', 'd']) }

const base = { space: { x: uniform(0, 1) }, objective: ({ x }) => x as number, trials: 5 } satisfies SearchOptions

describe('a search', () => {
  it.each([
    ['numbers', BRANIN, 0.25],
    ['numbers and choices', SHIFTED, 0.75],
  ] as const)('by TPE beats random search on average, of %s', async (_, space, share) => {
    const mean = async (sampler: 'tpe' | 'random') => {
      let sum = 0
      for (let seed = 0; seed < 40; seed++)
        sum += (await search({ space, objective: branin, trials: 60, sampler, seed })).best?.value as number
      return sum / 40
    }
    expect(await mean('tpe')).toBeLessThan(share * (await mean('random')))
  })

  it('by TPE finds the branch of a conditional space that is good', async () => {
    const space: Space = {
      rule: choice(['far', 'near']),
      far: uniform(0, 1, { when: { rule: 'far' } }),
      rate: logUniform(1e-5, 1, { when: { rule: 'near' } }),
      size: int(1, 100, { log: true }),
    }
    const objective: Objective = ({ rule, rate, size }) =>
      rule === 'far' ? 10 : (Math.log10(rate as number) + 3) ** 2 + Math.log2((size as number) / 16) ** 2
    const { best, trials } = await search({ space, objective, trials: 80, seed: 2 })
    expect(best?.parameters['rule']).toBe('near')
    expect(best?.value).toBeLessThan(0.2)
    // It turns to it, too.
    const near = trials.slice(40).filter(({ parameters }) => parameters['rule'] === 'near').length
    expect(near).toBeGreaterThan(30)
  })

  it('maximizes, and is the same under a seed', async () => {
    const run = (seed: number) => search({ ...base, mode: 'max', trials: 30, seed })
    const [a, b, c] = await Promise.all([run(1), run(1), run(2)])
    expect(a.best?.value).toBeGreaterThan(0.95)
    const choices = ({ trials }: typeof a) => trials.map(({ parameters }) => parameters)
    expect(choices(b)).toEqual(choices(a))
    expect(choices(c)).not.toEqual(choices(a))
  })

  it('runs several trials at a time, and no more', async () => {
    let [now, most] = [0, 0]
    const objective: Objective = async () => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setTimeout(resolve, 2))
      now--
      return 1
    }
    const { trials } = await search({ ...base, objective, trials: 20, parallel: 3 })
    expect(most).toBe(3)
    expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })

  it('goes through a grid', async () => {
    const space = { a: choice([1, 2]), b: int(0, 2) }
    const { trials, best } = await search({
      space,
      objective: ({ a, b }) => (a as number) - (b as number),
      sampler: 'grid',
    })
    expect(trials.length).toBe(6)
    expect(best?.parameters).toEqual({ a: 1, b: 2 })
  })

  it('records trials that fail, tries again what may be chance, and goes on', async () => {
    const attempts = new Map<number, number>()
    const objective: Objective = (_, { number }) => {
      attempts.set(number, (attempts.get(number) ?? 0) + 1)
      if (number === 0) throw new TrialError('out of the question')
      if (number === 1) throw new Error('always')
      if (number === 2 && attempts.get(2) === 1) throw new Error('once')
      if (number === 3) return Number.NaN
      return number
    }
    const { trials, best } = await search({ ...base, objective, retries: 2 })
    const result = (i: number) => trials[i]?.results[0]
    expect(result(0)).toMatchObject({ state: 'failed', error: 'out of the question' })
    expect(result(1)).toMatchObject({ state: 'failed', error: 'always' })
    expect(result(2)).toMatchObject({ state: 'done', value: 2 })
    expect(result(3)).toMatchObject({ state: 'failed', error: 'its value is NaN' })
    expect([...attempts.values()]).toEqual([1, 3, 2, 1, 1])
    expect(best).toMatchObject({ number: 2, value: 2 })
    const none = await search({ ...base, objective: () => Promise.reject(new Error('no')) })
    expect(none.best).toBeUndefined()
  })

  it('gives budgets, and says what was spent', async () => {
    const calls: [number, number | undefined, number][] = []
    const { best } = await search({
      ...base,
      objective: ({ x }, { number, budget, spent }) => {
        calls.push([number, budget, spent])
        return (x as number) / (budget as number)
      },
      trials: 6,
      sampler: 'random',
      strategy: { name: 'successiveHalving', minBudget: 2, maxBudget: 8, factor: 2 },
    })
    expect(calls.map(([, budget, spent]) => [budget, spent])).toEqual([
      ...Array.from({ length: 6 }, () => [2, 0]),
      ...Array.from({ length: 3 }, () => [4, 2]),
      [8, 4],
    ])
    expect(best?.results.map(({ budget }) => budget)).toEqual([2, 4, 8])
  })

  it.each<[Partial<Record<keyof SearchOptions, unknown>>, RegExp]>([
    [{ sampler: 'tpa' }, /no sampler 'tpa'; did you mean "tpe"\?/],
    [{ sampler: { name: 'tpe', gama: 1 } }, /tpe: no such option: 'gama'; did you mean "gamma"/],
    [{ sampler: { name: 'tpe', gamma: 1 } }, /gamma is 1, expected more than 0 and less than 1/],
    [{ sampler: { name: 'random', points: 3 } }, /sampler random: no such option: 'points'/],
    [{ sampler: { name: 'grid', points: 0 } }, /grid: points is 0/],
    [{ sampler: 'grid', strategy: { name: 'asha', minBudget: 1, maxBudget: 2 } }, /a grid runs every trial to its end/],
    [
      { strategy: { name: 'hyperban', minBudget: 1, maxBudget: 2 } },
      /no strategy 'hyperban'; did you mean "hyperband"/,
    ],
    [{ strategy: { name: 'hyperband', minBudget: 1, maxBudget: 2 } }, /leave trials out/],
    [{ trials: undefined }, /how many trials is not said/],
    [{ trials: 0 }, /trials is 0/],
    [{ mode: 'least' }, /mode is least, expected 'min' or 'max'/],
    [{ parallel: 0 }, /parallel is 0, expected a whole number of at least 1/],
    [{ trails: 3 } as never, /no such option: 'trails'; did you mean "trials"/],
    [{ objective: () => 'x' }, /the objective returned string, expected a number/],
    [{ objective: undefined }, /objective is no function/],
  ])('refuses %j', async (change, message) => {
    await expect(search({ ...base, ...change } as SearchOptions)).rejects.toThrow(message)
  })
})

describe('a journal', () => {
  let folder: string
  let journal: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sinter-search-'))
    journal = join(folder, 'deep', 'journal.jsonl')
  })
  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  it('lets a search go on as it would have, wherever it was cut off', async () => {
    const options = { space: SHIFTED, objective: branin, trials: 14, seed: 3 } satisfies SearchOptions
    const whole = await search({ ...options, journal })
    const text = await readFile(journal, 'utf8')
    const choices = (result: typeof whole) =>
      result.trials.map(({ parameters, results }) => [parameters, results[0]?.value])
    expect(text.split('\n').length).toBe(1 + 2 * 14 + 1)
    for (const length of [text.length, 1, 700, 1500, text.length - 1, text.length - 40]) {
      await writeFile(journal, text.slice(0, length))
      expect(choices(await search({ ...options, journal }))).toEqual(choices(whole))
    }
    // With more trials it goes on behind them.
    const more = await search({ ...options, trials: 16, journal })
    expect(choices(more).slice(0, 14)).toEqual(choices(whole))
    expect(more.trials.length).toBe(16)
  })

  it('begins again what did not end, and gives up what ended the search itself', async () => {
    await search({ ...base, trials: 1, journal, objective: () => 1 })
    const start = JSON.stringify({ type: 'start', trial: 1, rung: 0, budget: null, parameters: { x: 0.25 } })
    const again = JSON.stringify({ type: 'start', trial: 1, rung: 0, budget: null })
    await appendFile(journal, `${start}\n`)
    const text = await readFile(journal, 'utf8')
    const first = await search({ ...base, trials: 2, journal })
    expect(first.trials[1]).toMatchObject({ parameters: { x: 0.25 }, results: [{ state: 'done', value: 0.25 }] })
    await writeFile(journal, `${text}${again}\n${again}\n`)
    const called: number[] = []
    const objective: Objective = (_, { number }) => called.push(number)
    const second = await search({ ...base, trials: 3, journal, objective })
    expect(second.trials[1]?.results[0]).toMatchObject({
      state: 'failed',
      error: 'the search ended 3 times while it ran',
    })
    expect(called).toEqual([2])
  })

  it('is left as it is by a stop, which is no failure', async () => {
    const abort = new AbortController()
    const objective: Objective = async ({ x }, { number, signal }) => {
      if (number === 2) abort.abort()
      if (signal.aborted) throw new Error('stopped early')
      return x as number
    }
    const stopped = await search({ ...base, objective, journal, signal: abort.signal, retries: 3 })
    expect(stopped).toMatchObject({ stopped: true })
    expect(stopped.trials.map(({ results }) => results[0]?.state)).toEqual(['done', 'done', 'running'])
    const rest = await search({ ...base, journal })
    expect(rest.trials.map(({ results }) => results[0]?.state)).toEqual(Array(5).fill('done'))
    expect(rest.trials[2]?.parameters).toEqual(stopped.trials[2]?.parameters)
  })

  it('has one writer at a time, and outlives one that was killed', async () => {
    const objective: Objective = async () => {
      await expect(search({ ...base, journal })).rejects.toThrow(/journal\.jsonl\.lock: process \d+ is searching here/)
      return 1
    }
    await search({ ...base, trials: 1, journal, objective })
    // No process has this number, the largest there can be.
    await writeFile(`${journal}.lock`, '4194304')
    expect((await search({ ...base, trials: 2, journal })).trials.length).toBe(2)
    await expect(access(`${journal}.lock`)).rejects.toThrow(/ENOENT/)
    await expect(search({ ...base, journal, seed: 9 })).rejects.toThrow(/another search/)
    expect((await search({ ...base, trials: 3, journal })).trials.length).toBe(3)
  })

  it('of another search is refused, and a damaged one', async () => {
    await search({ ...base, journal })
    await expect(search({ ...base, journal, seed: 1 })).rejects.toThrow(
      /journal of another search: seed was 0, now it is 1/,
    )
    await expect(search({ ...base, journal, space: { y: uniform(0, 1) } })).rejects.toThrow(/another search: space was/)
    const text = await readFile(journal, 'utf8')
    for (const [line, message] of [
      [
        '{"type":"end","trial":9,"rung":0,"value":1}',
        /journal\.jsonl:12: trial 9 did not run rung 0: the journal is damaged/,
      ],
      ['{"type":"start","trial":9,"rung":0,"budget":null}', /:12: trial 9 cannot begin rung 0/],
      ['{"type"', /:12: .*JSON/],
    ] as const) {
      await writeFile(journal, `${text}${line}\n`)
      await expect(search({ ...base, journal })).rejects.toThrow(message)
    }
  })
})
