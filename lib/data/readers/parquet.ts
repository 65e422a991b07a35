// Parquet. Place in the whole: the columns that Hugging Face's data sets and data lakes are published in; hyparquet knows the format.
import type { FileMetaData, SchemaTree } from 'hyparquet'
import { known } from '../../check.js'
import { didYouMean } from '../../suggest.js'
import type { Sample } from '../batch.js'
import { DataError, RecordError } from '../errors.js'
import { FileStream, STREAM_OPTIONS, type StreamOptions } from './fileStream.js'
import { RandomFile } from './files.js'

export interface ParquetOptions extends StreamOptions {
  /** Columns to read. Default: all of them. */
  readonly columns?: readonly string[]
}

interface Column {
  readonly name: string
  /** Of its innermost values, as Parquet calls it: INT32, DOUBLE, BYTE_ARRAY, ... */
  readonly type: string | undefined
}

interface Row {
  readonly values: Readonly<Record<string, unknown>>
  readonly columns: readonly Column[]
  readonly file: string
  readonly row: number
}

/** One row group at a time is in memory. */
async function* rows(file: string, wanted: readonly string[] | undefined): AsyncGenerator<Row | RecordError> {
  const [{ parquetMetadataAsync, parquetReadObjects, parquetSchema }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ])
  const source = await RandomFile.open('parquetStream', file)
  const buffer = {
    byteLength: source.size,
    async slice(begin: number, end: number = source.size): Promise<ArrayBuffer> {
      const bytes = await source.read(begin, end - begin)
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
    },
  }
  let metadata: FileMetaData
  let columns: readonly Column[]
  try {
    metadata = await parquetMetadataAsync(buffer)
    columns = parquetSchema(metadata).children.map((child) => ({ name: child.element.name, type: leafType(child) }))
  } catch (cause) {
    yield new RecordError(`is no Parquet file: ${(cause as Error).message}`, { file }, { cause })
    return
  }
  const names = columns.map(({ name }) => name)
  for (const name of wanted ?? []) {
    if (names.includes(name)) continue
    const message = `parquetStream: ${file} has no column '${name}'${didYouMean(name, names)}; it has ${names.join(', ')}`
    throw new DataError('DATA_FILE', message)
  }
  const taken = columns.filter(({ name }) => wanted?.includes(name) ?? true)
  let rowStart = 0
  for (const [number, group] of metadata.row_groups.entries()) {
    const rowEnd = rowStart + Number(group.num_rows)
    try {
      const options = { file: buffer, metadata, compressors, columns: taken.map(({ name }) => name), rowStart, rowEnd }
      const found = await parquetReadObjects(options)
      for (const [i, values] of found.entries()) yield { values, columns: taken, file, row: rowStart + i }
    } catch (cause) {
      const first = group.columns[0]?.meta_data?.data_page_offset
      const place = { file, offset: first === undefined ? undefined : Number(first) }
      yield new RecordError(`row group ${number} cannot be read: ${(cause as Error).message}`, place, { cause })
    }
    rowStart = rowEnd
  }
}

function leafType(tree: SchemaTree): string | undefined {
  let at = tree
  while (at.children.length === 1) at = at.children[0] as SchemaTree
  return at.element.type
}

/** A Parquet value as a sample's field. */
function field(value: unknown, column: Column, where: Row): Sample {
  if (value === null || value === undefined) {
    if (column.type === 'FLOAT' || column.type === 'DOUBLE') return Number.NaN
    throw new RecordError(`row ${where.row}: column '${column.name}' is null`, { file: where.file })
  }
  if (value instanceof Date) return BigInt(value.getTime())
  if (Array.isArray(value)) {
    if (value.length > 0 && value.every((item) => typeof item === 'number'))
      return column.type === 'INT32' ? Int32Array.from(value) : Float32Array.from(value)
    if (value.length > 0 && value.every((item) => typeof item === 'bigint')) return BigInt64Array.from(value)
    return value.map((item) => field(item, column, where))
  }
  if (typeof value === 'object' && !ArrayBuffer.isView(value)) {
    const inner = Object.entries(value).map(([name, item]) => [name, field(item, { ...column, name }, where)])
    return Object.fromEntries(inner) as Sample
  }
  return value as Sample
}

/**
 * The rows of Parquet files as objects with a field for each column, in any of its compressions. Numbers become f32 and 64-bit integers i64 in a
 * batch, lists of them typed arrays (i32, i64 or f32), dates and times i64 milliseconds (since 1970), structures nested objects. A null
 * is NaN among floats and else a RecordError, as is a row group that cannot be read. One row group of a file is in memory at a time. hyparquet is
 * not made for hostile files: there are damaged pages in which it does not come to an end.
 *
 * @throws DataError DATA_FILE (while iterating) for files that cannot be read or lack a column
 */
export function parquetStream<T = Record<string, any>>(
  paths: string | readonly string[],
  options: ParquetOptions = {},
): FileStream<NoInfer<T>, Row> {
  known('parquetStream', options, [...STREAM_OPTIONS, 'columns'])
  const format = {
    name: 'parquetStream',
    records: (file: string) => rows(file, options.columns),
    decode: (row: Row) =>
      Object.fromEntries(row.columns.map((column) => [column.name, field(row.values[column.name], column, row)])) as T,
  }
  return new FileStream(format, paths, options, { module: import.meta.url, export: 'parquetStream', args: [options] })
}
