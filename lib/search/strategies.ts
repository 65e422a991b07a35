// What runs next. Place in the whole: a strategy looks at the trials so far and names a new one, the continuation of one with a larger
// budget, or neither yet; as a pure function of the trials, so that a search that was killed goes on as it would have.
import { ValueError } from '../errors.js'
import { lastDone, type Result, type Score, type Trial } from './trial.js'

/** `trial` is the number of an earlier one, or the next number for a new one. */
export interface Job {
  readonly trial: number
  readonly rung: number
  readonly budget: number | undefined
}

/** 'wait': something must finish first; 'done': nothing is left, but for what is running. */
export type Strategy = (trials: readonly Trial[]) => Job | 'wait' | 'done'

export interface Budgets {
  /** What a first execution gets: epochs, steps. A whole number of at least 1. */
  readonly minBudget: number
  /** What the last one gets in all. */
  readonly maxBudget: number
  /** Of the trials of a rung one in so many goes on, with so many times the budget. Default 3. */
  readonly factor?: number
}

export function checkBudgets(name: string, { minBudget, maxBudget, factor = 3 }: Budgets): Required<Budgets> {
  const whole = (value: number) => Number.isSafeInteger(value) && value >= 1
  if (!whole(minBudget) || !whole(maxBudget) || maxBudget < minBudget)
    throw new ValueError(
      `${name}: budgets from ${minBudget} to ${maxBudget}, expected whole numbers of at least 1, the lower one first`,
    )
  if (!(factor >= 2)) throw new ValueError(`${name}: factor is ${factor}, expected at least 2`)
  return { minBudget, maxBudget, factor }
}

const isRunning = ({ state }: Result): boolean => state === 'running'

/** `count` trials, each on its own. */
export function eachOnce(count: number): Strategy {
  return (trials) => (trials.length < count ? { trial: trials.length, rung: 0, budget: undefined } : 'done')
}

/** Trials that begin together; rung i + 1 takes the best of rung i. */
interface Bracket {
  readonly first: number
  /** How many trials each rung takes, and what each has spent by its end. */
  readonly rungs: readonly { readonly count: number; readonly budget: number }[]
}

/**
 * Successive halving (Jamieson and Talwalkar 2016): of `count` trials with the least budget the best 1 in `factor` go on, and so on. A rung
 * begins when the one before is complete.
 */
export function successiveHalving(count: number, budgets: Budgets, score: Score): Strategy {
  const { minBudget, maxBudget, factor } = checkBudgets('successiveHalving', budgets)
  const last = Math.floor(Math.log(maxBudget / minBudget) / Math.log(factor) + 1e-9)
  return inBrackets([bracket(0, count, last, minBudget, maxBudget, factor)], score)
}

/**
 * Hyperband (Li, Jamieson, DeSalvo, Rostamizadeh and Talwalkar 2018): successive halving several times, from many trials with little budget
 * to few that get all of it at once. The paper's numbers of trials; budgets are rounded to whole numbers.
 */
export function hyperband(budgets: Budgets, score: Score): Strategy {
  const { minBudget, maxBudget, factor } = checkBudgets('hyperband', budgets)
  const most = Math.floor(Math.log(maxBudget / minBudget) / Math.log(factor) + 1e-9)
  const brackets: Bracket[] = []
  let first = 0
  for (let s = most; s >= 0; s--) {
    const count = Math.ceil(((most + 1) / (s + 1)) * factor ** s)
    brackets.push(bracket(first, count, s, maxBudget / factor ** s, maxBudget, factor))
    first += count
  }
  return inBrackets(brackets, score)
}

function bracket(first: number, count: number, last: number, least: number, most: number, factor: number): Bracket {
  const rungs = Array.from({ length: last + 1 }, (_, i) => ({
    count: Math.floor(count / factor ** i + 1e-9),
    budget: Math.min(most, Math.max(1, Math.round(least * factor ** i))),
  }))
  return { first, rungs: rungs.filter((rung) => rung.count > 0) }
}

function inBrackets(brackets: readonly Bracket[], score: Score): Strategy {
  return (trials) => {
    let waiting = false
    for (const { first, rungs } of brackets) {
      const [{ count, budget }] = rungs as [Bracket['rungs'][number]]
      // Brackets begin one after the other: the next trial is this one's until it has all of its own.
      if (trials.length < first + count) return { trial: trials.length, rung: 0, budget }
      const next = promoted(trials.slice(first, first + count), rungs, score)
      if (typeof next === 'object') return next
      waiting ||= next === 'wait'
    }
    return waiting ? 'wait' : 'done'
  }
}

function promoted(members: readonly Trial[], rungs: Bracket['rungs'], score: Score): Job | 'wait' | 'done' {
  for (const [i, rung] of rungs.entries()) {
    const here = i === 0 ? members : members.filter(({ results }) => results.length > i)
    const next = rungs[i + 1]
    if (here.some(({ results }) => isRunning(results[i] as Result))) return 'wait'
    if (next === undefined) return 'done'
    const on = ranked(here, i, score).slice(0, next.count)
    const waiting = on.find(({ results }) => results.length === i + 1)
    if (waiting !== undefined) return { trial: waiting.number, rung: i + 1, budget: next.budget }
    if (rung.count === 0 || on.length === 0) return 'done'
  }
  return 'done'
}

/** The trials that have done rung `i`, best first; of equal ones the earlier. */
function ranked(trials: readonly Trial[], i: number, score: Score): Trial[] {
  const done = trials.filter(({ results }) => results[i]?.state === 'done')
  const of = (trial: Trial) => score((trial.results[i] as Result).value as number)
  return done.sort((a, b) => of(a) - of(b) || a.number - b.number)
}

/**
 * ASHA, successive halving without waiting (Li, Jamieson, Rostamizadeh, Gonina, Hardt, Recht and Talwalkar, "A system for massively parallel
 * hyperparameter tuning", 2020): whoever is free continues a trial of the best 1 in `factor` of a rung, the highest rung first, or
 * begins a new one, until there are `count`.
 */
export function asha(count: number, budgets: Budgets, score: Score): Strategy {
  const { minBudget, maxBudget, factor } = checkBudgets('asha', budgets)
  const last = Math.floor(Math.log(maxBudget / minBudget) / Math.log(factor) + 1e-9)
  const budgetOf = (rung: number) => Math.min(maxBudget, Math.round(minBudget * factor ** rung))
  return (trials) => {
    for (let rung = last - 1; rung >= 0; rung--) {
      const done = ranked(trials, rung, score)
      const waiting = done.slice(0, Math.floor(done.length / factor)).find(({ results }) => results.length === rung + 1)
      if (waiting !== undefined) return { trial: waiting.number, rung: rung + 1, budget: budgetOf(rung + 1) }
    }
    if (trials.length < count) return { trial: trials.length, rung: 0, budget: budgetOf(0) }
    return trials.some(({ results }) => results.some(isRunning)) ? 'wait' : 'done'
  }
}

/** The best trial: of those that got the largest budget, the one of the best value. undefined where none has succeeded. */
export function bestTrial(trials: readonly Trial[], score: Score): Trial | undefined {
  let best: { trial: Trial; rung: number; score: number } | undefined
  for (const trial of trials) {
    const result = lastDone(trial)
    if (result === undefined) continue
    const budget = result.budget ?? 0
    const own = { trial, rung: budget, score: score(result.value as number) }
    if (best === undefined || own.rung > best.rung || (own.rung === best.rung && own.score < best.score)) best = own
  }
  return best?.trial
}
