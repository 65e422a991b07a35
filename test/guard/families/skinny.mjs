// One to sixteen rows or columns against long and wide matrices: the paths that stream the matrix, and those that split the sum.
import { tensor } from '#lib/index.js'
import { DTYPES, flipped, problem } from '../edges.mjs'

const FEW = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 16, 17]
const LONG = [1, 7, 63, 64, 65, 127, 384, 385, 509, 1021]
/** Beyond these a sum is split between threads. */
const SPLIT = [4093, 16381]

export default function skinny({ turn, compare, scope }) {
  const one = (m, n, k) => {
    let operands
    for (const dtype of DTYPES) {
      for (const transposed of [false, true]) {
        const label = `skinny ${dtype} ${m}x${n}x${k}${transposed ? ' by a transposed matrix' : ''}`
        if (!turn(label)) continue
        operands ??= problem(m, n, k)
        const { a, b, exact } = operands
        scope(() => {
          const x = tensor(a, { shape: [m, k], dtype })
          const y = transposed
            ? tensor(flipped(b, k, n), { shape: [n, k], dtype }).transpose(0, 1)
            : tensor(b, { shape: [k, n], dtype })
          compare(label, x.matmul(y), exact)
        })
      }
    }
  }
  for (const few of FEW) {
    for (const n of LONG) {
      for (const k of LONG) {
        one(few, n, k)
        one(n, few, k)
      }
    }
    for (const k of SPLIT) one(few, FEW[(few * 5) % FEW.length], k)
  }
}
