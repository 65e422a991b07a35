// Steps of numbers. Place in the whole: scaling, clipping, filling and binning; NaN is passed over in fitting and stays NaN but for `impute`.
// Definitions: scikit-learn's StandardScaler, MinMaxScaler, RobustScaler, SimpleImputer and KBinsDiscretizer.
import { z } from 'zod'
import { known, whole } from '../check.js'
import { ValueError } from '../errors.js'
import { filled } from '../filled.js'
import { type Step, step } from './step.js'
import { type Column, isWords, moments, mostFrequent, numbers, quantile, sorted, words } from './table.js'

const each = (column: Column, who: string, f: (v: number) => number): readonly (readonly [string, Column])[] => [
  ['', numbers(who, column).map(f)],
]

/** (v - center) / scale; a scale of 0 counts as 1. */
const affine = (kind: string, learn: (values: Float64Array) => { center: number; scale: number }): Step =>
  step(
    kind,
    z.object({ center: z.number(), scale: z.number() }),
    (column, { column: name }) => {
      const values = numbers(`${kind} of ${name}`, column)
      if (sorted(values).length === 0)
        throw new ValueError(`${kind} of ${name}: all values are missing: there is nothing to fit`)
      const { center, scale } = learn(values)
      return { center, scale: scale === 0 ? 1 : scale }
    },
    ({ center, scale }, name) => ({
      apply: (column) => each(column, `${kind} of ${name}`, (v) => (v - center) / scale),
      invert: (column) => column.map((v) => v * scale + center),
    }),
  )

/** To mean 0 and standard deviation 1 (over n). */
export const standardize = (): Step =>
  affine('standardize', (values) => {
    const { mean, variance } = moments(values)
    // What rounding leaves of a constant column's variance is none (scikit-learn's bound).
    const n = sorted(values).length
    const rounding = n * Number.EPSILON * variance + (n * mean * Number.EPSILON) ** 2
    return { center: mean, scale: variance <= rounding ? 0 : Math.sqrt(variance) }
  })

/** The smallest value to `low`, the largest to `high`. Default 0 and 1. */
export function minMax(options: { readonly low?: number; readonly high?: number } = {}): Step {
  known('minMax', options, ['low', 'high'])
  const { low = 0, high = 1 } = options
  if (!(low < high)) throw new ValueError(`minMax: low is ${low}, high ${high}; low is less than high`)
  return affine('minMax', (values) => {
    const all = sorted(values)
    const [least, most] = [all[0] as number, all.at(-1) as number]
    const scale = (most === least ? 1 : most - least) / (high - low)
    return { center: least - low * scale, scale }
  })
}

/** By median and distance of two quantiles, which outliers do not move. Default 0.25 and 0.75. */
export function robust(options: { readonly quantiles?: readonly [number, number] } = {}): Step {
  known('robust', options, ['quantiles'])
  const { quantiles = [0.25, 0.75] } = options
  const [from, to] = share('robust', quantiles)
  return affine('robust', (values) => {
    const all = sorted(values)
    return { center: quantile(all, 0.5), scale: quantile(all, to) - quantile(all, from) }
  })
}

function share(who: string, quantiles: readonly [number, number]): readonly [number, number] {
  const [from, to] = quantiles
  if (!(from >= 0 && from < to && to <= 1))
    throw new ValueError(`${who}: quantiles are ${from} and ${to}, expected 0 <= first < second <= 1`)
  return quantiles
}

/** The bounds that outliers are moved to. Exactly one of them. */
export type ClipOptions =
  | { readonly low: number; readonly high: number }
  | { readonly quantiles: readonly [number, number] }
  /** So many distances of the quartiles beyond these (Tukey 1977: 1.5). */
  | { readonly iqr: number }
  /** So many standard deviations from the mean. */
  | { readonly zScore: number }

/** Moves values beyond bounds to these. */
export function clip(options: ClipOptions): Step {
  known('clip', options, ['low', 'high', 'quantiles', 'iqr', 'zScore'])
  checkClip(options)
  const bounds = (values: Float64Array): { low: number; high: number } => {
    const all = sorted(values)
    if ('low' in options) return { low: options.low, high: options.high }
    if (all.length === 0) throw new ValueError('clip: all values are missing: there is nothing to fit')
    if ('quantiles' in options)
      return { low: quantile(all, options.quantiles[0]), high: quantile(all, options.quantiles[1]) }
    if ('iqr' in options) {
      const [a, b] = [quantile(all, 0.25), quantile(all, 0.75)]
      return { low: a - options.iqr * (b - a), high: b + options.iqr * (b - a) }
    }
    const { mean, variance } = moments(values)
    const reach = options.zScore * Math.sqrt(variance)
    return { low: mean - reach, high: mean + reach }
  }
  return step(
    'clip',
    z.object({ low: z.number(), high: z.number() }),
    (column, { column: name }) => bounds(numbers(`clip of ${name}`, column)),
    ({ low, high }, name) => ({
      apply: (column) => each(column, `clip of ${name}`, (v) => Math.min(Math.max(v, low), high)),
    }),
  )
}

/** @throws ValueError unless the options are one of the kinds, with numbers that make sense */
function checkClip(options: ClipOptions): void {
  const kinds = ['low', 'quantiles', 'iqr', 'zScore'].filter((kind) => kind in options)
  if (kinds.length !== 1)
    throw new ValueError(
      `clip: takes low and high, quantiles, iqr or zScore, one of these; found ${kinds.join(', ') || 'none'}`,
    )
  if ('quantiles' in options) share('clip', options.quantiles)
  else if ('low' in options) {
    const { low, high } = options
    if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high))
      throw new ValueError(`clip: low is ${low}, high ${high}, expected finite numbers, the first not above the second`)
  } else {
    const width = 'iqr' in options ? options.iqr : options.zScore
    if (!(width >= 0 && Number.isFinite(width)))
      throw new ValueError(`clip: ${kinds[0]} is ${width}, expected a finite number of at least 0`)
  }
}

/** log(1 + v), for amounts. @throws ValueError, when applied, for values of -1 and less */
export const log1p = (): Step =>
  step(
    'log1p',
    z.object({}),
    () => ({}),
    (_, name) => ({
      apply: (column) =>
        each(column, `log1p of ${name}`, (v) => {
          if (v <= -1) throw new ValueError(`log1p of ${name}: a value is ${v}, expected more than -1`)
          return Math.log1p(v)
        }),
      invert: (column) => column.map(Math.expm1),
    }),
  )

export interface ImputeOptions {
  /** Adds a column that is 1 where the value was missing. Default false. */
  readonly indicator?: boolean
}

/** What fills gaps: a statistic of the column, or a value. Words take 'mostFrequent' and a value. */
export type Filling = 'mean' | 'median' | 'mostFrequent' | { readonly constant: number | string }

/** Fills what is missing. */
export function impute(filling: Filling, options: ImputeOptions = {}): Step {
  known('impute', options, ['indicator'])
  const { indicator = false } = options
  const found = (column: Column, name: string): number | string => {
    if (typeof filling === 'object') return filling.constant
    const inWords = isWords(column) && column.some((v) => v !== null)
    const there = inWords ? words(column).filter((v) => v !== null) : sorted(numbers(`impute of ${name}`, column))
    if (there.length === 0)
      throw new ValueError(`impute of ${name}: all values are missing: give { constant } to fill them`)
    if (filling === 'mostFrequent') return mostFrequent(there as Iterable<number | string>) as number | string
    if (inWords)
      throw new ValueError(
        `impute of ${name}: the column has words, of which there is no ${filling}; choose 'mostFrequent' or { constant }`,
      )
    if (filling === 'mean') return moments(there as Float64Array).mean
    if (filling === 'median') return quantile(there as Float64Array, 0.5)
    throw new ValueError(
      `impute: filling is ${String(filling)}, expected 'mean', 'median', 'mostFrequent' or { constant }`,
    )
  }
  return step(
    'impute',
    z.object({ value: z.union([z.number(), z.string()]), indicator: z.boolean() }),
    (column, { column: name }) => ({ value: found(column, name), indicator }),
    ({ value, indicator }, name) => ({
      apply: (column) => {
        const missing = filled(new Uint8Array(column.length), (i) =>
          column[i] === null || Number.isNaN(column[i]) ? 1 : 0,
        )
        const imputed: Column =
          typeof value === 'number'
            ? numbers(
                `impute of ${name}`,
                Array.from({ length: column.length }, (_, i) => (missing[i] ? value : (column[i] as number))),
              )
            : words(column).map((v) => v ?? value)
        return indicator
          ? [
              ['', imputed],
              ['_missing', missing],
            ]
          : [['', imputed]]
      },
    }),
  )
}

export interface BinOptions {
  readonly bins: number
  /** Equally wide, or equally full. Default 'quantile'. */
  readonly strategy?: 'uniform' | 'quantile'
}

/** The number of the interval that a value is in, 0 to bins - 1; what lies outside is in the first or last. Empty intervals are left out. */
export function bin(options: BinOptions): Step {
  known('bin', options, ['bins', 'strategy'])
  const { bins, strategy = 'quantile' } = options
  whole('bin', { bins }, 2)
  if (strategy !== 'uniform' && strategy !== 'quantile')
    throw new ValueError(`bin: strategy is ${String(strategy)}, expected 'uniform' or 'quantile'`)
  return step(
    'bin',
    z.object({ edges: z.array(z.number()) }),
    (column, { column: name }) => {
      const all = sorted(numbers(`bin of ${name}`, column))
      if (all.length === 0) throw new ValueError(`bin of ${name}: all values are missing: there is nothing to fit`)
      const [least, most] = [all[0] as number, all.at(-1) as number]
      const edge = (i: number): number =>
        strategy === 'uniform' ? least + ((most - least) * i) / bins : quantile(all, i / bins)
      const edges = Array.from({ length: bins - 1 }, (_, i) => edge(i + 1))
      return { edges: edges.filter((e, i) => e > (i === 0 ? least : (edges[i - 1] as number))) }
    },
    ({ edges }, name) => ({
      apply: (column) =>
        each(column, `bin of ${name}`, (v) => (Number.isNaN(v) ? v : edges.filter((e) => v >= e).length)),
    }),
  )
}
