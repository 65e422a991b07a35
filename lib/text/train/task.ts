// What a worker learns. Place in the whole: between run.ts, which sends tasks, and the algorithms.
import type { WordCounts } from './count.js'
import { learnMerges, type MergeOptions, type Merges } from './merges.js'

export interface Task {
  readonly counts: WordCounts
  readonly options: MergeOptions
}

export function learn({ counts, options }: Task): Merges {
  return learnMerges(counts, options)
}
