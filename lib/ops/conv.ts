import { autocasting } from '../autograd/mode.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { isFloating } from '../tensor/dtype.js'
import { type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { atHalf } from './autocast.js'
import type { AutocastOperator } from './autocast-lists.js'
import { type ConvPrecision, precisionCode } from './conv-precision.js'
import { type ConvEpilogue, type ConvPlan, convFinished, convForward, convInputGrad } from './conv-rules.js'
import { isTensor } from './emit.js'
import { activationCode, checkResidual, type LinearActivation } from './fusedActivation.js'
import { checkReach, layoutOf, type Pair, type Single, type Sizes, sizesOf, type Triple } from './spatial.js'
import { squeeze, unsqueeze } from './views.js'

/**
 * What is done to each sum before it is stored: `activation(sum + bias + residual)`, in f32 for bf16 and f16, rounded once. One pass
 * where no gradients are recorded; else each is an operator of its own, as the gradient needs what the activation is applied to.
 */
export interface ConvEpilogueOptions {
  /** Default 'none'. */
  activation?: LinearActivation | null
  /** Of the result's shape and dtype. */
  residual?: Tensor | null
}

export interface ConvOptions<P extends Sizes = Sizes> extends ConvEpilogueOptions {
  stride?: P
  /** Zeros around the image. 'same' keeps its size (stride 1; of an odd number the last side gets one more), 'valid' is 0. */
  padding?: P | 'same' | 'valid'
  /** Distance of the window's elements. */
  dilation?: P
  groups?: number
  /** How exactly f32 is summed, forward and in the gradients: see `setConvPrecision`, which says what holds by default. */
  precision?: ConvPrecision
}
export type Conv1dOptions = ConvOptions<Single>
export type Conv2dOptions = ConvOptions<Pair>
export type Conv3dOptions = ConvOptions<Triple>

export interface ConvTransposeOptions<P extends Sizes = Sizes> {
  stride?: P
  /** What is cut off the result on both sides, before `outputPadding`. */
  padding?: P
  /** Further elements behind the last one; less than the stride or the dilation. */
  outputPadding?: P
  dilation?: P
  groups?: number
  /** As of `conv2d`. */
  precision?: ConvPrecision
}

const by = (sizes: readonly number[]): string => sizes.join('x')

function groupsOf(op: string, options: { groups?: number }): number {
  const groups = options.groups ?? 1
  if (!Number.isInteger(groups) || groups < 1) throw new ValueError(`${op}: groups ${groups} is not a positive integer`)
  return groups
}

function checkOperands(op: string, r: number, x: Tensor, w: Tensor, weight: string): void {
  const fits = (x.rank === r + 1 || x.rank === r + 2) && w.rank === r + 2 && w.shape.slice(2).every((k) => k > 0)
  if (!fits)
    throw new ShapeError(
      `${op}: takes ${layoutOf(r)} and a weight (${weight}, ...) of as many dimensions, got ${show(x.shape)} and ${show(w.shape)}`,
    )
}

function checkBias(op: string, bias: Tensor | null | undefined, outputs: number): void {
  if (bias && (bias.rank !== 1 || bias.shape[0] !== outputs))
    throw new ShapeError(`${op}: bias ${show(bias.shape)} for ${outputs} outputs`)
}

/** Of an image without a batch, as one of a batch of one. */
function batched(x: Tensor, r: number, run: (x: Tensor) => Tensor): Tensor {
  return x.rank === r + 2 ? run(x) : squeeze(run(unsqueeze(x, 0)), 0)
}

function convolve(
  op: AutocastOperator,
  r: number,
  image: Tensor,
  w: Tensor,
  bias: Tensor | null | undefined,
  options: ConvOptions,
): Tensor {
  if (autocasting.frame)
    return atHalf(op, [image, w, bias, options.residual], (x, w, b, residual) =>
      convolve(op, r, x as Tensor, w as Tensor, b, { ...options, residual: residual ?? null }),
    )
  checkOperands(op, r, image, w, 'o, c/groups')
  const groups = groupsOf(op, options)
  const c = image.shape[image.rank - r - 1] as number
  const [o, cg] = w.shape as readonly [number, number]
  if (cg * groups !== c)
    throw new ShapeError(
      `${op}: the image has ${c} channels, weight ${show(w.shape)} with ${groups} group(s) takes ${cg * groups}`,
    )
  if (o % groups !== 0) throw new ShapeError(`${op}: ${o} outputs do not divide into ${groups} groups`)
  checkBias(op, bias, o)
  checkDTypes(op, image, w, bias)
  const stride = sizesOf(op, 'stride', options.stride ?? 1, r, 1)
  const dilation = sizesOf(op, 'dilation', options.dilation ?? 1, r, 1)
  const kernel = w.shape.slice(2)
  const reach = kernel.map((k, i) => (dilation[i] as number) * (k - 1))
  const size = image.shape.slice(-r)
  let before: number[]
  let out: number[]
  if (options.padding === 'same') {
    if (stride.some((s) => s !== 1)) throw new ValueError(`${op}: padding 'same' needs stride 1`)
    before = reach.map((d) => Math.floor(d / 2))
    out = size
  } else {
    before = sizesOf(op, 'padding', options.padding === 'valid' ? 0 : (options.padding ?? 0), r, 0)
    const padded = size.map((d, i) => d + 2 * (before[i] as number))
    out = padded.map((d, i) => Math.floor((d - (reach[i] as number) - 1) / (stride[i] as number)) + 1)
    if (out.some((d) => d < 1))
      throw new ShapeError(
        `${op}: a ${by(kernel)} window (dilation ${by(dilation)}) exceeds the padded image ${by(padded)}`,
      )
  }
  checkReach(op, reach, before)
  const attributes = [...stride, ...before, ...dilation, groups, precisionCode(op, options.precision)]
  const result = [...image.shape.slice(0, -r - 1), o, ...out]
  const then = readEpilogue(op, image, result, options)
  return batched(image, r, (x) => {
    const plan: ConvPlan = { x: x.shape, w: w.shape, y: [x.shape[0] as number, o, ...out], attributes }
    if (!then) return convForward(plan, x, w, bias ?? null)
    // As it lies: a residual that lies channels-last is read so.
    const residual = then.residual && (x === image ? then.residual : unsqueeze(then.residual, 0))
    return convFinished(plan, x, w, bias ?? null, { ...then, residual })
  })
}

/** null: nothing is asked for. */
function readEpilogue(op: string, x: Tensor, shape: Shape, options: ConvEpilogueOptions): ConvEpilogue | null {
  const { residual = null } = options
  const activation = activationCode(op, options.activation)
  if (activation === 0 && residual === null) return null
  checkResidual(op, residual, 'the result', shape, x.dtype)
  return { activation, residual }
}

/**
 * 1-D convolution (cross-correlation, as everywhere in the field): x (n, c, l) or (c, l), weight (o, c / groups, k), bias (o)
 * -> (n, o, ol) with ol = floor((l + 2 padding - dilation (k - 1) - 1) / stride) + 1. Definition: torch.nn.functional.conv1d.
 * `activation` and `residual` follow in the same pass (`ConvEpilogueOptions`).
 *
 * @throws ShapeError when channels, groups or the residual do not fit, or the window exceeds the padded signal; ValueError for an unknown
 * activation.
 */
export function conv1d(x: Tensor, weight: Tensor, bias?: Tensor | null, options: Conv1dOptions = {}): Tensor {
  return convolve('conv1d', 1, x, weight, bias, options)
}

/** 2-D convolution, of x (n, c, h, w) or (c, h, w) with weight (o, c / groups, kh, kw); see `conv1d`. */
export function conv2d(x: Tensor, weight: Tensor, bias?: Tensor | null, options: Conv2dOptions = {}): Tensor {
  return convolve('conv2d', 2, x, weight, bias, options)
}

/** 3-D convolution, of x (n, c, d, h, w) or (c, d, h, w) with weight (o, c / groups, kd, kh, kw); see `conv1d`. */
export function conv3d(x: Tensor, weight: Tensor, bias?: Tensor | null, options: Conv3dOptions = {}): Tensor {
  return convolve('conv3d', 3, x, weight, bias, options)
}

function transposed(
  op: AutocastOperator,
  r: number,
  image: Tensor,
  w: Tensor,
  bias: Tensor | null | undefined,
  options: ConvTransposeOptions,
): Tensor {
  if (autocasting.frame)
    return atHalf(op, [image, w, bias], (x, w, b) => transposed(op, r, x as Tensor, w as Tensor, b, options))
  checkOperands(op, r, image, w, 'c, o/groups')
  const groups = groupsOf(op, options)
  const c = image.shape[image.rank - r - 1] as number
  if (w.shape[0] !== c || c % groups !== 0)
    throw new ShapeError(
      `${op}: an image of ${c} channels and weight ${show(w.shape)} do not fit or divide into ${groups} group(s)`,
    )
  const o = (w.shape[1] as number) * groups
  checkBias(op, bias, o)
  checkDTypes(op, image, w, bias)
  const stride = sizesOf(op, 'stride', options.stride ?? 1, r, 1)
  const padding = sizesOf(op, 'padding', options.padding ?? 0, r, 0)
  const dilation = sizesOf(op, 'dilation', options.dilation ?? 1, r, 1)
  const more = sizesOf(op, 'outputPadding', options.outputPadding ?? 0, r, 0)
  const out = image.shape.slice(-r).map((d, i) => {
    const [s, gap, extra] = [stride[i] as number, dilation[i] as number, more[i] as number]
    if (extra >= s && extra >= gap)
      throw new ValueError(`${op}: outputPadding ${extra} is not below the stride ${s} or the dilation ${gap}`)
    return (d - 1) * s - 2 * (padding[i] as number) + gap * ((w.shape[2 + i] as number) - 1) + extra + 1
  })
  if (out.some((d) => d < 1))
    throw new ShapeError(`${op}: ${show(image.shape)} with padding ${by(padding)} gives an empty image ${by(out)}`)
  const reach = dilation.map((gap, i) => gap * ((w.shape[2 + i] as number) - 1))
  checkReach(op, reach, padding)
  const attributes = [...stride, ...padding, ...dilation, groups, precisionCode(op, options.precision)]
  return batched(image, r, (x) => {
    const plan: ConvPlan = { x: [x.shape[0] as number, o, ...out], w: w.shape, y: x.shape, attributes }
    return convInputGrad(plan, x, w, bias ?? null)
  })
}

/**
 * Transposed 1-D convolution (the gradient of `conv1d` with regard to its image): x (n, c, l) or (c, l), weight (c, o / groups,
 * k), bias (o) -> (n, o, ol) with ol = (l - 1) stride - 2 padding + dilation (k - 1) + outputPadding + 1. Definition:
 * torch.nn.functional.conv_transpose1d.
 *
 * @throws ShapeError when channels or groups do not fit, or nothing is left.
 */
export function convTranspose1d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: ConvTransposeOptions<Single> = {},
): Tensor {
  return transposed('convTranspose1d', 1, x, weight, bias, options)
}

/** Transposed 2-D convolution, of x (n, c, h, w) or (c, h, w) with weight (c, o / groups, kh, kw); see `convTranspose1d`. */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: ConvTransposeOptions<Pair> = {},
): Tensor {
  return transposed('convTranspose2d', 2, x, weight, bias, options)
}

/** Transposed 3-D convolution, of x (n, c, d, h, w) or (c, d, h, w) with weight (c, o / groups, kd, kh, kw). */
export function convTranspose3d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor | null,
  options: ConvTransposeOptions<Triple> = {},
): Tensor {
  return transposed('convTranspose3d', 3, x, weight, bias, options)
}

export function checkDTypes(op: string, ...tensors: (Tensor | null | undefined)[]): void {
  const first = tensors.find(isTensor) as Tensor
  if (!isFloating(first.dtype)) throw new DTypeError(`${op}: takes floating-point tensors, got ${first.dtype}`)
  for (const t of tensors) {
    if (t && t.dtype !== first.dtype)
      throw new DTypeError(`${op}: dtypes differ: ${first.dtype} and ${t.dtype}; convert one with .to()`)
  }
}
