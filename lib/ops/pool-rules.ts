/**
 * Pooling's recorded operators. Place in the whole: the other pooling files check arguments and call these. Averages are linear
 * maps, so each direction's gradient is the other; what picks elements by indices has scattering as its gradient, and that
 * has gathering.
 */
import { needsGrad, record, save } from '../autograd/node.js'
import { OP } from '../generated/ops.js'
import { numelOf, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { make, makeMany } from './emit.js'
import { gather } from './gather.js'
import { reshape } from './views.js'

/** A linear map between fixed shapes: rows of native/ops.def for both directions. */
export interface AveragePlan {
  readonly forward: number
  readonly backward: number
  readonly x: Shape
  readonly y: Shape
  readonly attributes: readonly number[]
  readonly ns: number
}

/** Means of windows. */
export function average(p: AveragePlan, x: Tensor): Tensor {
  const y = make('avgPool', p.forward, x.dtype, p.y, x, null, p.attributes, p.ns)
  if (needsGrad(x)) record('avgPool', y, [x], null, (g) => [distribute(p, g)])
  return y
}

function distribute(p: AveragePlan, g: Tensor): Tensor {
  const gx = make('avgPoolBackward', p.backward, g.dtype, p.x, g, null, p.attributes, p.ns)
  if (needsGrad(g)) record('avgPoolBackward', gx, [g], null, (h) => [average(p, h)])
  return gx
}

/**
 * Maxima of fixed windows over the last `r` dimensions. Where they were is kept for the gradient only, in 32 bits: half the bytes
 * of what a caller gets who asks for indices.
 */
export function maximaAlone(
  name: string,
  x: Tensor,
  shape: Shape,
  r: number,
  attributes: readonly number[],
  ns: number,
): Tensor {
  const differentiable = needsGrad(x)
  const results = [
    { dtype: x.dtype, shape },
    { dtype: 'i32' as const, shape: differentiable ? shape : [0] },
  ]
  const [y, indices] = makeMany(name, OP.maxPool, results, [x], attributes, ns) as [Tensor, Tensor]
  if (differentiable) recordMaxima(name, y, x, indices, r)
  return y
}

/** Maxima of windows over the last `r` dimensions and where they were; `samples` where the windows depend on them. */
export function maxima(
  name: string,
  op: number,
  x: Tensor,
  samples: Tensor | null,
  shape: Shape,
  r: number,
  attributes: readonly number[],
  ns: number,
): [Tensor, Tensor<'i64'>] {
  const results = [
    { dtype: x.dtype, shape },
    { dtype: 'i64' as const, shape },
  ]
  const operands = samples ? [x, samples] : [x]
  const [y, indices] = makeMany(name, op, results, operands, attributes, ns) as [Tensor, Tensor<'i64'>]
  if (needsGrad(x)) recordMaxima(name, y, x, indices, r)
  return [y, indices]
}

function recordMaxima(name: string, y: Tensor, x: Tensor, indices: Tensor, r: number): void {
  const from = x.shape
  record(name, y, [x], [save(indices)], (g, [at]) => [scatterMaxima(g, at as Tensor, from, r)])
}

/** Adds g at its indices into zeros of `shape`, over the last `r` dimensions. */
function scatterMaxima(g: Tensor, indices: Tensor, shape: Shape, r: number): Tensor {
  const gx = make('maxPoolBackward', OP.maxPoolBackward, g.dtype, shape, g, indices, [r], numelOf(shape) * 0.5)
  if (needsGrad(g)) record('maxPoolBackward', gx, [g], [save(indices)], (h, [at]) => [gatherMaxima(h, at as Tensor, r)])
  return gx
}

/** Elements of x at indices into its last `r` dimensions as one. */
export function gatherMaxima(x: Tensor, indices: Tensor, r: number): Tensor {
  const planes = x.shape.slice(0, x.rank - r)
  const flat = (t: Tensor): Tensor => reshape(t, [...planes, numelOf(t.shape.slice(t.rank - r))])
  return reshape(gather(flat(x), -1, flat(indices)), indices.shape)
}
