/**
 * How far a result may lie from the float64 oracle. Place in the whole: the one source of tolerances in operator tests.
 *
 * With eps(d) the spacing of dtype d at 1, an element y whose terms have absolute sum M may differ by
 *
 *   eps(out) / 2 * |y|                               the last rounding
 * + eps(compute) * (roundings + growth(K)) * M       the operations before it
 * + eps(out) / 2 * F                                where factors of a sum of absolute values F are rounded to out
 * + the smallest positive number of out, and the smallest
 *   normal one of compute                            underflow
 *
 * bf16 and f16 compute in f32. growth(K) is that of pairwise or blocked summation of K terms, log2(K): a reduction that adds
 * them one after the other into one accumulator fails for large K. Products of matrices may do so: for them it is the bound of
 * serial summation, K / 2 (Higham 2002, section 4.2; half, as eps is twice the unit roundoff). The oracle itself adds serially
 * in double, so in f64 growth is K for everything.
 */
import type { DType } from '#lib/tensor/dtype.js'
import { smallest, smallestNormal } from '../helpers/compare.js'

const EPS: Partial<Record<DType, number>> = { f64: 2 ** -52, f32: 2 ** -23, f16: 2 ** -10, bf16: 2 ** -7 }

/** Spacing of the dtype's numbers at 1; 0 for integers. */
export const eps = (d: DType): number => EPS[d] ?? 0

export function growth(d: DType, terms: number, serial = false): number {
  if (terms <= 1) return 0
  return d === 'f64' ? terms : serial ? terms / 2 : Math.log2(terms)
}

export interface ErrorModel {
  out: DType
  /** The dtype that intermediate results are rounded to. */
  compute: DType
  roundings: number
  terms: number
  serial?: boolean
  /** The oracle rounds to `out` too: a result between two numbers may come out as either. */
  roundedTruth?: boolean
}

export function tolerances(
  model: ErrorModel,
  y: Float64Array,
  magnitude: Float64Array,
  factors?: Float64Array,
): Float64Array {
  const { out, compute, roundings, terms } = model
  const before = eps(compute) * (roundings + growth(compute, terms, model.serial))
  if (roundings === 0 && terms <= 1) return new Float64Array(y.length)
  const last = model.roundedTruth ? eps(out) : eps(out) / 2
  const underflow = smallest(out) + smallestNormal(compute)
  const rounded = (i: number): number => (factors ? (eps(out) / 2) * (factors[i] as number) : 0)
  return y.map((v, i) => last * Math.abs(v) + rounded(i) + before * (magnitude[i] as number) + underflow)
}
