// What regularisation claims to do, done: each on a problem small enough to know the answer of.
import { describe, expect, it } from 'vitest'
import {
  concat,
  crossEntropy,
  full,
  gradcheck,
  klDiv,
  logSoftmax,
  manualSeed,
  matmul,
  mseLoss,
  randn,
  scope,
  softmax,
  type Tensor,
  tensor,
} from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { SGD } from '#lib/optim/index.js'
import {
  decoupledDecay,
  maxNorm,
  penalty,
  proximalGroups,
  proximalL1,
  rDrop,
  withWeightNoise,
} from '#lib/regularize/index.js'

const numbers = (t: Tensor): number[] => Array.from(t.dataSync() as ArrayLike<number>)

/** y = 2 x0 - 3 x1 and noise; six further features say nothing. */
function regression(): { x: Tensor; y: Tensor; layer: nn.Linear } {
  manualSeed(4)
  const x = randn([256, 8])
  const truth = tensor([2, -3, 0, 0, 0, 0, 0, 0], { shape: [8, 1] })
  return { x, y: matmul(x, truth).add(randn([256, 1]).mul(0.1)), layer: new nn.Linear(8, 1, { bias: false }) }
}
function descend(layer: nn.Linear, loss: () => Tensor, after: () => void = () => {}, steps = 300): number[] {
  const optimizer = new SGD(layer.parameters(), { lr: 0.05 })
  for (let i = 0; i < steps; i++)
    scope(() => {
      optimizer.zeroGrad()
      loss().backward()
      optimizer.step()
      after()
    })
  optimizer.zeroGrad()
  const weights = numbers(layer.weight)
  layer.dispose()
  return weights
}

/** A test whose tensors are freed at its end. */
const alone = (test: () => void) => (): void => scope(test)

describe('mistyped options', () => {
  const of: Tensor[] = []
  it.each([
    ['maxNorm', () => maxNorm(of, 1, { axes: 0 } as object), 'axis'],
    ['decoupledDecay', () => decoupledDecay(of, { lr: 1, weightDecai: 0 } as never), 'weightDecay'],
    ['proximalL1', () => proximalL1(of, { lr: 1, lamda: 0 } as never), 'lambda'],
    ['proximalGroups', () => proximalGroups(of, { lr: 1, lamda: 0 } as never), 'lambda'],
    ['rDrop', () => scope(() => rDrop(randn([1, 2]), randn([1, 2]), tensor([0]), { alpa: 1 } as object)), 'alpha'],
  ])('%s says what was meant', (name, run, meant) => {
    expect(run).toThrow(new RegExp(`^${name}: no such option: .* did you mean "${meant}"`))
  })
})

describe('L1', () => {
  it(
    'by the proximal step makes exact zeros of what says nothing, and shrinks the rest by lambda / 2',
    alone(() => {
      const { x, y, layer } = regression()
      const lambda = 0.2
      const w = descend(
        layer,
        () => mseLoss(layer.call(x), y),
        () => proximalL1(layer, { lr: 0.05, lambda }),
      )
      expect(w.slice(2)).toEqual([0, 0, 0, 0, 0, 0])
      // The loss is near |w - w0|^2 for standard normal features, whose minimum with lambda |w| is w0 - sign(w0) lambda / 2.
      expect(Math.abs((w[0] as number) - 1.9)).toBeLessThan(0.05)
      expect(Math.abs((w[1] as number) + 2.9)).toBeLessThan(0.05)
    }),
  )

  it(
    'by its gradient comes near zero and never stays there',
    alone(() => {
      const { x, y, layer } = regression()
      const w = descend(layer, () => mseLoss(layer.call(x), y).add(penalty(layer, { l1: 0.2 })))
      expect(w.slice(2).every((v) => v !== 0 && Math.abs(v) < 0.03)).toBe(true)
      expect(Math.abs((w[0] as number) - 1.9)).toBeLessThan(0.05)
    }),
  )

  it(
    'of groups makes whole rows zero, and leaves a threshold of 0 alone',
    alone(() => {
      const layer = new nn.Linear(2, 3, { bias: false })
      layer.loadStateDict(new Map([['weight', tensor([3, 4, 0.3, 0.4, 0, 0], { shape: [3, 2] })]]))
      proximalGroups(layer, { lr: 0, lambda: 1 })
      expect(numbers(layer.weight)).toEqual(numbers(tensor([3, 4, 0.3, 0.4, 0, 0])))
      proximalGroups(layer, { lr: 0.5, lambda: 2 })
      const w = numbers(layer.weight)
      expect(w.slice(2)).toEqual([0, 0, 0, 0])
      expect(w[0]).toBeCloseTo(3 * 0.8, 6)
      expect(w[1]).toBeCloseTo(4 * 0.8, 6)
      proximalGroups(layer, { lr: 0.5, lambda: 2, axis: 1 })
      expect(numbers(layer.weight)[0]).toBeCloseTo(2.4 - 1, 6)
      expect(() => proximalGroups(layer, { lr: 1, lambda: 1, axis: 2 })).toThrow(
        'axis 2 of a parameter (3, 2), expected 0 to 1',
      )
    }),
  )
})

describe('L2', () => {
  it(
    'as a penalty is what weightDecay of SGD does',
    alone(() => {
      const weights = [false, true].map((asPenalty) => {
        const { x, y, layer } = regression()
        const optimizer = new SGD(layer.parameters(), { lr: 0.05, weightDecay: asPenalty ? 0 : 0.3 })
        for (let i = 0; i < 20; i++)
          scope(() => {
            optimizer.zeroGrad()
            const loss = mseLoss(layer.call(x), y)
            ;(asPenalty ? loss.add(penalty(layer, { l2: 0.3 })) : loss).backward()
            optimizer.step()
          })
        return numbers(layer.weight)
      }) as [number[], number[]]
      // Twenty steps of a few f32 roundings, of weights up to 3.
      for (const [i, w] of weights[0].entries())
        expect(Math.abs(w - (weights[1][i] as number))).toBeLessThan(3 * 60 * 2 ** -24)
    }),
  )

  it(
    'is in both penalties the formula, and its gradient the derivative',
    alone(() => {
      const w = tensor([1, -2, 3, 0.5], { shape: [2, 2], dtype: 'f64' })
      expect(penalty([w], { l1: 0.1, l2: 0.2 }).itemSync()).toBeCloseTo(0.1 * 6.5 + 0.1 * 14.25, 12)
      expect(penalty([w], {}).itemSync()).toBe(0)
      expect(gradcheck((p: Tensor) => penalty([p], { l1: 0.1, l2: 0.2 }), [w.requiresGrad_()])).toBe(true)
    }),
  )

  it(
    'apart from the gradient shrinks by 1 - lr weightDecay',
    alone(() => {
      const layer = new nn.Linear(3, 2)
      const [before, bias] = [numbers(layer.weight), numbers(layer.bias as Tensor)]
      decoupledDecay(layer, { lr: 0.1, weightDecay: 0.5 })
      for (const [i, w] of numbers(layer.weight).entries()) expect(w).toBeCloseTo((before[i] as number) * 0.95, 6)
      expect(numbers(layer.bias as Tensor)).toEqual(bias)
    }),
  )
})

describe('max-norm', () => {
  it(
    'bounds each row and leaves short ones as they are',
    alone(() => {
      const layer = new nn.Linear(2, 2, { bias: false })
      layer.loadStateDict(new Map([['weight', tensor([3, 4, 0.3, 0.4], { shape: [2, 2] })]]))
      maxNorm(layer, 1)
      const w = numbers(layer.weight)
      expect(Math.hypot(w[0] as number, w[1] as number)).toBeLessThanOrEqual(1 + 1e-6)
      expect(Math.hypot(w[0] as number, w[1] as number)).toBeGreaterThan(1 - 1e-5)
      expect(w.slice(2)).toEqual(numbers(tensor([0.3, 0.4])))
      expect(() => maxNorm(layer, 0)).toThrow('the norm is 0')
      expect(() => maxNorm([tensor([1])], 1)).toThrow('axis 0 of a parameter (1)')
    }),
  )
})

describe('noise on weights', () => {
  it(
    'is there inside, has its deviation, and leaves the very weights',
    alone(() => {
      manualSeed(1)
      const layer = new nn.Linear(200, 100, { bias: false })
      const before = numbers(layer.weight)
      for (const kind of ['additive', 'multiplicative'] as const) {
        const inside = withWeightNoise(layer, { std: 0.1, kind }, () => numbers(layer.weight))
        const noise = inside.map((w, i) =>
          kind === 'additive' ? w - (before[i] as number) : w / (before[i] as number) - 1,
        )
        const deviation = Math.sqrt(noise.reduce((sum, v) => sum + v * v, 0) / noise.length)
        // Of 20,000 normals: within four standard errors, 0.1 / sqrt(40,000) each.
        expect(Math.abs(deviation - 0.1)).toBeLessThan(4 * 0.0005)
        expect(numbers(layer.weight)).toEqual(before)
      }
    }),
  )

  it(
    'gives gradients of the noisy weights, and puts weights back where the function throws',
    alone(() => {
      const layer = new nn.Linear(3, 1, { bias: false })
      const before = numbers(layer.weight)
      const inside = withWeightNoise(layer, { std: 1 }, () => {
        layer.weight.mul(layer.weight).sum().backward()
        return numbers(layer.weight)
      })
      for (const [i, g] of numbers(layer.weight.grad as Tensor).entries())
        expect(g).toBeCloseTo(2 * (inside[i] as number), 5)
      expect(() =>
        withWeightNoise(layer, { std: 1 }, () => {
          throw new Error('mine')
        }),
      ).toThrow('mine')
      expect(() => withWeightNoise(layer, { std: 1 }, async () => {})).toThrow('returned a promise')
      expect(() => withWeightNoise(layer, { std: -1 }, () => {})).toThrow('std is -1')
      expect(() => withWeightNoise(layer, { std: 1, kin: 'additive' } as never, () => {})).toThrow(
        'did you mean "kind"',
      )
      expect(numbers(layer.weight)).toEqual(before)
    }),
  )
})

describe('R-Drop', () => {
  const logits = (): [Tensor, Tensor] => {
    manualSeed(2)
    return [randn([5, 4], { dtype: 'f64' }), randn([5, 4], { dtype: 'f64' })]
  }
  const labels = (): Tensor => tensor([0, 3, 1, 1, 2], { dtype: 'i64' })

  it(
    'is both cross entropies and the divergences both ways',
    alone(() => {
      const [a, b] = logits()
      const targets = labels()
      const kl = (p: Tensor, q: Tensor): number =>
        klDiv(logSoftmax(q, 1), softmax(p, 1), { reduction: 'batchmean' }).itemSync() as number
      const losses = (crossEntropy(a, targets).itemSync() as number) + (crossEntropy(b, targets).itemSync() as number)
      expect(rDrop(a, b, targets, { alpha: 3 }).itemSync()).toBeCloseTo(losses + 1.5 * (kl(a, b) + kl(b, a)), 10)
      expect(rDrop(a, a, targets, { alpha: 3 }).itemSync()).toBeCloseTo(
        2 * (crossEntropy(a, targets).itemSync() as number),
        10,
      )
      expect(gradcheck((p: Tensor, q: Tensor) => rDrop(p, q, targets), [a.requiresGrad_(), b.requiresGrad_()])).toBe(
        true,
      )
      expect(() => rDrop(a, tensor([1]), targets)).toThrow('got (5, 4) and (1)')
    }),
  )

  it(
    'leaves out classes that both passes mask',
    alone(() => {
      const [a, b] = logits()
      const targets = labels()
      const expected = rDrop(a, b, targets).itemSync() as number
      const masked = (t: Tensor): Tensor => concat([t, full([5, 1], Number.NEGATIVE_INFINITY, { dtype: 'f64' })], 1)
      const logitsOfA = masked(a).requiresGrad_()
      const loss = rDrop(logitsOfA, masked(b), targets)
      expect(loss.itemSync()).toBeCloseTo(expected, 12)
      loss.backward()
      expect((logitsOfA.grad as Tensor).isfinite().all().itemSync()).toBeTruthy()
    }),
  )

  it(
    'brings two dropped-out passes together',
    alone(() => {
      const distance = (alpha: number): number => {
        manualSeed(6)
        const model = new nn.Sequential(new nn.Linear(6, 32), new nn.ReLU(), new nn.Dropout(0.5), new nn.Linear(32, 3))
        const optimizer = new SGD(model.parameters(), { lr: 0.2 })
        const x = randn([64, 6])
        const y = tensor(
          Array.from({ length: 64 }, (_, i) => i % 3),
          { dtype: 'i64' },
        )
        for (let i = 0; i < 150; i++)
          scope(() => {
            optimizer.zeroGrad()
            rDrop(model.call(x), model.call(x), y, { alpha }).backward()
            optimizer.step()
          })
        const [p, q] = [softmax(model.call(x), 1), softmax(model.call(x), 1)]
        return p.sub(q).abs().mean().itemSync() as number
      }
      expect(distance(4)).toBeLessThan(0.6 * distance(0))
    }),
  )
})

describe('label smoothing', () => {
  it(
    'is the cross entropy with the smoothed distribution',
    alone(() => {
      manualSeed(3)
      const x = randn([4, 5], { dtype: 'f64' })
      const hard = tensor([1, 0, 4, 2], { dtype: 'i64' })
      const soft = Array.from({ length: 20 }, (_, i) => 0.1 / 5 + (i % 5 === [1, 0, 4, 2][Math.floor(i / 5)] ? 0.9 : 0))
      const smoothed = crossEntropy(x, hard, { labelSmoothing: 0.1 }).itemSync() as number
      expect(smoothed).toBeCloseTo(
        crossEntropy(x, tensor(soft, { shape: [4, 5], dtype: 'f64' })).itemSync() as number,
        12,
      )
    }),
  )
})

it('a model without weights, and what is no parameter, are errors', () => {
  expect(() => penalty(new nn.ReLU(), { l1: 1 })).toThrow('no trainable parameter of two dimensions')
  expect(() => penalty([], { l1: 1 })).toThrow('no parameters')
  expect(() => penalty([tensor([1], { dtype: 'i32' })], { l1: 1 })).toThrow(
    'takes floating-point parameters, got i32 (1)',
  )
  expect(() => penalty([tensor([1])], { l1: -1 })).toThrow('l1 is -1')
})
