/** Which operators autocast computes in what. Place in the whole: each operator on a list asks autocast.ts, which applies them. */
import { ValueError } from '../errors.js'
import { didYouMean } from '../suggest.js'

/**
 * Computed in autocast's dtype unless a call says otherwise. What is composed of them follows: mm, bmm, addmm, einsum, tensordot and
 * other products of matmul, multiHeadAttention of linear and attention, linearCrossEntropy of linear and crossEntropy.
 */
export const AUTOCAST_LOWER = [
  'matmul',
  'linear',
  'scaledDotProductAttention',
  'varlenAttention',
  'conv1d',
  'conv2d',
  'conv3d',
  'convTranspose1d',
  'convTranspose2d',
  'convTranspose3d',
] as const

/** Computed in f32 unless a call says otherwise: norms, softmax, distances, losses. */
export const AUTOCAST_FULL = [
  'softmax',
  'logSoftmax',
  'layerNorm',
  'addLayerNorm',
  'rmsNorm',
  'addRmsNorm',
  'batchNorm',
  'groupNorm',
  'instanceNorm',
  'localResponseNorm',
  'normalize',
  'cosineSimilarity',
  'pairwiseDistance',
  'crossEntropy',
  'nllLoss',
  'mseLoss',
  'l1Loss',
  'smoothL1Loss',
  'huberLoss',
  'binaryCrossEntropy',
  'binaryCrossEntropyWithLogits',
  'klDiv',
  'poissonNllLoss',
  'gaussianNllLoss',
  'softMarginLoss',
  'ctcLoss',
  'hingeEmbeddingLoss',
  'marginRankingLoss',
  'cosineEmbeddingLoss',
  'multiMarginLoss',
  'multilabelMarginLoss',
  'tripletMarginLoss',
  'tripletMarginWithDistanceLoss',
] as const

export type AutocastOperator = (typeof AUTOCAST_LOWER)[number] | (typeof AUTOCAST_FULL)[number]
export type AutocastPrecision = 'lower' | 'full' | 'promote'

/** cdist has no other precision; recurrent layers and cells keep their sums over time in f32 whatever they are given. */
const ALWAYS_FULL: readonly string[] = 'cdist lstm gru rnnTanh rnnRelu lstmCell gruCell rnnTanhCell rnnReluCell'.split(
  ' ',
)

/** What a call of autocast may say of single operators, by name. */
export interface AutocastLists {
  /** Operators computed in `dtype`, too. */
  lower?: readonly AutocastOperator[]
  /** Operators computed in f32. */
  full?: readonly AutocastOperator[]
  /** Operators computed in the widest dtype of their operands, as every operator that is on no list is. */
  promote?: readonly AutocastOperator[]
}

/**
 * What the lists change.
 * @throws ValueError for a name that is on neither list of autocast, or given twice
 */
export function exceptionsOf(lists: AutocastLists): ReadonlyMap<string, AutocastPrecision> | null {
  const known: readonly string[] = [...AUTOCAST_LOWER, ...AUTOCAST_FULL]
  const precisions = ['lower', 'full', 'promote'] as const
  for (const key of Object.keys(lists))
    if (!(precisions as readonly string[]).includes(key))
      throw new ValueError(`autocast: no such option: '${key}'${didYouMean(key, precisions)}`)
  const changed = new Map<string, AutocastPrecision>()
  for (const precision of precisions)
    for (const name of lists[precision] ?? []) {
      if (ALWAYS_FULL.includes(name)) throw new ValueError(`autocast: ${name} is computed in f32 always`)
      if (!known.includes(name))
        throw new ValueError(
          `autocast: ${precision} names '${name}', which takes what it is given${didYouMean(name, known)} (operators that are cast: ${known.join(', ')})`,
        )
      const other = changed.get(name)
      if (other !== undefined) throw new ValueError(`autocast: ${name} is in ${other} and in ${precision}`)
      changed.set(name, precision)
    }
  return changed.size > 0 ? changed : null
}
