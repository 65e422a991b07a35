import { gpt2s } from './cases/gpt2.js'
import { parity } from './harness.js'

await parity('gpt2', gpt2s)
