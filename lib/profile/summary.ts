/** Sums over a profile's events, and how they are printed. Place in the whole: behind Profile.summary and Profile.table. */
import { align } from '../columns.js'
import { ValueError } from '../errors.js'
import type { OperatorEvent, RangeEvent } from './events.js'

export interface SummaryOptions {
  /**
   * What makes a line: 'operator' (default) an operator with the kernel that computed it, 'shape' the same with its shapes apart,
   * 'range' each module, backward pass and range by name, with all that was issued inside.
   */
  by?: 'operator' | 'shape' | 'range'
}

export interface Summary {
  readonly name: string
  /** null for ranges. */
  readonly kernel: string | null
  /** Of operators: commands; of ranges: how often they were entered. */
  readonly calls: number
  /** Of execution. */
  readonly ms: number
  /** Of that, what was issued in no inner range; for operators the same as ms. */
  readonly selfMs: number
  readonly bytes: number
  /** Null where no command has a count. */
  readonly flops: number | null
  readonly failed: number
}

type Sums = { -readonly [K in keyof Summary]: Summary[K] }

const nothing = (name: string, kernel: string | null): Sums => ({
  name,
  kernel,
  calls: 0,
  ms: 0,
  selfMs: 0,
  bytes: 0,
  flops: null,
  failed: 0,
})

export function summarize(
  operators: readonly OperatorEvent[],
  ranges: readonly RangeEvent[],
  { by = 'operator' }: SummaryOptions,
): Summary[] {
  if (!['operator', 'shape', 'range'].includes(by))
    throw new ValueError(`Profile.summary: by is ${String(by)}, expected 'operator', 'shape' or 'range'`)
  const lines = new Map<string, Sums>()
  const line = (key: string, name: string, kernel: string | null): Sums => {
    let sums = lines.get(key)
    if (!sums) {
      sums = nothing(name, kernel)
      lines.set(key, sums)
    }
    return sums
  }
  if (by === 'range') {
    for (const range of ranges) line(range.name, range.name, null).calls++
    for (const event of operators) {
      // A name may be open twice, as a module that contains one of its own class.
      for (const name of new Set(event.ranges.map((range) => range.name))) add(line(name, name, null), event)
      const inner = event.ranges.at(-1)
      if (inner) line(inner.name, inner.name, null).selfMs += event.ms
    }
  } else {
    for (const event of operators) {
      const shapes = by === 'shape' ? ` ${shapesOf(event)}` : ''
      const sums = line(`${event.operator} ${event.kernel}${shapes}`, `${event.operator}${shapes}`, event.kernel)
      sums.calls++
      sums.selfMs += event.ms
      add(sums, event)
    }
  }
  return [...lines.values()].sort((a, b) => b.ms - a.ms)
}

function add(sums: Sums, event: OperatorEvent): void {
  sums.ms += event.ms
  sums.bytes += event.bytes
  if (event.flops !== null) sums.flops = (sums.flops ?? 0) + event.flops
  if (event.failed) sums.failed++
}

/** Operands, and what came out: `(2, 3) (3, 4) -> (2, 4)`. */
export function shapesOf({ operands, results }: OperatorEvent): string {
  const list = (tensors: readonly ({ shape: readonly number[] } | null)[]): string =>
    tensors.map((t) => (t ? `(${t.shape.join(', ')})` : '-')).join(' ')
  return `${list(operands)} -> ${list(results)}`
}

export function tableOf(
  lines: readonly Summary[],
  operators: readonly OperatorEvent[],
  wallMs: number,
  most: number,
): string {
  const busy = operators.reduce((sum, { ms }) => sum + ms, 0)
  const ranges = lines.some(({ kernel }) => kernel === null)
  const header = ranges
    ? ['range', 'calls', 'ms', '%', 'self ms', 'GB/s', 'GFLOP/s']
    : ['operator', 'kernel', 'calls', 'ms', '%', 'us a call', 'GB/s', 'GFLOP/s']
  const rows = lines.slice(0, most).map((line) => {
    const rest = [speed(line.bytes, line.ms), line.flops === null ? '' : speed(line.flops, line.ms)]
    const time = [fixed(line.ms), fixed(busy > 0 ? (100 * line.ms) / busy : 0, 1)]
    const name = line.failed > 0 ? `${line.name} (${line.failed} failed)` : line.name
    return ranges
      ? [name, String(line.calls), ...time, fixed(line.selfMs), ...rest]
      : [name, line.kernel ?? '', String(line.calls), ...time, fixed((1e3 * line.ms) / line.calls, 1), ...rest]
  })
  const words = ranges ? 1 : 2
  const hidden = lines.length > most ? [`... and ${lines.length - most} more`] : []
  const total = `${operators.length} commands, ${fixed(busy)} ms of execution in ${fixed(wallMs)} ms`
  return [...align([header, ...rows], (column) => column < words), ...hidden, total].join('\n')
}

const fixed = (x: number, digits = 3): string => x.toFixed(digits)

/** A rate in billions a second, of an amount in so many milliseconds. */
const speed = (amount: number, ms: number): string => (ms > 0 ? (amount / ms / 1e6).toPrecision(3) : '')
