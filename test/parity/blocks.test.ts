import { blocks } from './cases/blocks.js'
import { parity } from './harness.js'

await parity('blocks', blocks)
