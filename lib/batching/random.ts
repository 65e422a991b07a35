import { defaultDevice } from '../engine/device.js'
/**
 * Random numbers inside vmap. Place in the whole: with randomness 'different' a draw is one of the whole batch, with a part of the
 * counter for every sample; with 'same' it is the sample's own draw, which the batch shares.
 */
import { OP } from '../generated/ops.js'
import { make0 } from '../ops/emit.js'
import { stack } from '../ops/join.js'
import { batching } from '../tensor/batched.js'
import type { DType } from '../tensor/dtype.js'
import { numelOf, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { Batch, Call } from './batch.js'
import { intoRows, pointwise } from './shapes.js'

/** Draws from nothing but attributes: whatever the shape, element i is the counter's. */
const ALONE: ReadonlySet<number> = new Set([
  OP.uniform,
  OP.normal,
  OP.bernoulli,
  OP.randint,
  OP.randperm,
  OP.exponential,
  OP.cauchy,
  OP.geometric,
  OP.logNormal,
])
const WITH: ReadonlySet<number> = new Set([OP.dropout, OP.bernoulliOf, OP.poisson, OP.binomial, OP.multinomial])

/** Whether a command may have to draw for a batch. Dropout draws again in the backward pass, when no vmap runs. */
export const drawsFrom = (op: number): boolean =>
  op === OP.dropout || (batching.frames.length > 0 && (ALONE.has(op) || WITH.has(op)))

/** A plain command, whatever runs. */
function apart<T>(fn: () => T): T {
  const frames = batching.frames.splice(0)
  try {
    return fn()
  } finally {
    batching.frames.push(...frames)
  }
}

export const drawAlone = (
  op: number,
  device: string,
  dtype: DType,
  shape: Shape,
  attributes: readonly number[],
): Tensor => apart(() => make0(op, device, dtype, shape, attributes))

/** One draw for all samples of the batch. */
export function drawWith(c: Call, b: Batch, device: string = defaultDevice()): Tensor[] {
  return apart(() => {
    const [result] = c.results as [Call['results'][number]]
    if (c.op === OP.randperm) return [permutations(c, b, device)]
    if (ALONE.has(c.op)) return [make0(c.op, device, result.dtype, [...b.sizes, ...result.shape], c.attributes, 3)]
    // Without its own attributes' levels dropout is a plain operator of the batch.
    const plain = { ...c, attributes: c.attributes.slice() }
    return (c.op === OP.multinomial ? intoRows : pointwise)(plain, b) as Tensor[]
  })
}

/** A permutation a sample: the kernel makes one from the whole of what it draws. */
function permutations(c: Call, b: Batch, device: string): Tensor {
  const [{ dtype, shape }] = c.results as [Call['results'][number]]
  const [low, high, offset, ...more] = c.attributes as [number, number, number, ...number[]]
  const blocks = Math.ceil(numelOf(shape) / 2)
  const all = Array.from({ length: b.total }, (_, i) =>
    make0(c.op, device, dtype, shape, [low, high, offset + i * blocks, ...more], 3),
  )
  return b.unfold(stack(all, 0), shape)
}
