/**
 * Measures how matrix products are best cut on this machine. Place in the whole: the library's side of `sinter tune`; what it finds is
 * kept in the tuning file and used by later processes.
 */
import { engine } from '../engine/engine.js'
import { clearChoices } from '../engine/library-tuning.js'
import { formatProduct, parseProduct } from '../engine/product-shape.js'
import {
  clearProducts,
  type ProductPlan,
  sameProduct,
  savedProducts,
  saveProduct,
  type TunedProduct,
  useProducts,
} from '../engine/product-tuning.js'
import { streamOf } from '../engine/stream.js'
import { SinterError, ValueError } from '../errors.js'
import { loadNative } from '../native/load.js'
import { confirm, type Measured, measure } from './measure.js'

export type { ProductPlan }

/** Squares, and the products of transformer layers: as they are, by a Linear layer's weight, by a packed one. */
export const DEFAULT_PRODUCTS: readonly string[] = [
  ...[64, 96, 128, 256, 512, 1024, 2048, 4096].map((n) => `${n}x${n}x${n}`),
  'nt:1024x1024x1024',
  'tn:1024x1024x1024',
  '96x256x256x64',
  ...['512x768x768', '512x3072x768', '512x768x3072', '64x1024x1024', '8x50257x768'].flatMap((shape) => [
    shape,
    `nt:${shape}`,
    `packed:${shape}`,
    `bf16:nt:${shape}`,
  ]),
]

export interface TuneOptions {
  /** Sizes of the thread pool to measure with: a choice holds for one. Default: `engine.threads`. */
  threads?: number | readonly number[]
  /** Seconds a product, about. Default 4. A product of more than a tenth of a second takes longer: it is computed some 40 times. */
  budget?: number
  /** Whether results are kept for later processes, in the user's cache folder. Default true. */
  save?: boolean
  /** Called after each product, with how many are done and how many there are; once more for a plan that is withdrawn at the end. */
  onResult?: (result: TuneResult, done: number, total: number) => void
}

export interface TuneResult {
  /** As `tune` takes it; dtypes are named. */
  readonly product: string
  readonly threads: number
  /**
   * `faster`: by the plan, which is in use now. `usual`: nothing was faster by more than noise. `no plan`: the product is computed
   * without one: it is tiny, or has at most 8 rows or columns.
   */
  readonly outcome: 'faster' | 'usual' | 'no plan'
  /** Median milliseconds as the engine plans it by itself and, the same where that is best, by the plan; NaN without a plan. */
  readonly usual: number
  readonly best: number
  readonly plan: ProductPlan | null
  /** Plans that were compared with the usual one. */
  readonly tried: number
}

/**
 * Measures plans of matrix products on this machine, interleaved with the usual plan, and uses those that are faster by more than
 * noise from now on: where the panels of the right operand come from, the block of the result that a task makes, how many threads take
 * part. When all products are measured, what was found is compared once more, and withdrawn where it was the machine's load that made the
 * difference. Results of products are the same bits with and without a plan.
 *
 * What is found is kept in the tuning file after every product (XDG_CACHE_HOME or ~/.cache, then sinter; SINTER_CACHE names another
 * folder) and holds for this processor, instruction set and version; processes read the file when they first compute, unless
 * SINTER_TUNING is `off`. The event loop turns between samples: it is held no longer than one product takes, or two milliseconds.
 * Other work in the process falsifies the times, and runs with the threads that are being measured.
 *
 * @param products `[dtype:][form:][batch x]MxNxK`: a (m, k) times b (k, n); dtype f32 (if absent), f64, bf16 or f16; form nn (if absent),
 * nt, tn, tt (t: stored transposed) or packed, as in `nt:512x3072x768`, `bf16:packed:64x1024x1024`, `96x256x256x64`. Default: squares
 * from 64 to 4096 and the products of transformer layers
 * @throws ValueError for a product, number of threads or budget that is none
 * @throws SinterError SINTER_BUSY while another `tune` of the process measures; SINTER_CACHE when the file cannot be written (the plan
 * found last is in use all the same)
 */
export async function tune(
  products: readonly string[] = DEFAULT_PRODUCTS,
  { threads = engine.threads, budget = 4, save = true, onResult }: TuneOptions = {},
): Promise<TuneResult[]> {
  // A product, or a number of threads, that is named twice counts once.
  const shapes = [...new Map(products.map(parseProduct).map((p) => [formatProduct(p), p])).values()]
  const pools = new Set([threads].flat())
  for (const n of pools) {
    if (!Number.isInteger(n) || n < 1 || n > 256) throw new ValueError(`tune: ${n} threads, expected 1 to 256`)
  }
  if (!(budget > 0 && budget < Number.POSITIVE_INFINITY)) {
    throw new ValueError(`tune: a budget of ${budget} seconds, expected more than 0`)
  }
  streamOf('cpu')
  if (!loadNative().watchProducts()) {
    throw new SinterError('SINTER_BUSY', 'tune: this process is measuring already; await that first')
  }
  const before = engine.threads
  const work = [...pools].flatMap((n) => shapes.map((product) => ({ product, threads: n })))
  const results: TuneResult[] = []
  let inUse = savedProducts()
  const keep = (of: Omit<TunedProduct, 'plan'>, found: Measured | null): void => {
    const plan = found?.plan ?? null
    inUse = inUse.filter((p) => !sameProduct(p, of))
    if (plan !== null) inUse.push({ ...of, plan })
    useProducts(inUse)
    if (save) saveProduct(of, plan)
  }
  try {
    for (const of of work) {
      engine.setThreads(of.threads)
      const found = await measure(of.product, of.threads, inUse, budget * 1000)
      keep(of, found)
      const result = resultOf(of, found)
      results.push(result)
      onResult?.(result, results.length, work.length)
    }
    for (const [i, of] of work.entries()) {
      const { plan, tried } = results[i] as TuneResult
      if (plan === null) continue
      engine.setThreads(of.threads)
      const again = await confirm({ ...of, plan }, inUse, budget * 1000)
      const result = resultOf(of, { ...again, tried })
      results[i] = result
      if (again.plan !== null) continue
      keep(of, again)
      onResult?.(result, work.length, work.length)
    }
  } finally {
    engine.setThreads(before)
    loadNative().unwatchProducts()
  }
  return results
}

function resultOf({ product, threads }: Omit<TunedProduct, 'plan'>, found: Measured | null): TuneResult {
  const { plan, usual, best, tried } = found ?? { plan: null, usual: Number.NaN, best: Number.NaN, tried: 0 }
  const outcome = found === null ? 'no plan' : plan === null ? 'usual' : 'faster'
  return { product: formatProduct(product), threads, outcome, usual, best, plan, tried }
}

/**
 * Takes all that `tune` and `tuneCuda` found on this machine out of the tuning file and out of use.
 * @returns how many products the file had
 * @throws SinterError SINTER_CACHE when the file cannot be written
 */
export function clearTuning(): number {
  return clearProducts() + clearChoices()
}
