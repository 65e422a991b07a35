// Parts of models by pattern: which are selected, frozen, replaced, tied.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DTypeError, noGrad, ones, randn, ShapeError, scope, type Tensor, ValueError, zeros } from '#lib/index.js'
import { loadSafetensors, readSafetensorsHeader, saveSafetensors } from '#lib/io/index.js'
import { Bert } from '#lib/models/index.js'
import * as nn from '#lib/nn/index.js'
import { SGD } from '#lib/optim/index.js'

const tinyBert = (): Bert => new Bert({ vocabSize: 9, positions: 4, channels: 4, layers: 3, heads: 2 })
const paths = (model: nn.Module, pattern: nn.ModulePattern): string[] =>
  nn.modulesMatching(model, pattern).map(([path]) => path)
const names = (model: nn.Module, pattern: nn.ParameterPattern): string[] =>
  nn.parametersMatching(model, pattern).map(([name]) => name)
const message = (fn: () => unknown): string => {
  try {
    fn()
  } catch (error) {
    expect(error).toBeInstanceOf(ValueError)
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}

describe('patterns', () => {
  it('are globs over paths', () => {
    const model = tinyBert()
    const self = (i: number, last = ''): string => `encoder.layer.${i}.attention.self${last}`
    expect(paths(model, 'encoder')).toEqual(['encoder'])
    expect(paths(model, 'encoder.layer.*')).toEqual([0, 1, 2].map((i) => `encoder.layer.${i}`))
    expect(paths(model, 'encoder.layer.{0,2}.attention.self')).toEqual([self(0), self(2)])
    expect(paths(model, '**.query')).toEqual([0, 1, 2].map((i) => self(i, '.query')))
    expect(paths(model, 'encoder.**.qu*')).toEqual([0, 1, 2].map((i) => self(i, '.query')))
    expect(paths(model, 'encoder.layer.1.attention.self.**')).toEqual(
      ['', '.query', '.key', '.value'].map((last) => self(1, last)),
    )
    expect(paths(model, '**')).toEqual([...model.namedModules()].map(([path]) => path).slice(1))
    expect(paths(model, 'encoder.**.1.**.self')).toEqual([self(1)])
    // A dot is a dot.
    expect(() => paths(model, 'encoder-layer')).toThrow(ValueError)
    model.dispose()
  })

  it('are expressions, classes, functions and lists of them', () => {
    const model = tinyBert()
    expect(paths(model, /layer\.1$/)).toEqual(['encoder.layer.1'])
    expect(paths(model, nn.Embedding)).toHaveLength(3)
    expect(paths(model, nn.Module)[0]).toBe('')
    expect(paths(model, (module, path) => module instanceof nn.Linear && path.endsWith('key'))).toHaveLength(3)
    expect(paths(model, ['pooler', nn.Embedding, 'pooler'])).toEqual([...paths(model, nn.Embedding), 'pooler'])
    model.dispose()
  })

  it('select parameters by name, and modules’ parameters', () => {
    const model = tinyBert()
    expect(names(model, 'pooler')).toEqual(['pooler.dense.weight', 'pooler.dense.bias'])
    expect(names(model, 'pooler.**.bias')).toEqual(['pooler.dense.bias'])
    expect(names(model, /^pooler.*bias$/)).toEqual(['pooler.dense.bias'])
    expect(names(model, nn.LayerNorm)).toHaveLength(14)
    expect(names(model, '**.LayerNorm')).toEqual(names(model, nn.LayerNorm))
    expect(names(model, (parameter) => parameter.rank < 2)).toEqual(
      [...model.namedParameters()].filter(([, p]) => p.rank < 2).map(([name]) => name),
    )
    model.dispose()
  })

  it('that select nothing say what is near', () => {
    const model = tinyBert()
    expect(message(() => paths(model, 'encodr.layer'))).toMatch(/^modulesMatching: nothing in Bert .*near it: encoder$/)
    expect(message(() => paths(model, 'encoder.layers.1.attention'))).toMatch(/near it: encoder\.layer$/)
    expect(message(() => paths(model, 'encoder.layer.*.atention'))).toMatch(
      /near it: encoder\.layer\.0\.attention, encoder\.layer\.1\.attention, encoder\.layer\.2\.attention$/,
    )
    expect(message(() => paths(model, /nowhere/))).toMatch(/matches \/nowhere\/; there are embeddings, /)
    expect(message(() => paths(model, () => false))).toMatch(/matches the given function; there are /)
    expect(message(() => paths(model, nn.Conv2d))).toMatch(/no module in Bert is a Conv2d; there are Bert, Embeddings/)
    expect(message(() => paths(model, 'a**.b'))).toMatch(/stands for whole names/)
    expect(message(() => nn.freeze(model, ['pooler', 'pooler.dense.wight']))).toMatch(/near it: pooler\.dense\.weight$/)
    model.dispose()
  })
})

describe('freeze', () => {
  it('stops gradients, frees those there are, and unfreeze lets them come again', () =>
    scope(() => {
      const model = new nn.Sequential(new nn.Linear(2, 2), new nn.Linear(2, 2))
      const optimizer = new SGD(model.parameters(), { lr: 1 })
      const step = (): void => {
        model
          .call(ones([1, 2]))
          .sum()
          .backward()
        optimizer.step()
      }
      model
        .call(ones([1, 2]))
        .sum()
        .backward()
      const before = [...model.stateDict()].map(([, t]) => t.dataSync())
      expect(nn.freeze(model, '0')).toEqual(['0.weight', '0.bias'])
      step()
      const after = [...model.stateDict()].map(([, t]) => t.dataSync())
      expect(after.slice(0, 2)).toEqual(before.slice(0, 2))
      expect(after[3]).not.toEqual(before[3])
      expect(model.at(0)?.parameters().next().value?.grad).toBeNull()
      expect(nn.unfreeze(model, '0.*')).toEqual(['0.weight', '0.bias'])
      step()
      expect(model.at(0)?.parameters().next().value?.grad).not.toBeNull()
      model.dispose()
    }))

  it('finds a tied parameter under any of its names', () => {
    const model = new nn.Sequential(new nn.Linear(2, 2), new nn.Linear(2, 2))
    nn.tieWeights(model, '0.weight', '1.weight')
    expect(nn.freeze(model, '1.weight')).toEqual(['0.weight'])
    model.dispose()
  })
})

describe('replaceModules', () => {
  class Wrapped extends nn.Module {
    inner: nn.Module
    scale = new nn.Parameter(ones([1]))
    constructor(inner: nn.Module) {
      super()
      this.inner = inner
    }
    override forward(x: Tensor): Tensor {
      return (this.inner.call(x) as Tensor).mul(this.scale)
    }
  }

  it('replaces in fields and containers, once for what is shared', () => {
    const shared = new nn.ReLU()
    const model = new nn.Sequential(shared, new nn.Sequential(shared, new nn.ModuleList([shared])))
    let made = 0
    const replaced = nn.replaceModules(model, nn.ReLU, () => {
      made++
      return new nn.SiLU()
    })
    expect(made).toBe(1)
    expect(replaced).toMatchObject([{ path: '0', before: shared }])
    const kinds = [...nn.modulePaths(model)].map(([path, module]) => `${path} ${module.constructor.name}`)
    expect(kinds).toEqual([' Sequential', '0 SiLU', '1 Sequential', '1.0 SiLU', '1.1 ModuleList', '1.1.0 SiLU'])
    expect(model.at(0)).toBe(replaced[0]?.after)
  })

  it('wraps modules, inner ones first, with their mode and dtype', () => {
    const model = new nn.Sequential(new nn.Sequential(new nn.Linear(2, 2)), new nn.Linear(2, 2)).to('f64')
    ;(model.at(0) as nn.Module).eval()
    const seen: string[] = []
    nn.replaceModules(model, '**', (module, path) => {
      seen.push(path)
      return new Wrapped(module)
    })
    expect(seen).toEqual(['1', '0.0', '0'])
    expect([...model.namedParameters()].map(([name]) => name)).toEqual([
      '0.scale',
      '0.inner.0.scale',
      '0.inner.0.inner.weight',
      '0.inner.0.inner.bias',
      '1.scale',
      '1.inner.weight',
      '1.inner.bias',
    ])
    expect([...model.parameters()].every(({ dtype }) => dtype === 'f64')).toBe(true)
    expect([...model.modules()].filter(({ training }) => !training)).toHaveLength(4)
    expect((model.at(1) as Wrapped).training).toBe(true)
    nn.replaceModules(model, '1.inner', (m) => new Wrapped(m), { keepDType: false })
    expect(((model.at(1) as Wrapped).inner as Wrapped).scale.dtype).toBe('f32')
    model.dispose()
  })

  it('refuses the model itself, what is no module, and then changes nothing', () => {
    const model = new nn.Sequential(new nn.ReLU(), new nn.ReLU())
    const before = [...model]
    expect(message(() => nn.replaceModules(model, nn.Module, (m) => m))).toMatch(/selects the Sequential itself/)
    const wrong = (_: nn.Module, path: string): nn.Module => (path === '1' ? new nn.SiLU() : (undefined as never))
    expect(message(() => nn.replaceModules(model, nn.ReLU, wrong))).toMatch(/in the place of 0, found undefined/)
    expect([...model]).toEqual(before)
    expect(nn.replaceModules(model, nn.ReLU, (m) => m)).toEqual([])
  })
})

describe('tieWeights', () => {
  const pair = (): nn.Sequential => new nn.Sequential(new nn.Embedding(5, 3), new nn.Linear(3, 5, { bias: false }))

  it('makes one parameter of two, which casts keep', () =>
    scope(() => {
      const model = pair()
      nn.tieWeights(model, '0.weight', '1.weight')
      const [embedding, head] = [...model] as [nn.Embedding, nn.Linear]
      expect(head.weight).toBe(embedding.weight)
      expect([...model.parameters()]).toHaveLength(1)
      expect([...model.stateDict().keys()]).toEqual(['0.weight', '1.weight'])
      model.to('bf16')
      expect(head.weight).toBe(embedding.weight)
      expect(head.weight.dtype).toBe('bf16')
      model
        .call(zeros([2], { dtype: 'i32' }))
        .sum()
        .backward()
      expect(embedding.weight.grad?.shape).toEqual([5, 3])
      model.dispose()
    }))

  it('reaches a parameter of the model itself, and in lists', () => {
    class Own extends nn.Module {
      first = new nn.Parameter(zeros([2]))
      list = new nn.ParameterList([new nn.Parameter(ones([2]))])
      override forward(): void {}
    }
    const model = new Own()
    nn.tieWeights(model, 'list.0', 'first')
    expect(model.first).toBe(model.list.at(0))
    nn.tieWeights(model, 'first', 'list.0')
    model.dispose()
  })

  it('reaches what a parametrization is made of', () => {
    const [a, b] = [new nn.Linear(3, 3), new nn.Linear(3, 3)]
    for (const layer of [a, b]) nn.parametrizations.weightNorm(layer)
    const model = new nn.Sequential(a, b)
    const name = (i: number): string => `${i}.parametrizations.weight.original1`
    nn.tieWeights(model, name(0), name(1))
    const state = model.stateDict()
    expect(state.get(name(1))).toBe(state.get(name(0)))
    expect(nn.freeze(model, '**.original1')).toEqual([name(0)])
    model.dispose()
  })

  it('says what does not fit', () => {
    const model = new nn.Sequential(new nn.Embedding(5, 3), new nn.Linear(5, 3), new nn.Linear(3, 5, { dtype: 'f64' }))
    const tie = (...names: [string, string]) => nn.tieWeights(model, ...names)
    expect(() => tie('0.weight', '1.weight')).toThrow(ShapeError)
    expect(() => tie('0.weight', '1.weight')).toThrow('0.weight is (5, 3), 1.weight (3, 5)')
    expect(() => tie('0.weight', '2.weight')).toThrow(DTypeError)
    expect(message(() => tie('0.weight', '2.wieght'))).toMatch(
      /no parameter called '2\.wieght'; did you mean "2\.weight"/,
    )
    model.dispose()
  })

  it('is stored once, and read under both names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sinter-tie-'))
    const path = join(folder, 'tied.safetensors')
    const model = pair()
    nn.tieWeights(model, '0.weight', '1.weight')
    try {
      await saveSafetensors(path, model.stateDict(), { note: 'x' })
      const { tensors, metadata } = await readSafetensorsHeader(path)
      expect([...tensors.keys()]).toEqual(['0.weight'])
      expect([...metadata]).toEqual([
        ['note', 'x'],
        ['1.weight', '0.weight'],
      ])
      const loaded = await loadSafetensors(path)
      expect([...loaded.keys()]).toEqual(['0.weight', '1.weight'])
      // A model without the tie has both, of the same values.
      const untied = pair()
      untied.loadStateDict(loaded)
      const [embedding, head] = [...untied] as [nn.Embedding, nn.Linear]
      expect(head.weight.dataSync()).toEqual(embedding.weight.dataSync())
      expect([...(await loadSafetensors(path, { names: ['1.weight'] })).keys()]).toEqual(['1.weight'])

      await saveSafetensors(path, untied.stateDict())
      expect([...(await readSafetensorsHeader(path)).tensors.keys()]).toHaveLength(2)
      await saveSafetensors(path, model.stateDict(), {}, { shared: 'each' })
      expect([...(await readSafetensorsHeader(path)).tensors.keys()]).toHaveLength(2)
      expect(model.loadStateDict(await loadSafetensors(path))).toEqual({ missing: [], unexpected: [] })
      await expect(saveSafetensors(path, {}, {}, { shared: 'twice' as 'each' })).rejects.toThrow(
        "expected 'once' or 'each'",
      )
      for (const m of [model, untied]) m.dispose()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('Module.to', () => {
  it('casts every layer’s floating-point state, and no other', () => {
    const model = new nn.ModuleDict<nn.Module>({
      linear: new nn.Linear(4, 4),
      norm: new nn.BatchNorm1d(4),
      instance: new nn.InstanceNorm1d(4, { trackRunningStats: true }),
      layer: new nn.LayerNorm(4),
      rms: new nn.RMSNorm(4),
      group: new nn.GroupNorm(2, 4),
      conv: new nn.Conv1d(4, 4, 3),
      embedding: new nn.Embedding(4, 4),
      lstm: new nn.LSTM(4, 4, { bidirectional: true, projSize: 2 }),
    })
    model.to('bf16')
    for (const [name, t] of model.stateDict())
      expect([name, t.dtype]).toEqual([name, name.endsWith('num_batches_tracked') ? 'i64' : 'bf16'])
    expect(() => model.to('i32')).toThrow(/not a floating-point dtype/)
    model.dispose()
  })

  it('keeps what a layer is: gradients, frozen parameters, statistics; packed weights are made anew', () =>
    scope(() => {
      const layer = new nn.Linear(128, 128).eval()
      const x = randn([4, 128])
      const run = (a: Tensor): Tensor => noGrad(() => layer.call(a))
      run(x)
      run(x) // packed from now on
      layer.bias?.requiresGrad_(false)
      layer.call(x).sum().backward()
      const grad = layer.weight.grad?.to('f64').dataSync()
      layer.to('f64')
      expect(layer.weight.requiresGrad).toBe(true)
      expect(layer.bias?.requiresGrad).toBe(false)
      expect(layer.weight.grad?.dtype).toBe('f64')
      expect(layer.weight.grad?.dataSync()).toEqual(grad)
      const wide = x.to('f64')
      for (let i = 0; i < 3; i++) {
        const packed = run(wide)
        const plain = noGrad(() => wide.matmul(layer.weight.detach().transpose(0, 1)).add(layer.bias as Tensor))
        expect(packed.dtype).toBe('f64')
        // One sum of 128 products each, in another order at most.
        const bound = 2 * 129 * 2 ** -53 * 128 * 5
        expect(Math.max(...(packed.sub(plain).abs().dataSync() as Float64Array))).toBeLessThan(bound)
      }
      layer.dispose()
    }))

  it('trains norms in bf16', () =>
    scope(() => {
      const model = new nn.Sequential(new nn.Linear(4, 4), new nn.BatchNorm1d(4)).to('bf16')
      model
        .call(randn([8, 4], { dtype: 'bf16' }))
        .sum()
        .backward()
      const norm = model.at(1) as nn.BatchNorm1d
      expect(norm.runningMean?.dtype).toBe('bf16')
      expect(Number(norm.numBatchesTracked?.itemSync())).toBe(1)
      expect(norm.weight?.grad?.dtype).toBe('bf16')
      model.dispose()
    }))
})
