/** Rows of a table: embedding, and its special case, one-hot vectors. An index out of range poisons the result. */
import { noGrad } from '../autograd/mode.js'
import { needsGrad, record, save } from '../autograd/node.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, div, eq, gt, mul, pow } from './binary.js'
import { cast } from './convert.js'
import { make, make0, mutate } from './emit.js'
import { scatter, scatterAdd } from './gather.js'
import { asIndices, constantOf, tidy, zerosOf } from './indices.js'
import { amax, sum } from './reduce.js'
import { maskedFill, where } from './select.js'
import { abs } from './unary.js'
import { reshape, unsqueeze } from './views.js'

export interface EmbeddingOptions {
  /** Row whose gradient stays zero; negative counts from the end. */
  paddingIndex?: number
  /** Rows that are looked up and whose norm is larger are first scaled down to it, in place. */
  maxNorm?: number
  /** The p of that norm. Default 2. */
  normType?: number
  /** Divides each row's gradient by how often its index occurs. Default false. */
  scaleGradByFreq?: boolean
}

/**
 * Rows of weight (rows, n) at indices (...): (..., n). Definition: torch.nn.functional.embedding.
 *
 * @param indices i64 or i32; negative ones are out of range
 */
export function embedding(weight: Tensor, indices: Tensor, options: EmbeddingOptions = {}): Tensor {
  if (weight.rank !== 2) throw new ShapeError(`embedding: the weight is ${show(weight.shape)}, not (rows, n)`)
  const at = asIndices('embedding', indices)
  const [rows, n] = weight.shape as [number, number]
  if ('sparse' in options && options.sparse)
    throw new ValueError('embedding: sparse gradients do not exist here; leave `sparse` out, gradients are dense')
  const padding = paddingRow(options.paddingIndex, rows)
  if (options.maxNorm !== undefined) renormalize(weight, at, options.maxNorm, options.normType ?? 2)
  const y = make('embedding', OP.embedding, weight.dtype, [...at.shape, n], weight, at, [], at.numel * n * 0.3)
  if (needsGrad(weight)) {
    const byFrequency = options.scaleGradByFreq ?? false
    record('embedding', y, [weight], [save(at)], (g, [i]) => [
      rowsAdded(byFrequency ? shared(g, i as Tensor, rows) : g, i as Tensor, rows, padding),
    ])
  }
  return y
}

function paddingRow(index: number | undefined, rows: number): number {
  if (index === undefined) return -1
  if (!Number.isInteger(index) || index < -rows || index >= rows)
    throw new ValueError(`embedding: paddingIndex ${index} is no row of ${rows}`)
  return index < 0 ? index + rows : index
}

/** The sum of the rows of g for each index, without those of `padding`; the gradient of embedding. Linear in g. */
function rowsAdded(g: Tensor, indices: Tensor, rows: number, padding: number): Tensor {
  const n = g.shape[g.rank - 1] as number
  const shape = [rows, n]
  const y = make('embedding', OP.embeddingBackward, g.dtype, shape, g, indices, [padding], g.numel + rows * n * 0.1)
  if (needsGrad(g)) {
    record('embedding', y, [g], [save(indices)], (gg, [i]) => {
      const at = i as Tensor
      const back = embedding(gg, at)
      return [padding < 0 ? back : maskedFill(back, unsqueeze(eq(at, padding), -1), 0)]
    })
  }
  return y
}

/** g's rows divided by how often their index occurs. */
function shared(g: Tensor, indices: Tensor, rows: number): Tensor {
  const flat = reshape(indices, [indices.numel])
  const counts = scatterAdd(zerosOf(g, [rows]), 0, flat, constantOf(g, 1, flat.shape))
  return div(g, embedding(unsqueeze(counts, -1), indices))
}

/** Scales the rows at the indices down to the norm, in place. Formula: torch.embedding_renorm_. */
function renormalize(weight: Tensor, indices: Tensor, maxNorm: number, p: number): void {
  if (!(maxNorm >= 0) || !(p > 0))
    throw new ValueError(`embedding: maxNorm ${maxNorm} and normType ${p}; a norm is at least 0, its p larger than 0`)
  noGrad(() =>
    tidy(() => {
      const at = reshape(indices, [indices.numel])
      const chosen = embedding(weight, at)
      const size = abs(chosen)
      const norm =
        p === Number.POSITIVE_INFINITY
          ? amax(size, 1, { keepDim: true })
          : pow(sum(pow(size, p), 1, { keepDim: true }), 1 / p)
      const scaled = where(gt(norm, maxNorm), mul(chosen, div(maxNorm, add(norm, 1e-7))), chosen)
      mutate('embedding', OP.indexCopyInto, [weight, at, cast(scaled, weight.dtype)], [weight], [0], scaled.numel)
      return scaled
    }).dispose(),
  )
}

/**
 * Vectors (..., classes) of i64 with a 1 at each index (...). Definition: torch.nn.functional.one_hot; the number of classes,
 * which PyTorch may take from the largest index, is given.
 */
export function oneHot(indices: Tensor, classes: number): Tensor<'i64'> {
  if (!Number.isInteger(classes) || classes < 1)
    throw new ValueError(`oneHot: ${classes} classes; give the number of classes, at least 1`)
  const at = asIndices('oneHot', indices)
  return tidy(() => {
    const zeros = make0(OP.fill, at.device, 'i64', [...at.shape, classes], [0])
    return scatter(zeros, -1, unsqueeze(at, -1), 1)
  })
}
