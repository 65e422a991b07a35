/**
 * Steps on CUDA of few elements: counts that the device alone knows, at the ends of their ranges (cuda/kernels/optim/late.cu), and factored
 * moments of gradients in halves. Place in the whole: optim.full.test.ts has all rules and sizes; this file is among those that run a second
 * time with far places (../far-places.full.test.ts).
 */
import { describe, expect, test } from 'vitest'
import { adafactorStep, full, scope, type Tensor, zeros } from '#lib/index.js'
import { writesUnless } from '#lib/ops/conditional.js'
import { factoredShapes } from '#lib/ops/factoredShapes.js'
import { Adam, Adamax, type Optimizer, RAdam } from '#lib/optim/index.js'
import { numbers } from '../../helpers/compare.js'
import { device, drawn, same } from '../same.js'

const ADAFACTOR = { lr: 0.5, beta2Decay: -0.8, eps1: 1e-3, eps2: 1e-3, d: 1, weightDecay: 0.01 }
const some = (seed: string, shape: readonly number[], at: string): Tensor =>
  drawn(seed, shape, 'f32', at, (r) => r.uniform(-2, 2))
const squares = (seed: string, shape: readonly number[], at: string): Tensor =>
  drawn(seed, shape, 'f32', at, (r) => r.uniform(0.1, 4))

describe.skipIf(device === undefined)('steps that the device counts', () => {
  const options = { lr: 0.1, betas: [0, 0.9] } as const
  const RULES: Record<string, (params: Tensor[]) => Optimizer<never>> = {
    Adam: (p) => new Adam(p, options) as never,
    RAdam: (p) => new RAdam(p, options) as never,
    Adamax: (p) => new Adamax(p, options) as never,
  }
  test.each(Object.entries(RULES))('%s, whose first moment keeps nothing', (name, make) => {
    same(
      name,
      (at) => {
        const param = some('p', [5], at).requiresGrad_()
        const optimizer = make([param])
        // RAdam's rate is rectified from the sixth step on.
        for (const [step, left] of [0, 1, 0, 0, 0, 0, 0].entries()) {
          param.grad?.dispose()
          param.grad = some(`g${step}`, [5], at)
          optimizer.stepUnless(full([], left, { device: at }))
        }
        optimizer.zeroGrad()
        return param.detach()
      },
      16,
    )
  })

  test('Adafactor, whose weight of the newest squares is one, small, next to nothing, and nothing', () => {
    for (const beta2Decay of [0, -0.8, -650, -1000])
      same(
        `to the power of ${beta2Decay}`,
        (at) => {
          const [param, grad, variance] = [some('p', [5], at), some('g', [5], at), squares('v', [5], at)]
          // The third, as the device knows.
          const step = { attempts: 5, skipped: full([], 2, { device: at }) }
          adafactorStep([{ param, grad, variance }], { ...ADAFACTOR, beta2Decay, step })
          return [param, variance]
        },
        16,
      )
  })

  test('Adafactor: none yet, as the first is left out', () =>
    scope(() => {
      const at = device as string
      const [param, grad, variance] = [some('p', [5], at), some('g', [5], at), squares('v', [5], at)]
      const before = [param, variance].map((t) => [...numbers(t)])
      const step = { attempts: 1, skipped: full([], 1, { device: at }) }
      writesUnless(full([], 1, { device: at }), () =>
        adafactorStep([{ param, grad, variance }], { ...ADAFACTOR, step }),
      )
      expect([param, variance].map((t) => [...numbers(t)])).toEqual(before)
    }))
})

describe.skipIf(device === undefined).each(['bf16', 'f16'] as const)('Adafactor, gradients in %s', (dtype) => {
  // Matrices of several columns and rows a block, and a stack of them.
  test.each([[[70, 3]], [[2, 5, 300]], [[4], [3, 2], [2, 3, 2]]])('of parameters %j in f32', (...shapes) => {
    same(
      `${dtype} ${JSON.stringify(shapes)}`,
      (at) => {
        const groups = shapes.map((shape, i) => {
          const [param, grad] = [some(`p${i}`, shape, at), some(`g${i}`, shape, at).to(dtype)]
          const low = zeros(shape, { dtype, device: at })
          if (shape.length < 2) return { param, grad, low, variance: squares(`v${i}`, shape, at) }
          const { rows, columns } = factoredShapes(shape)
          return { param, grad, low, rows: squares(`r${i}`, rows, at), columns: squares(`c${i}`, columns, at) }
        })
        adafactorStep(groups, { ...ADAFACTOR, step: 3 })
        for (const { param, low } of groups) expect(numbers(low)).toEqual(numbers(param.to(dtype)))
        return groups.map(({ param }) => param)
      },
      16,
    )
  })
})
