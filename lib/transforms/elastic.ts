/**
 * Images distorted as if they were of rubber. Definition: torchvision.transforms.v2.ElasticTransform (Simard, Steinkraus and Platt, "Best
 * Practices for Convolutional Neural Networks Applied to Visual Document Analysis", 2003). Place in the whole: a change (change.ts) by
 * displacements in place of matrices.
 */

import { known } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { gaussianBlur } from '../image/filters.js'
import type { Interpolation } from '../image/warp.js'
import { add, div, mul, sub } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { onesLike, tensor } from '../ops/creation.js'
import { affineGrid, gridSample } from '../ops/grid.js'
import { concat } from '../ops/join.js'
import { clamp, round } from '../ops/unary.js'
import { expand, narrow, permute, reshape } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkContext, eachRow, type ImageTransform } from './batch.js'
import { type Change, type Colour, changed, type Size, type WarpChange } from './change.js'
import { WARP, type WarpOptions } from './geometry.js'
import { seedOf, uniformRows } from './noise.js'
import { interpolationOf } from './options.js'

export interface ElasticOptions extends WarpOptions {
  /** Strength, along x and y or for both: the displacements before they are blurred are up to half of it, in pixels. Default 50. */
  alpha?: number | readonly [number, number]
  /** Smoothness, along x and y or for both: the standard deviation of the blur, in pixels. Default 5. */
  sigma?: number | readonly [number, number]
}

/**
 * Each pixel read from a place beside its own, by smooth random displacements of each image. `interpolation` is 'bilinear' by default.
 * Boxes and keypoints go where their pixels go, boxes by their corners; where displacements are so strong that they fold the image, about there.
 *
 * @throws ShapeError, when called, for images whose sides are not above 4 sigma pixels
 */
export function elasticTransform(options: ElasticOptions = {}): ImageTransform {
  const name = 'elasticTransform'
  known(name, options, ['alpha', 'sigma', ...WARP])
  const both = (what: 'alpha' | 'sigma', usual: number): [number, number] => {
    const value = options[what] ?? usual
    const list: readonly number[] = typeof value === 'number' ? [value, value] : value
    if (list.length !== 2 || !list.every((v) => v >= 0 && Number.isFinite(v)))
      throw new ValueError(`${name}: ${what} is ${String(value)}; it is a number of at least 0, or two, along x and y`)
    return [...list] as [number, number]
  }
  const [alpha, sigma] = [both('alpha', 50), both('sigma', 5)]
  const { interpolation = 'bilinear', fill, maskFill } = options
  const how = { interpolation: interpolationOf(name, interpolation), fill, maskFill }
  // As many pixels as torchvision takes: odd, and 4 sigma on each side.
  const kernels = sigma.map((s) => Math.trunc(8 * s + 1) | 1)
  return (batch, context) =>
    changed(name, batch, ([h, w], { image }) => {
      const n = image.shape[0] as number
      checkContext(name, context, n)
      if (n === 0) return null
      const reach = (Math.max(...kernels) - 1) / 2
      if (reach >= Math.min(h, w))
        throw new ShapeError(
          `${name}: sigma [${sigma.join(', ')}] takes images of more than ${reach} pixels a side, got ${h} x ${w}`,
        )
      const noise = uniformRows(eachRow(context, seedOf), [n, 2, h, w], image)
      const fields = [0, 1].map((axis) => {
        const field = narrow(noise, 1, axis, 1)
        const smooth = (sigma[axis] as number) > 0 ? gaussianBlur(field, kernels[axis] as number, sigma[axis]) : field
        return mul(smooth, (alpha[axis] as number) / ([w, h][axis] as number))
      })
      return displaced([h, w], concat(fields, 1), how)
    })
}

/** Images read at their pixels' places and displacements (n or 1, 2, h, w), x and y, in halves of the image's width and height. */
export function displaced(size: Size, displacement: Tensor, how: WarpChange): Change {
  const [h, w] = size
  const read = (x: Tensor, interpolation: Interpolation, fill: Colour | undefined): Tensor => {
    const real = cast(x, x.dtype === 'f64' ? 'f64' : 'f32')
    const [n, c] = x.shape as [number, number]
    const identity = tensor([1, 0, 0, 0, 1, 0], { shape: [1, 2, 3], dtype: real.dtype, device: x.device }) as Tensor
    const shift = permute(cast(displacement, real.dtype), [0, 2, 3, 1])
    const grid = expand(add(affineGrid(identity, [1, c, h, w]), shift), [n, h, w, 2])
    let y = gridSample(real, grid, { mode: interpolation })
    if (fill !== undefined) {
      const covered = gridSample(onesLike(narrow(real, 1, 0, 1)), grid, { mode: interpolation })
      const list = typeof fill === 'number' ? [fill] : [...fill]
      const colour = tensor(list, { shape: [1, list.length, 1, 1], dtype: real.dtype, device: x.device }) as Tensor
      y = add(y, mul(sub(1, covered), colour))
    }
    return cast(x.dtype === 'u8' ? clamp(round(y), 0, 255) : y, x.dtype)
  }
  return {
    size,
    image: (x) => read(x, how.interpolation, how.fill),
    mask: (x) => read(x, 'nearest', how.maskFill),
    points: (p) => displacedPoints(p, cast(displacement, 'f64'), size),
  }
}

/** Steps of the fixed point below. Displacements that are smooth change by far less than a pixel from one to the next. */
const STEPS = 8

/** The places q of the result that are read at points p (n, k, 2), of f64: q = p - displacement(q), in turn. */
function displacedPoints(p: Tensor, displacement: Tensor, [h, w]: Size): Tensor {
  const [n, k] = p.shape as [number, number]
  const half = tensor([w / 2, h / 2], { dtype: 'f64', device: p.device }) as Tensor
  const field = expand(displacement, [n, 2, h, w])
  let q = p
  for (let step = 0; step < STEPS; step++) {
    const grid = reshape(sub(div(q, half), 1), [n, 1, k, 2])
    const shift = gridSample(field, grid, { paddingMode: 'border' })
    q = sub(p, mul(permute(reshape(shift, [n, 2, k]), [0, 2, 1]), half))
  }
  return q
}
