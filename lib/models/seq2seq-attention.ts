// How a recurrent decoder looks at its source. Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning to Align and
// Translate" (additive); Luong et al. 2015, "Effective Approaches to Attention-based Neural Machine Translation" (dot, general, concat).
// Place in the whole: layers of seq2seq.ts.
// Shapes: B batch, T queries, S source positions, H width of queries, M width of the memory, A of what is added.
import { ValueError } from '../errors.js'
import { Linear, Module } from '../nn/index.js'
import { scaledDotProductAttention } from '../ops/attention.js'
import { add } from '../ops/binary.js'
import { linear } from '../ops/linear.js'
import { matmul } from '../ops/matmul.js'
import { where } from '../ops/select.js'
import { softmax } from '../ops/softmax.js'
import { tanh } from '../ops/unary.js'
import { narrow, squeeze, unsqueeze } from '../ops/views.js'
import type { Tensor } from '../tensor/tensor.js'

/** Which score of a query and a source position. */
export type Alignment = 'additive' | 'dot' | 'general' | 'concat'

/**
 * The memory's mean, weighted by the softmax of its scores with each query: queries (B, T, H), memory (B, S, M) and what `keys` makes of
 * it to contexts (B, T, M). The mask (B, 1, S) is true where there is a source; null: everywhere.
 */
export abstract class SourceAttention extends Module {
  /** What the scores take of the memory: computed once a source. */
  abstract keys(memory_BSM: Tensor): Tensor
  abstract override forward(query_BTH: Tensor, keys: Tensor, memory_BSM: Tensor, mask_B1S: Tensor | null): Tensor
}

/** Score q . m, or q . W m with `general`. */
export class DotAttention extends SourceAttention {
  memory: Linear | null

  constructor(queryWidth: number, memoryWidth: number, { general }: { general: boolean }) {
    super()
    if (!general && queryWidth !== memoryWidth)
      throw new ValueError(
        `DotAttention: queries of ${queryWidth} for a memory of ${memoryWidth}: 'dot' takes one width, 'general' does not`,
      )
    this.memory = general ? new Linear(memoryWidth, queryWidth, { bias: false }) : null
  }

  override keys(memory_BSM: Tensor): Tensor {
    return this.memory === null ? memory_BSM : this.memory.call(memory_BSM)
  }

  override forward(query_BTH: Tensor, keys_BSH: Tensor, memory_BSM: Tensor, mask_B1S: Tensor | null): Tensor {
    return scaledDotProductAttention(query_BTH, keys_BSH, memory_BSM, { scale: 1, mask: mask_B1S })
  }
}

/** Score v . tanh(...) of a sum over query and memory. */
abstract class SumAttention extends SourceAttention {
  abstract score: Linear
  protected abstract queries(query_BTH: Tensor): Tensor

  override forward(query_BTH: Tensor, keys_BSA: Tensor, memory_BSM: Tensor, mask_B1S: Tensor | null): Tensor {
    const hidden_BTSA = tanh(add(unsqueeze(this.queries(query_BTH), 2), unsqueeze(keys_BSA, 1)))
    const scores_BTS = squeeze(this.score.call(hidden_BTSA), 3)
    const seen_BTS = mask_B1S === null ? scores_BTS : where(mask_B1S, scores_BTS, Number.NEGATIVE_INFINITY)
    return matmul(softmax(seen_BTS as Tensor, 2), memory_BSM)
  }
}

/** Bahdanau's: v . tanh(W q + U m). */
export class AdditiveAttention extends SumAttention {
  query: Linear
  memory: Linear
  score: Linear

  constructor(queryWidth: number, memoryWidth: number, width: number) {
    super()
    this.query = new Linear(queryWidth, width, { bias: false })
    this.memory = new Linear(memoryWidth, width, { bias: false })
    this.score = new Linear(width, 1, { bias: false })
  }

  override keys(memory_BSM: Tensor): Tensor {
    return this.memory.call(memory_BSM)
  }

  protected override queries(query_BTH: Tensor): Tensor {
    return this.query.call(query_BTH)
  }
}

/** Luong's concat: v . tanh(W [q; m]), whose W is read in two parts, so that a source's is computed once. */
export class ConcatAttention extends SumAttention {
  both: Linear
  score: Linear
  readonly #queryWidth: number

  constructor(queryWidth: number, memoryWidth: number, width: number) {
    super()
    this.both = new Linear(queryWidth + memoryWidth, width, { bias: false })
    this.score = new Linear(width, 1, { bias: false })
    this.#queryWidth = queryWidth
  }

  override keys(memory_BSM: Tensor): Tensor {
    const width = memory_BSM.shape[2] as number
    return linear(memory_BSM, narrow(this.both.weight, 1, this.#queryWidth, width))
  }

  protected override queries(query_BTH: Tensor): Tensor {
    return linear(query_BTH, narrow(this.both.weight, 1, 0, this.#queryWidth))
  }
}

/** @throws ValueError for an unknown alignment, and for 'dot' of two widths */
export function sourceAttention(alignment: Alignment, queryWidth: number, memoryWidth: number): SourceAttention {
  switch (alignment) {
    case 'additive':
      return new AdditiveAttention(queryWidth, memoryWidth, queryWidth)
    case 'concat':
      return new ConcatAttention(queryWidth, memoryWidth, queryWidth)
    case 'dot':
    case 'general':
      return new DotAttention(queryWidth, memoryWidth, { general: alignment === 'general' })
    default:
      throw new ValueError(
        `Seq2Seq: attention is '${String(alignment satisfies never)}', expected 'additive', 'dot', 'general', 'concat' or null`,
      )
  }
}
