import { BatchNorm2d, LayerNorm, Linear } from '#lib/nn/index.js'
import type { Cases } from '../harness.js'

export const layers: Cases = {
  linear: { build: (c) => new Linear(c['in'], c['out']) },
  layerNorm: { build: (c) => new LayerNorm(c['shape']) },
  batchNorm2d: { build: (c) => new BatchNorm2d(c['channels']) },
}
