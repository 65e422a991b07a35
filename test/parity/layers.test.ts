import { layers } from './cases/layers.js'
import { parity } from './harness.js'

await parity('layers', layers)
