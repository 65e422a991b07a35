/** Weights of 4 and 8 bits: lib/quant/groups.ts. Codes and scales are the same bits on both devices. */
import { type GroupQuantizeOptions, quantizeGroups, weightOnlyLinear } from '#lib/quant/index.js'
import { call, type Entry, entry } from '../draw.js'
import { operand } from '../tensors.js'

export const groups: readonly Entry[] = [
  entry(
    'quant.quantizeGroups, quant.weightOnlyLinear',
    (r) => {
      const [m, out, inner] = [r.int(0, 20), r.int(1, 70), r.int(1, 200)]
      const dtype = r.pick(['f32', 'bf16'] as const)
      const options: GroupQuantizeOptions = {
        bits: r.pick([4, 8] as const),
        groupSize: r.pick([32, 64, 128] as const),
        scaleDtype: r.pick(['f16', 'bf16'] as const),
        zeroPoints: r.chance(2),
      }
      const activation = r.pick([null, 'none', 'gelu', 'geluTanh', 'silu'] as const)
      return call(
        [
          operand(r, [m, inner], dtype),
          operand(r, [out, inner], r.pick(['f32', 'bf16', 'f16'])),
          operand(r, [out], dtype),
        ],
        (x, w, bias) => {
          const weight = quantizeGroups(w, options)
          return [weight.codes(), weight.dequantize(), weightOnlyLinear(x, weight, bias, { activation })]
        },
      )
    },
    { roundings: 80, power: 2, finite: true },
  ),
]
