/** Norms over many tensors, and gradients scaled and bounded in place: lib/ops/gradientNorm.ts, lossScale.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { LENGTHS } from '../opspec/sampler.js'
import { FLOATS, type Input, type OpSpec } from '../opspec/spec.js'

const written = (input: Input): Input => ({ ...input, mutated: true })
const count: OpSpec['accuracy']['terms'] = (inputs) => inputs.reduce((n, x) => n + (x?.values.length ?? 0), 0)

const totalNorm: OpSpec<{ normType: number }> = {
  name: 'totalNorm',
  ops: ['tensorsNorm'],
  dtypes: FLOATS,
  result: (d) => (d === 'f64' ? 'f64' : 'f32'),
  *samples(s) {
    for (const normType of [2, 1, Number.POSITIVE_INFINITY, 3]) {
      for (const n of LENGTHS) yield { inputs: [s.values([n])], args: { normType } }
      yield { inputs: [s.values([3, 5]), s.values([17]), s.values([]), s.values([0])], args: { normType } }
      yield { inputs: [s.values([150_011]), s.values([9])], args: { normType }, large: true }
      yield { inputs: [s.specials(), s.values([9])], args: { normType } }
    }
  },
  call: (inputs, args) => ops.totalNorm(inputs, args),
  accuracy: { roundings: 4, terms: count },
  gradient: null,
}

const clipToNorm_: OpSpec<{ most: number }> = {
  name: 'clipToNorm_',
  ops: ['clipToNorm'],
  dtypes: FLOATS,
  *samples(s) {
    for (const most of [1, 100])
      for (const shapes of [[[1]], [[7], [8], [0]], [[3, 5], [1009]]])
        yield { inputs: [s.given([13], []), ...shapes.map((shape) => written(s.values(shape)))], args: { most } }
    yield { inputs: [s.given([13], []), written(s.values([150_011]))], args: { most: 1 }, large: true }
  },
  call: ([norm, ...tensors], { most }) => {
    ops.clipToNorm_(tensors, norm as Tensor, most)
    return tensors
  },
  accuracy: { roundings: 3 },
  gradient: null,
}

const clampEach_: OpSpec = {
  name: 'clampEach_',
  ops: ['clampEach'],
  dtypes: FLOATS,
  *samples(s) {
    for (const n of LENGTHS) yield { inputs: [written(s.values([n])), written(s.values([3, 5]))], args: {} }
    yield { inputs: [written(s.specials())], args: {} }
    yield { inputs: [written(s.values([150_011]))], args: {}, large: true }
  },
  call: (inputs) => {
    ops.clampEach_(inputs, -0.5, 1.25)
    return inputs
  },
  accuracy: { roundings: 0 },
  gradient: null,
}

/** One f32 on the device of the tensors. */
const scalar = (x: number, beside: Tensor): Tensor => ops.full([], x, { device: beside.device })

const unscaleEach_: OpSpec<{ scale: number; found: number }> = {
  name: 'unscaleEach_',
  ops: ['unscaleEach'],
  dtypes: FLOATS,
  *samples(s) {
    for (const found of [0, 1])
      for (const shapes of [[[1]], [[7], [8], [0]], [[3, 5], [1009]]])
        yield { inputs: shapes.map((shape) => written(s.values(shape))), args: { scale: 8, found } }
    for (const n of LENGTHS) yield { inputs: [written(s.values([n]))], args: { scale: 3, found: 0 } }
    yield { inputs: [written(s.specials()), written(s.values([9]))], args: { scale: 4, found: 0 } }
    yield { inputs: [written(s.values([150_011]))], args: { scale: 4, found: 0 }, large: true }
  },
  call: (tensors, args) => {
    const [scale, found] = [scalar(args.scale, tensors[0] as Tensor), scalar(args.found, tensors[0] as Tensor)]
    ops.unscaleEach_(tensors, scale, found)
    return [ops.cast(found, (tensors[0] as Tensor).dtype), ...tensors]
  },
  accuracy: { roundings: 2 },
  gradient: null,
}

interface Scaling extends ops.LossScaleRule {
  scale: number
  tracker: number
}

const updateLossScale_: OpSpec<Scaling> = {
  name: 'updateLossScale_',
  ops: ['updateScale'],
  dtypes: ['f32'],
  oracle: () => 'f32',
  *samples(s) {
    const rule = { growthFactor: 3, backoffFactor: 0.25, growthInterval: 4 }
    for (const scale of [1, 65536, 2e38])
      for (const tracker of [0, 2, 3])
        for (const found of [0, 1, 2]) yield { inputs: [s.given([found], [])], args: { ...rule, scale, tracker } }
  },
  call: ([found], args) => {
    const [scale, tracker] = [scalar(args.scale, found as Tensor), scalar(args.tracker, found as Tensor)]
    ops.updateLossScale_(scale, tracker, found as Tensor, args)
    return [scale, tracker]
  },
  accuracy: { roundings: 1 },
  gradient: null,
}

export const specs: readonly OpSpec[] = [totalNorm, clipToNorm_, clampEach_, unscaleEach_, updateLossScale_]
