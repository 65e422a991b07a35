import { bert } from './cases/bert.js'
import { parity } from './harness.js'

await parity('bert', bert)
