/**
 * Measures one case on our side and on the peers', and makes its row. Place in the whole: main.ts chooses the case and prints the row.
 */

import { quantile } from '#lib/tune/statistics.js'
import type { Case } from './case.js'
import type { Limits } from './peak.js'
import type { LoadedPeer, Peer } from './peers.js'
import { type Measured, measure, type Plan, type Spread } from './protocol.js'
import type { PeerFigures, Row } from './report.js'
import { type Binding, type LoadedSide, loadOurs } from './sides.js'
import { boundOf, missedBar } from './verdict.js'

/** The peer's processes with the case loaded, or the reason why not. */
async function load(peer: Peer, name: string): Promise<LoadedPeer | string> {
  try {
    return await peer.load(name)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Ratios of a side to ours, which is the first: of the medians, and the upper quartile of the rounds'. */
function ratios(measured: Measured, side: number): { ratio: number; q3: number } {
  const ours = measured.medians[0] as number[]
  const rounds = (measured.medians[side] as number[]).map((ms, i) => ms / (ours[i] as number))
  return {
    ratio: (measured.sides[side] as Spread).median / (measured.sides[0] as Spread).median,
    q3: quantile(rounds, 0.75),
  }
}

interface Measurement {
  measured: Measured
  /** Where each process is among the measured sides. */
  sides: readonly LoadedSide[]
  boundMs: number | null
}

function figures(peer: Peer, loaded: LoadedPeer | string, { measured, sides, boundMs }: Measurement): PeerFigures {
  if (typeof loaded === 'string') {
    const nothing = { ms: null, q1: null, q3: null, layout: null, share_of_bound: null, ratio: null, ratio_q3: null }
    const noTuned = { tuned_ms: null, ratio_tuned: null, tuned_q3: null }
    return { key: peer.key, name: peer.name, ...nothing, ...noTuned, error: loaded }
  }
  const at = sides.indexOf(loaded.plain)
  const { median, q1, q3 } = measured.sides[at] as Spread
  const plain = ratios(measured, at)
  const tunedAt = loaded.tuned ? sides.indexOf(loaded.tuned) : -1
  const tuned = tunedAt < 0 ? null : ratios(measured, tunedAt)
  return {
    key: peer.key,
    name: peer.name,
    ms: median,
    q1,
    q3,
    layout: loaded.plain.variant || null,
    share_of_bound: boundMs === null ? null : boundMs / median,
    ratio: plain.ratio,
    ratio_q3: plain.q3,
    tuned_ms: measured.sides[tunedAt]?.median ?? null,
    ratio_tuned: tuned?.ratio ?? null,
    tuned_q3: tuned?.q3 ?? null,
    error: null,
  }
}

/** The case in all processes at once, measured in turns; the machine's limits right afterwards. */
export async function measureCase(
  c: Case,
  binding: Binding,
  plan: Plan,
  meter: Limits,
  peers: readonly Peer[],
): Promise<Row> {
  const side = await loadOurs(c.name, binding)
  try {
    const loaded: (LoadedPeer | string)[] = []
    for (const peer of peers) loaded.push(await load(peer, c.name))
    const others = loaded.flatMap((l) => (typeof l === 'string' ? [] : l.tuned ? [l.plain, l.tuned] : [l.plain]))
    const sides = [side, ...others]
    const measured = await measure(sides, plan)
    const peak = await meter.arithmetic(c.dtype)
    const both = c.flops !== undefined && c.bytes !== undefined
    const bandwidth = both ? await meter.reading(c.bytes ?? 0) : await meter.bandwidth()
    const ours = measured.sides[0] as Spread
    const bound = boundOf(c, peak, bandwidth)
    const rows = peers.map((peer, i) =>
      figures(peer, loaded[i] as LoadedPeer | string, { measured, sides, boundMs: bound?.ms ?? null }),
    )
    const best = rows.filter((p) => p.ms !== null).reduce<PeerFigures | null>(faster, null)
    return {
      case: c.name,
      family: c.family ?? (c.name.split('.')[0] as string),
      threads: binding.threads,
      dtype: c.dtype,
      ours_ms: ours.median,
      q1: ours.q1,
      q3: ours.q3,
      peers: rows,
      best: best?.key ?? null,
      ratio: best?.ratio ?? null,
      ratio_tuned: lowest(rows.map((p) => p.ratio_tuned)),
      missed_bar: missedBar(rows, c.bar?.(binding.threads) ?? 1),
      gflops: c.flops === undefined ? null : c.flops / ours.median / 1e6,
      gbps: c.bytes === undefined ? null : c.bytes / ours.median / 1e6,
      intensity: both ? (c.flops ?? 0) / (c.bytes ?? 1) : null,
      us_per_item: c.items === undefined ? null : (ours.median / c.items) * 1e3,
      bound_ms: bound?.ms ?? null,
      bound: bound?.by ?? null,
      share_of_bound: bound && bound.ms / ours.median,
      peak,
      bandwidth,
      rounds: measured.rounds,
      other_load: measured.otherLoad,
      cpus: binding.cpus,
    }
  } finally {
    side.close()
    for (const peer of peers) await peer.unload()
  }
}

function faster(a: PeerFigures | null, b: PeerFigures): PeerFigures {
  return a === null || (b.ms ?? Number.POSITIVE_INFINITY) < (a.ms ?? Number.POSITIVE_INFINITY) ? b : a
}

function lowest(values: readonly (number | null)[]): number | null {
  const known = values.filter((v) => v !== null)
  return known.length === 0 ? null : Math.min(...known)
}
