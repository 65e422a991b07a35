/**
 * Random operands for the fuzzer: the same elements on two devices, behind the same random chain of views. Place in the whole:
 * what the catalogue draws from.
 */
import { type Tensor, tensor } from '#lib/index.js'
import { type DType, isComplex, isFloating } from '#lib/tensor/dtype.js'
import { numelOf, type Shape } from '#lib/tensor/shape.js'
import { Random } from '../helpers/random.js'

export const DEVICES = ['cpu', 'reference'] as const
/** A tensor on the device under test, and on the oracle's. */
export type Both = readonly [Tensor, Tensor]

/** The random numbers of one call. */
export class Draw extends Random {
  /** Whether floating-point operands get a NaN or an infinity here and there. */
  nonFinite = false
  #sealed = false

  /** From here on a draw is a mistake: what runs twice would see different numbers. */
  seal(): void {
    this.#sealed = true
  }

  override next(): number {
    if (this.#sealed) throw new Error('the catalogue draws in `run`; draw before')
    return super.next()
  }

  /** True once in n times. */
  chance(n: number): boolean {
    return this.int(0, n) === 0
  }

  /** `n` integers of [low, high). */
  ints(n: number, low: number, high: number): number[] {
    return Array.from({ length: n }, () => this.int(low, high))
  }

  /** The numbers below n in random order. */
  order(n: number): number[] {
    const list = Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const k = this.int(0, i + 1)
      ;[list[i], list[k]] = [list[k] as number, list[i] as number]
    }
    return list
  }
}

const SIZES = [0, 1, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33]

/** Few elements, any rank: empty, scalar, thin and long ones often. */
export function randomShape(r: Random, maxRank = 5, most = 400, minRank = 0): number[] {
  if (maxRank > 3 && r.int(0, 40) === 0)
    return Array.from({ length: r.int(9, 17) }, () => r.int(1, 3)).map((d, i) => (i < 8 ? d : 1))
  const rank = r.int(minRank, maxRank + 1)
  const shape: number[] = []
  let n = 1
  for (let i = 0; i < rank; i++) {
    const d = r.pick(SIZES)
    shape.push(n * d > most ? 1 : d)
    n *= shape[i] as number
  }
  return shape
}

/** The same without zeros. */
export const filledShape = (r: Random, maxRank = 4, most = 200, minRank = 1): number[] =>
  randomShape(r, maxRank, most, minRank).map((d) => Math.max(1, d))

export interface Domain {
  low?: number
  high?: number
}

const SPECIALS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]

/** Values in the domain, exact in the dtype; of complex dtypes pairs. */
export function randomValues(r: Draw, shape: Shape, dtype: DType, { low = -2, high = 2 }: Domain = {}): Float64Array {
  const n = numelOf(shape) * (isComplex(dtype) ? 2 : 1)
  if (dtype === 'bool') return r.array(n, (q) => q.int(0, 2))
  if (dtype === 'u8') return r.array(n, (q) => q.int(Math.max(0, Math.ceil(low)), Math.max(2, 8 * high)))
  if (!isFloating(dtype) && !isComplex(dtype)) return r.array(n, (q) => q.int(Math.ceil(8 * low), 8 * high))
  // Steps that every dtype holds, so that both devices start from the same numbers.
  const step = dtype === 'bf16' ? 2 ** -5 : dtype === 'f16' ? 2 ** -8 : 2 ** -16
  const values = r.array(n, (q) => Math.round(q.uniform(low, high) / step) * step)
  if (r.nonFinite && n > 0) for (let k = r.int(1, 4); k > 0; k--) values[r.int(0, n)] = r.pick(SPECIALS)
  return values
}

/** `values` behind a random chain of views whose result has `shape`. */
export function operand(r: Draw, shape: Shape, dtype: DType, domain?: Domain): Both {
  const views: ((t: Tensor) => Tensor)[] = []
  let base = shape.slice() as number[]
  // The chain is built from its end: each step says which tensor it would come from.
  for (let k = r.int(0, 3); k > 0; k--) {
    const rank = base.length
    const axis = rank > 0 ? r.int(0, rank) : 0
    const size = base[axis] as number
    switch (r.int(0, 5)) {
      case 0: {
        if (rank < 2) break
        const other = r.int(0, rank)
        ;[base[axis], base[other]] = [base[other] as number, base[axis] as number]
        views.unshift((t) => t.transpose(axis, other))
        break
      }
      case 1: {
        if (rank === 0) break
        const [before, step] = [r.int(0, 3), r.int(1, 4)]
        base[axis] = before + size * step + 1
        views.unshift((t) => t.slice(axis, before, before + size * step, step))
        break
      }
      case 2: {
        if (rank === 0 || size === 0) break
        base[axis] = 1
        views.unshift((t) => t.expand(t.shape.map((d, i) => (i === axis ? size : d))))
        break
      }
      case 3: {
        if (rank > 15) break
        base.splice(axis, 0, 3)
        views.unshift((t) => t.select(axis, 1))
        break
      }
      default: {
        if (rank < 1 || rank > 15 || size < 2 || size % 2) break
        const split = base.slice()
        split.splice(axis, 1, 2, size / 2)
        const target = base.slice()
        base = split
        views.unshift((t) => t.reshape(target))
      }
    }
    if (numelOf(base) > 4000) return operand(r, shape, dtype, domain)
  }
  return given(randomValues(r, base, dtype, domain), base, dtype, views)
}

/** These values on both devices. */
export function given(
  values: ArrayLike<number>,
  shape: Shape,
  dtype: DType,
  views: readonly ((t: Tensor) => Tensor)[] = [],
): Both {
  const array = dtype === 'i64' ? BigInt64Array.from(values as ArrayLike<never>, BigInt) : Float64Array.from(values)
  const make = (device: string): Tensor =>
    views.reduce((t, view) => view(t), tensor(array, { dtype, shape, device }) as Tensor)
  return [make('cpu'), make('reference')]
}

/** Integers of [low, size) for indices. */
export const indices = (r: Draw, shape: Shape, size: number, low = 0, dtype: 'i64' | 'i32' = 'i64'): Both =>
  given(r.ints(numelOf(shape), low, Math.max(low + 1, size)), shape, dtype)
