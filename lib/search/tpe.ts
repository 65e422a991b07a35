// The tree-structured Parzen estimator (Bergstra, Bardenet, Bengio and Kegl, "Algorithms for hyper-parameter optimization", 2011). Place in the
// whole: a sampler. Trials are split into the good ones and the rest; of each parameter, where it is there, l(x) is the density of the good
// ones' values and g(x) of the others', and of some values drawn from l the one of largest l(x) / g(x) is taken, which maximizes the
// expected improvement.
//
// Densities of numbers are mixtures of normal distributions cut off at the bounds: one at each value, as wide as the distance to its
// neighbours, and the prior, one in the middle as wide as the range. Those of choices are counts, to which the prior adds one of each.

import { known, whole } from '../check.js'
import { Random } from '../data/random.js'
import { ValueError } from '../errors.js'
import type { Json } from '../train/callback.js'
import { draw, type Sampler } from './samplers.js'
import { type Axis, axisOf, chooseAll, ordered, type Parameter, type Space, sameValue } from './space.js'
import type { Result, Score, Trial } from './trial.js'

export interface TPEOptions {
  /** Trials drawn at random first. Default 10. */
  readonly startup?: number
  /** Share of the trials that are the good ones, 25 at most. Default 0.15. */
  readonly gamma?: number
  /** Values drawn of each parameter. Default 24. */
  readonly candidates?: number
}

const MOST_GOOD = 25

export function tpeSampler(space: Space, seed: number, score: Score, options: TPEOptions = {}): Sampler {
  known('tpe', options, ['startup', 'gamma', 'candidates'])
  const { startup = 10, gamma = 0.15, candidates = 24 } = options
  whole('tpe', { startup, candidates }, 1)
  if (!(gamma > 0 && gamma < 1)) throw new ValueError(`tpe: gamma is ${gamma}, expected more than 0 and less than 1`)
  ordered(space)
  return (number, trials) => {
    const random = new Random(seed, number)
    const seen = observed(trials, score, startup)
    if (seen === undefined) return chooseAll(space, (_, parameter) => draw(parameter, random))
    const count = Math.min(Math.ceil(gamma * seen.length), MOST_GOOD)
    const [good, rest] = [seen.slice(0, count), seen.slice(count)]
    return chooseAll(space, (name, parameter) => {
      const values = (some: readonly Trial[]) =>
        some.flatMap(({ parameters }) => (name in parameters ? [parameters[name] as Json] : []))
      return best(parameter, values(good), values(rest), candidates, random)
    })
  }
}

/**
 * Trials, best first, those that failed or still run last: what runs counts as bad, so that trials beside each other are not alike. With
 * budgets, those of the largest budget that enough trials have got to, as in BOHB (Falkner et al. 2018). undefined: not enough of them.
 */
function observed(trials: readonly Trial[], score: Score, startup: number): Trial[] | undefined {
  const budgets = new Set(trials.flatMap(({ results }) => results.map(({ budget }) => budget ?? 0)))
  for (const budget of [...budgets].sort((a, b) => b - a)) {
    const there = trials.flatMap((trial) => {
      const result = trial.results.find((one) => (one.budget ?? 0) === budget)
      return result === undefined ? [] : [{ trial, result, loss: lossOf(result, score) }]
    })
    if (there.filter(({ result }) => result.state !== 'running').length < startup) continue
    return there.sort((a, b) => (a.loss < b.loss ? -1 : a.loss > b.loss ? 1 : 0)).map(({ trial }) => trial)
  }
  return undefined
}

const lossOf = ({ state, value }: Result, score: Score): number =>
  state === 'done' ? score(value as number) : Number.POSITIVE_INFINITY

/** Of values drawn from the good ones' density, the one that is likelier there than among the rest by the largest factor. */
function best(parameter: Parameter, good: Json[], rest: Json[], candidates: number, random: Random): Json {
  if (parameter.kind === 'choice') {
    const [l, g] = [weights(parameter.values, good), weights(parameter.values, rest)]
    const drawn = Array.from({ length: candidates }, () => pick(l, random))
    const index = drawn.reduce((a, b) => (ratio(l, g, b) > ratio(l, g, a) ? b : a))
    return parameter.values[index] as Json
  }
  const axis = axisOf(parameter)
  const [l, g] = [mixture(axis, good as number[]), mixture(axis, rest as number[])]
  const drawn = Array.from({ length: candidates }, () => sample(l, axis, random))
  const scores = drawn.map((x) => logDensity(l, x) - logDensity(g, x))
  return axis.value(drawn[scores.indexOf(Math.max(...scores))] as number)
}

function weights(values: readonly Json[], seen: readonly Json[]): number[] {
  const counts = values.map((value) => seen.filter((other) => sameValue(value, other)).length + 1)
  return counts.map((count) => count / (seen.length + values.length))
}

const ratio = (l: readonly number[], g: readonly number[], i: number): number => (l[i] as number) / (g[i] as number)

function pick(p: readonly number[], random: Random): number {
  let left = random.uniform()
  const index = p.findIndex((weight) => (left -= weight) < 0)
  return index < 0 ? p.length - 1 : index
}

/** A normal distribution cut off at the axis' ends: `mass` of it lies between them. */
interface Component {
  readonly mean: number
  readonly sigma: number
  readonly mass: number
}

function mixture({ low, high, at }: Axis, values: readonly number[]): Component[] {
  const range = high - low
  const middle = { mean: (low + high) / 2, sigma: range, isPrior: true }
  const means = [...values.map((value) => ({ mean: at(value), sigma: 0, isPrior: false })), middle]
  means.sort((a, b) => a.mean - b.mean)
  // Values that lie close must not make a needle; the fewer there are, the wider each.
  const least = range / Math.min(100, 2 + means.length)
  return means.map(({ mean, sigma, isPrior }, i) => {
    const [before, after] = [mean - (means[i - 1]?.mean ?? low), (means[i + 1]?.mean ?? high) - mean]
    const width = isPrior ? sigma : Math.min(Math.max(before, after, least), range)
    return { mean, sigma: width, mass: normalCdf((high - mean) / width) - normalCdf((low - mean) / width) }
  })
}

function sample(components: readonly Component[], { low, high }: Axis, random: Random): number {
  const { mean, sigma } = components[random.int(components.length)] as Component
  // At least a third of a component lies between the ends: this ends.
  for (;;) {
    const x = mean + sigma * random.normal()
    if (x >= low && x <= high) return x
  }
}

function logDensity(components: readonly Component[], x: number): number {
  let total = 0
  for (const { mean, sigma, mass } of components) total += Math.exp(-0.5 * ((x - mean) / sigma) ** 2) / (sigma * mass)
  return Math.log(total / components.length)
}

/** Abramowitz and Stegun 7.1.26: to 1.5e-7. */
function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2
  const t = 1 / (1 + 0.3275911 * x)
  const polynomial = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  const erf = 1 - polynomial * Math.exp(-x * x)
  return z < 0 ? (1 - erf) / 2 : (1 + erf) / 2
}
