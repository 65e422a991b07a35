// torch.nn's recurrent layers and cells. Place in the whole: test/parity/recurrent-layers.test.ts compares them.
import type { Tensor } from '#lib/index.js'
import type { Module } from '#lib/nn/index.js'
import type { Cases, Inputs } from '../harness.js'
import { byName } from './by-name.js'

/** Tensors beside x are states: h, or h and c together. Results are y and the last states. */
function run(model: Module, inputs: Inputs): readonly Tensor[] {
  const [x, ...states] = Object.values(inputs)
  const args = states.length === 0 ? [x] : [x, states.length === 1 ? states[0] : states]
  return [model.call(...(args as []))].flat(2) as Tensor[]
}

/** Sums over inputs or units, and of the weights' gradients over steps and samples; errors of a step go on to the next. */
const LENGTHS = {
  rnn: 6,
  rnnRelu: 6,
  rnnStacked: 6,
  lstm: 6,
  lstmUnbatched: 4,
  lstmStates: 6,
  lstmBidirectional: 6,
  lstmProjected: 6,
  gru: 6,
  gruStates: 6,
  gruBidirectional: 6,
  rnnCell: 4,
  rnnCellRelu: 4,
  lstmCell: 4,
  lstmCellUnbatched: 4,
  gruCell: 4,
  gruCellUnbatched: 4,
}

export const recurrentLayers: Cases = byName(LENGTHS, { run })
