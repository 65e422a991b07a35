/**
 * Tensors that stand for a batch of tensors. Place in the whole: inside `vmap` a function sees one sample's shape and dtype while
 * the bytes hold all samples. Operators compute with the sample's metadata; where a command is made, emit.ts hands a call with
 * batched operands to lib/batching, whose rules make the command for the whole batch.
 */
import { ValueError } from '../errors.js'
import { BYTES } from './dtype.js'
import { compact, numelOf, type Shape } from './shape.js'
import { Tensor } from './tensor.js'

/** What random operators do inside vmap: fail, draw for each sample, or draw once for all. */
export type Randomness = 'error' | 'different' | 'same'

/** An operator, or the whole function, that ran once a sample. */
export interface Fallback {
  /** 'operator': it has no batching rule. 'function': it needs the values of a sample. */
  kind: 'operator' | 'function'
  operator: string
}

let levels = 0

/** One call of vmap: the batch dimension that it adds. Its `size` may be 0. */
export class Level {
  /** Inner calls have higher numbers; batch dimensions lie in this order. */
  readonly order: number = ++levels
  readonly size: number
  readonly randomness: Randomness
  readonly onFallback: ((event: Fallback) => void) | undefined
  /** While its function runs. Gradients of what the samples share are summed over the batch only afterwards. */
  active = true

  constructor(size: number, randomness: Randomness, onFallback?: (event: Fallback) => void) {
    this.size = size
    this.randomness = randomness
    this.onFallback = onFallback
  }
}

/** Thrown where values of single samples are needed; vmap then runs its function once a sample. */
export class NeedsSamples extends ValueError {
  readonly levels: readonly Level[]
  readonly op: string

  constructor(op: string, levels: readonly Level[], why = 'needs the values of a tensor that vmap batches') {
    super(
      levels.some((l) => l.active)
        ? `${op}: ${why}; the function has to run once a sample`
        : `${op}: the tensor belongs to a vmap whose function has returned; return it from the function`,
    )
    this.levels = levels
    this.op = op
  }
}

/** A batch in the place of one sample: `shape` is a sample's. */
export class Batched extends Tensor {
  /** Which batch dimensions the bytes have, outer first. */
  readonly levels: readonly Level[]
  /** The whole batch, (sizes of the levels, ...shape); it lives on this handle's references. */
  readonly _whole: Tensor

  /** @param batch (sizes of the levels, ...sample) */
  constructor(batch: Tensor, levels: readonly Level[]) {
    const shape = batch.shape.slice(levels.length)
    const id = batch._use('vmap')
    super(batch._stream, id, batch.dtype, shape, compact(shape, batch.strides.slice(levels.length)))
    batch._stream.retain(id)
    if (batch._base !== 0) batch._stream.retain(batch._base)
    this._base = batch._base
    this.levels = levels
    this._whole = new Tensor(batch._stream, id, batch.dtype, batch.shape, batch._strides)
    this._whole._base = batch._base
  }

  override _use(op: string): number {
    super._use(op)
    throw new NeedsSamples(op, this.levels)
  }

  override _share(): Tensor {
    super._use('detach')
    return new Batched(this._whole, this.levels)
  }

  override _ownBytes(): number {
    return this._base !== 0 ? 0 : numelOf(this._whole.shape) * BYTES[this.dtype]
  }

  override _exchange(y: Tensor): void {
    super._exchange(y)
    this._whole._id = this._id
    if (y instanceof Batched) y._whole._id = y._id
  }
}

/** Whether two tensors of one shape and dtype may exchange their bytes. */
export function exchangeable(x: Tensor, y: Tensor): boolean {
  const [own, other] = [levelsOf(x), levelsOf(y)]
  if (own.length !== other.length || own.some((l, i) => l !== other[i])) return false
  const whole = (t: Tensor): Tensor => (t instanceof Batched ? t._whole : t)
  return whole(x).isContiguous && whole(y).isContiguous
}

/** What lib/batching does in the place of the emitters and of the graph; null where a call has nothing to do with it. */
export interface BatchingHooks {
  make0(op: number, device: string, dtype: Tensor['dtype'], shape: Shape, attributes: readonly number[]): Tensor | null
  make(
    name: string,
    op: number,
    dtype: Tensor['dtype'],
    shape: Shape,
    a: Tensor,
    b: Tensor | null,
    attributes: readonly number[],
    ns: number,
  ): Tensor | null
  makeMany(
    name: string,
    op: number,
    results: readonly { dtype: Tensor['dtype']; shape: Shape }[],
    operands: readonly (Tensor | null | undefined)[],
    attributes: readonly number[],
    ns: number,
  ): Tensor[] | null
  mutate(
    name: string,
    op: number,
    operands: readonly (Tensor | null | undefined)[],
    written: readonly Tensor[],
    attributes: readonly number[],
    ns: number,
  ): boolean
  view(
    name: string,
    t: Tensor,
    dtype: Tensor['dtype'],
    shape: Shape,
    strides: readonly number[] | null,
    offset: number,
  ): Tensor | null
  /** A copy of `t` with the batch dimensions of `source`, to be written into; `t` itself when it has them. */
  beside(t: Tensor, source: Tensor): Tensor
  /** A gradient summed over the levels beside `own`, active ones only if `all`; `g` itself where there are none. */
  settle(g: Tensor, own: readonly Level[], all: boolean): Tensor
}

/** A running vmap: its level, or null while it runs once a sample. */
export interface BatchingFrame {
  readonly level: Level | null
  readonly randomness: Randomness
}

/** The switch: null until vmap is first called, so that ordinary operators pay one comparison. */
export const batching: { hooks: BatchingHooks | null; readonly frames: BatchingFrame[] } = { hooks: null, frames: [] }

/** Whether a call has to do with vmap: one runs, or an operand is a batch. Fused operators without a rule there then go step by step. */
export const inVmap = (...operands: readonly (Tensor | null | undefined)[]): boolean =>
  batching.hooks !== null && (batching.frames.length > 0 || operands.some((t) => t instanceof Batched))

/**
 * How many times as many random numbers a draw takes inside the running vmaps.
 *
 * @throws ValueError inside a vmap that forbids randomness
 */
export function drawsNow(): number {
  let n = 1
  for (const { level, randomness } of batching.frames) {
    if (randomness === 'error')
      throw new ValueError(
        "vmap: the function draws random numbers; pass {randomness: 'different'} to draw for every sample, or 'same' to draw once for all",
      )
    if (level !== null && randomness === 'different') n *= level.size
  }
  return n
}

const drawn = new WeakMap<readonly number[], readonly Level[]>()

/** The levels of the running vmaps that draw for every sample. */
export const drawingLevels = (): Level[] =>
  batching.frames.flatMap(({ level, randomness }) => (level !== null && randomness === 'different' ? [level] : []))

/** Notes for which levels a command with these attributes draws, so that the backward pass draws the same again. */
export function noteDraw(attributes: readonly number[]): readonly number[] {
  if (batching.frames.length > 0) drawn.set(attributes, drawingLevels())
  return attributes
}

export const levelsOfDraw = (attributes: readonly number[]): readonly Level[] => drawn.get(attributes) ?? []

export const levelsOf = (t: Tensor | null | undefined): readonly Level[] => (t instanceof Batched ? t.levels : NONE)
const NONE: readonly Level[] = []

/** The levels of all of them, outer first. */
export function unionOf(sets: readonly (readonly Level[])[]): readonly Level[] {
  let all: readonly Level[] = NONE
  for (const set of sets) {
    if (set.length === 0 || set === all) continue
    if (all.length === 0) all = set
    else {
      const more = set.filter((l) => !all.includes(l))
      if (more.length > 0) all = [...all, ...more].sort((a, b) => a.order - b.order)
    }
  }
  return all
}
