import { attention } from './cases/attention.js'
import { parity } from './harness.js'

await parity('attention', attention)
