// Sparse products: every format from both sides, stored and transposed, a layer with bias and activation, and the gradients of the
// values and of the dense operand.
import { grad, ones, tensor } from '#lib/index.js'
import { SPARSE_FORMATS, SparseMatrix, sparseLinear, sparseMatmul } from '#lib/sparse/index.js'
import { flipped, generator, product, whole } from '../edges.mjs'

const ROWS = [1, 3, 4, 5, 15, 16, 17, 31, 33, 47, 65, 131, 300, 530]
const COLUMNS = [1, 2, 3, 4, 5, 7, 15, 16, 17, 33, 49, 63, 131, 257, 1030]
/** Columns of the dense operand: few, which have kernels of their own, and around strips. */
const WIDTHS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 23, 31, 33, 47, 48, 49, 63, 64, 65, 97, 131]
/** Of the values and of the dense operand. */
const DTYPES = [
  ['f32', 'f32'],
  ['f64', 'f64'],
  ['bf16', 'bf16'],
  ['f16', 'f16'],
  ['bf16', 'f32'],
  ['i8', 'f32'],
  ['i8', 'bf16'],
]
const OPTIONS = { kernel: 'sparse' }

/** b (rows, columns) with what the format keeps of it, in the given dtype; i8 with scales of 1. */
function sparseOf(b, rows, columns, format, dtype) {
  const dense = tensor(b, { shape: [rows, columns], dtype: dtype === 'i8' ? 'f32' : dtype })
  const kept = SparseMatrix.fromSync(dense, format === '2:4' ? { format } : { format, density: 0.3 })
  return dtype === 'i8' ? SparseMatrix._of(kept._pattern, kept.values.to('i8'), ones([rows])) : kept
}

export default function sparse({ turn, compare, scope }) {
  for (const [mi, m] of ROWS.entries()) {
    for (const [ki, k] of COLUMNS.entries()) {
      for (const [fi, format] of SPARSE_FORMATS.entries()) {
        const n = WIDTHS[(mi * 5 + ki * 7 + fi * 3) % WIDTHS.length]
        const [values, dtype] = DTYPES[(mi + ki * 2 + fi) % DTYPES.length]
        const label = `sparse ${format} ${m}x${k}, ${n} columns, ${values} values, ${dtype}`
        if (!turn(label)) continue
        const next = generator(m * 65537 + n * 257 + k)
        const b = whole(m * k, next)
        const [right, left, bias, g] = [k * n, m * n, m, m * n].map((count) => whole(count, next))
        scope(() => {
          const of = (numbers, shape) => tensor(numbers, { shape, dtype })
          const s = sparseOf(b, m, k, format, values)
          const mask = s.withValues(ones(s.values.shape)).toDense().dataSync()
          const kept = b.map((v, i) => v * mask[i])
          const exact = product(kept, right, m, n, k)
          const turned = product(flipped(kept, m, k), left, k, n, m)
          compare(`${label}, dense`, s.toDense(), kept)
          compare(`${label}, S D`, sparseMatmul(s, of(right, [k, n]), OPTIONS), exact)
          compare(`${label}, S^T D`, sparseMatmul(s.T, of(left, [m, n]), OPTIONS), turned)
          compare(`${label}, D S`, sparseMatmul(of(flipped(left, m, n), [n, m]), s, OPTIONS), flipped(turned, k, n))
          const x = of(flipped(right, k, n), [n, k])
          compare(`${label}, D S^T`, sparseMatmul(x, s.T, OPTIONS), flipped(exact, m, n))
          const added = exact.map((v, i) => v + bias[Math.floor(i / n)])
          const then = flipped(added, m, n).map((v) => Math.max(0, v))
          const layer = { ...OPTIONS, activation: 'relu' }
          compare(`${label}, layer`, sparseLinear(x, s, of(bias, [m]), layer), then)

          const trained = values === 'i8' ? s : s.withValues(s.values.detach().requiresGrad_())
          const [leaf, offset] = [x.detach().requiresGrad_(), of(bias, [m]).requiresGrad_()]
          const y = sparseLinear(leaf, trained, offset, OPTIONS)
          const wanted = values === 'i8' ? [leaf, offset] : [leaf, offset, trained.values]
          const gradOutputs = tensor(flipped(g, m, n), { shape: [n, m], dtype: y.dtype })
          const [gx, gb, gv] = grad(y, wanted, { gradOutputs })
          compare(`${label}, gradient of the rows`, gx, product(flipped(g, m, n), kept, n, k, m))
          compare(`${label}, gradient of the bias`, gb, product(g, new Float64Array(n).fill(1), m, 1, n))
          if (gv) {
            const all = product(g, flipped(right, k, n), m, k, n).map((v, i) => v * mask[i])
            compare(`${label}, gradient of the values`, s.withValues(gv).toDense(), all)
          }
        })
      }
    }
  }
}
