/** The optimizers' steps and what clips gradients: lib/ops/optimize.ts, optimizeByTensor.ts, gradientNorm.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { factoredShapes } from '#lib/ops/factoredShapes.js'
import type { Shape } from '#lib/tensor/shape.js'
import { call, type Entry, entry, FLOATS, POSITIVE } from '../draw.js'
import { type Both, type Domain, type Draw, operand, randomShape } from '../tensors.js'

type Group = ops.Updated & Record<string, any>

/** A step of up to three groups: `states` names what a rule keeps, by the domain of its values; `parameters` are drawn. */
function rule<P>(
  name: string,
  states: Readonly<Record<string, Domain | undefined>>,
  step: (groups: any[], p: P) => void,
  parameters: (r: Draw) => P,
): Entry {
  const names = Object.keys(states)
  return entry(
    name,
    (r) => {
      const dtype = r.pick(FLOATS)
      const shapes = r.ints(r.int(1, 3), 0, 1).map(() => randomShape(r, 3, 60))
      const p = parameters(r)
      const one = (shape: Shape): Both[] => [
        operand(r, shape, dtype),
        operand(r, shape, dtype),
        ...names.map((state) => operand(r, shape, dtype, states[state])),
      ]
      return call(shapes.flatMap(one), (...list) => {
        const size = names.length + 2
        const groups = shapes.map((_, i): Group => {
          const [param, grad, ...state] = list.slice(i * size, (i + 1) * size)
          return { param, grad, ...Object.fromEntries(names.map((state_, k) => [state_, state[k]])) } as Group
        })
        step(groups, p)
        return list
      })
    },
    { roundings: 120, power: 2, finite: true, gradient: false },
  )
}

const adam = (r: Draw) => ({
  lr: 0.25,
  beta1: 0.5,
  beta2: 0.75,
  eps: 0.125,
  weightDecay: 0.125,
  step: r.int(1, 5),
  decoupled: r.chance(2),
  maximize: r.chance(2),
})

export const optimizers: readonly Entry[] = [
  rule('sgdStep', { buffer: undefined }, ops.sgdStep, (r) => ({
    lr: 0.25,
    momentum: 0.5,
    dampening: 0,
    weightDecay: 0.125,
    nesterov: r.chance(2),
    step: r.int(1, 3),
    maximize: r.chance(2),
  })),
  rule('adamStep', { m: undefined, v: POSITIVE }, ops.adamStep, adam),
  rule('adamStep', { m: undefined, v: POSITIVE, largest: POSITIVE }, ops.adamStep, adam),
  rule('adagradStep', { sum: POSITIVE }, ops.adagradStep, (r) => ({
    lr: 0.25,
    lrDecay: 0.5,
    weightDecay: 0.125,
    eps: 0.125,
    step: r.int(1, 5),
    maximize: r.chance(2),
  })),
  rule('rmspropStep', { squares: { low: 40, high: 50 }, buffer: undefined, mean: undefined }, ops.rmspropStep, (r) => ({
    lr: 0.25,
    alpha: 0.75,
    eps: 0.125,
    weightDecay: 0.125,
    momentum: r.pick([0, 0.5]),
    centered: r.chance(2),
    maximize: r.chance(2),
  })),
  // Means that the sign of a gradient cannot nearly cancel.
  rule('lionStep', { m: { low: 20, high: 30 } }, ops.lionStep, () => ({
    lr: 0.25,
    beta1: 0.75,
    beta2: 0.5,
    weightDecay: 0.125,
  })),
  rule('nadamStep', { m: undefined, v: POSITIVE }, ops.nadamStep, (r) => ({
    ...adam(r),
    momentum: 0.25,
    nextMomentum: 0.375,
    product: 0.125,
  })),
  // Step 20 is past the steps that do not divide by second moments.
  rule('radamStep', { m: undefined, v: POSITIVE }, ops.radamStep, (r) => ({
    ...adam(r),
    beta2: 0.9,
    step: r.pick([2, 20]),
  })),
  rule('adamaxStep', { m: undefined, largest: POSITIVE }, ops.adamaxStep, adam),
  rule('adadeltaStep', { squares: POSITIVE, deltas: POSITIVE }, ops.adadeltaStep, (r) => ({
    lr: 0.25,
    rho: 0.75,
    eps: 0.125,
    weightDecay: 0.125,
    maximize: r.chance(2),
  })),
  rule('larsStep', { buffer: undefined }, ops.larsStep, (r) => ({
    lr: 0.5,
    momentum: 0.5,
    weightDecay: 0.125,
    trustCoefficient: 0.25,
    eps: 0.125,
    nesterov: r.chance(2),
    maximize: r.chance(2),
  })),
  rule('lambStep', { m: undefined, v: POSITIVE }, ops.lambStep, adam),
  entry(
    'adafactorStep',
    (r) => {
      const dtype = r.pick(FLOATS)
      const shape = randomShape(r, 4, 60)
      const p = {
        lr: 0.25,
        beta2Decay: -0.5,
        eps1: 0.125,
        eps2: 0.125,
        d: 1,
        weightDecay: 0.125,
        step: r.int(1, 5),
        maximize: r.chance(2),
      }
      const like: Shape[] = shape.length < 2 ? [shape] : [factoredShapes(shape).rows, factoredShapes(shape).columns]
      const state = like.map((s) => operand(r, s, dtype, POSITIVE))
      return call([operand(r, shape, dtype), operand(r, shape, dtype), ...state], (...list) => {
        const [param, grad, first, second] = list as [Tensor, Tensor, Tensor, Tensor?]
        const moments = second === undefined ? { variance: first } : { rows: first, columns: second }
        ops.adafactorStep([{ param, grad, ...moments }], p)
        return list
      })
    },
    { roundings: 240, power: 2, finite: true, gradient: false },
  ),
  entry(
    'adam8bitStep',
    (r) => {
      const dtype = r.pick(['f32', 'bf16', 'f16'] as const)
      const shape = randomShape(r, 3, 700)
      const blocks = [Math.ceil(shape.reduce((a, b) => a * b, 1) / ops.CODE_BLOCK)]
      const p = adam(r)
      const inputs = [
        operand(r, shape, dtype),
        operand(r, shape, dtype),
        operand(r, shape, 'u8', { low: 0, high: 255 }),
        operand(r, shape, 'u8', { low: 0, high: 255 }),
        operand(r, blocks, 'f32', POSITIVE),
        operand(r, blocks, 'f32', POSITIVE),
      ]
      return call(inputs, (...list) => {
        const [param, grad, m, v, mScale, vScale] = list as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
        ops.adam8bitStep([{ param, grad, m, v, mScale, vScale }], p)
        // A rounding may move a code by one.
        return param
      })
    },
    { roundings: 120, power: 2, finite: true, gradient: false },
  ),
  entry(
    'totalNorm, clipToNorm_, clampEach_',
    (r) => {
      const dtypes = r.ints(r.int(1, 4), 0, 1).map(() => r.pick(FLOATS))
      const normType = r.pick([1, 2, Number.POSITIVE_INFINITY])
      const most = r.pick([0.5, 1000])
      return call(
        dtypes.map((dtype) => operand(r, randomShape(r, 3, 60), dtype)),
        (...list) => {
          const norm = ops.totalNorm(list, { normType })
          ops.clipToNorm_(list, norm, most)
          ops.clampEach_(list, -0.25, 0.5)
          return [norm, ...list]
        },
      )
    },
    { roundings: 80, power: 2, finite: true, gradient: false },
  ),
  entry(
    'unscaleEach_, updateLossScale_',
    (r) => {
      const dtypes = r.ints(r.int(1, 4), 0, 1).map(() => r.pick(FLOATS))
      const rule = { growthFactor: 2, backoffFactor: 0.5, growthInterval: r.int(1, 3) }
      return call(
        dtypes.map((dtype) => operand(r, randomShape(r, 3, 60), dtype)),
        (...list) => {
          const { device } = list[0] as Tensor
          const scalar = (x: number): Tensor => ops.full([], x, { device })
          const [scale, tracker, found] = [scalar(8), scalar(1), scalar(0)]
          ops.unscaleEach_(list, scale, found)
          ops.updateLossScale_(scale, tracker, found, rule)
          return [scale, tracker, found, ...list]
        },
      )
    },
    { roundings: 4, finite: true, gradient: false },
  ),
  entry(
    'lerpEach_, centralizeEach_',
    (r) => {
      const shape = randomShape(r, 4, 60, 2)
      const dtype = r.pick(FLOATS)
      const weight = r.pick([0.25, 1])
      return call([operand(r, shape, dtype), operand(r, shape, dtype)], (...list) => {
        const [average, value] = list as [Tensor, Tensor]
        ops.lerpEach_([average], [value], weight)
        ops.centralizeEach_([average])
        return average
      })
    },
    { roundings: 80, power: 2, finite: true, gradient: false },
  ),
]
