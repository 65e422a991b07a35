/** Random tensors: Philox, counter-based, the same on every device and for any number of threads. */
import { gradMode } from '../autograd/mode.js'
import { record } from '../autograd/node.js'
import { defaultDevice } from '../engine/device.js'
import { graphing } from '../engine/graphing.js'
import { DTypeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { batching, drawsNow } from '../tensor/batched.js'
import { checkDType, type DType, isFloating, promote } from '../tensor/dtype.js'
import { broadcastShapes, checkShape, numelOf, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, mul } from './binary.js'
import { finish, full, like, type TensorOptions } from './creation.js'
import { isTensor, make, make0, mutate } from './emit.js'

/** Key of an option that the in-place forms give to the functions that draw. */
export const FILLS: unique symbol = Symbol('fills')

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
    if (graphing.phase === 'record' && this !== defaultGenerator)
      throw new ValueError(
        'cudaGraph: a generator of its own would give the same numbers every time; draw from the default one',
      )
    const offset = this.#offset
    this.#offset += batching.frames.length > 0 ? blocks * drawsNow() : blocks
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
  /** The tensor to fill, of the dtype and shape that are asked for; for the in-place forms. */
  [FILLS]?: Tensor
}

export function sample<D extends DType, S extends Shape>(
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
  const target = options?.[FILLS]
  if (target !== undefined) {
    mutate(name, op, [target], [target], [...stream, ...parameters], target.numel)
    return target as Tensor<D, S>
  }
  return finish(make0(op, options?.device ?? defaultDevice(), dtype, own, [...stream, ...parameters], 1), options)
}

export function floating<D extends DType>(name: string, options: RandomOptions<D> | undefined): D {
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

/**
 * Normal with a mean and a standard deviation: numbers with a shape, or tensors (one of them may be a number), which broadcast and
 * give the shape. Gradients of the parameters are zero, as in PyTorch.
 */
export function normal<const S extends Shape, D extends DType = 'f32'>(
  shape: S,
  mean: number,
  std: number,
  options?: RandomOptions<D>,
): Tensor<D, S>
export function normal(mean: Tensor, std: Tensor | number, options?: RandomOptions): Tensor
export function normal(mean: number, std: Tensor, options?: RandomOptions): Tensor
export function normal(
  first: Shape | Tensor | number,
  second: Tensor | number,
  third?: number | RandomOptions,
  fourth?: RandomOptions,
): Tensor {
  if (isTensor(first) || isTensor(second)) return scattered(first as Tensor | number, second, third as RandomOptions)
  const [mean, std] = [second, third as number]
  if (!(std >= 0)) throw new ValueError(`normal: standard deviation ${std} is negative`)
  return sample('normal', OP.normal, first as Shape, floating('normal', fourth), 4, [mean, std], fourth)
}

/** Standard normals times std plus mean. */
function scattered(mean: Tensor | number, std: Tensor | number, options: RandomOptions | undefined): Tensor {
  const tensors = [mean, std].filter(isTensor)
  if (typeof std === 'number' && !(std >= 0)) throw new ValueError(`normal: standard deviation ${std} is negative`)
  const dtype = tensors.reduce<DType>((d, x) => promote(d, x.dtype), (tensors[0] as Tensor).dtype)
  const shape = tensors.reduce<Shape>((s, x) => broadcastShapes('normal', s, x.shape), [])
  const device = (tensors[0] as Tensor).device
  const z = sample('normal', OP.normal, shape, floating('normal', { dtype }), 4, [0, 1], { device, ...options })
  const plain = (x: Tensor | number): Tensor | number => (isTensor(x) ? x.detach() : x)
  return constantIn('normal', add(mul(z, plain(std)), plain(mean)), tensors)
}

/** A random result whose gradients with respect to its parameters are zero. */
export function constantIn(name: string, y: Tensor, parameters: Tensor[]): Tensor {
  if (gradMode.enabled && parameters.some((p) => p.requiresGrad)) {
    const shapes = parameters.map((p) => p.shape)
    const dtypes = parameters.map((p) => p.dtype)
    record(name, y, parameters, null, (g) =>
      shapes.map((shape, i) => full(shape, 0, { dtype: dtypes[i] as DType, device: g.device }) as Tensor),
    )
  }
  return y
}

/**
 * 1 with probability p, else 0: a number with a shape, or a tensor of probabilities (floating-point; outside 0 to 1 they count as the
 * nearer end), whose dtype the result has by default and whose gradient is zero.
 */
export function bernoulli<const S extends Shape, D extends DType = 'f32'>(
  shape: S,
  p: number,
  options?: RandomOptions<D>,
): Tensor<D, S>
export function bernoulli(p: Tensor, options?: RandomOptions): Tensor
export function bernoulli(first: Shape | Tensor, second?: number | RandomOptions, third?: RandomOptions): Tensor {
  if (isTensor(first)) {
    const options = second as RandomOptions | undefined
    floating('bernoulli', { dtype: first.dtype })
    const dtype = checkDType(options?.dtype ?? first.dtype)
    return constantIn('bernoulli', drawnFrom('bernoulli', OP.bernoulliOf, first, dtype, 4, options), [first])
  }
  const p = second as number
  if (!(p >= 0 && p <= 1)) throw new ValueError(`bernoulli: ${p} is not a probability`)
  return sample('bernoulli', OP.bernoulli, first, checkDType(third?.dtype ?? 'f32'), 4, [p], third)
}

/** One number for each element of a tensor of parameters. */
export function drawnFrom(
  name: string,
  op: number,
  parameters: Tensor,
  dtype: DType,
  perBlock: number,
  options: RandomOptions | undefined,
): Tensor {
  const stream = (options?.generator ?? defaultGenerator).take(Math.ceil(parameters.numel / perBlock))
  return make(name, op, dtype, parameters.shape, parameters, null, stream, parameters.numel * 4)
}

/** Largest integer of a dtype, or up to which its integers are exact. */
const MOST: Readonly<Partial<Record<DType, number>>> = {
  bool: 1,
  u8: 255,
  i8: 127,
  i32: 2 ** 31 - 1,
  bf16: 2 ** 8,
  f16: 2 ** 11,
  f32: 2 ** 24,
}

/** Integers low <= x < high, of any real dtype that holds them exactly. */
export function randint<const S extends Shape, D extends DType = 'i64'>(
  low: number,
  high: number,
  shape: S,
  options?: RandomOptions<D>,
): Tensor<D, S> {
  const dtype = checkDType(options?.dtype ?? 'i64') as D
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || high <= low)
    throw new ValueError(`randint: no integers from ${low} below ${high}`)
  const most = MOST[dtype] ?? Number.MAX_SAFE_INTEGER
  const least = dtype === 'u8' || dtype === 'bool' ? 0 : dtype === 'i8' || dtype === 'i32' ? -most - 1 : -most
  if (low < least || high - 1 > most)
    throw new ValueError(`randint: ${dtype} does not hold all integers from ${low} below ${high}`)
  return sample('randint', OP.randint, shape, dtype, 2, [low, high], options)
}

/** The integers 0 .. n-1 in random order. */
export function randperm<D extends DType = 'i64'>(n: number, options?: RandomOptions<D>): Tensor<D> {
  const dtype = checkDType(options?.dtype ?? 'i64') as D
  if (n - 1 > (MOST[dtype] ?? Number.MAX_SAFE_INTEGER))
    throw new ValueError(`randperm: ${dtype} does not hold all integers below ${n}`)
  return sample('randperm', OP.randperm, [n], dtype, 2, [], options) as Tensor<D>
}

/** Uniform in [0, 1) in the shape, dtype and device of `x`, where the options do not say otherwise. */
export function randLike<D extends DType, S extends Shape>(x: Tensor<D, S>, options?: RandomOptions<D>): Tensor<D, S> {
  return rand(x.shape, like(x, options))
}

/** Standard normal in the shape, dtype and device of `x`, where the options do not say otherwise. */
export function randnLike<D extends DType, S extends Shape>(x: Tensor<D, S>, options?: RandomOptions<D>): Tensor<D, S> {
  return randn(x.shape, like(x, options))
}

/** Integers low <= x < high in the shape, dtype and device of `x`, where the options do not say otherwise. */
export function randintLike<D extends DType, S extends Shape>(
  x: Tensor<D, S>,
  low: number,
  high: number,
  options?: RandomOptions<D>,
): Tensor<D, S> {
  return randint(low, high, x.shape, like(x, options))
}
