/** Measures where sparse products are faster than dense ones. Place in the whole: fills the table of break-even.ts. */
import { noGrad } from '../autograd/mode.js'
import { engine } from '../engine/engine.js'
import { scope } from '../engine/lifetime.js'
import { writeTuning } from '../engine/tuning-cache.js'
import { linear } from '../ops/linear.js'
import { randn } from '../ops/random.js'
import type { Tensor } from '../tensor/tensor.js'
import { type BreakEven, COLUMNS, SECTION, SIDES, setBreakEven } from './break-even.js'
import { SPARSE_FORMATS, type SparseFormat } from './formats.js'
import { SparseMatrix } from './matrix.js'
import { sparseLinear } from './multiply.js'

export interface CalibrateOptions {
  /** Sides of the matrices that stand for 256, 1024 and 4096: smaller ones for a trial. */
  sides?: readonly [number, number, number]
  /** Milliseconds that one time is measured for at least. Default 20. */
  budget?: number
  /** Whether the table is kept for later processes, in the user's cache folder. Default true. */
  save?: boolean
}

/** A product's time is a + b density: two densities give both. */
const DENSITIES = [0.05, 0.25] as const

/**
 * Measures sparse against dense products on this machine, some 10 seconds, and has kernel 'auto' choose by the result from now on;
 * the table is kept in the cache folder (XDG_CACHE_HOME or ~/.cache, then sinter; SINTER_CACHE names another), for this processor
 * and version alone.
 *
 * @returns for each format, by side of the matrix (256, 1024, 4096) and columns of the dense operand (1, 8, 64, 256), the density from
 * which on the dense kernel is faster
 * @throws SinterError SINTER_CACHE when the table cannot be written; it is in use all the same
 */
export async function calibrateSparse(options: CalibrateOptions = {}): Promise<BreakEven> {
  const { sides = SIDES, budget = 20, save = true } = options
  const table = Object.fromEntries(SPARSE_FORMATS.map((f) => [f, [] as number[][]])) as Record<SparseFormat, number[][]>
  for (const side of sides) {
    const rows = await ofSide(side, budget)
    for (const f of SPARSE_FORMATS) table[f].push(rows[f])
  }
  setBreakEven(table)
  if (save) writeTuning(SECTION, table)
  return table
}

async function ofSide(side: number, budget: number): Promise<Record<SparseFormat, number[]>> {
  const weight = scope(() => randn([side, side]))
  const inputs = scope(() => COLUMNS.map((n) => randn([n, side])))
  const rows = {} as Record<SparseFormat, number[]>
  const dense: number[] = []
  for (const x of inputs) dense.push(await fastest(() => linear(x, weight), budget))
  for (const format of SPARSE_FORMATS) {
    const times: number[][] = []
    for (const density of format === '2:4' ? [0.5] : DENSITIES) {
      const s = await SparseMatrix.from(weight, format === '2:4' ? { format } : { format, density })
      const row: number[] = []
      for (const x of inputs) row.push(await fastest(() => sparseLinear(x, s, null, { kernel: 'sparse' }), budget))
      times.push(row)
      s.dispose()
    }
    rows[format] = dense.map((d, i) =>
      boundary(
        d,
        times.map((row) => row[i] as number),
      ),
    )
  }
  for (const t of [weight, ...inputs]) t.dispose()
  return rows
}

/** The density at which the line through the times meets the dense one's. */
export function boundary(dense: number, times: readonly number[]): number {
  const [first, second] = times as [number, number | undefined]
  if (second === undefined) return first < dense ? 1 : 0
  const slope = (second - first) / (DENSITIES[1] - DENSITIES[0])
  const at = slope > 0 ? DENSITIES[0] + (dense - first) / slope : first < dense ? 1 : 0
  return Math.min(1, Math.max(0, Number(at.toFixed(3))))
}

/** The best time of one call, in milliseconds, over at least three calls and the budget. */
async function fastest(call: () => Tensor, budget: number): Promise<number> {
  const once = async (): Promise<number> => {
    const start = performance.now()
    noGrad(call).dispose()
    await engine.sync()
    return performance.now() - start
  }
  await once() // plans and packed values are made by the first call
  let best = Number.POSITIVE_INFINITY
  for (let spent = 0, n = 0; n < 3 || spent < budget; n++) {
    const ms = await once()
    spent += ms
    best = Math.min(best, ms)
  }
  return best
}
