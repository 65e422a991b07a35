/** Convolution and pooling. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */
import * as ops from '#lib/index.js'
import { LeftOut, type Mapping, map, only } from './mapping.js'

export const conv: Readonly<Record<string, Mapping>> = {
  'nn.functional.conv2d': map(
    'input weight bias stride padding dilation groups',
    ({ input, weight, bias, stride, padding, dilation, groups }) => {
      const even = weight.shape
        .slice(2)
        .some((d: number, i: number) => ((Array.isArray(dilation) ? dilation[i] : (dilation ?? 1)) * (d - 1)) % 2 !== 0)
      if (padding === 'same' && even) throw new LeftOut("padding 'same' of even windows")
      if (input.rank !== 4) throw new LeftOut('an image without a batch')
      return ops.conv2d(input, weight, bias, { stride, padding, dilation, groups })
    },
  ),
  'nn.functional.max_pool2d': map(
    'input kernel_size stride padding dilation ceil_mode return_indices',
    ({ input, kernel_size, stride, padding, dilation, return_indices, ...a }) => {
      only(a, { ceil_mode: false })
      if (input.rank !== 4) throw new LeftOut('an image without a batch')
      const both = ops.maxPool2dWithIndices(input, kernel_size, { stride: stride ?? undefined, padding, dilation })
      return return_indices ? both : both[0]
    },
  ),
  'nn.functional.avg_pool2d': map(
    'input kernel_size stride padding ceil_mode count_include_pad divisor_override',
    ({ input, kernel_size, stride, padding, count_include_pad, ...a }) => {
      only(a, { ceil_mode: false, divisor_override: null })
      if (input.rank !== 4) throw new LeftOut('an image without a batch')
      return ops.avgPool2d(input, kernel_size, {
        stride: stride ?? undefined,
        padding,
        countIncludePad: count_include_pad,
      })
    },
  ),
  'nn.functional.adaptive_avg_pool2d': map('input output_size', ({ input, output_size }) => {
    if (input.rank !== 4 || (Array.isArray(output_size) && output_size.includes(null)))
      throw new LeftOut('an image without a batch, or a size that is kept')
    return ops.adaptiveAvgPool2d(input, output_size)
  }),
}
