/** Products with weights of 4 and 8 bits and f32 activations. Names are MxNxK, the weight's groups 128 inputs; w4g32 has 32 and zero points. */
import { randn } from 'sinter'
import { type GroupQuantizeOptions, quantizeGroups, weightOnlyLinear } from 'sinter/quant'
import { type Case, forwardOnly } from '../case.js'

type Mnk = readonly [m: number, n: number, k: number]

function groupCase(kind: string, options: GroupQuantizeOptions, [m, n, k]: Mnk): Case {
  const { bits = 4, groupSize = 128, zeroPoints = false } = options
  return {
    name: `gemm.${kind}.${m}x${n}x${k}`,
    family: `gemm.${kind}`,
    dtype: 'f32',
    flops: 2 * m * n * k,
    bytes: (n * k * bits) / 8 + ((n * k) / groupSize) * (zeroPoints ? 3 : 2) + 4 * m * (n + k),
    prepare() {
      const w = randn([n, k])
      const weight = quantizeGroups(w, options)
      w.dispose()
      const x = randn([m, k])
      return forwardOnly(() => weightOnlyLinear(x, weight))
    },
  }
}

const SHAPES: readonly Mnk[] = [
  [1, 4096, 4096],
  [8, 4096, 4096],
  [512, 3072, 768],
]

export const groups: readonly Case[] = [
  ...SHAPES.map((shape) => groupCase('w4', { bits: 4 }, shape)),
  ...SHAPES.map((shape) => groupCase('w8', { bits: 8 }, shape)),
  groupCase('w4g32', { bits: 4, groupSize: 32, zeroPoints: true }, [1, 4096, 4096]),
]
