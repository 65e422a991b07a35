/**
 * Functions of one sample applied to a batch. Place in the whole: for code written for one sample, for per-sample gradients, and
 * for Jacobians, whose rows are a batch. Semantics of torch.func.vmap.
 *
 * The function runs once: its tensors stand for all samples (lib/tensor/batched.ts), and every operator computes the whole batch
 * by the rules of lib/batching. An operator without a rule runs once a sample; a function that needs the values of a sample
 * (item(), shapes that depend on data, writes into tensors that the samples share) does so as a whole. `onFallback` says when.
 */
import { useBatching } from '../batching/dispatch.js'
import { lift, lower } from '../batching/moves.js'
import { ShapeError, ValueError } from '../errors.js'
import { isTensor } from '../ops/emit.js'
import { concat, stack } from '../ops/join.js'
import { defaultGenerator } from '../ops/random.js'
import { narrow, select } from '../ops/views.js'
import {
  type BatchingFrame,
  batching,
  type Fallback,
  Level,
  levelsOf,
  NeedsSamples,
  type Randomness,
} from '../tensor/batched.js'
import { normalizeAxis, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

export interface VmapOptions {
  /** Batch axis of each argument, null for what every sample gets whole; one number for all. Default 0. */
  inAxes?: number | null | readonly (number | null)[]
  /** Where the batch axis goes in the results, one for each or one for all; null: the result is the same for all samples. Default 0. */
  outAxes?: number | null | readonly (number | null)[]
  /** What random operators inside do: throw, draw for every sample, or draw once for all. Default 'error'. */
  randomness?: Randomness
  /** How many samples are computed at once, to bound memory. Default: all. */
  chunkSize?: number
  /** Told of every operator without a batching rule, and of a function that had to run once a sample. */
  onFallback?: (event: Fallback) => void
}

type Results = Tensor | readonly Tensor[]

/**
 * Turns a function of one sample into one of a batch. Arguments that are no tensors are passed on as they are. Tensors in the
 * result (one tensor, or an array) gain the batch axis. Calls may be nested, and differentiated inside and outside: the gradient
 * of what the samples share is the sum over them outside, and each sample's own inside.
 *
 * @throws ShapeError when batch sizes differ; ValueError when there is nothing to map over, when samples give different results, or
 *   when the function draws random numbers and `randomness` does not say how
 */
export function vmap<A extends readonly unknown[], R extends Results>(
  fn: (...args: A) => R,
  options: VmapOptions = {},
): (...args: A) => R {
  const { randomness = 'error', chunkSize } = options
  if (!['error', 'different', 'same'].includes(randomness))
    throw new ValueError(`vmap: randomness '${randomness}' is not one of error, different, same`)
  if (chunkSize !== undefined && !(Number.isInteger(chunkSize) && chunkSize > 0))
    throw new ValueError(`vmap: chunkSize ${chunkSize} is not a positive integer`)
  return (...args) => {
    const { axes, size } = batchOf('vmap', args, options.inAxes)
    const run = (part: readonly unknown[], n: number): R => batched(fn, part as A, axes, n, options)
    if (chunkSize === undefined || size <= chunkSize) return run(args, size)
    const parts: R[] = []
    for (let from = 0; from < size; from += chunkSize) {
      const n = Math.min(chunkSize, size - from)
      parts.push(
        run(
          args.map((x, i) => (axes[i] == null ? x : narrow(x as Tensor, axes[i] as number, from, n))),
          n,
        ),
      )
    }
    return joined(parts, (all, k) => concatAt(all, outAxis(options, k)))
  }
}

const outAxis = ({ outAxes = 0 }: VmapOptions, k: number): number | null => {
  if (outAxes === null || typeof outAxes === 'number') return outAxes
  const axis = outAxes[k]
  if (axis === undefined) throw new ValueError(`vmap: outAxes has ${outAxes.length} entries, result ${k} has none`)
  return axis
}

const concatAt = (all: readonly Tensor[], axis: number | null): Tensor =>
  axis === null ? (all[0] as Tensor) : concat([...all], axis)

const listOf = (r: Results): readonly Tensor[] => (isTensor(r) ? [r] : r)

/** Results of several runs put together, one by one. */
function joined<R extends Results>(runs: readonly R[], join: (all: readonly Tensor[], k: number) => Tensor): R {
  const lists = runs.map(listOf)
  const first = lists[0] as readonly Tensor[]
  const other = lists.findIndex((l) => l.length !== first.length)
  if (other >= 0)
    throw new ValueError(`vmap: sample 0 gave ${first.length} results, sample ${other} ${lists[other]?.length}`)
  const all = first.map((_, k) =>
    join(
      lists.map((l) => l[k] as Tensor),
      k,
    ),
  )
  return (isTensor(runs[0]) ? all[0] : all) as R
}

/** Runs `fn` inside a frame. */
function inside<T>(frame: BatchingFrame, fn: () => T): T {
  batching.frames.push(frame)
  try {
    return fn()
  } finally {
    batching.frames.pop()
  }
}

function batched<A extends readonly unknown[], R extends Results>(
  fn: (...args: A) => R,
  args: A,
  axes: readonly (number | null)[],
  size: number,
  options: VmapOptions,
): R {
  useBatching()
  const { randomness = 'error', onFallback } = options
  const level = new Level(size, randomness, onFallback)
  try {
    const lifted = args.map((x, i) => (axes[i] == null ? x : lift(x as Tensor, axes[i] as number, level)))
    const result = inside({ level, randomness }, () => fn(...(lifted as unknown as A)))
    level.active = false
    return joined([result], ([y], k) => leave(y as Tensor, outAxis(options, k), level))
  } catch (error) {
    if (!(error instanceof NeedsSamples) || !error.levels.includes(level)) throw error
    onFallback?.({ kind: 'function', operator: error.op })
    return oneByOne(fn, args, axes, size, options)
  } finally {
    level.active = false
  }
}

function leave(y: Tensor, axis: number | null, level: Level): Tensor {
  if (!isTensor(y)) throw new ValueError('vmap: the function must give a tensor or an array of tensors')
  if (axis !== null) return lower(y, normalizeAxis('vmap', axis, y.rank + 1), level)
  if (levelsOf(y).includes(level))
    throw new ValueError('vmap: a result with outAxes null differs between the samples; give its axis')
  return y
}

/** The function run once a sample. */
function oneByOne<A extends readonly unknown[], R extends Results>(
  fn: (...args: A) => R,
  args: A,
  axes: readonly (number | null)[],
  size: number,
  options: VmapOptions,
): R {
  if (size === 0) throw new ValueError('vmap: the batch is empty, and without a sample the function cannot run')
  const { randomness = 'error' } = options
  const start = defaultGenerator.state
  const runs = Array.from({ length: size }, (_, b) => {
    if (randomness === 'same') defaultGenerator.state = start
    const sample = args.map((x, i) => (axes[i] == null ? x : select(x as Tensor, axes[i] as number, b)))
    return inside({ level: null, randomness }, () => fn(...(sample as unknown as A)))
  })
  return joined(runs, (all, k) => {
    const axis = outAxis(options, k)
    return axis === null ? (all[0] as Tensor) : stack([...all], axis)
  })
}

function batchOf(
  what: string,
  args: readonly unknown[],
  inAxes: VmapOptions['inAxes'],
): { axes: (number | null)[]; size: number } {
  if (Array.isArray(inAxes) && inAxes.length !== args.length)
    throw new ValueError(`${what}: inAxes has ${inAxes.length} entries for ${args.length} arguments`)
  let size = -1
  const axes = args.map((x, i) => {
    const axis = Array.isArray(inAxes)
      ? (inAxes[i] as number | null)
      : inAxes === undefined
        ? 0
        : (inAxes as number | null)
    if (!isTensor(x) || axis === null) return null
    if (x.rank === 0) throw new ShapeError(`${what}: argument ${i} has no dimension to map over; give it inAxes null`)
    const a = normalizeAxis(what, axis, x.rank)
    const n = x.shape[a] as number
    if (size >= 0 && n !== size)
      throw new ShapeError(
        `${what}: argument ${i} ${show(x.shape)} has ${n} samples along axis ${axis}, others ${size}`,
      )
    size = n
    return a
  })
  if (size < 0) throw new ValueError(`${what}: no argument to map over`)
  return { axes, size }
}
