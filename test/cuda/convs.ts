/**
 * Convolutions on CUDA against the CPU's in f64: results and gradients. Place in the whole: what tests of our kernels and of cuDNN share.
 */
import type { Shape, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { close, type Float } from './products.js'

interface Options {
  stride?: number | readonly number[]
  padding?: number | readonly number[]
  dilation?: number | readonly number[]
  groups?: number
  outputPadding?: number | readonly number[]
}
export type Case = readonly [string, Shape, Shape, Options]
export type Run = (x: Tensor, w: Tensor, bias: Tensor | null, options: object) => Tensor

export const FORWARD: Readonly<Record<number, Run>> = {
  3: ops.conv1d as Run,
  4: ops.conv2d as Run,
  5: ops.conv3d as Run,
}
export const TRANSPOSED: Readonly<Record<number, Run>> = {
  3: ops.convTranspose1d as Run,
  4: ops.convTranspose2d as Run,
  5: ops.convTranspose3d as Run,
}

/** Result and gradients. */
export function check(dtype: Float, run: Run, [name, xShape, wShape, options]: Case, outputs: number): void {
  ops.scope(() => {
    const draw = (shape: Shape): Tensor => ops.randn(shape).to(dtype) as Tensor
    const leaves = [draw(xShape), draw(wShape), draw([outputs])]
    const all = (place: (t: Tensor) => Tensor, g: Tensor | null): Tensor[] => {
      const [x, w, b] = leaves.map(place) as [Tensor, Tensor, Tensor]
      for (const t of [x, w, b]) t.requiresGrad_()
      const y = run(x, w, b, options)
      return [y, ...ops.grad(y, [x, w, b], { gradOutputs: place(g ?? y.detach()) })]
    }
    const shape = run(leaves[0] as Tensor, leaves[1] as Tensor, null, options).shape
    const g = draw(shape)
    const found = all((t) => t.to('cuda'), g)
    const exact = all((t) => t.to('f64'), g)
    const sizes = all((t) => ops.abs(t.to('f64')), g)
    const positions =
      Math.max(
        shape.reduce((n, d) => n * d, 1),
        1,
      ) / Math.max(outputs, 1)
    const taps = wShape.slice(2).reduce((n, d) => n * d, 1)
    const deepest = Math.max(wShape[0] as number, wShape[1] as number) * taps
    for (const [i, y] of found.entries())
      close(
        `${dtype} ${name}, ${['y', 'gx', 'gw', 'gb'][i]}`,
        y,
        exact[i] as Tensor,
        sizes[i] as Tensor,
        i < 2 ? deepest : Math.max(positions, (xShape[0] as number) * 64),
      )
  })
}

export const CASES: readonly Case[] = [
  ['tiles that are full', [2, 32, 8, 16], [64, 32, 3, 3], { padding: 1 }],
  ['ragged everywhere', [2, 13, 9, 11], [67, 13, 3, 3], { padding: 1 }],
  ['channels beyond a step', [1, 41, 5, 7], [9, 41, 2, 3], {}],
  ['a stem', [2, 3, 17, 19], [20, 3, 7, 7], { stride: 2, padding: 3 }],
  ['pointwise', [3, 40, 4, 8], [24, 40, 1, 1], {}],
  ['pointwise, odd planes', [2, 7, 3, 5], [11, 7, 1, 1], {}],
  ['pointwise, strided', [2, 16, 7, 8], [8, 16, 1, 1], { stride: 2 }],
  ['one place', [5, 24, 1, 1], [16, 24, 3, 3], { padding: 1 }],
  ['strides unlike', [2, 8, 11, 13], [8, 8, 3, 4], { stride: [2, 3], padding: [1, 2] }],
  ['strides with dilations in common', [2, 8, 13, 12], [8, 8, 3, 2], { stride: [4, 2], dilation: [2, 3], padding: 2 }],
  ['strides beyond the kernel', [1, 8, 9, 14], [8, 8, 2, 1], { stride: [3, 5] }],
  ['more padding than image', [1, 8, 2, 3], [8, 8, 2, 2], { padding: 3 }],
  ['groups', [2, 48, 6, 7], [60, 16, 3, 3], { groups: 3, padding: 1 }],
  ['groups of padded channels', [2, 36, 6, 8], [22, 18, 3, 3], { groups: 2, padding: 1 }],
  ['thin groups', [2, 12, 7, 9], [8, 3, 3, 3], { groups: 4, padding: 1 }],
  ['depthwise', [2, 5, 9, 16], [5, 1, 3, 3], { groups: 5, padding: 1 }],
  ['depthwise, odd rows', [3, 3, 7, 13], [3, 1, 3, 3], { groups: 3, padding: [1, 2] }],
  ['depthwise, 5 x 5', [2, 4, 11, 12], [4, 1, 5, 5], { groups: 4, padding: 2 }],
  ['depthwise, 7 x 7', [1, 4, 10, 18], [4, 1, 7, 7], { groups: 4, padding: 3 }],
  ['depthwise, 2 x 9', [1, 4, 10, 18], [4, 1, 2, 9], { groups: 4, padding: [0, 4] }],
  ['depthwise, strided', [2, 5, 11, 13], [5, 1, 5, 3], { groups: 5, padding: [2, 1], stride: 2 }],
  ['depthwise, rows strided', [2, 3, 11, 12], [3, 1, 3, 3], { groups: 3, padding: 1, stride: [3, 1] }],
  ['depthwise, three outputs a channel', [2, 5, 9, 12], [15, 1, 3, 3], { groups: 5, padding: 1 }],
  ['depthwise, a plane in parts', [2, 2, 41, 53], [2, 1, 3, 3], { groups: 2, padding: 1 }],
  ['depthwise, dilated', [1, 3, 12, 17], [3, 1, 3, 3], { groups: 3, padding: 2, dilation: 2 }],
  [
    'depthwise, rows dilated, more padding than kernel',
    [1, 3, 9, 12],
    [3, 1, 3, 3],
    { groups: 3, padding: [3, 4], dilation: [2, 1] },
  ],
  ['depthwise, a volume', [1, 3, 4, 5, 6], [3, 1, 3, 3, 3], { groups: 3, padding: 1 }],
  ['few pixels, a long k', [1, 260, 5, 4], [24, 260, 3, 3], { padding: 1, stride: 2 }],
  ['few pixels, a long k, packed', [1, 128, 4, 4], [12, 128, 3, 3], { padding: 1 }],
  ['more taps than bits', [1, 2, 20, 24], [3, 2, 16, 16], { padding: 4 }],
  [
    'a stride of more classes than there is room for',
    [1, 2, 3, 80],
    [3, 2, 2, 5],
    { stride: [1, 37], padding: [1, 2] },
  ],
  ['no images', [0, 3, 5, 5], [4, 3, 3, 3], { padding: 1 }],
  ['1d', [2, 17, 61], [33, 17, 5], { padding: 2, stride: 2 }],
  ['1d, depthwise', [2, 6, 45], [6, 1, 4], { groups: 6, padding: 3 }],
  ['3d', [2, 9, 4, 5, 6], [17, 9, 3, 2, 3], { padding: 1 }],
  ['3d, strided', [1, 8, 5, 7, 6], [16, 8, 3, 3, 2], { stride: [2, 1, 3], padding: [1, 0, 1], dilation: [1, 2, 1] }],
]
export const TRANSPOSED_CASES: readonly Case[] = [
  ['upsampled', [2, 16, 5, 6], [16, 12, 2, 2], { stride: 2 }],
  ['checkered', [2, 9, 5, 4], [9, 7, 3, 3], { stride: 2, padding: 1, outputPadding: 1 }],
  ['groups', [2, 16, 4, 5], [16, 9, 3, 2], { stride: [1, 2], groups: 2 }],
  ['places that no tap meets', [1, 8, 4, 3], [8, 3, 2, 1], { stride: 4, outputPadding: 2 }],
  ['1d', [2, 16, 9], [16, 20, 10], { stride: 5, padding: 2 }],
  ['3d', [1, 8, 3, 4, 3], [8, 5, 2, 3, 2], { stride: [2, 1, 2], outputPadding: [1, 0, 1] }],
]
