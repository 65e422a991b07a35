/**
 * A profile in the trace event format (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU). Place in the
 * whole: behind Profile.chromeTrace.
 *
 * Rows of the picture: the JavaScript thread with its modules, ranges and the commands that ran there; executor threads with the commands
 * that ran on them; and once more the ranges, as the streams reached them. Events of one row nest. Asynchronous ranges overlap, so they are
 * pairs of their own. The counter `memory` is what the allocator had handed out.
 */
import type { OperatorEvent, RangeEvent } from './events.js'
import { shapesOf } from './summary.js'

export interface TraceEvent {
  readonly ph: 'X' | 'C' | 'M' | 'b' | 'e'
  readonly name: string
  readonly cat?: string
  readonly pid: number
  readonly tid: number
  /** Microseconds. */
  readonly ts?: number
  readonly dur?: number
  readonly id?: number
  readonly args?: Readonly<Record<string, unknown>>
}

export interface ChromeTrace {
  readonly traceEvents: readonly TraceEvent[]
  readonly displayTimeUnit: 'ms'
}

const PID = 1
const JAVASCRIPT = 1
const EXECUTED = 2

/** Microseconds, to the nanosecond. */
const us = (ms: number): number => Math.round(ms * 1e6) / 1e3

export function chromeTraceOf(operators: readonly OperatorEvent[], ranges: readonly RangeEvent[]): ChromeTrace {
  const rows = new Map([
    ['javascript', JAVASCRIPT],
    ['ranges, as executed', EXECUTED],
  ])
  for (const { thread } of operators) if (!rows.has(thread)) rows.set(thread, rows.size + 1)
  const traceEvents: TraceEvent[] = [{ ph: 'M', name: 'process_name', pid: PID, tid: 0, args: { name: 'sinter' } }]
  for (const [name, tid] of rows) traceEvents.push({ ph: 'M', name: 'thread_name', pid: PID, tid, args: { name } })
  ranges.forEach((range, id) => {
    const { name, kind: cat } = range
    const begin = { name, cat, pid: PID, tid: JAVASCRIPT }
    if (range.async) {
      traceEvents.push({ ph: 'b', id, ts: us(range.start), ...begin })
      traceEvents.push({ ph: 'e', id, ts: us(range.start + range.ms), ...begin })
      return
    }
    traceEvents.push({ ph: 'X', ts: us(range.start), dur: durationOf(range), ...begin })
    const { executed } = range
    if (executed)
      traceEvents.push({
        ph: 'X',
        name,
        cat,
        pid: PID,
        tid: EXECUTED,
        ts: us(executed.start),
        dur: durationOf(executed),
      })
  })
  for (const event of operators) {
    const { operator: name, kernel, bytes, flops, failed, liveBytes, ms } = event
    const tid = rows.get(event.thread) as number
    const rate = flops === null ? {} : { flops, 'GFLOP/s': flops / ms / 1e6 }
    const inside = event.ranges.length > 0 ? { in: event.ranges.map((range) => range.name).join(' > ') } : {}
    const args = { kernel, shapes: shapesOf(event), bytes, ...rate, ...inside, ...(failed ? { failed } : {}) }
    traceEvents.push({
      ph: 'X',
      name,
      cat: 'operator',
      pid: PID,
      tid,
      ts: us(event.start),
      dur: durationOf(event),
      args,
    })
    const end = us(event.start + ms)
    traceEvents.push({ ph: 'C', name: 'memory', pid: PID, tid: 0, ts: end, args: { 'live bytes': liveBytes } })
  }
  return { traceEvents, displayTimeUnit: 'ms' }
}

/** So that a rounded end is the rounded end: what nests stays nested. */
const durationOf = ({ start, ms }: { start: number; ms: number }): number =>
  Math.max(0, Math.round((us(start + ms) - us(start)) * 1e3) / 1e3)
