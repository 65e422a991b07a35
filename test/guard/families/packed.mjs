// Products with packed matrices, and what is fused behind a product: scale, bias, activation, residual.
import { linear, matmulPacked, packMatrix, tensor } from '#lib/index.js'
import { DTYPES, flipped, generator, problem, whole } from '../edges.mjs'

const ROWS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 16, 17, 33, 61]
const WIDTHS = [1, 3, 7, 8, 15, 16, 17, 23, 24, 25, 31, 33, 47, 48, 49, 63, 64, 65, 97, 131]
const DEPTHS = [0, 1, 3, 7, 8, 13, 64, 127, 128, 129, 383, 384, 385, 509]
/** Powers of two keep the results whole or exact. */
const SCALE = 2

export default function packed({ turn, compare, scope }) {
  for (const [mi, m] of ROWS.entries()) {
    for (const [ni, n] of WIDTHS.entries()) {
      const k = DEPTHS[(mi * 5 + ni * 3) % DEPTHS.length]
      let operands
      for (const dtype of DTYPES) {
        for (const transposed of [false, true]) {
          for (const fused of [false, true]) {
            const how = `${transposed ? ' stored (n, k)' : ''}${fused ? ' with an epilogue' : ''}`
            const label = `packed ${dtype} ${m}x${n}x${k}${how}`
            if (!turn(label)) continue
            operands ??= problem(m, n, k)
            const { a, b, exact } = operands
            const next = generator(m + n + k)
            const [bias, residual] = [whole(n, next), whole(m * n, next)]
            const then = exact.map((v, i) => Math.max(0, SCALE * v + bias[i % n]) + residual[i])
            scope(() => {
              const x = tensor(a, { shape: [m, k], dtype })
              const [t, shape] = transposed ? [flipped(b, k, n), [n, k]] : [b, [k, n]]
              const w = tensor(t, { shape, dtype })
              const matrix = packMatrix(w, { transposed })
              if (fused) {
                const added = tensor(bias, { dtype })
                const options = {
                  scale: SCALE,
                  activation: 'relu',
                  residual: tensor(residual, { shape: [m, n], dtype }),
                }
                compare(label, matmulPacked(x, matrix, added, options), then)
                if (transposed) compare(`${label}, not packed`, linear(x, w, added, options), then)
              } else {
                compare(label, matmulPacked(x, matrix), exact)
              }
              matrix.dispose()
            })
          }
        }
      }
    }
  }
}
