/** Writing in place while gradients are recorded. */
import { describe, expect, it } from 'vitest'
import { AutogradError, noGrad, scope, type Tensor, tensor } from '#lib/index.js'

const leaf = (v: number[]): Tensor => tensor(v, { dtype: 'f64' }).requiresGrad_() as Tensor
const f64 = (v: number[]): Tensor => tensor(v, { dtype: 'f64' }) as Tensor
const values = (t: Tensor | null | undefined): number[] => Array.from((t as Tensor).dataSync() as Float64Array)

describe('in-place operators', () => {
  it('are part of the graph', () =>
    scope(() => {
      const x = leaf([1, 2])
      const y = x.mul(1)
      y.mul_(x).add_(x, { alpha: 3 }).sub_(1)
      expect(values(y)).toEqual([3, 9])
      y.sum().backward()
      // x^2 + 3x - 1
      expect(values(x.grad)).toEqual([5, 7])
    }))

  it('reach the tensor that is written into a constant one', () =>
    scope(() => {
      const x = leaf([1, 2])
      const y = f64([10, 20])
      y.add_(x.mul(x))
      expect(y.requiresGrad).toBe(true)
      y.sum().backward()
      expect(values(x.grad)).toEqual([2, 4])
    }))

  it('cut the graph where everything is replaced', () =>
    scope(() => {
      const [x, z] = [leaf([1, 2]), leaf([5, 6])]
      const y = x.mul(2)
      y.copy_(z)
      y.mul(3).sum().backward()
      expect(x.grad).toBe(null)
      expect(values(z.grad)).toEqual([3, 3])
      const w = x.mul(2).fill_(4)
      expect([w.requiresGrad, values(w)]).toEqual([false, [4, 4]])
    }))

  it('may need the old values themselves', () =>
    scope(() => {
      const x = leaf([1, 2])
      const y = x.mul(1)
      y.mul_(y)
      y.mul_(y)
      y.sum().backward()
      expect(values(x.grad)).toEqual([4, 32])
    }))

  it('that overwrite what another operator saved are noticed', () =>
    scope(() => {
      const x = leaf([1, 2])
      const y = x.mul(1)
      const z = y.mul(y)
      y.add_(1)
      expect(() => z.sum().backward()).toThrow(/modified in place/)
    }))

  it('are seen by views and detached handles', () =>
    scope(() => {
      const x = leaf([1, 2])
      const y = x.mul(1)
      const view = y.detach()
      y.add_(x)
      expect(values(view)).toEqual([2, 4])
    }))

  it('refuse leaves', () =>
    scope(() => {
      const x = leaf([1, 2])
      expect(() => x.add_(1)).toThrow(AutogradError)
      noGrad(() => x.add_(1))
      expect(values(x)).toEqual([2, 3])
    }))
})
