/** Images read where a grid points. Definitions: torch.nn.functional.grid_sample and affine_grid (Jaderberg et al. 2015). */
import { needsGrad, record, save } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { numelOf, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, div, mul, sub } from './binary.js'
import { checkDTypes } from './conv.js'
import { arange, ones } from './creation.js'
import { make, makeMany } from './emit.js'
import { sampledGradients } from './gridGradient.js'
import { concat } from './join.js'
import { matmul } from './matmul.js'
import { expand, reshape, transpose, unsqueeze } from './views.js'

export interface GridSampleOptions {
  /** Default 'bilinear' (of 3-D images trilinear); 'bicubic' is for 2-D images. */
  mode?: 'bilinear' | 'nearest' | 'bicubic'
  /** What lies outside: zeros (default), the border's elements, or the image mirrored. */
  paddingMode?: 'zeros' | 'border' | 'reflection'
  /** -1 and 1 are the centres of the corner elements, not their outer edges. Default false. */
  alignCorners?: boolean
}

const MODES = ['bilinear', 'nearest', 'bicubic'] as const
const PADDINGS = ['zeros', 'border', 'reflection'] as const

/**
 * x (n, c, h, w) at grid (n, oh, ow, 2) -> (n, c, oh, ow), or x (n, c, d, h, w) at grid (n, od, oh, ow, 3) -> (n, c, od, oh, ow).
 * The grid holds (x, y) or (x, y, z) from -1 to 1; places that are no numbers read nothing. Differentiable any number of times.
 */
export function gridSample(x: Tensor, grid: Tensor, options: GridSampleOptions = {}): Tensor {
  const { mode = 'bilinear', paddingMode = 'zeros', alignCorners = false } = options
  if (!MODES.includes(mode)) throw new ValueError(`gridSample: mode '${mode}' is not one of ${MODES.join(', ')}`)
  if (!PADDINGS.includes(paddingMode))
    throw new ValueError(`gridSample: paddingMode '${paddingMode}' is not one of ${PADDINGS.join(', ')}`)
  checkDTypes('gridSample', x, grid)
  const dims = x.rank - 2
  const fits =
    (dims === 2 || dims === 3) && grid.rank === x.rank && grid.shape.at(-1) === dims && grid.shape[0] === x.shape[0]
  if (!fits)
    throw new ShapeError(
      `gridSample: takes (n, c, h, w) and (n, oh, ow, 2), or (n, c, d, h, w) and (n, od, oh, ow, 3), got ${show(x.shape)} and ${show(grid.shape)}`,
    )
  if (x.shape.slice(2).includes(0)) throw new ShapeError(`gridSample: ${show(x.shape)} has no elements to read`)
  if (mode === 'bicubic' && dims === 3) throw new ValueError(`gridSample: 'bicubic' is for images of 2 dimensions`)
  const attributes = [MODES.indexOf(mode), PADDINGS.indexOf(paddingMode), alignCorners ? 1 : 0]
  const out = grid.shape.slice(1, -1)
  const deep = dims === 3 ? [] : [1]
  const [n, c] = x.shape as [number, number]
  const y = sample(
    reshape(x, [n, c, ...deep, ...x.shape.slice(2)]),
    reshape(grid, [n, ...deep, ...out, dims]),
    [n, c, ...deep, ...out],
    attributes,
  )
  return reshape(y, [n, c, ...out])
}

/** x (n, c, d, h, w), grid (n, od, oh, ow, 2 or 3) -> `shape`. */
function sample(x: Tensor, grid: Tensor, shape: Shape, attributes: readonly number[]): Tensor {
  const ns = numelOf(shape) * 6
  const y = make('gridSample', OP.gridSample, x.dtype, shape, x, grid, attributes, ns)
  if (needsGrad(x, grid)) {
    record('gridSample', y, [x, grid], [save(x), save(grid)], (g, [x, grid]) => {
      const [image, places] = [x as Tensor, grid as Tensor]
      if (needsGrad(g, image, places)) return sampledGradients(g, image, places, attributes)
      const results = [
        { dtype: g.dtype, shape: image.shape },
        { dtype: g.dtype, shape: places.shape },
      ]
      return makeMany('gridSample', OP.gridSampleBackward, results, [g, image, places], attributes, 3 * ns)
    })
  }
  return y
}

/**
 * The grid of an affine map theta (n, 2, 3) for images of `size` [n, c, h, w], or (n, 3, 4) for [n, c, d, h, w]: for `gridSample`
 * with the same `alignCorners`.
 */
export function affineGrid(theta: Tensor, size: Shape, options: { alignCorners?: boolean } = {}): Tensor {
  const { alignCorners = false } = options
  checkDTypes('affineGrid', theta)
  const spatial = size.slice(2)
  const k = spatial.length
  const fits = (k === 2 || k === 3) && theta.rank === 3 && theta.shape[1] === k && theta.shape[2] === k + 1
  if (!fits || theta.shape[0] !== size[0] || spatial.some((d) => !Number.isInteger(d) || d < 1))
    throw new ShapeError(
      `affineGrid: takes theta (n, 2, 3) and a size [n, c, h, w], or (n, 3, 4) and [n, c, d, h, w]; got ${show(theta.shape)} and ${show(size)}`,
    )
  const like = { dtype: theta.dtype, device: theta.device }
  // (spatial..., 1) of x, y (, z) and 1.
  const columns = spatial
    .map((_, i) => k - 1 - i)
    .map((axis) => {
      const d = spatial[axis] as number
      const steps = arange(d, undefined, 1, like)
      const line = alignCorners
        ? d === 1
          ? mul(steps, 0)
          : sub(mul(steps, 2 / (d - 1)), 1)
        : div(sub(add(mul(steps, 2), 1), d), d)
      return unsqueeze(
        expand(
          reshape(
            line,
            spatial.map((_, i) => (i === axis ? d : 1)),
          ),
          spatial,
        ),
        -1,
      )
    })
  const base = concat([...columns, ones([...spatial, 1], like)], -1)
  const grid = matmul(reshape(base, [-1, k + 1]), transpose(theta, 1, 2))
  return reshape(grid, [size[0] as number, ...spatial, k])
}
