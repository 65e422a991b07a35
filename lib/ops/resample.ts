/**
 * Interpolation: images of another size. All filters are sums with weights, an axis at a time; the gradient of such a sum is
 * one with the weights transposed, which is the same operator. Definition: torch.nn.functional.interpolate.
 */
import { needsGrad, record } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { numelOf, type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkDTypes } from './conv.js'
import { make } from './emit.js'
import { reshape } from './views.js'

export type InterpolationMode = 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'bicubic' | 'trilinear' | 'area'

export interface InterpolateOptions {
  /** Sizes of the spatial dimensions, or one for all. */
  size?: number | readonly number[]
  /** Or factors of them: the sizes are rounded down. */
  scaleFactor?: number | readonly number[]
  /** Default 'nearest'. */
  mode?: InterpolationMode
  /** Corner elements keep their places and values (linear and cubic modes). Default false. */
  alignCorners?: boolean
  /** Positions follow from the sizes, as if `size` had been given, not from the factors. Default false. */
  recomputeScaleFactor?: boolean
  /** Widens the filter where the image shrinks (bilinear and bicubic). Default false. */
  antialias?: boolean
}

/** Spatial dimensions that a mode is for, and its filter's number in native/ops.def. */
const MODES: Readonly<Record<InterpolationMode, { dims: readonly number[]; filter: number; aligns: boolean }>> = {
  nearest: { dims: [1, 2, 3], filter: 0, aligns: false },
  'nearest-exact': { dims: [1, 2, 3], filter: 1, aligns: false },
  linear: { dims: [1], filter: 2, aligns: true },
  bilinear: { dims: [2], filter: 2, aligns: true },
  trilinear: { dims: [3], filter: 2, aligns: true },
  bicubic: { dims: [2], filter: 3, aligns: true },
  area: { dims: [1, 2, 3], filter: 4, aligns: false },
}
const ANTIALIAS: Readonly<Record<string, number>> = { bilinear: 5, bicubic: 6 }

/**
 * x (n, c, l), (n, c, h, w) or (n, c, d, h, w) with other spatial sizes. f32, f64, bf16 and f16; differentiable any number of
 * times.
 *
 * @throws ValueError for a mode that does not fit the dimensions, or both or neither of `size` and `scaleFactor`.
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  const { mode = 'nearest', antialias = false, recomputeScaleFactor = false } = options
  checkDTypes('interpolate', x)
  const rule = MODES[mode]
  if (!rule) throw new ValueError(`interpolate: mode '${String(mode)}' is not one of ${Object.keys(MODES).join(', ')}`)
  const dims = x.rank - 2
  if (!rule.dims.includes(dims))
    throw new ShapeError(
      `interpolate: mode '${mode}' is for ${rule.dims.join(', ')} spatial dimensions, got ${show(x.shape)}`,
    )
  if (options.alignCorners && !rule.aligns)
    throw new ValueError(`interpolate: alignCorners is for linear and cubic modes, not for '${mode}'`)
  if (antialias && ANTIALIAS[mode] === undefined)
    throw new ValueError(`interpolate: antialias is for bilinear and bicubic, not for '${mode}'`)
  const { sizes, factors } = sizesOf(x, dims, options)
  const keep = recomputeScaleFactor || mode === 'area' ? factors.map(() => 0) : factors
  const filter = antialias ? (ANTIALIAS[mode] as number) : rule.filter
  const ones = new Array<number>(3 - dims).fill(1)
  const [n, c] = x.shape as [number, number]
  const from = [n * c, ...ones, ...x.shape.slice(2)]
  const y = resample(
    reshape(x, from),
    [n * c, ...ones, ...sizes],
    [filter, options.alignCorners ? 1 : 0, 0, ...ones.map(() => 0), ...keep],
  )
  return reshape(y, [n, c, ...sizes])
}

function sizesOf(x: Tensor, dims: number, options: InterpolateOptions): { sizes: number[]; factors: number[] } {
  const { size, scaleFactor } = options
  if ((size === undefined) === (scaleFactor === undefined))
    throw new ValueError('interpolate: takes either size or scaleFactor')
  const list = (v: number | readonly number[]): number[] => {
    const all = typeof v === 'number' ? new Array<number>(dims).fill(v) : [...v]
    if (all.length !== dims) throw new ValueError(`interpolate: ${all.length} values for ${dims} spatial dimensions`)
    return all
  }
  const spatial = x.shape.slice(2)
  const sizes =
    size !== undefined ? list(size) : list(scaleFactor!).map((f, i) => Math.floor((spatial[i] as number) * f))
  for (const [i, s] of sizes.entries()) {
    if (!Number.isInteger(s) || s < 1 || (spatial[i] as number) < 1)
      throw new ShapeError(`interpolate: from ${show(spatial)} to ${show(sizes)}: sizes are integers of at least 1`)
  }
  return { sizes, factors: scaleFactor !== undefined ? list(scaleFactor) : sizes.map(() => 0) }
}

/** The operator and, with attribute 2, its transpose: the gradient of either is the other. */
function resample(x: Tensor, shape: Shape, attributes: readonly number[]): Tensor {
  const y = make('interpolate', OP.resample, x.dtype, shape, x, null, attributes, numelOf(shape) * 2 + x.numel)
  if (needsGrad(x)) {
    const from = x.shape
    const back = attributes.map((a, i) => (i === 2 ? 1 - a : a))
    record('interpolate', y, [x], null, (g) => [resample(g, from, back)])
  }
  return y
}
