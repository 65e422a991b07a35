/**
 * What the fuzzer calls: operators with random shapes, dtypes and arguments, right and, now and then, wrong ones. Place in the
 * whole: a line or two an operator; run.ts executes and compares.
 */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Random } from '../helpers/random.js'
import { type Both, type Domain, indices, operand, randomShape } from './tensors.js'

export interface Call {
  inputs: readonly Both[]
  run: (inputs: Tensor[]) => Tensor | readonly Tensor[]
}

export interface Entry {
  name: string
  draw: (r: Random) => Call
  /** Roundings, times 1 + log2 of the largest operand's elements. Default 8. */
  roundings?: number
  /** Errors are relative to the largest operand to this power, at least. Default 1. */
  power?: number
}

const FLOATS: readonly DType[] = ['f32', 'f64', 'bf16', 'f16']
const NUMBERS: readonly DType[] = [...FLOATS, 'i32', 'i64', 'u8', 'i8']
const ALL: readonly DType[] = [...NUMBERS, 'bool']
const POSITIVE: Domain = { low: 0.125, high: 2 }

/** Pointwise operators of one operand. */
const unary = (
  functions: Readonly<Record<string, (x: Tensor) => Tensor>>,
  dtypes: readonly DType[],
  domain?: Domain,
  roundings?: number,
): Entry[] =>
  Object.entries(functions).map(([name, f]) => ({
    name,
    ...(roundings ? { roundings } : {}),
    draw: (r) => ({
      inputs: [operand(r, randomShape(r), r.pick(dtypes), domain)],
      run: ([x]) => f(x as Tensor),
    }),
  }))

/** A shape that broadcasts with `shape`, mostly. */
function partner(r: Random, shape: Shape): Shape {
  const other = shape.map((d) => (r.int(0, 4) === 0 ? 1 : d)).slice(r.int(0, 3) === 0 ? r.int(0, shape.length + 1) : 0)
  if (r.int(0, 60) === 0 && other.length > 0) other[0] = (other[0] as number) + 1
  return other
}

/** Pointwise operators of two operands of any dtypes, or of one and a number. */
const binary = (
  functions: Readonly<Record<string, (a: Tensor, b: Tensor | number) => Tensor>>,
  dtypes: readonly DType[],
  domains: readonly [Domain?, Domain?] = [],
  power = 1,
): Entry[] =>
  Object.entries(functions).map(([name, f]) => ({
    name,
    power,
    draw: (r) => {
      const shape = randomShape(r, 4, 200)
      const first = r.pick(dtypes)
      const a = operand(r, shape, first, domains[0])
      if (r.int(0, 5) === 0) {
        const number = r.int(1, 4)
        return { inputs: [a], run: ([x]) => f(x as Tensor, number) }
      }
      const b = operand(r, partner(r, shape), r.int(0, 3) === 0 ? r.pick(dtypes) : first, domains[1])
      return { inputs: [a, b], run: ([x, y]) => f(x as Tensor, y as Tensor) }
    },
  }))

const axisOf = (r: Random, shape: Shape): number =>
  r.int(0, 50) === 0 ? shape.length + 1 : shape.length === 0 ? 0 : r.int(-shape.length, shape.length)

type Reduction = (x: Tensor, axes?: number | number[], options?: { keepDim?: boolean }) => Tensor
const reductions = (functions: Readonly<Record<string, Reduction>>, dtypes: readonly DType[], roundings = 8): Entry[] =>
  Object.entries(functions).map(([name, f]) => ({
    name,
    roundings,
    draw: (r) => {
      const shape = randomShape(r)
      const keepDim = r.int(0, 2) === 1
      const kind = r.int(0, 3)
      const axis = axisOf(r, shape)
      const several = [...new Set(Array.from({ length: r.int(1, 3) }, () => axisOf(r, shape)))]
      return {
        inputs: [operand(r, shape, r.pick(dtypes))],
        run: ([x]) => (kind === 0 ? f(x as Tensor) : f(x as Tensor, kind === 1 ? axis : several, { keepDim })),
      }
    },
  }))

/** Operators along one axis. */
const along = (
  list: Readonly<
    Record<string, (x: Tensor, axis: number, r: { k: number; flag: boolean }) => Tensor | readonly Tensor[]>
  >,
  dtypes: readonly DType[],
  options: { domain?: Domain; roundings?: number; least?: number } = {},
): Entry[] =>
  Object.entries(list).map(([name, f]) => ({
    name,
    ...(options.roundings ? { roundings: options.roundings } : {}),
    draw: (r) => {
      const shape = randomShape(r).slice()
      if (shape.length === 0) shape.push(r.int(1, 9))
      const axis = axisOf(r, shape)
      const extra = { k: r.int(1, 5), flag: r.int(0, 2) === 1 }
      return { inputs: [operand(r, shape, r.pick(dtypes), options.domain)], run: ([x]) => f(x as Tensor, axis, extra) }
    },
  }))

const matrices: Entry = {
  name: 'matmul',
  roundings: 40,
  power: 2,
  draw: (r) => {
    const [m, k, n] = [r.int(0, 20), r.int(0, 30), r.int(0, 20)]
    const batch = Array.from({ length: r.int(0, 3) }, () => r.int(1, 3))
    const dtype = r.pick(FLOATS)
    const inner = r.int(0, 50) === 0 ? k + 1 : k
    const a = r.int(0, 8) === 0 ? [k] : [...batch, m, k]
    const b = r.int(0, 8) === 0 ? [inner] : [...partner(r, batch), inner, n]
    return {
      inputs: [operand(r, a, dtype), operand(r, b, dtype)],
      run: ([x, y]) => ops.matmul(x as Tensor, y as Tensor),
    }
  },
}

const indexed: Entry[] = [
  {
    name: 'gather',
    draw: (r) => {
      const shape = randomShape(r, 4, 200).map((d) => Math.max(1, d))
      if (shape.length === 0) shape.push(3)
      const axis = r.int(0, shape.length)
      const at = shape.map((d, i) => (i === axis ? r.int(0, 6) : r.int(0, d + 1)))
      const reach = (shape[axis] as number) + (r.int(0, 30) === 0 ? 3 : 0)
      return {
        inputs: [operand(r, shape, r.pick(ALL)), indices(r, at, reach)],
        run: ([x, i]) => ops.gather(x as Tensor, axis, i as Tensor),
      }
    },
  },
  {
    name: 'indexSelect',
    draw: (r) => {
      const shape = randomShape(r, 4, 200).map((d) => Math.max(1, d))
      if (shape.length === 0) shape.push(3)
      const axis = r.int(-shape.length, shape.length)
      const reach = (shape.at(axis) as number) + (r.int(0, 30) === 0 ? 2 : 0)
      return {
        inputs: [operand(r, shape, r.pick(ALL)), indices(r, [r.int(0, 8)], reach)],
        run: ([x, i]) => ops.indexSelect(x as Tensor, axis, i as Tensor),
      }
    },
  },
  {
    name: 'scatterAdd',
    draw: (r) => {
      const shape = randomShape(r, 3, 150).map((d) => Math.max(1, d))
      if (shape.length === 0) shape.push(3)
      const axis = r.int(0, shape.length)
      const at = shape.map((d, i) => (i === axis ? r.int(0, 6) : d))
      const dtype = r.pick(['f32', 'f64', 'i32', 'i64'] as const)
      return {
        inputs: [operand(r, shape, dtype), indices(r, at, shape[axis] as number), operand(r, at, dtype)],
        run: ([x, i, s]) => ops.scatterAdd(x as Tensor, axis, i as Tensor, s as Tensor),
      }
    },
  },
  {
    name: 'embedding',
    draw: (r) => {
      const rows = r.int(1, 9)
      return {
        inputs: [operand(r, [rows, r.int(0, 20)], r.pick(FLOATS)), indices(r, randomShape(r, 3, 40), rows)],
        run: ([w, i]) => ops.embedding(w as Tensor, i as Tensor),
      }
    },
  },
]

const shaped: Entry[] = [
  {
    name: 'where',
    draw: (r) => {
      const shape = randomShape(r, 4, 200)
      const dtype = r.pick(ALL)
      return {
        inputs: [operand(r, partner(r, shape), 'bool'), operand(r, shape, dtype), operand(r, partner(r, shape), dtype)],
        run: ([c, x, y]) => ops.where(c as Tensor, x as Tensor, y as Tensor),
      }
    },
  },
  {
    name: 'concat',
    draw: (r) => {
      const shape = randomShape(r, 4, 100).slice()
      if (shape.length === 0) shape.push(2)
      const axis = r.int(0, shape.length)
      const dtype = r.pick(ALL)
      const inputs = Array.from({ length: r.int(1, 4) }, () =>
        operand(
          r,
          shape.map((d, i) => (i === axis ? r.int(0, 5) : d)),
          dtype,
        ),
      )
      return { inputs, run: (list) => ops.concat(list, axis) }
    },
  },
  {
    name: 'cast',
    draw: (r) => {
      const to = r.pick(ALL)
      return { inputs: [operand(r, randomShape(r), r.pick(ALL))], run: ([x]) => ops.cast(x as Tensor, to) }
    },
  },
  {
    name: 'layerNorm',
    roundings: 60,
    draw: (r) => {
      const [rows, n] = [r.int(0, 9), r.int(2, 40)]
      const dtype = r.pick(FLOATS)
      return {
        inputs: [operand(r, [rows, n], dtype), operand(r, [n], dtype), operand(r, [n], dtype)],
        run: ([x, w, b]) => ops.layerNorm(x as Tensor, [n], w as Tensor, b as Tensor, 0.1),
      }
    },
  },
  {
    name: 'conv2d',
    roundings: 60,
    power: 2,
    draw: (r) => {
      const groups = r.int(1, 3)
      const [c, o] = [groups * r.int(1, 4), groups * r.int(1, 5)]
      const [kh, kw, h, w] = [r.int(1, 4), r.int(1, 4), r.int(1, 12), r.int(1, 12)]
      const dtype = r.pick(FLOATS)
      const options = { stride: r.int(1, 3), padding: r.int(0, 3), dilation: r.int(1, 3), groups }
      return {
        inputs: [
          operand(r, [r.int(1, 3), c, h, w], dtype),
          operand(r, [o, c / groups, kh, kw], dtype),
          operand(r, [o], dtype),
        ],
        run: ([x, k, b]) => ops.conv2d(x as Tensor, k as Tensor, b as Tensor, options),
      }
    },
  },
  {
    name: 'maxPool2d, avgPool2d',
    draw: (r) => {
      const [kh, kw] = [r.int(1, 4), r.int(1, 4)]
      const padding = r.int(0, 2) * Math.floor(Math.min(kh, kw) / 2)
      const stride = r.int(1, 4)
      const max = r.int(0, 2) === 1
      const x = operand(r, [r.int(1, 3), r.int(1, 4), r.int(1, 12), r.int(1, 12)], r.pick(FLOATS))
      return {
        inputs: [x],
        run: ([t]) => (max ? ops.maxPool2d : ops.avgPool2d)(t as Tensor, [kh, kw], { stride, padding }),
      }
    },
  },
  {
    name: 'scaledDotProductAttention',
    roundings: 60,
    draw: (r) => {
      const [b, h, t, s, d] = [r.int(1, 3), r.int(1, 3), r.int(1, 12), r.int(1, 12), r.int(1, 20)]
      const dtype = r.pick(FLOATS)
      return {
        inputs: [operand(r, [b, h, t, d], dtype), operand(r, [b, h, s, d], dtype), operand(r, [b, h, s, d], dtype)],
        run: ([q, k, v]) => ops.scaledDotProductAttention(q as Tensor, k as Tensor, v as Tensor),
      }
    },
  },
]

export const CATALOG: readonly Entry[] = [
  ...unary(
    {
      neg: ops.neg,
      abs: ops.abs,
      sign: ops.sign,
      square: ops.square,
      floor: ops.floor,
      ceil: ops.ceil,
      round: ops.round,
      trunc: ops.trunc,
    },
    NUMBERS,
    undefined,
    2,
  ),
  ...unary(
    {
      exp: ops.exp,
      expm1: ops.expm1,
      sin: ops.sin,
      cos: ops.cos,
      tanh: ops.tanh,
      sigmoid: ops.sigmoid,
      erf: ops.erf,
      relu: ops.relu,
      gelu: ops.gelu,
      silu: ops.silu,
      softsign: ops.softsign,
    },
    FLOATS,
    undefined,
    4,
  ),
  ...unary(
    { sqrt: ops.sqrt, rsqrt: ops.rsqrt, log: ops.log, log1p: ops.log1p, reciprocal: ops.reciprocal },
    FLOATS,
    POSITIVE,
    12,
  ),
  ...unary({ isnan: ops.isnan, isfinite: ops.isfinite, logicalNot: ops.logicalNot }, ALL),
  ...binary({ add: ops.add, maximum: ops.maximum, minimum: ops.minimum }, ALL),
  ...binary({ sub: ops.sub }, NUMBERS),
  ...binary({ mul: ops.mul }, ALL, [], 2),
  ...binary({ div: ops.div }, NUMBERS, [undefined, { low: 1, high: 3 }]),
  ...binary({ pow: ops.pow }, FLOATS, [POSITIVE, { low: -2, high: 2 }], 3),
  ...binary(
    {
      eq: ops.eq,
      ne: ops.ne,
      lt: ops.lt,
      le: ops.le,
      gt: ops.gt,
      ge: ops.ge,
      logicalAnd: ops.logicalAnd,
      logicalOr: ops.logicalOr,
      logicalXor: ops.logicalXor,
    },
    ALL,
  ),
  ...reductions({ sum: ops.sum, any: ops.any, all: ops.all }, ALL),
  ...reductions({ amax: ops.amax, amin: ops.amin }, ALL),
  ...reductions({ mean: ops.mean, logsumexp: ops.logsumexp, variance: ops.variance, std: ops.std }, FLOATS, 40),
  ...along(
    {
      softmax: (x, axis) => ops.softmax(x, axis),
      logSoftmax: (x, axis) => ops.logSoftmax(x, axis),
    },
    FLOATS,
    { roundings: 40 },
  ),
  ...along(
    {
      argmax: (x, axis, { flag }) => ops.argmax(x, axis, { keepDim: flag }),
      argmin: (x, axis) => ops.argmin(x, axis),
      chunk: (x, axis, { k }) => ops.chunk(x, k, axis),
      narrow: (x, axis, { k }) => ops.narrow(x, axis, 0, k).contiguous(),
      unsqueeze: (x, axis) => ops.unsqueeze(x, axis).contiguous(),
      flatten: (x, axis) => ops.flatten(x, axis),
    },
    ALL,
  ),
  ...unary({ clone: ops.clone, contiguous: ops.contiguous }, ALL),
  matrices,
  ...indexed,
  ...shaped,
]
