// Guards: what is skipped, taken back or ended, that the rest is as if the bad step had never been, and what errors say.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ArrayDataset, DataLoader } from '#lib/data/index.js'
import { add, log, manualSeed, mean, mseLoss, mul, sqrt, sum, type Tensor } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { Adam, SGD, StepLR } from '#lib/optim/index.js'
import { type GuardEvent, RunDirectory, silentProgress, Trainer, type TrainerOptions } from '#lib/train/index.js'

let out: string
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'sinter-guard-'))
})
afterEach(async () => {
  await rm(out, { recursive: true })
})

type Batch = { x: Tensor }
type Options = Partial<TrainerOptions<Batch>>

/** Batches of two of these numbers. */
const loader = (values: readonly number[]) =>
  new DataLoader(new ArrayDataset({ x: { data: Float32Array.from(values), shape: [values.length, 1] } }), {
    batchSize: 2,
  })

const bits = async (model: nn.Module) =>
  Promise.all(
    [...model.stateDict()].map(async ([name, t]) => [name, Buffer.from((await t.rawData()).buffer).toString('hex')]),
  )

function run(values: readonly number[], options: Options | ((optimizer: SGD) => Options) = {}) {
  manualSeed(1)
  const model = new nn.Sequential(new nn.Linear(1, 3), new nn.BatchNorm1d(3), new nn.Dropout(0.2), new nn.Linear(3, 1))
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 })
  const events: GuardEvent[] = []
  const rates: number[] = []
  const skipped: number[] = []
  const trainer = new Trainer<Batch>({
    model,
    optimizer,
    data: loader(values),
    loss: ({ x }) => mseLoss(model.call(x), x),
    epochs: 1,
    callbacks: [{ onGuard: (event) => void events.push(event) }],
    onStep: (report) => {
      rates.push(report.lr)
      if (report.skipped) skipped.push(report.step)
    },
    progress: silentProgress,
    ...(typeof options === 'function' ? options(optimizer) : options),
  })
  return { model, optimizer, trainer, events, rates, skipped }
}

const good = Array.from({ length: 20 }, (_, i) => Math.sin(i))
const bad = [...good.slice(0, 8), Number.NaN, 1, ...good.slice(8)]

describe('skip', () => {
  // Without dropout, whose random numbers a skipped step uses up.
  const still = (values: readonly number[], options: Options = {}) => {
    const made = run(values, { guard: { nonFinite: 'skip' }, ...options })
    for (const module of made.model.modules()) if (module instanceof nn.Dropout) Object.assign(module, { p: 0 })
    return made
  }

  it('leaves weights, momenta and running statistics as if the batch had not been', async () => {
    const [with_, without] = [still(bad), still(good)]
    const result = await with_.trainer.fit()
    expect(result).toMatchObject({ step: 11, skipped: 1, rollbacks: 0 })
    expect(with_.skipped).toEqual([5])
    expect(with_.events).toMatchObject([
      { action: 'skip', step: 5, epoch: 0, reason: 'the loss is NaN', samples: [8, 9] },
    ])
    expect(await without.trainer.fit()).toMatchObject({ step: 10, skipped: 0 })
    expect(await bits(with_.model)).toEqual(await bits(without.model))
  })

  it('changes nothing of a run that has nothing to skip', async () => {
    const guarded = run(good, { guard: { nonFinite: 'skip', spike: { factor: 1e6, window: 2 } } })
    await guarded.trainer.fit()
    const plain = run(good)
    await plain.trainer.fit()
    expect(await bits(guarded.model)).toEqual(await bits(plain.model))
  })

  it('leaves out all batches of a step that accumulates', async () => {
    const filler = [...good.slice(0, 8), ...good.slice(8, 10), Number.NaN, 1, ...good.slice(8)]
    const [with_, without] = [still(filler, { accumulate: 2 }), still(good, { accumulate: 2 })]
    expect(await with_.trainer.fit()).toMatchObject({ step: 6, skipped: 1 })
    await without.trainer.fit()
    expect(with_.events[0]).toMatchObject({ step: 3, samples: [8, 9, 10, 11] })
    expect(await bits(with_.model)).toEqual(await bits(without.model))
  })

  it('ends a run that does nothing but skip', async () => {
    const values = [1, 2, ...Array(8).fill(Number.NaN)]
    const { trainer, events } = run(values, { guard: { nonFinite: 'skip', maxSkips: 2 } })
    await expect(trainer.fit()).rejects.toThrow(/^step 4 \(epoch 0, samples 6, 7\): the loss is NaN, after 2 steps/)
    expect(events.map(({ action }) => action)).toEqual(['skip', 'skip', 'stop'])
  })

  it('moves schedules on', async () => {
    const { trainer, rates } = run(bad, (optimizer) => ({
      guard: { nonFinite: 'skip' },
      scheduler: new StepLR(optimizer, { stepSize: 5, gamma: 0.5 }),
    }))
    await trainer.fit()
    expect(rates).toEqual([...Array(5).fill(0.1), ...Array(5).fill(0.05), 0.025])
  })
})

describe('a spike', () => {
  /** The loss is the batch's mean. */
  const series = (losses: readonly number[], guard: TrainerOptions<Batch>['guard'], options: Options = {}) => {
    const made: ReturnType<typeof run> = run(
      losses.flatMap((loss) => [loss, loss]),
      {
        guard,
        loss: ({ x }) => add(mul(sum((made.model.at(3) as nn.Linear).weight), mean(x).mul(1e-3)), mean(x)),
        ...options,
      },
    )
    return made
  }

  it('is more than factor times the median of the window, once that is full', async () => {
    const guard = { spike: { factor: 3, window: 3, action: 'skip' as const } }
    const losses = [9, 1, 1.2, 1.1, 4, 1, 3.2, 2, 3.2]
    const { trainer, events } = series(losses, guard)
    await trainer.fit()
    // 9, 1 and 1.2 fill the window; 4 > 3.3; then 1.1, 1.2, 1 allow at most 3.3; 2 comes in.
    expect(events.map(({ step }) => step)).toEqual([5])
    expect(events[0]?.reason).toBe('the loss is 4, more than 3 times 1.1, the median of 3 steps before')
  })

  it('of the norm of gradients', async () => {
    const guard = { spike: { factor: 3, window: 3, of: 'gradNorm' as const, action: 'skip' as const } }
    const { trainer, events } = series([1, 1, 1, 1, 5, 1], guard)
    await trainer.fit()
    expect(events.map(({ step }) => step)).toEqual([5])
    expect(events[0]?.reason).toContain('norm of the gradients')
  })

  it('is judged alike after resuming: the window is in the checkpoint', async () => {
    const guard = { spike: { factor: 3, window: 3, action: 'skip' as const } }
    const losses = [1, 1, 1, 4, 1]
    await series(losses, guard, { out, steps: 3, epochs: undefined as never }).trainer.fit()
    const rest = series(losses, guard, { out })
    await rest.trainer.resume()
    expect(await rest.trainer.fit()).toMatchObject({ skipped: 1 })
  })
})

describe('rollback', () => {
  const guard = { nonFinite: 'rollback' as const }
  const rolled = (options: Options = {}) => run(bad, { guard, out, checkpointEvery: 2, epochs: 2, ...options })

  it('goes back to the newest checkpoint, on with later data and lower rates, and to the bit after resuming', async () => {
    const whole = rolled({ out: join(out, 'whole') })
    const end = await whole.trainer.fit()
    // Of eleven batches an epoch the fifth is bad: step 5 comes twice, at the seventh after resuming step 4.
    expect(end).toMatchObject({ epoch: 2, rollbacks: 2, skipped: 0, step: 20 })
    expect(whole.events).toMatchObject([
      { action: 'rollback', step: 5, epoch: 0, to: 4, samples: [8, 9] },
      { action: 'rollback', step: 15, epoch: 1, to: 14, samples: [8, 9] },
    ])
    expect(whole.rates).toEqual([...Array(4).fill(0.1), ...Array(10).fill(0.05), ...Array(6).fill(0.025)])
    for (const steps of [4, 7, 14]) {
      const folder = join(out, `from-${steps}`)
      await rolled({ out: folder, steps, epochs: undefined as never }).trainer.fit()
      const rest = rolled({ out: folder })
      await rest.trainer.resume()
      expect(await rest.trainer.fit()).toMatchObject({ step: end.step, rollbacks: end.rollbacks })
      expect(await bits(rest.model)).toEqual(await bits(whole.model))
    }
  })

  it('goes back to the checkpoint that it was resumed from, wherever that is', async () => {
    const first = join(out, 'first')
    await rolled({ out: first, steps: 4, epochs: undefined as never }).trainer.fit()
    const rest = rolled({ out: join(out, 'second'), checkpointEvery: 100 })
    await rest.trainer.resume(first)
    await rest.trainer.fit()
    expect(rest.events[0]).toMatchObject({ action: 'rollback', step: 5, to: 4 })
  })

  it('begins with a checkpoint, gives up after maxRollbacks, and leaves a record', async () => {
    const record = new RunDirectory()
    const failing = run([Number.NaN, 1, 2, 3, Number.NaN, 1, 2, 3], {
      guard: { ...guard, maxRollbacks: 1, rollbackRate: 0.1 },
      out,
      epochs: 5,
      callbacks: [record],
    })
    await expect(failing.trainer.fit()).rejects.toThrow(
      'step 2 (epoch 0, samples 4, 5): the loss is NaN, after 1 rollbacks',
    )
    const lines = async (name: string) =>
      (await readFile(join(out, name), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    expect(await lines('events.jsonl')).toMatchObject([
      { action: 'rollback', step: 1, to: 0, loss: null },
      { action: 'stop', step: 2 },
    ])
    expect((await lines('metrics.jsonl')).map(({ step, lr }) => [step, lr])).toEqual([[1, 0.1 * 0.1]])
    expect(JSON.parse(await readFile(join(out, 'summary.json'), 'utf8'))).toMatchObject({ rollbacks: 1 })
  })
})

describe('stop names', () => {
  class Log extends nn.Module {
    override forward(x: Tensor): Tensor {
      return log(x.mul(0).sub(1))
    }
  }
  const failing = (model: nn.Module, loss: (batch: Batch) => Tensor, values: readonly number[] = [1, 2]) =>
    new Trainer<Batch>({
      model,
      optimizer: new SGD(model.parameters(), { lr: 0.1 }),
      data: loader(values),
      loss,
      epochs: 1,
      guard: {},
      progress: silentProgress,
    }).fit()

  it('the module', async () => {
    manualSeed(1)
    const model = new nn.Sequential(new nn.Linear(1, 4), new nn.Sequential(new Log()), new nn.Linear(4, 1))
    await expect(failing(model, ({ x }) => mean(model.call(x)))).rejects.toMatchObject({
      code: 'SINTER_TRAIN_DIVERGED',
      message: expect.stringMatching(
        /^step 1 \(epoch 0, samples 0, 1\): the loss is NaN; the first module with an output that is not finite is 1\.0 \(Log\):/,
      ),
    })
  })

  it('the batch, the loss function, a gradient, a weight', async () => {
    const model = new nn.Linear(1, 1)
    const output = ({ x }: Batch) => mean(model.call(x))
    await expect(failing(model, output, [1, Number.POSITIVE_INFINITY])).rejects.toThrow(
      'the batch, its x is not finite',
    )
    await expect(failing(model, (batch) => log(output(batch).mul(0).sub(1)))).rejects.toThrow(
      'the loss function made it',
    )
    await expect(failing(model, (batch) => sqrt(output(batch).mul(0)))).rejects.toThrow(
      /norm of the gradients is NaN; the forward pass is finite; the first parameter whose gradient is not is bias \(mul: a NaN first appeared/,
    )
    const broken = new nn.Linear(1, 1)
    broken.loadStateDict(new Map([...broken.stateDict()].map(([name, t]) => [name, t.mul(Number.NaN)])))
    await expect(failing(broken, ({ x }) => mean(broken.call(x)))).rejects.toThrow(
      'the parameter weight was not finite before the step',
    )
  })
})

describe('several optimizers', () => {
  const pair = (options: Options, values: readonly number[] = bad) => {
    manualSeed(3)
    const [a, b] = [new nn.Linear(1, 1), new nn.Linear(1, 1)]
    const model = new nn.Sequential(a, b)
    const events: GuardEvent[] = []
    const trainer = new Trainer<Batch>({
      model,
      optimizers: { a: new Adam(a.parameters(), { lr: 0.01 }), b: new Adam(b.parameters(), { lr: 0.01 }) },
      data: loader(values),
      step({ x }, { update }) {
        const first = mseLoss(a.call(x), x)
        update(first, 'a')
        // Finite, with gradients that are not.
        const second = add(mseLoss(b.call(mul(x, 0.5)), x), sqrt(sum(mul(b.bias as Tensor, mul(x, 0)))))
        update(second, 'b')
        return { loss: first, second }
      },
      epochs: 1,
      callbacks: [{ onGuard: (event) => void events.push(event) }],
      progress: silentProgress,
      ...options,
    })
    return { trainer, events }
  }

  it('are judged after their updates, gradients of each by name', async () => {
    await expect(pair({ guard: {} }, good).trainer.fit()).rejects.toThrow(
      'step 1 (epoch 0, samples 0, 1): the norm of the gradients is NaN (b)',
    )
    const { trainer, events } = pair({ guard: { nonFinite: 'rollback', maxRollbacks: 2 }, out, checkpointEvery: 1 })
    await expect(trainer.fit()).rejects.toThrow('after 2 rollbacks')
    expect(events.map(({ action }) => action)).toEqual(['rollback', 'rollback', 'stop'])
  })

  it('skip on the device, each for itself, and buffers are put back', async () => {
    const skipping = (values: readonly number[], onlyB = false) => {
      manualSeed(3)
      const [a, b] = [new nn.Linear(1, 1), new nn.Linear(1, 1)]
      const norm = new nn.BatchNorm1d(1)
      const model = new nn.Sequential(a, b, norm)
      const seen: [number, boolean][] = []
      const trainer = new Trainer<Batch>({
        model,
        optimizers: {
          a: new Adam(a.parameters(), { lr: 0.01 }),
          b: {
            optimizer: new SGD([...b.parameters(), ...norm.parameters()], { lr: 0.01, momentum: 0.9 }),
            clipNorm: 1,
          },
        },
        data: loader(values),
        step({ x }, { update }) {
          const y = onlyB ? mul(x, 0) : x
          const first = mseLoss(a.call(y.nanToNum()), y.nanToNum())
          update(onlyB ? first : mseLoss(a.call(x), x), 'a')
          const second = mseLoss(norm.call(b.call(x)), x)
          update(second, 'b')
          return { loss: first, second }
        },
        epochs: 1,
        guard: { nonFinite: 'skip', maxSkips: 1 },
        onStep: ({ step, skipped = false }) => void seen.push([step, skipped]),
        progress: silentProgress,
      })
      return { a, b, model, trainer, seen }
    }
    const [with_, without] = [skipping(bad), skipping(good)]
    expect(await with_.trainer.fit()).toMatchObject({ step: 11, skipped: 1 })
    expect(with_.seen.filter(([, skipped]) => skipped)).toEqual([[5, true]])
    expect(await without.trainer.fit()).toMatchObject({ step: 10, skipped: 0 })
    expect(await bits(with_.model)).toEqual(await bits(without.model))

    // Only b's gradients are bad: a goes on.
    const [half, less] = [skipping(bad, true), skipping(good, true)]
    expect(await half.trainer.fit()).toMatchObject({ skipped: 1 })
    await less.trainer.fit()
    expect(await bits(half.b)).toEqual(await bits(less.b))
    expect(await bits(half.a)).not.toEqual(await bits(less.a))
    await expect(skipping([...good, ...Array(6).fill(Number.NaN)]).trainer.fit()).rejects.toThrow('maxSkips')
  })

  it('accumulate under a guard as without one', async () => {
    const accumulated = async (guard: TrainerOptions<Batch>['guard']) => {
      manualSeed(3)
      const [a, b] = [new nn.Linear(1, 1), new nn.Linear(1, 1)]
      const model = new nn.Sequential(a, b)
      await new Trainer<Batch>({
        model,
        optimizers: { a: new Adam(a.parameters(), { lr: 0.01 }), b: new Adam(b.parameters(), { lr: 0.01 }) },
        data: loader(good),
        step({ x }, { update }) {
          const [first, second] = [mseLoss(a.call(x), x), mseLoss(b.call(x), mul(x, 2))]
          update(first, 'a')
          update(second, 'b')
          return { first, second }
        },
        accumulate: 3,
        epochs: 2,
        ...(guard === undefined ? {} : { guard }),
        progress: silentProgress,
      }).fit()
      return bits(model)
    }
    const plain = await accumulated(undefined)
    expect(await accumulated({})).toEqual(plain)
    expect(await accumulated({ nonFinite: 'skip' })).toEqual(plain)
  })

  it('cannot skip spikes', () => {
    expect(() => pair({ guard: { spike: { factor: 2, action: 'skip' } } })).toThrow(
      /skip is not possible, take 'rollback'/,
    )
  })
})

it('refuses what makes no sense', () => {
  const guarded = (guard: object) => () => run(good, { guard })
  expect(guarded({ nonFinite: 'ignore' })).toThrow(
    'guard.nonFinite: found "ignore", expected one of stop, skip, rollback',
  )
  expect(guarded({ nonfinite: 'stop' })).toThrow('unknown field; did you mean "nonFinite"?')
  expect(guarded({ nonFinite: 'rollback' })).toThrow('Trainer: guard: rollback needs checkpoints: set `out`')
  expect(guarded({ spike: { factor: 1 } })).toThrow('guard.spike.factor: found 1, expected more than 1')
  expect(guarded({ maxSkips: -1 })).toThrow('guard.maxSkips: found -1')
})
