/** Weights of 4 and 8 bits and products with them: lib/quant/groups.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { LinearActivation } from '#lib/ops/fusedActivation.js'
import {
  type GroupQuantizedWeight,
  type GroupQuantizeOptions,
  quantizeGroups,
  weightOnlyLinear,
} from '#lib/quant/index.js'
import type { OpSpec } from '../opspec/spec.js'

interface Args {
  quantize: GroupQuantizeOptions
  activation?: LinearActivation
}

const FORMS: readonly GroupQuantizeOptions[] = [
  { bits: 4, groupSize: 32 },
  { bits: 4, groupSize: 64, zeroPoints: true },
  { bits: 4, groupSize: 128, scaleDtype: 'bf16' },
  { bits: 8, groupSize: 32, zeroPoints: true, scaleDtype: 'bf16' },
  { bits: 8, groupSize: 64 },
  { bits: 8, groupSize: 128, zeroPoints: true },
]

/** Codes and scales are the same bits everywhere; a decoded weight is rounded once. */
const codes: OpSpec<Args> = {
  name: 'quantizeGroups',
  ops: ['quantizeGroups', 'packGroups', 'unpackGroups', 'dequantizeGroups'],
  dtypes: ['f32', 'bf16', 'f16'],
  oracle: (d) => d,
  result: () => 'f32',
  *samples(s) {
    for (const quantize of FORMS)
      for (const shape of [
        [1, 1],
        [3, 70],
        [33, 129],
      ] as const)
        yield { inputs: [s.values([...shape])], args: { quantize } }
    yield { inputs: [s.values([300, 520])], args: { quantize: {} }, large: true }
    const odd = s.values([3, 40])
    odd.values[5] = Number.NaN
    odd.values[45] = Number.NEGATIVE_INFINITY
    odd.values.fill(0, 80)
    for (const quantize of FORMS) yield { inputs: [odd], args: { quantize } }
  },
  call: ([w], { quantize }) =>
    ops.scope(() => {
      const weight = quantizeGroups(w as Tensor, quantize)
      const zeros = weight.zeroPoints()
      const parts = [weight.codes(), weight.scales(), ...(zeros ? [zeros] : []), weight.dequantize()]
      return parts.map((t) => t.to('f32'))
    }),
  accuracy: { roundings: 0 },
  gradient: null,
}

/** The sum of |x| (largest code) |scale|, and |bias|: codes are multiplied before their zero points are taken off. */
function magnitude(x: Tensor, w: GroupQuantizedWeight, bias: Tensor | null): Tensor {
  const { outFeatures: out, inFeatures: inner, groups, groupSize, bits } = w
  const scale = ops.abs(w.scales().to('f32')).mul(2 ** bits)
  const each = scale
    .reshape([out, groups, 1])
    .expand([out, groups, groupSize])
    .reshape([out, groups * groupSize])
  const y = ops.linear(ops.abs(x).to('f32'), each.narrow(1, 0, inner).contiguous())
  return bias ? y.add(ops.abs(bias)) : y
}

const linear: OpSpec<Args> = {
  name: 'weightOnlyLinear',
  ops: ['weightOnlyLinear', 'quantizeGroups', 'packGroups'],
  dtypes: ['f32', 'bf16'],
  oracle: () => 'f32',
  *samples(s) {
    const weight = (out: number, inner: number) => ({
      ...s.values([out, inner]),
      dtype: 'f32' as const,
      constant: true,
    })
    for (const quantize of FORMS) {
      yield { inputs: [s.values([1, 70]), weight(33, 70), null], args: { quantize } }
      yield { inputs: [s.values([2, 3, 129]), weight(5, 129), s.values([5])], args: { quantize, activation: 'relu' } }
      yield { inputs: [s.values([11, 200]), weight(40, 200), s.values([40])], args: { quantize, activation: 'silu' } }
    }
    const quantize = {}
    yield { inputs: [s.values([130]), weight(3, 130), s.values([3])], args: { quantize, activation: 'gelu' } }
    yield { inputs: [s.values([3, 40]), weight(35, 40), s.values([35])], args: { quantize, activation: 'geluTanh' } }
    yield { inputs: [s.values([0, 130]), weight(3, 130), null], args: { quantize } }
    yield { inputs: [s.values([1, 900]), weight(700, 900), s.values([700])], args: { quantize }, large: true }
    yield { inputs: [s.values([40, 900]), weight(170, 900), s.values([170])], args: { quantize }, large: true }
  },
  call: ([x, w, bias], { quantize, activation }) =>
    ops.scope(() =>
      weightOnlyLinear(x as Tensor, quantizeGroups(w as Tensor, quantize), bias as Tensor | null, {
        activation: activation ?? null,
      }),
    ),
  accuracy: {
    roundings: 8,
    serial: true,
    terms: ([x]) => x?.shape.at(-1) ?? 1,
    magnitude: ([x, w, bias], { quantize }) =>
      magnitude(x as Tensor, quantizeGroups(w as Tensor, quantize), (bias ?? null) as Tensor | null),
  },
  gradient: null,
  errors: {
    'inner dimensions': {
      call: (device) => weightOnlyLinear(ops.zeros([2, 5], { device }), quantizeGroups(ops.zeros([3, 4], { device }))),
      code: 'SINTER_SHAPE',
      message: "weightOnlyLinear: input (2, 5) does not end in the weight's 4: weight (3, 4)",
    },
    bias: {
      call: (device) =>
        weightOnlyLinear(
          ops.zeros([2, 4], { device }),
          quantizeGroups(ops.zeros([3, 4], { device })),
          ops.zeros([4], { device }),
        ),
      code: 'SINTER_SHAPE',
      message: 'weightOnlyLinear: bias (4) for 3 outputs',
    },
    'bias dtype': {
      call: (device) =>
        weightOnlyLinear(
          ops.zeros([2, 4], { device }),
          quantizeGroups(ops.zeros([3, 4], { device })),
          ops.zeros([3], { device, dtype: 'bf16' }),
        ),
      code: 'SINTER_DTYPE',
      message: 'weightOnlyLinear: input is f32, bias bf16; convert one with .to()',
    },
  },
}

/** g, w -> g W: the gradient of x, which does not depend on x. */
const gradient: OpSpec<Args> = {
  name: 'weightOnlyLinear (its gradient)',
  ops: ['weightOnlyLinearBackward'],
  dtypes: ['f32', 'bf16'],
  refuses: ['f64', 'f16'],
  oracle: () => 'f32',
  *samples(s) {
    for (const quantize of FORMS)
      for (const [m, out, inner] of [
        [1, 3, 70],
        [9, 33, 129],
      ] as const)
        yield {
          inputs: [s.values([m, out]), { ...s.values([out, inner]), dtype: 'f32', constant: true }],
          args: { quantize },
        }
    const large = { ...s.values([500, 300]), dtype: 'f32' as const, constant: true }
    yield { inputs: [s.values([60, 500]), large], args: { quantize: {} }, large: true }
  },
  call: ([g, w], { quantize }) =>
    ops.scope(() =>
      ops.enableGrad(() => {
        const [gradOutputs, weight] = [g as Tensor, quantizeGroups(w as Tensor, quantize)]
        const shape = [gradOutputs.shape[0] as number, weight.inFeatures]
        const x = ops.zeros(shape, { device: gradOutputs.device, dtype: gradOutputs.dtype }).requiresGrad_()
        return (ops.grad(weightOnlyLinear(x, weight), [x], { gradOutputs }) as Tensor[])[0] as Tensor
      }),
    ),
  accuracy: {
    roundings: 2,
    serial: true,
    terms: ([g]) => g?.shape.at(-1) ?? 1,
    magnitude: ([g, w], { quantize }) => {
      const weight = quantizeGroups((w as Tensor).to('f32'), quantize).dequantize()
      return ops.matmul(ops.abs(g as Tensor).to('f32'), ops.abs(weight))
    },
  },
  gradient: null,
}

export const specs: readonly OpSpec[] = [codes, linear, gradient]
