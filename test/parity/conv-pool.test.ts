import { convPool } from './cases/conv-pool.js'
import { parity } from './harness.js'

await parity('conv-pool', convPool)
