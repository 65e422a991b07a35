/** Pooling over the last two dimensions of (n, c, h, w). */
import { needsGrad, record, save } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { numelOf, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkDTypes, once, type Pair, pair } from './conv.js'
import { make, makeMany, NO_ATTRIBUTES } from './emit.js'

export interface PoolOptions {
  /** Default: the window's size. */
  stride?: Pair
  /** At most half of the window. */
  padding?: Pair
}

interface Window {
  kernel: [number, number]
  stride: [number, number]
  padding: [number, number]
  dilation: [number, number]
  shape: Shape
}

function windowOf(op: string, x: Tensor, size: Pair, options: PoolOptions, dilate: Pair = 1): Window {
  if (x.rank !== 4) throw new ShapeError(`${op}: takes (n, c, h, w), got ${show(x.shape)}`)
  checkDTypes(op, x)
  const kernel = pair(op, 'window', size, 1)
  const stride = pair(op, 'stride', options.stride ?? size, 1)
  const padding = pair(op, 'padding', options.padding ?? 0, 0)
  const dilation = pair(op, 'dilation', dilate, 1)
  const shape = x.shape.slice()
  for (const i of [0, 1] as const) {
    if (padding[i] * 2 > kernel[i])
      throw new ValueError(`${op}: padding ${padding[i]} exceeds half of the window ${kernel[i]}`)
    const room = (x.shape[2 + i] as number) + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1
    if (room < 0)
      throw new ShapeError(
        `${op}: a window of ${kernel[i]} exceeds dimension ${2 + i} of ${show(x.shape)} with padding ${padding[i]}`,
      )
    shape[2 + i] = Math.floor(room / stride[i]) + 1
  }
  return { kernel, stride, padding, dilation, shape }
}

/** Largest element of each window; a NaN wins. Padding counts as minus infinity. Definition: torch max_pool2d. */
export function maxPool2d(x: Tensor, size: Pair, options: PoolOptions & { dilation?: Pair } = {}): Tensor {
  return maxPool2dWithIndices(x, size, options)[0]
}

/** `maxPool2d`, and where in h * w each maximum was (i64). */
export function maxPool2dWithIndices(
  x: Tensor,
  size: Pair,
  options: PoolOptions & { dilation?: Pair } = {},
): [Tensor, Tensor<'i64'>] {
  const w = windowOf('maxPool2d', x, size, options, options.dilation)
  const attributes = [...w.kernel, ...w.stride, ...w.padding, ...w.dilation]
  const results = [
    { dtype: x.dtype, shape: w.shape },
    { dtype: 'i64' as const, shape: w.shape },
  ]
  const ns = numelOf(w.shape) * w.kernel[0] * w.kernel[1] * 0.3
  const [y, indices] = makeMany('maxPool2d', OP.maxPool2d, results, [x], attributes, ns) as [Tensor, Tensor<'i64'>]
  if (needsGrad(x)) {
    const from = x.shape
    record('maxPool2d', y, [x], [save(indices)], (g, [at]) => {
      once('maxPool2d', g)
      return [
        make(
          'maxPool2dBackward',
          OP.maxPool2dBackward,
          g.dtype,
          from,
          g,
          at as Tensor,
          attributes,
          numelOf(from) * 0.5,
        ),
      ]
    })
  }
  return [y, indices]
}

/** Mean of each window. Definition: torch avg_pool2d. */
export function avgPool2d(x: Tensor, size: Pair, options: PoolOptions & { countIncludePad?: boolean } = {}): Tensor {
  const w = windowOf('avgPool2d', x, size, options)
  const attributes = [...w.kernel, ...w.stride, ...w.padding, (options.countIncludePad ?? true) ? 1 : 0]
  const ns = numelOf(w.shape) * w.kernel[0] * w.kernel[1] * 0.3
  const y = make('avgPool2d', OP.avgPool2d, x.dtype, w.shape, x, null, attributes, ns)
  if (needsGrad(x)) {
    const from = x.shape
    record('avgPool2d', y, [x], null, (g) => {
      once('avgPool2d', g)
      return [make('avgPool2dBackward', OP.avgPool2dBackward, g.dtype, from, g, null, attributes, ns)]
    })
  }
  return y
}

/** Mean over windows that divide the image into `size` cells. Definition: torch adaptive_avg_pool2d. */
export function adaptiveAvgPool2d(x: Tensor, size: Pair): Tensor {
  if (x.rank !== 4) throw new ShapeError(`adaptiveAvgPool2d: takes (n, c, h, w), got ${show(x.shape)}`)
  checkDTypes('adaptiveAvgPool2d', x)
  const [oh, ow] = pair('adaptiveAvgPool2d', 'size', size, 1)
  const shape = [x.shape[0] as number, x.shape[1] as number, oh, ow]
  const y = make('adaptiveAvgPool2d', OP.adaptiveAvgPool2d, x.dtype, shape, x, null, NO_ATTRIBUTES, x.numel * 0.3)
  if (needsGrad(x)) {
    const from = x.shape
    record('adaptiveAvgPool2d', y, [x], null, (g) => {
      once('adaptiveAvgPool2d', g)
      return [
        make(
          'adaptiveAvgPool2dBackward',
          OP.adaptiveAvgPool2dBackward,
          g.dtype,
          from,
          g,
          null,
          NO_ATTRIBUTES,
          numelOf(from) * 0.3,
        ),
      ]
    })
  }
  return y
}
