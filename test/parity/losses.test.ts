import { losses } from './cases/losses.js'
import { parity } from './harness.js'

await parity('losses', losses)
