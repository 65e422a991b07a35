/**
 * Writes that the device leaves out, and counts of steps that it alone knows: what happens under a flag is what happens without one, and
 * nothing is read back meanwhile. Place in the whole: test/optim/grad-scaler.test.ts holds steps under loss scaling to their definition;
 * here are the kernels that look at the flag, and the copies that others get.
 */
import { describe, expect, test } from 'vitest'
import { engine, full, noGrad, scope, type Tensor, tensor } from '#lib/index.js'
import { loadNative } from '#lib/native/load.js'
import { writesUnless } from '#lib/ops/conditional.js'
import {
  Adadelta,
  Adafactor,
  Adagrad,
  Adam,
  Adam8bit,
  Adamax,
  AdamW,
  Lamb,
  Lars,
  Lion,
  Muon,
  type Optimizer,
  RAdam,
  RMSprop,
  SGD,
} from '#lib/optim/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { numbers } from '../helpers/compare.js'
import { device, drawn, same } from './same.js'

/** How often something waited for the device to say a number. */
const reads = () => loadNative().cudaReads?.() as number

const betas = [0.9, 0.95] as const
const RULES: Record<string, (params: Tensor[]) => Optimizer<never>> = {
  SGD: (p) => new SGD(p, { lr: 0.1, momentum: 0.9, dampening: 0.5 }) as never,
  Adam: (p) => new Adam(p, { lr: 0.01, betas, weightDecay: 0.01, amsgrad: true }) as never,
  AdamW: (p) => new AdamW(p, { lr: 0.01, betas }) as never,
  RAdam: (p) => new RAdam(p, { lr: 0.02, betas }) as never,
  Adamax: (p) => new Adamax(p, { lr: 0.01, betas }) as never,
  Adagrad: (p) => new Adagrad(p, { lr: 0.1, lrDecay: 0.1 }) as never,
  Adadelta: (p) => new Adadelta(p, { lr: 1 }) as never,
  RMSprop: (p) => new RMSprop(p, { lr: 0.01, centered: true, momentum: 0.9 }) as never,
  Lion: (p) => new Lion(p, { lr: 0.01, weightDecay: 0.1 }) as never,
  Lamb: (p) => new Lamb(p, { lr: 0.01, betas, weightDecay: 0.1 }) as never,
  Lars: (p) => new Lars(p, { lr: 0.1, momentum: 0.9 }) as never,
  Adafactor: (p) => new Adafactor(p, { lr: 0.5 }) as never,
  Adam8bit: (p) => new Adam8bit(p, { lr: 0.01, min8bitSize: 1 }) as never,
  Muon: (p) => new Muon(p, { lr: 0.01 }) as never,
}
const SHAPES = [
  [33, 7],
  [64, 32],
] as const
/** Attempts that are left out: the first, some in a row, one by itself. */
const LEFT_OUT = [true, false, true, true, false, false, true, false]

/** Parameters after all attempts, of which the bad ones have gradients that are not finite; or after the good ones alone. */
function after(make: (params: Tensor[]) => Optimizer<never>, dtype: DType, at: string, late: boolean): Tensor[] {
  const params = SHAPES.map((shape, i) =>
    drawn(`p${i}`, shape, dtype, at, (r) => r.uniform(-1, 1)).requiresGrad_(),
  ) as Tensor[]
  const optimizer = make(params)
  for (const [attempt, bad] of LEFT_OUT.entries()) {
    if (bad && !late) continue
    for (const [i, p] of params.entries()) {
      p.grad?.dispose()
      p.grad = drawn(`g${i} ${attempt}`, p.shape, dtype, at, (r) => (bad ? Number.NaN : r.uniform(-2, 2)))
    }
    const flag = full([], bad ? 1 : 0, { device: at })
    const before = at === 'cpu' ? 0 : reads()
    if (late) optimizer.stepUnless(flag)
    else optimizer.step()
    if (at !== 'cpu') {
      engine.syncSync()
      expect(reads(), 'numbers that the host waited for').toBe(before)
    }
  }
  optimizer.zeroGrad()
  const state = Object.values((optimizer.stateDict() as { state: Record<string, { step?: number }> }).state)
  for (const { step } of state) if (step !== undefined) expect(step).toBe(LEFT_OUT.filter((bad) => !bad).length)
  return params.map((p) => p.detach())
}

describe.skipIf(device === undefined)('steps that the device leaves out', () => {
  for (const [name, make] of Object.entries(RULES))
    test.each(name === 'Adam8bit' ? ['f32', 'bf16'] : ['f32', 'f64', 'bf16', 'f16'])(`${name}, %s`, (dtype) => {
      const roundings = dtype === 'f32' || dtype === 'f64' ? 64 : 4
      same(
        `${name}: against the CPU`,
        (at) => after(make, dtype as DType, at, true),
        name === 'Muon' ? 2 ** 10 : roundings,
      )
      same(
        `${name}: against steps that were never asked for`,
        (at) => after(make, dtype as DType, device as string, at !== 'cpu').map((t) => t.to(at)),
        roundings,
      )
    })
})

/** In-place writes of every kind: kernels that know the flag, those that get copies, and views of both. */
const WRITES: Record<string, (x: Tensor, y: Tensor) => void> = {
  'a copy': (x, y) => x.copy_(y),
  'a copy of another dtype': (x, y) => x.copy_(y.to('bf16')),
  'a copy that is broadcast': (x, y) => x.copy_(y.select(0, 1)),
  'a copy into a view': (x, y) => x.slice(1, 1, 6, 2).copy_(y.slice(1, 0, 5, 2)),
  'a copy into a transposed view': (x, y) => x.transpose(0, 1).copy_(y.transpose(0, 1)),
  'a filling': (x) => x.fill_(3),
  'a sum': (x, y) => x.add_(y),
  'a sum with itself': (x) => x.add_(x),
  'a product into a view': (x, y) => x.slice(1, 1, 6, 2).mul_(y.slice(1, 0, 5, 2)),
  'an index': (x, y) => x.indexAdd_(0, tensor([2, 0], { dtype: 'i64', device: x.device }), y.slice(0, 0, 2)),
  'several, each of the one before': (x, y) => {
    x.mul_(y)
    x.copy_(x.add(1))
    x.add_(y)
  },
}

describe.skipIf(device === undefined)('writes under a flag on the device', () => {
  for (const [name, write] of Object.entries(WRITES))
    test.each(['f32', 'i64', 'f16'] as const)(`${name}, %s`, (dtype) => {
      for (const flag of [0, 1, Number.NaN])
        same(`${name} unless ${flag}`, (at) =>
          noGrad(() => {
            const x = drawn('x', [5, 7], dtype, at, (r) => r.uniform(-9, 9))
            const y = drawn('y', [5, 7], dtype, at, (r) => r.uniform(-9, 9))
            const unless = full([1], flag, { device: at })
            if (at === 'cpu') {
              if (flag === 0) write(x, y)
              return x
            }
            const before = reads()
            writesUnless(unless, () => write(x, y))
            engine.syncSync()
            expect(reads()).toBe(before)
            return x
          }),
        )
    })

  test('whose flag is written, or gone, before the last of them', () =>
    scope(() => {
      const at = device as string
      const [x, y] = [full([4], 1, { device: at }), full([4], 1, { device: at })]
      const flag = full([], 1, { device: at })
      writesUnless(flag, () => {
        flag.fill_(0)
        x.fill_(2)
      })
      const other = full([], 0, { device: at })
      writesUnless(other, () => {
        other.dispose()
        for (let i = 0; i < 4; i++) full([], 1, { device: at })
        y.fill_(2)
      })
      expect([...numbers(x), ...numbers(y)]).toEqual([1, 1, 1, 1, 2, 2, 2, 2])
      expect([...numbers(flag)]).toEqual([1])
    }))

  test('of what failed reach what they write only where they happen', async () => {
    const at = device as string
    const [x, y] = [full([4], 1, { device: at }), full([4], 1, { device: at })]
    const wrong = tensor([9], { dtype: 'i64', device: at })
    const failed = full([4], 2, { device: at }).gather(0, wrong)
    await failed.data().catch(() => {})
    writesUnless(full([], 1, { device: at }), () => x.copy_(failed))
    writesUnless(full([], 0, { device: at }), () => y.copy_(failed))
    expect([...numbers(x)]).toEqual([1, 1, 1, 1])
    await expect(y.data()).rejects.toThrow(/index 9/)
  })
})
