/**
 * Whether this thread is being profiled. Place in the whole: the places that name what runs (emit, modules, the backward pass) compare one
 * field with null; lib/profile sets it.
 */
import type { Stream } from './stream.js'

/** What a range is, and so where it is listed. */
export type RangeKind = 'range' | 'module' | 'backward'

export interface ProfileSession {
  /** The operator whose command the stream gets next. */
  operator(stream: Stream, name: string): void
  /** Runs fn as a named range; one that returns a promise lasts until that settles. */
  range<T>(kind: RangeKind, name: string | object, fn: () => T): T
  /** A stream that was opened meanwhile. */
  opened(stream: Stream): void
}

export const profiling: { session: ProfileSession | null } = { session: null }
