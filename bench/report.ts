/**
 * How rows look. Place in the whole: main.ts makes rows, this file prints them: a table for people, or one line of JSON a row.
 */

/** A peer in a row; its figures are null when it has no such case, and `error` says why. */
export interface PeerFigures {
  /** As on the command line, and with its version. */
  key: string
  name: string
  ms: number | null
  q1: number | null
  q3: number | null
  /** The layout in which the peer was faster, where it has a choice. */
  layout: string | null
  share_of_bound: number | null
  /** Peer's time / our time: above 1 we are faster. The upper quartile is that of the rounds' ratios. */
  ratio: number | null
  ratio_q3: number | null
  /** The same with the peer's allocator told to keep memory. */
  tuned_ms: number | null
  ratio_tuned: number | null
  tuned_q3: number | null
  error: string | null
}

/** One measured case, alone or against peers. Times are milliseconds a call. */
export interface Row {
  case: string
  /** Whose summary it belongs to. */
  family: string
  threads: number
  dtype: string
  ours_ms: number
  q1: number
  q3: number
  peers: readonly PeerFigures[]
  /** The fastest peer's key, and its ratios. */
  best: string | null
  ratio: number | null
  ratio_tuned: number | null
  /** The bar that the row is under, if any: see verdict.ts. */
  missed_bar: number | null
  gflops: number | null
  gbps: number | null
  /** Floating-point operations a byte of operands and results, where the case counts both. */
  intensity: number | null
  /** Microseconds of one operator, where the case counts them. */
  us_per_item: number | null
  /** The time that the machine's limits allow, and which of them is the longer. */
  bound_ms: number | null
  bound: 'arithmetic' | 'memory' | null
  share_of_bound: number | null
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

/** Peak memory of a case, each side in a fresh process; `ratio` is the peer's over ours. */
export interface MemoryRow {
  case: string
  threads: number
  dtype: string
  ours_bytes: number
  peers: {
    key: string
    name: string
    bytes: number | null
    /** The layout that takes the peer less, where it has a choice. */
    layout: string | null
    ratio: number | null
    error: string | null
  }[]
  /** Whether ours is above a peer's. */
  missed_bar: boolean
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

export function toJson(row: Row | ModeRow | MemoryRow | SoakRow): string {
  return JSON.stringify(row, rounded)
}

function milliseconds(ms: number): string {
  return ms < 1 ? `${(ms * 1e3).toPrecision(3)} us` : `${ms < 1e3 ? ms.toPrecision(3) : ms.toFixed(0)} ms`
}

const times = (x: number | null): string => (x === null ? '' : x.toFixed(2))

/** The share of the bound, with F where that is arithmetic and B where it is bandwidth. */
function ofBound(row: Row): string {
  if (row.share_of_bound === null || Number.isNaN(row.share_of_bound)) return ''
  return `${(100 * row.share_of_bound).toFixed(0)} % ${row.bound === 'memory' ? 'B' : 'F'}`
}

/** Peers as main.ts started them: those with a second, tuned process get a column for it. */
export function header(peers: readonly { name: string; hasTuned: boolean }[]): string {
  const columns = [
    'case'.padEnd(44),
    'median'.padStart(9),
    'quartiles'.padStart(20),
    'speed'.padStart(14),
    'of bound'.padStart(9),
  ]
  for (const { name, hasTuned } of peers) {
    columns.push(name.padStart(20), 'ratio'.padStart(6))
    if (hasTuned) columns.push('tuned'.padStart(6))
  }
  return columns.join(' ')
}

function peerColumns(peer: PeerFigures, hasTuned: boolean): string[] {
  const layout = peer.layout ? ` ${peer.layout}` : ''
  const columns = [
    (peer.ms === null ? '-' : `${milliseconds(peer.ms)}${layout}`).padStart(20),
    times(peer.ratio).padStart(6),
  ]
  if (hasTuned) columns.push(times(peer.ratio_tuned).padStart(6))
  return columns
}

export function toText(row: Row, peers: readonly { hasTuned: boolean }[]): string {
  let speed = ''
  if (row.gflops !== null) speed = `${round(row.gflops, 3)} GFLOP/s`
  else if (row.gbps !== null) speed = `${round(row.gbps, 3)} GB/s`
  else if (row.us_per_item !== null) speed = `${round(row.us_per_item, 3)} us/op`
  const columns = [
    row.case.padEnd(44),
    milliseconds(row.ours_ms).padStart(9),
    `${milliseconds(row.q1)} - ${milliseconds(row.q3)}`.padStart(20),
    speed.padStart(14),
    ofBound(row).padStart(9),
    ...row.peers.flatMap((peer, i) => peerColumns(peer, peers[i]?.hasTuned ?? false)),
  ]
  if (row.missed_bar !== null) columns.push(` under ${row.missed_bar}`)
  // A case that nobody else has says why once; with several peers a dash is enough.
  const errors = row.peers.map((peer) => peer.error).filter((error) => error !== null)
  if (errors.length === row.peers.length && errors.length > 0) columns.push(`  ${errors[0]}`)
  return columns.join(' ')
}

/** The rows as a table, under a line about the machine. */
export function toMarkdown(rows: readonly Row[], where: string): string {
  const peers = rows[0]?.peers ?? []
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const head = ['case', 'median', 'GFLOP/s', 'GB/s', 'of bound', ...peers.flatMap((peer) => [peer.name, 'ratio'])]
  const body = rows.map((row) =>
    line([
      row.case,
      milliseconds(row.ours_ms),
      row.gflops === null ? '' : `${round(row.gflops, 3)}`,
      row.gbps === null ? '' : `${round(row.gbps, 3)}`,
      ofBound(row),
      ...row.peers.flatMap((peer) => [
        peer.ms === null ? (peer.error ?? '') : milliseconds(peer.ms),
        times(peer.ratio),
      ]),
    ]),
  )
  const about = `Measured on ${where}, ${new Date().toISOString().slice(0, 10)}, Node ${process.version}.`
  return [about, '', line(head), line(head.map(() => '---')), ...body, ''].join('\n')
}

/** A limit of the machine; nothing for a loop that it cannot run. */
export function limitToText(loop: string, rate: number): string {
  const unit = /^(cache|mem)_/.test(loop) ? 'GB/s' : 'GFLOP/s'
  return Number.isNaN(rate) ? '' : `${loop.padEnd(24)} ${`${round(rate, 3)}`.padStart(6)} ${unit}`
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

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`

export function memoryToText(row: MemoryRow): string {
  const columns = [row.case.padEnd(44), megabytes(row.ours_bytes).padStart(9)]
  for (const { name, bytes, layout, ratio, error } of row.peers) {
    columns.push(bytes === null ? `  ${name}: ${error}` : `  ${name} ${megabytes(bytes)}${layout ? ` ${layout}` : ''}`)
    if (ratio !== null) columns.push(times(ratio).padStart(6))
  }
  if (row.missed_bar) columns.push(' above a peer')
  return columns.join(' ')
}
