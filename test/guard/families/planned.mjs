// Products under plans as a tuning file may ask for: every source of panels, blocks of one tile, odd ones, ones beyond the product.
import { useProducts } from '#lib/engine/product-tuning.js'
import { engine, matmulPacked, packMatrix, tensor } from '#lib/index.js'
import { DTYPES, flipped, problem } from '../edges.mjs'

const SOURCES = ['in place', 'own', 'shared', 'ready']
const BLOCKS = [1, 53, 1 << 30]
/** Of more than one slice, of a few columns less or more than whole tiles; the last is cut along the inner dimension. */
const SHAPES = [
  [97, 131, 401],
  [257, 127, 769],
  [13, 521, 389],
  [23, 33, 4099],
]

export default function planned({ turn, compare, scope }) {
  for (const [m, n, k] of SHAPES) {
    let operands
    for (const dtype of DTYPES) {
      for (const form of ['nn', 'nt', 'tn', 'packed']) {
        const product = {
          dtype,
          transposedA: form === 'tn',
          transposedB: form === 'nt',
          packed: form === 'packed',
          batch: 1,
          ...{ m, n, k },
        }
        for (const source of SOURCES) {
          for (const rows of BLOCKS) {
            for (const columns of BLOCKS) {
              const label = `planned ${dtype} ${form} ${m}x${n}x${k} panels ${source}, ${rows} rows, ${columns} columns`
              if (!turn(label)) continue
              operands ??= problem(m, n, k)
              const { a, b, exact } = operands
              useProducts([{ product, threads: engine.threads, plan: { source, rows, columns, limit: 0 } }])
              scope(() => {
                const stored = (values, r, c, transposed) =>
                  transposed
                    ? tensor(flipped(values, r, c), { shape: [c, r], dtype }).transpose(0, 1)
                    : tensor(values, { shape: [r, c], dtype })
                const x = stored(a, m, k, product.transposedA)
                const y = stored(b, k, n, product.transposedB)
                if (form !== 'packed') return compare(label, x.matmul(y), exact)
                const matrix = packMatrix(y)
                compare(label, matmulPacked(x, matrix), exact)
                matrix.dispose()
              })
            }
          }
        }
      }
    }
  }
}
