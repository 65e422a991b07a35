// What a search may choose. Place in the whole: parameters and when they are there; samplers draw from them, search files describe them
// by the same names.

import { known } from '../check.js'
import { ValueError } from '../errors.js'
import { didYouMean } from '../suggest.js'
import type { Json } from '../train/callback.js'

/** Other parameters' values that a parameter needs to be there: one value, or a list of several. */
export type When = Readonly<Record<string, Json>>

export type Parameter =
  /** Between low and high; `log`: uniform in the logarithm; `step`: low and multiples of step above it. */
  | {
      readonly kind: 'real'
      readonly low: number
      readonly high: number
      readonly log: boolean
      readonly step?: number
      readonly when?: When
    }
  /** Whole numbers from low to high, both included. */
  | { readonly kind: 'int'; readonly low: number; readonly high: number; readonly log: boolean; readonly when?: When }
  | { readonly kind: 'choice'; readonly values: readonly Json[]; readonly when?: When }

/** Parameters by name; `--set` paths where a configuration is searched. */
export type Space = Readonly<Record<string, Parameter>>

/** What was chosen; parameters that are not there have no entry. */
export type Parameters = Readonly<Record<string, Json>>

interface Conditional {
  /** The parameter is there only where others have these values. */
  readonly when?: When
}

/** A real number in [low, high], or one of low, low + step, ... */
export function uniform(low: number, high: number, options: Conditional & { readonly step?: number } = {}): Parameter {
  known('uniform', options, ['when', 'step'])
  range('uniform', low, high)
  const { step } = options
  if (step !== undefined && !(step > 0 && step <= high - low))
    throw new ValueError(`uniform: step is ${step}, expected more than 0 and at most ${high - low}`)
  return { kind: 'real', low, high, log: false, ...options }
}

/** A real number whose logarithm is uniform: learning rates, strengths. */
export function logUniform(low: number, high: number, options: Conditional = {}): Parameter {
  known('logUniform', options, ['when'])
  range('logUniform', low, high)
  if (low <= 0) throw new ValueError(`logUniform: low is ${low}, expected more than 0`)
  return { kind: 'real', low, high, log: true, ...options }
}

/** A whole number from low to high, both included; `log`: its logarithm is uniform (default false). */
export function int(low: number, high: number, options: Conditional & { readonly log?: boolean } = {}): Parameter {
  known('int', options, ['when', 'log'])
  range('int', low, high)
  const { log = false, ...rest } = options
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high))
    throw new ValueError(`int: from ${low} to ${high}, expected whole numbers`)
  if (log && low <= 0) throw new ValueError(`int: low is ${low}, expected more than 0 with log`)
  return { kind: 'int', low, high, log, ...rest }
}

/** One of several values, without an order among them. */
export function choice(values: readonly Json[], options: Conditional = {}): Parameter {
  known('choice', options, ['when'])
  if (!Array.isArray(values) || values.length === 0) throw new ValueError('choice: expected a list of values')
  if (new Set(values.map((value) => JSON.stringify(value))).size < values.length)
    throw new ValueError('choice: a value is there twice')
  return { kind: 'choice', values, ...options }
}

function range(name: string, low: number, high: number): void {
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high))
    throw new ValueError(`${name}: from ${low} to ${high}, expected two numbers, the lower one first`)
}

export const sameValue = (a: Json | undefined, b: Json | undefined): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Whether a parameter is there beside others that were chosen. */
export function isActive({ when = {} }: Parameter, chosen: Parameters): boolean {
  return Object.entries(when).every(([name, wanted]) => {
    if (!(name in chosen)) return false
    return (Array.isArray(wanted) ? wanted : [wanted]).some((value) => sameValue(value as Json, chosen[name]))
  })
}

/**
 * The parameters in an order in which each comes after those that it needs.
 * @throws ValueError for an empty space, and for conditions on parameters that are not there or in a circle
 */
export function ordered(space: Space): [string, Parameter][] {
  const names = Object.keys(space)
  if (names.length === 0) throw new ValueError('search: the space has no parameters')
  const done = new Map<string, Parameter>()
  while (done.size < names.length) {
    const before = done.size
    for (const name of names) {
      const parameter = space[name] as Parameter
      const needs = Object.keys(parameter.when ?? {})
      for (const need of needs)
        if (!(need in space))
          throw new ValueError(`search: ${name} needs ${need}, which is no parameter${didYouMean(need, names)}`)
      if (!done.has(name) && needs.every((need) => done.has(need))) done.set(name, parameter)
    }
    if (done.size === before) {
      const left = names.filter((name) => !done.has(name))
      throw new ValueError(`search: ${left.join(' and ')} need each other: conditions must not go in a circle`)
    }
  }
  return [...done]
}

/** Chooses all parameters that are there, one after the other. */
export function chooseAll(space: Space, one: (name: string, parameter: Parameter) => Json): Parameters {
  const chosen: Record<string, Json> = {}
  for (const [name, parameter] of ordered(space)) if (isActive(parameter, chosen)) chosen[name] = one(name, parameter)
  return chosen
}

/** Where a numeric parameter is sampled: its bounds there, and the way back to a value. */
export interface Axis {
  readonly low: number
  readonly high: number
  readonly at: (value: number) => number
  readonly value: (at: number) => number
}

export function axisOf(parameter: Exclude<Parameter, { kind: 'choice' }>): Axis {
  const { low, high, log } = parameter
  const clamped = (value: number) => Math.min(Math.max(value, low), high)
  const there = (value: number) => (log ? Math.log(value) : value)
  const back = (at: number) => (log ? Math.exp(at) : at)
  if (parameter.kind === 'int') {
    // Every whole number has an interval of its own, those at the ends too.
    return {
      low: there(low - 0.5),
      high: there(high + 0.5),
      at: there,
      value: (at) => clamped(Math.round(back(at))),
    }
  }
  const { step } = parameter
  if (step === undefined) return { low: there(low), high: there(high), at: there, value: (at) => clamped(back(at)) }
  const last = Math.floor((high - low) / step + 1e-9)
  // Counted in steps, so that 0.1 and 0.3 are what they are called.
  const snapped = (at: number) =>
    Number((low + Math.min(Math.max(Math.round((at - low) / step), 0), last) * step).toPrecision(12))
  return { low: low - step / 2, high: low + (last + 0.5) * step, at: (value) => value, value: snapped }
}
