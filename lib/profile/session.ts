/**
 * One running profile of this thread. Place in the whole: profile.ts opens and closes it; operators, modules and the backward pass report to
 * it (lib/engine/profiling.ts); events.ts reads what comes out.
 *
 * Streams execute later, and perhaps on another thread, than JavaScript issues. So names and ranges go through the streams as marks between
 * the commands: whatever a mark precedes or encloses there was issued so.
 */
import { type ProfileSession, profiling, type RangeKind } from '../engine/profiling.js'
import { openStreams, type Stream } from '../engine/stream.js'
import { loadNative } from '../native/load.js'
import { ENTER, LEAVE, OPERATOR, type OpenRange, type Recording, START, STOP } from './events.js'

/** Now, on the clock that native code reads too. */
const now = (): number => Number(process.hrtime.bigint())

export class Session implements ProfileSession {
  readonly #streams: Stream[] = []
  readonly #names: string[] = []
  readonly #nameIndex = new Map<string, number>()
  readonly #ranges: OpenRange[] = []
  /** Names of modules; of those that were not named, their class's. */
  readonly #labels: ReadonlyMap<object, string>
  readonly #begin: number

  constructor(labels: ReadonlyMap<object, string>) {
    this.#labels = labels
    // What was issued before is not to wait in the same batch.
    for (const stream of openStreams()) stream.flush()
    this.#begin = now()
    for (const stream of openStreams()) this.opened(stream)
    profiling.session = this
  }

  opened(stream: Stream): void {
    this.#streams.push(stream)
    stream.emitMark(START, 0)
  }

  operator(stream: Stream, name: string): void {
    let index = this.#nameIndex.get(name)
    if (index === undefined) {
      index = this.#names.push(name) - 1
      this.#nameIndex.set(name, index)
    }
    stream.emitMark(OPERATOR, index)
  }

  range<T>(kind: RangeKind, subject: string | object, fn: () => T): T {
    const name = typeof subject === 'string' ? subject : (this.#labels.get(subject) ?? subject.constructor.name)
    const index = this.#ranges.length
    const range: OpenRange = { name, kind, async: false, begin: now(), end: Number.NaN }
    this.#ranges.push(range)
    for (const stream of this.#streams) stream.emitMark(ENTER, index)
    const leave = (): void => {
      range.end = now()
      // It may outlive the profile, which ends it.
      if (profiling.session === this) for (const stream of this.#streams) stream.emitMark(LEAVE, index)
    }
    let result: T
    try {
      result = fn()
    } catch (error) {
      leave()
      throw error
    }
    if (typeof (result as { then?: unknown } | null | undefined)?.then !== 'function') {
      leave()
      return result
    }
    range.async = true
    return (result as unknown as Promise<unknown>).finally(leave) as unknown as T
  }

  /** Ends it: nothing reports to it any more. */
  stop(): void {
    profiling.session = null
    for (const stream of this.#streams) stream.emitMark(STOP, 0)
  }

  /** Waits until the streams have executed what was issued. */
  take(): Recording & { end: number } {
    const rows = this.#streams.map((stream) => stream.takeProfile())
    const end = now()
    for (const range of this.#ranges) if (Number.isNaN(range.end)) range.end = end
    const javascriptThread = loadNative().thisThread()
    return { rows, names: this.#names, ranges: this.#ranges, begin: this.#begin, end, javascriptThread }
  }

  /** Resolves when the streams have executed what was issued. */
  async settled(): Promise<void> {
    for (const stream of this.#streams) await stream.fence()
  }
}
