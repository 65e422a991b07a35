/** The optimizers' fused steps: lib/ops/optimize.ts and optimizeByTensor.ts. The call gives back what the step wrote. */

import type {
  AdafactorParameters,
  AdagradParameters,
  AdamParameters,
  LambParameters,
  LarsParameters,
  LionParameters,
  RmspropParameters,
  SgdParameters,
  Tensor,
} from '#lib/index.js'
import * as ops from '#lib/index.js'
import { factoredShapes } from '#lib/ops/factoredShapes.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Domain } from '../opspec/sampler.js'
import { FLOATS, type Input, type OpSpec } from '../opspec/spec.js'
import {
  groupsOf,
  LARGE,
  longest,
  present,
  ruleSpec,
  SETS,
  SIGNED,
  SQUARES,
  updated,
  written,
} from './optimizerRule.js'

const sgdBase: SgdParameters = {
  lr: 0.1,
  momentum: 0,
  dampening: 0,
  weightDecay: 0,
  nesterov: false,
  step: 2,
  maximize: false,
}
const sgdStep = ruleSpec<SgdParameters>({
  name: 'sgdStep',
  op: 'sgdStep',
  variants: [
    { p: { ...sgdBase, momentum: 0.9, weightDecay: 0.05 }, states: [SIGNED] },
    { p: sgdBase, states: [null] },
    { p: { ...sgdBase, dampening: 0.3 }, states: [null] },
    { p: { ...sgdBase, weightDecay: 0.05, maximize: true }, states: [null] },
    { p: { ...sgdBase, momentum: 0.9, dampening: 0.3, step: 1 }, states: [SIGNED] },
    { p: { ...sgdBase, momentum: 0.9, nesterov: true }, states: [SIGNED] },
  ],
  step: (groups, p) =>
    ops.sgdStep(
      groups.map((g) => ({ ...updated(g), buffer: g[2] as Tensor | null })),
      p,
    ),
  roundings: 8,
})

const adamBase: AdamParameters = {
  lr: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  eps: 1e-8,
  weightDecay: 0,
  step: 3,
  decoupled: true,
}
const adamStep = ruleSpec<AdamParameters>({
  name: 'adamStep',
  op: 'adamwStep',
  variants: [
    { p: adamBase, states: [SIGNED, SQUARES, null] },
    { p: { ...adamBase, step: 1, weightDecay: 0.05 }, states: [SIGNED, SQUARES, null] },
    { p: { ...adamBase, decoupled: false, weightDecay: 0.05, eps: 1e-3 }, states: [SIGNED, SQUARES, null] },
    { p: { ...adamBase, maximize: true, weightDecay: 0.05 }, states: [SIGNED, SQUARES, SQUARES] },
  ],
  step: (groups, p) =>
    ops.adamStep(
      groups.map((g) => ({ ...updated(g), m: g[2] as Tensor, v: g[3] as Tensor, largest: g[4] as Tensor | null })),
      p,
    ),
  roundings: 12,
})

const adagradBase: AdagradParameters = { lr: 0.1, lrDecay: 0, weightDecay: 0, eps: 1e-3, step: 1 }
const adagradStep = ruleSpec<AdagradParameters>({
  name: 'adagradStep',
  op: 'adagradStep',
  variants: [
    { p: adagradBase, states: [SQUARES] },
    { p: { ...adagradBase, lrDecay: 0.5, step: 3, weightDecay: 0.05, maximize: true }, states: [SQUARES] },
  ],
  step: (groups, p) =>
    ops.adagradStep(
      groups.map((g) => ({ ...updated(g), sum: g[2] as Tensor })),
      p,
    ),
  roundings: 10,
})

const rmspropBase: RmspropParameters = {
  lr: 0.1,
  alpha: 0.9,
  eps: 1e-3,
  weightDecay: 0,
  momentum: 0,
  centered: false,
}
/** Far enough above the squares of a mean gradient. */
const SPREAD: Domain = { low: 12, high: 16 }
const rmspropStep = ruleSpec<RmspropParameters>({
  name: 'rmspropStep',
  op: 'rmspropStep',
  variants: [
    { p: { ...rmspropBase, momentum: 0.9, centered: true, weightDecay: 0.05 }, states: [SPREAD, SIGNED, SIGNED] },
    { p: rmspropBase, states: [SQUARES, null, null] },
    { p: { ...rmspropBase, momentum: 0.9, maximize: true }, states: [SQUARES, SIGNED, null] },
    { p: { ...rmspropBase, centered: true }, states: [SPREAD, null, SIGNED] },
  ],
  step: (groups, p) =>
    ops.rmspropStep(
      groups.map((g) => ({ ...updated(g), squares: g[2] as Tensor, buffer: g[3] ?? null, mean: g[4] ?? null })),
      p,
    ),
  roundings: 16,
})

const lionBase: LionParameters = { lr: 0.1, beta1: 0.75, beta2: 0.9, weightDecay: 0 }
const lionStep = ruleSpec<LionParameters>({
  name: 'lionStep',
  op: 'lionStep',
  variants: [
    { p: lionBase, states: [SIGNED] },
    { p: { ...lionBase, weightDecay: 0.5, maximize: true }, states: [SIGNED] },
  ],
  step: (groups, p) =>
    ops.lionStep(
      groups.map((g) => ({ ...updated(g), m: g[2] as Tensor })),
      p,
    ),
  roundings: 8,
})

const lambBase: LambParameters = { lr: 0.1, beta1: 0.9, beta2: 0.99, eps: 1e-3, weightDecay: 0.1, step: 3 }
const lambStep = ruleSpec<LambParameters>({
  name: 'lambStep',
  op: 'lambStep',
  variants: [
    { p: lambBase, states: [SIGNED, SQUARES] },
    { p: { ...lambBase, step: 1, weightDecay: 0, maximize: true }, states: [SIGNED, SQUARES] },
  ],
  step: (groups, p) =>
    ops.lambStep(
      groups.map((g) => ({ ...updated(g), m: g[2] as Tensor, v: g[3] as Tensor })),
      p,
    ),
  roundings: 24,
  terms: longest,
  composed: true,
})

const lars: LarsParameters = {
  lr: 0.5,
  momentum: 0.9,
  weightDecay: 0.05,
  trustCoefficient: 0.1,
  eps: 1e-3,
  nesterov: false,
}
const larsStep = ruleSpec<LarsParameters>({
  name: 'larsStep',
  op: 'larsStep',
  variants: [
    // The first one also goes through many tensors of one element, in some of which a buffer and its parameter would cancel.
    { p: { ...lars, momentum: 0 }, states: [null] },
    { p: lars, states: [SIGNED] },
    { p: { ...lars, nesterov: true, maximize: true, weightDecay: 0 }, states: [SIGNED] },
  ],
  step: (groups, p) =>
    ops.larsStep(
      groups.map((g) => ({ ...updated(g), buffer: g[2] ?? null })),
      p,
    ),
  roundings: 16,
  terms: longest,
})

const adafactorBase: AdafactorParameters = {
  lr: 0.1,
  beta2Decay: -0.8,
  eps1: 1e-3,
  eps2: 1e-3,
  d: 1,
  weightDecay: 0,
  step: 3,
}
/** Vectors, matrices of one block and of several, and stacks of small and of large ones. */
const FACTORED: readonly (readonly Shape[])[] = [
  [[1]],
  [[], [7], [0], [3, 0]],
  [[3, 5], [65], [2, 3, 4], [1, 1]],
  [[40, 1009], [9]],
  [
    [2, 300, 130],
    [70, 2, 3, 3],
  ],
]
const adafactorStep: OpSpec<AdafactorParameters> = {
  name: 'adafactorStep',
  ops: ['adafactorStep'],
  dtypes: FLOATS,
  *samples(s) {
    const variants = [
      adafactorBase,
      { ...adafactorBase, step: 1, weightDecay: 0.05, maximize: true },
      { ...adafactorBase, lr: 2, d: 1.5 },
    ]
    const group = (shape: Shape): (Input | null)[] => {
      const operands = [written(s.values(shape)), s.values(shape)]
      if (shape.length < 2) return [...operands, null, null, written(s.values(shape, SQUARES))]
      const { rows, columns } = factoredShapes(shape)
      return [...operands, written(s.values(rows, SQUARES)), written(s.values(columns, SQUARES)), null]
    }
    for (const args of variants) for (const shapes of FACTORED) yield { inputs: shapes.flatMap(group), args }
    const large: readonly Shape[] = [[513, 257], [90_001]]
    yield { inputs: large.flatMap(group), args: adafactorBase, large: true }
  },
  call: (inputs, p) => {
    const groups = groupsOf(inputs, 3)
    ops.adafactorStep(
      groups.map((g) => ({ ...updated(g), rows: g[2] ?? null, columns: g[3] ?? null, variance: g[4] ?? null })),
      p,
    )
    return groups.flatMap(([param, , ...state]) => present([param as Tensor, ...state]))
  },
  // The step is made of the moments as they are stored.
  accuracy: { roundings: 24, magnitude: 'norm', terms: longest, composed: true },
  gradient: null,
}

/** The codes themselves, which a rounding may move by one, are tested in optimize.test.ts. */
const adam8bitStep: OpSpec<AdamParameters> = {
  name: 'adam8bitStep',
  ops: ['adam8bitStep'],
  dtypes: ['f32', 'bf16', 'f16'],
  oracle: () => 'f32',
  *samples(s) {
    const group = (shape: Shape): Input[] => {
      const blocks = [Math.ceil(shape.reduce((a, b) => a * b, 1) / ops.CODE_BLOCK)]
      const codes = () => written(s.indices(shape, 0, 256, 'u8'))
      // A second moment of one code at least: what divides by nearly nothing is no test of the rest.
      const squares = written(s.indices(shape, 200, 256, 'u8'))
      const scale = (domain: Domain): Input => ({ ...written(s.values(blocks, domain)), dtype: 'f32' })
      return [written(s.values(shape)), s.values(shape), codes(), squares, scale(SQUARES), scale(SQUARES)]
    }
    const variants = [
      adamBase,
      { ...adamBase, step: 1, weightDecay: 0.05, maximize: true },
      { ...adamBase, decoupled: false, weightDecay: 0.05, eps: 1e-3 },
    ]
    for (const args of variants)
      for (const shapes of [...SETS, [[256], [257], [3, 700]]]) yield { inputs: shapes.flatMap(group), args }
    yield { inputs: LARGE.flatMap(group), args: adamBase, large: true }
  },
  call: (inputs, p) => {
    const groups = groupsOf(inputs, 4) as Tensor[][]
    ops.adam8bitStep(
      groups.map(([param, grad, m, v, mScale, vScale]) => {
        return { param, grad, m, v, mScale, vScale } as ops.Adam8bitGroup
      }),
      p,
    )
    return groups.map(([param]) => param as Tensor)
  },
  accuracy: { roundings: 16, magnitude: 'norm' },
  gradient: null,
}

export const specs: readonly OpSpec[] = [
  sgdStep,
  adamStep,
  adagradStep,
  rmspropStep,
  lionStep,
  lambStep,
  larsStep,
  adafactorStep,
  adam8bitStep,
]
