// Convolutions with learned weights. Place in the whole: names, layouts and initial values are PyTorch's. Shapes: N samples, C
// channels, then one to three spatial dimensions; a sample may come without N.
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
import { type Pair, type Single, type Sizes, sizesOf, type Triple } from '../ops/spatial.js'
import type { DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { positive } from './check.js'
import { initialize } from './linear.js'
import { Module } from './module.js'
import { Parameter } from './parameter.js'

interface LayerOptions {
  bias?: boolean
  dtype?: DType
  /** Weight and bias to begin with, in place of random ones; they are copied. `bias` and `dtype` are theirs. */
  values?: { readonly weight: Tensor; readonly bias: Tensor | null }
}
export type Conv1dLayerOptions = ConvOptions<Single> & LayerOptions
export type Conv2dLayerOptions = ConvOptions<Pair> & LayerOptions
export type Conv3dLayerOptions = ConvOptions<Triple> & LayerOptions
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
  ) {
    super()
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

/** Convolution: (N, inChannels, L) to (N, outChannels, L'). weight is (outChannels, inChannels / groups, k). */
export class Conv1d extends Convolution<ConvOptions<Single>> {
  constructor(inChannels: number, outChannels: number, kernelSize: Single, options: Conv1dLayerOptions = {}) {
    super(1, outChannels, [outChannels, inChannels], kernelSize, options)
  }

  /** `epilogue`: what follows in the same pass; see `ConvEpilogueOptions`. */
  override forward(x: Tensor, epilogue: ConvEpilogueOptions = {}): Tensor {
    return conv1d(x, this.weight, this.bias, { ...this.options, ...epilogue })
  }
}

/** Convolution: (N, inChannels, H, W) to (N, outChannels, H', W'). weight is (outChannels, inChannels / groups, kh, kw). */
export class Conv2d extends Convolution<ConvOptions<Pair>> {
  constructor(inChannels: number, outChannels: number, kernelSize: Pair, options: Conv2dLayerOptions = {}) {
    super(2, outChannels, [outChannels, inChannels], kernelSize, options)
  }

  /** `epilogue`: what follows in the same pass; see `ConvEpilogueOptions`. */
  override forward(x: Tensor, epilogue: ConvEpilogueOptions = {}): Tensor {
    return conv2d(x, this.weight, this.bias, { ...this.options, ...epilogue })
  }
}

/** Convolution: (N, inChannels, D, H, W) to (N, outChannels, D', H', W'). weight is (outChannels, inChannels / groups, kd, kh, kw). */
export class Conv3d extends Convolution<ConvOptions<Triple>> {
  constructor(inChannels: number, outChannels: number, kernelSize: Triple, options: Conv3dLayerOptions = {}) {
    super(3, outChannels, [outChannels, inChannels], kernelSize, options)
  }

  /** `epilogue`: what follows in the same pass; see `ConvEpilogueOptions`. */
  override forward(x: Tensor, epilogue: ConvEpilogueOptions = {}): Tensor {
    return conv3d(x, this.weight, this.bias, { ...this.options, ...epilogue })
  }
}

/** Transposed convolution: (N, inChannels, L) to (N, outChannels, L'). weight is (inChannels, outChannels / groups, k). */
export class ConvTranspose1d extends Convolution<ConvTransposeOptions<Single>> {
  constructor(inChannels: number, outChannels: number, kernelSize: Single, options: ConvTranspose1dLayerOptions = {}) {
    super(1, outChannels, [inChannels, outChannels], kernelSize, options)
  }

  override forward(x: Tensor): Tensor {
    return convTranspose1d(x, this.weight, this.bias, this.options)
  }
}

/** Transposed convolution: (N, inChannels, H, W) to (N, outChannels, H', W'). weight is (inChannels, outChannels / groups, kh, kw). */
export class ConvTranspose2d extends Convolution<ConvTransposeOptions<Pair>> {
  constructor(inChannels: number, outChannels: number, kernelSize: Pair, options: ConvTranspose2dLayerOptions = {}) {
    super(2, outChannels, [inChannels, outChannels], kernelSize, options)
  }

  override forward(x: Tensor): Tensor {
    return convTranspose2d(x, this.weight, this.bias, this.options)
  }
}

/** Transposed convolution: (N, inChannels, D, H, W) to (N, outChannels, D', H', W'). weight is (inChannels, outChannels / groups, kd, kh, kw). */
export class ConvTranspose3d extends Convolution<ConvTransposeOptions<Triple>> {
  constructor(inChannels: number, outChannels: number, kernelSize: Triple, options: ConvTranspose3dLayerOptions = {}) {
    super(3, outChannels, [inChannels, outChannels], kernelSize, options)
  }

  override forward(x: Tensor): Tensor {
    return convTranspose3d(x, this.weight, this.bias, this.options)
  }
}
