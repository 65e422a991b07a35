import { decoders } from './cases/decoders.js'
import { parity } from './harness.js'

await parity('decoders', decoders)
