/**
 * Paths of pointwise kernels on CUDA (cuda/kernels/pointwise) that test/cuda/layouts.test.ts has no operators for: activations and their
 * gradients, updates in place, choices and creations in every dtype, by packs with an end, by strides and of one value a row. Place in the
 * whole: against the CPU. Complex numbers are in complex.test.ts, arguments far from zero in far-arguments.test.ts.
 */
import { describe, expect, test } from 'vitest'
import * as ops from '#lib/index.js'
import { grad, type Tensor, tensor, vmap } from '#lib/index.js'
import { DTYPES, type DType, isComplex, isFloating } from '#lib/tensor/dtype.js'
import type { Random } from '../../helpers/random.js'
import { device, drawn, same } from '../same.js'

const FLOATS = ['f32', 'f64', 'bf16', 'f16'] as const
const WHOLE = ['i32', 'i64', 'u8', 'i8', 'bool'] as const

/** Of a function within 3 ulp on either side (docs/accuracy.md), and twice that in 1 - y^2; bf16 and f16 are f32's, rounded once or twice. */
const roundings = (dtype: DType): number => (dtype === 'bf16' || dtype === 'f16' ? 2 : 12)

/** 16 bytes are 16 elements of a byte: three packs and an end; by strides; one value along rows of two packs. */
interface Layout {
  readonly what: string
  readonly shape: readonly number[]
  readonly lie: (x: Tensor) => Tensor
}
const PACKS: Layout = { what: 'packs and an end', shape: [53], lie: (x) => x }
const STRIDES: Layout = { what: 'rows and columns exchanged', shape: [7, 9], lie: (x) => x.transpose(0, 1) }
const VALUES: Layout = { what: 'a value a row', shape: [5, 1], lie: (x) => x.expand([5, 32]) }
const WIDE: Layout = { what: 'whole rows', shape: [5, 32], lie: (x) => x }

/** Eleven numbers, in every place of a pack. */
const LIMITS = Array.from({ length: 8 }, () => [0, -0, 3, -3, 20, -20, 1e4, -1e4, Infinity, -Infinity, NaN]).flat()
const limits = (dtype: DType, at: string): Tensor => (tensor(LIMITS, { dtype: 'f64' }) as Tensor).to(dtype).to(at)
const signed = (r: Random): number => r.uniform(-4, 4)
/** Values of a draw that lie as the layout says. */
function laid(seed: string, { shape, lie }: Layout, dtype: DType, at: string, draw = signed): Tensor {
  return lie(drawn(seed, shape, dtype, at, draw))
}

type Unary = (x: Tensor) => Tensor
const inside = (r: Random): number => r.uniform(-0.99, 0.99)
const positive = (r: Random): number => r.uniform(0.5, 9)
const UNARY: Record<string, readonly [Unary, (r: Random) => number]> = {
  hardswish: [ops.hardswish, signed],
  hardsigmoid: [ops.hardsigmoid, signed],
  tanhshrink: [ops.tanhshrink, signed],
  mish: [ops.mish, signed],
  logSigmoid: [ops.logSigmoid, signed],
  asin: [ops.asin, inside],
  acos: [ops.acos, inside],
  atan: [ops.atan, signed],
  exp2: [ops.exp2, signed],
  log2: [ops.log2, positive],
  log10: [ops.log10, positive],
}

const GRADIENTS: Record<string, Unary> = {
  relu: ops.relu,
  gelu: (x) => ops.gelu(x),
  'gelu by tanh': (x) => ops.gelu(x, { approximate: 'tanh' }),
  silu: ops.silu,
  tanh: ops.tanh,
  sigmoid: ops.sigmoid,
  leakyRelu: (x) => ops.leakyRelu(x, 0.1),
  elu: (x) => ops.elu(x, 1.5),
  softplus: (x) => ops.softplus(x, 2, 3),
  clamp: (x) => ops.clamp(x, -1, 2),
  hardtanh: (x) => ops.hardtanh(x, -1, 2),
  hardshrink: (x) => ops.hardshrink(x, 1),
  hardswish: ops.hardswish,
  mish: ops.mish,
  logSigmoid: ops.logSigmoid,
  selu: ops.selu,
}

describe.skipIf(device === undefined)('pointwise kernels', () => {
  test.each(Object.entries(UNARY))('%s', (name, [f, draw]) => {
    for (const dtype of FLOATS)
      for (const layout of [PACKS, STRIDES, VALUES])
        same(`${name} ${dtype}, ${layout.what}`, (at) => f(laid(name, layout, dtype, at, draw)), roundings(dtype))
    for (const dtype of FLOATS) same(`${name} ${dtype}, limits`, (at) => f(limits(dtype, at)), roundings(dtype))
  })

  test.each(Object.entries(GRADIENTS))('the gradient of %s', (name, f) => {
    for (const dtype of FLOATS)
      for (const [of, by] of [
        [PACKS, PACKS],
        [STRIDES, STRIDES],
        [WIDE, VALUES],
        [VALUES, WIDE],
      ] as const)
        same(
          `${name} ${dtype}, ${of.what}, by ${by.what}`,
          (at) => {
            const x = laid(name, of, dtype, at).detach().requiresGrad_(true)
            f(x).backward({ gradient: laid(`${name}, gradient`, by, dtype, at, (r) => r.uniform(-1, 1)) })
            return x.grad as Tensor
          },
          roundings(dtype),
        )
  })

  test.each(Object.entries(GRADIENTS))('the gradient of %s at its limits', (name, f) => {
    for (const dtype of FLOATS)
      same(
        `${name} ${dtype}`,
        (at) => {
          const x = limits(dtype, at).requiresGrad_(true)
          f(x).backward({ gradient: ops.full(x.shape, -0.5, { dtype, device: at }) })
          return x.grad as Tensor
        },
        roundings(dtype),
      )
  })

  // One gradient a sample of a result that they share: a row of the saved result is one value.
  test('gradients of one number by many', () => {
    for (const dtype of FLOATS)
      for (const [name, f] of Object.entries({ relu: ops.relu, tanh: ops.tanh, sigmoid: ops.sigmoid }))
        same(
          `${name} ${dtype}`,
          (at) => {
            const x = drawn(name, [], dtype, at, (r) => r.uniform(0.1, 1)).requiresGrad_(true)
            const y = f(x)
            const by = vmap((g: Tensor) => grad(y, [x], { gradOutputs: g, retainGraph: true })[0] as Tensor)
            return by(drawn('gradients', [32], dtype, at, (r) => r.uniform(-1, 1))) as Tensor
          },
          roundings(dtype),
        )
  })

  test('a slope a channel', () => {
    for (const dtype of FLOATS)
      for (const [what, shape, lie] of [
        ['one slope along a row', [2, 3, 32], (x: Tensor) => x],
        ['rows that are no packs', [2, 3, 7], (x: Tensor) => x],
        ['a row of slopes', [6, 32], (x: Tensor) => x],
        ['one element along the slopes', [6, 1], (x: Tensor) => x.expand([6, 32])],
      ] as const)
        same(`${dtype}, ${what}`, (at) => {
          const x = lie(drawn('prelu', shape, dtype, at, signed))
          return ops.prelu(x, drawn('slopes', [x.shape[1] as number], dtype, at, signed))
        })
  })
})

const whole = (dtype: DType): ((r: Random) => number) =>
  dtype === 'bool' ? (r) => r.int(0, 2) : dtype === 'u8' ? (r) => r.int(0, 20) : (r) => r.int(-10, 10)
const any = (dtype: DType): ((r: Random) => number) => (isFloating(dtype) ? signed : whole(dtype))
/** Products of three numbers of size 4 at most, in f32 or f64. */
const sums = (dtype: DType): number => (isFloating(dtype) ? (dtype === 'bf16' || dtype === 'f16' ? 1 : 16) : 0)

describe.skipIf(device === undefined)('three operands', () => {
  const ways = [
    [PACKS, PACKS, PACKS],
    [STRIDES, STRIDES, STRIDES],
    [VALUES, WIDE, WIDE],
    [WIDE, VALUES, WIDE],
    [WIDE, WIDE, VALUES],
  ] as const
  type Ternary = (x: Tensor, a: Tensor, b: Tensor) => Tensor
  const TERNARY: Record<string, readonly [readonly DType[], Ternary]> = {
    lerp: [FLOATS, ops.lerp],
    'lerp by a number': [FLOATS, (x, a) => ops.lerp(x, a, 0.25)],
    addcdiv: [FLOATS, (x, a, b) => ops.addcdiv(x, a, b, { value: 2 })],
    addcmul: [[...FLOATS, 'i32', 'i64', 'u8', 'i8'], (x, a, b) => ops.addcmul(x, a, b, { value: 3 })],
  }
  test.each(Object.entries(TERNARY))('%s', (name, [dtypes, f]) => {
    for (const dtype of dtypes)
      for (const way of ways)
        same(
          `${name} ${dtype}, ${way.map((l) => l.what).join(', ')}`,
          (at) => {
            const [x, a, b] = way.map((layout, k) =>
              laid(`${name} ${k}`, layout, dtype, at, k === 2 && isFloating(dtype) ? positive : any(dtype)),
            )
            return f(x as Tensor, a as Tensor, b as Tensor)
          },
          sums(dtype),
        )
  })

  const UPDATES: Record<string, (x: Tensor, by: Tensor) => unknown> = {
    add_: (x, by) => x.add_(by),
    'add_ of a multiple': (x, by) => x.add_(by, { alpha: 3 }),
    mul_: (x, by) => x.mul_(by),
    'mul_ by a number': (x) => x.mul_(3),
  }
  test.each(Object.entries(UPDATES))('%s', (name, f) => {
    for (const dtype of [...FLOATS, ...WHOLE])
      for (const [into, by] of [
        [PACKS, PACKS],
        [STRIDES, STRIDES],
        [WIDE, VALUES],
      ] as const)
        same(
          `${name} ${dtype}, ${into.what}, ${by.what}`,
          (at) => {
            const x = drawn(name, into.shape, dtype, at, any(dtype))
            f(into.lie(x), laid(`${name}, by`, by, dtype, at, any(dtype)))
            return x
          },
          sums(dtype),
        )
  })

  test('choices', () => {
    const truth = (at: string, layout: Layout): Tensor => laid('choices', layout, 'bool', at, whole('bool'))
    for (const dtype of [...FLOATS, ...WHOLE])
      for (const [mask, a, b] of ways)
        same(`${dtype}, ${[mask, a, b].map((l) => l.what).join(', ')}`, (at) => {
          const [c, x, y] = [truth(at, mask), laid('a', a, dtype, at, any(dtype)), laid('b', b, dtype, at, any(dtype))]
          return [ops.where(c, x, y), ops.maskedFill(x, c, 1), ops.maskedFill(y, c, 1)]
        })
  })
})

describe.skipIf(device === undefined)('tensors from numbers', () => {
  const COUNTS = [1, 63, 64] // the last pack has one element, lacks one, or lacks none
  test.each(DTYPES)('%s', (dtype) => {
    for (const n of COUNTS)
      same(`${n}`, (at) => {
        const options = { dtype, device: at }
        return [ops.arange(0, n, 1, options), ops.arange(-3, n / 2 - 3, 0.5, options), ops.eye(n, n + 2, options)]
      })
    if (!isComplex(dtype) && dtype !== 'bool')
      for (const n of COUNTS) same(`${n}`, (at) => ops.linspace(-2, 9, n, { dtype, device: at }), 2)
    for (const [rows, columns] of [
      [7, 5],
      [8, 16],
    ] as const)
      for (const diagonal of [-2, 0, 3])
        same(`triangles ${rows} x ${columns} ${diagonal}`, (at) => {
          const x = drawn('triangles', [3, rows, columns], 'f64', at, whole('i32')).to(dtype)
          return [ops.tril(x, diagonal), ops.triu(x, diagonal)]
        })
  })

  test('whole numbers from 2^53 on', () => {
    for (const n of COUNTS) {
      const y = ops.arange(2 ** 60, 2 ** 60 + n * 2 ** 10, 2 ** 10, { device: device as string })
      expect([...(y.dataSync() as BigInt64Array)]).toEqual(
        Array.from({ length: n }, (_, i) => 2n ** 60n + 1024n * BigInt(i)),
      )
    }
  })

  test('powers of integers', () => {
    for (const dtype of ['i32', 'i64', 'u8', 'i8'] as const)
      for (const exponent of [-1, -2, -3, 0, 5])
        same(`${dtype} to ${exponent}`, (at) => {
          const x = tensor([0, 1, 2, 3, ...(dtype === 'u8' ? [255] : [-1, -2, 127])], { dtype: 'f64', device: at })
          return ops.pow(x.to(dtype), exponent)
        })
  })
})
