/** Hooks on gradients of leaves and results, and retainGrad. */
import { describe, expect, it } from 'vitest'
import { AutogradError, ShapeError, scope, type Tensor, tensor } from '#lib/index.js'

const leaf = (v: number[]): Tensor => tensor(v, { dtype: 'f64' }).requiresGrad_() as Tensor
const values = (t: Tensor | null | undefined): number[] => Array.from((t as Tensor).dataSync() as Float64Array)

describe('hooks', () => {
  it('see the complete gradient of a result once, and may replace it', () =>
    scope(() => {
      const x = leaf([1, 2])
      const y = x.mul(3)
      const seen: number[][] = []
      const handle = y.registerHook((g) => {
        seen.push(values(g))
        return g.mul(10)
      })
      const pull = (): void => y.mul(2).add(y).sum().backward({ retainGraph: true })
      pull()
      expect(seen).toEqual([[3, 3]])
      expect(values(x.grad)).toEqual([90, 90])
      handle.remove()
      handle.remove()
      pull()
      expect(seen.length).toBe(1)
      expect(values(x.grad)).toEqual([99, 99])
    }))

  it('see the sum of all paths to a leaf, before it is accumulated', () =>
    scope(() => {
      const x = leaf([1, 2])
      const order: string[] = []
      x.registerHook((g) => {
        order.push(`hook ${values(g)}`)
        return g.mul(2)
      })
      x.registerPostAccumulateGradHook((t) => {
        order.push(`accumulated ${values(t.grad)}`)
      })
      x.mul(x).add(x).sum().backward()
      expect(order).toEqual(['hook 3,5', 'accumulated 6,10'])
      x.mul(1).sum().backward()
      expect(order.slice(2)).toEqual(['hook 1,1', 'accumulated 8,12'])
    }))

  it('of a leaf run as soon as its gradient is complete', () =>
    scope(() => {
      const [a, b] = [leaf([1]), leaf([2])]
      const order: string[] = []
      const h = a.mul(2)
      h.registerHook(() => {
        order.push('h')
      })
      a.registerPostAccumulateGradHook(() => {
        order.push('a')
      })
      b.registerPostAccumulateGradHook(() => {
        order.push('b')
      })
      h.mul(b).sum().backward()
      expect(order).toEqual(['b', 'h', 'a'])
    }))

  it('run for a leaf that is the root itself', () =>
    scope(() => {
      const x = leaf([4])
      x.registerHook((g) => g.mul(7))
      x.backward()
      expect(values(x.grad)).toEqual([7])
    }))

  it('may keep what they see', () => {
    let kept: Tensor | undefined
    scope(() => {
      const x = leaf([1, 2])
      x.mul(2).registerHook((g) => {
        kept = g
      })
      const y = x.mul(2)
      y.registerHook((g) => {
        kept = g
      })
      y.sum().backward()
      expect(values(kept)).toEqual([1, 1])
    })
    expect(kept?.isDisposed).toBe(true)
  })

  it('that give a wrong shape are refused, and nothing is left behind', () =>
    scope(() => {
      const x = leaf([1, 2])
      const y = x.mul(2)
      const handle = y.registerHook((g) => g.sum())
      expect(() => y.sum().backward({ retainGraph: true })).toThrow(ShapeError)
      handle.remove()
      y.sum().backward()
      expect(values(x.grad)).toEqual([2, 2])
    }))

  it('need a tensor that requires gradients', () =>
    scope(() => {
      expect(() => tensor([1]).registerHook(() => undefined)).toThrow(AutogradError)
      expect(() =>
        leaf([1])
          .mul(2)
          .registerPostAccumulateGradHook(() => undefined),
      ).toThrow(AutogradError)
    }))

  it('retainGrad sets grad on results, and accumulates', () =>
    scope(() => {
      const x = leaf([1, 2])
      const y = x.mul(3).retainGrad()
      y.sum().backward({ retainGraph: true })
      y.mul(2).sum().backward()
      expect(values(y.grad)).toEqual([3, 3])
      y.dispose()
    }))
})
