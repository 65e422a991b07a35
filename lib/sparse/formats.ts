/** The layouts of sparse matrices. Place in the whole: the names, and what each means in numbers. */
import { ValueError } from '../errors.js'

/**
 * How the kept elements are laid out: single elements (CSR), blocks of 1 row x 16 columns, 16 x 1 or 4 x 4, or exactly two of
 * every four neighbours of a row.
 */
export type SparseFormat = 'csr' | 'bsr1x16' | 'bsr16x1' | 'bsr4x4' | '2:4'

export interface FormatInfo {
  /** As native code knows it: native/ops.def. */
  readonly code: number
  /** Rows and columns of a block. */
  readonly height: number
  readonly width: number
}

export const FORMATS: Readonly<Record<SparseFormat, FormatInfo>> = {
  csr: { code: 0, height: 1, width: 1 },
  bsr1x16: { code: 1, height: 1, width: 16 },
  bsr16x1: { code: 2, height: 16, width: 1 },
  bsr4x4: { code: 3, height: 4, width: 4 },
  '2:4': { code: 4, height: 1, width: 4 },
}

export const SPARSE_FORMATS = Object.keys(FORMATS) as SparseFormat[]

export function formatInfo(op: string, format: string): FormatInfo {
  const info = FORMATS[format as SparseFormat] as FormatInfo | undefined
  if (!info) throw new ValueError(`${op}: format '${format}' is not one of ${SPARSE_FORMATS.join(', ')}`)
  return info
}
