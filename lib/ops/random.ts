/** Random tensors: Philox, counter-based, the same on every device and for any number of threads. */
import { needsGrad, record } from '../autograd/node.js'
import { DTypeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { checkDType, type DType, isFloating } from '../tensor/dtype.js'
import { checkShape, numelOf, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { cast } from './convert.js'
import { finish, type TensorOptions, zerosLike } from './creation.js'
import { make, make0, method } from './emit.js'

/** What a checkpoint keeps of a generator. */
export interface GeneratorState {
  seed: number
  offset: number
}

/** A stream of random numbers: a seed, and how far it has been used. */
export class Generator {
  #seed = 0
  #offset = 0

  constructor(seed = 0) {
    this.manualSeed(seed)
  }

  /** Starts the stream of a seed: an integer of 0 to 2^53 - 1. */
  manualSeed(seed: number): this {
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new ValueError(`manualSeed: ${seed} is not an integer of 0 to 2^53 - 1`)
    this.#seed = seed
    this.#offset = 0
    return this
  }

  get state(): GeneratorState {
    return { seed: this.#seed, offset: this.#offset }
  }

  set state(state: GeneratorState) {
    this.manualSeed(state.seed)
    if (!Number.isSafeInteger(state.offset) || state.offset < 0)
      throw new ValueError(`Generator: offset ${state.offset} is not a count`)
    this.#offset = state.offset
  }

  /** Attributes [seedLo, seedHi, offset] of one call that uses `blocks` counter blocks. */
  take(blocks: number): [number, number, number] {
    const offset = this.#offset
    this.#offset += blocks
    return [this.#seed % 2 ** 32, Math.floor(this.#seed / 2 ** 32), offset]
  }
}

/** The generator that operators use unless they are given one. */
export const defaultGenerator: Generator = new Generator(Math.floor(Math.random() * 2 ** 32))

/** Seeds the default generator. */
export function manualSeed(seed: number): Generator {
  return defaultGenerator.manualSeed(seed)
}

export interface RandomOptions<D extends DType = DType> extends TensorOptions<D> {
  generator?: Generator
}

function sample<D extends DType, S extends Shape>(
  name: string,
  op: number,
  shape: S,
  dtype: D,
  perBlock: number,
  parameters: readonly number[],
  options: RandomOptions | undefined,
): Tensor<D, S> {
  const own = checkShape(name, shape).slice() as unknown as S
  const generator = options?.generator ?? defaultGenerator
  const stream = generator.take(Math.ceil(numelOf(own) / perBlock))
  return finish(make0(op, options?.device ?? 'cpu', dtype, own, [...stream, ...parameters], 3), options)
}

function floating<D extends DType>(name: string, options: RandomOptions<D> | undefined): D {
  const dtype = checkDType(options?.dtype ?? 'f32')
  if (!isFloating(dtype)) throw new DTypeError(`${name}: ${dtype} is not a floating-point dtype`)
  return dtype as D
}

/** Uniform in [0, 1). */
export function rand<const S extends Shape, D extends DType = 'f32'>(
  shape: S,
  options?: RandomOptions<D>,
): Tensor<D, S> {
  return uniform(shape, 0, 1, options)
}

/** Uniform in [low, high). */
export function uniform<const S extends Shape, D extends DType = 'f32'>(
  shape: S,
  low: number,
  high: number,
  options?: RandomOptions<D>,
): Tensor<D, S> {
  const dtype = floating('uniform', options)
  return sample('uniform', OP.uniform, shape, dtype, dtype === 'f64' ? 2 : 4, [low, high], options)
}

/** Standard normal. */
export function randn<const S extends Shape, D extends DType = 'f32'>(
  shape: S,
  options?: RandomOptions<D>,
): Tensor<D, S> {
  return normal(shape, 0, 1, options)
}

/** Normal with a mean and a standard deviation. */
export function normal<const S extends Shape, D extends DType = 'f32'>(
  shape: S,
  mean: number,
  std: number,
  options?: RandomOptions<D>,
): Tensor<D, S> {
  if (!(std >= 0)) throw new ValueError(`normal: standard deviation ${std} is negative`)
  return sample('normal', OP.normal, shape, floating('normal', options), 4, [mean, std], options)
}

/** 1 with probability p, else 0. */
export function bernoulli<const S extends Shape, D extends DType = 'f32'>(
  shape: S,
  p: number,
  options?: RandomOptions<D>,
): Tensor<D, S> {
  if (!(p >= 0 && p <= 1)) throw new ValueError(`bernoulli: ${p} is not a probability`)
  return sample('bernoulli', OP.bernoulli, shape, checkDType(options?.dtype ?? 'f32') as D, 4, [p], options)
}

/** Integers low <= x < high. */
export function randint<const S extends Shape, D extends DType = 'i64'>(
  low: number,
  high: number,
  shape: S,
  options?: RandomOptions<D>,
): Tensor<D, S> {
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || high <= low)
    throw new ValueError(`randint: no integers from ${low} below ${high}`)
  return sample('randint', OP.randint, shape, checkDType(options?.dtype ?? 'i64') as D, 2, [low, high], options)
}

/** The integers 0 .. n-1 in random order. */
export function randperm(n: number, options?: RandomOptions<'i64'>): Tensor<'i64'> {
  return sample('randperm', OP.randperm, [n], 'i64', 2, [], options) as Tensor<'i64'>
}

/** Zeroes elements with probability p and scales the others by 1 / (1 - p); the identity when not training. */
export function dropout<D extends DType, S extends Shape>(
  x: Tensor<D, S>,
  p = 0.5,
  options?: { training?: boolean; generator?: Generator },
): Tensor<D, S> {
  if (!(p >= 0 && p <= 1)) throw new ValueError(`dropout: ${p} is not a probability`)
  if (!isFloating(x.dtype)) throw new DTypeError(`dropout: a ${x.dtype} tensor; it takes floating-point tensors`)
  if (options?.training === false || p === 0) return x
  if (p === 1) {
    const y = zerosLike(x)
    if (needsGrad(x)) record('dropout', y, [x], null, (g) => [zerosLike(g)])
    return y
  }
  // The mask is a function of the counter, so backward draws it again instead of keeping it.
  const stream = (options?.generator ?? defaultGenerator).take(Math.ceil(x.numel / 4))
  return masked(x, [...stream, p])
}

function masked<D extends DType, S extends Shape>(x: Tensor<D, S>, attributes: readonly number[]): Tensor<D, S> {
  const y = make('dropout', OP.dropout, x.dtype, x.shape, x, null, attributes, x.numel)
  if (needsGrad(x)) record('dropout', y, [x], null, (g) => [masked(g, attributes)])
  return y
}

/** A tensor of `x`'s shape with random normal elements. */
export function randnLike<D extends DType, S extends Shape>(x: Tensor<D, S>, options?: RandomOptions): Tensor<D, S> {
  return cast(
    sample('randnLike', OP.normal, x.shape, isFloating(x.dtype) ? x.dtype : 'f32', 4, [0, 1], {
      device: x.device,
      ...options,
    }),
    x.dtype,
  ) as Tensor<D, S>
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    dropout<E extends DType, A extends Shape>(
      this: Tensor<E, A>,
      p?: number,
      options?: { training?: boolean },
    ): Tensor<E, A>
  }
}
method('dropout', function (this: Tensor, p?: number, options?: { training?: boolean }) {
  return dropout(this, p, options)
})
