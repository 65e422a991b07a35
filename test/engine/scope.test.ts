// Lifetimes: scopes, the graph, and the net under tensors that nobody disposes of.
import { describe, expect, it } from 'vitest'
import {
  asyncScope,
  DisposedError,
  engine,
  keep,
  noGrad,
  ones,
  randn,
  Scope,
  scope,
  type Tensor,
  ValueError,
  zeros,
} from '#lib/index.js'
import { Linear } from '#lib/nn/index.js'

const live = (): number => engine.memory().tensors

describe('scope', () => {
  it('frees what was made inside, except what is returned, in arrays, objects and Maps', () => {
    const before = live()
    const result = scope(() => {
      const a = ones([4])
      const b = a.add(1)
      const c = b.mul(2)
      return { list: [b], map: new Map([['c', c]]), n: 3 }
    })
    expect(live() - before).toBe(2)
    expect(result.list[0]?.toArraySync()).toEqual([2, 2, 2, 2])
    expect(result.map.get('c')?.toArraySync()).toEqual([4, 4, 4, 4])
    result.list[0]?.dispose()
    result.map.get('c')?.dispose()
    expect(live()).toBe(before)
  })

  it('hands results to the enclosing scope', () => {
    const before = live()
    scope(() => {
      const inner = scope(() => ones([2]))
      expect(inner.isDisposed).toBe(false)
    })
    expect(live()).toBe(before)
  })

  it('frees what was made when the function throws', () => {
    const before = live()
    expect(() =>
      scope(() => {
        ones([2])
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(live()).toBe(before)
  })

  it('names the scope when a freed tensor is used', () => {
    let leaked: Tensor | undefined
    scope(() => {
      leaked = ones([2, 3])
    })
    expect(() => leaked?.add(1)).toThrow(DisposedError)
    expect(() => leaked?.add(1)).toThrow(/add: the f32 tensor \(2, 3\) was disposed of/)
  })

  it('refuses an async function and says what to use', () => {
    expect(() => scope(async () => ones([1]))).toThrow(ValueError)
  })

  it('keeps what keep() names and what modules hold', () => {
    const before = live()
    const { kept, layer } = scope(() => {
      const kept = keep(ones([2]))
      ones([3])
      return { kept, layer: new Linear(2, 3) }
    })
    expect(kept.isDisposed).toBe(false)
    expect(layer.weight.isDisposed).toBe(false)
    kept.dispose()
    for (const p of layer.parameters()) p.dispose()
    expect(live()).toBe(before)
  })

  it('keeps saved tensors of a returned result alive for backward', () => {
    const x = randn([8], { requiresGrad: true })
    const loss = scope(() => x.exp().mul(x).sum())
    loss.backward()
    expect(x.grad?.shape).toEqual([8])
    loss.dispose()
    x.dispose()
  })

  it('as an object spans awaits', async () => {
    const before = live()
    {
      using s = new Scope()
      const a = s.run(() => ones([4]).add(1))
      expect(await a.toArray()).toEqual([2, 2, 2, 2])
      s.run(() => a.mul(2))
    }
    expect(live()).toBe(before)
  })

  it('follows an async function, two at once', async () => {
    const before = live()
    const job = (value: number): Promise<number> =>
      asyncScope(async () => {
        const a = ones([4]).mul(value)
        await new Promise((resolve) => setTimeout(resolve, 2))
        return await a.add(1).sum().item()
      })
    expect(await Promise.all([job(1), job(2)])).toEqual([8, 12])
    expect(live()).toBe(before)
  })

  it('returns a tensor from an async scope', async () => {
    const t = await asyncScope(async () => {
      const a = zeros([2])
      await null
      return a.add(5)
    })
    expect(t.toArraySync()).toEqual([5, 5])
    t.dispose()
  })
})

describe('forwards without backward', () => {
  it('leave memory flat inside scopes', () => {
    const layer = new Linear(16, 16)
    const x = randn([4, 16])
    const step = (): void =>
      scope(() => {
        layer.call(layer.call(x).tanh()).sum()
      })
    step()
    engine.syncSync()
    const before = engine.memory()
    for (let i = 0; i < 2000; i++) step()
    engine.syncSync()
    const after = engine.memory()
    expect(after.tensors).toBe(before.tensors)
    expect(after.live).toBe(before.live)
    for (const t of [x, ...layer.parameters()]) t.dispose()
  })

  it('leave memory bounded outside scopes', () => {
    const w = randn([64, 64], { requiresGrad: true })
    const x = randn([64, 64])
    for (let i = 0; i < 20_000; i++) x.matmul(w).tanh().sum()
    engine.syncSync()
    // 16 KB results, each graph holding two more: unbounded would be 960 MB.
    expect(engine.memory().peak).toBeLessThan(500e6)
    w.dispose()
    x.dispose()
  })

  it('free intermediates by themselves under noGrad in a module call', () => {
    const layer = new Linear(16, 16)
    const x = randn([4, 16])
    const before = live()
    const y = noGrad(() => layer.call(x))
    expect(live() - before).toBe(1)
    for (const t of [y, x, ...layer.parameters()]) t.dispose()
  })
})
