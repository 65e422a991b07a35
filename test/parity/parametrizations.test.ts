import { parametrizations } from './cases/parametrizations.js'
import { parity } from './harness.js'

await parity('parametrizations', parametrizations)
