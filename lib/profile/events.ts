/**
 * What was recorded, as objects. Place in the whole: session.ts collects, events are read here, summary.ts and trace.ts show them.
 */
import { OP_NAMES } from '../generated/ops.js'
import { DTYPES, type DType } from '../tensor/dtype.js'
import type { Shape } from '../tensor/shape.js'
import { flopsOf } from './flops.js'

/** Kinds of marks in a stream: native/engine/profile.h knows the first two. */
export const STOP = 0
export const START = 1
/** The next command's operator, by its index in the session's names. */
export const OPERATOR = 2
/** Beginning and end of a range, by its index in the session's ranges. */
export const ENTER = 3
export const LEAVE = 4

export interface OperandInfo {
  readonly dtype: DType
  readonly shape: Shape
}

/** One command that a stream executed. */
export interface OperatorEvent {
  /** What lib/ops calls it. */
  readonly operator: string
  /** The kernel: its name in native/ops.def; an operator from outside has its own name. */
  readonly kernel: string
  /** Milliseconds from the beginning of the profile, on the thread that executed it. */
  readonly start: number
  readonly ms: number
  /** 'javascript', or 'executor' for a stream's own ('executor 2' for another's). */
  readonly thread: string
  /** Bytes of operands and results, each once. */
  readonly bytes: number
  /** By the usual count; null where none is defined. */
  readonly flops: number | null
  /** Bytes that the host allocator had handed out when it had run: tensors and scratch of all streams and threads of the process. */
  readonly liveBytes: number
  readonly failed: boolean
  readonly results: readonly OperandInfo[]
  /** Absent operands are null; of multi-tensor operators the first eight are listed. */
  readonly operands: readonly (OperandInfo | null)[]
  /** The ranges in which it was issued, outermost first. */
  readonly ranges: readonly RangeEvent[]
}

/** A module, a backward pass or a range of the user's. */
export interface RangeEvent {
  readonly name: string
  readonly kind: 'range' | 'module' | 'backward'
  /** Milliseconds from the beginning of the profile until it was entered, and in it, on the JavaScript thread. */
  readonly start: number
  readonly ms: number
  /** Whether it lasted until a promise settled, so that others may overlap it. */
  readonly async: boolean
  /** When the streams reached its beginning and end; null where no command was in it. */
  readonly executed: { readonly start: number; readonly ms: number } | null
}

/** What the session knows of a range; times in nanoseconds of process.hrtime. */
export interface OpenRange {
  name: string
  kind: RangeEvent['kind']
  async: boolean
  begin: number
  end: number
}

export interface Recording {
  readonly rows: readonly Float64Array[]
  readonly names: readonly string[]
  readonly ranges: readonly OpenRange[]
  /** Nanoseconds of process.hrtime. */
  readonly begin: number
  readonly javascriptThread: number
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

const ROW_MARK = 1
const NS = 1e-6

/** Reads the streams' rows; operators by their beginning, ranges in the order in which they were entered. */
export function readEvents(r: Recording): { operators: OperatorEvent[]; ranges: RangeEvent[] } {
  const at = (ns: number): number => (ns - r.begin) * NS
  const ranges = r.ranges.map(
    ({ name, kind, async, begin, end }): Writable<RangeEvent> => ({
      name,
      kind,
      start: at(begin),
      ms: (end - begin) * NS,
      async,
      executed: null,
    }),
  )
  const operators: OperatorEvent[] = []
  const threads = new Map([[r.javascriptThread, 'javascript']])
  for (const rows of r.rows) readStream(rows, r, { ranges, threads, at, operators })
  operators.sort((a, b) => a.start - b.start)
  return { operators, ranges }
}

/** What the streams' rows are read into. */
interface Events {
  readonly ranges: readonly Writable<RangeEvent>[]
  readonly threads: Map<number, string>
  readonly at: (ns: number) => number
  readonly operators: OperatorEvent[]
}

function readStream(rows: Float64Array, r: Recording, { ranges, threads, at, operators }: Events): void {
  const reader = new Reader(rows)
  let open: readonly Writable<RangeEvent>[] = []
  let name: string | null = null
  const entered = new Map<Writable<RangeEvent>, { at: number; operators: number }>()
  while (!reader.done) {
    if (reader.next() === ROW_MARK) {
      const [kind, value, time] = [reader.next(), reader.next(), reader.next()]
      reader.next() // the thread
      if (kind === OPERATOR) name = r.names[value] as string
      const range = ranges[value]
      if (kind === ENTER && range) {
        open = [...open, range]
        entered.set(range, { at: time, operators: operators.length })
      }
      if (kind === LEAVE && range) {
        // Asynchronous ranges need not end in the order of their beginnings.
        open = open.filter((other) => other !== range)
        const from = entered.get(range)
        if (from && operators.length > from.operators) range.executed = spanOf(range.executed, at(from.at), at(time))
      }
      continue
    }
    const opcode = reader.next()
    const [start, end, thread, bytes, live, failed] = reader.many(6) as [number, number, number, number, number, number]
    const attributes = reader.many(reader.next())
    const [nOut, nIn] = [reader.next(), reader.next()]
    const results = Array.from({ length: nOut }, () => readOperand(reader)).filter((t) => t !== null)
    const operands = Array.from({ length: nIn }, () => readOperand(reader))
    const kernel = OP_NAMES[opcode] ?? name ?? `operator ${opcode}`
    if (!threads.has(thread)) threads.set(thread, threads.size === 1 ? 'executor' : `executor ${threads.size}`)
    operators.push({
      operator: name ?? kernel,
      kernel,
      start: at(start),
      ms: (end - start) * NS,
      thread: threads.get(thread) as string,
      bytes,
      flops: failed ? null : flopsOf(kernel, results, operands, attributes),
      liveBytes: live,
      failed: failed !== 0,
      results,
      operands,
      ranges: open,
    })
    name = null
  }
}

/** From the earliest beginning to the latest end of several streams. */
function spanOf(before: RangeEvent['executed'], start: number, end: number): { start: number; ms: number } {
  const from = Math.min(before?.start ?? start, start)
  const to = Math.max(before ? before.start + before.ms : end, end)
  return { start: from, ms: to - from }
}

function readOperand(reader: Reader): OperandInfo | null {
  const dtype = reader.next()
  const shape = reader.many(reader.next())
  return dtype < 0 ? null : { dtype: DTYPES[dtype] as DType, shape }
}

class Reader {
  readonly #rows: Float64Array
  #i = 0

  constructor(rows: Float64Array) {
    this.#rows = rows
  }

  get done(): boolean {
    return this.#i >= this.#rows.length
  }

  next(): number {
    return this.#rows[this.#i++] as number
  }

  many(n: number): number[] {
    const values = [...this.#rows.subarray(this.#i, this.#i + n)]
    this.#i += n
    return values
  }
}
