// Optimizers that compute the loss themselves, driven by the Trainer.
import { describe, expect, it } from 'vitest'
import { ArrayDataset, DataLoader, disposeBatch, Random } from '#lib/data/index.js'
import { engine, manualSeed, mseLoss, type Tensor } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { LBFGS, type Optimizer, SAM, SGD, StepLR } from '#lib/optim/index.js'
import { type ClosureOptimizer, silentProgress, Trainer, type TrainerOptions } from '#lib/train/index.js'

type Batch = { x: Tensor; y: Tensor }
const random = new Random(3)
const N = 24
const points = new ArrayDataset({
  x: { data: Float32Array.from({ length: N * 4 }, () => random.normal()), shape: [N, 4] },
  y: { data: Float32Array.from({ length: N }, () => random.normal()), shape: [N, 1] },
})
const bits = async (model: nn.Module) =>
  Promise.all([...model.stateDict().values()].map(async (t) => [...((await t.data()) as Float32Array)]))

function run(
  make: (model: nn.Module) => ClosureOptimizer | Optimizer<any>,
  options: Partial<TrainerOptions<Batch>> | ((optimizer: ClosureOptimizer) => Partial<TrainerOptions<Batch>>) = {},
  batchSize = N,
) {
  manualSeed(2)
  const model = new nn.Sequential(new nn.Linear(4, 3), new nn.Tanh(), new nn.Linear(3, 1))
  const optimizer = make(model) as ClosureOptimizer
  const losses: number[] = []
  const loss = ({ x, y }: Batch) => mseLoss(model.call(x), y)
  const data = new DataLoader(points, { batchSize })
  const trainer = new Trainer<Batch>({
    model,
    optimizer,
    data,
    loss,
    steps: 6,
    onStep: (report) => losses.push(report.loss),
    progress: silentProgress,
    ...(typeof options === 'function' ? options(optimizer) : options),
  })
  return { model, optimizer, loss, trainer, losses }
}

const sam = (model: nn.Module) => new SAM(new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }), { rho: 0.1 })
const lbfgs = (model: nn.Module) => new LBFGS(model.parameters(), { lineSearchFn: 'strong_wolfe', maxIter: 10 })

describe('the Trainer drives', () => {
  it.each([
    ['SAM', sam],
    ['LBFGS', lbfgs],
  ])('%s as a loop by hand does, to the bit', async (_, make) => {
    const driven = run(make)
    await driven.trainer.fit()
    const by = run(make)
    const losses: number[] = []
    for (let step = 0; step < 6; step++)
      for await (const batch of new DataLoader(points, { batchSize: N })) {
        const closure = () => {
          by.optimizer.zeroGrad()
          const loss = by.loss(batch as Batch)
          loss.backward()
          return loss
        }
        const loss = await by.optimizer.step(closure)
        losses.push((await loss.item()) as number)
        loss.dispose()
        disposeBatch(batch)
      }
    expect(await bits(driven.model)).toEqual(await bits(by.model))
    expect(driven.losses).toEqual(losses)
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 1.1)
    driven.model.dispose()
    by.model.dispose()
  })

  it('SAM with clipping, a schedule and a step function; a step without an update is an error', async () => {
    const [rates, sevens]: [number[], unknown[]] = [[], []]
    const stepping = (call: (update: (loss: Tensor) => void, loss: Tensor) => void) => {
      const made: ReturnType<typeof run> = run(
        sam,
        (optimizer) => ({
          loss: undefined as never,
          step({ x, y }, { update }) {
            const loss = mseLoss(made.model.call(x), y)
            call(update, loss)
            return { loss, seven: 7 }
          },
          clipNorm: 0.5,
          scheduler: new StepLR(optimizer, { stepSize: 2, gamma: 0.5 }),
          onStep: ({ lr, metrics }) => {
            rates.push(lr)
            sevens.push(metrics['seven'])
          },
        }),
        8,
      )
      return made.trainer.fit()
    }
    await stepping((update, loss) => update(loss))
    expect(rates).toEqual([0.1, 0.1, 0.05, 0.05, 0.025, 0.025])
    expect(sevens).toEqual(Array(6).fill(7))
    await expect(stepping(() => {})).rejects.toThrow('it calls `update` once: it did not')
  })

  it('frees what closures make', async () => {
    const counts: number[] = []
    const { trainer } = run(lbfgs, { steps: 30, onStep: () => void counts.push(engine.memory().tensors) })
    await trainer.fit()
    // Its history grows by three tensors an iteration until it is full; nothing else does.
    const sams: number[] = []
    const other = run(sam, { steps: 30, onStep: () => void sams.push(engine.memory().tensors) })
    await other.trainer.fit()
    expect(Math.max(...sams.slice(5)) - Math.min(...sams.slice(5))).toBeLessThanOrEqual(4)
  })

  it('and says what does not go together', () => {
    expect(() => run(lbfgs, { clipNorm: 1 })).toThrow('Trainer: clipNorm: LBFGS takes none')
    expect(() => run(sam, { accumulate: 2 })).toThrow('takes one batch a step')
    expect(() => run(sam, { guard: { nonFinite: 'skip' } })).toThrow('skip is not possible')
  })
})
