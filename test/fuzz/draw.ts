/** How calls are drawn: one function for each kind of operator. Place in the whole: the words of the catalogue. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import type { Shape } from '#lib/tensor/shape.js'
import { type Both, type Domain, type Draw, filledShape, operand, randomShape } from './tensors.js'

export interface Call {
  inputs: readonly Both[]
  /** Tensors, or anything that holds tensors, numbers and bools. */
  run: (...inputs: Tensor[]) => unknown
  /** Frees what outlives the scope of a call. */
  done?: () => void
}

/** How results are judged; see judge.ts. */
export interface Judge {
  /** Roundings, times 1 + log2 of the largest operand's elements. Default 8. */
  roundings?: number
  /** Errors are relative to the largest operand to this power, at least. Default 1. */
  power?: number
  /** false where it has no gradient, or one that a rounding of the result moves. */
  gradient?: false
  /** Operands are finite: what becomes of others is no part of the definition. */
  finite?: true
}

export interface Entry extends Judge {
  /** Names of the operators that it calls, by commas. */
  name: string
  draw: (r: Draw) => Call
}

export const entry = (name: string, draw: (r: Draw) => Call, judge: Judge = {}): Entry => ({ name, draw, ...judge })
export const call = (inputs: readonly Both[], run: Call['run'], done: () => void = () => {}): Call => ({
  inputs,
  run,
  done,
})

export const HALVES: readonly DType[] = ['bf16', 'f16']
export const WIDE: readonly DType[] = ['f32', 'f64']
export const FLOATS: readonly DType[] = [...WIDE, ...HALVES]
export const INTEGERS: readonly DType[] = ['i32', 'i64', 'u8', 'i8']
export const NUMBERS: readonly DType[] = [...FLOATS, ...INTEGERS]
export const ALL: readonly DType[] = [...NUMBERS, 'bool']
export const COMPLEX: readonly DType[] = ['c64', 'c128']
export const ANY: readonly DType[] = [...ALL, ...COMPLEX]
export const POSITIVE: Domain = { low: 0.125, high: 2 }
export const INSIDE: Domain = { low: -0.9, high: 0.9 }

export type Fn = (...args: any[]) => any

/** The functions of these names, such as 'exp' and 'linalg.det'. */
const named = (names: string): [string, Fn][] =>
  names.split(' ').map((name) => {
    const f = name.split('.').reduce((o: any, key) => o[key], ops) as Fn | undefined
    if (typeof f !== 'function') throw new Error(`the fuzzer's catalogue names '${name}', which does not exist`)
    return [name, f]
  })

/** What is given behind the tensors. */
type Arguments = (r: Draw) => readonly unknown[]
const NOTHING: Arguments = () => []

interface Options extends Judge {
  domain?: Domain
  args?: Arguments
}

/** Pointwise operators of one operand. */
export const unary = (
  names: string,
  dtypes: readonly DType[],
  { domain, args = NOTHING, ...judge }: Options = {},
): Entry[] =>
  named(names).map(([name, f]) =>
    entry(
      name,
      (r) => {
        const more = args(r)
        return call([operand(r, randomShape(r), r.pick(dtypes), domain)], (x) => f(x, ...more))
      },
      judge,
    ),
  )

/** A shape that broadcasts with `shape`, mostly. */
export function partner(r: Draw, shape: Shape): Shape {
  const other = shape.map((d) => (r.int(0, 4) === 0 ? 1 : d)).slice(r.int(0, 3) === 0 ? r.int(0, shape.length + 1) : 0)
  if (r.int(0, 60) === 0 && other.length > 0) other[0] = (other[0] as number) + 1
  return other
}

/** Pointwise operators of two operands of any dtypes, or of one and a number. */
export const binary = (
  names: string,
  dtypes: readonly DType[],
  { domains = [], args = NOTHING, ...judge }: Judge & { domains?: readonly [Domain?, Domain?]; args?: Arguments } = {},
): Entry[] =>
  named(names).map(([name, f]) =>
    entry(
      name,
      (r) => {
        const shape = randomShape(r, 4, 200)
        const first = r.pick(dtypes)
        const a = operand(r, shape, first, domains[0])
        const more = args(r)
        if (r.chance(5)) {
          const number = r.int(1, 4)
          return call([a], (x) => f(x, number, ...more))
        }
        const b = operand(r, partner(r, shape), r.chance(3) ? r.pick(dtypes) : first, domains[1])
        return call([a, b], (x, y) => f(x, y, ...more))
      },
      judge,
    ),
  )

/** An axis, from either end, now and then one that does not exist. */
export const axisOf = (r: Draw, shape: Shape): number =>
  r.chance(50)
    ? r.pick([shape.length + 1, -shape.length - 2, 0.5, Number.NaN])
    : shape.length === 0
      ? 0
      : r.int(-shape.length, shape.length)

/** No axes, one, or several. */
export const axesOf = (r: Draw, shape: Shape): number | number[] | undefined =>
  r.pick([
    () => undefined,
    () => axisOf(r, shape),
    () => [...new Set(Array.from({ length: r.int(1, 3) }, () => axisOf(r, shape)))],
  ])()

/** Reductions over axes; `options` join `keepDim`. */
export const reductions = (
  names: string,
  dtypes: readonly DType[],
  { domain, options, ...judge }: Judge & { domain?: Domain; options?: (r: Draw) => object } = {},
): Entry[] =>
  named(names).map(([name, f]) =>
    entry(
      name,
      (r) => {
        const shape = randomShape(r)
        const axes = axesOf(r, shape)
        const more = { keepDim: r.chance(2), ...options?.(r) }
        return call([operand(r, shape, r.pick(dtypes), domain)], (x) => (axes === undefined ? f(x) : f(x, axes, more)))
      },
      judge,
    ),
  )

/** An operator of one tensor, whose other arguments depend on its shape. */
export const shaped = (
  name: string,
  dtypes: readonly DType[],
  draw: (r: Draw, shape: readonly number[]) => (x: Tensor) => unknown,
  {
    domain,
    rank = [0, 5],
    filled = false,
    ...judge
  }: Judge & { domain?: Domain; rank?: [number, number]; filled?: boolean } = {},
): Entry =>
  entry(
    name,
    (r) => {
      const shape = filled ? filledShape(r, rank[1], 200, rank[0]) : randomShape(r, rank[1], 300, rank[0])
      const run = draw(r, shape)
      return call([operand(r, shape, r.pick(dtypes), domain)], run)
    },
    judge,
  )

/** An operator along an axis of n elements. */
export const along = (
  name: string,
  dtypes: readonly DType[],
  draw: (r: Draw, n: number) => (x: Tensor, axis: number) => unknown,
  options: Judge & { domain?: Domain; filled?: boolean } = {},
): Entry =>
  shaped(
    name,
    dtypes,
    (r, shape) => {
      const axis = axisOf(r, shape)
      const f = draw(r, shape.at(axis) ?? 0)
      return (x) => f(x, axis)
    },
    { rank: [1, 5], ...options },
  )

/** The plain form: f(x, axis). */
export const byAxis = (
  names: string,
  dtypes: readonly DType[],
  options: Judge & { domain?: Domain; filled?: boolean } = {},
): Entry[] => named(names).map(([name, f]) => along(name, dtypes, () => (x, axis) => f(x, axis), options))
