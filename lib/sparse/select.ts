/** Which elements of a dense matrix are kept. Place in the whole: from host values and options to a pattern. */
import { ValueError } from '../errors.js'
import { filled } from '../filled.js'
import type { FormatInfo, SparseFormat } from './formats.js'
import { SparsePattern } from './pattern.js'

/** At most one of the three; by default what is not 0 is kept (2:4: the two largest of every four). */
export interface Selection {
  /** (rows, cols), row-major: what is kept. It must have the format's form: whole blocks, two of every four. */
  mask?: ArrayLike<unknown> | null
  /** Elements whose magnitude, blocks whose mean magnitude is at least this. */
  threshold?: number | undefined
  /** The share of elements or blocks that is kept: those of the largest (mean) magnitudes, of equal ones the first. */
  density?: number | undefined
}

type Values = ArrayLike<number>

export function selectPattern(
  format: SparseFormat,
  info: FormatInfo,
  values: Values,
  [rows, cols]: readonly [number, number],
  selection: Selection,
): SparsePattern {
  const { mask, threshold, density } = selection
  const asked = [mask, threshold, density].filter((x) => x != null).length
  if (asked > 1) throw new ValueError('SparseMatrix.from: mask, threshold and density exclude one another')
  if (format === '2:4') {
    if (threshold !== undefined || density !== undefined)
      throw new ValueError("SparseMatrix.from: '2:4' keeps two of every four; it takes no threshold and no density")
    return new SparsePattern(format, rows, cols, null, mask ? pairsOfMask(mask, rows, cols) : pairs(values, rows, cols))
  }
  const grid = new Grid(info, rows, cols)
  const kept = mask
    ? grid.ofMask(mask)
    : threshold === undefined && density === undefined
      ? grid.nonzero(values)
      : grid.largest(values, threshold, density)
  const [pointers, columns] = grid.lists(kept)
  return new SparsePattern(format, rows, cols, pointers, columns)
}

/** The blocks of a matrix; those at the edges are smaller. */
class Grid {
  readonly #info: FormatInfo
  readonly #rows: number
  readonly #cols: number
  readonly #down: number
  readonly #across: number

  constructor(info: FormatInfo, rows: number, cols: number) {
    this.#info = info
    this.#rows = rows
    this.#cols = cols
    this.#down = Math.ceil(rows / info.height)
    this.#across = Math.ceil(cols / info.width)
  }

  /** visit(block, row-major index of the element). */
  #each(visit: (block: number, at: number) => void): void {
    const { height, width } = this.#info
    for (let r = 0, at = 0; r < this.#rows; r++) {
      const first = Math.floor(r / height) * this.#across
      for (let c = 0; c < this.#cols; c++, at++) visit(first + Math.floor(c / width), at)
    }
  }

  nonzero(values: Values): Uint8Array {
    const kept = new Uint8Array(this.#down * this.#across)
    this.#each((block, at) => {
      if (values[at] !== 0) kept[block] = 1
    })
    return kept
  }

  ofMask(mask: ArrayLike<unknown>): Uint8Array {
    const kept = new Uint8Array(this.#down * this.#across)
    const [seen, { height, width }] = [new Uint8Array(kept.length), this.#info]
    this.#each((block, at) => {
      const on = mask[at] ? 1 : 0
      if (seen[block] === 1 && kept[block] !== on) {
        const [r, c] = [Math.floor(at / this.#cols), at % this.#cols]
        throw new ValueError(
          `SparseMatrix.from: the mask is ${on === 1} at (${r}, ${c}) and ${kept[block] === 1} elsewhere in its block of ${height} x ${width}; whole blocks are kept`,
        )
      }
      kept[block] = on
      seen[block] = 1
    })
    return kept
  }

  largest(values: Values, threshold: number | undefined, density: number | undefined): Uint8Array {
    if (density !== undefined && !(density >= 0 && density <= 1))
      throw new ValueError(`SparseMatrix.from: density ${density} is not between 0 and 1`)
    const scores = this.#means(values)
    if (threshold !== undefined)
      return filled(new Uint8Array(scores.length), (i) => ((scores[i] as number) >= threshold ? 1 : 0))
    return largestOf(scores, Math.round((density as number) * scores.length))
  }

  #means(values: Values): Float32Array {
    const scores = new Float32Array(this.#down * this.#across)
    const { height, width } = this.#info
    if (height * width === 1) return filled(scores, (i) => Math.abs(values[i] as number))
    const counts = new Uint8Array(scores.length)
    this.#each((block, at) => {
      ;(scores[block] as number) += Math.abs(values[at] as number)
      ;(counts[block] as number)++
    })
    return scores.map((x, block) => x / (counts[block] as number))
  }

  lists(kept: Uint8Array): [pointers: Int32Array, columns: Int32Array] {
    const pointers = new Int32Array(this.#down + 1)
    const columns = new Int32Array(kept.reduce((n, x) => n + x, 0))
    for (let r = 0, e = 0, at = 0; r < this.#down; r++) {
      for (let c = 0; c < this.#across; c++, at++) if (kept[at] === 1) columns[e++] = c
      pointers[r + 1] = e
    }
    return [pointers, columns]
  }
}

/** Marks the k largest of non-negative numbers (a NaN is larger than all), of equal ones the first. Their bits order them. */
export function largestOf(scores: Float32Array, k: number): Uint8Array {
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length)
  const kept = new Uint8Array(scores.length)
  if (k === 0) return kept
  // The k-th largest, sixteen bits at a time.
  const high = new Uint32Array(65536)
  for (const x of bits) (high[(x & 0x7fffffff) >>> 16] as number)++
  let [left, top] = [k, 65535]
  while (left > (high[top] as number)) left -= high[top--] as number
  const low = new Uint32Array(65536)
  for (const x of bits) if ((x & 0x7fffffff) >>> 16 === top) (low[x & 65535] as number)++
  let bottom = 65535
  while (left > (low[bottom] as number)) left -= low[bottom--] as number
  const bound = top * 65536 + bottom
  bits.forEach((x, i) => {
    const magnitude = x & 0x7fffffff
    if (magnitude > bound || (magnitude === bound && left-- > 0)) kept[i] = 1
  })
  return kept
}

// ---- 2:4. A group is the first of its four columns; the last one may be shorter.

/** Positions of row r, group g into the words. A missing second one is the next place, beyond the matrix. */
function put(words: Int32Array, rowWords: number, r: number, g: number, first: number, second: number): void {
  ;(words[r * rowWords + (g >> 3)] as number) |= (first | (second << 2)) << ((g & 7) * 4)
}

function pairs(values: Values, rows: number, cols: number): Int32Array {
  const rowWords = Math.ceil(cols / 32)
  const words = new Int32Array(rows * rowWords)
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < cols; c += 4) {
      const row = r * cols
      let [first, second] = [c, -1]
      const size = (i: number): number => {
        const x = Math.abs(values[row + i] as number)
        return Number.isNaN(x) ? Number.POSITIVE_INFINITY : x
      }
      for (let i = c + 1; i < Math.min(c + 4, cols); i++) {
        if (size(i) > size(first)) [first, second] = [i, first]
        else if (second < 0 || size(i) > size(second)) second = i
      }
      if (second < 0) second = first + 1
      put(words, rowWords, r, c / 4, Math.min(first, second) - c, Math.max(first, second) - c)
    }
  return words
}

function pairsOfMask(mask: ArrayLike<unknown>, rows: number, cols: number): Int32Array {
  const rowWords = Math.ceil(cols / 32)
  const words = new Int32Array(rows * rowWords)
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < cols; c += 4) {
      const end = Math.min(c + 4, cols)
      const kept: number[] = []
      for (let i = c; i < end; i++) if (mask[r * cols + i]) kept.push(i - c)
      const wanted = Math.min(2, end - c)
      if (kept.length !== wanted)
        throw new ValueError(
          `SparseMatrix.from: the mask keeps ${kept.length} of row ${r}, columns ${c} to ${end - 1}; '2:4' keeps ${wanted} of them`,
        )
      put(words, rowWords, r, c / 4, kept[0] as number, kept[1] ?? (kept[0] as number) + 1)
    }
  return words
}
