// A layer's product with its bias, and all three gradients.
import { linear, tensor } from '#lib/index.js'
import { DTYPES, flipped, generator, product, whole } from '../edges.mjs'

const ROWS = [0, 1, 2, 4, 5, 6, 7, 8, 13, 16, 17, 33, 61]
const WIDTHS = [1, 3, 7, 8, 13, 16, 17, 31, 33, 47, 49, 97, 131, 385]

export default function linearLayer({ turn, compare, scope }) {
  for (const [mi, m] of ROWS.entries()) {
    for (const [oi, out] of WIDTHS.entries()) {
      const inner = WIDTHS[(mi * 5 + oi * 3) % WIDTHS.length]
      for (const dtype of DTYPES) {
        const label = `linear ${dtype} ${m}x${inner} to ${out}`
        if (!turn(label)) continue
        const next = generator(m * 65537 + out * 257 + inner)
        const [x, w, b, g] = [m * inner, out * inner, out, m * out].map((n) => whole(n, next))
        const y = product(x, flipped(w, out, inner), m, out, inner).map((v, i) => v + b[i % out])
        scope(() => {
          const leaf = (values, shape) => tensor(values, { shape, dtype }).requiresGrad_()
          const [tx, tw, tb] = [leaf(x, [m, inner]), leaf(w, [out, inner]), leaf(b, [out])]
          const result = linear(tx, tw, tb)
          compare(label, result, y)
          result.backward({ gradient: tensor(g, { shape: [m, out], dtype }) })
          compare(`${label}, gradient of x`, tx.grad, product(g, w, m, inner, out))
          compare(`${label}, gradient of w`, tw.grad, product(flipped(g, m, out), x, out, inner, m))
          const ones = new Float64Array(m).fill(1)
          compare(`${label}, gradient of b`, tb.grad, product(ones, g, 1, out, m))
          for (const t of [tx, tw, tb]) t.grad.dispose()
        })
      }
    }
  }
}
