/**
 * Random operands for the fuzzer: the same elements on two devices, behind the same random chain of views. Place in the whole:
 * what catalog.ts draws from.
 */
import { type Tensor, tensor } from '#lib/index.js'
import { type DType, isFloating } from '#lib/tensor/dtype.js'
import { numelOf, type Shape } from '#lib/tensor/shape.js'
import type { Random } from '../helpers/random.js'

export const DEVICES = ['cpu', 'reference'] as const
/** A tensor on the device under test, and on the oracle's. */
export type Both = readonly [Tensor, Tensor]

const SIZES = [0, 1, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33]

/** Few elements, any rank: empty, scalar, thin and long ones often. */
export function randomShape(r: Random, maxRank = 5, most = 400): Shape {
  if (r.int(0, 40) === 0) return Array.from({ length: r.int(9, 17) }, () => r.int(1, 3)).map((d, i) => (i < 8 ? d : 1))
  const rank = r.int(0, maxRank + 1)
  const shape: number[] = []
  let n = 1
  for (let i = 0; i < rank; i++) {
    const d = r.pick(SIZES)
    shape.push(n * d > most ? 1 : d)
    n *= shape[i] as number
  }
  return shape
}

export interface Domain {
  low?: number
  high?: number
}

/** Values in the domain, exact in the dtype. */
export function randomValues(r: Random, shape: Shape, dtype: DType, { low = -2, high = 2 }: Domain = {}): Float64Array {
  const n = numelOf(shape)
  if (dtype === 'bool') return r.array(n, (q) => q.int(0, 2))
  if (dtype === 'u8') return r.array(n, (q) => q.int(Math.max(0, Math.ceil(low)), Math.max(2, 8 * high)))
  if (!isFloating(dtype)) return r.array(n, (q) => q.int(Math.ceil(8 * low), 8 * high))
  // Steps that every dtype holds, so that both devices start from the same numbers.
  const step = dtype === 'bf16' ? 2 ** -5 : dtype === 'f16' ? 2 ** -8 : 2 ** -16
  return r.array(n, (q) => Math.round(q.uniform(low, high) / step) * step)
}

/** `values` behind a random chain of views whose result has `shape`. */
export function operand(r: Random, shape: Shape, dtype: DType, domain?: Domain): Both {
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
  const values = randomValues(r, base, dtype, domain)
  const make = (device: string): Tensor => {
    const array = dtype === 'i64' ? BigInt64Array.from(values, BigInt) : values
    return views.reduce((t, view) => view(t), tensor(array, { dtype, shape: base, device }) as Tensor)
  }
  return [make('cpu'), make('reference')]
}

/** Integers of [0, size) for indices, on both devices. */
export function indices(r: Random, shape: Shape, size: number): Both {
  const values = BigInt64Array.from({ length: numelOf(shape) }, () => BigInt(r.int(0, Math.max(1, size))))
  return DEVICES.map((device) => tensor(values, { dtype: 'i64', shape, device })) as unknown as Both
}
