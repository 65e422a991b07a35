/**
 * How rows look. Place in the whole: main.ts makes rows, this file prints them: a table for people, or one line of JSON a row.
 */

/** One measured case against one peer, or alone. Times are milliseconds a call. */
export interface Row {
  case: string
  threads: number
  dtype: string
  ours_ms: number
  q1: number
  q3: number
  /** Peer's name with version; what follows is null when measured alone, or when the peer has no such case. */
  peer: string | null
  peer_ms: number | null
  peer_q1: number | null
  peer_q3: number | null
  /** The layout in which the peer was faster, where it has a choice. */
  peer_layout: string | null
  /** The peer with its allocator told to keep memory. */
  tuned_ms: number | null
  /** Peer's time / our time: above 1 we are faster. */
  ratio: number | null
  ratio_tuned: number | null
  /** Why the peer's figures are missing. */
  peer_error: string | null
  gflops: number | null
  gbps: number | null
  /** Microseconds of one operator, where the case counts them. */
  us_per_item: number | null
  share_of_peak: number | null
  /** GFLOP/s of the dtype's multiply-adds, and GB/s, measured beside this row. */
  peak: number | null
  bandwidth: number | null
  rounds: number
  /** Processors' worth of other processes' work meanwhile. */
  other_load: number | null
  /** Processors to which all sides are bound; empty: free. */
  cpus: readonly number[]
}

/** Stream modes compared on one case; `speed` is relative to the last mode. */
export interface ModeRow {
  case: string
  threads: number
  dtype: string
  modes: Record<string, { ms: number; q1: number; q3: number; speed: number }>
  neighbour: boolean
  rounds: number
  other_load: number | null
}

/** A long run and what it did to memory. */
export type SoakRow = { case: string; threads: number } & Record<string, number | string | boolean>

const round = (x: number, digits: number): number => Number(x.toPrecision(digits))

/** Figures beyond four digits are noise; NaN is JSON's null. */
function rounded(_key: string, value: unknown): unknown {
  if (typeof value !== 'number') return value
  if (!Number.isFinite(value)) return null
  return Number.isInteger(value) ? value : round(value, 5)
}

export function toJson(row: Row | ModeRow | SoakRow): string {
  return JSON.stringify(row, rounded)
}

function milliseconds(ms: number): string {
  return ms < 1 ? `${(ms * 1e3).toPrecision(3)} us` : `${ms < 1e3 ? ms.toPrecision(3) : ms.toFixed(0)} ms`
}

const percent = (x: number | null): string => (x === null || Number.isNaN(x) ? '' : `${(100 * x).toFixed(0)} %`)
const times = (x: number | null): string => (x === null ? '' : x.toFixed(2))

export function header(peer: string | undefined): string {
  const columns = [
    'case'.padEnd(44),
    'median'.padStart(9),
    'quartiles'.padStart(20),
    'speed'.padStart(14),
    'of peak'.padStart(8),
  ]
  if (peer) columns.push(peer.padStart(18), 'ratio'.padStart(6), 'tuned'.padStart(6))
  return columns.join(' ')
}

export function toText(row: Row): string {
  let speed = ''
  if (row.gflops !== null) speed = `${round(row.gflops, 3)} GFLOP/s`
  else if (row.gbps !== null) speed = `${round(row.gbps, 3)} GB/s`
  else if (row.us_per_item !== null) speed = `${round(row.us_per_item, 3)} us/op`
  const columns = [
    row.case.padEnd(44),
    milliseconds(row.ours_ms).padStart(9),
    `${milliseconds(row.q1)} - ${milliseconds(row.q3)}`.padStart(20),
    speed.padStart(14),
    percent(row.share_of_peak).padStart(8),
  ]
  if (row.peer_ms !== null) {
    const layout = row.peer_layout ? ` ${row.peer_layout}` : ''
    columns.push(
      `${milliseconds(row.peer_ms)}${layout}`.padStart(18),
      times(row.ratio).padStart(6),
      times(row.ratio_tuned).padStart(6),
    )
  }
  if (row.peer_error) columns.push(`  ${row.peer_error}`)
  return columns.join(' ')
}

export function modeToText(row: ModeRow): string {
  const parts = Object.entries(row.modes).map(
    ([mode, m]) => `${mode} ${milliseconds(m.ms)} (speed ${m.speed.toFixed(3)})`,
  )
  return `${row.case.padEnd(44)} ${parts.join(', ')}${row.neighbour ? ', beside a busy process' : ''}`
}

export function soakToText(row: SoakRow): string {
  const { case: name, threads: _, ...rest } = row
  const parts = Object.entries(rest).map(([key, v]) => `${key} ${typeof v === 'number' ? round(v, 4) : v}`)
  return `${name.padEnd(44)} ${parts.join(', ')}`
}
