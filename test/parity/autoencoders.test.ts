import { autoencoders } from './cases/autoencoders.js'
import { parity } from './harness.js'

await parity('autoencoders', autoencoders)
