/**
 * `profile`: where the time of a piece of code goes. Place in the whole: the room's front door; see docs/architecture.md, "Profiler".
 */
import { writeFile } from 'node:fs/promises'
import { profiling } from '../engine/profiling.js'
import { ValueError } from '../errors.js'
import { type OperatorEvent, type RangeEvent, readEvents } from './events.js'
import { Session } from './session.js'
import { type Summary, type SummaryOptions, summarize, tableOf } from './summary.js'
import { type ChromeTrace, chromeTraceOf } from './trace.js'

export interface ProfileOptions {
  /** A model whose modules are then called by their paths ('transformer.h.0.attn'), as in its state dict; others by their class. */
  readonly model?: { namedModules(): Iterable<readonly [string, object]> }
}

/** What was measured. Times are milliseconds. */
export class Profile<T = unknown> {
  /** What the function returned. */
  readonly result: T
  /** From the call of `profile` until everything that was issued had run. */
  readonly ms: number
  /** Every command that ran, by its beginning. */
  readonly operators: readonly OperatorEvent[]
  /** Every module call, backward pass and range, in the order in which they were entered. */
  readonly ranges: readonly RangeEvent[]

  /** @internal */
  constructor(result: T, ms: number, operators: readonly OperatorEvent[], ranges: readonly RangeEvent[]) {
    this.result = result
    this.ms = ms
    this.operators = operators
    this.ranges = ranges
  }

  /** Highest bytes of live memory that a command left behind. */
  get peakBytes(): number {
    return this.operators.reduce((most, { liveBytes }) => Math.max(most, liveBytes), 0)
  }

  /** Calls, time, bytes and operations, of every operator and kernel, or of every range; the most expensive first. */
  summary(options: SummaryOptions = {}): Summary[] {
    return summarize(this.operators, this.ranges, options)
  }

  /** `summary` as text: a line each, with shares of the time, GB/s and GFLOP/s. */
  table(options: SummaryOptions & { rows?: number } = {}): string {
    return tableOf(this.summary(options), this.operators, this.ms, options.rows ?? 40)
  }

  /** The trace event format that Perfetto (https://ui.perfetto.dev) and chrome://tracing open. */
  chromeTrace(): ChromeTrace {
    return chromeTraceOf(this.operators, this.ranges)
  }

  /** Writes `chromeTrace()` to a file. */
  async export(path: string): Promise<void> {
    await writeFile(path, JSON.stringify(this.chromeTrace()))
  }
}

export interface ProfileFunction {
  /**
   * Runs `fn` and records every command that it issues on any device: how long it ran on the thread that executed it, what it moved and
   * computed, the modules, backward passes and named ranges around it, and the live memory after it. Waits until all of that has run.
   *
   *     const p = profile(() => step(batch))
   *     console.log(p.table())
   *     await p.export('step.json')
   *
   * For an asynchronous function it returns a promise, and what other asynchronous functions of this thread issue meanwhile is recorded
   * too. Each thread profiles for itself; live memory is the process's. Recording costs about a microsecond a command; without a profile
   * running, a comparison.
   *
   * When `fn` throws, or its promise rejects, the profile ends and so does this, with that error. Commands that fail are recorded as failed,
   * and their errors reported where results are read, as ever.
   *
   * @throws ValueError when a profile is running in this thread
   */
  <T>(fn: () => Promise<T>, options?: ProfileOptions): Promise<Profile<T>>
  <T>(fn: () => T, options?: ProfileOptions): Profile<T>
  /** Runs fn as a named range of the profile that is running; without one only runs it. Ranges nest, also across promises. */
  range<T>(name: string, fn: () => T): T
}

/** See `ProfileFunction`. */
export const profile: ProfileFunction = Object.assign(run as ProfileFunction, {
  range<T>(name: string, fn: () => T): T {
    const { session } = profiling
    return session === null ? fn() : session.range('range', name, fn)
  },
})

function run(fn: () => unknown, options: ProfileOptions = {}): Profile | Promise<Profile> {
  if (profiling.session !== null) {
    throw new ValueError(
      'profile: a profile is running in this thread already; wait for it to end, or name parts of it with profile.range()',
    )
  }
  const session = new Session(labelsOf(options))
  let result: unknown
  try {
    result = fn()
  } catch (error) {
    session.stop()
    session.take()
    throw error
  }
  if (typeof (result as { then?: unknown } | null | undefined)?.then === 'function')
    return finishLater(session, result as Promise<unknown>)
  session.stop()
  return finish(session, result)
}

function finish<T>(session: Session, result: T): Profile<T> {
  const recording = session.take()
  const { operators, ranges } = readEvents(recording)
  return new Profile(result, (recording.end - recording.begin) / 1e6, operators, ranges)
}

async function finishLater<T>(session: Session, promise: Promise<T>): Promise<Profile<T>> {
  let result: T
  try {
    result = await promise
  } catch (error) {
    session.stop()
    await session.settled()
    session.take()
    throw error
  }
  session.stop()
  await session.settled()
  return finish(session, result)
}

function labelsOf({ model }: ProfileOptions): ReadonlyMap<object, string> {
  const labels = new Map<object, string>()
  if (model) for (const [path, module] of model.namedModules()) labels.set(module, path || module.constructor.name)
  return labels
}
