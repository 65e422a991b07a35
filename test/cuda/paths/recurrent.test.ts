/**
 * Recurrent layers on CUDA whose states are projected, and their gradients, in f32 and f64. Place in the whole: ../recurrent.test.ts has every
 * cell and operand; this file is among those that run a second time with far places (../far-places.full.test.ts).
 */
import { describe, test } from 'vitest'
import type { RecurrentWeights, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { device, drawn, same } from '../same.js'

const [STEPS, BATCH, INPUTS, HIDDEN, WIDTH] = [2, 3, 3, 5, 2]

describe.skipIf(device === undefined)('an LSTM of projected states', () => {
  test.each(['f32', 'f64'] as const)('%s', (dtype) => {
    same(
      dtype,
      (at) => {
        const of = (seed: string, ...shape: number[]): Tensor =>
          drawn(seed, shape, dtype, at, (r) => r.uniform(-1, 1)).requiresGrad_()
        const x = of('x', STEPS, BATCH, INPUTS)
        const weights = {
          weightIh: of('ih', 4 * HIDDEN, INPUTS),
          weightHh: of('hh', 4 * HIDDEN, WIDTH),
          weightHr: of('hr', WIDTH, HIDDEN),
        } satisfies RecurrentWeights
        const [y] = ops.lstm(x, [weights])
        ops.square(y).sum().backward()
        return [y.detach(), ...[x, ...Object.values(weights)].map((t) => t.grad as Tensor)]
      },
      64,
    )
  })
})
