// CSV and TSV. Place in the whole: a stream of rows for loaders, and whole tables for lib/table.
import { known } from '../../check.js'
import { didYouMean } from '../../suggest.js'
import type { Sample } from '../batch.js'
import { int } from '../dataset.js'
import { DataError, RecordError } from '../errors.js'
import { type CsvRecord, csvRecords } from './csvRecords.js'
import { FileStream, STREAM_OPTIONS, type StreamOptions } from './fileStream.js'

/** What the text of a column becomes: a number (f32 in a batch), a whole number (i32), text, or 1 and 0 for true and false (i32). */
export type CsvType = 'number' | 'integer' | 'text' | 'boolean'

export interface CsvFormat {
  /** Default: a tab for .tsv and .tab (also with .gz behind), else a comma. */
  readonly delimiter?: string
  /** Whether the first record names the columns (default), or their names. */
  readonly header?: boolean | readonly string[]
  /** Columns to take, and their types. Default: all of them, as text. */
  readonly columns?: Readonly<Record<string, CsvType>>
  /** Texts that mean a missing value, besides the empty one. Default: NA, N/A, NaN, nan, null, NULL. */
  readonly missing?: readonly string[]
  /** Longest record, in bytes. Default 1 MiB. */
  readonly maxBytes?: number
}

export interface CsvOptions extends CsvFormat, StreamOptions {}

const FORMAT_OPTIONS = ['delimiter', 'header', 'columns', 'missing', 'maxBytes']
const TYPES: readonly CsvType[] = ['number', 'integer', 'text', 'boolean']
const MISSING = ['NA', 'N/A', 'NaN', 'nan', 'null', 'NULL']
const BOOLEANS: Readonly<Record<string, number>> = {
  true: 1,
  t: 1,
  yes: 1,
  y: 1,
  1: 1,
  false: 0,
  f: 0,
  no: 0,
  n: 0,
  0: 0,
}

/** Where a column stands in a record. */
interface Column {
  readonly name: string
  readonly type: CsvType
  readonly at: number
}

/** A record and the columns of its file. */
interface Row {
  readonly record: CsvRecord
  readonly columns: readonly Column[]
}

class Csv {
  readonly #who: string
  readonly #format: CsvFormat
  readonly #missing: ReadonlySet<string>
  /** Of the file that is being read, once its first record is. */
  columns: readonly Column[] = []

  constructor(who: string, format: CsvFormat) {
    this.#who = who
    this.#format = format
    this.#missing = new Set(['', ...(format.missing ?? MISSING)])
    const { delimiter = ',', columns = {}, maxBytes = 1 } = format
    const wrong = (message: string) => new DataError('DATA_OPTIONS', `${who}: ${message}`)
    if (delimiter === '' || /["\r\n]/.test(delimiter))
      throw wrong(`delimiter is ${JSON.stringify(delimiter)}, expected text without quotes and ends of lines`)
    for (const [name, type] of Object.entries(columns)) {
      if (!TYPES.includes(type))
        throw wrong(`column '${name}' is ${JSON.stringify(type)}, expected ${TYPES.join(', ')}`)
    }
    if (!Number.isSafeInteger(maxBytes) || maxBytes < 1)
      throw wrong(`maxBytes is ${maxBytes}, expected a whole number of at least 1`)
  }

  async *rows(file: string): AsyncGenerator<Row | RecordError, void, undefined> {
    const { header = true, maxBytes = 1 << 20 } = this.#format
    const delimiter = this.#format.delimiter ?? (/\.(tsv|tab)(\.gz)?$/i.test(file) ? '\t' : ',')
    let names = typeof header === 'object' ? header : undefined
    let columns: readonly Column[] | undefined
    for await (const record of csvRecords(this.#who, file, delimiter, maxBytes)) {
      if (record instanceof RecordError) {
        yield record
        continue
      }
      if (columns === undefined) {
        const isHeader = names === undefined && header === true
        names ??= isHeader ? record.fields : record.fields.map((_, i) => String(i))
        columns = this.columns = this.#columnsOf(names, file)
        if (isHeader) continue
      }
      const found = record.fields.length
      const expected = (names as readonly string[]).length
      if (found === expected) yield { record, columns }
      else yield new RecordError(`${found} fields, expected ${expected}`, record)
    }
  }

  /** @throws RecordError where the text is not of the column's type */
  value({ name, type, at }: Column, record: CsvRecord): { value: number | string; missing: boolean } {
    const text = record.fields[at] as string
    if (type === 'text') {
      const missing = this.#missing.has(text)
      return { value: missing ? '' : text, missing }
    }
    const trimmed = text.trim()
    const missing = this.#missing.has(trimmed)
    if (missing) return { value: Number.NaN, missing }
    const value = type === 'boolean' ? (BOOLEANS[trimmed.toLowerCase()] ?? Number.NaN) : Number(trimmed)
    const whole = type !== 'integer' || (Number.isInteger(value) && Math.abs(value) < 2 ** 31)
    if (!Number.isNaN(value) && whole) return { value, missing }
    const expected = { number: 'a number', integer: 'a whole number of 32 bits', boolean: 'true or false' }[type]
    throw new RecordError(`column '${name}' is ${JSON.stringify(text)}, expected ${expected}`, record)
  }

  #columnsOf(names: readonly string[], file: string): Column[] {
    const twice = names.find((name, i) => names.indexOf(name) < i)
    if (twice !== undefined) throw new DataError('DATA_FILE', `${this.#who}: ${file} has two columns '${twice}'`)
    const wanted = this.#format.columns ?? Object.fromEntries(names.map((name) => [name, 'text' as const]))
    return Object.entries(wanted).map(([name, type]) => {
      const at = names.indexOf(name)
      if (at >= 0) return { name, type, at }
      const message = `${this.#who}: ${file} has no column '${name}'${didYouMean(name, names)}; it has ${names.join(', ')}`
      throw new DataError('DATA_FILE', message)
    })
  }
}

/**
 * The rows of CSV files, plain or gzip's, as objects with a field for each column. A missing number is NaN, a missing text ''; a missing
 * integer or boolean is a RecordError, as are records with too few or too many fields, values of another type, and quotes that are not
 * closed. Empty lines are passed over. `T` is the type of the rows.
 *
 * @throws DataError DATA_FILE (while iterating) for files that cannot be read or lack a column
 */
export function csvStream<T = Record<string, any>>(
  paths: string | readonly string[],
  options: CsvOptions = {},
): FileStream<NoInfer<T>, Row> {
  known('csvStream', options, [...FORMAT_OPTIONS, ...STREAM_OPTIONS])
  const csv = new Csv('csvStream', options)
  const sample = (column: Column, record: CsvRecord): Sample => {
    const { value, missing } = csv.value(column, record)
    if (typeof value === 'string' || column.type === 'number') return value
    if (missing) throw new RecordError(`column '${column.name}' is missing, expected ${column.type}`, record)
    return int(value)
  }
  const format = {
    name: 'csvStream',
    records: (file: string) => csv.rows(file),
    decode: ({ record, columns }: Row) =>
      Object.fromEntries(columns.map((column) => [column.name, sample(column, record)])) as T,
  }
  return new FileStream(format, paths, options, { module: import.meta.url, export: 'csvStream', args: [options] })
}

/** What readCsv gives: numbers of columns of numbers, integers and booleans (missing: NaN), texts of others (missing: null). */
export type CsvTable<C extends Readonly<Record<string, CsvType>>> = {
  [K in keyof C]: C[K] extends 'text' ? (string | null)[] : Float64Array
}

/**
 * A whole CSV file, plain or gzip's, by columns: a table for sinter/table.
 * @throws RecordError for the first record that cannot be read, DataError DATA_FILE for a file that cannot be read or lacks a column
 */
export async function readCsv<const C extends Readonly<Record<string, CsvType>> = Record<string, 'text'>>(
  path: string,
  options: CsvFormat & { readonly columns?: C } = {},
): Promise<CsvTable<C>> {
  known('readCsv', options, FORMAT_OPTIONS)
  const csv = new Csv('readCsv', options)
  const values = new Map<string, (string | number | null)[]>()
  for await (const row of csv.rows(path)) {
    if (row instanceof RecordError) throw row
    for (const column of row.columns) {
      const { value, missing } = csv.value(column, row.record)
      const list = values.get(column.name) ?? []
      list.push(missing && column.type === 'text' ? null : value)
      values.set(column.name, list)
    }
  }
  const finished = csv.columns.map(({ name, type }) => {
    const list = values.get(name) ?? []
    return [name, type === 'text' ? list : Float64Array.from(list as number[])]
  })
  return Object.fromEntries(finished) as CsvTable<C>
}
