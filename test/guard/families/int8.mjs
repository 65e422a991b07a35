// Products of bytes: sizes around every edge, zero points for rows and columns, and the linear layers, whose rows and results have the
// ends of their tensors for ends of vectors.
import { tensor } from '#lib/index.js'
import { dynamicQuantizedLinear, Int8Weight, intMatmul, quantizedLinear } from '#lib/quant/index.js'
import { DEPTHS, EDGES, flipped, problem } from '../edges.mjs'

const bytes = (values, shape) => tensor(values, { shape, dtype: 'i8' })

export default function int8({ turn, compare, scope }) {
  for (const [mi, m] of EDGES.entries()) {
    for (const [ni, n] of EDGES.entries()) {
      const k = DEPTHS[(mi * 7 + ni * 11) % DEPTHS.length]
      if (!turn(`int8 ${m}x${n}x${k}`)) continue
      const { a, b, exact } = problem(m, n, k)
      scope(() => {
        const x = bytes(a, [m, k])
        const stored = flipped(b, k, n)
        compare(`intMatmul ${m}x${n}x${k}`, intMatmul(x, bytes(b, [k, n])), exact)
        const zeros = [m, n].map((size) => tensor(new Int32Array(size)))
        const given = { aZeroPoint: zeros[0], bZeroPoint: zeros[1] }
        compare(`intMatmul nt ${m}x${n}x${k}`, intMatmul(x, bytes(stored, [n, k]).transpose(0, 1), given), exact)
        const weight = Int8Weight.from(bytes(stored, [n, k]), tensor(new Float32Array(n).fill(1)), zeros[1])
        const bias = tensor(new Float32Array(n))
        compare(`quantizedLinear ${m}x${n}x${k}`, quantizedLinear(x, weight, bias, { scale: 1 }), exact)
        // Rows that reach 255 are bytes already: their scale is 1.
        if (k === 0) return
        const wide = Float32Array.from(a, Math.abs)
        for (let i = 0; i < m; i++) wide[i * k] = 255
        const truth = new Float64Array(m * n)
        for (let i = 0; i < m; i++)
          for (let j = 0; j < n; j++) for (let p = 0; p < k; p++) truth[i * n + j] += wide[i * k + p] * b[p * n + j]
        const y = dynamicQuantizedLinear(tensor(wide, { shape: [m, k] }), weight, bias)
        compare(`dynamicQuantizedLinear ${m}x${n}x${k}`, y, truth)
      })
    }
  }
}
