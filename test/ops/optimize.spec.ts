/** The optimizers' fused steps: lib/ops/optimize.ts. The call gives back what the step wrote. */

import type { AdamParameters, SgdParameters, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Shape } from '#lib/tensor/shape.js'
import type { Sampler } from '../opspec/sampler.js'
import type { Input, OpSpec } from '../opspec/spec.js'

/** Groups of several parameters, among them empty ones and odd lengths. */
const SETS: readonly (readonly Shape[])[] = [[[1]], [[7], [8], [9]], [[3, 5], [0], [33], [65], [2, 3, 4]], [[1009]]]
const LARGE: readonly Shape[] = [[150_011], [17]]

const written = (input: Input): Input => ({ ...input, mutated: true })

const sgdBase: SgdParameters = {
  lr: 0.1,
  momentum: 0,
  dampening: 0,
  weightDecay: 0,
  nesterov: false,
  firstStep: false,
  maximize: false,
}
const SGD: readonly SgdParameters[] = [
  sgdBase,
  { ...sgdBase, weightDecay: 0.05, maximize: true },
  { ...sgdBase, momentum: 0.9, weightDecay: 0.05 },
  { ...sgdBase, momentum: 0.9, dampening: 0.3, firstStep: true },
  { ...sgdBase, momentum: 0.9, nesterov: true },
]

/** Operands p, g and, with momentum, its buffer, group after group. */
const sgdInputs = (s: Sampler, shapes: readonly Shape[], momentum: boolean): (Input | null)[] =>
  shapes.flatMap((shape) => [written(s.values(shape)), s.values(shape), momentum ? written(s.values(shape)) : null])

const sgdStep: OpSpec<SgdParameters> = {
  name: 'sgdStep',
  ops: ['sgdStep'],
  dtypes: ['f32', 'f64'],
  *samples(s) {
    for (const args of SGD) for (const shapes of SETS) yield { inputs: sgdInputs(s, shapes, args.momentum !== 0), args }
    yield { inputs: sgdInputs(s, LARGE, true), args: SGD[2] as SgdParameters, large: true }
  },
  call: (inputs, parameters) => {
    const groups: [Tensor, Tensor, Tensor | null][] = []
    for (let i = 0; i < inputs.length; i += 3)
      groups.push([inputs[i] as Tensor, inputs[i + 1] as Tensor, inputs[i + 2] ?? null])
    ops.sgdStep(groups, parameters)
    return groups.flatMap(([p, , m]) => (m ? [p, m] : [p]))
  },
  accuracy: { roundings: 8, magnitude: 'norm' },
  gradient: null,
}

const adamBase: AdamParameters = {
  lr: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  eps: 1e-8,
  weightDecay: 0,
  step: 3,
  decoupled: true,
}
const ADAM: readonly AdamParameters[] = [
  adamBase,
  { ...adamBase, step: 1, weightDecay: 0.05 },
  { ...adamBase, decoupled: false, weightDecay: 0.05, eps: 1e-3 },
]

const adamInputs = (s: Sampler, shapes: readonly Shape[]): Input[] =>
  shapes.flatMap((shape) => [
    written(s.values(shape)),
    s.values(shape),
    written(s.values(shape)),
    written(s.values(shape, { low: 0.1, high: 4 })),
  ])

const adamStep: OpSpec<AdamParameters> = {
  name: 'adamStep',
  ops: ['adamwStep'],
  dtypes: ['f32', 'f64'],
  *samples(s) {
    for (const args of ADAM) for (const shapes of SETS) yield { inputs: adamInputs(s, shapes), args }
    // More groups than one command takes.
    yield {
      inputs: adamInputs(
        s,
        Array.from({ length: 300 }, (_, i) => [1 + (i % 3)]),
      ),
      args: adamBase,
    }
    yield { inputs: adamInputs(s, LARGE), args: adamBase, large: true }
  },
  call: (inputs, parameters) => {
    const groups: [Tensor, Tensor, Tensor, Tensor][] = []
    for (let i = 0; i < inputs.length; i += 4) groups.push(inputs.slice(i, i + 4) as [Tensor, Tensor, Tensor, Tensor])
    ops.adamStep(groups, parameters)
    return groups.flatMap(([p, , m, v]) => [p, m, v])
  },
  accuracy: { roundings: 12, magnitude: 'norm' },
  gradient: null,
}

export const specs: readonly OpSpec[] = [sgdStep, adamStep]
