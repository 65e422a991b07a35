/** Fused steps of NAdam, RAdam, Adamax and Adadelta: lib/ops/optimize.ts. */
import type { AdadeltaParameters, AdamParameters, NAdamParameters, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { OpSpec } from '../opspec/spec.js'
import { ruleSpec, SIGNED, SQUARES, updated } from './optimizerRule.js'

const moments = (g: (Tensor | null)[]) => ({ ...updated(g), m: g[2] as Tensor, v: g[3] as Tensor })

const adam: AdamParameters = {
  lr: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  eps: 1e-3,
  weightDecay: 0.05,
  step: 3,
  decoupled: false,
}
const nadam: NAdamParameters = { ...adam, momentum: 0.45, nextMomentum: 0.46, product: 0.1 }
const nadamStep = ruleSpec<NAdamParameters>({
  name: 'nadamStep',
  op: 'nadamStep',
  variants: [
    { p: nadam, states: [SIGNED, SQUARES] },
    { p: { ...nadam, step: 1, product: 0.45, decoupled: true }, states: [SIGNED, SQUARES] },
    { p: { ...nadam, weightDecay: 0, maximize: true }, states: [SIGNED, SQUARES] },
  ],
  step: (groups, p) => ops.nadamStep(groups.map(moments), p),
  roundings: 20,
})

const radamStep = ruleSpec<AdamParameters>({
  name: 'radamStep',
  op: 'radamStep',
  // Step 3 is before the second moments are divided by, step 20 after.
  variants: [
    { p: { ...adam, step: 20 }, states: [SIGNED, SQUARES] },
    { p: adam, states: [SIGNED, SQUARES] },
    { p: { ...adam, step: 20, decoupled: true, maximize: true }, states: [SIGNED, SQUARES] },
  ],
  step: (groups, p) => ops.radamStep(groups.map(moments), p),
  // Seventeen operations, and five constants rounded to the computing type.
  roundings: 22,
})

const adamaxStep = ruleSpec<AdamParameters>({
  name: 'adamaxStep',
  op: 'adamaxStep',
  variants: [
    { p: adam, states: [SIGNED, SQUARES] },
    { p: { ...adam, step: 1, weightDecay: 0, maximize: true }, states: [SIGNED, SQUARES] },
  ],
  step: (groups, p) =>
    ops.adamaxStep(
      groups.map((g) => ({ ...updated(g), m: g[2] as Tensor, largest: g[3] as Tensor })),
      p,
    ),
  roundings: 12,
})

const adadelta: AdadeltaParameters = { lr: 0.5, rho: 0.9, eps: 1e-3, weightDecay: 0.05 }
const adadeltaStep = ruleSpec<AdadeltaParameters>({
  name: 'adadeltaStep',
  op: 'adadeltaStep',
  variants: [
    { p: adadelta, states: [SQUARES, SQUARES] },
    { p: { ...adadelta, weightDecay: 0, maximize: true }, states: [SQUARES, SQUARES] },
  ],
  step: (groups, p) =>
    ops.adadeltaStep(
      groups.map((g) => ({ ...updated(g), squares: g[2] as Tensor, deltas: g[3] as Tensor })),
      p,
    ),
  roundings: 16,
})

export const specs: readonly OpSpec[] = [nadamStep, radamStep, adamaxStep, adadeltaStep]
