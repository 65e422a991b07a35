/** Operators with several differentiable results. */
import { expect, test } from 'vitest'
import { recordMany, save } from '#lib/autograd/node.js'
import { scope, type Tensor, tensor } from '#lib/index.js'

/** (x^2, x^3) as one operator; saves its own second result. */
function powers(x: Tensor): [Tensor, Tensor] {
  const [a, b] = [x.detach().mul(x.detach()), x.detach().pow(3)]
  recordMany('powers', [a, b], [x], [save(x), save(b)], ([ga, gb], [x, b]) => {
    const [xs, bs] = [x as Tensor, b as Tensor]
    const first = ga ? ga.mul(xs.mul(2)) : null
    const second = gb ? gb.mul(bs.mul(3)).div(xs) : null
    return [first && second ? first.add(second) : (first ?? second)]
  })
  return [a, b]
}
const leaf = (): Tensor => tensor([1, 2, 3], { dtype: 'f64' }).requiresGrad_() as Tensor
const values = (t: Tensor | null | undefined): number[] => Array.from((t as Tensor).dataSync() as Float64Array)

test('gradients of all results meet in one rule', () => {
  scope(() => {
    const x = leaf()
    const [a, b] = powers(x)
    a.add(b).add(a.mul(b)).sum().backward()
    // d(x^2 + x^3 + x^5)
    expect(values(x.grad)).toEqual([1, 2, 3].map((v) => 2 * v + 3 * v ** 2 + 5 * v ** 4))
  })
})

test('a result that nothing was computed from gives null', () => {
  for (const which of [0, 1]) {
    scope(() => {
      const x = leaf()
      ;(powers(x)[which] as Tensor).sum().backward()
      expect(values(x.grad)).toEqual([1, 2, 3].map((v) => (which ? 3 * v ** 2 : 2 * v)))
    })
  }
})

test('second derivatives go through saved results', () => {
  scope(() => {
    const x = leaf()
    const [a, b] = powers(x)
    a.add(b).sum().backward({ createGraph: true })
    const g = x.grad as Tensor
    x.grad = null
    g.sum().backward()
    expect(values(x.grad)).toEqual([1, 2, 3].map((v) => 2 + 6 * v))
    g.dispose()
  })
})

test('an error in the rule leaves nothing behind, and the graph usable with retainGraph', () => {
  scope(() => {
    const x = leaf()
    const [a, b] = [x.detach().mul(1), x.detach().mul(2)]
    let fail = true
    recordMany('flaky', [a, b], [x], null, ([ga, gb]) => {
      if (fail) throw new Error('flaky')
      return [(ga as Tensor).add((gb as Tensor).mul(2))]
    })
    const y = a.add(b).sum()
    expect(() => y.backward({ retainGraph: true })).toThrow('flaky')
    fail = false
    y.backward({ retainGraph: true })
    expect(values(x.grad)).toEqual([3, 3, 3])
    y.backward()
    expect(values(x.grad)).toEqual([6, 6, 6])
  })
})
