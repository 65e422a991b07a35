/**
 * The three operators of convolution and their gradients, each made of the two others. Place in the whole: conv.ts checks
 * arguments and states a ConvPlan; everything recorded is here.
 *
 * y = conv(x, w) is linear in both; its gradients gx = convInputGrad(g, w) and gw = convWeightGrad(g, x) are linear in both
 * of theirs, so derivatives of any order stay within the three.
 */
import { noGrad } from '../autograd/mode.js'
import { needsGrad, record, recordMany, save } from '../autograd/node.js'
import { collecting } from '../engine/lifetime.js'
import { OP } from '../generated/ops.js'
import { batching } from '../tensor/batched.js'
import { numelOf, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add } from './binary.js'
import { makeMany } from './emit.js'
import { activate } from './fusedActivation.js'
import { sum } from './reduce.js'
import { expand, permute, reshape } from './views.js'

/** A convolution between fixed shapes: x (n, c, ...), w (o, c / groups, ...), y (n, o, ...). */
export interface ConvPlan {
  readonly x: Shape
  readonly w: Shape
  readonly y: Shape
  /** Strides, paddings, dilations of each spatial dimension, groups, whether fewer products may be used (conv-precision.ts). */
  readonly attributes: readonly number[]
}

const MADS_PER_NS = 30
const cost = (p: ConvPlan): number => (numelOf(p.y) * numelOf(p.w.slice(1))) / MADS_PER_NS

/** What is done to each sum before it is stored: activation(sum + bias + residual). */
export interface ConvEpilogue {
  /** The kernels' code (fusedActivation.ts). */
  readonly activation: number
  /** Like y. */
  readonly residual: Tensor | null
}

/** y from x and w, with a bias (o) or null, and an epilogue in the same pass. */
export function convFinished(p: ConvPlan, x: Tensor, w: Tensor, bias: Tensor | null, e: ConvEpilogue): Tensor {
  // The gradient needs what the activation is applied to, and a batch rule knows no epilogue: then each is an operator of its own.
  if (batching.frames.length > 0 || needsGrad(x, w, bias) || (e.residual && needsGrad(e.residual))) {
    const y = convForward(p, x, w, bias)
    return activate(e.residual ? add(y, e.residual) : y, e.activation)
  }
  const last = liesChannelsLast(p, x)
  const y = emitConv(p, x, w, bias, e, last)
  return last ? channelsFirst(y) : y
}

const TO_LAST = [0, 2, 3, 1]
const TO_FIRST = [0, 3, 1, 2]

/** The view of a y (n, oh, ow, o) that is handed out; it keeps the memory, and y is disposed of. */
function channelsFirst(y: Tensor): Tensor {
  const view = permute(y, TO_FIRST)
  y.dispose()
  return view
}

/** Whether the image is a view of one that lies channels-last, in a convolution that has a kernel for it; the result lies so too. */
function liesChannelsLast(p: ConvPlan, x: Tensor): boolean {
  if (x.isContiguous || p.x.length !== 4 || p.attributes[6] !== 1 || batching.frames.length > 0) return false
  const [, c, h, w] = p.x as [number, number, number, number]
  const [n, ...rest] = x.strides as [number, number, number, number]
  return n === h * w * c && rest[0] === 1 && rest[1] === w * c && rest[2] === c
}

/** y, or, where the image lies channels-last, the y (n, oh, ow, o) that it is a view of. */
function emitConv(
  p: ConvPlan,
  x: Tensor,
  w: Tensor,
  bias: Tensor | null,
  e: ConvEpilogue | null,
  last: boolean,
): Tensor {
  const attributes = e ? [...p.attributes, e.activation] : p.attributes
  const residual = e?.residual ?? null
  const made: Tensor[] = []
  const turned = (t: Tensor): Tensor => (last ? collecting(made, () => noGrad(() => permute(t, TO_LAST))) : t)
  const shape = last ? TO_LAST.map((i) => p.y[i] as number) : p.y
  const op = last ? OP.convChannelsLast : OP.conv
  try {
    const operands = residual ? [turned(x), w, bias, turned(residual)] : [turned(x), w, bias]
    const [y] = makeMany('conv', op, [{ dtype: x.dtype, shape }], operands, attributes, cost(p)) as [Tensor]
    return y
  } finally {
    for (const t of made) t.dispose()
  }
}

/** y from x and w, with a bias (o) or null. */
export function convForward(p: ConvPlan, x: Tensor, w: Tensor, bias: Tensor | null): Tensor {
  const last = liesChannelsLast(p, x)
  const y = emitConv(p, x, w, bias, null, last)
  if (needsGrad(x, w, bias)) {
    const [gx, gw, gb] = [x.requiresGrad, w.requiresGrad, bias?.requiresGrad ?? false]
    record('conv', y, [x, w, bias], [save(x), save(w)], (received, [x, w]) => {
      const g = last ? permute(received, TO_FIRST) : received
      const weights = gw || gb ? convWeightGrad(p, g, x as Tensor) : null
      return [
        gx ? convInputGrad(p, g, w as Tensor, null) : null,
        gw ? (weights as [Tensor, Tensor])[0] : null,
        gb ? (weights as [Tensor, Tensor])[1] : null,
      ]
    })
  }
  return last ? channelsFirst(y) : y
}

/** gx from the gradient of y and w; the transposed convolution of g, with a bias (c) or null. */
export function convInputGrad(p: ConvPlan, g: Tensor, w: Tensor, bias: Tensor | null): Tensor {
  const results = [{ dtype: g.dtype, shape: p.x }]
  const [gx] = makeMany('convInputGrad', OP.convInputGrad, results, [g, w, bias], p.attributes, cost(p)) as [Tensor]
  if (needsGrad(g, w, bias)) {
    const [gg, gw, gb] = [g.requiresGrad, w.requiresGrad, bias?.requiresGrad ?? false]
    record('convInputGrad', gx, [g, w, bias], [save(g), save(w)], (h, [g, w]) => [
      gg ? convForward(p, h, w as Tensor, null) : null,
      gw ? convWeightGrad(p, g as Tensor, h)[0] : null,
      gb ? overImages(h) : null,
    ])
  }
  return gx
}

/** gw from the gradient of y and x, and the bias's gradient: the sums of g. */
function convWeightGrad(p: ConvPlan, g: Tensor, x: Tensor): [Tensor, Tensor] {
  const results = [
    { dtype: g.dtype, shape: p.w },
    { dtype: g.dtype, shape: [p.w[0] as number] },
  ]
  const both = makeMany('convWeightGrad', OP.convWeightGrad, results, [g, x], p.attributes, cost(p)) as [Tensor, Tensor]
  if (needsGrad(g, x)) {
    const [gg, gx] = [g.requiresGrad, x.requiresGrad]
    recordMany('convWeightGrad', both, [g, x], [save(g), save(x)], ([hw, hb], [g, x]) => [
      gg ? (hw ? convForward(p, x as Tensor, hw, hb ?? null) : overChannels(p, hb as Tensor)) : null,
      gx && hw ? convInputGrad(p, g as Tensor, hw, null) : null,
    ])
  }
  return both
}

/** A value (o) for each channel as y. */
const overChannels = (p: ConvPlan, values: Tensor): Tensor =>
  expand(reshape(values, [values.numel, ...p.y.slice(2).map(() => 1)]), p.y)

/** Sums for each channel. */
const overImages = (g: Tensor): Tensor =>
  sum(
    g,
    g.shape.map((_, i) => i).filter((i) => i !== 1),
  )
