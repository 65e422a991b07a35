/** Plans worth measuring. Place in the whole: `tune` tries them in this order, as many as its budget lets it. */
import type { ProductPlan, WatchedPlan } from '../engine/product-tuning.js'

/**
 * Plans around the usual ones of each legal source of panels, the likelier first: the other sources, one block halved or doubled,
 * fewer threads, then both blocks at once.
 *
 * @param usual what the engine chooses by itself
 * @param others what it chooses for the other legal sources
 */
export function candidates(usual: WatchedPlan, others: readonly WatchedPlan[], threads: number): ProductPlan[] {
  const bases = [usual, ...others]
  const scaled = (base: WatchedPlan, rows: number, columns: number): ProductPlan => ({
    source: base.source,
    rows: scale(base.rows, rows, base.tile[0]),
    columns: scale(base.columns, columns, base.tile[1]),
    limit: 0,
  })
  const limits = threads > 2 ? [1, threads >> 1] : threads > 1 ? [1] : []
  const single = bases.flatMap((base) =>
    [
      [1, 0.5],
      [0.5, 1],
      [1, 2],
      [2, 1],
    ].map(([rows, columns]) => scaled(base, rows as number, columns as number)),
  )
  const both = bases.flatMap((base) =>
    [0.25, 0.5, 2, 4].flatMap((columns) => [0.5, 1, 2].map((rows) => scaled(base, rows, columns))),
  )
  return [
    ...others.map(({ source }) => ({ source, rows: 0, columns: 0, limit: 0 })),
    ...single,
    ...limits.map((limit) => ({ source: usual.source, rows: 0, columns: 0, limit })),
    ...both,
  ]
}

/** A block in whole tiles; 0, the usual one, where it is left alone. */
function scale(block: number, by: number, tile: number): number {
  return by === 1 ? 0 : Math.max(1, Math.round((block * by) / tile)) * tile
}
