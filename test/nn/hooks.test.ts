/** Hooks on modules, forward and backward. */
import { describe, expect, it } from 'vitest'
import { grad, scope, type Tensor, tensor, ValueError } from '#lib/index.js'
import { Linear, Sequential } from '#lib/nn/index.js'

const f64 = (v: number[], shape = [v.length]): Tensor => tensor(v, { dtype: 'f64', shape }) as Tensor
const values = (t: Tensor | null | undefined): number[] => Array.from((t as Tensor).dataSync() as Float64Array)

function doubling(): Linear {
  const layer = new Linear(2, 2, { bias: false }).to('f64')
  layer.weight.requiresGrad_(false)
  scope(() => layer.weight.copy_(f64([2, 0, 0, 2], [2, 2])))
  return layer
}

describe('module hooks', () => {
  it('see and change arguments and results', () =>
    scope(() => {
      const layer = doubling()
      const x = f64([1, 2], [1, 2])
      const handles = [
        layer.registerForwardPreHook((_, [a]) => [(a as Tensor).add(1)]),
        layer.registerForwardHook((_, args, y) => (y as Tensor).mul(10).add(args[0] as Tensor)),
      ]
      expect(values(layer.call(x))).toEqual([42, 63])
      for (const handle of handles) handle.remove()
      expect(values(layer.call(x))).toEqual([2, 4])
      layer.dispose()
    }))

  it('see and change gradients of results and arguments', () =>
    scope(() => {
      const layer = doubling()
      const x = f64([1, 2], [1, 2]).requiresGrad_() as Tensor
      const seen: number[][] = []
      layer.registerFullBackwardPreHook((_, [g]) => [(g as Tensor).mul(3)])
      layer.registerFullBackwardHook((_, [gx], [gy]) => {
        seen.push(values(gx), values(gy))
        return [(gx as Tensor).mul(100)]
      })
      layer.call(x).sum().backward()
      expect(seen).toEqual([
        [6, 6],
        [3, 3],
      ])
      expect(values(x.grad)).toEqual([600, 600])
      layer.dispose()
    }))

  it('run for a first layer, whose argument wants no gradient', () =>
    scope(() => {
      const layer = new Linear(2, 1).to('f64')
      const model = new Sequential(layer)
      let seen: (Tensor | null)[] = []
      layer.registerFullBackwardHook((_, inputs, [gy]) => {
        seen = [...inputs]
        expect(values(gy)).toEqual([1])
        return undefined
      })
      model
        .call(f64([1, 2], [1, 2]))
        .sum()
        .backward()
      expect(seen).toEqual([null])
      expect(values(layer.weight.grad)).toEqual([1, 2])
      model.dispose()
    }))

  it('keep second derivatives', () =>
    scope(() => {
      const layer = doubling()
      layer.registerFullBackwardHook(() => undefined)
      const x = f64([1, 2], [1, 2]).requiresGrad_() as Tensor
      const y = layer.call(x)
      const [g] = grad(y.mul(y).sum(), x, { createGraph: true }) as [Tensor]
      expect(values(grad(g.sum(), x)[0])).toEqual([8, 8])
      layer.dispose()
    }))

  it('that give another number of gradients are refused', () =>
    scope(() => {
      const layer = doubling()
      layer.registerFullBackwardHook(() => [])
      const x = f64([1, 2], [1, 2]).requiresGrad_() as Tensor
      expect(() => layer.call(x).sum().backward()).toThrow(ValueError)
      layer.dispose()
    }))
})
