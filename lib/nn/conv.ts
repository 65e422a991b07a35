// Convolutions with learned weights. Place in the whole: names, layouts and initial values are PyTorch's. Shapes: N samples, C
// channels, then one to three spatial dimensions; a sample may come without N.

import { known, positive } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import {
  type ConvEpilogueOptions,
  type ConvOptions,
  type ConvTransposeOptions,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
} from '../ops/conv.js'
import { clone } from '../ops/convert.js'
import { zeros } from '../ops/creation.js'
import { type PadMode, pad } from '../ops/pad.js'
import { layoutOf, type Pair, type Single, type Sizes, sizesOf, type Triple } from '../ops/spatial.js'
import type { DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { initialize } from './linear.js'
import { Module } from './module.js'
import { Parameter } from './parameter.js'

interface LayerOptions {
  /** Default true. */
  bias?: boolean
  dtype?: DType
  /** Weight and bias to begin with, in place of random ones; they are copied. `bias` and `dtype` are theirs. */
  values?: { readonly weight: Tensor; readonly bias: Tensor | null }
}
/** What stands around the image: zeros, or what `pad` makes of it. */
export type PaddingMode = 'zeros' | Exclude<PadMode, 'constant'>

interface BorderOptions {
  /** What `padding` adds. Default 'zeros'. */
  paddingMode?: PaddingMode
}
export type Conv1dLayerOptions = ConvOptions<Single> & BorderOptions & LayerOptions
export type Conv2dLayerOptions = ConvOptions<Pair> & BorderOptions & LayerOptions
export type Conv3dLayerOptions = ConvOptions<Triple> & BorderOptions & LayerOptions
export type ConvTranspose1dLayerOptions = ConvTransposeOptions<Single> & LayerOptions
export type ConvTranspose2dLayerOptions = ConvTransposeOptions<Pair> & LayerOptions
export type ConvTranspose3dLayerOptions = ConvTransposeOptions<Triple> & LayerOptions

/** A weight of `r` spatial dimensions and a bias. The weight's first dimension is `first`, its second `second` / groups. */
abstract class Convolution<O extends { groups?: number }> extends Module {
  weight: Parameter
  bias: Parameter | null
  readonly options: O

  constructor(
    r: number,
    outChannels: number,
    [first, second]: readonly [number, number],
    kernelSize: Sizes,
    options: O & LayerOptions,
    names: readonly string[],
  ) {
    super()
    known(new.target.name, options, [...names, 'dilation', 'groups', 'precision', 'bias', 'dtype', 'values'])
    const { bias = true, dtype = 'f32', values, ...rest } = options
    const { groups = 1 } = rest
    const name = this.constructor.name
    positive(name, { channels: Math.min(first, second), groups })
    if (first % groups !== 0 || second % groups !== 0) {
      throw new ValueError(`${name}: a weight of ${first} by ${second} channels does not divide into ${groups} groups`)
    }
    this.options = rest as unknown as O
    const kernel = sizesOf(name, 'kernelSize', kernelSize, r, 1)
    if (values) {
      const shape = [first, second / groups, ...kernel]
      if (show(values.weight.shape) !== show(shape))
        throw new ShapeError(`${name}: the weight is ${show(values.weight.shape)}, the layer's ${show(shape)}`)
      this.weight = new Parameter(clone(values.weight.detach()))
      this.bias = values.bias && new Parameter(clone(values.bias.detach()))
      return
    }
    this.weight = new Parameter(zeros([first, second / groups, ...kernel], { dtype }))
    this.bias = bias ? new Parameter(zeros([outChannels], { dtype })) : null
    initialize(this.weight, this.bias)
  }
}

const CONV = ['stride', 'padding', 'paddingMode', 'activation', 'residual'] as const
const TRANSPOSED = ['stride', 'padding', 'outputPadding'] as const

/** A convolution over windows, whose border may be other than zeros. */
abstract class Windowed<P extends Sizes> extends Convolution<ConvOptions<P> & BorderOptions> {
  /** Widths of a border that `pad` makes; null: zeros, which the operator puts in itself. */
  readonly #border: readonly number[] | null
  readonly #ranks: readonly [number, number]

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: P,
    options: ConvOptions<P> & BorderOptions & LayerOptions,
    r: number,
  ) {
    super(r, outChannels, [outChannels, inChannels], kernelSize, options, CONV)
    this.#ranks = [r + 1, r + 2]
    this.#border = borderOf(new.target.name, this.options, this.weight.shape.slice(2))
  }

  /** x within its border, and the operator's options for it. */
  protected prepare(x: Tensor, epilogue: ConvEpilogueOptions): [Tensor, ConvOptions<P>] {
    const options = { ...this.options, ...epilogue }
    if (this.#border === null) return [x, options]
    if (!this.#ranks.includes(x.rank))
      throw new ShapeError(`${this.constructor.name}: takes ${layoutOf(this.#ranks[0] - 1)}, found ${show(x.shape)}`)
    const mode = options.paddingMode as PadMode
    return [pad(x, this.#border, { mode }), { ...options, padding: 'valid' }]
  }
}

/** Widths as `pad` takes them, the last dimension's first; of an odd number 'same' puts one more behind, as the operator does. */
function borderOf(layer: string, options: ConvOptions & BorderOptions, kernel: readonly number[]): number[] | null {
  const { padding = 0, paddingMode = 'zeros', dilation = 1, stride = 1 } = options
  if (paddingMode === 'zeros') return null
  if (!['reflect', 'replicate', 'circular'].includes(paddingMode))
    throw new ValueError(
      `${layer}: paddingMode is ${String(paddingMode)}, expected 'zeros', 'reflect', 'replicate' or 'circular'`,
    )
  if (padding === 'valid') return null
  const r = kernel.length
  if (padding === 'same') {
    if (sizesOf(layer, 'stride', stride, r, 1).some((s) => s !== 1))
      throw new ValueError(`${layer}: padding 'same' needs stride 1`)
    const reach = sizesOf(layer, 'dilation', dilation, r, 1).map((d, i) => d * ((kernel[i] as number) - 1))
    return reach.reverse().flatMap((total) => [Math.floor(total / 2), Math.ceil(total / 2)])
  }
  return sizesOf(layer, 'padding', padding, r, 0)
    .reverse()
    .flatMap((width) => [width, width])
}

/** Convolution: (N, inChannels, L) to (N, outChannels, L'). weight is (outChannels, inChannels / groups, k). */
export class Conv1d extends Windowed<Single> {
  constructor(inChannels: number, outChannels: number, kernelSize: Single, options: Conv1dLayerOptions = {}) {
    super(inChannels, outChannels, kernelSize, options, 1)
  }

  /** `epilogue`: what follows in the same pass; see `ConvEpilogueOptions`. */
  override forward(x: Tensor, epilogue: ConvEpilogueOptions = {}): Tensor {
    const [image, options] = this.prepare(x, epilogue)
    return conv1d(image, this.weight, this.bias, options)
  }
}

/** Convolution: (N, inChannels, H, W) to (N, outChannels, H', W'). weight is (outChannels, inChannels / groups, kh, kw). */
export class Conv2d extends Windowed<Pair> {
  constructor(inChannels: number, outChannels: number, kernelSize: Pair, options: Conv2dLayerOptions = {}) {
    super(inChannels, outChannels, kernelSize, options, 2)
  }

  /** `epilogue`: what follows in the same pass; see `ConvEpilogueOptions`. */
  override forward(x: Tensor, epilogue: ConvEpilogueOptions = {}): Tensor {
    const [image, options] = this.prepare(x, epilogue)
    return conv2d(image, this.weight, this.bias, options)
  }
}

/** Convolution: (N, inChannels, D, H, W) to (N, outChannels, D', H', W'). weight is (outChannels, inChannels / groups, kd, kh, kw). */
export class Conv3d extends Windowed<Triple> {
  constructor(inChannels: number, outChannels: number, kernelSize: Triple, options: Conv3dLayerOptions = {}) {
    super(inChannels, outChannels, kernelSize, options, 3)
  }

  /** `epilogue`: what follows in the same pass; see `ConvEpilogueOptions`. */
  override forward(x: Tensor, epilogue: ConvEpilogueOptions = {}): Tensor {
    const [image, options] = this.prepare(x, epilogue)
    return conv3d(image, this.weight, this.bias, options)
  }
}

/** A transposed convolution, whose result may be asked for by its size. */
abstract class Transposed<P extends Sizes> extends Convolution<ConvTransposeOptions<P>> {
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: P,
    options: ConvTransposeOptions<P> & LayerOptions,
    r: number,
  ) {
    super(r, outChannels, [inChannels, outChannels], kernelSize, options, TRANSPOSED)
  }

  /** The options, with the outputPadding that gives `outputSize`. */
  protected sized(x: Tensor, outputSize: readonly number[] | null): ConvTransposeOptions<P> {
    if (outputSize === null) return this.options
    const name = this.constructor.name
    const kernel = this.weight.shape.slice(2)
    const r = kernel.length
    if (x.rank < r || outputSize.length !== r)
      throw new ShapeError(`${name}: outputSize is ${show(outputSize)}, expected the ${r} sizes of its dimensions`)
    const { stride = 1, padding = 0, dilation = 1 } = this.options
    const steps = sizesOf(name, 'stride', stride, r, 1)
    const cut = sizesOf(name, 'padding', padding, r, 0)
    const gaps = sizesOf(name, 'dilation', dilation, r, 1)
    const outputPadding = outputSize.map((size, i) => {
      const [s, k] = [steps[i] as number, kernel[i] as number]
      const least = ((x.shape.at(i - r) as number) - 1) * s - 2 * (cut[i] as number) + (gaps[i] as number) * (k - 1) + 1
      if (!(size >= least && size < least + s))
        throw new ValueError(`${name}: outputSize[${i}] is ${size}, expected ${least} to ${least + s - 1}`)
      return size - least
    })
    return { ...this.options, outputPadding: outputPadding as unknown as P }
  }
}

/** Transposed convolution: (N, inChannels, L) to (N, outChannels, L'). weight is (inChannels, outChannels / groups, k). */
export class ConvTranspose1d extends Transposed<Single> {
  constructor(inChannels: number, outChannels: number, kernelSize: Single, options: ConvTranspose1dLayerOptions = {}) {
    super(inChannels, outChannels, kernelSize, options, 1)
  }

  /** @param outputSize the result's, where several are possible: (L'), (H', W') or (D', H', W'), as `outputPadding` chooses */
  override forward(x: Tensor, outputSize: readonly number[] | null = null): Tensor {
    return convTranspose1d(x, this.weight, this.bias, this.sized(x, outputSize))
  }
}

/** Transposed convolution: (N, inChannels, H, W) to (N, outChannels, H', W'). weight is (inChannels, outChannels / groups, kh, kw). */
export class ConvTranspose2d extends Transposed<Pair> {
  constructor(inChannels: number, outChannels: number, kernelSize: Pair, options: ConvTranspose2dLayerOptions = {}) {
    super(inChannels, outChannels, kernelSize, options, 2)
  }

  /** @param outputSize the result's, where several are possible: (L'), (H', W') or (D', H', W'), as `outputPadding` chooses */
  override forward(x: Tensor, outputSize: readonly number[] | null = null): Tensor {
    return convTranspose2d(x, this.weight, this.bias, this.sized(x, outputSize))
  }
}

/** Transposed convolution: (N, inChannels, D, H, W) to (N, outChannels, D', H', W'). weight is (inChannels, outChannels / groups, kd, kh, kw). */
export class ConvTranspose3d extends Transposed<Triple> {
  constructor(inChannels: number, outChannels: number, kernelSize: Triple, options: ConvTranspose3dLayerOptions = {}) {
    super(inChannels, outChannels, kernelSize, options, 3)
  }

  /** @param outputSize the result's, where several are possible: (L'), (H', W') or (D', H', W'), as `outputPadding` chooses */
  override forward(x: Tensor, outputSize: readonly number[] | null = null): Tensor {
    return convTranspose3d(x, this.weight, this.bias, this.sized(x, outputSize))
  }
}
