// What is told of a step besides the numbers that the step named. Place in the whole: callbacks that measure (statistics.ts) hand records to
// the run, and those that keep them (run-directory.ts, tensorboard) receive them; neither knows the other.

/** Counts between limits, and moments of all values. */
export interface Histogram {
  readonly min: number
  readonly max: number
  readonly count: number
  readonly sum: number
  readonly sumSquares: number
  /** Right edges of the buckets, ascending. */
  readonly limits: readonly number[]
  readonly buckets: readonly number[]
}

/** Figures, histograms and texts of a step, by tag; the part before a tag's first slash groups it. */
export interface RunRecord {
  readonly step: number
  readonly epoch: number
  readonly scalars?: Readonly<Record<string, number>>
  readonly histograms?: Readonly<Record<string, Histogram>>
  readonly texts?: Readonly<Record<string, string>>
}
