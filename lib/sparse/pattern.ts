/**
 * Where a sparse matrix has elements. Place in the whole: the part of a SparseMatrix that never changes; host arrays that say
 * everything, and, on first use, their tensors and plans on each device.
 */
import { ordinalOf } from '../engine/device.js'
import { outsideScopes } from '../engine/lifetime.js'
import { ShapeError, ValueError } from '../errors.js'
import { tensor } from '../ops/creation.js'
import { type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { placesOf } from './elements.js'
import { type FormatInfo, formatInfo, type SparseFormat } from './formats.js'
import { makeDevicePlan, makePlan, type PlanKind } from './plan.js'

/** Blocks by rows of blocks (CSR: single elements). */
export interface BlockPattern {
  /** Rows of blocks + 1: where each one's blocks begin. */
  pointers: Int32Array
  /** For each block its column of blocks, ascending in a row. */
  columns: Int32Array
}

/** The operands of a command that describe a pattern. */
export interface PatternTensors {
  pointers: Tensor | null
  columns: Tensor
}

export interface PlanTensor {
  words: Tensor
  /** Values in the plan's order, those beyond the matrix and those that fill lines up included. */
  slots: number
}

export class SparsePattern {
  readonly format: SparseFormat
  readonly info: FormatInfo
  readonly rows: number
  readonly cols: number
  /** Null for 2:4. */
  readonly pointers: Int32Array | null
  /** Columns of blocks; for 2:4 two bits a value, sixteen values a word, rows of whole words. */
  readonly columns: Int32Array
  /** Elements inside the matrix: what blocks have beyond its edges does not count. */
  readonly elements: number
  readonly #tensors = new Map<string, Tensor>()
  readonly #slots = new Map<string, number>()

  /** Takes the arrays over. They must be valid: see `checkedPattern`. */
  constructor(format: SparseFormat, rows: number, cols: number, pointers: Int32Array | null, columns: Int32Array) {
    this.format = format
    this.info = formatInfo('SparseMatrix', format)
    this.rows = rows
    this.cols = cols
    this.pointers = pointers
    this.columns = columns
    let elements = 0
    if (format === 'csr') elements = columns.length
    else
      placesOf(this, (row, col) => {
        if (row < rows && col < cols) elements++
      })
    this.elements = elements
  }

  /** Groups of four columns: 2:4 only. */
  get groups(): number {
    return Math.ceil(this.cols / 4)
  }

  /** Shape of the values. */
  get valuesShape(): Shape {
    const { height, width } = this.info
    if (this.format === '2:4') return [this.rows, 2 * this.groups]
    return this.format === 'csr' ? [this.columns.length] : [this.columns.length, height, width]
  }

  get nbytes(): number {
    return (this.pointers?.byteLength ?? 0) + this.columns.byteLength
  }

  tensors(device: string): PatternTensors {
    const { pointers, columns } = this
    return {
      pointers: pointers && this.#on(device, 'pointers', () => pointers),
      columns: this.#on(device, 'columns', () => columns),
    }
  }

  /** The order of a product with the matrix or its transpose; 'rows' is by single rows whatever the format (devices have one kind). */
  plan(device: string, transposed: boolean, kind: PlanKind): PlanTensor {
    const cuda = ordinalOf(device) !== undefined
    const name = cuda ? `plan ${transposed} of a device` : `plan ${transposed} ${kind}`
    const words = this.#on(device, name, () => {
      const plan = cuda ? makeDevicePlan(this, transposed) : makePlan(this, transposed, kind)
      this.#slots.set(name, plan.slots)
      return plan.words
    })
    return { words, slots: this.#slots.get(name) as number }
  }

  /** For every value its row-major place in the matrix; rows * cols for values beyond the edges. */
  flatPlaces(device: string): Tensor {
    return this.#on(device, 'places', () => {
      const { rows, cols } = this
      const wide = rows * cols >= 2 ** 31
      const flat = wide ? new BigInt64Array(this.#valuesCount()) : new Int32Array(this.#valuesCount())
      placesOf(this, (row, col, at) => {
        const place = row < rows && col < cols ? row * cols + col : rows * cols
        flat[at] = wide ? BigInt(place) : place
      })
      return flat
    })
  }

  /** Frees what was made on devices; it is made anew when it is asked for. */
  dispose(): void {
    for (const t of this.#tensors.values()) t.dispose()
    this.#tensors.clear()
  }

  #valuesCount(): number {
    return this.valuesShape.reduce((a, b) => a * b, 1)
  }

  #on(device: string, name: string, make: () => Int32Array | BigInt64Array): Tensor {
    const key = `${device} ${name}`
    let t = this.#tensors.get(key)
    if (t === undefined || t.isDisposed) {
      const array = make()
      t = outsideScopes(() => tensor(array, { device })) as Tensor
      this.#tensors.set(key, t)
    }
    return t
  }
}

/** A pattern from the arrays of another library; copies them. */
export function checkedPattern(
  format: SparseFormat,
  shape: Shape,
  pointers: ArrayLike<number> | null | undefined,
  columns: ArrayLike<number>,
): SparsePattern {
  const { height, width } = formatInfo('SparseMatrix', format)
  if (shape.length !== 2) throw new ShapeError(`SparseMatrix: a matrix has two dimensions, not ${show(shape)}`)
  const [rows, cols] = shape as [number, number]
  const at = Int32Array.from(columns)
  if (format === '2:4') {
    const words = rows * Math.ceil(cols / 32)
    if (pointers || at.length !== words)
      throw new ValueError(
        `SparseMatrix: 2:4 of ${show(shape)} takes ${words} words of positions and no pointers; got ${at.length} words`,
      )
    checkPairs(rows, cols, at)
    return new SparsePattern(format, rows, cols, null, at)
  }
  const [blockRows, blockCols] = [Math.ceil(rows / height), Math.ceil(cols / width)]
  const starts = Int32Array.from(pointers ?? [])
  if (starts.length !== blockRows + 1 || starts[0] !== 0 || starts[blockRows] !== at.length)
    throw new ValueError(
      `SparseMatrix: ${format} of ${show(shape)} takes ${blockRows + 1} pointers from 0 to the ${at.length} columns; got ${starts.length}, from ${starts[0]} to ${starts.at(-1)}`,
    )
  for (let r = 0; r < blockRows; r++) {
    let last = -1
    for (let e = starts[r] as number; e < (starts[r + 1] as number); e++) {
      const c = at[e] as number
      if (c <= last || c >= blockCols)
        throw new ValueError(
          `SparseMatrix: column ${c} at ${e}, in row ${r}${format === 'csr' ? '' : ' of blocks'}: columns ascend within a row and are less than ${blockCols}`,
        )
      last = c
    }
    if ((starts[r + 1] as number) < (starts[r] as number))
      throw new ValueError(`SparseMatrix: the pointers fall at ${r + 1}: ${starts[r]}, ${starts[r + 1]}`)
  }
  return new SparsePattern(format, rows, cols, starts, at)
}

/** The two positions of a group ascend; the places of a last, shorter group too, as far as it has them. */
function checkPairs(rows: number, cols: number, words: Int32Array): void {
  const row = Math.ceil(cols / 32)
  for (let r = 0; r < rows; r++)
    for (let g = 0; g < Math.ceil(cols / 4); g++) {
      const pair = ((words[r * row + (g >> 3)] as number) >>> ((g & 7) * 4)) & 15
      if ((pair & 3) >= pair >> 2)
        throw new ValueError(
          `SparseMatrix: positions ${pair & 3} and ${pair >> 2} in group ${g} of row ${r}: two different ones, ascending`,
        )
    }
}
