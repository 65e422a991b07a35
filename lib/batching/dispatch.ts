/**
 * Calls with batched operands. Place in the whole: emit.ts hands them over here once vmap is in use; a rule makes one command for
 * the whole batch, and what has no rule runs once a sample, said to the vmap's `onFallback`.
 */
import { OP } from '../generated/ops.js'
import { makeMany, mutate as mutatePlain, viewAs } from '../ops/emit.js'
import { stack } from '../ops/join.js'
import { select } from '../ops/views.js'
import {
  Batched,
  type BatchingHooks,
  batching,
  drawingLevels,
  type Level,
  levelsOf,
  levelsOfDraw,
  NeedsSamples,
  unionOf,
} from '../tensor/batched.js'
import { BYTES } from '../tensor/dtype.js'
import { compact, contiguousStrides, MAX_RANK } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { adoptBatch, Batch, batchesOf, type Call, type Operand } from './batch.js'
import { settle } from './moves.js'
import { drawAlone, drawsFrom, drawWith } from './random.js'
import { RULES } from './rules.js'

const levelsOfAll = (operands: readonly Operand[]): readonly Level[] => unionOf(operands.map(levelsOf))

/** Results of a call, batched; null when it has no batch to do with. */
function run(c: Call): Tensor[] | null {
  const own = levelsOfAll(c.operands)
  const draws = drawsFrom(c.op)
  if (own.length === 0 && !draws) return null
  for (const t of c.operands) if (t) checkOpen(c.name, t)
  if (!draws) return batchesOf(own, () => compute(c, own))
  // A redraw in the backward pass is for the levels of the forward pass.
  const drawing = c.op === OP.dropout ? levelsOfDraw(c.attributes) : drawingLevels()
  const levels = unionOf([own, drawing])
  if (levels.length === 0) return null
  const alike = own.filter((l) => !drawing.includes(l))
  return batchesOf(levels, () => {
    if (levels.some((l) => l.size === 0)) return nothing(c, new Batch(levels))
    return alike.length > 0 ? unrolled(c, levels, alike[0] as Level) : drawWith(c, new Batch(levels))
  })
}

function checkOpen(name: string, t: Tensor): void {
  if (t instanceof Batched) {
    if (t._id === 0) t._use(name)
  } else t._use(name)
}

function compute(c: Call, levels: readonly Level[]): readonly Tensor[] {
  const batch = new Batch(levels)
  if (batch.total === 0) return nothing(c, batch)
  const rank = Math.max(0, ...c.operands.map((t) => t?.rank ?? 0), ...c.results.map((r) => r.shape.length))
  const rule = rank + batch.k < MAX_RANK - 1 ? RULES.get(c.op) : undefined
  return rule?.(c, batch) ?? unrolled(c, levels, levels[levels.length - 1] as Level)
}

/** Results of no samples. */
function nothing(c: Call, batch: Batch): Tensor[] {
  const device = (c.operands.find((t) => t) as Tensor).device
  return c.results.map((r) => makeEmpty(device, r.dtype, [...batch.sizes, ...r.shape]))
}

const makeEmpty = (device: string, dtype: Tensor['dtype'], shape: readonly number[]): Tensor =>
  drawAlone(OP.fill, device, dtype, shape, [0])

/** The samples of one level, one after the other. */
function unrolled(c: Call, levels: readonly Level[], level: Level): Tensor[] {
  level.onFallback?.({ kind: 'operator', operator: c.name })
  const rest = new Batch(levels.filter((l) => l !== level))
  const samples = Array.from({ length: level.size }, (_, i) =>
    makeMany(
      c.name,
      c.op,
      c.results,
      c.operands.map((t) => t && sampleOf(t, level, i)),
      c.attributes,
      c.ns,
    ),
  )
  const axis = levels.indexOf(level)
  return c.results.map((_, r) =>
    stack(
      samples.map((all) => rest.full(all[r] as Tensor)),
      axis,
    ),
  )
}

/** Sample `i` of a level: a view with one batch dimension less. */
function sampleOf(t: Tensor, level: Level, i: number): Tensor {
  const own = levelsOf(t)
  const at = own.indexOf(level)
  if (at < 0) return t
  const sample = select((t as Batched)._whole, at, i)
  return own.length > 1
    ? adoptBatch(
        sample,
        own.filter((l) => l !== level),
      )
    : sample
}

/** In-place kernels that write their first operand, element by element. */
const WRITES: ReadonlySet<number> = new Set([OP.copyInto, OP.fillInto, OP.addInto, OP.mulInto])

function mutate(
  name: string,
  op: number,
  operands: readonly Operand[],
  written: readonly Tensor[],
  attributes: readonly number[],
  ns: number,
): boolean {
  const levels = levelsOfAll(operands)
  if (levels.length === 0) return false
  for (const t of operands) if (t) checkOpen(name, t)
  const missing = levels.filter((l) => written.some((t) => !levelsOf(t).includes(l)))
  if (missing.length > 0)
    throw new NeedsSamples(name, missing, 'writes what differs between the samples into a tensor that they share')
  const batch = new Batch(levels)
  if (batch.total > 0)
    batchesOf([], () => {
      if (WRITES.has(op)) {
        const rank = (operands[0] as Tensor).rank
        const all = operands.map((t) => t && batch.full(t, rank))
        mutatePlain(name, op, all, [], attributes, ns * batch.total)
      } else {
        const level = levels[levels.length - 1] as Level
        level.onFallback?.({ kind: 'operator', operator: name })
        for (let i = 0; i < level.size; i++) {
          const sample = operands.map((t) => t && sampleOf(t, level, i))
          mutatePlain(name, op, sample, [], attributes, ns)
        }
      }
      return []
    })
  for (const t of written) t._touch()
  return true
}

/** A view of every sample. The offset counts from a sample's first element, so it is the batch's too. */
function view(
  name: string,
  t: Tensor,
  dtype: Tensor['dtype'],
  shape: readonly number[],
  strides: readonly number[] | null,
  offset: number,
): Tensor | null {
  if (!(t instanceof Batched)) return null
  checkOpen(name, t)
  const { _whole: whole, levels } = t
  const batch = whole.strides.slice(0, levels.length).map((s) => (s * BYTES[t.dtype]) / BYTES[dtype])
  if (!batch.every(Number.isInteger))
    throw new NeedsSamples(name, levels, `the samples of a ${t.dtype} batch do not lie where ${dtype} elements can`)
  const all = [...levels.map((l) => l.size), ...shape]
  const steps = [...batch, ...(strides ?? contiguousStrides(shape))]
  return batchesOf(levels, () => [viewAs(name, whole, dtype, all, compact(all, steps), offset)])[0] as Tensor
}

function beside(t: Tensor, source: Tensor): Tensor {
  const own = levelsOf(t)
  if (levelsOf(source).every((l) => own.includes(l))) return t
  const levels = unionOf([own, levelsOf(source)])
  const copy = batchesOf(levels, () => {
    const all = new Batch(levels).full(t)
    return makeMany('clone', OP.copy, [{ dtype: t.dtype, shape: all.shape }], [all], [], t.numel * 0.3)
  })[0] as Tensor
  t.dispose()
  return copy
}

const hooks: BatchingHooks = {
  make0: (op, device, dtype, shape, attributes) => {
    if (!drawsFrom(op)) return null
    const levels = drawingLevels()
    if (levels.length === 0) return null
    const batch = new Batch(levels)
    const c = { name: 'random', op, results: [{ dtype, shape }], operands: [], attributes, ns: 0 }
    return batchesOf(levels, () =>
      batch.total === 0 ? [makeEmpty(device, dtype, [...batch.sizes, ...shape])] : drawWith(c, batch, device),
    )[0] as Tensor
  },
  make: (name, op, dtype, shape, a, b, attributes, ns) => {
    if (!(a instanceof Batched) && !(b instanceof Batched) && !drawsFrom(op)) return null
    const operands = b === null ? [a] : [a, b]
    return run({ name, op, results: [{ dtype, shape }], operands, attributes, ns })?.[0] ?? null
  },
  makeMany: (name, op, results, operands, attributes, ns) => run({ name, op, results, operands, attributes, ns }),
  mutate,
  view,
  beside,
  settle,
}

/** Turns the switch; from then on every emitter asks here. */
export function useBatching(): void {
  batching.hooks = hooks
}
