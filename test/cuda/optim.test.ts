/**
 * Steps of every optimizer on CUDA against the CPU's: each dtype of parameters, f32 copies of halves, stochastic rounding, sizes that packs
 * and blocks divide and that they do not, gradients of zeros; what is done to gradients before a step, and averages after it. Place in the
 * whole: test/ops holds the rules to their definition on tensors of a few elements; here are the kernels' other paths.
 */
import { describe, expect, test } from 'vitest'
import { manualSeed, type Tensor } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import {
  Adadelta,
  Adafactor,
  Adagrad,
  Adam,
  Adam8bit,
  Adamax,
  AdamW,
  centralizeGrad,
  clipGradNorm,
  clipGradValue,
  ExponentialMovingAverage,
  Lamb,
  Lars,
  Lion,
  NAdam,
  RAdam,
  RMSprop,
  SGD,
} from '#lib/optim/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { device, drawn, same } from './same.js'
import { betas, type Group, VARIANTS } from './step-variants.js'

interface Steps {
  step(): void
  zeroGrad(): void
}

const OPTIMIZERS: Record<string, (params: Tensor[], group: Group) => Steps> = {
  SGD: (p, g) => new SGD(p, { lr: 0.1, ...g }),
  'SGD with momentum': (p, g) => new SGD(p, { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01, ...g }),
  Adam: (p, g) => new Adam(p, { lr: 0.01, betas, weightDecay: 0.01, ...g }),
  'AdamW, the largest second moments': (p, g) => new AdamW(p, { lr: 0.01, betas, amsgrad: true, ...g }),
  NAdam: (p, g) => new NAdam(p, { lr: 0.01, betas, ...g }),
  RAdam: (p, g) => new RAdam(p, { lr: 0.01, betas, ...g }),
  Adamax: (p, g) => new Adamax(p, { lr: 0.01, betas, ...g }),
  Adagrad: (p, g) => new Adagrad(p, { lr: 0.1, lrDecay: 0.1, ...g }),
  Adadelta: (p, g) => new Adadelta(p, { lr: 1, ...g }),
  RMSprop: (p, g) => new RMSprop(p, { lr: 0.01, ...g }),
  'RMSprop, centred, with momentum': (p, g) => new RMSprop(p, { lr: 0.01, centered: true, momentum: 0.9, ...g }),
  Lion: (p, g) => new Lion(p, { lr: 0.01, weightDecay: 0.1, ...g }),
  Lamb: (p, g) => new Lamb(p, { lr: 0.01, betas, weightDecay: 0.1, ...g }),
  Lars: (p, g) => new Lars(p, { lr: 0.1, momentum: 0.9, ...g }),
  Adafactor: (p, g) => new Adafactor(p, { lr: 0.01, ...g }),
  Adam8bit: (p, g) => new Adam8bit(p, { lr: 0.01, ...g }),
}

/** Vectors and matrices; the third is more than a block's piece, the last has neither a row nor an element at a multiple of 16 bytes. */
const SHAPES = [[1], [64, 32], [9, 467], [7], [13, 5], [3, 2, 11]] as const

function parameters(dtype: DType, at: string): Tensor[] {
  return SHAPES.map((shape, i) => drawn(`p${i}`, shape, dtype, at, (r) => r.uniform(-1, 1)).requiresGrad_())
}
/** Some elements are zero in every step: rules that divide, and those that look at signs, meet them. */
function giveGradients(params: readonly Tensor[], step: number): void {
  for (const [i, p] of params.entries()) {
    p.grad?.dispose()
    p.grad = drawn(`g${i} ${step}`, p.shape, p.dtype, p.device, (r) => (r.uniform(0, 1) < 0.2 ? 0 : r.uniform(-2, 2)))
  }
}

describe.skipIf(device === undefined)('steps on CUDA', () => {
  for (const [name, make] of Object.entries(OPTIMIZERS))
    test.each(VARIANTS)(`${name}, %s %o`, (dtype, group) => {
      same(
        name,
        (at) => {
          manualSeed(11)
          const params = parameters(dtype, at)
          const optimizer = make(params, group)
          for (let step = 0; step < 3; step++) {
            giveGradients(params, step)
            optimizer.step()
          }
          optimizer.zeroGrad()
          return params.map((p) => p.detach())
        },
        // Roots, divisions and norms may be rounded otherwise; a half's state is rounded at every step, and then once more.
        dtype === 'f32' || dtype === 'f64' ? 16 : 2,
      )
    })
})

describe.skipIf(device === undefined).each(['f32', 'f64', 'bf16', 'f16'] as const)('gradients on CUDA, %s', (dtype) => {
  const after = (what: string, change: (params: Tensor[]) => void, roundings: number) =>
    test(what, () =>
      same(
        what,
        (at) => {
          const params = parameters(dtype, at)
          giveGradients(params, 0)
          change(params)
          const grads = params.map((p) => (p.grad as Tensor).clone())
          for (const p of params) {
            p.grad?.dispose()
            p.grad = null
          }
          return grads
        },
        roundings,
      ),
    )
  after('without their means', (params) => centralizeGrad(params), 4)
  after('clipped to a norm', (params) => clipGradNorm(params, 1).dispose(), 4)
  after(
    'clipped to the largest',
    (params) => clipGradNorm(params, 1, { normType: Number.POSITIVE_INFINITY }).dispose(),
    4,
  )
  after('clipped to a sum of magnitudes', (params) => clipGradNorm(params, 1, { normType: 1 }).dispose(), 4)
  after('clipped to the third power', (params) => clipGradNorm(params, 1, { normType: 3 }).dispose(), 4)
  after('clipped one by one', (params) => clipGradValue(params, 0.7), 0)
})

describe.skipIf(device === undefined)('averages on CUDA', () => {
  test.each(['f32', 'f64', 'bf16', 'f16'] as const)('of weights in %s', (dtype) => {
    same(
      'average',
      (at) => {
        manualSeed(4)
        const model = new nn.Sequential(new nn.Linear(67, 65), new nn.Linear(5, 3))
        model.to(dtype)
        model.to(at)
        const average = new ExponentialMovingAverage(model, { decay: 0.75 })
        for (let step = 0; step < 2; step++) {
          for (const [i, p] of [...model.parameters()].entries())
            p.detach().copy_(drawn(`w${i} ${step}`, p.shape, dtype, at, (r) => r.uniform(-1, 1)))
          average.update()
        }
        const values = [...average.stateDict().averages.values()].map((t) => t.clone())
        expect(values.length).toBeGreaterThan(0)
        return values
      },
      2,
    )
  })
})
