/**
 * Choices for single products, measured by `sinter tune`. Place in the whole: one section of the tuning file, read when a process
 * first computes and handed to native code, where all threads of the process use it.
 *
 * What a file says is checked here and bounded again there. A choice decides how the work is cut and by whom it is done, never in
 * which order an element's products are added: results are the same bits with and without it.
 */
import { SinterError } from '../errors.js'
import { loadNative } from '../native/load.js'
import { DTYPES } from '../tensor/dtype.js'
import { formatProduct, type ProductShape, parseProduct } from './product-shape.js'
import { readTuning, tuningFile, writeTuning } from './tuning-cache.js'

/** Where the panels of b come from: read where it lies, packed a task, packed once for all tasks, packed before the product. */
export const SOURCES = ['in place', 'own', 'shared', 'ready'] as const
export type Source = (typeof SOURCES)[number]

/** How a product is computed; 0 leaves a number to the engine. */
export interface ProductPlan {
  readonly source: Source
  /** Of the result, a task; rounded up to whole tiles of registers. */
  readonly rows: number
  readonly columns: number
  /** The most threads that take part. */
  readonly limit: number
}

export interface TunedProduct {
  readonly product: ProductShape
  /** Threads of the pool it was measured with, and holds for. */
  readonly threads: number
  readonly plan: ProductPlan
}

export const SECTION = 'products'
/** Of a file: more are a mistake. */
const MOST_PRODUCTS = 10_000
const MOST_THREADS = 256
const MOST_BLOCK = 2 ** 30
/** Numbers a product in native code (native/addon/tuning.cpp): its key, then its plan. */
const WORDS = 13
const KEY_WORDS = 9

export const isWhole = (x: unknown, least: number, most: number): x is number =>
  Number.isInteger(x) && (x as number) >= least && (x as number) <= most

/** The products of a section; what is none is left out. */
export function readProducts(section: unknown): TunedProduct[] {
  if (!Array.isArray(section)) return []
  return section.slice(0, MOST_PRODUCTS).flatMap((entry) => {
    const { product, threads, source, rows, columns, limit } = (entry ?? {}) as Record<string, unknown>
    const shape = typeof product === 'string' ? productOf(product) : undefined
    const from = SOURCES.find((s) => s === source)
    if (shape === undefined || from === undefined || !isWhole(threads, 1, MOST_THREADS)) return []
    if (!isWhole(rows, 0, MOST_BLOCK) || !isWhole(columns, 0, MOST_BLOCK) || !isWhole(limit, 0, MOST_THREADS)) return []
    return [{ product: shape, threads, plan: { source: from, rows, columns, limit } }]
  })
}

export function productOf(text: string): ProductShape | undefined {
  try {
    return parseProduct(text)
  } catch {
    return undefined
  }
}

const written = ({ product, threads, plan }: TunedProduct): object => ({
  product: formatProduct(product),
  threads,
  ...plan,
})

export const sameProduct = (a: TunedProduct, b: Omit<TunedProduct, 'plan'>): boolean =>
  a.threads === b.threads && formatProduct(a.product) === formatProduct(b.product)

/** The file's products. */
export const savedProducts = (): TunedProduct[] => readProducts(readTuning(SECTION))

/**
 * Puts a product's plan into the file, or with null takes it out of it.
 * @throws SinterError SINTER_CACHE when it cannot be written
 */
export function saveProduct(of: Omit<TunedProduct, 'plan'>, plan: ProductPlan | null): void {
  const before = savedProducts()
  const others = before.filter((p) => !sameProduct(p, of))
  if (plan === null && others.length === before.length) return
  writeTuning(SECTION, [...others, ...(plan === null ? [] : [{ ...of, plan }])].map(written))
}

/** Takes all products out of the file and out of use, and returns how many the file had. */
export function clearProducts(): number {
  const { length } = savedProducts()
  if (readTuning(SECTION) !== undefined) writeTuning(SECTION, undefined)
  useProducts([])
  return length
}

/** Hands products to native code, for all threads of the process, in place of those before. */
export function useProducts(products: readonly TunedProduct[]): void {
  const words = new Float64Array(products.length * WORDS)
  products.forEach(({ product: p, threads, plan }, i) => {
    words.set([...keyOf(p, threads), SOURCES.indexOf(plan.source), plan.rows, plan.columns, plan.limit], i * WORDS)
  })
  loadNative().setTunedProducts(words)
}

const keyOf = (p: ProductShape, threads: number): number[] => [
  DTYPES.indexOf(p.dtype),
  Number(p.transposedA),
  Number(p.transposedB),
  Number(p.packed),
  threads,
  p.batch,
  p.m,
  p.n,
  p.k,
]

/** A plan as the engine made it. */
export interface WatchedPlan extends ProductPlan {
  readonly legal: readonly Source[]
  /** Rows and columns of a tile of registers. */
  readonly tile: readonly [number, number]
  readonly tasks: number
}

/** What native code planned since it was last asked, for this product alone; while it watches. */
export function watchedPlans(product: ProductShape, threads: number): WatchedPlan[] {
  const words = loadNative().takeWatchedProducts()
  const key = keyOf(product, threads)
  const plans: WatchedPlan[] = []
  for (let i = 0; i < words.length; i += KEY_WORDS + 7) {
    if (!key.every((word, j) => word === words[i + j])) continue
    const [legal, source, rows, columns, tileRows, tileColumns, tasks] = words.slice(i + KEY_WORDS) as [number] &
      number[]
    plans.push({
      legal: SOURCES.filter((_, s) => (legal >> s) & 1),
      source: SOURCES[source as number] as Source,
      rows: rows as number,
      columns: columns as number,
      limit: 0,
      tile: [tileRows as number, tileColumns as number],
      tasks: tasks as number,
    })
  }
  return plans
}

const NO_FILE = 'off'

/** Whether the environment leaves measurements to be used. @throws SinterError where it says something else */
export function fileWanted(): boolean {
  const asked = process.env['SINTER_TUNING']
  if (asked && asked !== NO_FILE) {
    throw new SinterError(
      'SINTER_VALUE',
      `SINTER_TUNING=${asked} is not ${NO_FILE}: leave it out to use the tuning file`,
    )
  }
  return !asked
}

/** Brings the file's products into use, once a process: its other threads find them there. */
export function loadProducts(): void {
  if (!fileWanted() || loadNative().tunedProducts() >= 0) return
  useProducts(savedProducts())
}

/** For `engine.info()`. */
export function describeTuning(): string {
  const count = Math.max(0, loadNative().tunedProducts())
  if (count > 0) return `${count} product${count === 1 ? '' : 's'}; the file is ${tuningFile()}`
  return process.env['SINTER_TUNING'] === NO_FILE ? 'off (SINTER_TUNING)' : 'none (`sinter tune` measures products)'
}
