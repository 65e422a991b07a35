import { cnn } from './cnn.js'
import { language } from './language.js'
import type { Published } from './published.js'
import { recurrent } from './recurrent.js'
import { transformers } from './transformers.js'
import { visionTransformers } from './vision-transformers.js'

/** All families, a line each. */
export const PUBLISHED: readonly Published[] = [
  ...cnn,
  ...language,
  ...recurrent,
  ...visionTransformers,
  ...transformers,
]
