/**
 * Plans: the order in which native code multiplies a pattern. Place in the whole: native/cpu/sparse/plan.h describes the words
 * and what they are good for; made once a pattern and direction, for the CPU or for a device.
 */
import { blocksOf, type Entries, elementsOf, transposedEntries } from './elements.js'
import type { SparsePattern } from './pattern.js'

/** 'best': four rows at a time where the format's blocks allow it. 'rows': one row at a time. */
export type PlanKind = 'best' | 'rows'

const HEADER = 16
/** Rows of a tile: its sums stay in the second-level cache. Fewer where there are few, so that threads have work. */
const TILE_ROWS = 512
const ROW_TILES = 8
/** Columns of a tile at least: their part of a strip stays in the first-level cache. More where elements are few. */
const TILE_DEPTH = 128
/** Of four rows at a time: their strips are narrower. */
const BLOCKS_DEPTH = 256
const LARGEST_DEPTH = 32768
/** Elements of a row in a tile at least: each line costs about as much as a few elements. */
const LINE_ELEMENTS = 6

const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to

export interface TileSize {
  rows: number
  depth: number
}

function tileSize(rows: number, depth: number, elements: number, least: number): TileSize {
  const wanted = (LINE_ELEMENTS * rows * depth) / Math.max(1, elements)
  return {
    rows: Math.min(TILE_ROWS, roundUp(Math.max(1, Math.ceil(rows / ROW_TILES)), 16)),
    depth: Math.min(LARGEST_DEPTH, Math.max(least, roundUp(Math.min(wanted, depth), 16))),
  }
}

export function makePlan(
  p: SparsePattern,
  transposed: boolean,
  kind: PlanKind,
  tile?: TileSize,
): { words: Int32Array; slots: number } {
  const [rows, depth] = transposed ? [p.cols, p.rows] : [p.rows, p.cols]
  const blocks = kind === 'best' && p.format.startsWith('bsr')
  const size = tile ?? tileSize(rows, depth, p.elements, blocks ? BLOCKS_DEPTH : TILE_DEPTH)
  const entries = blocks ? blocksOf(p) : elementsOf(p)
  const oriented = transposed ? transposedEntries(entries) : entries
  const builder = new Builder(rows, depth, size.rows, size.depth, blocks ? 4 : 1)
  if (!blocks) planRows(builder, oriented)
  else planBlocks(builder, oriented, p, transposed)
  return { words: builder.words(), slots: builder.slots }
}

/**
 * The plan of a device with threads for every row: what the pattern is, of the matrix that is multiplied; cuda/kernels/sparse/sparse.h
 * describes it. Blocks stay blocks.
 */
export function makeDevicePlan(p: SparsePattern, transposed: boolean): { words: Int32Array; slots: number } {
  const entries = p.format.startsWith('bsr') ? blocksOf(p) : elementsOf(p)
  const { pointers, columns, at } = transposed ? transposedEntries(entries) : entries
  const words = new Int32Array(pointers.length + columns.length + at.length)
  words.set(pointers)
  words.set(columns, pointers.length)
  words.set(at, pointers.length + columns.length)
  const { height, width } = p.info
  return { words, slots: at.length * (p.format.startsWith('bsr') ? height * width : 1) }
}

/** Lists that grow, tile by tile. */
class Builder {
  readonly rows: number
  readonly depth: number
  readonly tileRows: number
  readonly tileDepth: number
  readonly kind: 1 | 4
  run = 1
  readonly tiles: number[] = []
  lineWords = 0
  lines = new Uint32Array(1024)
  runs = 0
  offsets = new Uint16Array(1024)
  slots = 0
  order = new Int32Array(1024)

  constructor(rows: number, depth: number, tileRows: number, tileDepth: number, kind: 1 | 4) {
    this.rows = rows
    this.depth = depth
    this.tileRows = tileRows
    this.tileDepth = tileDepth
    this.kind = kind
  }

  /** fill(first row, first column) for every tile, in order. */
  eachTile(fill: (row: number, col: number) => void): void {
    for (let row = 0; row < this.rows; row += this.tileRows)
      for (let col = 0; col < this.depth; col += this.tileDepth) {
        this.#mark()
        fill(row, col)
      }
    this.#mark()
  }

  #mark(): void {
    this.tiles.push(this.lineWords / (this.kind === 1 ? 1 : 3), this.runs, this.slots)
  }

  line(word: number): void {
    if (this.lineWords === this.lines.length) this.lines = grown(this.lines, new Uint32Array(2 * this.lines.length))
    this.lines[this.lineWords++] = word
  }
  offset(value: number): void {
    if (this.runs === this.offsets.length) this.offsets = grown(this.offsets, new Uint16Array(2 * this.offsets.length))
    this.offsets[this.runs++] = value
  }
  slot(value: number): void {
    if (this.slots === this.order.length) this.order = grown(this.order, new Int32Array(2 * this.order.length))
    this.order[this.slots++] = value
  }

  words(): Int32Array {
    const lines = HEADER + this.tiles.length
    const offsets = lines + this.lineWords
    const order = offsets + Math.ceil(this.runs / 2)
    const words = new Int32Array(order + this.slots)
    words.set([this.kind, this.run, this.rows, this.depth, this.tileRows, this.tileDepth])
    words.set(this.tiles, HEADER)
    words.set(this.lines.subarray(0, this.lineWords), lines)
    new Uint16Array(words.buffer, offsets * 4).set(this.offsets.subarray(0, this.runs))
    words.set(this.order.subarray(0, this.slots), order)
    return words
  }
}

function grown<A extends Uint32Array | Uint16Array | Int32Array>(from: A, to: A): A {
  to.set(from)
  return to
}

/** Where each row's entries end before column `end`, by the lengths found from `next` on: rows of equal length side by side. */
class Lengths {
  readonly #next: Int32Array
  readonly #entries: Entries
  readonly order: Int32Array
  readonly counts: Int32Array
  readonly starts: Int32Array

  constructor(entries: Entries, tileRows: number) {
    this.#entries = entries
    this.#next = entries.pointers.slice(0, entries.rows)
    this.order = new Int32Array(tileRows)
    this.counts = new Int32Array(tileRows)
    this.starts = new Int32Array(tileRows)
  }

  /** Rows first .. last with entries before column `end`, from the shortest to the longest; returns how many there are. */
  take(first: number, last: number, end: number): number {
    const { pointers, columns } = this.#entries
    let [longest, found] = [0, 0]
    for (let r = first; r < last; r++) {
      const from = this.#next[r] as number
      let e = from
      while (e < (pointers[r + 1] as number) && (columns[e] as number) < end) e++
      this.#next[r] = e
      this.starts[r - first] = from
      this.counts[r - first] = e - from
      longest = Math.max(longest, e - from)
    }
    const before = new Int32Array(longest + 2)
    for (let r = 0; r < last - first; r++) (before[(this.counts[r] as number) + 1] as number)++
    before[1] = 0 // rows without entries are left out
    for (let n = 1; n <= longest; n++) (before[n + 1] as number) += before[n] as number
    for (let r = 0; r < last - first; r++) {
      const count = this.counts[r] as number
      if (count === 0) continue
      const to = before[count] as number
      before[count] = to + 1
      this.order[to] = r
      found++
    }
    return found
  }
}

/** Kind 1: a line a row. Rows of equal length follow one another, so that the end of their loops is foreseen. */
function planRows(b: Builder, entries: Entries): void {
  const lengths = new Lengths(entries, b.tileRows)
  b.eachTile((row, col) => {
    const found = lengths.take(row, Math.min(row + b.tileRows, b.rows), col + b.tileDepth)
    for (let i = 0; i < found; i++) {
      const r = lengths.order[i] as number
      const [start, count] = [lengths.starts[r] as number, lengths.counts[r] as number]
      b.line(r | (count << 16))
      for (let e = start; e < start + count; e++) {
        b.offset((entries.columns[e] as number) - col)
        b.slot(entries.at[e] as number)
      }
    }
  })
}

function planBlocks(b: Builder, blocks: Entries, p: SparsePattern, transposed: boolean): void {
  const { height, width } = p.info
  // What the blocks of the matrix that is multiplied look like, and where its element (i, j) lies in the stored block.
  const [tall, long] = transposed ? [width, height] : [height, width]
  const [stepRow, stepCol] = transposed ? [1, width] : [width, 1]
  b.run = long
  const lengths = new Lengths(blocks, b.tileRows / tall)
  /** The slots of one run: four rows from row `i` of the block on; -1 for what lies beyond the matrix. */
  const slots = (row: number, col: number, block: number, i: number): void => {
    for (let j = 0; j < long; j++)
      for (let k = i; k < i + 4; k++) {
        const inside = row + k < b.rows && col + j < b.depth
        b.slot(inside ? (blocks.at[block] as number) * height * width + k * stepRow + j * stepCol : -1)
      }
  }
  b.eachTile((row, col) => {
    const first = row / tall
    const last = Math.min((row + b.tileRows) / tall, blocks.rows)
    const found = lengths.take(first, last, (col + b.tileDepth) / long)
    if (tall === 1) return planShared(b, blocks, lengths, found, col)
    for (let n = 0; n < found; n++) {
      const r = lengths.order[n] as number
      const [start, count] = [lengths.starts[r] as number, lengths.counts[r] as number]
      for (let i = 0; i < tall; i += 4) {
        const top = r * tall + i
        b.line(top | ((top + 1) << 16))
        b.line((top + 2) | ((top + 3) << 16))
        b.line(count)
        for (let e = start; e < start + count; e++) {
          const at = (blocks.columns[e] as number) * long
          b.offset(at - col)
          slots(row + r * tall, at, e, i)
        }
      }
    }
  })
}

/** Blocks of one row: lines of four rows that have the same block's columns, filled up with a row that does not count. */
function planShared(b: Builder, blocks: Entries, lengths: Lengths, found: number, col: number): void {
  const { run } = b
  const sharing: number[][] = Array.from({ length: Math.ceil(b.tileDepth / run) }, () => [])
  const rows = lengths.order.slice(0, found).sort()
  for (const r of rows) {
    const [start, count] = [lengths.starts[r] as number, lengths.counts[r] as number]
    for (let e = start; e < start + count; e++) sharing[(blocks.columns[e] as number) - col / run]?.push(r, e)
  }
  sharing.forEach((list, n) => {
    for (let i = 0; i < list.length; i += 8) {
      const four = [0, 2, 4, 6].map((k) => list[i + k] ?? b.tileRows)
      b.line((four[0] as number) | ((four[1] as number) << 16))
      b.line((four[2] as number) | ((four[3] as number) << 16))
      b.line(1)
      b.offset(n * run)
      for (let j = 0; j < run; j++)
        for (let k = 0; k < 4; k++) {
          const block = list[i + 2 * k + 1]
          const inside = block !== undefined && col + n * run + j < b.depth
          b.slot(inside ? (blocks.at[block] as number) * run + j : -1)
        }
    }
  })
}
