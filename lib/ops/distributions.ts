/** Further distributions, all from the counter-based streams of random.ts; drawing into a tensor. */
import { noGrad } from '../autograd/mode.js'
import { defaultDevice } from '../engine/device.js'
import { scope } from '../engine/lifetime.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { inVmap } from '../tensor/batched.js'
import { checkDType, type DType, isComplex, promote } from '../tensor/dtype.js'
import { type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { assign, recordsWrite } from './assign.js'
import { add, mul, sub } from './binary.js'
import { cast } from './convert.js'
import { finish, tensor } from './creation.js'
import { make, method, mutate } from './emit.js'
import {
  bernoulli,
  constantIn,
  defaultGenerator,
  drawnFrom,
  FILLS,
  floating,
  type Generator,
  normal,
  type RandomOptions,
  randint,
  sample,
  uniform,
} from './random.js'
import { ndtr, ndtri } from './special.js'
import { clamp } from './unary.js'
import { temporarily } from './window.js'

/** Exponential: density rate exp(-rate x), mean 1 / rate. */
export function exponential<const S extends Shape, D extends DType = 'f32'>(
  shape: S,
  rate = 1,
  options?: RandomOptions<D>,
): Tensor<D, S> {
  if (!(rate > 0)) throw new ValueError(`exponential: rate ${rate} is not above 0`)
  return sample('exponential', OP.exponential, shape, floating('exponential', options), 2, [rate], options)
}

/** Cauchy with a median and a half width at half maximum. */
export function cauchy<const S extends Shape, D extends DType = 'f32'>(
  shape: S,
  median = 0,
  scale = 1,
  options?: RandomOptions<D>,
): Tensor<D, S> {
  if (!(scale > 0)) throw new ValueError(`cauchy: scale ${scale} is not above 0`)
  return sample('cauchy', OP.cauchy, shape, floating('cauchy', options), 2, [median, scale], options)
}

/** The number of trials up to the first success, each with probability p: 1, 2, ... Of any real dtype; integers saturate. */
export function geometric<const S extends Shape, D extends DType = 'f32'>(
  shape: S,
  p: number,
  options?: RandomOptions<D>,
): Tensor<D, S> {
  if (!(p > 0 && p < 1)) throw new ValueError(`geometric: ${p} is not a probability between 0 and 1`)
  const dtype = checkDType(options?.dtype ?? 'f32') as D
  if (isComplex(dtype)) throw new DTypeError(`geometric: ${dtype} is not supported; take a real dtype`)
  return sample('geometric', OP.geometric, shape, dtype, 2, [p], options)
}

/** The exponential of a normal with this mean and standard deviation. */
export function logNormal<const S extends Shape, D extends DType = 'f32'>(
  shape: S,
  mean = 1,
  std = 2,
  options?: RandomOptions<D>,
): Tensor<D, S> {
  if (!(std > 0)) throw new ValueError(`logNormal: standard deviation ${std} is not above 0`)
  return sample('logNormal', OP.logNormal, shape, floating('logNormal', options), 4, [mean, std], options)
}

/** Poisson with each element's rate (floating-point, at least 0; execution checks it). Its gradient is zero. */
export function poisson(rate: Tensor, options?: { generator?: Generator }): Tensor {
  floating('poisson', { dtype: rate.dtype })
  return constantIn('poisson', drawnFrom('poisson', OP.poisson, rate, rate.dtype, 1, options), [rate])
}

/**
 * How many of `count` independent trials succeed, each with probability `probability`; both floating-point, broadcast and
 * promoted. Counts are rounded down; execution checks that they are at least 0, and that probabilities lie in [0, 1]. Gradients
 * are zero. Definition: torch.binomial.
 */
export function binomial(count: Tensor, probability: Tensor, options?: { generator?: Generator }): Tensor {
  const dtype = floating('binomial', { dtype: promote(count.dtype, probability.dtype) })
  const [n, p] = [cast(count.detach(), dtype), cast(probability.detach(), dtype)]
  // Each takes part in the other, so that both have the result's shape, and are batched alike inside vmap.
  const [trials, chances] = [add(n, mul(p, 0)), add(p, mul(n, 0))]
  const stream = (options?.generator ?? defaultGenerator).take(trials.numel)
  const y = make('binomial', OP.binomial, dtype, trials.shape, trials, chances, stream, trials.numel * 60)
  return constantIn('binomial', y, [count, probability])
}

/**
 * Normal with a mean and a standard deviation, of which only what lies in [low, high] is drawn: bounds as values, not in standard
 * deviations. By the inverse of the distribution function in f64, in the tail that is shorter, so that bounds far from the mean
 * keep their precision. Definition: torch.nn.init.trunc_normal_.
 */
export function truncatedNormal<const S extends Shape, D extends DType = 'f32'>(
  shape: S,
  mean = 0,
  std = 1,
  low = -2,
  high = 2,
  options?: RandomOptions<D>,
): Tensor<D, S> {
  const dtype = floating('truncatedNormal', options)
  if (!(std > 0 && low < high))
    throw new ValueError(
      `truncatedNormal: standard deviation ${std} and bounds ${low} to ${high}; the first must be above 0, and the bounds in order`,
    )
  const own = { device: options?.device ?? defaultDevice(), dtype: 'f64' as const }
  return finish(
    noGrad(() =>
      scope(() => {
        // Above the mean the distribution function is next to 1 and loses digits: there the negative numbers are drawn.
        const sign = low > mean ? -1 : 1
        const bounds = sign > 0 ? [low, high] : [high, low]
        const shares = ndtr(
          tensor(
            bounds.map((b) => (sign * (b - mean)) / std),
            own,
          ) as Tensor,
        )
        const [from, to] = [shares.select(0, 0), shares.select(0, 1)]
        const u = uniform(shape, 0, 1, { ...own, ...(options?.generator ? { generator: options.generator } : {}) })
        const z = ndtri(add(from, mul(sub(to, from), u as Tensor)))
        return cast(clamp(add(mul(z, sign * std), mean), low, high), dtype) as Tensor<D, S>
      }),
    ),
    options,
  )
}

/**
 * Indices (i64) of `n` categories for each row of weights (floating-point, (categories) or (rows, categories); they need not add to
 * 1). With replacement the draws are independent; without, a category is drawn at most once, and execution checks that enough have
 * a weight above 0.
 */
export function multinomial(
  weights: Tensor,
  n: number,
  options: { replacement?: boolean; generator?: Generator } = {},
): Tensor<'i64'> {
  floating('multinomial', { dtype: weights.dtype })
  if (weights.rank !== 1 && weights.rank !== 2)
    throw new ShapeError(`multinomial: weights ${show(weights.shape)} are not (categories) or (rows, categories)`)
  const categories = weights.shape.at(-1) as number
  const { replacement = false } = options
  if (!Number.isInteger(n) || n < 1) throw new ValueError(`multinomial: ${n} is not a number of draws`)
  if (categories === 0 || (!replacement && n > categories))
    throw new ValueError(`multinomial: ${n} draws of ${categories} categories without replacement`)
  const rows = weights.rank === 1 ? 1 : (weights.shape[0] as number)
  const numbers = rows * (replacement ? n : categories)
  const stream = (options.generator ?? defaultGenerator).take(Math.ceil(numbers / 2))
  const w = weights.rank === 1 ? weights.reshape([1, categories]) : weights
  const shape = [rows, n]
  const y = make('multinomial', OP.multinomial, 'i64', shape, w, null, [...stream, Number(replacement)], numbers * 20)
  return weights.rank === 1 ? y.reshape([n]) : y
}

type Draw = { generator?: Generator }

/** Fills x by a function that draws: directly, or, where a graph or samples of vmap take part, by a tensor that is written over x. */
function drawInto<D extends DType>(
  name: string,
  x: Tensor<D>,
  options: Draw | undefined,
  draw: (options: RandomOptions<D>) => Tensor,
): Tensor {
  const own = { dtype: x.dtype, device: x.device, ...options }
  if (recordsWrite(x)) return assign(name, x, () => draw(own))
  temporarily(() => {
    const y = draw(inVmap(x) ? own : { ...own, [FILLS]: x })
    if (y !== x) mutate(name, OP.copyInto, [x, y], [x], [], x.numel * 0.3)
  })
  return x
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    multinomial(n: number, options?: { replacement?: boolean; generator?: Generator }): Tensor<'i64'>
    bernoulli(options?: RandomOptions): Tensor
    /** Fills the tensor with draws, as the function of this name gives them; so do the others. */
    uniform_(low?: number, high?: number, options?: Draw): this
    normal_(mean?: number, std?: number, options?: Draw): this
    logNormal_(mean?: number, std?: number, options?: Draw): this
    exponential_(rate?: number, options?: Draw): this
    cauchy_(median?: number, scale?: number, options?: Draw): this
    geometric_(p: number, options?: Draw): this
    /** A probability, or a tensor of them that broadcasts. */
    bernoulli_(p?: number | Tensor, options?: Draw): this
    /** Integers low <= x < high. */
    random_(low: number, high: number, options?: Draw): this
  }
}
method('multinomial', function (this: Tensor, n: number, options?: { replacement?: boolean; generator?: Generator }) {
  return multinomial(this, n, options)
})
method('bernoulli', function (this: Tensor, options?: RandomOptions) {
  return bernoulli(this, options)
})
method('uniform_', function (this: Tensor, low = 0, high = 1, options?: Draw) {
  return drawInto('uniform_', this, options, (own) => uniform(this.shape, low, high, own))
})
method('normal_', function (this: Tensor, mean = 0, std = 1, options?: Draw) {
  return drawInto('normal_', this, options, (own) => normal(this.shape, mean, std, own))
})
method('logNormal_', function (this: Tensor, mean?: number, std?: number, options?: Draw) {
  return drawInto('logNormal_', this, options, (own) => logNormal(this.shape, mean, std, own))
})
method('exponential_', function (this: Tensor, rate?: number, options?: Draw) {
  return drawInto('exponential_', this, options, (own) => exponential(this.shape, rate, own))
})
method('cauchy_', function (this: Tensor, median?: number, scale?: number, options?: Draw) {
  return drawInto('cauchy_', this, options, (own) => cauchy(this.shape, median, scale, own))
})
method('geometric_', function (this: Tensor, p: number, options?: Draw) {
  return drawInto('geometric_', this, options, (own) => geometric(this.shape, p, own))
})
method('bernoulli_', function (this: Tensor, p: number | Tensor = 0.5, options?: Draw) {
  return drawInto('bernoulli_', this, options, (own) =>
    typeof p === 'number' ? bernoulli(this.shape, p, own) : bernoulli(p.detach().expand(this.shape), options),
  )
})
method('random_', function (this: Tensor, low: number, high: number, options?: Draw) {
  return drawInto('random_', this, options, (own) => randint(low, high, this.shape, own))
})
