// Weights of 4 and 8 bits: both directions of their product, in f32 and bf16, with and without zero points; scales are 1.
import { grad, tensor } from '#lib/index.js'
import { GroupQuantizedWeight, weightOnlyLinear } from '#lib/quant/index.js'
import { DEPTHS, EDGES, flipped, generator, product, whole } from '../edges.mjs'

const GROUPS = [32, 64, 128]

/** Whole numbers as codes: symmetric ones end at 7, unsigned ones count from 8. */
function weightOf(b, n, k, bits, groupSize, zeros) {
  const part = [n, Math.ceil(k / groupSize)]
  const count = part[0] * part[1]
  const codes = tensor(zeros ? b.map((v) => v + 8) : b, { shape: [n, k], dtype: zeros ? 'u8' : 'i8' })
  const scales = tensor(new Float64Array(count).fill(1), { shape: part, dtype: 'f16' })
  const points = zeros ? tensor(new Float64Array(count).fill(8), { shape: part, dtype: 'u8' }) : null
  return GroupQuantizedWeight.from(codes, scales, points, { bits, groupSize })
}

export default function groups({ turn, compare, scope }) {
  for (const [mi, m] of EDGES.entries()) {
    for (const [ni, n] of EDGES.entries()) {
      const k = DEPTHS[(mi * 7 + ni * 11) % DEPTHS.length]
      if (n === 0 || k === 0) continue // a weight has inputs and outputs
      const [bits, zeros, groupSize] = [mi % 2 ? 4 : 8, ni % 2 === 0, GROUPS[(mi + ni) % 3]]
      const label = `groups ${m}x${n}x${k}, ${bits} bits, groups of ${groupSize}${zeros ? ', zero points' : ''}`
      if (!turn(label)) continue
      const next = generator(m * 65537 + n * 257 + k)
      const [a, g] = [whole(m * k, next), whole(m * n, next)]
      const b = whole(n * k, next).map((v) => Math.min(v, 7))
      const exact = product(a, flipped(b, n, k), m, n, k)
      const exactGradient = product(g, b, m, k, n)
      scope(() => {
        const weight = weightOf(b, n, k, bits, groupSize, zeros)
        for (const dtype of ['f32', 'bf16']) {
          const x = tensor(a, { shape: [m, k], dtype }).requiresGrad_()
          const y = weightOnlyLinear(x, weight, tensor(new Float64Array(n), { shape: [n], dtype }))
          compare(`${label} ${dtype}`, y, exact)
          const [gx] = grad(y, [x], { gradOutputs: tensor(g, { shape: [m, n], dtype }) })
          compare(`${label} ${dtype}, gradient`, gx, exactGradient)
        }
      })
    }
  }
}
