/** Sparse matrices. Place in the whole: what users hold: a pattern that never changes, and values that are an ordinary tensor. */
import type { TensorOwner } from '../engine/lifetime.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { mul } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { tensor, zeros } from '../ops/creation.js'
import { scatterAdd } from '../ops/gather.js'
import { narrow, reshape, transpose, unsqueeze } from '../ops/views.js'
import { type DType, isFloating } from '../tensor/dtype.js'
import { type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { placesOf } from './elements.js'
import { formatInfo, type SparseFormat } from './formats.js'
import { Packs } from './packs.js'
import { checkedPattern, type SparsePattern } from './pattern.js'
import { selectPattern } from './select.js'

export interface SparseOptions {
  /** Default 'csr'. */
  format?: SparseFormat
  /** What is kept: a matrix of the same shape, not 0 or true there. Whole blocks for block formats, two of every four for '2:4'. */
  mask?: Tensor
  /** Keeps elements whose magnitude is at least this; blocks by the mean magnitude of their elements. */
  threshold?: number
  /** Keeps this share of the elements or blocks, those of the largest (mean) magnitude. */
  density?: number
  /** Of the values; default the dense matrix's. 'i8' quantizes each row symmetrically: its largest magnitude becomes 127. */
  dtype?: 'f32' | 'f64' | 'bf16' | 'f16' | 'i8'
}

export interface SparseParts {
  format: SparseFormat
  shape: readonly [rows: number, cols: number]
  /** Where each row's elements (rows of blocks: blocks) begin, and where the last one's end. Not for '2:4'. */
  pointers?: ArrayLike<number>
  /** Columns of elements or blocks; for '2:4' two bits a value, sixteen values a 32-bit word, rows of whole words. */
  columns: ArrayLike<number>
  /** CSR (nnz), blocks (count, height, width), 2:4 (rows, 2 ceil(cols / 4)). */
  values: Tensor
  /** Factors of the rows, of i8 values: f32 (rows). */
  scales?: Tensor
}

/**
 * A matrix most of whose elements are no part of it. The pattern is fixed when it is made; `values` may require gradients and be
 * changed by an optimizer, which keeps the pattern as it is. Elements are the kept places, whatever their values: an infinity of
 * the dense operand meets a kept 0 as in a dense product, and nothing where there is no element.
 *
 *     const s = await SparseMatrix.from(weight, { format: 'bsr16x1', density: 0.1 })
 *     const y = sparseLinear(x, s, bias)
 */
export class SparseMatrix implements TensorOwner {
  /** The kept elements, in the pattern's order. */
  readonly values: Tensor
  /** Factors of the stored rows; i8 values have them. */
  readonly scales: Tensor | null
  /** Whether this is the transpose of what is stored. */
  readonly transposed: boolean
  /** For the engine. */
  readonly _pattern: SparsePattern
  readonly _packs: Packs

  private constructor(p: SparsePattern, values: Tensor, scales: Tensor | null, transposed: boolean, packs: Packs) {
    this._pattern = p
    this.values = values
    this.scales = scales
    this.transposed = transposed
    this._packs = packs
  }

  /**
   * The kept elements of a dense matrix (rows, cols) of floating-point dtype. Reads it, so it waits for its value; `fromSync`
   * blocks. The result is no part of the gradient graph: its values are a new leaf.
   *
   * @throws ValueError for a mask without the format's form, naming the first place, and for options that exclude one another
   */
  static async from(dense: Tensor, options: SparseOptions = {}): Promise<SparseMatrix> {
    checkDense(dense, options)
    const mask = options.mask ? await options.mask.data() : null
    return build(dense, await dense.data(), mask, options)
  }

  /** `from`, blocking. */
  static fromSync(dense: Tensor, options: SparseOptions = {}): SparseMatrix {
    checkDense(dense, options)
    return build(dense, dense.dataSync(), options.mask?.dataSync() ?? null, options)
  }

  /** A matrix from its parts, as other libraries have them. The values are taken as they are, with their place in the graph. */
  static fromParts(parts: SparseParts): SparseMatrix {
    const { format, shape, pointers, columns, values, scales = null } = parts
    return SparseMatrix._of(checkedPattern(format, shape, pointers, columns), values, scales)
  }

  /** For the engine: a new matrix of a pattern. */
  static _of(p: SparsePattern, values: Tensor, scales: Tensor | null): SparseMatrix {
    if (!sameShape(values.shape, p.valuesShape))
      throw new ShapeError(`SparseMatrix: values ${show(values.shape)}; this pattern takes ${show(p.valuesShape)}`)
    if (values.dtype === 'i8') {
      if (scales === null || scales.dtype !== 'f32' || scales.rank !== 1 || scales.shape[0] !== p.rows)
        throw new ValueError(`SparseMatrix: i8 values take scales, f32 (${p.rows}), one a row`)
    } else if (!isFloating(values.dtype)) {
      throw new DTypeError(`SparseMatrix: values are floating-point or i8, not ${values.dtype}`)
    } else if (scales) throw new ValueError(`SparseMatrix: scales are for i8 values, not for ${values.dtype}`)
    return new SparseMatrix(p, values, scales, false, new Packs())
  }

  get format(): SparseFormat {
    return this._pattern.format
  }
  get shape(): readonly [rows: number, cols: number] {
    const { rows, cols } = this._pattern
    return this.transposed ? [cols, rows] : [rows, cols]
  }
  get rows(): number {
    return this.shape[0]
  }
  get cols(): number {
    return this.shape[1]
  }
  get dtype(): DType {
    return this.values.dtype
  }
  get device(): string {
    return this.values.device
  }
  /** Kept elements, inside the matrix. */
  get nnz(): number {
    return this._pattern.elements
  }
  /** Share of the elements that are kept; 0 of an empty matrix. */
  get density(): number {
    const [rows, cols] = this.shape
    return rows * cols === 0 ? 0 : this.nnz / (rows * cols)
  }
  /** Bytes of values, scales and pattern; not of what products keep to be fast (about 8 bytes a value and direction). */
  get nbytes(): number {
    return this.values.nbytes + (this.scales?.nbytes ?? 0) + this._pattern.nbytes
  }

  /** The transpose, sharing pattern and values. */
  get T(): SparseMatrix {
    return new SparseMatrix(this._pattern, this.values, this.scales, !this.transposed, this._packs)
  }

  /**
   * The same pattern with other values, and scales where they are i8. What of a 2:4 group lies beyond the last column takes part as a product
   * with zero, so it must be finite.
   */
  withValues(values: Tensor, scales: Tensor | null = null): SparseMatrix {
    const s = SparseMatrix._of(this._pattern, values, scales)
    return this.transposed ? s.T : s
  }

  /** The dense matrix, zeros where there is no element; f32 of i8 values. Gradients reach the values. */
  toDense(): Tensor {
    const { rows, cols } = this._pattern
    const { values, scales, device } = this
    const dtype = values.dtype === 'i8' ? 'f32' : values.dtype
    const flat = reshape(cast(values, dtype), [-1])
    // One place more takes what blocks have beyond the edges.
    const all = scatterAdd(zeros([rows * cols + 1], { dtype, device }), 0, this._pattern.flatPlaces(device), flat)
    const stored = reshape(narrow(all, 0, 0, rows * cols), [rows, cols])
    const dense = scales ? mul(stored, unsqueeze(scales, 1)) : stored
    return this.transposed ? transpose(dense) : dense
  }

  /**
   * Frees values, scales and what products kept. The values belong to the transpose too; other matrices of the same pattern stay
   * usable.
   */
  dispose(): void {
    this.values.dispose()
    this.scales?.dispose()
    this._packs.dispose()
    this._pattern.dispose()
  }
  [Symbol.dispose](): void {
    this.dispose()
  }

  /** For scopes: what outlives one that returns this matrix. */
  *ownedTensors(): Iterable<Tensor> {
    yield this.values
    if (this.scales) yield this.scales
  }

  toString(): string {
    const { format, dtype, nnz, density } = this
    return `SparseMatrix(${format} ${dtype} ${show(this.shape)}, ${nnz} elements, density ${density.toPrecision(3)})`
  }
}

function checkDense(dense: Tensor, { mask, format = 'csr', dtype }: SparseOptions): void {
  formatInfo('SparseMatrix.from', format)
  if (dense.rank !== 2) throw new ShapeError(`SparseMatrix.from: takes a matrix, not ${show(dense.shape)}`)
  if (!isFloating(dense.dtype))
    throw new DTypeError(
      `SparseMatrix.from: takes a floating-point matrix, not ${dense.dtype}; convert it with .to('f32')`,
    )
  if (dtype !== undefined && dtype !== 'i8' && !isFloating(dtype))
    throw new DTypeError(`SparseMatrix.from: values are floating-point or i8, not ${dtype as string}`)
  if (mask && !sameShape(mask.shape, dense.shape))
    throw new ShapeError(`SparseMatrix.from: a mask ${show(mask.shape)} for a matrix ${show(dense.shape)}`)
}

type Numbers = ArrayLike<number>

function build(dense: Tensor, data: unknown, mask: unknown, options: SparseOptions): SparseMatrix {
  const { format = 'csr', threshold, density } = options
  const { device } = dense
  const info = formatInfo('SparseMatrix.from', format)
  const shape = dense.shape as readonly [number, number]
  const values = data as Numbers
  const p = selectPattern(format, info, values, shape, { mask: mask as ArrayLike<unknown> | null, threshold, density })
  const kept = keptValues(p, values, dense.dtype === 'f64')
  const dtype = options.dtype ?? dense.dtype
  const valuesShape = p.valuesShape as Shape
  if (dtype !== 'i8') return SparseMatrix._of(p, tensor(kept, { shape: valuesShape, dtype, device }) as Tensor, null)
  const [quantized, scales] = quantizedRows(p, kept)
  return SparseMatrix._of(
    p,
    tensor(quantized, { shape: valuesShape, device }) as Tensor,
    tensor(scales, { device }) as Tensor,
  )
}

/** In the pattern's order, 0 for what lies beyond the edges. */
function keptValues(p: SparsePattern, dense: Numbers, double: boolean): Float32Array | Float64Array {
  const count = p.valuesShape.reduce((a, b) => a * b, 1)
  const kept = double ? new Float64Array(count) : new Float32Array(count)
  placesOf(p, (row, col, at) => {
    if (row < p.rows && col < p.cols) kept[at] = dense[row * p.cols + col] as number
  })
  return kept
}

/** Symmetric 8-bit values of each row, and their factors; a row of zeros has factor 1. */
function quantizedRows(p: SparsePattern, kept: Numbers): [Int8Array, Float32Array] {
  const scales = new Float32Array(p.rows)
  placesOf(p, (row, _, at) => {
    if (row < p.rows) scales[row] = Math.max(scales[row] as number, Math.abs(kept[at] as number))
  })
  for (let r = 0; r < p.rows; r++) scales[r] = (scales[r] as number) / 127 || 1
  const quantized = new Int8Array(kept.length)
  placesOf(p, (row, _, at) => {
    const scaled = row < p.rows ? (kept[at] as number) / (scales[row] as number) : 0
    quantized[at] = Math.max(-127, Math.min(127, Math.round(scaled)))
  })
  return [quantized, scales]
}
