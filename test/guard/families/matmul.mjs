// Products of two matrices: all dtypes and transpositions, sizes around every edge, operands that are whole blocks or the last columns
// of wider ones (another leading dimension, the same end).
import { tensor } from '#lib/index.js'
import { DEPTHS, DTYPES, EDGES, flipped, problem } from '../edges.mjs'

const FORMS = ['nn', 'nt', 'tn', 'tt']
/** Columns in front of a view's own. */
const FRONT = 3

/** The matrix (rows, columns) as a tensor that is stored as said. */
function operand(values, rows, columns, transposed, wider, dtype) {
  const [r, c] = transposed ? [columns, rows] : [rows, columns]
  const stored = transposed ? flipped(values, rows, columns) : values
  let matrix
  if (wider && r > 0) {
    const padded = new Float64Array(r * (c + FRONT)).fill(Number.NaN)
    for (let i = 0; i < r; i++) padded.set(stored.subarray(i * c, (i + 1) * c), i * (c + FRONT) + FRONT)
    matrix = tensor(padded, { shape: [r, c + FRONT], dtype }).narrow(1, FRONT, c)
  } else {
    matrix = tensor(stored, { shape: [r, c], dtype })
  }
  return transposed ? matrix.transpose(0, 1) : matrix
}

/** Several blocks in one dimension, several threads. */
const LARGE = [
  [257, 259, 385],
  [67, 2053, 129],
  [1031, 67, 257],
  [385, 131, 1031],
]

export default function matmul({ turn, compare, scope }) {
  const all = (m, n, k, parity) => {
    let operands
    for (const dtype of DTYPES) {
      for (const [f, form] of FORMS.entries()) {
        const wider = (parity + f) % 2 === 1
        const label = `matmul ${dtype} ${form} ${m}x${n}x${k}${wider ? ' of wider matrices' : ''}`
        if (!turn(label)) continue
        operands ??= problem(m, n, k)
        const { a, b, exact } = operands
        scope(() => {
          const x = operand(a, m, k, form[0] === 't', wider, dtype)
          const y = operand(b, k, n, form[1] === 't', wider, dtype)
          compare(label, x.matmul(y), exact)
        })
      }
    }
  }
  for (const [mi, m] of EDGES.entries()) {
    for (const [ni, n] of EDGES.entries()) {
      // Every depth meets every row count and every column count, not every pair of them.
      all(m, n, DEPTHS[(mi * 7 + ni * 11) % DEPTHS.length], mi + ni)
    }
  }
  for (const [i, shape] of LARGE.entries()) all(...shape, i)
}
