/** OpSpecs of pointwise functions from a line each. Place in the whole: used by the families beside unary and binary. */
import type { Operand, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type DType, floatOf } from '#lib/tensor/dtype.js'
import { type Domain, LARGE, type Sampler } from './sampler.js'
import { type Gradient, type Input, type OpName, type OpSpec, REALS, type Sample } from './spec.js'

interface Common {
  ops?: readonly OpName[]
  dtypes?: readonly DType[]
  refuses?: readonly DType[]
  /** Result: 'same' dtype, 'bool', or (default) integers computed as f32. */
  result?: 'same' | 'bool'
  roundings?: number
  /** Errors are relative to |y| + 1: functions with zeros, and those computed as a difference. */
  absolute?: boolean
  composed?: boolean
  gradient?: Gradient | null
  /** Infinities, NaN and the like. Default true. */
  specials?: boolean
  /** Long enough for threads. Default false: one operator a kernel file has it. */
  large?: boolean
  signedZeros?: boolean
}

export interface UnaryCase extends Common {
  f: (x: Tensor, args: any) => Tensor
  domain?: Domain
  args?: readonly unknown[]
}

const resultOf = (kind: Common['result']): ((d: DType) => DType) =>
  kind === 'same' ? (d) => d : kind === 'bool' ? () => 'bool' : floatOf

const beyond = (y: Tensor): Tensor => ops.add(ops.abs(y), 1)

function common(name: string, c: Common): Omit<OpSpec, 'samples' | 'call'> {
  return {
    name,
    ops: c.ops ?? [name as OpName],
    dtypes: c.dtypes ?? REALS,
    ...(c.refuses ? { refuses: c.refuses } : {}),
    result: resultOf(c.result),
    accuracy: { roundings: c.roundings ?? 0, ...(c.composed ? { composed: true } : {}) },
    gradient: c.gradient === undefined ? {} : c.gradient,
    ...(c.signedZeros ? { signedZeros: true } : {}),
  }
}

export const unarySpec = (name: string, c: UnaryCase): OpSpec => {
  const base = common(name, c)
  return {
    ...base,
    *samples(s: Sampler): Iterable<Sample> {
      for (const args of c.args ?? [{}]) {
        for (const shape of [[1], [17], [65], [], [3, 5], [2, 0, 3]])
          yield { inputs: [s.values(shape, c.domain)], args }
        if (c.specials !== false) yield { inputs: [s.specials()], args, differentiable: false }
      }
      if (c.large) yield { inputs: [s.values([LARGE], c.domain)], args: (c.args ?? [{}])[0], large: true }
    },
    call: ([x], args) => c.f(x as Tensor, args),
    accuracy: {
      ...base.accuracy,
      ...(c.absolute ? { magnitude: ([x]: readonly Tensor[], args: unknown) => beyond(c.f(x as Tensor, args)) } : {}),
    },
  }
}

export interface BinaryCase extends Common {
  /** There is no derivative by the left operand. */
  constant?: boolean
  f: (a: Operand, b: Operand) => Tensor
  left?: Domain
  right?: Domain
  /** Numbers in place of the right operand, and of the left one. */
  scalars?: readonly number[]
}

interface Numbers {
  left?: number
  right?: number
}

export const binarySpec = (name: string, c: BinaryCase): OpSpec<Numbers> => {
  const base = common(name, c)
  const call = ([a, b]: readonly Tensor[], { left, right }: Numbers): Tensor =>
    c.f(left ?? (a as Tensor), left === undefined ? (right ?? (b as Tensor)) : (a as Tensor))
  return {
    ...base,
    *samples(s: Sampler): Iterable<Sample<Numbers>> {
      const fixed = (x: Input): Input => (c.constant ? { ...x, constant: true } : x)
      const [left, right] = s.floating ? [c.left, c.right] : [{}, {}]
      const shapes = [
        [[17], [17]],
        [[65], [65]],
        [[], []],
        [
          [3, 1],
          [1, 5],
        ],
        [[4, 3], [3]],
        [[2, 0, 3], [3]],
      ] as const
      for (const [a, b] of shapes) yield { inputs: [fixed(s.values(a, left)), s.values(b, right)], args: {} }
      if (c.specials !== false) {
        const specials = s.specials()
        yield {
          inputs: [{ ...specials, shape: [specials.values.length, 1] }, specials],
          args: {},
          differentiable: false,
        }
      }
      for (const scalar of s.dtype === 'bool' ? [] : (c.scalars ?? [1])) {
        yield { inputs: [fixed(s.values([33], left))], args: { right: scalar } }
        yield { inputs: [s.values([3, 11], right)], args: { left: scalar } }
      }
      if (c.large) yield { inputs: [s.values([LARGE], left), s.values([LARGE], right)], args: {}, large: true }
    },
    call,
    accuracy: {
      ...base.accuracy,
      ...(c.absolute ? { magnitude: (inputs: readonly Tensor[], args: Numbers) => beyond(call(inputs, args)) } : {}),
    },
  }
}

export const unarySpecs = (table: Readonly<Record<string, UnaryCase>>): OpSpec[] =>
  Object.entries(table).map(([name, c]) => unarySpec(name, c))
export const binarySpecs = (table: Readonly<Record<string, BinaryCase>>): OpSpec<any>[] =>
  Object.entries(table).map(([name, c]) => binarySpec(name, c))
