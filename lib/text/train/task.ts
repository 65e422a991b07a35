// What a worker learns. Place in the whole: between run.ts, which sends tasks, and the algorithms.
import type { WordCounts } from './count.js'
import { learnMerges, type MergeOptions, type Merges } from './merges.js'
import { learnPieces, type PieceOptions, type Pieces } from './pieces.js'

/** By what is learnt: the options and the result. */
interface Kinds {
  readonly merges: readonly [MergeOptions, Merges]
  readonly pieces: readonly [PieceOptions, Pieces]
}

export type Kind = keyof Kinds

export interface Task<K extends Kind = Kind> {
  readonly kind: K
  readonly counts: WordCounts
  readonly options: Kinds[K][0]
}

export type Learnt<K extends Kind> = Kinds[K][1]

export function learn({ kind, counts, options }: Task): Merges | Pieces {
  return kind === 'merges' ? learnMerges(counts, options as MergeOptions) : learnPieces(counts, options as PieceOptions)
}
