import { recurrentModels } from './cases/recurrent-models.js'
import { parity } from './harness.js'

await parity('recurrent-models', recurrentModels)
