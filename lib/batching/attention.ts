/** Batching rules of attention and rotary embeddings. Place in the whole: one of the families that rules.ts lists. */
import { contiguous } from '../ops/convert.js'
import type { Rule } from './batch.js'
import { intoRowsBut } from './shapes.js'

const DROPOUT = 5
const STARTS = 5

/**
 * Samples are further batches, of the operands from number `first` on (q, k, v, mask, slopes, starts). Packed sequences have no
 * batches, and dropout counts them. Before q the gradients have the sums of weights, which kernels read one after the other.
 */
export const attention =
  (first: number): Rule =>
  (c, b) => {
    if (c.operands[first + STARTS] || c.attributes[DROPOUT] !== 0) return null
    const rows = c.operands.map((t) => t && b.rows(t))
    const sums = rows[first - 1]
    if (sums) rows[first - 1] = contiguous(sums)
    return b.emitRows(c, rows)
  }

const POSITIONS = 3

/** Positions may differ between the rows of a sample's batch: those of samples then have no place. */
export const rotary: Rule = (c, b) => {
  const positions = c.operands[POSITIONS]
  return positions && positions.shape[0] !== 1 ? null : intoRowsBut(1)(c, b)
}
