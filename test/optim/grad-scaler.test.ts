// Loss scaling: the scale against test/golden/grad_scaler.json (torch.amp.GradScaler), and steps that the device leaves out, which must
// be to the bit as if they had never been asked for. Scales are powers of two, so that scaling is exact.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  abs,
  add,
  autocast,
  full,
  matmul,
  mean,
  mul,
  noGrad,
  randn,
  scope,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
} from '#lib/index.js'
import { Parameter } from '#lib/nn/index.js'
import { writesUnless } from '#lib/ops/conditional.js'
import * as optim from '#lib/optim/index.js'
import { GradScaler } from '#lib/optim/index.js'
import { lossOf, start, valuesOf } from './problem.js'

const golden = JSON.parse(readFileSync(new URL('../golden/grad_scaler.json', import.meta.url), 'utf8'))

const FACTORS: Record<string, number> = { finite: 1, infinite: Number.POSITIVE_INFINITY, nan: Number.NaN }

describe('scale', () => {
  for (const { options, steps } of golden.cases)
    it(`grows and backs off as in PyTorch from ${options.init_scale}`, async () => {
      const p = new Parameter(tensor([1, 1, 1]))
      const optimizer = new optim.AdamW([p], { lr: 1e-3 })
      const scaler = new GradScaler({
        initScale: options.init_scale,
        growthFactor: options.growth_factor,
        backoffFactor: options.backoff_factor,
        growthInterval: options.growth_interval,
      })
      for (const [i, [scale, tracker, stepped]] of steps.entries()) {
        const before = await valuesOf([p])
        scope(() => {
          scaler.scale(sum(mul(p, 1e-3))).backward()
          noGrad(() => (p.grad as Tensor).mul_(tensor([1, FACTORS[golden.pattern[i]] as number, 1])))
          scaler.step(optimizer)
          scaler.update()
          optimizer.zeroGrad()
        })
        expect(scaler.stateDict(), `step ${i}`).toMatchObject({ scale, _growth_tracker: tracker })
        expect((await valuesOf([p]))[0] !== before[0], `step ${i}`).toBe(stepped === 1)
        expect(await scaler.getScale()).toBe(scale)
      }
    })

  it('is kept in a state dict, from which another scaler goes on', async () => {
    const p = new Parameter(tensor([1]))
    const optimizer = new optim.SGD([p], { lr: 0 })
    const step = (scaler: GradScaler, factor: number) =>
      scope(() => {
        scaler.scale(sum(mul(p, factor))).backward()
        scaler.step(optimizer)
        scaler.update()
        optimizer.zeroGrad()
      })
    const a = new GradScaler({ initScale: 4, growthInterval: 3 })
    for (const factor of [1, Number.NaN, 1, 1]) step(a, factor)
    expect(a.stateDict()).toEqual({
      scale: 2,
      growth_factor: 2,
      backoff_factor: 0.5,
      growth_interval: 3,
      _growth_tracker: 2,
    })
    const b = new GradScaler()
    b.loadStateDict(a.stateDict())
    expect(b.stateDict()).toEqual(a.stateDict())
    for (const scaler of [a, b]) step(scaler, 1)
    expect(b.stateDict()).toEqual(a.stateDict())
    expect(await b.getScale()).toBe(4)
    a.update(32)
    expect(await a.getScale()).toBe(32)
    expect(() => a.loadStateDict({})).toThrow(/the state has nothing/)
  })
})

type Make = new (params: readonly Parameter[], options: object) => optim.Optimizer<any>
const RULES: readonly [string, object][] = [
  ['SGD', { lr: 0.002 }],
  ['SGD', { lr: 0.002, momentum: 0.9, dampening: 0.5 }],
  ['Adam', { lr: 0.01, amsgrad: true }],
  ['AdamW', { lr: 0.01 }],
  ['NAdam', { lr: 0.01 }],
  ['RAdam', { lr: 0.02, betas: [0.9, 0.99] }],
  ['Adagrad', { lr: 0.1, lrDecay: 0.1, initialAccumulatorValue: 0.1 }],
  ['Adadelta', {}],
  ['RMSprop', { lr: 0.005, momentum: 0.5, centered: true }],
  ['Adamax', { lr: 0.01 }],
  ['Adafactor', { lr: 0.05 }],
  ['Lion', { lr: 0.01 }],
  ['Lamb', { lr: 0.01 }],
  ['Lars', { lr: 1 }],
  ['Muon', { lr: 0.01 }],
  ['SOAP', { lr: 0.01, preconditionFrequency: 3 }],
  ['AdamW8bit', { lr: 0.01, min8bitSize: 1 }],
]
const STEPS = 14
/** The first step, some in a row, and one by itself. */
const BAD = [1, 5, 6, 11]

/** What a step trains: now and then some parameters have no gradients, so that their counts of steps differ. */
const without = (params: readonly Parameter[], t: number) =>
  t % 4 === 1 ? params.slice(0, 1) : t === 6 ? params.slice(1, 3) : []

async function train(name: string, options: object, scaled: boolean): Promise<{ values: number[]; state: unknown }> {
  const dtype = name === 'AdamW8bit' ? 'f32' : 'f64'
  const params = start(dtype)
  const trained = name === 'Muon' ? params.filter((p) => p.rank === 2) : params
  const optimizer = new ((optim as never)[name] as Make)(trained, options)
  const scaler = new GradScaler({ growthInterval: 4 })
  const loss = lossOf(dtype)
  for (let t = 1; t <= STEPS; t++) {
    if (!scaled && BAD.includes(t)) continue
    scope(() => {
      const value = loss(params, t)
      const last = scaled ? scaler.scale(value) : value
      last.backward()
      for (const p of without(trained as Parameter[], t)) {
        p.grad?.dispose()
        p.grad = null
      }
      const bad = trained.findLast((p) => p.grad !== null) as Parameter
      if (BAD.includes(t)) noGrad(() => (bad.grad as Tensor).mul_(t % 2 === 0 ? Number.NaN : Number.POSITIVE_INFINITY))
      if (scaled) {
        scaler.step(optimizer)
        scaler.update()
      } else optimizer.step()
      for (const p of params) {
        p.grad?.dispose()
        p.grad = null
      }
    })
  }
  const values = await valuesOf(params)
  const { state } = optimizer.stateDict()
  const kept: unknown[] = []
  for (const [i, of] of Object.entries(state))
    for (const [key, x] of Object.entries(of)) kept.push([i, key, typeof x === 'number' ? x : await valuesOf([x])])
  optimizer.loadStateDict({ ...optimizer.stateDict(), state: {} })
  loss.dispose()
  for (const p of params) p.dispose()
  return { values, state: kept }
}

describe('steps that are skipped', () => {
  for (const [name, options] of RULES)
    it(`${name} ${JSON.stringify(options)}: to the bit as if they had not been asked for`, async () => {
      const plain = await train(name, options, false)
      const scaled = await train(name, options, true)
      expect(scaled.values).toEqual(plain.values)
      // Without a count of its own, a state of zeros is what is left of a first step.
      const zero = ([, , x]: any) => Array.isArray(x) && x.every((v: number) => v === 0)
      const held = (state: unknown) => (state as unknown[]).filter((entry) => !zero(entry))
      expect(held(scaled.state)).toEqual(held(plain.state))
    })

  it('of which there were nothing else leave no state', () => {
    const p = new Parameter(tensor([1, 2]))
    const optimizer = new optim.Adam([p])
    const scaler = new GradScaler()
    scope(() => {
      scaler.scale(sum(mul(p, Number.POSITIVE_INFINITY))).backward()
      scaler.step(optimizer)
      scaler.update()
      optimizer.zeroGrad()
    })
    expect(optimizer.stateDict().state).toEqual({})
  })

  it('are skipped for the optimizer that found something, and the scale sees all', async () => {
    const [a, b] = [new Parameter(tensor([1])), new Parameter(tensor([1]))]
    const [first, second] = [new optim.SGD([a], { lr: 1 }), new optim.SGD([b], { lr: 1 })]
    const scaler = new GradScaler({ initScale: 8 })
    scope(() => {
      scaler.scale(add(sum(a), sum(mul(b, Number.NaN)))).backward()
      scaler.step(first)
      scaler.step(second)
      scaler.update()
    })
    expect([await valuesOf([a]), await valuesOf([b])]).toEqual([[0], [1]])
    expect(await scaler.getScale()).toBe(4)
    for (const optimizer of [first, second]) optimizer.zeroGrad()
  })

  it('keep f32 copies of bf16 parameters as they are', async () => {
    const p = new Parameter(scope(() => tensor([1, 2, 3]).to('bf16')))
    const optimizer = new optim.AdamW([p], { lr: 0.1, masterWeights: true })
    const scaler = new GradScaler({ initScale: 16 })
    const step = (factor: number) =>
      scope(() => {
        scaler.scale(sum(mul(p, factor))).backward()
        scaler.step(optimizer)
        scaler.update()
        optimizer.zeroGrad()
      })
    step(Number.POSITIVE_INFINITY)
    expect(await valuesOf([p])).toEqual([1, 2, 3])
    step(1)
    expect(await valuesOf([p])).not.toEqual([1, 2, 3])
    expect(optimizer.stateDict().state[0]?.['step']).toBe(1)
    optimizer.loadStateDict({ ...optimizer.stateDict(), state: {} })
  })
})

describe('gradients', () => {
  it('are unscaled once, for clipping, and then not again', async () => {
    const p = new Parameter(tensor([3, 4]))
    const optimizer = new optim.SGD([p], { lr: 1 })
    const scaler = new GradScaler({ initScale: 1024 })
    scope(() => {
      scaler.scale(mul(sum(square(p)), 0.5)).backward()
      scaler.unscale(optimizer)
      optim.clipGradNorm([p], 1)
    })
    const [x, y] = await valuesOf([p.grad as unknown as Tensor])
    expect(x).toBeCloseTo(0.6, 5)
    expect(y).toBeCloseTo(0.8, 5)
    expect(() => scaler.unscale(optimizer)).toThrow(/unscale was called for this optimizer already/)
    scaler.step(optimizer)
    expect(() => scaler.step(optimizer)).toThrow(/step was called for this optimizer already/)
    expect(() => scaler.unscale(optimizer)).toThrow(/step was called for/)
    expect((await valuesOf([p]))[0]).toBeCloseTo(2.4, 5)
    scaler.update()
    expect(() => scaler.update()).toThrow(/no gradients were unscaled/)
    optimizer.zeroGrad()
    expect(() => scaler.step(optimizer)).toThrow(/no parameter of this optimizer has a gradient/)
  })

  it('too small for f16 survive', async () => {
    // d loss / d x = 1e-9 passes through f16, whose least number is 6e-8.
    const gradient = async (scaler: GradScaler) => {
      const w = new Parameter(tensor([[1e-4]]))
      const optimizer = new optim.SGD([w], { lr: 0 })
      scope(() => {
        const y = autocast({ dtype: 'f16' }, () => matmul(tensor([[1]]), w))
        const loss = mul(sum(y.to('f32')), 1e-9)
        scaler.scale(loss).backward()
        scaler.unscale(optimizer)
      })
      const [g] = await valuesOf([w.grad as unknown as Tensor])
      optimizer.zeroGrad()
      scaler.update()
      return g as number
    }
    expect(await gradient(new GradScaler({ initScale: 1 }))).toBe(0)
    expect(Math.abs((await gradient(new GradScaler())) - 1e-9)).toBeLessThan(1e-9 * 2 ** -9)
  })

  it('in f16 are refused', () => {
    const p = new Parameter(scope(() => tensor([1, 2]).to('f16')))
    const optimizer = new optim.SGD([p], { lr: 1 })
    const scaler = new GradScaler()
    scope(() => scaler.scale(sum(p)).backward())
    expect(() => scaler.step(optimizer)).toThrow(/gradients in f16/)
    optimizer.zeroGrad()
  })
})

it('a scaler that is not enabled leaves everything as it is', async () => {
  const p = new Parameter(tensor([1]))
  const optimizer = new optim.SGD([p], { lr: 1 })
  const scaler = new GradScaler({ enabled: false })
  scope(() => {
    const loss = sum(p)
    expect(scaler.scale(loss)).toBe(loss)
    loss.backward()
    scaler.unscale(optimizer)
    scaler.step(optimizer)
    scaler.update()
    optimizer.zeroGrad()
  })
  expect(await valuesOf([p])).toEqual([0])
  expect(scaler.stateDict()).toEqual({})
  expect(await scaler.getScale()).toBe(1)
})

it('bad options are refused', () => {
  expect(() => new GradScaler({ growthFactor: 1 })).toThrow(/growthFactor is 1/)
  expect(() => new GradScaler({ backoffFactor: 1 })).toThrow(/backoffFactor is 1/)
  expect(() => new GradScaler({ growthInterval: 0 })).toThrow(/growthInterval is 0/)
  expect(() => new GradScaler({ initScale: Number.POSITIVE_INFINITY })).toThrow(/initScale is Infinity/)
  expect(() => new GradScaler({ growthIntervall: 3 } as never)).toThrow(/growthInterval/)
})

describe('writesUnless', () => {
  it('computes results, leaves writes out, and asks the flag on the device', async () => {
    const x = tensor([1, 2])
    for (const [value, expected] of [
      [1, [1, 2]],
      [0, [11, 12]],
    ] as const) {
      const flag = full([], value)
      const y = writesUnless(flag, () => {
        x.add_(10)
        return add(x, 1)
      })
      x.mul_(1)
      expect(await x.toArray()).toEqual(expected)
      expect(await y.toArray()).toEqual(expected.map((v) => v + 1))
      for (const t of [flag, y]) t.dispose()
    }
    x.dispose()
  })

  it('ends when its function throws, and takes one f32', async () => {
    const [x, flag] = [tensor([1]), full([], 1)]
    expect(() =>
      writesUnless(flag, () => {
        throw new Error('stop')
      }),
    ).toThrow('stop')
    x.add_(1)
    expect(await x.toArray()).toEqual([2])
    expect(() => writesUnless(tensor([1, 2]), () => 0)).toThrow(/expected one element/)
    expect(() => writesUnless(full([], 1, { dtype: 'i32' }), () => 0)).toThrow(/expected f32/)
    expect(() => writesUnless(flag, () => writesUnless(flag, () => 0))).toThrow(/inside another/)
    for (const t of [x, flag]) t.dispose()
  })
})

it('a model learns in f16 although its first scale overflows', async () => {
  const [x, w] = [randn([64, 8]), randn([8, 1])]
  const y = scope(() => matmul(x, w))
  const p = new Parameter(scope(() => full([8, 1], 0)))
  const optimizer = new optim.AdamW([p], { lr: 0.05, weightDecay: 0 })
  const scaler = new GradScaler({ initScale: 2 ** 40, growthInterval: 200 })
  for (let t = 0; t < 200; t++)
    scope(() => {
      const loss = autocast({ dtype: 'f16' }, () => mean(square(sub(matmul(x, p), y))))
      scaler.scale(loss).backward()
      scaler.step(optimizer)
      scaler.update()
      optimizer.zeroGrad()
    })
  const scale = await scaler.getScale()
  expect(scale).toBeLessThan(2 ** 40)
  const worst = scope(() => abs(sub(p.detach(), w)).max() as Tensor).itemSync()
  // Products in f16 are off by 2^-11 a term.
  expect(worst).toBeLessThan(0.05)
  for (const t of [x, w, y]) t.dispose()
})
