// Modules: what fields register, names, state dicts, scopes.
import { describe, expect, it } from 'vitest'
import { engine, noGrad, ones, randn, scope, type Tensor, tensor, zeros } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'

class Block extends nn.Module {
  convA: nn.Conv2d
  runningScale: nn.Buffer
  scratch: nn.Buffer
  ownWeight: nn.Parameter
  readonly title = 'block'

  constructor() {
    super()
    this.convA = new nn.Conv2d(2, 3, 1)
    this.runningScale = new nn.Buffer(ones([3]))
    this.scratch = new nn.Buffer(zeros([1]), { persistent: false })
    this.ownWeight = new nn.Parameter(zeros([2]))
  }

  override forward(x: Tensor): Tensor {
    return this.convA.call(x)
  }
}

class Model extends nn.Module {
  layers: nn.ModuleList<Block>
  heads: nn.ModuleDict<nn.Linear>

  constructor() {
    super()
    this.layers = new nn.ModuleList([new Block(), new Block()])
    this.heads = new nn.ModuleDict({ left: new nn.Linear(2, 2), right: new nn.Linear(2, 2, { bias: false }) })
  }

  override forward(x: Tensor): Tensor {
    for (const layer of this.layers) x = layer.call(x)
    return x
  }
}

describe('Module', () => {
  it('registers fields under PyTorch’s names, in its order', () => {
    const block = (i: number) =>
      ['own_weight', 'running_scale', 'conv_a.weight', 'conv_a.bias'].map((name) => `layers.${i}.${name}`)
    const names = [...block(0), ...block(1), 'heads.left.weight', 'heads.left.bias', 'heads.right.weight']
    const model = new Model()
    expect([...model.stateDict().keys()]).toEqual(names)
    expect([...model.namedParameters()].map(([name]) => name)).toEqual(names.filter((name) => !name.endsWith('scale')))
    expect([...model.namedBuffers()].map(([name]) => name)).toContain('layers.0.scratch')
    expect([...model.namedModules()].map(([name]) => name)).toEqual([
      '',
      'layers',
      'layers.0',
      'layers.0.conv_a',
      'layers.1',
      'layers.1.conv_a',
      'heads',
      'heads.left',
      'heads.right',
    ])
  })

  it('refuses what would silently not be trained', () => {
    class Wrong extends nn.Module {
      layers = [new nn.Linear(1, 1)]
      override forward(): void {}
    }
    expect(() => [...new Wrong().parameters()]).toThrow(
      /field 'layers' is a plain array of modules.*make it a ModuleList/,
    )
  })

  it('counts a shared parameter once, and saves it under both names', () => {
    const [a, b] = [new nn.Linear(3, 3), new nn.Linear(3, 3)]
    b.weight = a.weight
    const model = new nn.Sequential(a, b)
    expect([...model.namedParameters()].map(([name]) => name)).toEqual(['0.weight', '0.bias', '1.bias'])
    expect([...model.stateDict().keys()]).toEqual(['0.weight', '0.bias', '1.weight', '1.bias'])
  })

  it('switches modes everywhere', () => {
    const model = new nn.Sequential(new nn.Dropout(0.5), new nn.Sequential(new nn.Dropout(0.5)))
    expect([...model.eval().modules()].map(({ training }) => training)).toEqual([false, false, false, false])
    expect([...model.train().modules()].every(({ training }) => training)).toBe(true)
  })

  it('loads state dicts, or says all that is wrong and changes nothing', async () => {
    const [a, b] = [new nn.Linear(2, 3), new nn.Linear(2, 3)]
    expect(b.loadStateDict(a.stateDict())).toEqual({ missing: [], unexpected: [] })
    expect(await b.weight.data()).toEqual(await a.weight.data())
    const bad = { weight: zeros([3, 3]), extra: zeros([1]) }
    expect(() => b.loadStateDict(bad)).toThrow(
      'Linear.loadStateDict: the state dict does not fit:\n  shape of weight: found (3, 3), expected (3, 2)\n  missing: bias\n  unexpected: extra',
    )
    expect(b.loadStateDict({ bias: ones([3]), extra: zeros([1]) }, { strict: false })).toEqual({
      missing: ['weight'],
      unexpected: ['extra'],
    })
    expect(await b.bias?.toArray()).toEqual([1, 1, 1])
    expect(await b.weight.data()).toEqual(await a.weight.data())
  })

  it('casts in place of the objects, so that optimizers keep theirs', async () => {
    const layer = new nn.BatchNorm2d(2)
    const [weight] = [...layer.parameters()]
    layer.to('f64')
    expect([...layer.parameters()][0]).toBe(weight)
    expect(weight).toMatchObject({ dtype: 'f64', requiresGrad: true })
    expect(layer.numBatchesTracked?.dtype).toBe('i64')
    expect(await weight?.toArray()).toEqual([1, 1])
  })

  it('freezes and frees', () => {
    const layer = new nn.Linear(2, 2)
    layer.requiresGrad_(false)
    expect([...layer.parameters()].some(({ requiresGrad }) => requiresGrad)).toBe(false)
    layer.dispose()
    expect(() => layer.call(zeros([1, 2]))).toThrow(/disposed/)
  })

  it('moves to another device with its gradients and tied parameters, the objects staying the same', () => {
    const model = new nn.Sequential(new nn.Linear(3, 3), new nn.BatchNorm1d(3), new nn.Linear(3, 3))
    const [first, , last] = [...model] as [nn.Linear, nn.Module, nn.Linear]
    last.weight.dispose()
    last.weight = first.weight
    const before = [...model.parameters()]
    scope(() =>
      model
        .call(randn([4, 3]))
        .sum()
        .backward(),
    )
    const values = before.map((p) => [p.toArray(), p.grad?.toArray()])
    expect(model.to('reference')).toBe(model)
    expect([...model.parameters()]).toEqual(before)
    expect(last.weight).toBe(first.weight)
    for (const t of [...model.parameters(), ...model.buffers()]) expect(t.device).toBe('reference')
    for (const p of before) expect(p.grad?.device).toBe('reference')
    expect(before.map((p) => [p.toArray(), p.grad?.toArray()])).toEqual(values)
    expect(() => model.to('cuda:99')).toThrow(/device 'cuda:99' is not available/)
    expect(() => model.to('gpu')).toThrow(/device 'gpu' is unknown/)
    expect(() => model.to('i32')).toThrow(/i32 is not a floating-point dtype/)
    model.zeroGrad()
    model.dispose()
  })
})

describe('scopes', () => {
  it('an outermost call under noGrad frees all but what it returns and what modules hold', async () => {
    class Caching extends nn.Module {
      cache: Tensor[] = []
      inner = new nn.Linear(4, 4)
      override forward(x: Tensor): Tensor {
        const hidden = this.inner.call(x)
        this.cache.push(hidden)
        return hidden.mul(2).add(1).mul(3)
      }
    }
    const model = new Caching()
    const x = randn([2, 4])
    const before = engine.memory().tensors
    const y = noGrad(() => model.call(x))
    expect(engine.memory().tensors - before).toBe(2)
    expect(await y.isfinite().all().item()).toBe(1)
    expect(model.cache[0]?.isDisposed).toBe(false)
  })

  it('parameters made inside a scope outlive it', async () => {
    const layer = scope(() => {
      const made = new nn.Linear(2, 2)
      return { made }
    }).made
    expect(layer.weight.isDisposed).toBe(false)
    expect((await layer.call(zeros([1, 2])).toArray()) as unknown[]).toHaveLength(1)
  })
})

describe('Sequential', () => {
  it('says in which layer shapes do not fit', () => {
    const model = new nn.Sequential(new nn.Linear(4, 3), new nn.ReLU(), new nn.Linear(5, 2))
    expect(() => model.call(zeros([1, 4]))).toThrow(/linear: .*\(in 2, a Linear of Sequential\)$/)
  })
})

describe('init', () => {
  const stats = async (t: Tensor) => {
    const values = [...((await t.data()) as Float32Array)]
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length
    return {
      mean,
      std: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length),
      max: Math.max(...values.map(Math.abs)),
    }
  }

  it('follows PyTorch’s bounds and deviations', async () => {
    const n = 300
    const w = () => zeros([n, 200])
    const near = (value: number, expected: number) => expect(Math.abs(value / expected - 1)).toBeLessThan(0.02)
    const linear = await stats(new nn.Linear(200, n).weight)
    expect(linear.max).toBeLessThanOrEqual(Math.fround(1 / Math.sqrt(200)))
    near(linear.std, 1 / Math.sqrt(3 * 200))
    near((await stats(nn.init.kaimingNormal(w(), { mode: 'fanOut', nonlinearity: 'relu' }))).std, Math.sqrt(2 / n))
    near((await stats(nn.init.xavierUniform(w()))).max, Math.sqrt(6 / (n + 200)))
    near((await stats(nn.init.xavierNormal(w(), 2))).std, 2 * Math.sqrt(2 / (n + 200)))
    near((await stats(new nn.Embedding(n, 200).weight)).std, 1)
    // A normal cut at two deviations has the deviation 0.87962566.
    const cut = await stats(nn.init.truncNormal(w(), 0, 0.5, -1, 1))
    near(cut.std, 0.87962566 * 0.5)
    expect(cut.max).toBeLessThanOrEqual(1)
    const wide = await stats(nn.init.truncNormal(w(), 1, 0.02, -2, 2))
    near(wide.std, 0.02)
    near(wide.mean, 1)
  })

  it('keeps an embedding’s padding row at zero', async () => {
    const row = (await new nn.Embedding(4, 2, { paddingIndex: 1 }).weight.toArray()) as number[][]
    expect(row[1]).toEqual([0, 0])
    expect(row[0]).not.toEqual([0, 0])
  })

  it('checks arguments', () => {
    expect(() => new nn.Linear(0, 3)).toThrow('Linear: inFeatures is 0, expected a whole number of at least 1')
    expect(() => new nn.Conv2d(3, 4, 3, { groups: 2 })).toThrow(
      'Conv2d: a weight of 4 by 3 channels does not divide into 2 groups',
    )
    expect(() => new nn.BatchNorm2d(2).call(zeros([2, 2]))).toThrow('BatchNorm2d: takes (n, c, h, w), found (2, 2)')
    expect(() => nn.init.kaimingUniform(tensor([1]))).toThrow(/two dimensions/)
    expect(() => new nn.CausalSelfAttention(6, 4)).toThrow('6 channels do not divide into 4 heads')
  })
})
