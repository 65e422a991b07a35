// The gradient graph: lifetimes, accumulation, misuse.
import { describe, expect, it } from 'vitest'
import { AutogradError, enableGrad, engine, noGrad, ones, randn, scope, tensor } from '#lib/index.js'

describe('backward', () => {
  it('accumulates over calls and over paths', () =>
    scope(() => {
      const x = tensor([2, 3], { requiresGrad: true })
      x.mul(x).sum().backward()
      expect(x.grad?.toArraySync()).toEqual([4, 6])
      x.mul(3).sum().backward()
      expect(x.grad?.toArraySync()).toEqual([7, 9])
    }))

  it('gives each leaf a gradient of its own', () =>
    scope(() => {
      const a = ones([3], { requiresGrad: true })
      const b = ones([3], { requiresGrad: true })
      a.add(b).sum().backward()
      noGrad(() => a.grad?.mul_(10))
      expect(b.grad?.toArraySync()).toEqual([1, 1, 1])
    }))

  it('takes a chain of 100,000 operators', () => {
    const x = ones([4], { requiresGrad: true })
    scope(() => {
      let y = x.mul(1)
      for (let i = 0; i < 100_000; i++) y = i % 2 ? y.mul(1.00001) : y.add(0)
      y.sum().backward()
    })
    // 50,000 factors of 1.00001, each rounded to f32 once in the factor and once in the product.
    const exact = Math.exp(50_000 * Math.log(Math.fround(1.00001)))
    for (const g of x.grad?.dataSync() ?? []) expect(Math.abs(g / exact - 1)).toBeLessThan(50_000 * 2 ** -24)
    x.dispose()
  })

  it('frees a chain of 100,000 operators that never sees a backward', () => {
    const before = engine.memory()
    scope(() => {
      let y = ones([4], { requiresGrad: true }).exp()
      for (let i = 0; i < 100_000; i++) y = y.tanh()
    })
    engine.syncSync()
    expect(engine.memory().tensors).toBe(before.tensors)
  })

  it('refuses a second pass through a freed graph, and allows it when retained', () =>
    scope(() => {
      const x = tensor([2], { requiresGrad: true })
      const y = x.mul(x).sum()
      y.backward({ retainGraph: true })
      y.backward()
      expect(x.grad?.toArraySync()).toEqual([8])
      expect(() => y.backward()).toThrow(AutogradError)
    }))

  it('needs one number, or a gradient of the right shape', () =>
    scope(() => {
      const x = randn([2, 3], { requiresGrad: true })
      expect(() => x.mul(2).backward()).toThrow(/shape \(2, 3\); pass \{gradient\}/)
      expect(() => x.mul(2).backward({ gradient: ones([3]) })).toThrow(/gradient \(3\) for a tensor \(2, 3\)/)
      expect(() => ones([1]).backward()).toThrow(/does not require gradients/)
    }))

  it('differentiates twice', () =>
    scope(() => {
      const x = tensor([0.5, 2], { dtype: 'f64', requiresGrad: true })
      // y = x^3 + e^x: y' = 3 x^2 + e^x, y'' = 6 x + e^x
      x.mul(x).mul(x).add(x.exp()).sum().backward({ createGraph: true })
      const first = x.grad
      x.grad = null
      first?.sum().backward()
      const second = (x.grad as typeof first)?.dataSync() as Float64Array
      for (const [i, v] of [0.5, 2].entries())
        expect(Math.abs((second[i] as number) - (6 * v + Math.exp(v)))).toBeLessThan(1e-12)
    }))

  it('notices a saved operand that changed in place', () =>
    scope(() => {
      const x = tensor([1, 2], { requiresGrad: true })
      const w = tensor([3, 4])
      const y = x.mul(w).sum()
      w.add_(1)
      expect(() => y.backward()).toThrow(/gradient of mul needs was modified in place/)
    }))

  it('notices it through a view', () =>
    scope(() => {
      const x = tensor([1, 2], { requiresGrad: true })
      const w = tensor([3, 4])
      const y = x.mul(w).sum()
      w.narrow(0, 0, 1).fill_(0)
      expect(() => y.backward()).toThrow(/modified in place/)
    }))

  it('leaves nothing behind when a rule throws', () => {
    const before = engine.memory().tensors
    scope(() => {
      const x = tensor([1, 2], { requiresGrad: true })
      const w = tensor([3, 4])
      const y = x.exp().mul(w).exp().sum()
      w.add_(1)
      expect(() => y.backward()).toThrow(AutogradError)
    })
    expect(engine.memory().tensors).toBe(before)
  })
})

describe('noGrad', () => {
  it('records nothing inside; enableGrad does again', () =>
    scope(() => {
      const x = ones([2], { requiresGrad: true })
      noGrad(() => {
        expect(x.mul(2).requiresGrad).toBe(false)
        expect(enableGrad(() => x.mul(2)).requiresGrad).toBe(true)
      })
      expect(x.mul(2).requiresGrad).toBe(true)
      expect(x.mul(2).detach().requiresGrad).toBe(false)
    }))

  it('is needed for in-place writes to leaves', () =>
    scope(() => {
      const x = ones([2], { requiresGrad: true })
      expect(() => x.add_(1)).toThrow(/run it inside noGrad/)
      noGrad(() => x.add_(1))
      expect(x.toArraySync()).toEqual([2, 2])
    }))
})
