/**
 * Launches of what compute capability 9.0 has alone, for scripts/cuda-figures.mjs: on a card of two multiprocessors, so that small
 * products fill it.
 */
import * as s from '#lib/index.js'
import { random } from './operands.mjs'

for (const rows of [512, 128]) {
  const [x, w] = [
    [256, 256],
    [rows, 256],
  ].map((shape) => random(shape, 'bf16'))
  s.linear(x, w).dataSync()
  s.matmul(x, w.transpose(0, 1).contiguous()).dataSync()
}
for (const width of [64, 128]) {
  const [q, k, v] = [0, 1, 2].map(() => random([1, 1, 256, width], 'bf16'))
  s.scaledDotProductAttention(q, k, v, { causal: true }).dataSync()
}
