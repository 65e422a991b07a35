// Modules that compute again in backward what they did not keep.
import { describe, expect, it } from 'vitest'
import { checkpoint, engine, manualSeed, noGrad, ones, randn, Scope, scope, type Tensor } from '#lib/index.js'
import { Bert } from '#lib/models/index.js'
import * as nn from '#lib/nn/index.js'

const grads = (model: nn.Module): unknown[] =>
  [...model.namedParameters()].map(([name, p]) => [name, p.grad && [...(p.grad.dataSync() as Float32Array)]])
const state = (model: nn.Module): unknown[] => [...model.stateDict()].map(([name, t]) => [name, t.toArraySync()])

/** A block with everything that must be the same the second time: random numbers, statistics, a residual. */
class Block extends nn.Module {
  inner = new nn.Linear(4, 4)
  norm = new nn.BatchNorm1d(4)
  average = new nn.BatchNorm1d(4, { momentum: null })
  dropout = new nn.Dropout(0.5)
  override forward(x: Tensor, { residual }: { residual?: Tensor } = {}): Tensor {
    const y = this.dropout.call(this.average.call(this.norm.call(this.inner.call(x)))).tanh()
    return residual ? y.add(residual.mul(residual)) : y
  }
}

class Blocks extends nn.Module {
  layers = new nn.ModuleList([new Block(), new Block(), new Block()])
  override forward(x: Tensor): Tensor {
    for (const layer of this.layers) x = layer.call(x, { residual: x })
    return x
  }
}

describe('checkpointModules', () => {
  it('leaves gradients, statistics and random numbers as they are, to the bit', () =>
    scope(() => {
      const [plain, saving] = [new Blocks(), new Blocks()]
      saving.loadStateDict(plain.stateDict())
      const names = [...plain.stateDict().keys()]
      nn.checkpointModules(saving, 'layers.*')
      expect([...saving.stateDict().keys()]).toEqual(names)
      const x = randn([6, 4])
      const results = [plain, saving].map((model) => {
        const input = x.clone().requiresGrad_() as Tensor
        manualSeed(3)
        for (let step = 0; step < 2; step++) model.call(input).mul(3).sum().backward()
        return [grads(model), state(model), input.grad?.toArraySync(), randn([2]).toArraySync()]
      })
      expect(results[1]).toEqual(results[0])
      expect(Number(saving.layers.at(0)?.norm.numBatchesTracked?.itemSync())).toBe(2)
      for (const model of [plain, saving]) model.dispose()
    }))

  it('keeps less memory until backward, until it is taken back', () => {
    const model = new Bert({ vocabSize: 9, positions: 32, channels: 32, layers: 4, heads: 2, dropout: 0.1 })
    const tokens = scope(() => ones([4, 32], { dtype: 'i32' }))
    const bytes = (): number => {
      const step = new Scope()
      model.zeroGrad()
      engine.syncSync() // what was let go of is free
      const before = engine.memory().live
      const loss = step.run(() => scope(() => model.call(tokens).features.mean()))
      loss.itemSync() // what was issued has run
      const kept = engine.memory().live - before
      loss.backward()
      step.dispose()
      return kept
    }
    const whole = bytes()
    const handle = nn.checkpointModules(model, 'encoder.layer.*')
    const saved = bytes()
    // Of each layer its input is left: one of some twenty tensors of its size.
    expect(saved).toBeLessThan(whole / 3)
    handle.remove()
    handle.remove()
    expect(bytes()).toBe(whole)
    model.dispose()
    tokens.dispose()
  })

  it('runs its own hooks once, and those inside again', () =>
    scope(() => {
      const model = new nn.Sequential(new nn.Sequential(new nn.Linear(2, 2), new nn.Tanh(), new nn.Linear(2, 2)))
      nn.checkpointModules(model, '0')
      const calls: string[] = []
      const outer = model.at(0) as nn.Sequential
      outer.registerForwardPreHook(() => void calls.push('before'))
      outer.registerForwardHook(() => void calls.push('after'))
      outer.registerFullBackwardHook(() => void calls.push('backward'))
      outer.at(0)?.registerForwardHook(() => void calls.push('inside'))
      model
        .call(ones([1, 2]).requiresGrad_())
        .sum()
        .backward()
      expect(calls).toEqual(['before', 'inside', 'after', 'inside', 'backward'])
      calls.length = 0
      noGrad(() => model.call(ones([1, 2])))
      expect(calls).toEqual(['before', 'inside', 'after'])
      model.dispose()
    }))

  it('says where an error came from', () => {
    const model = new nn.Sequential(new nn.Sequential(new nn.Linear(2, 2)))
    nn.checkpointModules(model, '0')
    expect(() => model.call(ones([1, 3]))).toThrow(/\(in 0\.0, a Linear of Sequential\)$/)
    model.dispose()
  })
})

describe('checkpoint', () => {
  it('gives the same tensor for the same argument', () =>
    scope(() => {
      const x = randn([2]).requiresGrad_() as Tensor
      const f = (a: Tensor, b: Tensor): Tensor => (a === b ? a.square() : a.mul(b))
      checkpoint(f, x, x).sum().backward()
      expect(x.grad?.toArraySync()).toEqual(x.detach().mul(2).toArraySync())
    }))

  it('keeps tensors in arrays and objects among its arguments, and leaves the caller’s alone', () =>
    scope(() => {
      const [a, b] = [randn([2]), randn([2])]
      const x = randn([2]).requiresGrad_() as Tensor
      const f = ([p]: Tensor[], { q }: { q: Tensor }): Tensor => (p as Tensor).mul(q).mul(x).tanh()
      const y = checkpoint(f, [a], { q: b }).sum()
      const kept = [a.clone(), b.clone()] as const
      a.dispose()
      y.backward()
      expect(b.isDisposed).toBe(false)
      const wanted = x.detach().requiresGrad_() as Tensor
      kept[0].mul(kept[1]).mul(wanted).tanh().sum().backward()
      expect(x.grad?.toArraySync()).toEqual(wanted.grad?.toArraySync())
    }))
})

describe('hooks', () => {
  it('may be put before others, give the only argument, and go during a call', () =>
    scope(() => {
      const layer = new nn.ReLU()
      const calls: number[] = []
      layer.registerForwardPreHook(() => void calls.push(1))
      layer.registerForwardPreHook(() => void calls.push(2), { prepend: true })
      layer.registerForwardPreHook((_, [x]) => (x as Tensor).mul(2))
      const once = layer.registerForwardHook(() => {
        once.remove()
        last.remove()
      })
      const last = layer.registerForwardHook(() => void calls.push(3))
      expect(layer.call(ones([1])).toArraySync()).toEqual([2])
      expect(calls).toEqual([2, 1, 3])
      layer.call(ones([1]))
      expect(calls).toEqual([2, 1, 3, 2, 1])
    }))

  it('see gradients of results in an object', () =>
    scope(() => {
      class Two extends nn.Module {
        override forward(x: Tensor): { double: Tensor; name: string; triple: Tensor } {
          return { double: x.mul(2), name: 'x', triple: x.mul(3) }
        }
      }
      const layer = new Two()
      const seen: unknown[] = []
      layer.registerFullBackwardHook((_, inputs, outputs) => {
        seen.push(...[...inputs, ...outputs].map((g) => g?.toArraySync()))
        return undefined
      })
      const x = ones([1]).requiresGrad_()
      const { double, name, triple } = layer.call(x)
      expect(name).toBe('x')
      double.mul(5).add(triple.mul(7)).sum().backward()
      expect(seen).toEqual([[31], [5], [7]])
    }))
})
