// What goes wrong between a dataset and a batch. Place in the whole: thrown by lib/data, on the caller's thread.
import { SinterError } from '../errors.js'

export type DataErrorCode =
  | 'DATA_OPTIONS'
  | 'DATA_DATASET_INVALID'
  | 'DATA_SAMPLE_FAILED'
  | 'DATA_COLLATE'
  | 'DATA_STATE'
  | 'DATA_LOADER_BUSY'
  | 'DATA_LOADER_CLOSED'
  | 'DATA_WORKER_DIED'
  | 'DATA_FILE'
  | 'DATA_RECORD'
  | 'DATA_TOO_MANY_ERRORS'

export class DataError extends SinterError {
  /** Index of the sample that failed, where one did. */
  readonly index: number | undefined
  constructor(code: DataErrorCode, message: string, options: { index?: number | undefined; cause?: unknown } = {}) {
    super(code, message, options)
    this.name = 'DataError'
    this.index = options.index
  }
}

/** Where a record stands: the file, and in it the first byte, the line (from 1), or both, as far as they are known. */
export interface RecordPlace {
  readonly file: string
  /** Bytes from the beginning of the file, or of what it decompresses to. */
  readonly offset?: number | undefined
  readonly line?: number | undefined
}

/**
 * A record that cannot be read: corrupt, truncated, or not what was asked for. The records beside it may well be whole, and a
 * loader told to skip goes on with them: `get` throws it; so does an iterator's `next()`, which is then called again; a generator,
 * which ends with what it throws, yields it instead.
 */
export class RecordError extends DataError {
  readonly file: string
  readonly offset: number | undefined
  readonly line: number | undefined
  /** The message without the place. */
  readonly reason: string

  constructor(reason: string, place: RecordPlace, options: { index?: number | undefined; cause?: unknown } = {}) {
    const { file, offset, line } = place
    const where = [file, line === undefined ? '' : `line ${line}`, offset === undefined ? '' : `byte ${offset}`]
    super('DATA_RECORD', `${where.filter(Boolean).join(', ')}: ${reason}`, options)
    this.name = 'RecordError'
    this.file = file
    this.offset = offset
    this.line = line
    this.reason = reason
  }

  /** The same error of the sample `index`; one that has an index keeps it. */
  at(index: number | undefined): RecordError {
    if (this.index !== undefined || index === undefined) return this
    return new RecordError(this.reason, this, { index, cause: this.cause })
  }
}

/** What the user's code threw for a sample, with the sample; a reader says file and place itself. */
export function sampleFailed(cause: unknown, what: string, index: number | undefined): DataError {
  if (cause instanceof RecordError) return cause.at(index)
  const message = cause instanceof Error ? cause.message : String(cause)
  return new DataError('DATA_SAMPLE_FAILED', `DataLoader: the dataset's ${what} failed: ${message}`, { index, cause })
}

/** An error as it crosses a thread: structured cloning keeps neither class, code nor added fields. */
export interface PortableError {
  readonly code: DataErrorCode
  readonly message: string
  readonly index: number | undefined
  readonly cause: { readonly name: string; readonly message: string; readonly stack: string | undefined } | undefined
  /** Of a RecordError. */
  readonly record?: RecordPlace & { readonly reason: string }
}

export function toPortable(error: unknown): PortableError {
  const cause = (inner: unknown): PortableError['cause'] =>
    inner instanceof Error
      ? { name: inner.name, message: inner.message, stack: inner.stack }
      : { name: 'Error', message: String(inner), stack: undefined }
  if (error instanceof DataError) {
    const inner = error.cause === undefined ? undefined : cause(error.cause)
    const portable = { code: error.code as DataErrorCode, message: error.message, index: error.index, cause: inner }
    if (!(error instanceof RecordError)) return portable
    const { file, offset, line, reason } = error
    return { ...portable, record: { file, offset, line, reason } }
  }
  return { code: 'DATA_DATASET_INVALID', message: cause(error)?.message ?? '', index: undefined, cause: cause(error) }
}

/** The error again, its cause with the stack of the thread where it was thrown. */
export function fromPortable(portable: PortableError, where: string): DataError {
  const { code, message, index, cause, record } = portable
  let original: Error | undefined
  if (cause !== undefined) {
    original = new Error(cause.message)
    original.name = cause.name
    if (cause.stack !== undefined) original.stack = cause.stack
  }
  if (record !== undefined) return new RecordError(`${record.reason} (${where})`, record, { index, cause: original })
  return new DataError(code, `${message} (${where})`, { index, cause: original })
}
