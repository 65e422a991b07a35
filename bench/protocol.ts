/**
 * How a row is measured. Place in the whole: main.ts hands it the sides of one case; it knows neither what they run nor how
 * rows are printed.
 *
 * Sides take turns, round by round, so that all of them meet the same clock, the same neighbours and the same memory; the one
 * that begins moves on by one each round. A round begins with calls that are not timed, on every side alike. A side's figure is
 * the median of its rounds' medians, with their quartiles.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { quantile } from '#lib/tune/statistics.js'
import { type LoadMeter, startLoadMeter } from './load.js'

/** One process that can run the case: ours, or a peer. */
export interface Side {
  readonly pid: number
  /** Milliseconds of one call, seen while it warmed up. */
  readonly estimateMs: number
  /** Times of `samples` samples in milliseconds a call; each is the mean of `inner` calls and ends when their results are complete. */
  run(samples: number, inner: number, warmup: number): Promise<number[]>
}

export interface Plan {
  rounds: number
  /** Milliseconds that a side may take in one round; a call that takes longer is made once. */
  roundMs: number
}

/** At least seven rounds, also when quick: fewer say nothing on a shared machine. */
export const THOROUGH: Plan = { rounds: 9, roundMs: 200 }
export const QUICK: Plan = { rounds: 7, roundMs: 40 }

export interface Spread {
  median: number
  q1: number
  q3: number
}

export interface Measured {
  sides: Spread[]
  /** The sides' medians, round by round. */
  medians: number[][]
  rounds: number
  /** Processors' worth of other people's work while this was measured. */
  otherLoad: number
}

/** Shorter samples are lost in the clock's and the call's own cost. */
const SAMPLE_MS = 0.5
const MAX_SAMPLES = 50
/** Idle threads of the side before must be asleep before the next one starts: OpenBLAS's spin for 2 ** 26 cycles. */
const PAUSE_MS = 50

export function spread(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), q1: quantile(values, 0.25), q3: quantile(values, 0.75) }
}

interface Turn {
  samples: number
  inner: number
  warmup: number
}

function turn(side: Side, plan: Plan): Turn {
  const inner = Math.max(1, Math.ceil(SAMPLE_MS / side.estimateMs))
  const sampleMs = inner * side.estimateMs
  const samples = Math.min(MAX_SAMPLES, Math.max(1, Math.floor(plan.roundMs / sampleMs)))
  return { samples, inner, warmup: sampleMs > plan.roundMs ? 0 : inner }
}

/** Measures all sides in turn. Seconds-long calls get one sample a round. */
export async function measure(sides: readonly Side[], plan: Plan): Promise<Measured> {
  const turns = sides.map((side) => turn(side, plan))
  const medians: number[][] = sides.map(() => [])
  const load: LoadMeter = startLoadMeter([process.pid, ...sides.map((side) => side.pid)])
  for (let round = 0; round < plan.rounds; round++) {
    for (let i = 0; i < sides.length; i++) {
      const k = (round + i) % sides.length
      const { samples, inner, warmup } = turns[k] as Turn
      await sleep(PAUSE_MS)
      medians[k]?.push(quantile(await (sides[k] as Side).run(samples, inner, warmup), 0.5))
    }
  }
  return { sides: medians.map(spread), medians, rounds: plan.rounds, otherLoad: load() }
}
