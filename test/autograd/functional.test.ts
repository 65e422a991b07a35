/** Jacobians, Hessians, products, vmap and per-sample gradients. */
import { describe, expect, it } from 'vitest'
import {
  exp,
  hessian,
  hvp,
  jacobian,
  jvp,
  matmul,
  perSampleGradients,
  ShapeError,
  scope,
  sin,
  type Tensor,
  tensor,
  ValueError,
  vjp,
  vmap,
} from '#lib/index.js'
import { Linear } from '#lib/nn/index.js'

const f64 = (v: number[], shape = [v.length]): Tensor => tensor(v, { dtype: 'f64', shape }) as Tensor
const values = (t: Tensor | null | undefined): number[] => Array.from((t as Tensor).dataSync() as Float64Array)
const close = (a: number[], b: number[]): void => {
  expect(a.length).toBe(b.length)
  a.forEach((x, i) => {
    expect(Math.abs(x - (b[i] as number))).toBeLessThan(1e-12)
  })
}

describe('functional derivatives', () => {
  it('jacobian of a matrix product, and of several inputs', () =>
    scope(() => {
      const A = f64([1, 2, 3, 4, 5, 6], [2, 3])
      const j = jacobian((x) => matmul(A, x), f64([1, 1, 1]))
      expect(j.shape).toEqual([2, 3])
      close(values(j), [1, 2, 3, 4, 5, 6])
      const [jx, jy] = jacobian((x, y) => x.mul(y), [f64([2, 3]), f64([5, 7])]) as [Tensor, Tensor]
      close(values(jx), [5, 0, 0, 7])
      close(values(jy), [2, 0, 0, 3])
      expect(jx.requiresGrad).toBe(false)
    }))

  it('jacobian of what does not depend on the input is zero', () =>
    scope(() => {
      const c = f64([1, 2])
      close(values(jacobian(() => c.mul(2), f64([1]))), [0, 0])
      expect(jacobian((x) => x.slice(0, 0, 0), f64([1, 2])).shape).toEqual([0, 2])
    }))

  it('hessian of x^T A x and mixed blocks', () =>
    scope(() => {
      const A = f64([1, 2, 3, 4], [2, 2])
      close(values(hessian((x) => matmul(x, matmul(A, x)), f64([1, -1]))), [2, 5, 5, 8])
      const h = hessian((x, y) => x.mul(y).sum().mul(x.sum()), [f64([1, 2]), f64([3, 4])])
      expect(h.map((r) => r.map((t) => t.shape))).toEqual([
        [
          [2, 2],
          [2, 2],
        ],
        [
          [2, 2],
          [2, 2],
        ],
      ])
      // d2/dxi dxj = yi + yj
      close(values(h[0]?.[0]), [6, 7, 7, 8])
    }))

  it('vjp and jvp agree with the jacobian', () =>
    scope(() => {
      const f = (x: Tensor): Tensor => exp(matmul(f64([1, 0.5, -1, 0.25, 2, 1], [2, 3]), sin(x)))
      const x = f64([0.3, -0.2, 0.7])
      const J = jacobian(f, x)
      const v = f64([2, -1])
      const u = f64([1, 2, 3])
      close(values(vjp(f, x, v).products[0]), values(matmul(v, J)))
      const forward = jvp(f, x, u)
      close(values(forward.products[0]), values(matmul(J, u)))
      close(values(forward.outputs[0]), values(f(x)))
      expect(() => jvp(f, x, v)).toThrow(ShapeError)
    }))

  it('hvp is the hessian times a vector', () =>
    scope(() => {
      const f = (x: Tensor): Tensor => x.mul(x).mul(x).sum().mul(x.sum())
      const x = f64([1, 2])
      const v = f64([3, -1])
      close(values(hvp(f, x, v).products[0]), values(matmul(hessian(f, x), v)))
    }))

  it('createGraph lets results be differentiated again', () =>
    scope(() => {
      const x = f64([2]).requiresGrad_() as Tensor
      const j = jacobian((t) => t.mul(t).mul(t), x, { createGraph: true })
      j.sum().backward()
      close(values(x.grad), [12])
    }))

  it('refuse integers and non-scalars', () =>
    scope(() => {
      expect(() => jacobian((x) => x, tensor([1], { dtype: 'i64' }) as Tensor)).toThrow(/i64 tensor/)
      expect(() => hessian((x) => x, f64([1, 2]))).toThrow(/must give one number, not \(2\)/)
    }))
})

describe('vmap', () => {
  it('maps over chosen axes and stacks where asked', () =>
    scope(() => {
      const x = f64([1, 2, 3, 4, 5, 6], [2, 3])
      const dot = vmap((a: Tensor, b: Tensor) => matmul(a, b), { inAxes: [1, null] })
      expect(values(dot(x, f64([10, 1])))).toEqual([14, 25, 36])
      const pair = vmap((a: Tensor) => [a.mul(2), a.sum()] as Tensor[], { outAxes: -1 })
      const [twice, sums] = pair(x) as [Tensor, Tensor]
      expect(twice.shape).toEqual([3, 2])
      expect(values(sums)).toEqual([6, 15])
    }))

  it('refuses batches that differ or are missing', () =>
    scope(() => {
      const f = vmap((a: Tensor, b: Tensor) => a.add(b))
      expect(() => f(f64([1, 2]), f64([1, 2, 3]))).toThrow(ShapeError)
      expect(() => vmap((a: number) => f64([a]))(3)).toThrow(ValueError)
    }))

  it('per-sample gradients sum to the gradient of the batch', () =>
    scope(() => {
      const layer = new Linear(3, 2).to('f64')
      const [x, t] = [f64([1, 2, 3, 4, 5, 6, 0, 1, 0], [3, 3]), f64([1, 0, 0, 1, 1, 1], [3, 2])]
      const loss = (a: Tensor, b: Tensor): Tensor => (layer.call(a) as Tensor).sub(b).square().sum()
      const parameters = [...layer.parameters()]
      const rows = perSampleGradients(loss, parameters, x, t)
      expect(rows.map((r) => r.shape)).toEqual([
        [3, 2, 3],
        [3, 2],
      ])
      loss(x, t).backward()
      rows.forEach((r, k) => {
        close(values(r.sum(0)), values(parameters[k]?.grad))
      })
      layer.dispose()
    }))
})
