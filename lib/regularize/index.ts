// lib/regularize: what keeps models from learning too much by heart, beside the optimizers' weight decay and the layers' dropout.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export { decoupledDecay, maxNorm } from './constraints.js'
export type { Regularized } from './parameters.js'
export { type PenaltyOptions, penalty } from './penalty.js'
export { proximalGroups, proximalL1 } from './proximal.js'
export { rDrop } from './r-drop.js'
export { type WeightNoiseOptions, withWeightNoise } from './weight-noise.js'
