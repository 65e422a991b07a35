// Models of quantized linear layers: what is replaced, what is freed, how close it computes.
import { describe, expect, it } from 'vitest'
import { noGrad, randint, randn, scope, type Tensor } from '#lib/index.js'
import { GPT2 } from '#lib/models/index.js'
import { Linear, LinearInOut, type Module, ModuleDict, ReLU, Sequential } from '#lib/nn/index.js'
import { DynamicQuantizedLinear, dynamicQuantizedLinear, quantizeDynamic, quantizeWeight } from '#lib/quant/index.js'

const values = (t: Tensor): number[] => [...(t.dataSync() as Float32Array)]
const kinds = (model: Module): string[] => [...model.modules()].map((m) => m.constructor.name)

describe('DynamicQuantizedLinear', () => {
  it('computes as the function does, of weights that lie either way', () =>
    scope(() => {
      const x = randn([3, 5])
      const [a, b] = [new Linear(5, 4), new LinearInOut(5, 4)]
      noGrad(() => {
        for (const layer of [a, b]) {
          const w = layer instanceof LinearInOut ? layer.weight.transpose(0, 1) : layer.weight
          const wanted = dynamicQuantizedLinear(x, quantizeWeight(w.detach()), layer.bias)
          expect(values(DynamicQuantizedLinear.from(layer).call(x))).toEqual(values(wanted))
        }
      })
    }))

  it('takes what follows the product, as Linear does', () =>
    scope(() =>
      noGrad(() => {
        const [x, residual, layer] = [randn([3, 5]), randn([3, 4]), DynamicQuantizedLinear.from(new Linear(5, 4))]
        const y = layer.call(x, { activation: 'relu', residual })
        expect(values(y)).toEqual(values(layer.call(x).relu().add(residual)))
        const dropped = values(layer.call(x, { dropout: 0.999 }))
        expect(dropped.filter((v) => v === 0).length).toBeGreaterThan(6)
        expect(() => layer.call(x, { scale: 2 })).toThrow(/takes no scale/)
      }),
    ))
})

describe('quantizeDynamic', () => {
  it('replaces layers in fields and containers, but for those that are skipped', () => {
    const model = new Sequential(
      new Linear(4, 8),
      new ReLU(),
      new Sequential(new Linear(8, 8)),
      new ModuleDict({ head: new Linear(8, 2) }),
    )
    expect(quantizeDynamic(model, { skip: (name) => name === '0' })).toBe(model)
    expect(kinds(model)).toEqual([
      'Sequential',
      'Linear',
      'ReLU',
      'Sequential',
      'DynamicQuantizedLinear',
      'ModuleDict',
      'DynamicQuantizedLinear',
    ])
    expect([...model.stateDict().keys()]).toEqual(['0.weight', '0.bias', '2.0.bias', '3.head.bias'])
    model.dispose()
  })

  it('computes about the same model, and leaves a tied embedding', () => {
    const model = new GPT2({ vocabSize: 50, positions: 8, channels: 32, layers: 2, heads: 2 }).eval()
    const tokens = randint(0, 50, [1, 8])
    const run = (): number[] => noGrad(() => values(model.call(tokens)))
    const before = run()
    const shared = (model.transformer.h.at(0) as Module).parameters().next().value as Tensor
    quantizeDynamic(model)
    expect(kinds(model).filter((kind) => kind === 'DynamicQuantizedLinear')).toHaveLength(9)
    expect(shared.isDisposed).toBe(false)
    const after = run()
    // Steps of a 127th and a 255th of the largest numbers in each of some ten products.
    const size = Math.max(...before.map(Math.abs))
    const error = Math.max(...after.map((v, i) => Math.abs(v - (before[i] as number))))
    expect(error).toBeGreaterThan(0)
    expect(error).toBeLessThan(size * 10 * (1 / 127 + 1 / 255))
    model.dispose()
  })

  it('frees the weights that nothing else holds', () => {
    const layer = new Linear(4, 4)
    const model = new Sequential(layer)
    quantizeDynamic(model)
    expect(layer.weight.isDisposed).toBe(true)
    expect(layer.bias?.isDisposed).toBe(false)
    model.dispose()
  })

  it('refuses a layer alone', () => {
    expect(() => quantizeDynamic(new Linear(2, 2))).toThrow(/DynamicQuantizedLinear\.from/)
  })
})
