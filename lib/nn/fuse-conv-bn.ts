/**
 * Batch normalisation folded into the convolution before it, for inference. Place in the whole: a function of layers of conv.ts and norm.ts.
 */
import { noGrad } from '../autograd/mode.js'
import { scope } from '../engine/lifetime.js'
import { ShapeError, ValueError } from '../errors.js'
import { add, div, mul, sub } from '../ops/binary.js'
import { sqrt } from '../ops/unary.js'
import { reshape } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Conv1d, Conv2d, Conv3d } from './conv.js'
import type { BatchNorm1d, BatchNorm2d } from './norm.js'

type Convolution = Conv1d | Conv2d | Conv3d
type ConvolutionClass<C> = new (inputs: number, outputs: number, kernel: readonly number[], options: object) => C

/**
 * A new convolution, in eval mode, that gives what `norm` in eval mode gives of `conv`'s results: weight' = weight s,
 * bias' = (bias - mean) s + shift with s = scale / sqrt(variance + eps) a channel, computed in f64. Neither layer is changed. Compare
 * torch.nn.utils.fusion.fuse_conv_bn_eval.
 *
 * @throws ValueError when the norm keeps no running statistics or the convolution ends with an activation, ShapeError when its channels are not the convolution's outputs.
 */
export function fuseConvBn<C extends Convolution>(conv: C, norm: BatchNorm1d | BatchNorm2d): C {
  const { runningMean, runningVar } = norm
  if (runningMean === null || runningVar === null)
    throw new ValueError('fuseConvBn: the norm keeps no running statistics (trackRunningStats: false)')
  if ((conv.options.activation ?? 'none') !== 'none')
    throw new ValueError(`fuseConvBn: the convolution ends with ${conv.options.activation}, which the norm follows`)
  const [outputs, inputs, ...kernel] = conv.weight.shape as [number, number, ...number[]]
  if (runningMean.numel !== outputs)
    throw new ShapeError(`fuseConvBn: the norm has ${runningMean.numel} channels, the convolution ${outputs} outputs`)
  return scope(() =>
    noGrad(() => {
      const exact = (t: Tensor | null, otherwise: number): Tensor | number => t?.to('f64') ?? otherwise
      const factor = div(exact(norm.weight, 1), sqrt(add(runningVar.to('f64'), norm.eps)))
      const perOutput = reshape(factor, [outputs, 1, ...kernel.map(() => 1)])
      const weight = mul(conv.weight.to('f64'), perOutput).to(conv.weight.dtype)
      const bias = add(mul(sub(exact(conv.bias, 0), runningMean.to('f64')), factor), exact(norm.bias, 0))
      const options = { ...conv.options, values: { weight, bias: bias.to(conv.weight.dtype) } }
      const Layer = conv.constructor as ConvolutionClass<C>
      return new Layer(inputs * (conv.options.groups ?? 1), outputs, kernel, options).eval() as C
    }),
  )
}
