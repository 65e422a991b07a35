// Batches of an epoch from one or more makers, in an order that does not depend on their speed. Place in the whole: between the loader
// and its makers, be they worker threads or its own; this file decides who makes what, and how much ahead.
//
// A lane makes every n-th batch; of a sharded stream, whose parts have ends of their own, it makes batches 0, 1, 2, ... of its part.
// The next batch is always that of the lane with the smallest number, so that ended lanes need not be remembered in a state.
import type { EndOfData, MadeBatch } from './maker.js'

/** Makes batches, one at a time in the order of the requests. */
export interface BatchSource {
  make(epoch: number, number: number, indices: Uint32Array | undefined): Promise<MadeBatch | EndOfData>
  /** The epoch is over or left: what was asked for is not taken. */
  leave(epoch: number): void | Promise<void>
}

export interface Job {
  readonly epoch: number
  /** Number of the first batch that each lane makes. */
  readonly from: readonly number[]
  /** From one batch of a lane to its next. */
  readonly step: number
  /** Batches of the epoch where it is known, and the samples of each. */
  readonly count?: number
  readonly indicesOf?: (number: number) => Uint32Array
  /** Batches asked of each lane before they are needed. */
  readonly ahead: number
}

/** A batch, and the lane that made it. */
export interface LaneBatch {
  readonly lane: number
  readonly made: MadeBatch
}

/** Where lanes begin whose batches come in turn, from batch `from` on. */
export function inTurn(lanes: number, from: number): number[] {
  return Array.from({ length: lanes }, (_, lane) => from + ((lane + lanes - (from % lanes)) % lanes))
}

class Lane {
  readonly #source: BatchSource
  readonly #job: Job
  readonly #open: Promise<MadeBatch | EndOfData>[] = []
  #asked: number
  /** Number of the batch that is taken next. */
  next: number

  constructor(source: BatchSource, job: Job, from: number) {
    this.#source = source
    this.#job = job
    this.next = from
    this.#asked = from
    this.#request(job.ahead)
  }

  /** Whether the lane has no batch left, as far as is known before asking. */
  get ended(): boolean {
    return this.#job.count !== undefined && this.next >= this.#job.count
  }

  async take(): Promise<MadeBatch | EndOfData> {
    this.#request(1)
    this.next += this.#job.step
    const made = await (this.#open.shift() as Promise<MadeBatch | EndOfData>)
    if (!('batches' in made)) this.#request(this.#job.ahead)
    return made
  }

  /** What was made ahead is not wanted. */
  drop(): void {
    for (const made of this.#open.splice(0)) {
      const release = (batch: MadeBatch | EndOfData) => {
        if (!('batches' in batch)) batch.release()
      }
      made.then(release, () => {})
    }
  }

  /** Asks until so many batches are open. */
  #request(open: number): void {
    const { epoch, count = Number.POSITIVE_INFINITY, step, indicesOf } = this.#job
    for (; this.#open.length < open && this.#asked < count; this.#asked += step) {
      const made = this.#source.make(epoch, this.#asked, indicesOf?.(this.#asked))
      // What fails ahead is told when its turn comes.
      made.catch(() => {})
      this.#open.push(made)
    }
  }
}

/** The batches of a job; where data ends before it, the return value tells how many there are. */
export async function* batchesOf(
  sources: readonly BatchSource[],
  job: Job,
): AsyncGenerator<LaneBatch, EndOfData | undefined> {
  const lanes = sources.map((source, i) => new Lane(source, job, job.from[i] as number))
  const live = new Set(lanes)
  let end: EndOfData | undefined
  try {
    for (;;) {
      let first: Lane | undefined
      for (const lane of live) if (!lane.ended && (first === undefined || lane.next < first.next)) first = lane
      if (first === undefined) return end
      const made = await first.take()
      if (!('batches' in made)) yield { lane: lanes.indexOf(first), made }
      else {
        end ??= made
        // Lanes that take turns at one stream would all find the same end.
        if (job.step === 1) live.delete(first)
        else live.clear()
      }
    }
  } finally {
    for (const lane of lanes) lane.drop()
    for (const source of sources) await source.leave(job.epoch)
  }
}
