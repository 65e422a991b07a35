/** What the fuzzer compares: results of the device under test with the oracle's. Place in the whole: run.ts's judge. */

import { engine, SinterError, Tensor } from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { show } from '#lib/tensor/shape.js'
import { numbers } from '../helpers/compare.js'
import type { Judge } from './draw.js'
import type { Both } from './tensors.js'

const EPS: Partial<Record<DType, number>> = {
  f32: 2 ** -23,
  f64: 2 ** -52,
  bf16: 2 ** -7,
  f16: 2 ** -10,
  c64: 2 ** -23,
  c128: 2 ** -52,
}

export interface Value {
  what: string
  values: Float64Array
  /** Of the dtype; 0 where results are exact. */
  eps: number
  shape: string
}

export interface Outcome {
  results: Value[]
  gradients: Value[]
  error: SinterError | null
}

/** Runs on one device. Errors of the execution appear here, as values are read. */
export function attempt(run: () => { results: unknown; gradients: readonly (Tensor | null)[] }): Outcome {
  try {
    const { results, gradients } = run()
    return {
      results: leavesOf(results).map((x, i) => valueFrom(x, `result ${i}`)),
      gradients: gradients.flatMap((g, i) => (g ? [valueFrom(g, `the gradient of operand ${i}`)] : [])),
      error: null,
    }
  } catch (error) {
    if (!(error instanceof SinterError)) throw error
    drain()
    return { results: [], gradients: [], error }
  }
}

/** Errors of results that nobody reads after the first one. */
function drain(): void {
  try {
    engine.syncSync()
  } catch (error) {
    if (!(error instanceof SinterError)) throw error
  }
}

/** Tensors, numbers and bools in whatever an operator gives back. */
export function leavesOf(y: unknown): (Tensor | number | boolean)[] {
  if (y instanceof Tensor || typeof y === 'number' || typeof y === 'boolean') return [y]
  if (y === null || y === undefined) return []
  if (y instanceof Promise) throw new Error('the catalogue calls the synchronous forms')
  return Object.values(y as object).flatMap(leavesOf)
}

function valueFrom(x: Tensor | number | boolean, what: string): Value {
  if (!(x instanceof Tensor)) return { what, values: Float64Array.of(Number(x)), eps: 0, shape: typeof x }
  // Of complex tensors pairs.
  const values = numbers(x)
  return { what, values, eps: EPS[x.dtype] ?? 0, shape: `${x.dtype} ${show(x.shape)}` }
}

/** Largest finite magnitude. */
const largest = (v: Float64Array): number => {
  let m = 0
  for (const x of v) if (Math.abs(x) > m && Number.isFinite(x)) m = Math.abs(x)
  return m
}

/** What a rounding of one call is relative to. */
export interface Scale {
  /** The largest operand, at least 1. */
  size: number
  /** Elements of the largest operand. */
  terms: number
  /** Of mixed calls, the coarsest dtype's: an operator that is composed of others rounds its steps to either. Otherwise 0. */
  eps: number
}

export function scaleOf(inputs: readonly Both[]): Scale {
  const scale = { size: 1, terms: 1, eps: 0 }
  const roundings = new Set<number>()
  // The oracle's copies: what the device under test holds may be wrong.
  for (const [, x] of inputs) {
    scale.terms = Math.max(scale.terms, x.numel)
    const eps = EPS[x.dtype]
    if (eps === undefined) continue
    roundings.add(eps)
    scale.size = Math.max(scale.size, largest(numbers(x)))
  }
  if (roundings.size > 1) scale.eps = Math.max(...roundings)
  return scale
}

/**
 * @returns whether both refused the call with the same typed error
 * @throws Error that says how the outcomes differ
 */
export function compare(mine: Outcome, truth: Outcome, judge: Judge, scale: Scale, values: boolean): boolean {
  if (mine.error || truth.error) {
    if (mine.error?.code === truth.error?.code) return true
    throw new Error(`${mine.error?.message ?? 'computed'}; by the oracle ${truth.error?.message ?? 'computed'}`)
  }
  const base = scale.size ** (judge.power ?? 1)
  const roundings = (judge.roundings ?? 8) * (1 + Math.log2(scale.terms))
  const epsOf = (e: Value): number => (e.eps > 0 ? Math.max(e.eps, scale.eps) : 0)
  const top = Math.max(0, ...truth.results.map((r) => largest(r.values)))
  same(mine.results, truth.results, values, (e) => epsOf(e) * roundings * Math.max(base, largest(e.values)))
  // A gradient is a sum of products of what the forward pass rounded and the gradients of its steps.
  const slope = Math.max(base, top, ...truth.gradients.map((g) => largest(g.values)))
  same(mine.gradients, truth.gradients, values, (e) => epsOf(e) * 2 * roundings * slope)
  return false
}

function same(
  mine: readonly Value[],
  truth: readonly Value[],
  values: boolean,
  toleranceOf: (e: Value) => number,
): void {
  if (mine.length !== truth.length) throw new Error(`${mine.length} results, by the oracle ${truth.length}`)
  truth.forEach((e, k) => {
    const got = mine[k] as Value
    if (got.shape !== e.shape) throw new Error(`${e.what} is ${got.shape}, by the oracle ${e.shape}`)
    if (!values) return
    const tolerance = toleranceOf(e)
    e.values.forEach((x, i) => {
      const y = got.values[i] as number
      if (y === x || Object.is(y, x) || Math.abs(y - x) <= tolerance) return
      throw new Error(`element ${i} of ${e.what} ${e.shape} is ${y}, by the oracle ${x}; tolerance ${tolerance}`)
    })
  })
}
