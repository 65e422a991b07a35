// A softmax over very many classes. Place in the whole: built from Linear; names are PyTorch's. Shapes: N samples, I features, K classes.

import { known, positive } from '../check.js'
import { ShapeError, ValueError } from '../errors.js'
import { add } from '../ops/binary.js'
import { tensor, zeros } from '../ops/creation.js'
import { gather } from '../ops/gather.js'
import { indexAdd, indexSelect } from '../ops/indexing.js'
import { checkIndices } from '../ops/indices.js'
import { concat } from '../ops/join.js'
import { argmax, mean } from '../ops/reduce.js'
import { logSoftmax } from '../ops/softmax.js'
import { neg } from '../ops/unary.js'
import { narrow, reshape, squeeze, unsqueeze } from '../ops/views.js'
import type { DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { ModuleList, Sequential } from './containers.js'
import { Linear } from './linear.js'
import { Module } from './module.js'

export interface AdaptiveLogSoftmaxOptions {
  /** Each further cluster has this many times fewer features. Default 4. */
  divValue?: number
  /** Whether the head has a bias. Default false. */
  headBias?: boolean
  dtype?: DType
}

/** What AdaptiveLogSoftmaxWithLoss gives. */
export interface AdaptiveLogSoftmaxResult {
  /** Log-probabilities of the targets, (N). */
  readonly output: Tensor
  /** The mean of -output. */
  readonly loss: Tensor
}

/**
 * Adaptive softmax (Grave et al. 2017, "Efficient softmax approximation for GPUs"): classes, sorted by frequency, lie in clusters that end
 * at `cutoffs`. A head decides between the classes of the first cluster and the other clusters, of which only those that targets lie in
 * are computed, from fewer features. x (N, I) and targets (N), or (I) and (), to the targets' log-probabilities and the loss. Reads the
 * targets, so that it waits for them.
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  head: Linear
  tail: ModuleList<Sequential>
  readonly classes: number
  /** Where clusters end, the last one's end included. */
  readonly cutoffs: readonly number[]

  /** @throws ValueError unless the cutoffs are whole numbers that rise, from 1 to classes - 1, and leave each cluster a feature */
  constructor(
    inFeatures: number,
    classes: number,
    cutoffs: readonly number[],
    options: AdaptiveLogSoftmaxOptions = {},
  ) {
    super()
    const layer = 'AdaptiveLogSoftmaxWithLoss'
    positive(layer, { inFeatures, classes })
    known(layer, options, ['divValue', 'headBias', 'dtype'])
    const { divValue = 4, headBias = false, dtype = 'f32' } = options
    const rise = cutoffs.every((c, i) => Number.isInteger(c) && c > (i === 0 ? 0 : (cutoffs[i - 1] as number)))
    if (cutoffs.length === 0 || !rise || (cutoffs.at(-1) as number) >= classes) {
      const found = show(cutoffs)
      throw new ValueError(`${layer}: cutoffs are ${found}, expected rising whole numbers from 1 to ${classes - 1}`)
    }
    this.classes = classes
    this.cutoffs = [...cutoffs, classes]
    this.head = new Linear(inFeatures, (cutoffs[0] as number) + cutoffs.length, { bias: headBias, dtype })
    this.tail = new ModuleList(
      cutoffs.map((from, i) => {
        const features = Math.floor(inFeatures / divValue ** (i + 1))
        if (features < 1)
          throw new ValueError(
            `${layer}: cluster ${i + 1} has no features: ${inFeatures} / ${divValue}^${i + 1}; take a smaller divValue or fewer cutoffs`,
          )
        return new Sequential(
          new Linear(inFeatures, features, { bias: false, dtype }),
          new Linear(features, (this.cutoffs[i + 1] as number) - from, { bias: false, dtype }),
        )
      }),
    )
  }

  /**
   * @throws ShapeError when input and targets do not fit, ValueError for a target that is no class
   */
  override forward(x: Tensor, target: Tensor): AdaptiveLogSoftmaxResult {
    checkIndices('AdaptiveLogSoftmaxWithLoss', target)
    const fits = x.rank === target.rank + 1 && target.rank <= 1 && (target.rank === 0 || x.shape[0] === target.shape[0])
    if (!fits)
      throw new ShapeError(
        `AdaptiveLogSoftmaxWithLoss: takes x (n, i) and targets (n), or (i) and (), found ${show(x.shape)} and ${show(target.shape)}`,
      )
    if (target.rank === 0) {
      const { output, loss } = this.forward(unsqueeze(x, 0), reshape(target, [1]))
      return { output: squeeze(output, 0), loss }
    }
    const { inHead, clusters } = this.#sort(target)
    const on = { device: x.device }
    const index = (values: readonly number[]): Tensor => tensor(BigInt64Array.from(values, BigInt), on)
    const headLogProbs = logSoftmax(this.head.call(x), 1)
    let output = squeeze(gather(headLogProbs, 1, unsqueeze(index(inHead), 1)), 1)
    for (const [i, { rows, classes }] of clusters.entries()) {
      if (rows.length === 0) continue
      const at = index(rows)
      const logProbs = logSoftmax((this.tail.at(i) as Sequential).call(indexSelect(x, 0, at)), 1)
      const own = squeeze(gather(logProbs, 1, unsqueeze(index(classes), 1)), 1)
      output = add(output, indexAdd(zeros(target.shape, { dtype: x.dtype, ...on }), 0, at, own))
    }
    return { output, loss: neg(mean(output)) }
  }

  /** Log-probabilities of all classes: x (N, I) to (N, K). */
  logProb(x: Tensor): Tensor {
    const first = this.cutoffs[0] as number
    const head = logSoftmax(this.head.call(x), 1)
    const tails = [...this.tail].map((tail, i) => add(logSoftmax(tail.call(x), 1), narrow(head, 1, first + i, 1)))
    return concat([narrow(head, 1, 0, first), ...tails], 1)
  }

  /** The likeliest class of each sample: x (N, I) to (N). */
  predict(x: Tensor): Tensor {
    return argmax(this.logProb(x), 1)
  }

  /** Where each target is among the head's results, and which rows and classes of each further cluster are asked for. */
  #sort(target: Tensor): { inHead: number[]; clusters: { rows: number[]; classes: number[] }[] } {
    const first = this.cutoffs[0] as number
    const clusters = [...this.tail].map(() => ({ rows: [] as number[], classes: [] as number[] }))
    const inHead = Array.from(target.dataSync() as ArrayLike<bigint | number>, (value, row) => {
      const c = Number(value)
      if (!(c >= 0 && c < this.classes))
        throw new ValueError(
          `AdaptiveLogSoftmaxWithLoss: target ${row} is ${c}, expected a class from 0 to ${this.classes - 1}`,
        )
      if (c < first) return c
      const i = this.cutoffs.findIndex((end) => c < end) - 1
      const cluster = clusters[i] as { rows: number[]; classes: number[] }
      cluster.rows.push(row)
      cluster.classes.push(c - (this.cutoffs[i] as number))
      return first + i
    })
    return { inHead, clusters }
  }
}
