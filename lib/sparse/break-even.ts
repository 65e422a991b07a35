/**
 * Below which density a sparse product is faster than the dense one. Place in the whole: what kernel 'auto' asks; the table is
 * this machine's where calibrate.ts has measured it, else an estimate from kernel times on an AVX2 machine; CUDA has one of its own.
 */
import { ordinalOf } from '../engine/device.js'
import { readTuning } from '../engine/tuning-cache.js'
import { loadNative } from '../native/load.js'
import type { DType } from '../tensor/dtype.js'
import { SPARSE_FORMATS, type SparseFormat } from './formats.js'
import type { SparseMatrix } from './matrix.js'

/** Sides of square matrices, and columns of the dense operand, that are measured. */
export const SIDES = [256, 1024, 4096] as const
export const COLUMNS = [1, 8, 64, 256] as const

/** For each format: by side, by columns, the density from which on the dense product is faster (0: always; 1: never). */
export type BreakEven = Readonly<Record<SparseFormat, readonly (readonly number[])[]>>

export const SECTION = 'sparse.breakEven'

const BLOCKS = [
  [0.3, 0.4, 0.6, 0.6],
  [0.4, 0.5, 0.65, 0.65],
  [0.6, 0.6, 0.65, 0.65],
] as const

const DEFAULT: BreakEven = {
  csr: [
    [0.1, 0.2, 0.4, 0.4],
    [0.15, 0.2, 0.45, 0.5],
    [0.25, 0.25, 0.5, 0.5],
  ],
  bsr1x16: BLOCKS,
  bsr16x1: BLOCKS,
  bsr4x4: BLOCKS,
  '2:4': [
    [1, 0, 0, 0],
    [1, 0, 0, 0],
    [1, 0, 0, 0],
  ],
}

const CUDA_ELEMENTS = [
  [0.4, 0.25, 0.1, 0.1],
  [0.4, 0.25, 0.1, 0.1],
  [0.4, 0.25, 0.1, 0.1],
] as const
const CUDA_BLOCKS = [
  [0.5, 0.4, 0.25, 0.25],
  [0.5, 0.4, 0.25, 0.25],
  [0.5, 0.4, 0.25, 0.25],
] as const

/**
 * On CUDA, where nothing has been measured: few columns are bound by the bytes of values and columns, many by the L2 cache, from which
 * a block's rows are served together.
 */
const ON_CUDA: BreakEven = {
  csr: CUDA_ELEMENTS,
  bsr1x16: CUDA_ELEMENTS,
  bsr16x1: CUDA_BLOCKS,
  bsr4x4: CUDA_BLOCKS,
  '2:4': DEFAULT['2:4'],
}

let table: BreakEven | null = null

/** The table in use. */
export function breakEven(): BreakEven {
  table ??= checked(readTuning(SECTION)) ?? DEFAULT
  return table
}

export function setBreakEven(measured: BreakEven | null): void {
  table = measured
}

/** The table of a file, if it is one. */
function checked(x: unknown): BreakEven | null {
  if (typeof x !== 'object' || x === null) return null
  const isDensity = (d: unknown): boolean => typeof d === 'number' && d >= 0 && d <= 1
  const isRow = (row: unknown): boolean => Array.isArray(row) && row.length === COLUMNS.length && row.every(isDensity)
  const isTable = (rows: unknown): boolean => Array.isArray(rows) && rows.length === SIDES.length && rows.every(isRow)
  return SPARSE_FORMATS.every((f) => isTable((x as Record<string, unknown>)[f])) ? (x as BreakEven) : null
}

/** Of ascending measured sizes the one that is nearest by ratio. */
function nearest(sizes: readonly number[], n: number): number {
  let best = 0
  const far = (i: number): number => Math.abs(Math.log((sizes[i] as number) / Math.max(1, n)))
  for (let i = 1; i < sizes.length; i++) if (far(i) < far(best)) best = i
  return best
}

/**
 * Whether CUDA multiplies s by the instructions that are there for 2:4: in 16 bits, at twice the dense rate and reading half the bytes.
 * They take the matrix, not its transpose, which is what a gradient needs; codes of 8 bits are converted with every product.
 */
function hasTensorCores(s: SparseMatrix, product: ProductKind): boolean {
  const { dtype, recorded } = product
  const ordinal = ordinalOf(s.device)
  if (s.format !== '2:4' || s.transposed || recorded || ordinal === undefined) return false
  return (dtype === 'bf16' || dtype === 'f16') && s.dtype === dtype && driverOf(ordinal) >= OLDEST_DRIVER
}

/** CUDA 12.5, as native code counts versions: the first whose drivers compile those instructions (cuda/kernels/sparse/two_of_four.cpp). */
const OLDEST_DRIVER = 12050
const drivers = new Map<number, number>()
function driverOf(ordinal: number): number {
  let driver = drivers.get(ordinal)
  if (driver === undefined) drivers.set(ordinal, (driver = loadNative().cudaDevice(ordinal).driver))
  return driver
}

/** What a choice depends on beside the sizes. */
export interface ProductKind {
  /** Of the result. */
  dtype: DType
  /** Gradients will be asked for. */
  recorded: boolean
}

/** Whether the dense product of s with n columns (or rows) is the faster one. */
export function prefersDense(s: SparseMatrix, n: number, product: ProductKind): boolean {
  if (hasTensorCores(s, product)) return false
  const side = Math.sqrt(s.rows * s.cols)
  const known = ordinalOf(s.device) === undefined ? breakEven() : ON_CUDA
  const row = known[s.format][nearest(SIDES, side)] as readonly number[]
  return s.density >= (row[nearest(COLUMNS, n)] as number)
}
