/**
 * Normalisation of a sum with a residual, in one pass that gives both: what a transformer's blocks do between their layers. Their
 * gradient is one pass, too.
 */
import { autocasting } from '../autograd/mode.js'
import { needsGrad, recordMany, save } from '../autograd/node.js'
import { ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { inVmap } from '../tensor/batched.js'
import { numelOf, type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { atFull } from './autocast.js'
import { add } from './binary.js'
import { checkDTypes } from './conv.js'
import { makeMany, type ResultSpec } from './emit.js'
import { leastOf, rmsGradients, rmsNorm } from './groupNorm.js'
import { layerGradients, layerNorm, statistics } from './norm.js'

export interface AddNorm {
  /** x + residual: what the next residual connection starts from. */
  sum: Tensor
  /** The normalised sum. */
  y: Tensor
}

function check(name: string, x: Tensor, residual: Tensor, shape: Shape, ...rest: (Tensor | null | undefined)[]): void {
  if (!sameShape(x.shape, residual.shape))
    throw new ShapeError(`${name}: x ${show(x.shape)} and the residual ${show(residual.shape)} differ in shape`)
  const lead = x.rank - shape.length
  if (shape.length === 0 || lead < 0 || !sameShape(x.shape.slice(lead), shape))
    throw new ShapeError(`${name}: ${show(x.shape)} does not end in ${show(shape)}`)
  for (const t of rest)
    if (t && !sameShape(t.shape, shape))
      throw new ShapeError(`${name}: weight or bias is ${show(t.shape)}, not ${show(shape)}`)
  checkDTypes(name, x, residual, ...rest)
}

/**
 * `sum = x + residual` and `y = layerNorm(sum, shape, weight, bias, eps)`, in one pass over memory.
 *
 * @throws ShapeError, DTypeError for operands that do not fit: x and residual have one shape and dtype
 */
export function addLayerNorm(
  x: Tensor,
  residual: Tensor,
  shape: Shape,
  weight?: Tensor | null,
  bias?: Tensor | null,
  eps = 1e-5,
): AddNorm {
  if (autocasting.frame)
    return atFull('addLayerNorm', [x, residual, weight, bias], (x, r, w, b) => addLayerNorm(x, r, shape, w, b, eps))
  const name = 'addLayerNorm'
  check(name, x, residual, shape, weight, bias)
  if (inVmap(x, residual, weight, bias)) {
    const sum = add(x, residual)
    return { sum, y: layerNorm(sum, shape, weight, bias, eps) }
  }
  const n = numelOf(shape)
  const like = { dtype: x.dtype, shape: x.shape }
  const kept = { dtype: statistics(x), shape: [n === 0 ? 0 : x.numel / n] }
  const [y, mean, rstd, sum] = makeMany(
    name,
    OP.layerNorm,
    [like, kept, kept, like],
    [x, weight, bias, residual],
    [eps, n],
    x.numel * 0.6,
  ) as [Tensor, Tensor, Tensor, Tensor]
  if (needsGrad(x, residual, weight) || (bias && needsGrad(bias))) {
    const saved = [save(sum), save(mean), save(rstd)]
    if (weight) saved.push(save(weight))
    const [hasWeight, hasBias] = [!!weight, !!bias]
    recordMany(name, [y, sum], [x, residual, weight, bias], saved, ([g, gsum], [sums, mean, rstd, weight]) => {
      const s = sums as Tensor
      if (!g) return [gsum ?? null, gsum ?? null, null, null]
      if (needsGrad(g, gsum, s) || (weight && needsGrad(weight))) {
        const [gx, gw, gb] = layerGradients(g, s, weight, shape, eps, hasBias)
        const both = gsum ? add(gx as Tensor, gsum) : (gx as Tensor)
        return [both, both, gw ?? null, gb ?? null]
      }
      const parameter = { dtype: s.dtype, shape }
      const [gx, gw, gb] = fusedGradient(
        OP.layerNormBackward,
        [{ dtype: s.dtype, shape: s.shape }, parameter, parameter],
        [g, s, mean as Tensor, rstd as Tensor, weight ?? null],
        gsum ?? null,
        n,
      )
      return [gx as Tensor, gx as Tensor, hasWeight ? (gw as Tensor) : null, hasBias ? (gb as Tensor) : null]
    })
  }
  return { sum, y }
}

/**
 * `sum = x + residual` and `y = rmsNorm(sum, shape, weight, eps)`, in one pass over memory.
 *
 * @throws ShapeError, DTypeError for operands that do not fit: x and residual have one shape and dtype
 */
export function addRmsNorm(x: Tensor, residual: Tensor, shape: Shape, weight?: Tensor | null, eps?: number): AddNorm {
  if (autocasting.frame)
    return atFull('addRmsNorm', [x, residual, weight], (x, r, w) => addRmsNorm(x, r, shape, w, eps))
  const name = 'addRmsNorm'
  check(name, x, residual, shape, weight)
  if (inVmap(x, residual, weight)) {
    const sum = add(x, residual)
    return { sum, y: rmsNorm(sum, shape, weight, eps) }
  }
  const n = numelOf(shape)
  const least = eps ?? leastOf(x)
  const like = { dtype: x.dtype, shape: x.shape }
  const kept = { dtype: statistics(x), shape: [n === 0 ? 0 : x.numel / n] }
  const [y, rstd, sum] = makeMany(
    name,
    OP.rmsNorm,
    [like, kept, like],
    [x, weight, residual],
    [least, n],
    x.numel * 0.5,
  ) as [Tensor, Tensor, Tensor]
  if (needsGrad(x, residual, weight)) {
    const saved = [save(sum), save(rstd)]
    if (weight) saved.push(save(weight))
    const hasWeight = !!weight
    recordMany(name, [y, sum], [x, residual, weight], saved, ([g, gsum], [sums, rstd, weight]) => {
      const s = sums as Tensor
      if (!g) return [gsum ?? null, gsum ?? null, null]
      if (needsGrad(g, gsum, s) || (weight && needsGrad(weight))) {
        const [gx, gw] = rmsGradients(g, s, weight ?? null, shape, least)
        const both = gsum ? add(gx as Tensor, gsum) : (gx as Tensor)
        return [both, both, gw ?? null]
      }
      const [gx, gw] = fusedGradient(
        OP.rmsNormBackward,
        [
          { dtype: s.dtype, shape: s.shape },
          { dtype: s.dtype, shape },
        ],
        [g, s, rstd as Tensor, weight ?? null],
        gsum ?? null,
        n,
      )
      return [gx as Tensor, gx as Tensor, hasWeight ? (gw as Tensor) : null]
    })
  }
  return { sum, y }
}

/** The kernel's gradients, of which the first one takes gsum on its way; the rules of vmap know the normalisation alone. */
function fusedGradient(
  op: number,
  results: readonly ResultSpec[],
  operands: readonly (Tensor | null)[],
  gsum: Tensor | null,
  n: number,
): Tensor[] {
  const ns = (operands[0] as Tensor).numel * 0.9
  if (gsum === null || !inVmap(gsum, ...operands))
    return makeMany('addNorm', op, results, gsum === null ? operands : [...operands, gsum], [n], ns)
  const [gx, ...rest] = makeMany('addNorm', op, results, operands, [n], ns) as [Tensor, ...Tensor[]]
  return [add(gx, gsum), ...rest]
}
