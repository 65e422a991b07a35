/** grad(): gradients as values, for leaves and for results of operators. */
import { describe, expect, it } from 'vitest'
import { AutogradError, DTypeError, defineFunction, grad, ShapeError, scope, type Tensor, tensor } from '#lib/index.js'

const leaf = (v: number[]): Tensor => tensor(v, { dtype: 'f64' }).requiresGrad_() as Tensor
const values = (t: Tensor | null | undefined): number[] => Array.from((t as Tensor).dataSync() as Float64Array)

describe('grad', () => {
  it('gives gradients of leaves and touches no grad', () =>
    scope(() => {
      const [x, y] = [leaf([1, 2]), leaf([3, 4])]
      const [gx, gy] = grad(x.mul(y).sum(), [x, y])
      expect([values(gx), values(gy)]).toEqual([
        [3, 4],
        [1, 2],
      ])
      expect([x.grad, y.grad]).toEqual([null, null])
    }))

  it('gives gradients of intermediate results, and goes no further than it must', () =>
    scope(() => {
      const x = leaf([1, 2])
      const middle = x.mul(3)
      const z = middle.mul(middle).sum()
      const [gm] = grad(z, middle, { retainGraph: true })
      expect(values(gm)).toEqual([6, 12])
      // The node behind `middle` was not passed, so its graph is there.
      const [gx, again] = grad(z, [x, middle], { retainGraph: true })
      expect([values(gx), values(again)]).toEqual([
        [18, 36],
        [6, 12],
      ])
    }))

  it('leaves alone what a pass under way has brought to nodes behind it', () =>
    scope(() => {
      const cube = defineFunction({
        name: 'cube',
        forward(context, x: Tensor) {
          context.save(x)
          return x.mul(x).mul(x)
        },
        backward(context, g) {
          const own = (context.saved[0] as Tensor).reshape([-1])
          return grad(own.mul(own).mul(own), own, { gradOutputs: g, createGraph: true })
        },
      })
      const x = leaf([1, 2])
      const shared = x.mul(2)
      const [g] = grad(cube(shared).add(cube(shared)).sum(), x, { createGraph: true }) as [Tensor]
      expect(values(g)).toEqual([48, 192])
      expect(values(grad(g.sum(), x)[0])).toEqual([96, 192])
    }))

  it('weights several outputs', () =>
    scope(() => {
      const x = leaf([1, 2])
      const [g] = grad([x.mul(2), x.mul(x).sum()], [x], { gradOutputs: [tensor([10, 100], { dtype: 'f64' }), null] })
      expect(values(g)).toEqual([22, 204])
    }))

  it('takes the same input twice, and an output as input', () =>
    scope(() => {
      const x = leaf([2])
      const y = x.mul(x).sum()
      expect(grad(y, [x, x, y], { retainGraph: true }).map(values)).toEqual([[4], [4], [1]])
    }))

  it('refuses what is not reached, or gives null', () =>
    scope(() => {
      const [x, other] = [leaf([1]), leaf([2])]
      expect(() => grad(x.mul(2), [x, other])).toThrow(/do not depend on input 1; pass {allowUnused: true}/)
      const [g, none] = grad(x.mul(2), [x, other], { allowUnused: true })
      expect([values(g), none]).toEqual([[2], null])
    }))

  it('names what is wrong with its arguments', () =>
    scope(() => {
      const x = leaf([1, 2])
      const plain = tensor([1, 2], { dtype: 'f64' })
      expect(() => grad(x.mul(2), x)).toThrow(AutogradError)
      expect(() => grad(x.mul(2).sum(), plain)).toThrow(/input 0 \(2\) does not require gradients/)
      expect(() => grad(plain.sum(), x)).toThrow(/was not computed from one that does/)
      expect(() => grad(x.mul(2), x, { gradOutputs: tensor([1], { dtype: 'f64' }) })).toThrow(ShapeError)
      expect(() => grad(x.mul(2), x, { gradOutputs: tensor([1, 2]) })).toThrow(DTypeError)
    }))

  it('differentiates again with createGraph: x^4', () =>
    scope(() => {
      const x = leaf([2])
      let y: Tensor = x.mul(x).mul(x.mul(x)).sum()
      const found: number[] = []
      for (let k = 0; k < 4; k++) {
        const [g] = grad(y, x, { createGraph: true }) as [Tensor]
        found.push(...values(g))
        y = g.sum()
      }
      expect(found).toEqual([32, 48, 48, 24])
    }))

  it('backward with inputs fills only these', () =>
    scope(() => {
      const [x, y] = [leaf([1, 2]), leaf([3, 4])]
      x.mul(y)
        .sum()
        .backward({ inputs: [y] })
      expect(x.grad).toBe(null)
      expect(values(y.grad)).toEqual([1, 2])
      expect(() =>
        x
          .mul(y)
          .sum()
          .backward({ inputs: [x.mul(2)] }),
      ).toThrow(AutogradError)
    }))
})
