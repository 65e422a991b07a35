/** The time of one product under several plans. Place in the whole: the measuring part of `tune`. */
import { setImmediate as turn } from 'node:timers/promises'
import { noGrad } from '../autograd/mode.js'
import { scope } from '../engine/lifetime.js'
import type { ProductShape } from '../engine/product-shape.js'
import {
  type ProductPlan,
  sameProduct,
  type TunedProduct,
  useProducts,
  type WatchedPlan,
  watchedPlans,
} from '../engine/product-tuning.js'
import { streamOf } from '../engine/stream.js'
import { Generator, matmul, matmulPacked, packMatrix, randn } from '../ops/index.js'
import type { Tensor } from '../tensor/tensor.js'
import { candidates } from './candidates.js'
import { isFaster, median } from './statistics.js'

/** Small products are repeated for so many milliseconds a sample. */
const SAMPLE_MS = 2
/** Rounds of all candidates, after which those that a last comparison is worth are left. */
const FIRST_ROUNDS = 2
const FINALISTS = 2
/** Rounds of a comparison that decides: as many as its share of the budget lets it. */
const LAST_ROUNDS = [9, 45] as const
/** Shares of the budget that the first rounds and a last comparison take. */
const FIRST_SHARE = 0.6
const LAST_SHARE = 0.2
/** However long a product takes, so many candidates are tried. */
const FEWEST = 3

export interface Measured {
  /** Milliseconds of a product as the engine plans it by itself, and as it was found to be fastest. */
  readonly usual: number
  readonly best: number
  /** null: the usual plan is the best. */
  readonly plan: ProductPlan | null
  /** Plans that were tried. */
  readonly tried: number
}

/** A product that is computed over and over. */
interface Workload {
  readonly product: ProductShape
  readonly threads: number
  /** Plans of other products, which stay in use. */
  readonly others: readonly TunedProduct[]
  readonly run: () => Tensor
}

/**
 * Measures a product with the pool as it is; `others` are in use again afterwards.
 *
 * @returns null when the product is computed without a plan: it is tiny, or has few rows or columns
 */
export function measure(
  product: ProductShape,
  threads: number,
  inUse: readonly TunedProduct[],
  budget: number,
): Promise<Measured | null> {
  return withWorkload(product, threads, inUse, (work) => search(work, budget))
}

/** Compares a plan that was found with the usual one again: the machine may have been another one by its load. */
export function confirm(
  { product, threads, plan }: TunedProduct,
  inUse: readonly TunedProduct[],
  budget: number,
): Promise<Measured> {
  return withWorkload(product, threads, inUse, async (work) => {
    const repeats = await repeatsOf(work)
    return { ...(await decide(work, [plan], repeats, budget)), tried: 1 }
  })
}

async function withWorkload<T>(
  product: ProductShape,
  threads: number,
  inUse: readonly TunedProduct[],
  body: (work: Workload) => Promise<T>,
): Promise<T> {
  const others = inUse.filter((p) => !sameProduct(p, { product, threads }))
  const { run, dispose } = prepare(product)
  try {
    return await body({ product, threads, others, run })
  } finally {
    dispose()
    useProducts(inUse)
  }
}

/** A product's operands, of random numbers, and what computes it. */
export function prepare(p: ProductShape, device = 'cpu'): { run: () => Tensor; dispose: () => void } {
  // A generator of its own: the caller's random numbers stay what they are.
  const options = { dtype: p.dtype, generator: new Generator(1), device }
  const operand = (rows: number, columns: number): Tensor =>
    randn(p.batch === 1 ? [rows, columns] : [p.batch, rows, columns], options)
  const storedA = p.transposedA ? operand(p.k, p.m) : operand(p.m, p.k)
  const storedB = p.transposedB ? operand(p.n, p.k) : operand(p.k, p.n)
  const a = p.transposedA ? storedA.transpose(-2, -1) : storedA
  const b = p.transposedB ? storedB.transpose(-2, -1) : storedB
  const packed = p.packed ? packMatrix(b) : null
  const owned = new Set([storedA, storedB, a, b])
  return {
    run: () => noGrad(() => (packed ? matmulPacked(a, packed) : matmul(a, b))),
    dispose() {
      packed?.dispose()
      for (const t of owned) t.dispose()
    },
  }
}

async function search(work: Workload, budget: number): Promise<Measured | null> {
  const first = await planned(work, null)
  if (first === undefined) return null
  const others: WatchedPlan[] = []
  for (const source of first.legal) {
    if (source === first.source) continue
    const plan = await planned(work, { source, rows: 0, columns: 0, limit: 0 })
    if (plan !== undefined) others.push(plan)
  }
  const repeats = await repeatsOf(work)
  const once = await sample(work, null, repeats)
  const affordable = Math.floor((FIRST_SHARE * budget) / ((FIRST_ROUNDS + 1) * repeats * once))
  const tried = await distinct(work, first, candidates(first, others, work.threads), Math.max(FEWEST, affordable))

  const [usual = [], ...times] = await rounds(work, [null, ...tried], FIRST_ROUNDS, repeats)
  const least = (t: readonly number[]): number => Math.min(...t)
  const finalists = tried
    .map((plan, i) => ({ plan, time: least(times[i] as number[]) }))
    .filter(({ time }) => time < least(usual))
    .sort((x, y) => x.time - y.time)
    .slice(0, FINALISTS)
    .map(({ plan }) => plan)
  // What is kept is decided by times of its own: the best of many had luck, too.
  if (finalists.length > 0) return { ...(await decide(work, finalists, repeats, budget)), tried: tried.length }
  return { usual: median(usual), best: median(usual), plan: null, tried: tried.length }
}

/** The fastest of the plans that are faster than the usual one, by a comparison of its own. */
async function decide(
  work: Workload,
  plans: readonly ProductPlan[],
  repeats: number,
  budget: number,
): Promise<Omit<Measured, 'tried'>> {
  const [least, most] = LAST_ROUNDS
  const round = (plans.length + 1) * repeats * (await sample(work, null, repeats))
  const count = Math.min(most, Math.max(least, Math.floor((LAST_SHARE * budget) / round)))
  const [usual = [], ...times] = await rounds(work, [null, ...plans], count, repeats)
  const faster = plans
    .map((plan, i) => ({ plan, times: times[i] as number[] }))
    .filter((one) => isFaster(one.times, usual))
    .sort((x, y) => median(x.times) - median(y.times))[0]
  return { usual: median(usual), best: median(faster?.times ?? usual), plan: faster?.plan ?? null }
}

/** How often a product is computed for a sample of some milliseconds. */
async function repeatsOf(work: Workload): Promise<number> {
  await sample(work, null, 1)
  return Math.min(1000, Math.max(1, Math.ceil(SAMPLE_MS / (await sample(work, null, 1)))))
}

/** Up to `most` of the plans: those that native code follows, and that come to something else than plans before them. */
async function distinct(
  work: Workload,
  usual: WatchedPlan,
  plans: readonly ProductPlan[],
  most: number,
): Promise<ProductPlan[]> {
  const { m, n } = work.product
  const identity = (p: WatchedPlan, limit: number): string =>
    [p.source, Math.min(p.rows, m), Math.min(p.columns, n), limit].join()
  const known = new Set([identity(usual, 0)])
  const kept: ProductPlan[] = []
  for (const plan of plans) {
    if (kept.length === most) break
    const followed = await planned(work, plan)
    if (followed === undefined || followed.source !== plan.source) continue
    const name = identity(followed, plan.limit)
    if (known.has(name)) continue
    known.add(name)
    // As it is followed, which may be less than was asked for.
    kept.push({
      ...plan,
      rows: plan.rows && Math.min(followed.rows, m),
      columns: plan.columns && Math.min(followed.columns, n),
    })
  }
  return kept
}

/** Every round takes one sample of each plan, from another one on: what slows the machine down slows all of them. */
async function rounds(
  work: Workload,
  plans: readonly (ProductPlan | null)[],
  count: number,
  repeats: number,
): Promise<number[][]> {
  const times: number[][] = plans.map(() => [])
  for (let round = 0; round < count; round++) {
    for (let i = 0; i < plans.length; i++) {
      const at = (i + round) % plans.length
      times[at]?.push(await sample(work, plans[at] ?? null, repeats))
    }
  }
  return times
}

function use(work: Workload, plan: ProductPlan | null): void {
  useProducts(plan === null ? work.others : [...work.others, { ...work, plan }])
}

/** Milliseconds of a product; the event loop turns between two samples. */
async function sample(work: Workload, plan: ProductPlan | null, repeats: number): Promise<number> {
  await turn()
  use(work, plan)
  const start = performance.now()
  for (let i = 0; i < repeats; i++) work.run().dispose()
  await streamOf('cpu').fence()
  return (performance.now() - start) / repeats
}

/** What native code makes of a plan; undefined where it plans nothing. Rejects when the product fails, for want of memory, say. */
async function planned(work: Workload, plan: ProductPlan | null): Promise<WatchedPlan | undefined> {
  use(work, plan)
  watchedPlans(work.product, work.threads)
  const element = scope(() => work.run().flatten().narrow(0, 0, 1))
  try {
    await element.data()
  } finally {
    element.dispose()
  }
  return watchedPlans(work.product, work.threads).at(-1)
}
