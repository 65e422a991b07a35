/** Batching rule of attention. Place in the whole: one of the families that rules.ts lists. */
import type { Rule } from './batch.js'
import { intoRows } from './shapes.js'

const DROPOUT = 5
const STARTS = 5

/**
 * Samples are further batches, of the operands from number `first` on (q, k, v, mask, slopes, starts). Packed sequences have no
 * batches, and dropout counts them.
 */
export const attention =
  (first: number): Rule =>
  (c, b) =>
    c.operands[first + STARTS] || c.attributes[DROPOUT] !== 0 ? null : intoRows(c, b)
