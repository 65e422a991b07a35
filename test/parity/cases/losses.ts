// torch.nn's losses. Place in the whole: test/parity/losses.test.ts compares them.
import { type Tensor, tensor } from '#lib/index.js'
import type { Module } from '#lib/nn/index.js'
import type { Cases, Config, Inputs, ParityCase } from '../harness.js'
import * as named from './by-name.js'

/** Weights are tensors. */
function build({ layer, args }: Config): Module {
  const options: Record<string, unknown> = { ...args.at(-1) }
  for (const name of ['weight', 'posWeight']) if (name in options) options[name] = tensor(options[name] as number[])
  return named.build({ layer, args: [...args.slice(0, -1), options] })
}

/** The inputs, of which the first is made what the loss takes. */
const on =
  (make: (x: Tensor) => Tensor): NonNullable<ParityCase['run']> =>
  (model: Module, inputs: Inputs) => {
    const [x, ...others] = Object.values(inputs) as [Tensor, ...Tensor[]]
    return model.call(...([make(x), ...others] as unknown as []))
  }

const all = (lengths: Readonly<Record<string, number>>, others: Omit<ParityCase, 'build'> = {}): Cases =>
  Object.fromEntries(Object.entries(lengths).map(([name, length]) => [name, { ...others, build, length }]))

/** One result is the targets' log-probabilities, the other the loss. */
const adaptive: ParityCase['run'] = (model: Module, inputs: Inputs) => {
  const { output, loss } = model.call(...(Object.values(inputs) as [])) as { output: Tensor; loss: Tensor }
  return [output, loss]
}

export const losses: Cases = {
  ...all({
    mseMean: 12,
    mseSum: 12,
    mseNone: 1,
    l1: 12,
    smoothL1: 12,
    huber: 12,
    bceWithLogitsMean: 12,
    bceWithLogitsSum: 12,
    bceWithLogitsNone: 1,
    bceWithLogitsWeighted: 12,
    klDiv: 12,
    klDivOfLogs: 12,
    poissonNll: 12,
    poissonNllFull: 12,
    gaussianNll: 12,
    gaussianNllShared: 12,
    softMargin: 12,
    crossEntropyMean: 5,
    crossEntropySum: 5,
    crossEntropyNone: 5,
    crossEntropyWeighted: 4,
    crossEntropyOfImages: 8,
    crossEntropyUnbatched: 4,
    crossEntropyOfProbabilities: 4,
    multiLabelMargin: 16,
    multiLabelSoftMargin: 12,
    multiMargin: 12,
    multiMarginSquared: 3,
    linearCrossEntropy: 5,
    linearCrossEntropyOfPlaces: 6,
    hingeEmbedding: 12,
    marginRanking: 5,
    cosineEmbedding: 4,
    tripletMargin: 4,
    tripletMarginWithDistance: 3,
  }),
  ...all({ bce: 12, bceWeighted: 12 }, { run: on((x) => x.sigmoid()) }),
  ...all({ nllMean: 4, nllSum: 4, nllNone: 3, nllOfImages: 8 }, { run: on((x) => x.logSoftmax(1)) }),
  ...all({ adaptiveLogSoftmax: 8, adaptiveLogSoftmaxUnbatched: 8 }, { run: adaptive }),
  ...all({ ctcMean: 18, ctcSum: 18, ctcNone: 6, ctcConcatenated: 18 }, { run: on((x) => x.logSoftmax(-1)) }),
}
