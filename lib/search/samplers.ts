// Random and grid search. Place in the whole: a sampler proposes a trial's parameters from its number and the trials so far, as a pure
// function, so that a search that was killed goes on as it would have.
import { whole } from '../check.js'
import { Random } from '../data/random.js'
import type { Json } from '../train/callback.js'
import { axisOf, chooseAll, isActive, ordered, type Parameter, type Parameters, type Space } from './space.js'
import type { Trial } from './trial.js'

/** Parameters of trial `number`; undefined: there are no more. */
export type Sampler = (number: number, trials: readonly Trial[]) => Parameters | undefined

export function draw(parameter: Parameter, random: Random): Json {
  if (parameter.kind === 'choice') return parameter.values[random.int(parameter.values.length)] as Json
  const { low, high, value } = axisOf(parameter)
  return value(random.between(low, high))
}

/** Every trial drawn by itself (Bergstra and Bengio, "Random search for hyper-parameter optimization", 2012). */
export function randomSampler(space: Space, seed: number): Sampler {
  ordered(space)
  return (number) => {
    const random = new Random(seed, number)
    return chooseAll(space, (_, parameter) => draw(parameter, random))
  }
}

/** All combinations: of a real number or a wide range of whole ones `points` values, evenly spaced (in the logarithm with log). */
export function gridSampler(space: Space, points: number): Sampler {
  whole('grid', { points }, 1)
  const parameters = ordered(space)
  const all: Parameters[] = []
  const extend = (chosen: Parameters, i: number): void => {
    const [name, parameter] = parameters[i] ?? []
    if (name === undefined || parameter === undefined) all.push(chosen)
    else if (!isActive(parameter, chosen)) extend(chosen, i + 1)
    else for (const value of gridValues(parameter, points)) extend({ ...chosen, [name]: value }, i + 1)
  }
  extend({}, 0)
  return (number) => all[number]
}

function gridValues(parameter: Parameter, points: number): readonly Json[] {
  if (parameter.kind === 'choice') return parameter.values
  const { low, high } = parameter
  if (parameter.kind === 'int' && high - low < points) return Array.from({ length: high - low + 1 }, (_, i) => low + i)
  const { value, at } = axisOf(parameter)
  if (parameter.kind === 'real' && parameter.step !== undefined) {
    const { step } = parameter
    return Array.from({ length: Math.floor((high - low) / step + 1e-9) + 1 }, (_, i) => value(low + i * step))
  }
  const [first, last] = [at(low), at(high)]
  const spaced = Array.from({ length: points }, (_, i) =>
    value(points === 1 ? (first + last) / 2 : first + ((last - first) * i) / (points - 1)),
  )
  return [...new Set(spaced)]
}
