// Tables: named columns of numbers or of words. Place in the whole: what lib/table's steps are fitted to and applied to.
import { ShapeError, ValueError } from '../errors.js'

/** Numbers, of which NaN is a missing one. */
export type NumberColumn = ArrayLike<number>
/** Words, of which null is a missing one. */
export type WordColumn = readonly (string | null)[]
export type Column = NumberColumn | WordColumn
/** Columns of one length, by name. */
export type Table = Readonly<Record<string, Column>>

export const isWords = (column: Column): column is WordColumn =>
  Array.isArray(column) && column.some((v) => typeof v === 'string' || v === null)

/** How many rows there are. @throws ShapeError where columns differ, ValueError for no columns */
export function rowsOf(who: string, table: Table): number {
  const [first, ...rest] = Object.entries(table)
  if (first === undefined) throw new ValueError(`${who}: the table has no columns`)
  for (const [name, column] of rest)
    if (column.length !== first[1].length)
      throw new ShapeError(`${who}: column ${first[0]} has ${first[1].length} rows, ${name} has ${column.length}`)
  return first[1].length
}

/** The rows at these indices. */
export function selectRows(table: Table, rows: ArrayLike<number>): Table {
  const pick = (column: Column): Column =>
    Array.from({ length: rows.length }, (_, i) => column[rows[i] as number] as never) as Column
  return Object.fromEntries(Object.entries(table).map(([name, column]) => [name, pick(column)]))
}

/** @throws ValueError where a value is neither a finite number nor NaN */
export function numbers(who: string, column: Column): Float64Array {
  const result = new Float64Array(column.length)
  for (let i = 0; i < column.length; i++) {
    const v: unknown = column[i]
    if (typeof v !== 'number')
      throw new ValueError(`${who}: row ${i} is ${v === null ? 'missing' : JSON.stringify(v)}, expected a number`)
    if (v === Number.POSITIVE_INFINITY || v === Number.NEGATIVE_INFINITY)
      throw new ValueError(`${who}: row ${i} is ${v}, expected a finite number, or NaN where it is missing`)
    result[i] = v
  }
  return result
}

/** Words; numbers become their decimal notation, NaN becomes null. */
export function words(column: Column): (string | null)[] {
  return Array.from({ length: column.length }, (_, i) => {
    const v = column[i] as string | number | null
    return typeof v === 'number' ? (Number.isNaN(v) ? null : String(v)) : v
  })
}

/** The values that are there, in rising order. */
export const sorted = (values: Float64Array): Float64Array => values.filter((v) => !Number.isNaN(v)).sort()

/** The quantile q of rising values, between two of them linearly (numpy's default). NaN where there are none. */
export function quantile(rising: Float64Array, q: number): number {
  if (rising.length === 0) return Number.NaN
  const at = q * (rising.length - 1)
  const [low, part] = [Math.floor(at), at % 1]
  const [a, b] = [rising[low] as number, rising[Math.min(low + 1, rising.length - 1)] as number]
  return a + part * (b - a)
}

/** Mean and variance (over n) of what is there. */
export function moments(values: Float64Array): { mean: number; variance: number } {
  const there = values.filter((v) => !Number.isNaN(v))
  const mean = there.reduce((sum, v) => sum + v, 0) / there.length
  return { mean, variance: there.reduce((sum, v) => sum + (v - mean) ** 2, 0) / there.length }
}

/** The value that occurs most often; of equally frequent ones the first in order. */
export function mostFrequent<T extends string | number>(values: Iterable<T>): T | undefined {
  const counts = new Map<T, number>()
  for (const v of values) counts.set(v, (counts.get(v) ?? 0) + 1)
  let best: T | undefined
  for (const [v, n] of counts) {
    const most = best === undefined ? 0 : (counts.get(best) as number)
    if (n > most || (n === most && v < (best as T))) best = v
  }
  return best
}
