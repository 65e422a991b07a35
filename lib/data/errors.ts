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

export class DataError extends SinterError {
  /** Index of the sample that failed, where one did. */
  readonly index: number | undefined
  constructor(code: DataErrorCode, message: string, options: { index?: number | undefined; cause?: unknown } = {}) {
    super(code, message, options)
    this.name = 'DataError'
    this.index = options.index
  }
}

/** An error as it crosses a thread: structured cloning keeps neither class, code nor added fields. */
export interface PortableError {
  readonly code: DataErrorCode
  readonly message: string
  readonly index: number | undefined
  readonly cause: { readonly name: string; readonly message: string; readonly stack: string | undefined } | undefined
}

export function toPortable(error: unknown): PortableError {
  const cause = (inner: unknown): PortableError['cause'] =>
    inner instanceof Error
      ? { name: inner.name, message: inner.message, stack: inner.stack }
      : { name: 'Error', message: String(inner), stack: undefined }
  if (error instanceof DataError) {
    const inner = error.cause === undefined ? undefined : cause(error.cause)
    return { code: error.code as DataErrorCode, message: error.message, index: error.index, cause: inner }
  }
  return { code: 'DATA_DATASET_INVALID', message: cause(error)?.message ?? '', index: undefined, cause: cause(error) }
}

/** The error again, its cause with the stack of the thread where it was thrown. */
export function fromPortable(portable: PortableError, where: string): DataError {
  const { code, message, index, cause } = portable
  let original: Error | undefined
  if (cause !== undefined) {
    original = new Error(cause.message)
    original.name = cause.name
    if (cause.stack !== undefined) original.stack = cause.stack
  }
  return new DataError(code, `${message} (${where})`, { index, cause: original })
}
