/**
 * Between a batch dimension that operators see and one that they do not. Place in the whole: how tensors come into vmap and out of
 * it, and how gradients cross the same border; each move's gradient is the other one.
 */
import { gradMode } from '../autograd/mode.js'
import { needsGrad, record } from '../autograd/node.js'
import { viewOf } from '../ops/emit.js'
import { sum } from '../ops/reduce.js'
import { Batched, type Level, levelsOf } from '../tensor/batched.js'
import { compact, type Shape } from '../tensor/shape.js'
import { epochOf, type Tensor } from '../tensor/tensor.js'
import { adoptBatch } from './batch.js'

/** The bytes as they are stored: with all batch dimensions in front. */
const innerOf = (t: Tensor): Tensor => (t instanceof Batched ? t._whole : t)

/** A view with the dimensions in another order: `order[i]` is the old place of dimension i, -1 a new one of size `fresh`. */
function arranged(t: Tensor, order: readonly number[], fresh = 1): Tensor {
  const { strides } = t
  const shape: Shape = order.map((i) => (i < 0 ? fresh : (t.shape[i] as number)))
  return viewOf(
    'vmap',
    t,
    shape,
    compact(
      shape,
      order.map((i) => (i < 0 ? 0 : (strides[i] as number))),
    ),
  )
}

const range = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)

/** Dimension `axis` of x becomes the level's: x loses it. */
export function lift(x: Tensor, axis: number, level: Level): Tensor {
  const own = levelsOf(x)
  const k = own.length
  const levels = [...own, level].sort((a, b) => a.order - b.order)
  const batch = range(0, k)
  batch.splice(levels.indexOf(level), 0, k + axis)
  const rest = range(k, k + x.rank).filter((i) => i !== k + axis)
  const y = adoptBatch(arranged(innerOf(x), [...batch, ...rest]), levels)
  if (gradMode.enabled) {
    const of = x._view?.of ?? x
    y._view = { of, offset: null, epoch: epochOf(of) }
  }
  if (needsGrad(x)) record('vmap', y, [x], null, (g) => [lower(g, axis, level)])
  return y
}

/** The level's dimension of x, which it may lack, becomes dimension `axis`. */
export function lower(x: Tensor, axis: number, level: Level): Tensor {
  const own = levelsOf(x)
  const k = own.length
  const at = own.indexOf(level)
  const others = own.filter((l) => l !== level)
  const rest = range(k, k + x.rank)
  rest.splice(axis, 0, at)
  const order = [...range(0, k).filter((i) => i !== at), ...rest]
  const inner = arranged(innerOf(x), order, level.size)
  const y = others.length > 0 ? adoptBatch(inner, others) : inner
  if (needsGrad(x)) {
    const spread = at < 0
    record('vmap', y, [x], null, (g) => [spread ? sum(g, axis) : lift(g, axis, level)])
  }
  return y
}

/** A gradient summed over the levels beside `own`: see BatchingHooks. */
export function settle(g: Tensor, own: readonly Level[], all: boolean): Tensor {
  let y = g
  for (const level of levelsOf(g)) if (!own.includes(level) && (all || !level.active)) y = sum(lower(y, 0, level), 0)
  return y
}
