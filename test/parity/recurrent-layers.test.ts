import { recurrentLayers } from './cases/recurrent-layers.js'
import { parity } from './harness.js'

await parity('recurrent-layers', recurrentLayers)
