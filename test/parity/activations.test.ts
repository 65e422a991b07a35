import { activations } from './cases/activations.js'
import { parity } from './harness.js'

await parity('activations', activations)
