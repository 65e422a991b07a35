/** Random operands for one dtype. Place in the whole: what the specs draw their samples from. */
import { type DType, isFloating } from '#lib/tensor/dtype.js'
import { numelOf, type Shape } from '#lib/tensor/shape.js'
import { Random } from '../helpers/random.js'
import type { Input } from './spec.js'

/** Lengths around the widths of vectors (2 to 64 elements), and one beyond every unrolled loop. */
export const LENGTHS: readonly number[] = [0, 1, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 1009]
/** Long enough for every pointwise kernel to use its threads; not a multiple of anything. */
export const LARGE = 150_011

export interface Domain {
  low?: number
  high?: number
  /** Numbers that values keep a distance of `margin` from: kinks, poles. */
  avoid?: readonly number[]
}

const MARGIN = 1 / 16
const INTEGER_RANGE: Partial<Record<DType, readonly [number, number]>> = {
  bool: [0, 1],
  u8: [0, 255],
  i8: [-128, 127],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  i64: [-(2 ** 63), 2 ** 62],
}

export class Sampler {
  readonly random: Random
  readonly dtype: DType

  constructor(seed: string, dtype: DType) {
    this.random = new Random(seed)
    this.dtype = dtype
  }

  get floating(): boolean {
    return isFloating(this.dtype)
  }

  /** Uniform in [low, high) (-3 to 3 by default); integer dtypes ten times as wide, bool 0 or 1. */
  values(shape: Shape, domain: Domain = {}): Input {
    const { low = -3, high = 3, avoid = [] } = domain
    const n = numelOf(shape)
    if (this.floating) {
      return { shape, values: this.random.array(n, (r) => away(r.uniform(low, high), avoid)) }
    }
    const [least, most] = INTEGER_RANGE[this.dtype] as readonly [number, number]
    const [a, b] = [Math.max(least, Math.ceil(low * 10)), Math.min(most, Math.floor(high * 10))]
    return { shape, values: this.random.array(n, (r) => r.int(a, b + 1)) }
  }

  /** In random order, a distance apart: extremes that are no ties, and stay so under small changes. */
  distinct(shape: Shape): Input {
    if (!this.floating) return this.values(shape)
    const n = numelOf(shape)
    const values = this.random.array(n, (r) => r.uniform(0.4, 0.6)).map((x, i) => 6 * ((i + x) / n) - 3)
    for (let i = n - 1; i > 0; i--) {
      const j = this.random.int(0, i + 1)
      ;[values[i], values[j]] = [values[j] as number, values[i] as number]
    }
    return { shape, values }
  }

  /** Integers low <= x < high of a dtype of their own. */
  indices(shape: Shape, low: number, high: number, dtype: DType = 'i64'): Input {
    return { shape, values: this.random.array(numelOf(shape), (r) => r.int(low, high)), dtype }
  }

  mask(shape: Shape): Input {
    return this.indices(shape, 0, 2, 'bool')
  }

  given(values: readonly number[], shape: Shape = [values.length]): Input {
    return { shape, values: Float64Array.from(values) }
  }

  /** What rounding, vector code and integer overflow get wrong: signed zeros, infinities, NaN; or the dtype's limits. */
  specials(): Input {
    if (this.floating) {
      return this.given([
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        0,
        -0,
        1,
        -1,
        0.5,
        -0.5,
        1.5,
        2.5,
        -2.5,
        100,
        -100,
        2 ** -12,
        -(2 ** -12),
        1e4,
      ])
    }
    const [least, most] = INTEGER_RANGE[this.dtype] as readonly [number, number]
    return this.given([least, most, 0, 1, Math.max(least, -1), Math.trunc(most / 2), Math.trunc(least / 2)])
  }
}

function away(x: number, points: readonly number[]): number {
  for (const p of points) if (Math.abs(x - p) < MARGIN) return x < p ? p - MARGIN : p + MARGIN
  return x
}
