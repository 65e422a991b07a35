/** PyTorch's operators of OpInfo in Sinter's terms, a file a family. Place in the whole: test/ops/opinfo.test.ts runs an export through it. */
import { complex } from './complex.js'
import { conv } from './conv.js'
import { indexing } from './indexing.js'
import { layers } from './layers.js'
import { linalg } from './linalg.js'
import type { Mapping } from './mapping.js'
import { pointwise } from './pointwise.js'
import { reduce } from './reduce.js'
import { views } from './views.js'

export const OPINFO: Readonly<Record<string, Mapping>> = {
  ...complex,
  ...conv,
  ...indexing,
  ...layers,
  ...linalg,
  ...pointwise,
  ...reduce,
  ...views,
}
