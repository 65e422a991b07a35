// Tables of learned rows. Place in the whole: names, layouts and initial values are PyTorch's; lib/ops/embedding.ts and embeddingBag.ts
// compute.
import { noGrad } from '../autograd/mode.js'
import { known, positive } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { clone } from '../ops/convert.js'
import { zeros } from '../ops/creation.js'
import { embedding, type EmbeddingOptions as LookUp } from '../ops/embedding.js'
import { type EmbeddingBagOptions as BagLookUp, embeddingBag } from '../ops/embeddingBag.js'
import { select } from '../ops/views.js'
import type { DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import * as init from './init.js'
import { Module } from './module.js'
import { Parameter } from './parameter.js'

interface TableOptions {
  /** A row that starts at zero and gets no gradient; negative ones count from the end. */
  paddingIndex?: number
  /** Rows that are looked up and whose norm is larger are first scaled down to it, in place. */
  maxNorm?: number
  /** The p of that norm. Default 2. */
  normType?: number
  /** Divides each row's gradient by how often its index occurs. Default false. */
  scaleGradByFreq?: boolean
  dtype?: DType
  /** Rows to begin with, (count, dim), in place of random ones; they are copied. `dtype` is theirs. */
  values?: Tensor
}

const TABLE_OPTIONS = ['paddingIndex', 'maxNorm', 'normType', 'scaleGradByFreq', 'dtype', 'values'] as const

/** A weight (count, dim), standard normal at first. */
abstract class Table extends Module {
  weight: Parameter
  readonly paddingIndex: number | undefined
  /** How rows are looked up. */
  protected readonly lookUp: LookUp

  constructor(count: number, dim: number, options: TableOptions) {
    super()
    const layer = new.target.name
    positive(layer, { count, dim })
    const { paddingIndex, dtype = 'f32', values, maxNorm, normType, scaleGradByFreq } = options
    if (
      paddingIndex !== undefined &&
      !(Number.isInteger(paddingIndex) && paddingIndex >= -count && paddingIndex < count)
    )
      throw new ValueError(`${layer}: paddingIndex is ${paddingIndex}, expected a row from 0 to ${count - 1}`)
    if (values && show(values.shape) !== show([count, dim]))
      throw new ShapeError(`${layer}: the values are ${show(values.shape)}, the layer's weight ${show([count, dim])}`)
    this.paddingIndex = paddingIndex !== undefined && paddingIndex < 0 ? paddingIndex + count : paddingIndex
    this.lookUp = {
      ...(this.paddingIndex === undefined ? {} : { paddingIndex: this.paddingIndex }),
      ...(maxNorm === undefined ? {} : { maxNorm }),
      ...(normType === undefined ? {} : { normType }),
      ...(scaleGradByFreq === undefined ? {} : { scaleGradByFreq }),
    }
    this.weight = new Parameter(values ? clone(values.detach()) : zeros([count, dim], { dtype }))
    if (values) return
    init.normal(this.weight)
    if (this.paddingIndex !== undefined) init.zeros(row(this.weight, this.paddingIndex))
  }
}

const row = (weight: Tensor, index: number): Tensor => noGrad(() => select(weight, 0, index))

export type EmbeddingOptions = TableOptions

/** Rows of a table: indices (...) to (..., dim). weight is (count, dim), standard normal at first. */
export class Embedding extends Table {
  /** @throws ValueError for a paddingIndex that is no row, ShapeError for values of another shape */
  constructor(count: number, dim: number, options: EmbeddingOptions = {}) {
    known('Embedding', options, TABLE_OPTIONS)
    super(count, dim, options)
  }

  override forward(indices: Tensor): Tensor {
    return embedding(this.weight, indices, this.lookUp)
  }
}

export interface EmbeddingBagOptions extends TableOptions {
  /** Default 'mean'. */
  mode?: 'sum' | 'mean' | 'max'
  /** The offsets end with the number of indices: one more than there are bags. Default false. */
  includeLastOffset?: boolean
}

/**
 * Sums, means or maxima of rows of a table: indices (bags, size), or (k) with offsets (bags), to (bags, dim). With mode 'sum' each
 * entry may have a factor. weight is (count, dim). See `embeddingBag`.
 */
export class EmbeddingBag extends Table {
  readonly mode: 'sum' | 'mean' | 'max'
  readonly includeLastOffset: boolean

  /** @throws ValueError for a paddingIndex that is no row or another mode, ShapeError for values of another shape */
  constructor(count: number, dim: number, options: EmbeddingBagOptions = {}) {
    known('EmbeddingBag', options, [...TABLE_OPTIONS, 'mode', 'includeLastOffset'])
    super(count, dim, options)
    const { mode = 'mean', includeLastOffset = false } = options
    if (!['sum', 'mean', 'max'].includes(mode))
      throw new ValueError(`EmbeddingBag: mode is ${String(mode)}, expected 'sum', 'mean' or 'max'`)
    this.mode = mode
    this.includeLastOffset = includeLastOffset
  }

  /** @param perSampleWeights factors of the entries, of the indices' shape */
  override forward(indices: Tensor, offsets: Tensor | null = null, perSampleWeights: Tensor | null = null): Tensor {
    const { mode, includeLastOffset } = this
    const options: BagLookUp = { ...this.lookUp, mode, includeLastOffset, offsets, perSampleWeights }
    return embeddingBag(this.weight, indices, options)
  }
}
