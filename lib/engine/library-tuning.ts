/**
 * Which products NVIDIA's cuBLASLt computes on a CUDA device, measured by `tuneCuda`. Place in the whole: one section of the tuning
 * file, read when a process opens the device and handed to native code (cuda/vendor/choices.h), where all threads of the process use it.
 *
 * An entry holds for a device of that name, under that version of its driver and of the library, and for that precision of f32.
 */
import { loadNative } from '../native/load.js'
import { DTYPES } from '../tensor/dtype.js'
import type { MatmulPrecision } from './cuda.js'
import { formatProduct, type ProductShape } from './product-shape.js'
import { fileWanted, isWhole, productOf } from './product-tuning.js'
import { readTuning, writeTuning } from './tuning-cache.js'

/** What a product was measured on. */
export interface Setting {
  readonly device: string
  /** As `cuda.properties()` has it. */
  readonly driver: number
  readonly library: string
  readonly precision: MatmulPrecision
}

export interface Choice extends Setting {
  readonly product: ProductShape
  /** The library's algorithm, as it orders them; -1: kernels of our own. */
  readonly algorithm: number
}

export const SECTION = 'cuda products'
/** Of a file: more are a mistake. */
const MOST_CHOICES = 10_000
/** Algorithms that native code tells apart. */
export const ALGORITHMS = 8
/** Numbers a product in native code (native/addon/vendor.cpp): its key, then the algorithm. */
const WORDS = 9
const CUBLASLT = 0

/** The choices of a section; what is none is left out. */
export function readChoices(section: unknown): Choice[] {
  if (!Array.isArray(section)) return []
  return section.slice(0, MOST_CHOICES).flatMap((entry) => {
    const { device, driver, library, precision, product, algorithm } = (entry ?? {}) as Record<string, unknown>
    const shape = typeof product === 'string' ? productOf(product) : undefined
    if (typeof device !== 'string' || typeof library !== 'string' || !isWhole(driver, 0, 2 ** 31)) return []
    if (precision !== 'ieee' && precision !== 'tf32') return []
    if (shape === undefined || shape.packed || (algorithm !== -1 && !isWhole(algorithm, 0, ALGORITHMS - 1))) return []
    return [{ device, driver, library, precision, product: shape, algorithm: algorithm as number }]
  })
}

const written = (choice: Choice): object => ({ ...choice, product: formatProduct(choice.product) })

const sameSetting = (a: Setting, b: Omit<Setting, 'precision'>): boolean =>
  a.device === b.device && a.driver === b.driver && a.library === b.library

export const sameChoice = (a: Choice, b: Omit<Choice, 'algorithm'>): boolean =>
  sameSetting(a, b) && a.precision === b.precision && formatProduct(a.product) === formatProduct(b.product)

/** The file's choices, of all devices. */
export const savedChoices = (): Choice[] => readChoices(readTuning(SECTION))

/**
 * Puts a choice into the file, in place of what it says of that product.
 * @throws SinterError SINTER_CACHE when it cannot be written
 */
export function saveChoice(choice: Choice): void {
  writeTuning(SECTION, [...savedChoices().filter((c) => !sameChoice(c, choice)), choice].map(written))
}

/** Takes all choices out of the file and out of use, and returns how many the file had. */
export function clearChoices(): number {
  const { length } = savedChoices()
  if (readTuning(SECTION) !== undefined) writeTuning(SECTION, undefined)
  const native = loadNative()
  for (let i = 0; i < native.probeCuda().devices; i++) if (native.cudaVendorChoices(i) > 0) useChoices(i, [])
  return length
}

/**
 * A product as native code names it: dtype, tf32, transposed a and b, batch, m, n, k. One row, or one column, lies the same both ways.
 */
export const keyOf = (p: ProductShape, precision: MatmulPrecision): number[] => [
  DTYPES.indexOf(p.dtype),
  Number(p.dtype === 'f32' && precision === 'tf32'),
  Number(p.transposedA && p.m > 1),
  Number(p.transposedB && p.k > 1),
  p.batch,
  p.m,
  p.n,
  p.k,
]

/** Hands a device's choices to native code, for all threads of the process, in place of those before. */
export function useChoices(ordinal: number, choices: readonly Choice[]): void {
  const words = new Float64Array(choices.length * WORDS)
  choices.forEach(({ product, precision, algorithm }, i) => {
    words.set([...keyOf(product, precision), algorithm], i * WORDS)
  })
  loadNative().cudaSetVendorChoices(ordinal, words)
}

/** The library that products are computed by, or why it is not here. Opens it. */
export function productLibrary(): { version: string; missing: string } {
  const { name, version, missing } = loadNative().cudaLibrary(CUBLASLT) as { name: string } & ReturnType<
    typeof productLibrary
  >
  return { version: version && `${name} ${version}`, missing }
}

/** The choices of these that hold for a device as it is now; the library is opened where any could. */
export function choicesFor(ordinal: number, all: readonly Choice[]): Choice[] {
  if (all.length === 0) return []
  const { name, driver } = loadNative().cudaDevice(ordinal)
  const candidates = all.filter((c) => c.device === name && c.driver === driver)
  if (candidates.length === 0) return []
  const { version } = productLibrary()
  return candidates.filter((c) => c.library === version)
}

/** Brings the file's choices for a device into use, once a process: its other threads find them there. */
export function loadChoices(ordinal: number): void {
  if (!fileWanted() || loadNative().cudaVendorChoices(ordinal) >= 0) return
  useChoices(ordinal, choicesFor(ordinal, savedChoices()))
}
