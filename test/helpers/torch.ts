/**
 * PyTorch's functions in Sinter's terms. Place in the whole: golden files and OpInfo samples name operators and arguments as
 * PyTorch does; this table is the one place that knows what they are called here.
 */

import type { AdamParameters, SgdParameters, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'

/** Tensor operands in PyTorch's order (null: not given), other arguments by PyTorch's names in camelCase. */
export type TorchCall = (
  inputs: readonly (Tensor | null)[],
  args: Readonly<Record<string, any>>,
) => Tensor | readonly Tensor[]

const one =
  (f: (x: Tensor) => Tensor): TorchCall =>
  ([x]) =>
    f(x as Tensor)
const two =
  (f: (a: Tensor, b: Tensor) => Tensor): TorchCall =>
  ([a, b]) =>
    f(a as Tensor, b as Tensor)
/** The second operand may be a number, named as PyTorch names it. */
const operand =
  (f: typeof ops.maximum, name = 'other'): TorchCall =>
  ([a, b], args) =>
    f(a as Tensor, b ?? (args[name] as number))
const reduced =
  (f: (x: Tensor, axes?: any, options?: { keepDim?: boolean }) => Tensor): TorchCall =>
  ([x], { dim, keepDim }) =>
    f(x as Tensor, dim, { keepDim })
const chosen =
  (f: typeof ops.argmax): TorchCall =>
  ([x], { dim, keepDim }) =>
    f(x as Tensor, dim, { keepDim })

const each = <F>(wrap: (f: F) => TorchCall, table: Readonly<Record<string, F>>): Record<string, TorchCall> =>
  Object.fromEntries(Object.entries(table).map(([name, f]) => [name, wrap(f)]))

export const TORCH: Readonly<Record<string, TorchCall>> = {
  ...each(one, {
    neg: ops.neg,
    abs: ops.abs,
    sign: ops.sign,
    square: ops.square,
    reciprocal: ops.reciprocal,
    exp: ops.exp,
    expm1: ops.expm1,
    sin: ops.sin,
    cos: ops.cos,
    tanh: ops.tanh,
    sigmoid: ops.sigmoid,
    relu: ops.relu,
    silu: ops.silu,
    erf: ops.erf,
    floor: ops.floor,
    ceil: ops.ceil,
    round: ops.round,
    trunc: ops.trunc,
    sqrt: ops.sqrt,
    rsqrt: ops.rsqrt,
    log: ops.log,
    log1p: ops.log1p,
    isnan: ops.isnan,
    isfinite: ops.isfinite,
    logicalNot: ops.logicalNot,
  }),
  ...each(operand, {
    add: ops.add,
    sub: ops.sub,
    mul: ops.mul,
    div: ops.div,
    remainder: ops.remainder,
    maximum: ops.maximum,
    minimum: ops.minimum,
    eq: ops.eq,
    ne: ops.ne,
    lt: ops.lt,
    le: ops.le,
    gt: ops.gt,
    ge: ops.ge,
    logicalAnd: ops.logicalAnd,
    logicalOr: ops.logicalOr,
    logicalXor: ops.logicalXor,
  }),
  gelu: ([x], { approximate }) => ops.gelu(x as Tensor, { approximate }),
  leakyRelu: ([x], { negativeSlope }) => ops.leakyRelu(x as Tensor, negativeSlope),
  elu: ([x], { alpha }) => ops.elu(x as Tensor, alpha),
  softplus: ([x], { beta, threshold }) => ops.softplus(x as Tensor, beta, threshold),
  clamp: ([x], { min, max }) => ops.clamp(x as Tensor, min ?? undefined, max ?? undefined),
  pow: operand(ops.pow, 'exponent'),
  where: ([c, a, b], args) => ops.where(c as Tensor, a ?? args['input'], b ?? args['other']),
  maskedFill: ([x, mask], { value }) => ops.maskedFill(x as Tensor, mask as Tensor, value),

  sum: reduced(ops.sum),
  mean: reduced(ops.mean),
  prod: reduced(ops.prod),
  amax: reduced(ops.amax),
  amin: reduced(ops.amin),
  logsumexp: reduced(ops.logsumexp),
  any: reduced(ops.any as unknown as typeof ops.sum),
  all: reduced(ops.all as unknown as typeof ops.sum),
  argmax: chosen(ops.argmax),
  argmin: chosen(ops.argmin),
  var: ([x], { dim, keepDim, correction }) => ops.variance(x as Tensor, dim, { keepDim, correction }),
  std: ([x], { dim, keepDim, correction }) => ops.std(x as Tensor, dim, { keepDim, correction }),

  matmul: two(ops.matmul),
  linear: ([x, w, b]) => ops.linear(x as Tensor, w as Tensor, b),
  conv2d: ([x, w, b], { stride, padding, dilation, groups }) =>
    ops.conv2d(x as Tensor, w as Tensor, b, { stride, padding, dilation, groups }),
  maxPool2d: ([x], { kernelSize, stride, padding, dilation }) =>
    ops.maxPool2d(x as Tensor, kernelSize, { stride, padding, dilation }),
  avgPool2d: ([x], { kernelSize, stride, padding, countIncludePad }) =>
    ops.avgPool2d(x as Tensor, kernelSize, { stride, padding, countIncludePad }),
  adaptiveAvgPool2d: ([x], { outputSize }) => ops.adaptiveAvgPool2d(x as Tensor, outputSize),

  softmax: ([x], { dim }) => ops.softmax(x as Tensor, dim),
  logSoftmax: ([x], { dim }) => ops.logSoftmax(x as Tensor, dim),
  layerNorm: ([x, w, b], { normalizedShape, eps }) => ops.layerNorm(x as Tensor, normalizedShape, w, b, eps),
  // Gives the running statistics too, which training changes in place.
  batchNorm: ([x, mean, variance, w, b], { training, momentum, eps }) => [
    ops.batchNorm(x as Tensor, mean as Tensor, variance as Tensor, w, b, { training, momentum, eps }),
    mean as Tensor,
    variance as Tensor,
  ],
  scaledDotProductAttention: ([q, k, v], { scale, isCausal }) =>
    ops.scaledDotProductAttention(q as Tensor, k as Tensor, v as Tensor, { scale, causal: isCausal }),

  embedding: ([indices, weight], { paddingIdx }) =>
    ops.embedding(weight as Tensor, indices as Tensor, { paddingIndex: paddingIdx ?? undefined }),
  gather: ([x, index], { dim }) => ops.gather(x as Tensor, dim, index as Tensor),
  scatterAdd: ([x, index, src], { dim }) => ops.scatterAdd(x as Tensor, dim, index as Tensor, src as Tensor),
  indexSelect: ([x, index], { dim }) => ops.indexSelect(x as Tensor, dim, index as Tensor),
  indexAdd: ([x, index, src], { dim }) => ops.indexAdd(x as Tensor, dim, index as Tensor, src as Tensor),
  concat: (inputs, { dim }) => ops.concat(inputs as Tensor[], dim),
  stack: (inputs, { dim }) => ops.stack(inputs as Tensor[], dim),
  tril: ([x], { diagonal }) => ops.tril(x as Tensor, diagonal),
  triu: ([x], { diagonal }) => ops.triu(x as Tensor, diagonal),

  crossEntropy: ([x, target, weight], { reduction, ignoreIndex, labelSmoothing }) =>
    ops.crossEntropy(x as Tensor, target as Tensor, { weight, reduction, ignoreIndex, labelSmoothing }),
  ctcLoss: ([x, targets], { frames, lengths, ...options }) =>
    ops.ctcLoss(ops.logSoftmax(x as Tensor, -1), targets as Tensor, frames, lengths, options),
  mseLoss: ([a, b], { reduction }) => ops.mseLoss(a as Tensor, b as Tensor, { reduction }),

  SGD: ([p, ...gradients], args) => {
    const momentum = args['momentum'] ? ops.zerosLike(p as Tensor) : null
    const base: SgdParameters = {
      lr: 0,
      momentum: 0,
      dampening: 0,
      weightDecay: 0,
      nesterov: false,
      step: 1,
      maximize: false,
      ...args,
    }
    return trajectory(p as Tensor, gradients as Tensor[], (g, i) =>
      ops.sgdStep([{ param: p as Tensor, grad: g, buffer: momentum }], { ...base, step: i + 1 }),
    )
  },
  Adam: (inputs, args) => adam(inputs as Tensor[], args, false),
  AdamW: (inputs, args) => adam(inputs as Tensor[], args, true),
}

function adam([p, ...gradients]: readonly Tensor[], args: Readonly<Record<string, any>>, decoupled: boolean): Tensor[] {
  const [m, v] = [ops.zerosLike(p as Tensor), ops.zerosLike(p as Tensor)]
  const base: AdamParameters = {
    lr: args['lr'],
    beta1: args['betas'][0],
    beta2: args['betas'][1],
    eps: args['eps'],
    weightDecay: args['weightDecay'],
    step: 1,
    decoupled,
  }
  return trajectory(p as Tensor, gradients, (g, i) =>
    ops.adamStep([{ param: p as Tensor, grad: g, m, v }], { ...base, step: i + 1 }),
  )
}

/** The parameter after each step. */
function trajectory(p: Tensor, gradients: readonly Tensor[], step: (g: Tensor, i: number) => void): Tensor[] {
  return gradients.map((g, i) => {
    step(g, i)
    return p.clone()
  })
}
