/** The elements of a pattern, one by one. Place in the whole: what everything that looks at single elements goes through. */

import { filled } from '../filled.js'
import type { SparsePattern } from './pattern.js'

/** visit(row, column, index of the value), in the values' order; blocks at the edges reach beyond the matrix. */
export function placesOf(p: SparsePattern, visit: (row: number, col: number, at: number) => void): void {
  const { rows, pointers, columns } = p
  const { height, width } = p.info
  if (pointers === null) {
    const { groups } = p
    const words = Math.ceil(groups / 8)
    for (let r = 0, at = 0; r < rows; r++)
      for (let i = 0; i < 2 * groups; i++, at++) {
        const position = ((columns[r * words + (i >> 4)] as number) >>> ((i & 15) * 2)) & 3
        visit(r, (i >> 1) * 4 + position, at)
      }
    return
  }
  for (let block = 0, at = 0; block + 1 < pointers.length; block++)
    for (let e = pointers[block] as number; e < (pointers[block + 1] as number); e++) {
      const first = (columns[e] as number) * width
      for (let i = 0; i < height; i++) for (let j = 0; j < width; j++) visit(block * height + i, first + j, at++)
    }
}

/** Entries by rows: single elements, or blocks. `at` says which value or block each one is. */
export interface Entries {
  rows: number
  cols: number
  pointers: Int32Array
  columns: Int32Array
  at: Int32Array
}

/** The elements inside the matrix, by rows. */
export function elementsOf(p: SparsePattern): Entries {
  const { rows, cols } = p
  const pointers = new Int32Array(rows + 1)
  placesOf(p, (row, col) => {
    if (row < rows && col < cols) (pointers[row + 1] as number)++
  })
  for (let r = 0; r < rows; r++) (pointers[r + 1] as number) += pointers[r] as number
  const next = pointers.slice(0, rows)
  const columns = new Int32Array(pointers[rows] as number)
  const at = new Int32Array(columns.length)
  placesOf(p, (row, col, value) => {
    if (row >= rows || col >= cols) return
    const e = next[row] as number
    next[row] = e + 1
    columns[e] = col
    at[e] = value
  })
  return { rows, cols, pointers, columns, at }
}

/** The blocks, by rows of blocks. */
export function blocksOf(p: SparsePattern): Entries {
  return {
    rows: Math.ceil(p.rows / p.info.height),
    cols: Math.ceil(p.cols / p.info.width),
    pointers: p.pointers as Int32Array,
    columns: p.columns,
    at: filled(new Int32Array(p.columns.length), (e) => e),
  }
}

/** Entries by columns, each column's in the order of the rows. */
export function transposedEntries({ rows, cols, pointers, columns, at }: Entries): Entries {
  const starts = new Int32Array(cols + 1)
  for (const c of columns) (starts[c + 1] as number)++
  for (let c = 0; c < cols; c++) (starts[c + 1] as number) += starts[c] as number
  const next = starts.slice(0, cols)
  const turned: Entries = {
    rows: cols,
    cols: rows,
    pointers: starts,
    columns: new Int32Array(columns.length),
    at: new Int32Array(columns.length),
  }
  for (let r = 0; r < rows; r++)
    for (let e = pointers[r] as number; e < (pointers[r + 1] as number); e++) {
      const c = columns[e] as number
      const to = next[c] as number
      next[c] = to + 1
      turned.columns[to] = r
      turned.at[to] = at[e] as number
    }
  return turned
}
