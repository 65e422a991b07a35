import { visionTransformers } from './cases/vision-transformers.js'
import { parity } from './harness.js'

await parity('vision-transformers', visionTransformers)
