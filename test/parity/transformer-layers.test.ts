import { transformerLayers } from './cases/transformer-layers.js'
import { parity } from './harness.js'

await parity('transformer-layers', transformerLayers)
