/** Normalisation over groups of channels, by the root mean square, and over neighbouring channels. */
import { autocasting } from '../autograd/mode.js'
import { needsGrad, record, save } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { numelOf, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { atFull } from './autocast.js'
import { add, div, mul, pow, sub } from './binary.js'
import { checkDTypes } from './conv.js'
import { zeros } from './creation.js'
import { makeMany } from './emit.js'
import { concat } from './join.js'
import { batchNorm, normalizedGradient, statistics } from './norm.js'
import { mean, sum } from './reduce.js'
import { rsqrt, square } from './unary.js'
import { narrow, reshape } from './views.js'

/** (c) as it broadcasts against (n, c, ...). */
const perChannel = (t: Tensor, rank: number): Tensor =>
  reshape(t, [1, -1, ...new Array<number>(Math.max(0, rank - 2)).fill(1)])

/**
 * Group normalisation (Wu and He 2018) of x (n, c, ...): each sample's channels in `groups` groups of neighbours, each
 * normalised over its channels and all positions; weight and bias (c). Definition: torch.nn.functional.group_norm.
 */
export function groupNorm(x: Tensor, groups: number, weight?: Tensor | null, bias?: Tensor | null, eps = 1e-5): Tensor {
  if (autocasting.frame) return atFull('groupNorm', [x, weight, bias], (x, w, b) => groupNorm(x, groups, w, b, eps))
  if (x.rank < 2) throw new ShapeError(`groupNorm: takes (n, c, ...), got ${show(x.shape)}`)
  const [n, c] = x.shape as [number, number]
  if (!Number.isInteger(groups) || groups < 1 || c % groups !== 0)
    throw new ValueError(`groupNorm: ${c} channels do not divide into ${groups} groups`)
  for (const t of [weight, bias]) {
    if (t && !sameShape(t.shape, [c])) throw new ShapeError(`groupNorm: ${show(t.shape)} for ${c} channels`)
  }
  checkDTypes('groupNorm', x, weight, bias)
  const kept = { dtype: statistics(x), shape: [n, groups] }
  const [y, m, rstd] = makeMany(
    'groupNorm',
    OP.groupNorm,
    [{ dtype: x.dtype, shape: x.shape }, kept, kept],
    [x, weight, bias],
    [eps],
    x.numel * 0.5,
  ) as [Tensor, Tensor, Tensor]
  if (needsGrad(x, weight, bias)) {
    const saved = [save(x), save(m), save(rstd)]
    if (weight) saved.push(save(weight))
    const [hasWeight, hasBias, dtype] = [!!weight, !!bias, x.dtype]
    record('groupNorm', y, [x, weight, bias], saved, (g, [xs, m, rstd, weight]) => {
      const x = xs as Tensor
      if (needsGrad(g, x, weight)) return groupGradients(g, x, weight ?? null, groups, eps, hasBias)
      const like = { dtype, shape: [c] }
      const [gx, gw, gb] = makeMany(
        'groupNorm',
        OP.groupNormBackward,
        [{ dtype, shape: x.shape }, like, like],
        [g, x, m, rstd, weight],
        [],
        g.numel * 0.8,
      )
      return [gx as Tensor, hasWeight ? (gw as Tensor) : null, hasBias ? (gb as Tensor) : null]
    })
  }
  return y
}

function groupGradients(
  g: Tensor,
  x: Tensor,
  weight: Tensor | null,
  groups: number,
  eps: number,
  hasBias: boolean,
): (Tensor | null)[] {
  const rows = [(x.shape[0] as number) * groups, -1]
  if (x.numel === 0) return [mul(g, 0), weight ? mul(weight, 0) : null, hasBias ? sum(g, others(x.rank)) : null]
  const u = weight ? mul(g, perChannel(weight, x.rank)) : g
  const { gx, h } = normalizedGradient(reshape(u, rows), reshape(x, rows), [1], eps)
  const beside = others(x.rank)
  return [
    reshape(gx, x.shape),
    weight ? sum(mul(g, reshape(h, x.shape)), beside) : null,
    hasBias ? sum(g, beside) : null,
  ]
}

/** All dimensions but the channels. */
const others = (rank: number): number[] => Array.from({ length: rank }, (_, i) => i).filter((i) => i !== 1)

export interface InstanceNormOptions {
  /** Normalise with each sample's own statistics (default), else with the running ones. */
  useInputStats?: boolean
  /** Weight of the new statistics in the running ones. Default 0.1. */
  momentum?: number
  eps?: number
}

/**
 * Instance normalisation (Ulyanov et al. 2016) of x (n, c, ...): every channel of every sample over its positions; weight and
 * bias (c). Running statistics (c), where given, are updated in place with the means of the samples'.
 * Definition: torch.nn.functional.instance_norm.
 */
export function instanceNorm(
  x: Tensor,
  runningMean?: Tensor | null,
  runningVar?: Tensor | null,
  weight?: Tensor | null,
  bias?: Tensor | null,
  options: InstanceNormOptions = {},
): Tensor {
  if (autocasting.frame)
    return atFull('instanceNorm', [x, weight, bias], (x, w, b) =>
      instanceNorm(x, runningMean, runningVar, w, b, options),
    )
  const { useInputStats = true, momentum = 0.1, eps = 1e-5 } = options
  if (x.rank < 2) throw new ShapeError(`instanceNorm: takes (n, c, ...), got ${show(x.shape)}`)
  if (!useInputStats)
    return batchNorm(x, runningMean ?? null, runningVar ?? null, weight, bias, { training: false, momentum, eps })
  const [n, c] = x.shape as [number, number]
  const positions = numelOf(x.shape.slice(2))
  if (positions === 1)
    throw new ShapeError(`instanceNorm: one value a channel in ${show(x.shape)}: there is no variance to train with`)
  if (runningMean && runningVar && x.numel > 0) {
    // A batch of one sample with all the channels there are, whose statistics are then averaged.
    const repeated = (t: Tensor): Tensor => t.detach().expand([n, c]).reshape([-1]).clone()
    const [m, v] = [repeated(runningMean), repeated(runningVar)]
    batchNorm(x.detach().reshape([1, n * c, positions]), m, v, null, null, { training: true, momentum, eps })
    runningMean.detach().copy_(mean(reshape(m, [n, c]), 0))
    runningVar.detach().copy_(mean(reshape(v, [n, c]), 0))
  }
  return groupNorm(x, Math.max(c, 1), weight, bias, eps)
}

/** The default of RMS normalisation's eps. */
export const leastOf = (x: Tensor): number => (x.dtype === 'f64' ? 2 ** -52 : 2 ** -23)

/**
 * x / sqrt(mean(x^2) + eps) * weight over the trailing dimensions `shape` (Zhang and Sennrich 2019). weight has shape `shape`.
 *
 * @param eps default: the spacing of x's dtype at 1, of f32 for bf16 and f16, as in PyTorch
 */
export function rmsNorm(x: Tensor, shape: Shape, weight?: Tensor | null, eps?: number): Tensor {
  if (autocasting.frame) return atFull('rmsNorm', [x, weight], (x, w) => rmsNorm(x, shape, w, eps))
  const lead = x.rank - shape.length
  if (shape.length === 0 || lead < 0 || !sameShape(x.shape.slice(lead), shape))
    throw new ShapeError(`rmsNorm: ${show(x.shape)} does not end in ${show(shape)}`)
  if (weight && !sameShape(weight.shape, shape))
    throw new ShapeError(`rmsNorm: the weight is ${show(weight.shape)}, not ${show(shape)}`)
  checkDTypes('rmsNorm', x, weight)
  const least = eps ?? leastOf(x)
  const n = numelOf(shape)
  const kept = { dtype: statistics(x), shape: [n === 0 ? 0 : x.numel / n] }
  const [y, rstd] = makeMany(
    'rmsNorm',
    OP.rmsNorm,
    [{ dtype: x.dtype, shape: x.shape }, kept],
    [x, weight],
    [least, n],
    x.numel * 0.4,
  ) as [Tensor, Tensor]
  if (needsGrad(x, weight)) {
    const saved = [save(x), save(rstd)]
    if (weight) saved.push(save(weight))
    const [hasWeight, dtype] = [!!weight, x.dtype]
    record('rmsNorm', y, [x, weight], saved, (g, [xs, rstd, weight]) => {
      const x = xs as Tensor
      if (needsGrad(g, x, weight)) return rmsGradients(g, x, weight ?? null, shape, least)
      const [gx, gw] = makeMany(
        'rmsNorm',
        OP.rmsNormBackward,
        [
          { dtype, shape: x.shape },
          { dtype, shape },
        ],
        [g, x, rstd, weight],
        [n],
        g.numel * 0.7,
      )
      return [gx as Tensor, hasWeight ? (gw as Tensor) : null]
    })
  }
  return y
}

/** RMS normalisation's gradients of x and weight by recorded operators. */
export function rmsGradients(
  g: Tensor,
  x: Tensor,
  weight: Tensor | null,
  shape: Shape,
  eps: number,
): (Tensor | null)[] {
  const axes = shape.map((_, i) => x.rank - shape.length + i)
  const keep = { keepDim: true }
  const s = rsqrt(add(mean(square(x), axes, keep), eps))
  const u = weight ? mul(g, weight) : g
  const h = mul(x, s)
  const gx = mul(s, sub(u, mul(h, mean(mul(u, h), axes, keep))))
  const rows = x.shape.map((_, i) => i).slice(0, x.rank - shape.length)
  const product = mul(g, h)
  return [gx, weight ? (rows.length > 0 ? sum(product, rows) : product) : null]
}

export interface LocalResponseOptions {
  alpha?: number
  beta?: number
  k?: number
}

/**
 * x / (k + alpha / size * sum of x^2 over `size` neighbouring channels)^beta of x (n, c, ...) (Krizhevsky et al. 2012).
 * Definition: torch.nn.functional.local_response_norm.
 */
export function localResponseNorm(x: Tensor, size: number, options: LocalResponseOptions = {}): Tensor {
  if (autocasting.frame) return atFull('localResponseNorm', [x], (x) => localResponseNorm(x, size, options))
  const { alpha = 1e-4, beta = 0.75, k = 1 } = options
  if (x.rank < 3)
    throw new ShapeError(`localResponseNorm: takes (n, c, ...) of 3 dimensions or more, got ${show(x.shape)}`)
  if (!Number.isInteger(size) || size < 1)
    throw new ValueError(`localResponseNorm: size ${size} is not a positive integer`)
  checkDTypes('localResponseNorm', x)
  if (x.numel === 0) return x.clone()
  const c = x.shape[1] as number
  const pad = (channels: number): Tensor =>
    zeros(
      x.shape.map((d, i) => (i === 1 ? channels : d)),
      { dtype: x.dtype, device: x.device },
    )
  const before = Math.floor(size / 2)
  const padded = size === 1 ? square(x) : concat([pad(before), square(x), pad(size - 1 - before)], 1)
  let total: Tensor = narrow(padded, 1, 0, c)
  for (let i = 1; i < size; i++) total = add(total, narrow(padded, 1, i, c))
  return div(x, pow(add(mul(total, alpha / size), k), beta))
}
