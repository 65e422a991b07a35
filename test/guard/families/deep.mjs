// Products beyond one block of any kind: k of several slices and parts, rows that share packed panels, epilogues and gradients of them.
import { grad, linear, matmul, matmulPacked, packMatrix, tensor } from '#lib/index.js'
import { DTYPES, flipped, generator, problem, product, whole } from '../edges.mjs'

const ROWS = [7, 12, 13, 95, 97, 255, 257, 300]
const WIDTHS = [9, 15, 17, 31, 33, 65]
const DEPTHS = [767, 768, 769, 1537, 3071, 3072, 3073, 3841]

export default function deep({ turn, compare, scope }) {
  for (const [mi, m] of ROWS.entries()) {
    for (const [ni, n] of WIDTHS.entries()) {
      const k = DEPTHS[(mi * 3 + ni) % DEPTHS.length]
      let operands
      for (const dtype of DTYPES) {
        const label = `deep ${dtype} ${m}x${n}x${k}`
        if (!turn(label)) continue
        operands ??= problem(m, n, k)
        const { a, b, exact } = operands
        const next = generator(m + n + k)
        const [bias, g] = [whole(n, next), whole(m * n, next)]
        scope(() => {
          const leaf = (values, shape) => tensor(values, { shape, dtype }).requiresGrad_()
          const [x, w, added] = [leaf(a, [m, k]), leaf(flipped(b, k, n), [n, k]), leaf(bias, [n])]
          const plain = x.detach()
          compare(`${label} nn`, matmul(plain, tensor(b, { shape: [k, n], dtype })), exact)
          const then = exact.map((v, i) => Math.max(0, v + bias[i % n]))
          compare(
            `${label} nt with an epilogue`,
            linear(plain, w.detach(), added.detach(), { activation: 'relu' }),
            then,
          )
          const matrix = packMatrix(w.detach(), { transposed: true })
          compare(`${label} packed`, matmulPacked(plain, matrix), exact)
          matrix.dispose()
          // The gradients' k are n and m.
          const y = linear(x, w, added)
          const [gx, gw, gb] = grad(y, [x, w, added], { gradOutputs: tensor(g, { shape: [m, n], dtype }) })
          const [transposed, ones] = [flipped(g, m, n), new Float64Array(m).fill(1)]
          compare(`${label}, gradient of x`, gx, product(g, flipped(b, k, n), m, k, n))
          compare(`${label}, gradient of w`, gw, product(transposed, a, n, k, m))
          compare(`${label}, gradient of b`, gb, product(ones, g, 1, n, m))
        })
      }
    }
  }
}
