// Positions that are added: to embeddings (sinusoidal, learned) or to attention's scores (ALiBi). Place in the whole: layers of language
// models; rotary-embedding.ts holds those that turn queries and keys.
// Shapes: B batch, T positions, C channels, H heads.

import { known, positive, whole } from '../check.js'
import { defaultDevice } from '../engine/device.js'
import { ShapeError, ValueError } from '../errors.js'
import { add, mul, pow } from '../ops/binary.js'
import { arange, tensor, zeros } from '../ops/creation.js'
import { embedding } from '../ops/embedding.js'
import { stack } from '../ops/join.js'
import { cos, sin } from '../ops/unary.js'
import { narrow, reshape, unsqueeze } from '../ops/views.js'
import type { DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import * as init from './init.js'
import { Module } from './module.js'
import { Parameter } from './parameter.js'
import { PositionTable } from './position-table.js'

/** Where rows stand in their sequences. */
export interface Places {
  /** Of the first row. Default 0. */
  readonly offset?: number
  /** (T) or (B, T) of i32 or i64: the place of each row, instead of `offset`. */
  readonly positions?: Tensor | null
  /** With `positions`: a number above all of them. */
  readonly length?: number
}

/** The first row's place and a number above all places. */
export function reachOf(layer: string, rows: number, { offset = 0, positions, length }: Places): [number, number] {
  whole(layer, { offset }, 0)
  if (!positions) return [offset, offset + rows]
  if (length === undefined || !Number.isSafeInteger(length) || length < 0)
    throw new ValueError(`${layer}: with positions, length is ${length}, expected a number above all of them`)
  return [0, length]
}

function checkRows(layer: string, x: Tensor, channels: number): number {
  if (x.rank < 2 || x.shape.at(-1) !== channels)
    throw new ShapeError(`${layer}: takes (..., t, ${channels}), found ${show(x.shape)}`)
  return x.shape.at(-2) as number
}

/** Rows of a table (positions, C) at x's places: of a shape that can be added to x. */
function rowsAt(table: Tensor, rows: number, offset: number, positions: Tensor | null | undefined): Tensor {
  return positions ? embedding(table, positions) : narrow(table, 0, offset, rows)
}

export interface SinusoidalPositionsOptions {
  /** Base of the wavelengths. Default 10,000. */
  base?: number
}

/**
 * Adds sines and cosines of falling frequencies: x (..., T, C) to x + P, with P(t, 2i) = sin(t base^(-2i / C)) and P(t, 2i + 1) the cosine of
 * the same angle. Source: Vaswani et al. 2017, section 3.5. Has no parameters; sequences may have any length.
 */
export class SinusoidalPositionalEncoding extends Module {
  readonly channels: number
  readonly base: number
  readonly table: PositionTable<[Tensor]>

  /** @throws ValueError for an odd number of channels, or a base that is not above 0 */
  constructor(channels: number, options: SinusoidalPositionsOptions = {}) {
    super()
    known('SinusoidalPositionalEncoding', options, ['base'])
    positive('SinusoidalPositionalEncoding', { channels })
    const { base = 10_000 } = options
    if (channels % 2 !== 0 || !(base > 0))
      throw new ValueError(
        `SinusoidalPositionalEncoding: ${channels} channels with base ${base}, expected an even number and a base above 0`,
      )
    this.channels = channels
    this.base = base
    this.table = new PositionTable((length, { dtype, device }) => [this.#sinusoids(length, dtype, device)])
  }

  /** @throws ShapeError for other channels; ValueError for `positions` without a `length` */
  override forward(x: Tensor, places: Places = {}): Tensor {
    const rows = checkRows('SinusoidalPositionalEncoding', x, this.channels)
    const [offset, length] = reachOf('SinusoidalPositionalEncoding', rows, places)
    const [table] = this.table.rows(length, { dtype: x.dtype, device: x.device })
    return add(x, rowsAt(table, rows, offset, places.positions))
  }

  #sinusoids(length: number, dtype: DType, device: string): Tensor {
    // Large angles need the digits of f64, whatever the table's dtype.
    const line = (n: number): Tensor => arange(n, undefined, 1, { dtype: 'f64', device })
    const frequencies = pow(this.base, mul(line(this.channels / 2), -2 / this.channels))
    const angles = mul(unsqueeze(line(length), 1), frequencies)
    return reshape(stack([sin(angles), cos(angles)], -1), [length, this.channels]).to(dtype)
  }
}

export interface LearnedPositionsOptions {
  dtype?: DType
}

/** Adds a learned row for each position: x (..., T, C) to x + weight[places]. weight is (count, C), standard normal at first. */
export class LearnedPositionalEmbedding extends Module {
  weight: Parameter

  constructor(count: number, channels: number, options: LearnedPositionsOptions = {}) {
    super()
    known('LearnedPositionalEmbedding', options, ['dtype'])
    positive('LearnedPositionalEmbedding', { count, channels })
    this.weight = new Parameter(zeros([count, channels], { dtype: options.dtype ?? 'f32' }))
    init.normal(this.weight)
  }

  /** @throws ShapeError for other channels, or for a place that has no row (one of `positions` is found where the result is read) */
  override forward(x: Tensor, places: Places = {}): Tensor {
    const [count, channels] = this.weight.shape as [number, number]
    const rows = checkRows('LearnedPositionalEmbedding', x, channels)
    const { positions } = places
    const [offset, length] = reachOf('LearnedPositionalEmbedding', rows, positions ? { positions, length: 0 } : places)
    if (length > count)
      throw new ShapeError(`LearnedPositionalEmbedding: ${rows} rows from place ${offset} on, it has ${count} places`)
    return add(x, rowsAt(this.weight, rows, offset, positions))
  }
}

export interface AlibiOptions {
  dtype?: DType
  device?: string
}

/**
 * ALiBi's slopes (H), for `alibi` of `scaledDotProductAttention`: 2^(-8 i / H) for head i = 1 .. H where H is a power of two, else those of
 * the power below and then every other one of the power above. Source: Press et al. 2022, "Train Short, Test Long", and its code.
 */
export function alibiSlopes(heads: number, { dtype = 'f32', device = defaultDevice() }: AlibiOptions = {}): Tensor {
  positive('alibiSlopes', { heads })
  const below = 2 ** Math.floor(Math.log2(heads))
  const slopes = (count: number, step: number, base: number): number[] =>
    Array.from({ length: count }, (_, i) => 2 ** ((-8 * (1 + step * i)) / base))
  const values = [...slopes(below, 1, below), ...slopes(heads - below, 2, 2 * below)]
  return tensor(Float64Array.from(values), { device }).to(dtype)
}
