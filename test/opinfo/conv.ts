/** Convolution and pooling. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type Arguments, type Mapping, map } from './mapping.js'
import { MersenneTwister } from './twister.js'

/** Without what is null or an empty list: PyTorch's "as the default". */
const given = (options: Arguments): any =>
  Object.fromEntries(Object.entries(options).filter(([, v]) => v != null && !(Array.isArray(v) && v.length === 0)))
/** A list of one number stands for all dimensions. */
const single = (v: any): any => (Array.isArray(v) && v.length === 1 ? v[0] : v)
const spread = (options: Arguments): any =>
  given(Object.fromEntries(Object.entries(options).map(([k, v]) => [k, single(v)])))

const convolution = (f: (...args: any[]) => Tensor): Mapping =>
  map('input weight bias stride padding dilation groups', ({ input, weight, bias, ...options }) =>
    f(input, weight, bias, spread(options)),
  )

const transposed = (f: (...args: any[]) => Tensor): Mapping =>
  map(
    'input weight bias stride padding output_padding groups dilation',
    ({ input, weight, bias, output_padding, ...options }) =>
      f(input, weight, bias, spread({ ...options, outputPadding: output_padding })),
  )

const maximum = (f: (...args: any[]) => [Tensor, Tensor]): Mapping =>
  map(
    'input kernel_size stride padding dilation ceil_mode return_indices',
    ({ input, kernel_size, ceil_mode, return_indices, ...options }) => {
      const both = f(input, single(kernel_size), spread({ ...options, ceilMode: ceil_mode }))
      return return_indices ? both : both[0]
    },
  )

const average = (f: (...args: any[]) => Tensor): Mapping =>
  map(
    'input kernel_size stride padding ceil_mode count_include_pad divisor_override',
    ({ input, kernel_size, stride, padding, ...a }) =>
      f(
        input,
        single(kernel_size),
        spread({
          stride,
          padding,
          ceilMode: a['ceil_mode'],
          countIncludePad: a['count_include_pad'],
          divisorOverride: a['divisor_override'],
        }),
      ),
  )

const adaptiveAverage = (f: (...args: any[]) => Tensor): Mapping =>
  map('input output_size', ({ input, output_size }) => f(input, output_size))

const adaptiveMaximum = (f: (...args: any[]) => [Tensor, Tensor]): Mapping =>
  map('input output_size return_indices', ({ input, output_size, return_indices }) => {
    const both = f(input, output_size)
    return return_indices ? both : both[0]
  })

/** The samples are drawn by torch.rand after manual_seed(42). */
const fractional = (axes: number, f: (...args: any[]) => [Tensor, Tensor]): Mapping =>
  map(
    'input kernel_size output_size output_ratio return_indices',
    ({ input, kernel_size, output_size, output_ratio, return_indices }) => {
      const shape = [...(input.rank === axes + 1 ? [1] : []), ...input.shape.slice(0, -axes), axes]
      const twister = new MersenneTwister(42)
      const values = Float64Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () =>
        input.dtype === 'f64' ? twister.double() : twister.float(),
      )
      const samples = ops.tensor(values, { dtype: input.dtype, shape, device: input.device })
      const both = f(input, kernel_size, given({ outputSize: output_size, outputRatio: output_ratio, samples }))
      return return_indices ? both : both[0]
    },
  )

const unpooling = (f: (...args: any[]) => Tensor): Mapping =>
  map(
    'input indices kernel_size stride padding output_size',
    ({ input, indices, kernel_size, stride, padding, output_size }) =>
      f(input, indices, single(kernel_size), spread({ stride, padding, outputSize: output_size })),
  )
const unpool1d = unpooling(ops.maxUnpool1d)
const unpool2d = unpooling(ops.maxUnpool2d)
const unpool3d = unpooling(ops.maxUnpool3d)

export const conv: Readonly<Record<string, Mapping>> = {
  'nn.functional.conv1d': convolution(ops.conv1d),
  'nn.functional.conv2d': convolution(ops.conv2d),
  'nn.functional.conv3d': convolution(ops.conv3d),
  'nn.functional.conv_transpose1d': transposed(ops.convTranspose1d),
  'nn.functional.conv_transpose2d': transposed(ops.convTranspose2d),
  'nn.functional.conv_transpose3d': transposed(ops.convTranspose3d),
  'nn.functional.max_pool1d': maximum(ops.maxPool1dWithIndices),
  'nn.functional.max_pool2d': maximum(ops.maxPool2dWithIndices),
  'nn.functional.max_pool3d': maximum(ops.maxPool3dWithIndices),
  'nn.functional.avg_pool1d': average(ops.avgPool1d),
  'nn.functional.avg_pool2d': average(ops.avgPool2d),
  'nn.functional.avg_pool3d': average(ops.avgPool3d),
  'nn.functional.adaptive_avg_pool1d': adaptiveAverage(ops.adaptiveAvgPool1d),
  'nn.functional.adaptive_avg_pool2d': adaptiveAverage(ops.adaptiveAvgPool2d),
  'nn.functional.adaptive_avg_pool3d': adaptiveAverage(ops.adaptiveAvgPool3d),
  'nn.functional.adaptive_max_pool1d': adaptiveMaximum(ops.adaptiveMaxPool1dWithIndices),
  'nn.functional.adaptive_max_pool2d': adaptiveMaximum(ops.adaptiveMaxPool2dWithIndices),
  'nn.functional.adaptive_max_pool3d': adaptiveMaximum(ops.adaptiveMaxPool3dWithIndices),
  'nn.functional.fractional_max_pool2d': fractional(2, ops.fractionalMaxPool2dWithIndices),
  'nn.functional.fractional_max_pool3d': fractional(3, ops.fractionalMaxPool3dWithIndices),
  'nn.functional.max_unpool1d': unpool1d,
  'nn.functional.max_unpool1d.grad': unpool1d,
  'nn.functional.max_unpool2d': unpool2d,
  'nn.functional.max_unpool2d.grad': unpool2d,
  'nn.functional.max_unpool3d': unpool3d,
  'nn.functional.max_unpool3d.grad': unpool3d,
  // The gradient of max_pool2d for a cotangent of ones.
  max_pool2d_with_indices_backward: map(
    'input kernel_size stride padding dilation ceil_mode return_indices',
    ({ input, kernel_size, stride, padding, dilation, ceil_mode }) => {
      const x = input.requiresGrad ? input : input.detach().requiresGrad_()
      const y = ops.maxPool2d(x, single(kernel_size), spread({ stride, padding, dilation, ceilMode: ceil_mode }))
      y.backward({ gradient: ops.onesLike(y).requiresGrad_(), createGraph: true })
      const gradient = x.grad as Tensor
      x.grad = null
      return gradient
    },
  ),
  'nn.functional.unfold': map(
    'input kernel_size dilation padding stride',
    ({ input, kernel_size, dilation, padding, stride }) =>
      ops.unfold(input, single(kernel_size), spread({ dilation, padding, stride })),
  ),
  'nn.functional.channel_shuffle': map('input groups', ({ input, groups }) => ops.channelShuffle(input, groups)),
  'nn.functional.pixel_shuffle': map('input upscale_factor', ({ input, upscale_factor }) =>
    ops.pixelShuffle(input, upscale_factor),
  ),
  'nn.functional.pixel_unshuffle': map('input downscale_factor', ({ input, downscale_factor }) =>
    ops.pixelUnshuffle(input, downscale_factor),
  ),
}
