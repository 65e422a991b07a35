/**
 * cdist on CUDA against the CPU: tiles, ragged ones, rows that begin anywhere, few rows against many. Place in the whole: the operator
 * matrix (test/ops/distance.test.ts) holds it in small sizes.
 */
import { describe, test } from 'vitest'
import * as ops from '#lib/index.js'
import { device, drawn, same } from './same.js'

describe.skipIf(device === undefined)('distances on cuda', () => {
  const inf = Number.POSITIVE_INFINITY
  test('all norms: several tiles, batches, lengths of rows', () => {
    for (const dtype of ['f32', 'f64'] as const)
      for (const p of [0, 1, 2, inf, 3, 1.5])
        for (const [m, n, d] of [
          [67, 71, 19],
          [130, 33, 16],
          [17, 35, 133],
          [3, 9, 1],
          [2, 5, 0],
          [1, 37, 67],
          [41, 8, 260],
        ] as const)
          same(
            `cdist ${dtype} p ${p} (${m}, ${n}, ${d})`,
            (at) =>
              ops.cdist(
                drawn('a', [2, m, d], dtype, at, (r) => (r.int(0, 4000) === 0 ? Number.NaN : r.int(-3, 4))),
                drawn('b', [2, n, d], dtype, at, (r) => (r.int(0, 3) ? r.uniform(-3, 3) : r.int(-3, 4))),
                { p, product: 'never' },
              ),
            dtype === 'f32' ? 8 : 64,
          )
  })
})
