/**
 * What a row is worth. Place in the whole: main.ts hands over what was measured; report.ts prints what comes back.
 *
 * The bound of a case is the longer of its arithmetic at the measured peak and its bytes at the measured bandwidth: no
 * implementation can be faster. A ratio is a peer's time over ours. A row is under its bar when even the upper quartile of the
 * rounds' ratios is: on a shared machine a median alone may be a neighbour's doing. Where a peer is at 90 % of the bound or more
 * there is nothing left to win: NEAR_BOUND_BAR is asked for, and the row stays out of the mean.
 */
import type { Case } from './case.js'
import type { Row } from './report.js'

export interface Bound {
  ms: number
  by: 'arithmetic' | 'memory'
}

/** peak in GFLOP/s, bandwidth in GB/s; null for cases that count neither. */
export function boundOf(c: Pick<Case, 'dtype' | 'flops' | 'bytes'>, peak: number, bandwidth: number): Bound | null {
  const arithmetic = c.flops === undefined ? 0 : c.flops / peak / 1e6
  const memory = c.bytes === undefined ? 0 : c.bytes / bandwidth / 1e6
  if (arithmetic === 0 && memory === 0) return null
  return arithmetic >= memory ? { ms: arithmetic, by: 'arithmetic' } : { ms: memory, by: 'memory' }
}

/** A peer that reaches this share of the bound leaves nothing to win. */
const NEAR_BOUND = 0.9
const NEAR_BOUND_BAR = 0.95
/** What is asked for against a peer whose allocator was told to keep memory. */
const TUNED_BAR = 0.95

const nearBound = (share: number | null): boolean => share !== null && share >= NEAR_BOUND

/** The bar that a row misses, or null. `bar` holds against torch; no other peer asks for more than 1. */
export function missedBar(peers: Row['peers'], bar: number): number | null {
  for (const peer of peers) {
    const asked = nearBound(peer.share_of_bound) ? NEAR_BOUND_BAR : peer.key === 'torch' ? bar : Math.min(1, bar)
    if (peer.ratio_q3 !== null && peer.ratio_q3 < asked) return asked
    if (peer.tuned_q3 !== null && peer.tuned_q3 < TUNED_BAR) return TUNED_BAR
  }
  return null
}

/** What a summary needs of a row. */
export type Judged = Pick<Row, 'case' | 'family' | 'peers' | 'best' | 'ratio' | 'missed_bar'>

/** A family's rows in a sentence: the geometric mean of the ratios to the best peer of each row, the lowest, what is under a bar. */
function sentence(family: string, rows: readonly Judged[]): string {
  const ratio = (row: Judged): number => row.ratio as number
  const bestPeer = (row: Judged) => row.peers.find((p) => p.key === row.best)
  const counted = rows.filter((row) => !nearBound(bestPeer(row)?.share_of_bound ?? null))
  const mean = Math.exp(counted.reduce((sum, row) => sum + Math.log(ratio(row)), 0) / counted.length)
  const lowest = rows.reduce((a, b) => (ratio(b) < ratio(a) ? b : a))
  const below = rows.filter((row) => ratio(row) < 1).length
  const missed = rows.filter((row) => row.missed_bar !== null)
  const parts = [
    counted.length > 0 ? `geometric mean ${mean.toFixed(3)} of ${counted.length} rows` : 'no row for a mean',
    `${rows.length - counted.length} with a peer at the bound`,
    `lowest ${ratio(lowest).toFixed(2)} (${lowest.case})`,
    `${below} under 1.0`,
    missed.length > 0 ? `UNDER THEIR BAR: ${missed.map((row) => row.case).join(', ')}` : 'none under its bar',
  ]
  return `${family}: ${parts.join('; ')}`
}

/** One sentence a family, for the rows that have a peer. */
export function summary(rows: readonly Judged[]): string[] {
  const compared = rows.filter((row) => row.ratio !== null)
  const families = new Set(compared.map((row) => row.family))
  return [...families].map((family) =>
    sentence(
      family,
      compared.filter((row) => row.family === family),
    ),
  )
}
