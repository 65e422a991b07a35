// What becomes of samples that cannot be read. Place in the whole: the loader judges, on the caller's thread, what its maker or its
// workers report with each batch.
import { DataError, RecordError } from './errors.js'

/**
 * 'fatal': the epoch rejects. 'skip': a RecordError is counted and the sample left out; other errors, such as those of the dataset's
 * own code, are fatal. A function is asked of every sample that failed, in the order of the samples.
 */
export type OnError = 'fatal' | 'skip' | ((error: DataError) => 'fatal' | 'skip')

export class ErrorPolicy {
  readonly #onError: OnError
  readonly #most: number
  /** Samples left out so far. */
  skipped = 0

  constructor(onError: OnError, maxErrors: number) {
    if (onError !== 'fatal' && onError !== 'skip' && typeof onError !== 'function') {
      const message = `DataLoader: onError is ${JSON.stringify(onError)}, expected 'fatal', 'skip' or a function that returns one of them`
      throw new DataError('DATA_OPTIONS', message)
    }
    if (maxErrors !== Number.POSITIVE_INFINITY && !(Number.isSafeInteger(maxErrors) && maxErrors >= 0)) {
      const message = `DataLoader: maxErrors is ${maxErrors}, expected a whole number of at least 0, or Infinity`
      throw new DataError('DATA_OPTIONS', message)
    }
    this.#onError = onError
    this.#most = maxErrors
  }

  /** Whether a batch is to be made without the samples that failed. */
  get tolerant(): boolean {
    return this.#onError !== 'fatal'
  }

  /** @throws the first error that is fatal, DataError DATA_TOO_MANY_ERRORS for the one that is too many */
  judge(errors: readonly DataError[]): void {
    for (const error of errors) {
      if (this.#verdict(error) === 'fatal') throw error
      if (this.skipped === this.#most) {
        const count = this.#most === 0 ? 'a sample' : `${this.#most + 1} samples`
        const message = `DataLoader: ${count} could not be read, and maxErrors is ${this.#most}; the last: ${error.message}`
        throw new DataError('DATA_TOO_MANY_ERRORS', message, { index: error.index, cause: error })
      }
      this.skipped++
    }
  }

  #verdict(error: DataError): 'fatal' | 'skip' {
    if (typeof this.#onError !== 'function')
      return this.#onError === 'skip' && error instanceof RecordError ? 'skip' : 'fatal'
    const verdict: unknown = this.#onError(error)
    if (verdict === 'skip' || verdict === 'fatal') return verdict
    // A function that only logs, or one that is asynchronous, has decided nothing.
    const found = typeof verdict === 'object' ? Object.prototype.toString.call(verdict) : JSON.stringify(verdict)
    const message = `DataLoader: onError returned ${found}, expected 'skip' or 'fatal'`
    throw new DataError('DATA_OPTIONS', message, { index: error.index, cause: error })
  }
}
