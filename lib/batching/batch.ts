/** One call with batched operands, as its rule sees it. Place in the whole: what the rules of lib/batching are written with. */
import { adopt, collecting } from '../engine/lifetime.js'
import { makeMany, type ResultSpec, viewOf } from '../ops/emit.js'
import { reshape } from '../ops/views.js'
import { Batched, type Level, levelsOf } from '../tensor/batched.js'
import { compact, numelOf, type Shape } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

export type Operand = Tensor | null | undefined

/** What an operator asked for: the metadata of one sample. */
export interface Call {
  readonly name: string
  readonly op: number
  readonly results: readonly ResultSpec[]
  readonly operands: readonly Operand[]
  readonly attributes: readonly number[]
  readonly ns: number
}

/**
 * Makes the command for the whole batch: results of shape (sizes of the batch, ...sample), one for each of the call's. null where
 * the rule does not know this form; the operator then runs once a sample.
 */
export type Rule = (call: Call, batch: Batch) => Tensor[] | null

/** A handle that takes the place of one sample; adopted like any result. */
export function adoptBatch(batch: Tensor, levels: readonly Level[]): Batched {
  const t = new Batched(batch, levels)
  adopt(t)
  return t
}

/** Runs `fn` and frees what it makes but the results, which become batches. */
export function batchesOf(levels: readonly Level[], fn: () => readonly Tensor[]): Tensor[] {
  const made: Tensor[] = []
  try {
    const results = collecting(made, fn)
    return results.map((t) => adoptBatch(t, levels))
  } finally {
    for (const t of made) t.dispose()
  }
}

/** The batch dimensions of a call: all levels of its operands. */
export class Batch {
  readonly levels: readonly Level[]
  readonly sizes: Shape
  /** Number of batch dimensions. */
  readonly k: number
  /** Number of samples. */
  readonly total: number

  constructor(levels: readonly Level[]) {
    this.levels = levels
    this.sizes = levels.map((l) => l.size)
    this.k = levels.length
    this.total = numelOf(this.sizes)
  }

  /** Whether the samples differ in this operand. */
  has(t: Operand): t is Batched {
    return levelsOf(t).length > 0
  }

  /** (sizes, ...shape) as a view: operands without a batch dimension are repeated. `rank` puts ones before the shape. */
  full(t: Tensor, rank: number = t.rank): Tensor {
    const own = levelsOf(t)
    const source = t instanceof Batched ? t._whole : t
    if (own.length === this.k && rank === t.rank) return source
    const { strides } = source
    const ones = new Array<number>(rank - t.rank).fill(1)
    const shape = [...this.sizes, ...ones, ...t.shape]
    const batch = this.levels.map((l) => strides[own.indexOf(l)] ?? 0)
    const steps = [...batch, ...ones.map(() => 0), ...strides.slice(own.length)]
    return viewOf('vmap', source, shape, compact(shape, steps))
  }

  /** (samples * d0, d1, ...): the batch folded into the first dimension. */
  rows(t: Tensor): Tensor {
    return reshape(this.full(t), [this.total * (t.shape[0] as number), ...t.shape.slice(1)])
  }

  /** (samples, ...shape): all batch dimensions as one. */
  flat(t: Tensor): Tensor {
    return reshape(this.full(t), [this.total, ...t.shape])
  }

  /** (sizes, ...shape) of what has them in other dimensions. */
  unfold(t: Tensor, shape: Shape): Tensor {
    return reshape(t, [...this.sizes, ...shape])
  }

  /** The call's command with other operands and attributes; results of the batch's shapes unless others are given. */
  emit(
    call: Call,
    operands: readonly Operand[],
    attributes: readonly number[] = call.attributes,
    shapes: readonly Shape[] = call.results.map((r) => [...this.sizes, ...r.shape]),
  ): Tensor[] {
    const results = call.results.map(({ dtype }, i) => ({ dtype, shape: shapes[i] as Shape }))
    return makeMany(call.name, call.op, results, operands, attributes, call.ns * this.total)
  }

  /** `emit` with everything folded into the first dimensions, and unfolded again. */
  emitRows(call: Call, operands: readonly Operand[], attributes: readonly number[] = call.attributes): Tensor[] {
    const shapes = call.results.map(({ shape }) => [this.total * (shape[0] as number), ...shape.slice(1)])
    return this.emit(call, operands, attributes, shapes).map((t, i) =>
      this.unfold(t, (call.results[i] as ResultSpec).shape),
    )
  }
}
