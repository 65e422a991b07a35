// Steps from words, or from numbers that are names, to numbers. Place in the whole: encodings of categories. Definitions: scikit-learn's
// OneHotEncoder, OrdinalEncoder and TargetEncoder (Micci-Barreca 2001).
import { z } from 'zod'
import { known } from '../check.js'
import { ValueError } from '../errors.js'
import { filled } from '../filled.js'
import { didYouMean } from '../suggest.js'
import { type Step, step } from './step.js'
import { type Column, moments, words } from './table.js'

/** Categories in order, and how often each occurs. */
function counted(column: Column): Map<string, number> {
  const counts = new Map<string, number>()
  for (const v of words(column)) if (v !== null) counts.set(v, (counts.get(v) ?? 0) + 1)
  return new Map([...counts].sort(([a], [b]) => compare(a, b)))
}

/** Numbers by size, words by code unit. */
function compare(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)]
  if (a !== '' && b !== '' && !Number.isNaN(x) && !Number.isNaN(y)) return x - y
  return a < b ? -1 : a > b ? 1 : 0
}

function unknown(who: string, row: number, value: string | null, categories: readonly string[]): never {
  if (value === null) throw new ValueError(`${who}: row ${row} is missing; fill gaps before with impute()`)
  const list =
    categories.length > 12
      ? `${categories.slice(0, 12).join(', ')} and ${categories.length - 12} more`
      : categories.join(', ')
  throw new ValueError(
    `${who}: row ${row} is '${value}'${didYouMean(value, categories)}, which was not there when it was fitted (${list})`,
  )
}

export interface OneHotOptions {
  /** What a category is that fitting did not see, and a missing one: an error, or all zeros. Default 'error'. */
  readonly unknown?: 'error' | 'ignore'
  /** Categories that occur less often share a column, `infrequent`. Default 1. */
  readonly minCount?: number
}

const INFREQUENT = '_infrequent'
const names = z.array(z.string())

/** A column of 0 and 1 for each category, in their order. */
export function oneHot(options: OneHotOptions = {}): Step {
  known('oneHot', options, ['unknown', 'minCount'])
  const { unknown: onUnknown = 'error', minCount = 1 } = options
  if (onUnknown !== 'error' && onUnknown !== 'ignore')
    throw new ValueError(`oneHot: unknown is ${String(onUnknown)}, expected 'error' or 'ignore'`)
  return step(
    'oneHot',
    z.object({ categories: names, infrequent: names, onUnknown: z.enum(['error', 'ignore']) }),
    (column) => {
      const counts = [...counted(column)]
      return {
        categories: counts.filter(([, n]) => n >= minCount).map(([v]) => v),
        infrequent: counts.filter(([, n]) => n < minCount).map(([v]) => v),
        onUnknown,
      }
    },
    ({ categories, infrequent, onUnknown }, name) => ({
      apply: (column) => {
        const places = new Map([
          ...categories.map((v, i) => [v, i] as const),
          ...infrequent.map((v) => [v, categories.length] as const),
        ])
        const width = categories.length + (infrequent.length > 0 ? 1 : 0)
        const columns = Array.from({ length: width }, () => new Float64Array(column.length))
        for (const [row, v] of words(column).entries()) {
          const place = v === null ? undefined : places.get(v)
          if (place !== undefined) (columns[place] as Float64Array)[row] = 1
          else if (onUnknown === 'error') unknown(`oneHot of ${name}`, row, v, [...places.keys()])
        }
        return columns.map((values, i) => [`_${categories[i] ?? INFREQUENT.slice(1)}`, values] as const)
      },
    }),
    { last: true },
  )
}

export interface OrdinalOptions {
  /** The order; default: numbers by size, words by their characters. */
  readonly order?: readonly string[]
  /** What a category is that is not in the order: an error, or a number. Default 'error'. */
  readonly unknown?: 'error' | number
}

/** The number of the category, from 0. */
export function ordinal(options: OrdinalOptions = {}): Step {
  known('ordinal', options, ['order', 'unknown'])
  const { order, unknown: onUnknown = 'error' } = options
  const twice = order?.find((v, i) => order.indexOf(v) !== i)
  if (twice !== undefined) throw new ValueError(`ordinal: '${twice}' is in the order twice`)
  return step(
    'ordinal',
    z.object({ categories: names, onUnknown: z.union([z.literal('error'), z.number()]) }),
    (column) => ({ categories: order ? [...order] : [...counted(column).keys()], onUnknown }),
    ({ categories, onUnknown }, name) => ({
      apply: (column) => {
        const places = new Map(categories.map((v, i) => [v, i]))
        const values = words(column).map((v, row) => {
          const place = v === null ? undefined : places.get(v)
          if (place !== undefined) return place
          return onUnknown === 'error' ? unknown(`ordinal of ${name}`, row, v, categories) : (onUnknown as number)
        })
        return [['', Float64Array.from(values)]]
      },
    }),
  )
}

export interface TargetEncodeOptions {
  /**
   * How much the mean of all pulls at a category's: as so many rows of it, or 'auto', by the variances (empirical Bayes). Default 'auto'.
   */
  readonly smooth?: number | 'auto'
}

/**
 * The mean of the target in the category's rows, pulled towards the mean of all; categories that fitting did not see, and missing ones, get that. Rows
 * that it is fitted to must not see their own target: `fitTransform` computes them from other folds.
 */
export function targetEncode(options: TargetEncodeOptions = {}): Step {
  known('targetEncode', options, ['smooth'])
  const { smooth = 'auto' } = options
  if (smooth !== 'auto' && !(smooth >= 0))
    throw new ValueError(`targetEncode: smooth is ${smooth}, expected 'auto' or a number of at least 0`)
  return step(
    'targetEncode',
    z.object({ mean: z.number(), encodings: z.record(z.string(), z.number()) }),
    (column, { column: name, target }) => {
      if (target === null) throw new ValueError(`targetEncode of ${name}: there is no target; give fit() one`)
      const { mean, variance } = moments(target)
      const rows = new Map<string, number[]>()
      for (const [i, v] of words(column).entries()) {
        if (v === null) continue
        const own = rows.get(v)
        if (own) own.push(target[i] as number)
        else rows.set(v, [target[i] as number])
      }
      const encoded = (own: readonly number[]): number => {
        const n = own.length
        const sum = own.reduce((total, v) => total + v, 0)
        if (smooth !== 'auto') return (sum + smooth * mean) / (n + smooth)
        const within = moments(Float64Array.from(own)).variance
        const trust = (variance * n) / (variance * n + within)
        return Number.isNaN(trust) ? mean : trust * (sum / n) + (1 - trust) * mean
      }
      return { mean, encodings: Object.fromEntries([...rows].map(([v, own]) => [v, encoded(own)])) }
    },
    ({ mean, encodings }) => {
      const found = new Map(Object.entries(encodings))
      return {
        apply: (column) => {
          const values = words(column)
          const encodedOf = (v: string | null): number => (v === null ? mean : (found.get(v) ?? mean))
          return [['', filled(new Float64Array(values.length), (i) => encodedOf(values[i] as string | null))]]
        },
      }
    },
    { crossFitted: true },
  )
}
