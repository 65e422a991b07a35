// Callbacks: which hook is called when, what they are told, what checkpoints keep for them, mistakes.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ArrayDataset, DataLoader } from '#lib/data/index.js'
import { manualSeed, mseLoss } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { SGD } from '#lib/optim/index.js'
import { type Callback, type Json, silentProgress, Trainer } from '#lib/train/index.js'

let out: string
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'sinter-callback-'))
})
afterEach(async () => {
  await rm(out, { recursive: true })
})

function run(callbacks: readonly Callback[], options: { steps?: number; epochs?: number; accumulate?: number } = {}) {
  manualSeed(1)
  const model = new nn.Linear(1, 1)
  return new Trainer({
    model,
    optimizer: new SGD(model.parameters(), { lr: 0.1 }),
    data: new DataLoader(new ArrayDataset({ x: { data: Float32Array.of(1, 2, 3, 4, 5), shape: [5, 1] } }), {
      batchSize: 2,
    }),
    loss: ({ x }) => mseLoss(model.call(x), x),
    evaluate: async ({ step }) => ({ score: step }),
    callbacks,
    out,
    progress: silentProgress,
    ...(options.steps === undefined && options.epochs === undefined ? { epochs: 2 } : {}),
    ...options,
  })
}

/** Writes down every call. */
function recorder(): { calls: string[]; callback: Callback } {
  const calls: string[] = []
  const callback: Callback = {
    onFitStart: ({ step, epoch, optimizers }) => void calls.push(`start ${step} ${epoch} ${[...optimizers.keys()]}`),
    onUpdate: ({ step, epoch, optimizer }) => void calls.push(`update ${step} ${epoch} ${optimizer}`),
    onStep: ({ step, epoch }) => void calls.push(`step ${step} ${epoch}`),
    onEpochEnd: ({ step, epoch }) => void calls.push(`epoch ${step} ${epoch}`),
    onEvaluate: ({ step, metrics }) => void calls.push(`evaluate ${step} ${metrics['score']}`),
    onCheckpoint: ({ step, path }) => void calls.push(`checkpoint ${step} ${path.slice(out.length + 1)}`),
    onFitEnd: ({ step, stopped }) => void calls.push(`end ${step} ${stopped}`),
  }
  return { calls, callback }
}

it('calls every hook in order, and a step before its epoch, evaluation and checkpoint', async () => {
  const { calls, callback } = recorder()
  await run([callback], { epochs: 1 }).fit()
  expect(calls).toEqual([
    'start 0 0 main',
    'update 0 0 main',
    'update 1 0 main',
    'step 1 0',
    'update 2 0 main',
    'step 2 0',
    'step 3 0',
    'epoch 3 1',
    'evaluate 3 3',
    'checkpoint 3 step-00000003',
    'end 3 false',
  ])
})

it('counts steps, not batches, when gradients accumulate', async () => {
  const { calls, callback } = recorder()
  await run([callback], { epochs: 1, accumulate: 2 }).fit()
  expect(calls.filter((call) => /^(update|step)/.test(call))).toEqual([
    'update 0 0 main',
    'update 1 0 main',
    'step 1 0',
    'step 2 0',
  ])
})

it('waits for promises, and ends the run when one fails', async () => {
  const order: string[] = []
  const slow: Callback = {
    async onStep({ step }) {
      await new Promise((resolve) => setTimeout(resolve, 5))
      order.push(`slow ${step}`)
    },
  }
  await run([slow, { onStep: ({ step }) => void order.push(`fast ${step}`) }], { steps: 2 }).fit()
  expect(order).toEqual(['slow 1', 'fast 1', 'slow 2', 'fast 2'])
  const failing: Callback = {
    onStep() {
      throw new Error('not this one')
    },
  }
  await expect(run([failing]).fit()).rejects.toThrow('not this one')
})

it('lets a callback stop the run', async () => {
  let stop = () => {}
  const stopper: Callback = {
    onFitStart: (context) => {
      stop = context.stop
    },
    onEvaluate: () => stop(),
  }
  expect(await run([stopper], { epochs: 9 }).fit()).toMatchObject({ step: 3, epoch: 1, stopped: true })
})

class Counter implements Callback {
  count = 0
  onUpdate(): void {
    this.count++
  }
  stateDict(): Json {
    return { count: this.count }
  }
  loadStateDict(state: Json): void {
    this.count = (state as { count: number }).count
  }
}

it('keeps the state of callbacks in checkpoints, by name', async () => {
  const counters = () => [new Counter(), Object.assign(new Counter(), { name: 'second' }), {}]
  await run(counters(), { steps: 4 }).fit()
  const [first, second] = counters() as [Counter, Counter]
  const again = run([first, second], { steps: 6 })
  await again.resume()
  expect([first.count, second.count]).toEqual([4, 4])
  await again.fit()
  expect([first.count, second.count]).toEqual([6, 6])
  // One that the checkpoint knows nothing of begins anew.
  const other = Object.assign(new Counter(), { name: 'other' })
  await run([other], { steps: 6 }).resume()
  expect(other.count).toBe(0)
})

it('refuses hooks that do not exist and names given twice', () => {
  expect(() => run([{ onSteps() {} } as Callback])).toThrow(
    /Trainer: callbacks\.0\.onSteps: no such hook; did you mean "onStep"\?/,
  )
  expect(() => run([{ name: 'a' }, { name: 'a' }])).toThrow(
    'Trainer: callbacks.1.name: "a" is another callback\'s name',
  )
  expect(() => run(['a' as never])).toThrow('Trainer: callbacks.0: found "a", expected a Callback')
})
