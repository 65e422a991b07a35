/** Convolution over (n, c, h, w). */
import { needsGrad, record, save } from '../autograd/node.js'
import { AutogradError, DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { isFloating } from '../tensor/dtype.js'
import { numelOf, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { isTensor, makeMany } from './emit.js'

/** One number for both dimensions, or [vertical, horizontal]. */
export type Pair = number | readonly [number, number]

export interface Conv2dOptions {
  stride?: Pair
  /** Zeros around the image. 'same' keeps its size (stride 1 and odd windows only). */
  padding?: Pair | 'same' | 'valid'
  dilation?: Pair
  groups?: number
}

export function pair(op: string, name: string, p: Pair, least: number): [number, number] {
  const [a, b] = typeof p === 'number' ? [p, p] : p
  for (const v of [a, b]) {
    if (!Number.isInteger(v) || v < least)
      throw new ValueError(`${op}: ${name} ${String(v)} is not an integer of at least ${least}`)
  }
  return [a, b]
}

const MADS_PER_NS = 30

/**
 * 2-D convolution (cross-correlation, as everywhere in the field): x (n, c, h, w), weight (o, c / groups, kh, kw), bias (o)
 * -> (n, o, oh, ow) with oh = floor((h + 2 ph - dh (kh - 1) - 1) / sh) + 1. Definition: torch.nn.functional.conv2d.
 *
 * @throws ShapeError when channels or groups do not fit, or the window exceeds the padded image.
 */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor | null, options: Conv2dOptions = {}): Tensor {
  if (x.rank !== 4 || weight.rank !== 4) {
    throw new ShapeError(
      `conv2d: takes an image (n, c, h, w) and a weight (o, c/groups, kh, kw), got ${show(x.shape)} and ${show(weight.shape)}`,
    )
  }
  const [n, c, h, w] = x.shape as [number, number, number, number]
  const [o, cg, kh, kw] = weight.shape as [number, number, number, number]
  const groups = options.groups ?? 1
  if (!Number.isInteger(groups) || groups < 1)
    throw new ValueError(`conv2d: groups ${groups} is not a positive integer`)
  if (cg * groups !== c)
    throw new ShapeError(
      `conv2d: the image has ${c} channels, weight ${show(weight.shape)} with ${groups} group(s) takes ${cg * groups}`,
    )
  if (o % groups !== 0) throw new ShapeError(`conv2d: ${o} outputs do not divide into ${groups} groups`)
  if (bias && (bias.rank !== 1 || bias.shape[0] !== o))
    throw new ShapeError(`conv2d: bias ${show(bias.shape)} for ${o} outputs`)
  checkDTypes('conv2d', x, weight, bias)
  const [sh, sw] = pair('conv2d', 'stride', options.stride ?? 1, 1)
  const [dh, dw] = pair('conv2d', 'dilation', options.dilation ?? 1, 1)
  const [ph, pw] = padding(options, [sh, sw], [dh * (kh - 1), dw * (kw - 1)])
  const oh = Math.floor((h + 2 * ph - dh * (kh - 1) - 1) / sh) + 1
  const ow = Math.floor((w + 2 * pw - dw * (kw - 1) - 1) / sw) + 1
  if (oh < 1 || ow < 1) {
    throw new ShapeError(
      `conv2d: a ${kh}x${kw} window (dilation ${dh}x${dw}) exceeds the padded image ${h + 2 * ph}x${w + 2 * pw}`,
    )
  }
  const attributes = [sh, sw, ph, pw, dh, dw, groups]
  const shape = [n, o, oh, ow]
  const ns = (numelOf(shape) * cg * kh * kw) / MADS_PER_NS
  const [y] = makeMany(
    'conv2d',
    OP.conv2d,
    [{ dtype: x.dtype, shape }],
    bias ? [x, weight, bias] : [x, weight],
    attributes,
    ns,
  )
  const result = y as Tensor
  if (needsGrad(x, weight, bias)) {
    const [gx, gw, gb] = [x.requiresGrad, weight.requiresGrad, bias?.requiresGrad ?? false]
    const [sx, sk] = [x.shape, weight.shape]
    record('conv2d', result, [x, weight, bias], [save(x), save(weight)], (g, [x, k]) => {
      once('conv2d', g, x, k)
      const grads: (Tensor | null)[] = [null, null, null]
      if (gx)
        grads[0] = makeMany(
          'conv2d',
          OP.conv2dInputGrad,
          [{ dtype: g.dtype, shape: sx }],
          [g, k],
          attributes,
          ns,
        )[0] as Tensor
      if (gw || gb) {
        const results = [
          { dtype: g.dtype, shape: sk },
          { dtype: g.dtype, shape: [o] },
        ]
        const [dk, db] = makeMany('conv2d', OP.conv2dWeightGrad, results, [g, x], attributes, ns)
        grads[1] = gw ? (dk as Tensor) : null
        grads[2] = gb ? (db as Tensor) : null
      }
      return grads
    })
  }
  return result
}

function padding(options: Conv2dOptions, stride: readonly number[], reach: readonly number[]): [number, number] {
  const p = options.padding ?? 0
  if (p === 'valid') return [0, 0]
  if (p !== 'same') return pair('conv2d', 'padding', p, 0)
  if (stride[0] !== 1 || stride[1] !== 1) throw new ValueError("conv2d: padding 'same' needs stride 1")
  if (reach.some((r) => r % 2 !== 0))
    throw new ValueError("conv2d: padding 'same' needs odd windows; pad the image by hand for even ones")
  return [(reach[0] as number) / 2, (reach[1] as number) / 2]
}

export function checkDTypes(op: string, ...tensors: (Tensor | null | undefined)[]): void {
  const first = tensors.find(isTensor) as Tensor
  if (!isFloating(first.dtype)) throw new DTypeError(`${op}: takes floating-point tensors, got ${first.dtype}`)
  for (const t of tensors) {
    if (t && t.dtype !== first.dtype)
      throw new DTypeError(`${op}: dtypes differ: ${first.dtype} and ${t.dtype}; convert one with .to()`)
  }
}

/** Rules built of gradient kernels cannot be differentiated again; says so instead of giving a wrong second derivative. */
export function once(op: string, ...needed: (Tensor | null | undefined)[]): void {
  if (needed.some((t) => t && needsGrad(t)))
    throw new AutogradError(`${op}: its gradient is not differentiable; run backward without {createGraph: true}`)
}
