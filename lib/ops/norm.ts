/** Normalisation. */
import { autocasting } from '../autograd/mode.js'
import { needsGrad, record, save } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { inVmap } from '../tensor/batched.js'
import { numelOf, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { atFull } from './autocast.js'
import { add, mul, sub } from './binary.js'
import { checkDTypes } from './conv.js'
import { cast, clone } from './convert.js'
import { makeMany, mutate } from './emit.js'
import { checkResidual } from './fusedActivation.js'
import { mean as meanOf, sum } from './reduce.js'
import { where } from './select.js'
import { relu, rsqrt, square } from './unary.js'
import { permute, reshape } from './views.js'

/** Statistics are kept in f32, for f64 in f64. */
export const statistics = (x: Tensor): 'f32' | 'f64' => (x.dtype === 'f64' ? 'f64' : 'f32')

/**
 * The gradient of h = (x - mean) / sqrt(var + eps), statistics over `axes`, for the cotangent u, composed of differentiable
 * operators: what the fused kernels compute, for a backward pass that is recorded. Also gives h.
 */
export function normalizedGradient(
  u: Tensor,
  x: Tensor,
  axes: readonly number[],
  eps: number,
): { gx: Tensor; h: Tensor } {
  const keep = { keepDim: true }
  const centred = sub(x, meanOf(x, axes, keep))
  const rstd = rsqrt(add(meanOf(square(centred), axes, keep), eps))
  const h = mul(centred, rstd)
  const beside = add(meanOf(u, axes, keep), mul(h, meanOf(mul(u, h), axes, keep)))
  return { gx: mul(rstd, sub(u, beside)), h }
}

const axesOf = (rank: number): number[] => Array.from({ length: rank }, (_, i) => i)
/** Summed over axes, of which there may be none. */
const sumOver = (x: Tensor, axes: readonly number[]): Tensor => (axes.length > 0 ? sum(x, axes) : x)

/**
 * Layer normalisation (Ba, Kiros and Hinton 2016) over the trailing dimensions `shape`:
 * (x - mean) / sqrt(var + eps) * weight + bias, with the population variance. weight and bias have shape `shape`.
 */
export function layerNorm(x: Tensor, shape: Shape, weight?: Tensor | null, bias?: Tensor | null, eps = 1e-5): Tensor {
  if (autocasting.frame) return atFull('layerNorm', [x, weight, bias], (x, w, b) => layerNorm(x, shape, w, b, eps))
  const lead = x.rank - shape.length
  if (shape.length === 0 || lead < 0 || !sameShape(x.shape.slice(lead), shape)) {
    throw new ShapeError(`layerNorm: ${show(x.shape)} does not end in ${show(shape)}`)
  }
  for (const t of [weight, bias]) {
    if (t && !sameShape(t.shape, shape))
      throw new ShapeError(`layerNorm: weight or bias is ${show(t.shape)}, not ${show(shape)}`)
  }
  checkDTypes('layerNorm', x, weight, bias)
  const n = numelOf(shape)
  const rows = n === 0 ? 0 : x.numel / n
  const kept = { dtype: statistics(x), shape: [rows] }
  const [y, mean, rstd] = makeMany(
    'layerNorm',
    OP.layerNorm,
    [{ dtype: x.dtype, shape: x.shape }, kept, kept],
    [x, weight, bias],
    [eps, n],
    x.numel * 0.5,
  ) as [Tensor, Tensor, Tensor]
  if (needsGrad(x, weight, bias)) {
    const saved = [save(x), save(mean), save(rstd)]
    if (weight) saved.push(save(weight))
    const [hasWeight, hasBias, dtype] = [!!weight, !!bias, x.dtype]
    record('layerNorm', y, [x, weight, bias], saved, (g, [xs, mean, rstd, weight]) => {
      const x = xs as Tensor
      if (needsGrad(g, x, weight)) return layerGradients(g, x, weight, shape, eps, hasBias)
      const like = { dtype, shape }
      const [gx, gw, gb] = makeMany(
        'layerNorm',
        OP.layerNormBackward,
        [{ dtype, shape: x.shape }, like, like],
        [g, x, mean, rstd, weight],
        [n],
        g.numel * 0.8,
      )
      return [gx as Tensor, hasWeight ? (gw as Tensor) : null, hasBias ? (gb as Tensor) : null]
    })
  }
  return y
}

/** Layer normalisation's gradients of x, weight and bias by recorded operators. */
export function layerGradients(
  g: Tensor,
  x: Tensor,
  weight: Tensor | undefined,
  shape: Shape,
  eps: number,
  hasBias: boolean,
): (Tensor | null)[] {
  const axes = axesOf(x.rank)
  const { gx, h } = normalizedGradient(weight ? mul(g, weight) : g, x, axes.slice(-shape.length), eps)
  const rows = axes.slice(0, -shape.length)
  return [gx, weight ? sumOver(mul(g, h), rows) : null, hasBias ? sumOver(g, rows) : null]
}

export interface BatchNormOptions {
  /** Normalise with the batch's statistics and update the running ones; else normalise with the running ones. */
  training?: boolean
  /** Weight of the new statistics. */
  momentum?: number
  eps?: number
  /** Added to the normalised x, of x's shape and dtype: a residual connection. */
  residual?: Tensor | null
  /** Follows at the end. */
  activation?: 'relu' | null
}

/**
 * Batch normalisation (Ioffe and Szegedy 2015) over every dimension of x (n, c, ...) but the channels. The running mean and
 * variance (c) are updated in place when training; the running variance is unbiased, as in PyTorch. x may lie channels-last:
 * it is read as it is, and so lies the result. A residual and relu follow in the same pass: what lies between is neither
 * written nor kept for the backward pass.
 *
 * @throws ShapeError, DTypeError for operands that do not fit, ValueError for an unknown activation
 */
export function batchNorm(
  x: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  weight?: Tensor | null,
  bias?: Tensor | null,
  options: BatchNormOptions = {},
): Tensor {
  if (autocasting.frame)
    return atFull('batchNorm', [x, weight, bias, options.residual], (x, w, b, r) =>
      batchNorm(x, runningMean, runningVar, w, b, { ...options, residual: r ?? null }),
    )
  // PyTorch gives back a vector without elements, which has no channels.
  if (x.rank === 1 && x.numel === 0) return clone(x)
  if (x.rank < 2) throw new ShapeError(`batchNorm: takes (n, c, ...), got ${show(x.shape)}`)
  const c = x.shape[1] as number
  for (const t of [runningMean, runningVar, weight, bias]) {
    if (t && (t.rank !== 1 || t.shape[0] !== c)) throw new ShapeError(`batchNorm: ${show(t.shape)} for ${c} channels`)
  }
  checkDTypes('batchNorm', x, weight, bias)
  const { training = false, momentum = 0.1, eps = 1e-5, residual = null, activation = null } = options
  if (activation !== null && activation !== 'relu')
    throw new ValueError(`batchNorm: activation '${activation}' is not relu`)
  checkResidual('batchNorm', residual, 'x', x.shape, x.dtype)
  if ((residual || activation) && inVmap(x, runningMean, runningVar, weight, bias, residual)) {
    const y = batchNorm(x, runningMean, runningVar, weight, bias, { training, momentum, eps })
    const sum = residual ? add(y, residual) : y
    return activation ? relu(sum) : sum
  }
  if (isChannelsLast(x)) {
    // Every position is a row of channels, as after a linear layer.
    const [n, ...sizes] = x.shape.filter((_, i) => i !== 1) as [number, ...number[]]
    const rows = (t: Tensor): Tensor => reshape(permute(t, lastOrder(x.rank)), [-1, c])
    const beside = residual && rows(residual)
    const y = batchNorm(rows(x), runningMean, runningVar, weight, bias, { ...options, residual: beside })
    return permute(reshape(y, [n, ...sizes, c]), firstOrder(x.rank))
  }
  const parameters = { runningMean, runningVar, weight: weight ?? null, bias: bias ?? null }
  return normalizedChannels(x, parameters, { training, momentum, eps, residual, activation })
}

interface BatchParameters {
  readonly runningMean: Tensor | null
  readonly runningVar: Tensor | null
  readonly weight: Tensor | null
  readonly bias: Tensor | null
}

/** `batchNorm` of a checked x that lies channels-first. */
function normalizedChannels(x: Tensor, parameters: BatchParameters, options: Required<BatchNormOptions>): Tensor {
  const { runningMean, runningVar, weight, bias } = parameters
  const { training, momentum, eps, residual, activation } = options
  const c = x.shape[1] as number
  const count = c === 0 ? 0 : x.numel / c
  const kept = { dtype: statistics(x), shape: [c] }
  const result = { dtype: x.dtype, shape: x.shape }
  let y: Tensor
  let mean: Tensor
  let rstd: Tensor
  if (training) {
    if (count === 1)
      throw new ShapeError(`batchNorm: one value a channel in ${show(x.shape)}: there is no variance to train with`)
    ;[y, mean, rstd] = makeMany(
      'batchNorm',
      OP.batchNorm,
      [result, kept, kept],
      [x, weight, bias, residual],
      [eps, activation ? 1 : 0],
      x.numel * 0.8,
    ) as [Tensor, Tensor, Tensor]
    if (runningMean && runningVar) {
      mutate(
        'batchNorm',
        OP.batchNormUpdate,
        [runningMean, runningVar, mean, rstd],
        [runningMean, runningVar],
        [eps, momentum, count],
        c,
      )
    }
  } else {
    if (!runningMean || !runningVar)
      throw new ShapeError('batchNorm: without training it needs the running mean and variance')
    y = makeMany(
      'batchNorm',
      OP.batchNormEval,
      [result],
      [x, runningMean, runningVar, weight, bias, residual],
      [eps, activation ? 1 : 0],
      x.numel * 0.4,
    )[0] as Tensor
    mean = runningMean
    rstd = runningVar
  }
  if (needsGrad(x, weight, bias) || (residual && needsGrad(residual))) {
    if (!training) rstd = runningVar!.add(eps).rsqrt()
    const saved = [save(x), save(mean), save(rstd)]
    if (weight) saved.push(save(weight))
    if (activation) saved.push(save(y))
    const [hasWeight, hasBias, hasResidual, rectified] = [!!weight, !!bias, !!residual, !!activation]
    record('batchNorm', y, [x, weight, bias, residual], saved, (g, [x, mean, rstd, ...rest]) => {
      const operands = { x, mean, rstd, weight: hasWeight ? rest[0] : undefined } as BatchOperands
      const y = rectified ? rest.at(-1) : undefined
      const [gx, gweight, gbias, gresidual] = needsGrad(g, x, operands.weight)
        ? recordedGradients(y ? where(y.le(0), 0, g) : g, operands, training ? eps : null)
        : fusedGradients(g, operands, y, training, hasResidual)
      return [gx, hasWeight ? gweight : null, hasBias ? gbias : null, hasResidual ? gresidual : null]
    })
  }
  return y
}

/** What batch normalisation's gradient is made of. */
interface BatchOperands {
  readonly x: Tensor
  readonly mean: Tensor
  readonly rstd: Tensor
  readonly weight: Tensor | undefined
}
type BatchGradients = [gx: Tensor, gweight: Tensor, gbias: Tensor, gresidual: Tensor]

/** In one kernel; y: the result, where a relu ended it. */
function fusedGradients(
  g: Tensor,
  { x, mean, rstd, weight }: BatchOperands,
  y: Tensor | undefined,
  training: boolean,
  hasResidual: boolean,
): BatchGradients {
  const [image, parameter] = [
    { dtype: x.dtype, shape: x.shape },
    { dtype: x.dtype, shape: [x.shape[1] as number] },
  ]
  const results = [image, parameter, parameter]
  const [gx, gweight, gbias, gresidual = g] = makeMany(
    'batchNorm',
    OP.batchNormBackward,
    y && hasResidual ? [...results, image] : results,
    [g, x, mean, rstd, weight, y],
    [training ? 1 : 0],
    g.numel,
  ) as [Tensor, Tensor, Tensor, Tensor?]
  return [gx, gweight, gbias, gresidual]
}

/** By operators that are recorded; eps null: the statistics are constants. */
function recordedGradients(g: Tensor, { x, mean, rstd, weight }: BatchOperands, eps: number | null): BatchGradients {
  const beside = besideChannels(x.rank)
  const { gx, h } =
    eps === null
      ? constantGradient(g, x, mean, rstd, weight)
      : normalizedGradient(timesChannels(g, weight), x, beside, eps)
  return [gx, sum(mul(g, h), beside), sum(g, beside), g]
}

const lastOrder = (rank: number): number[] => [0, ...axesOf(rank).slice(2), 1]
const firstOrder = (rank: number): number[] => [0, rank - 1, ...axesOf(rank).slice(1, -1)]

/** Whether x (n, c, ...) is a view of a contiguous (n, ..., c). */
function isChannelsLast(x: Tensor): boolean {
  if (x.rank < 3 || x.isContiguous || x.numel === 0) return false
  let expected = 1
  for (const axis of lastOrder(x.rank).reverse()) {
    if (x.shape[axis] !== 1 && x.strides[axis] !== expected) return false
    expected *= x.shape[axis] as number
  }
  return true
}

const besideChannels = (rank: number): number[] => axesOf(rank).filter((i) => i !== 1)

/** t (c) as it broadcasts against (n, c, ...). */
const channels = (t: Tensor, x: Tensor): Tensor =>
  reshape(
    cast(t, x.dtype),
    x.shape.map((_, i) => (i === 1 ? t.numel : 1)),
  )

const timesChannels = (g: Tensor, weight: Tensor | undefined): Tensor => (weight ? mul(g, channels(weight, g)) : g)

/** `normalizedGradient` where the statistics are constants. */
function constantGradient(
  g: Tensor,
  x: Tensor,
  mean: Tensor,
  rstd: Tensor,
  weight: Tensor | undefined,
): { gx: Tensor; h: Tensor } {
  const scale = channels(rstd, x)
  return { gx: mul(timesChannels(g, weight), scale), h: mul(sub(x, channels(mean, x)), scale) }
}
