import { cnn } from './cases/cnn.js'
import { parity } from './harness.js'

await parity('cnn', cnn)
