// torch.nn's layers that are neither convolutions, poolings, activations, recurrent nor attention. Place in the whole:
// test/parity/layers.test.ts compares them.
import type { BatchNorm1d } from '#lib/nn/index.js'
import type { Cases, Inputs } from '../harness.js'
import { byName } from './by-name.js'

/** The running statistics after the call are results too. */
const withStatistics = (model: BatchNorm1d, inputs: Inputs) => {
  const y = model.call(...(Object.values(inputs) as [never]))
  return [y, model.runningMean?.clone() as never, model.runningVar?.clone() as never]
}

export const layers: Cases = {
  ...byName({
    linear: 5,
    linearWithoutBias: 5,
    linearInOut: 5,
    bilinear: 12,
    bilinearWithoutBias: 4,
    layerNorm: 12,
    layerNormWithoutBias: 6,
    layerNormPlain: 4,
    rmsNorm: 6,
    rmsNormPlain: 6,
    groupNorm: 9,
    groupNormWithoutBias: 8,
    groupNormPlain: 12,
    batchNorm2dFrozen: 12,
    batchNorm2dPlain: 12,
    instanceNorm1d: 5,
    instanceNorm1dUnbatched: 5,
    instanceNorm3d: 24,
    localResponseNorm: 3,
    localResponseNormEven: 4,
    embedding: 2,
    embeddingPadded: 2,
    embeddingByFrequency: 2,
    embeddingShortened: 4,
    embeddingBag: 3,
    embeddingBagSum: 3,
    embeddingBagMax: 3,
    embeddingBagWeighted: 4,
    dropout: 1,
    dropout1d: 1,
    dropout2d: 1,
    dropout3d: 1,
    alphaDropout: 1,
    featureAlphaDropout: 1,
    identity: 1,
    flatten: 1,
    flattenMiddle: 1,
    unflatten: 1,
    cosineSimilarity: 12,
    pairwiseDistance: 4,
    pairwiseDistanceP: 4,
  }),
  ...byName(
    {
      batchNorm1d: 5,
      batchNorm1dOfSequences: 8,
      batchNorm1dAveraged: 5,
      batchNorm2d: 40,
      batchNorm3d: 24,
      instanceNorm2d: 16,
    },
    { run: withStatistics },
  ),
}
