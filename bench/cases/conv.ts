/**
 * 2-d convolutions of ResNet-like networks. Names are kernel_in_out_side, with n = batch; dw: depthwise, g32: 32 groups, d2: taps two
 * apart. One row a shape, in our layout; the peer takes the layout in which it is faster, so a filter may ask for `nhwc` too.
 */
import { conv2d, randn } from 'sinter'
import { type Case, forwardOnly, withBackward } from '../case.js'

interface Shape {
  label: string
  channelsIn: number
  channelsOut: number
  kernel: number
  stride: number
  side: number
  groups: number
  dilation: number
}

const dense = (kernel: number, channelsIn: number, channelsOut: number, side: number, stride = 1): Shape => ({
  label: `${kernel}x${kernel}${stride > 1 ? `s${stride}` : ''}_${channelsIn}_${channelsOut}_${side}`,
  channelsIn,
  channelsOut,
  kernel,
  stride,
  side,
  groups: 1,
  dilation: 1,
})

const SHAPES: readonly Shape[] = [
  dense(7, 3, 64, 224, 2),
  dense(3, 64, 64, 56),
  dense(3, 128, 128, 28),
  dense(3, 256, 256, 14),
  dense(3, 512, 512, 7),
  dense(1, 256, 64, 56),
  dense(1, 64, 256, 56),
  { ...dense(3, 256, 256, 28), label: 'dw3x3_256_28', groups: 256 },
  { ...dense(3, 256, 256, 28), label: '3x3g32_256_256_28', groups: 32 },
  { ...dense(3, 256, 256, 28), label: '3x3d2_256_256_28', dilation: 2 },
]

function convCase(shape: Shape, batch: number, backward: boolean, dtype: 'f32' | 'bf16' = 'f32'): Case {
  const { label, channelsIn, channelsOut, kernel, stride, side, groups, dilation } = shape
  const padding = dilation * (kernel >> 1)
  const out = Math.floor((side - 1) / stride) + 1
  const forwardFlops = 2 * batch * channelsOut * out * out * (channelsIn / groups) * kernel * kernel
  const name = (layout: string): string => `conv.${dtype}.${backward ? 'fwdbwd' : 'fwd'}.n${batch}.${layout}.${label}`
  return {
    name: name('nchw'),
    aliases: [name('nhwc')],
    dtype,
    flops: forwardFlops * (backward ? 3 : 1),
    prepare() {
      const x = randn([batch, channelsIn, side, side]).to(dtype)
      const weight = randn([channelsOut, channelsIn / groups, kernel, kernel]).to(dtype)
      const bias = randn([channelsOut]).to(dtype)
      const forward = () => conv2d(x, weight, bias, { stride, padding, groups, dilation })
      return backward ? withBackward(forward, [x, weight, bias]) : forwardOnly(forward)
    },
  }
}

export const conv: readonly Case[] = [
  ...SHAPES.map((shape) => convCase(shape, 16, false)),
  ...SHAPES.map((shape) => convCase(shape, 16, true)),
  ...SHAPES.map((shape) => convCase(shape, 1, false)),
  // The 3x3 layers of the four stages.
  ...SHAPES.slice(1, 5).map((shape) => convCase(shape, 16, false, 'bf16')),
]
