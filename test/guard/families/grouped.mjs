// Many products in one call: lists, and rows that belong to experts, with their gradients.
import { expertMatmul, grad, groupedMatmul, tensor } from '#lib/index.js'
import { DEPTHS, DTYPES, EDGES, flipped, generator, problem, product, whole } from '../edges.mjs'

/** Products of a list. */
const COUNT = 4

export default function grouped({ turn, compare, scope }) {
  for (const [at, m] of EDGES.entries()) {
    for (const dtype of DTYPES) {
      const label = `grouped ${dtype} ${m}`
      if (!turn(label)) continue
      const sizes = Array.from({ length: COUNT }, (_, i) => [
        EDGES[(at + 5 * i) % EDGES.length],
        EDGES[(at * 3 + 7 * i) % EDGES.length],
        DEPTHS[(at * 7 + 11 * i) % DEPTHS.length],
      ])
      const problems = sizes.map(([m, n, k]) => problem(m, n, k))
      scope(() => {
        const of = (values, shape) => tensor(values, { shape, dtype })
        const as = problems.map(({ a }, i) => of(a, [sizes[i][0], sizes[i][2]]))
        const bs = problems.map(({ b }, i) => of(b, [sizes[i][2], sizes[i][1]]))
        for (const [i, y] of groupedMatmul(as, bs).entries())
          compare(`${label}, product ${i} of ${sizes[i]}`, y, problems[i].exact)

        // Experts of m, 0 and a few rows, and rows of none.
        const [n, k] = [EDGES[(at * 5 + 3) % EDGES.length], EDGES[(at * 11 + 1) % EDGES.length]]
        const ends = [m, m, m + 9]
        const rows = m + 12
        const next = generator(m * 257 + n)
        const [a, b, g] = [rows * k, 3 * k * n, rows * n].map((count) => whole(count, next))
        const [y, ga, gb] = [new Float64Array(rows * n), new Float64Array(rows * k), new Float64Array(3 * k * n)]
        for (const [e, end] of ends.entries()) {
          const [from, w] = [ends[e - 1] ?? 0, b.subarray(e * k * n, (e + 1) * k * n)]
          const count = end - from
          const [ae, ge] = [a.subarray(from * k, end * k), g.subarray(from * n, end * n)]
          y.set(product(ae, w, count, n, k), from * n)
          ga.set(product(ge, flipped(w, k, n), count, k, n), from * k)
          gb.set(product(flipped(ae, count, k), ge, k, n, count), e * k * n)
        }
        const [x, w] = [of(a, [rows, k]).requiresGrad_(), of(b, [3, k, n]).requiresGrad_()]
        const result = expertMatmul(x, w, tensor(ends, { dtype: 'i32' }))
        compare(`${label}, experts of ${n}x${k}`, result, y)
        const [gx, gw] = grad(result, [x, w], { gradOutputs: of(g, [rows, n]) })
        compare(`${label}, experts of ${n}x${k}, gradient of the rows`, gx, ga)
        compare(`${label}, experts of ${n}x${k}, gradient of the weights`, gw, gb)
      })
    }
  }
}
