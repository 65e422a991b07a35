// Steps inside the backward pass: to the bit the weights of steps after it, with fewer gradients in memory.
import { describe, expect, it } from 'vitest'
import {
  checkpoint,
  engine,
  full,
  keep,
  manualSeed,
  matmul,
  mean,
  randn,
  relu,
  scope,
  square,
  type Tensor,
} from '#lib/index.js'
import { Parameter } from '#lib/nn/index.js'
import * as optim from '#lib/optim/index.js'
import { stepInBackward } from '#lib/optim/index.js'
import { lossOf, start, valuesOf } from './problem.js'

type Make = new (params: readonly Parameter[], options: object) => optim.Optimizer<any>

const RULES: readonly [string, object][] = [
  ['SGD', { lr: 0.002, momentum: 0.9, dampening: 0.5 }],
  ['AdamW', { lr: 0.01 }],
  ['NAdam', { lr: 0.01 }],
  ['Adafactor', { lr: 0.05 }],
  ['Lamb', { lr: 0.01 }],
  ['Muon', { lr: 0.01 }],
  ['SOAP', { lr: 0.01, preconditionFrequency: 2 }],
  ['AdamW8bit', { lr: 0.01, min8bitSize: 1 }],
]

describe('gives the weights of steps after the pass', () => {
  it.each(RULES)('%s %j', async (name, options) => {
    const dtype = name === 'AdamW8bit' ? 'f32' : 'f64'
    const run = async (inside: boolean) => {
      const params = start(dtype)
      const trained = name === 'Muon' ? params.filter((p) => p.rank === 2) : params
      const optimizer = new ((optim as never)[name] as Make)(trained, options)
      const loss = lossOf(dtype)
      const steps = inside ? stepInBackward(optimizer) : null
      for (let t = 1; t <= 6; t++)
        scope(() => {
          loss(params, t).backward()
          if (inside) expect(trained.every((p) => p.grad === null)).toBe(true)
          else optimizer.step()
          for (const p of params) {
            p.grad?.dispose()
            p.grad = null
          }
        })
      steps?.remove()
      const values = await valuesOf(params)
      optimizer.loadStateDict({ ...optimizer.stateDict(), state: {} })
      loss.dispose()
      for (const p of params) p.dispose()
      return values
    }
    expect(await run(true)).toEqual(await run(false))
  })
})

/** A stack of square layers, each under a checkpoint or not; what a step adds to the parameters' and the optimizer's bytes at most. */
function peakOf(inside: boolean, layers: number, width: number): { peak: number; values: Tensor } {
  manualSeed(1)
  const params = Array.from(
    { length: layers },
    () => new Parameter(scope(() => randn([width, width]).mul(0.05) as Tensor)),
  )
  const x = randn([4, width])
  const optimizer = new optim.AdamW(params)
  const steps = inside ? stepInBackward(optimizer) : null
  const step = () =>
    scope(() => {
      let y: Tensor = x
      for (const [i, w] of params.entries())
        y = i % 2 === 0 ? checkpoint((y: Tensor) => relu(matmul(y, w)) as Tensor, y) : (relu(matmul(y, w)) as Tensor)
      mean(square(y)).backward()
      if (!inside) {
        optimizer.step()
        optimizer.zeroGrad()
      }
    })
  step()
  engine.syncSync()
  const before = engine.memory().live
  engine.resetPeak()
  step()
  engine.syncSync()
  const peak = engine.memory().peak - before
  steps?.remove()
  const values = scope(() => keep(params.map((w) => w.detach()).reduce((a, b) => a.add(b) as Tensor)))
  optimizer.loadStateDict({ ...optimizer.stateDict(), state: {} })
  for (const t of [...params, x]) t.dispose()
  return { peak, values }
}

it('holds few gradients at a time', () => {
  const [layers, width] = [12, 256]
  const gradient = 4 * width * width
  const [after, inside] = [peakOf(false, layers, width), peakOf(true, layers, width)]
  // All gradients, and a product's copy of operands or two beside.
  expect(after.peak).toBeGreaterThan(layers * gradient)
  expect(inside.peak).toBeLessThan(4 * gradient)
  expect(inside.values.dataSync()).toEqual(after.values.dataSync())
  for (const { values } of [after, inside]) values.dispose()
})

it('leaves other parameters, shared ones until they are complete, and ends with remove', async () => {
  const [w, other] = [new Parameter(full([2, 2], 0.5)), new Parameter(full([2, 2], 0.25))]
  const optimizer = new optim.SGD([w], { lr: 1 })
  const steps = stepInBackward(optimizer)
  const loss = () => mean(matmul(matmul(w, w), other))
  scope(() => loss().backward())
  // Each of the two edges brings 1/4 * 0.5 to every element.
  expect(await valuesOf([w])).toEqual([0.25, 0.25, 0.25, 0.25])
  expect(w.grad).toBeNull()
  expect(other.grad).not.toBeNull()
  steps.remove()
  scope(() => loss().backward())
  expect(w.grad).not.toBeNull()
  for (const p of [w, other]) {
    p.grad?.dispose()
    p.dispose()
  }
})

it('is refused where it makes no sense', () => {
  const [w, stranger] = [new Parameter(full([2], 1)), new Parameter(full([2], 1))]
  const inner = new optim.SGD([w], { lr: 1 })
  const steps = stepInBackward(new optim.Lookahead(inner))
  expect(() => scope(() => mean(w).backward())).toThrow(/slow weights follow all parameters together/)
  steps.remove()
  expect(() => inner.stepParameter(stranger)).toThrow(/none of its parameters/)
  w.grad?.dispose()
})
