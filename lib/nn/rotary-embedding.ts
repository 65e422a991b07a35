// Rotary position embedding with the ways of stretching it over longer contexts than a model was trained for. Place in the whole: beside
// positions.ts; the turning itself is the operator `rotaryEmbedding`. Names of scalings and their definitions are Hugging Face's
// (modeling_rope_utils), so that a published config can be carried over key by key.
// Shapes: B batch, H heads, T positions, D width of a head.

import { known } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { mul } from '../ops/binary.js'
import { arange, tensor } from '../ops/creation.js'
import { rotaryEmbedding } from '../ops/rotary.js'
import { cos, sin } from '../ops/unary.js'
import { unsqueeze } from '../ops/views.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { Module } from './module.js'
import { PositionTable, type TableKind } from './position-table.js'
import { type Places, reachOf } from './positions.js'

/** Positions divided by `factor` (Chen et al. 2023, "Extending Context Window ... via Position Interpolation"). */
export interface LinearScaling {
  readonly type: 'linear'
  readonly factor: number
}

/** NTK-aware: beyond `originalPositions` the base grows with the sequence, so that the slowest wave stretches with it. */
export interface DynamicScaling {
  readonly type: 'dynamic'
  readonly factor: number
  readonly originalPositions: number
}

/** Peng et al. 2023, "YaRN": slow waves are interpolated, fast ones left, those between mixed; queries and keys grow a little. */
export interface YarnScaling {
  readonly type: 'yarn'
  readonly factor: number
  readonly originalPositions: number
  /** Factor of queries and keys. Default 0.1 ln(factor) + 1. */
  readonly attentionFactor?: number
  /** Turns within `originalPositions` from which on a wave is left as it is. Default 32. */
  readonly betaFast?: number
  /** Turns up to which a wave is interpolated in full. Default 1. */
  readonly betaSlow?: number
  /** With `mscaleAllDim`: another default of attentionFactor, the ratio of both (DeepSeek). */
  readonly mscale?: number
  readonly mscaleAllDim?: number
  /** Whether the mixed range is widened to whole elements. Default true. */
  readonly truncate?: boolean
}

/** Llama 3.1: waves longer than originalPositions / lowFrequencyFactor are interpolated, short ones left, those between mixed. */
export interface Llama3Scaling {
  readonly type: 'llama3'
  readonly factor: number
  readonly originalPositions: number
  /** Default 1. */
  readonly lowFrequencyFactor?: number
  /** Default 4. */
  readonly highFrequencyFactor?: number
}

/** Ding et al. 2024, "LongRoPE": a divisor for each pair of elements, others beyond `originalPositions`. */
export interface LongRopeScaling {
  readonly type: 'longrope'
  /** width / 2 divisors for sequences up to `originalPositions`. */
  readonly shortFactor: readonly number[]
  /** And for longer ones. */
  readonly longFactor: readonly number[]
  readonly originalPositions: number
  /** By how much the context grew: sets attentionFactor where that is not given. */
  readonly factor?: number
  /** Factor of queries and keys. Default sqrt(1 + ln(factor) / ln(originalPositions)), 1 without growth. */
  readonly attentionFactor?: number
}

export type RotaryScaling = LinearScaling | DynamicScaling | YarnScaling | Llama3Scaling | LongRopeScaling

export interface RotaryEmbeddingOptions {
  /** Base of the wavelengths. Default 10,000. */
  readonly base?: number
  readonly scaling?: RotaryScaling | null
  /** Neighbouring elements are a pair (GPT-J, the paper); else element i and i + width / 2 (Llama, GPT-NeoX). Default false. */
  readonly interleaved?: boolean
}

export interface RotaryFrequencies {
  /** Radians a position for each of the width / 2 pairs. */
  readonly frequencies: readonly number[]
  /** Factor of sines and cosines, by which attention's scores grow twice. */
  readonly attentionFactor: number
}

const NAME = 'RotaryEmbedding'

/** Keys of each scaling: those that must be there, and all. */
const KEYS: Readonly<
  Record<RotaryScaling['type'], readonly [required: readonly string[], optional: readonly string[]]>
> = {
  linear: [['factor'], []],
  dynamic: [['factor', 'originalPositions'], []],
  yarn: [
    ['factor', 'originalPositions'],
    ['attentionFactor', 'betaFast', 'betaSlow', 'mscale', 'mscaleAllDim', 'truncate'],
  ],
  llama3: [
    ['factor', 'originalPositions'],
    ['lowFrequencyFactor', 'highFrequencyFactor'],
  ],
  longrope: [
    ['shortFactor', 'longFactor', 'originalPositions'],
    ['factor', 'attentionFactor'],
  ],
}

function checkScaling(width: number, scaling: RotaryScaling): void {
  const keys = KEYS[scaling.type]
  if (keys === undefined)
    throw new ValueError(`${NAME}: scaling '${scaling.type}' is not one of ${Object.keys(KEYS).join(', ')}`)
  const [required, optional] = keys
  known(`${NAME} with scaling '${scaling.type}'`, scaling, ['type', ...required, ...optional])
  for (const [key, value] of Object.entries(scaling)) {
    if (key === 'type' || key === 'truncate' || value === undefined) continue
    const list = key === 'shortFactor' || key === 'longFactor'
    const good = (x: unknown): boolean => typeof x === 'number' && x > 0 && Number.isFinite(x)
    if (list ? !Array.isArray(value) || value.length !== width / 2 || !value.every(good) : !good(value))
      throw new ValueError(
        `${NAME}: ${key} is ${String(value)}, expected ${list ? `${width / 2} numbers` : 'a number'} above 0`,
      )
  }
  const missing = required.filter((key) => (scaling as unknown as Record<string, unknown>)[key] === undefined)
  if (missing.length > 0) throw new ValueError(`${NAME}: scaling '${scaling.type}' needs ${missing.join(', ')}`)
}

/**
 * How fast each pair of `width` elements turns, for a sequence of `length` positions (only 'dynamic' and 'longrope' depend on it).
 *
 * @throws ValueError for an odd width, and scalings that are not known or lack numbers
 */
export function rotaryFrequencies(
  width: number,
  { base = 10_000, scaling = null }: Pick<RotaryEmbeddingOptions, 'base' | 'scaling'> = {},
  length = 0,
): RotaryFrequencies {
  if (!Number.isSafeInteger(width) || width < 2 || width % 2 !== 0 || !(base > 0))
    throw new ValueError(`${NAME}: width ${width} with base ${base}, expected an even width and a base above 0`)
  if (scaling) checkScaling(width, scaling)
  const plain = waves(width, base)
  switch (scaling?.type) {
    case undefined:
      return { frequencies: plain, attentionFactor: 1 }
    case 'linear':
      return { frequencies: plain.map((f) => f / scaling.factor), attentionFactor: 1 }
    case 'dynamic': {
      const { factor, originalPositions } = scaling
      const growth = (factor * Math.max(length, originalPositions)) / originalPositions - (factor - 1)
      return { frequencies: waves(width, base * growth ** (width / (width - 2))), attentionFactor: 1 }
    }
    case 'yarn':
      return yarn(plain, width, base, scaling)
    case 'llama3':
      return { frequencies: llama3(plain, scaling), attentionFactor: 1 }
    case 'longrope':
      return longRope(plain, scaling, length)
    default:
      throw new ValueError(`${NAME}: ${JSON.stringify(scaling satisfies never)} is no scaling`)
  }
}

const waves = (width: number, base: number): number[] =>
  Array.from({ length: width / 2 }, (_, i) => base ** ((-2 * i) / width))

function yarn(plain: readonly number[], width: number, base: number, scaling: YarnScaling): RotaryFrequencies {
  const { factor, originalPositions, betaFast = 32, betaSlow = 1, mscale, mscaleAllDim, truncate = true } = scaling
  const growth = (by: number): number => (factor <= 1 ? 1 : 0.1 * by * Math.log(factor) + 1)
  const byModel = mscale && mscaleAllDim ? growth(mscale) / growth(mscaleAllDim) : growth(1)
  // The element whose wave turns so often within the original positions.
  const element = (turns: number): number =>
    (width * Math.log(originalPositions / (turns * 2 * Math.PI))) / (2 * Math.log(base))
  const [fast, slow] = [element(betaFast), element(betaSlow)]
  const low = Math.max(truncate ? Math.floor(fast) : fast, 0)
  const high = Math.min(truncate ? Math.ceil(slow) : slow, width - 1)
  const span = low === high ? 0.001 : high - low
  const frequencies = plain.map((f, i) => {
    const interpolated = Math.min(Math.max((i - low) / span, 0), 1)
    return (f / factor) * interpolated + f * (1 - interpolated)
  })
  return { frequencies, attentionFactor: scaling.attentionFactor ?? byModel }
}

function llama3(plain: readonly number[], scaling: Llama3Scaling): number[] {
  const { factor, originalPositions, lowFrequencyFactor = 1, highFrequencyFactor = 4 } = scaling
  return plain.map((f) => {
    const turns = (originalPositions * f) / (2 * Math.PI)
    if (turns > highFrequencyFactor) return f
    if (turns < lowFrequencyFactor) return f / factor
    const kept = (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor)
    return ((1 - kept) * f) / factor + kept * f
  })
}

function longRope(plain: readonly number[], scaling: LongRopeScaling, length: number): RotaryFrequencies {
  const { shortFactor, longFactor, originalPositions, factor = 1 } = scaling
  const divisors = length > originalPositions ? longFactor : shortFactor
  const byGrowth = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalPositions))
  return {
    frequencies: plain.map((f, i) => f / (divisors[i] as number)),
    attentionFactor: scaling.attentionFactor ?? byGrowth,
  }
}

/**
 * Turns the first `width` elements of queries or keys (B, H, T, D) by angles that grow with their positions (Su et al. 2021). Has no
 * parameters; sequences may have any length. With 'dynamic' and 'longrope' scaling the angles depend on the length of the longest sequence
 * of the call; keys that a cache holds stay as they were turned.
 */
export class RotaryEmbedding extends Module {
  readonly width: number
  readonly options: Required<RotaryEmbeddingOptions>
  readonly table: PositionTable<[cosines: Tensor, sines: Tensor]>
  /** Of the call that needed the tables last. */
  #length = 0

  /** @throws ValueError for an odd width, and scalings that are not known or lack numbers */
  constructor(width: number, options: RotaryEmbeddingOptions = {}) {
    super()
    known(NAME, options, ['base', 'scaling', 'interleaved'])
    this.width = width
    this.options = { base: 10_000, scaling: null, interleaved: false, ...options }
    rotaryFrequencies(width, this.options)
    this.table = new PositionTable((length, kind) => this.#turns(length, kind))
  }

  /** @throws ShapeError for another rank, or heads narrower than `width`; ValueError for `positions` without a `length` */
  override forward(x_BHTD: Tensor, places: Places = {}): Tensor {
    if (x_BHTD.rank !== 4 || (x_BHTD.shape[3] as number) < this.width)
      throw new ShapeError(`${NAME}: takes (b, h, t, d) with d of at least ${this.width}, found ${show(x_BHTD.shape)}`)
    const [offset, length] = reachOf(NAME, x_BHTD.shape[2] as number, places)
    const dtype = x_BHTD.dtype === 'f64' ? 'f64' : 'f32'
    this.#length = length
    const [cosines, sines] = this.table.rows(length, { dtype, device: x_BHTD.device, variant: this.#variant(length) })
    const { interleaved } = this.options
    const { positions } = places
    return rotaryEmbedding(x_BHTD, cosines, sines, positions ? { interleaved, positions } : { interleaved, offset })
  }

  /** What of the length the angles depend on. */
  #variant(length: number): string {
    const { scaling } = this.options
    if (scaling?.type !== 'dynamic' && scaling?.type !== 'longrope') return ''
    if (length <= scaling.originalPositions) return 'short'
    return scaling.type === 'longrope' ? 'long' : String(length)
  }

  #turns(rows: number, { dtype, device }: TableKind): [Tensor, Tensor] {
    const { frequencies, attentionFactor } = rotaryFrequencies(this.width, this.options, this.#length)
    // Large angles need the digits of f64, whatever the table's dtype.
    const rates = tensor(Float64Array.from(frequencies), { device })
    const angles = mul(unsqueeze(arange(rows, undefined, 1, { dtype: 'f64', device }), 1), rates)
    return [mul(cos(angles), attentionFactor).to(dtype), mul(sin(angles), attentionFactor).to(dtype)]
  }
}
