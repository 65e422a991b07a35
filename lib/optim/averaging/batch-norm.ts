// Running statistics for averaged weights. Place in the whole: torch.optim.swa_utils.update_bn.
import { noGrad } from '../../autograd/mode.js'
import { scope } from '../../engine/lifetime.js'
import type { Module } from '../../nn/module.js'
import { BatchNorm } from '../../nn/norm.js'
import { fill_ } from '../../ops/inplace.js'
import type { Tensor } from '../../tensor/tensor.js'

/**
 * Makes the running statistics of all batch-norm layers anew: the mean of those of the given batches, under the weights that the
 * model holds (of a `WeightAverage`: inside its `during`). Modes and momenta are afterwards as they were.
 * @param forward runs the model on a batch. Default: `model.call(batch)`
 */
export async function updateBatchNorm<B>(
  model: Module,
  batches: Iterable<B> | AsyncIterable<B>,
  forward: (batch: B) => unknown = (batch) => model.call(batch),
): Promise<void> {
  const norms = [...model.modules()].filter((m): m is BatchNorm => m instanceof BatchNorm && m.runningMean !== null)
  if (norms.length === 0) return
  const momenta = norms.map((norm) => norm.momentum)
  const modes = [...model.modules()].map((module) => [module, module.training] as const)
  const setMomentum = (norm: BatchNorm, momentum: number | null) => Object.assign(norm, { momentum })
  noGrad(() => {
    for (const { runningMean, runningVar, numBatchesTracked } of norms) {
      fill_(runningMean as Tensor, 0)
      fill_(runningVar as Tensor, 1)
      if (numBatchesTracked) fill_(numBatchesTracked, 0)
    }
  })
  try {
    model.train()
    for (const norm of norms) setMomentum(norm, null)
    for await (const batch of batches) {
      noGrad(() => scope(() => void forward(batch)))
      // No more than one batch is under way, whatever the memory of many would be.
      await norms[0]?.numBatchesTracked?.item()
    }
  } finally {
    for (const [i, norm] of norms.entries()) setMomentum(norm, momenta[i] as number | null)
    for (const [module, training] of modes) module.training = training
  }
}
