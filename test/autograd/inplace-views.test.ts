/** Writing in place into views while gradients are recorded: the base and its other views follow. */
import { describe, expect, it } from 'vitest'
import {
  AutogradError,
  bitcast,
  engine,
  grad,
  gradcheck,
  gradgradcheck,
  noGrad,
  randn,
  scope,
  type Tensor,
  tensor,
  viewAsReal,
  vmap,
  zeros,
} from '#lib/index.js'

const leaf = (v: number[], shape: number[] = [v.length]): Tensor =>
  tensor(v, { dtype: 'f64', shape }).requiresGrad_() as Tensor
const f64 = (v: number[], shape: number[] = [v.length]): Tensor => tensor(v, { dtype: 'f64', shape }) as Tensor
const noise = (shape: number[]): Tensor => randn(shape, { dtype: 'f64' }).requiresGrad_() as Tensor
const values = (t: Tensor | null | undefined): number[] => Array.from((t as Tensor).dataSync() as Float64Array)

describe('a write into a view', () => {
  it('is one into its base', () =>
    scope(() => {
      const [x, w] = [leaf([1, 2, 3, 4]), leaf([10, 20])]
      const y = x.mul(1)
      const v = y.slice(0, 1, 3)
      v.mul_(w)
      expect(values(y)).toEqual([1, 20, 60, 4])
      y.square().sum().backward()
      // y_1 = x_1 w_0, y_2 = x_2 w_1
      expect(values(x.grad)).toEqual([2, 2 * 20 * 10, 2 * 60 * 20, 8])
      expect(values(w.grad)).toEqual([2 * 20 * 2, 2 * 60 * 3])
    }))

  it('makes a constant base part of the graph, and its other views with it', () =>
    scope(() => {
      const w = leaf([5, 6])
      const y = zeros([2, 2], { dtype: 'f64' })
      const column = y.select(1, 0)
      const flat = y.reshape([4])
      expect(column.requiresGrad).toBe(false)
      y.select(0, 0).copy_(w)
      expect([y.requiresGrad, column.requiresGrad, flat.requiresGrad]).toEqual([true, true, true])
      expect(values(column)).toEqual([5, 0])
      expect(values(grad(column.square().sum(), w, { retainGraph: true })[0])).toEqual([10, 0])
      expect(values(grad(flat.mul(f64([1, 2, 3, 4])).sum(), w)[0])).toEqual([1, 2])
    }))

  it('with nothing to differentiate cuts that part of the graph', () =>
    scope(() => {
      const x = leaf([1, 2, 3])
      const y = x.mul(2)
      y.slice(0, 0, 2).zero_()
      expect(values(y)).toEqual([0, 0, 6])
      expect(values(grad(y.sum(), x)[0])).toEqual([0, 0, 2])
    }))

  it('after a write into the base sees the base as it is then', () =>
    scope(() => {
      const x = leaf([1, 2])
      const y = x.mul(1)
      const v = y.slice(0, 0, 1)
      y.mul_(3)
      expect(values(grad(v.sum(), x, { retainGraph: true })[0])).toEqual([3, 0])
      v.mul_(v)
      expect(values(y)).toEqual([9, 6])
      expect(values(grad(y.sum(), x)[0])).toEqual([18, 3])
      const z = x.mul(2)
      const u = z.slice(0, 0, 1)
      z.fill_(7)
      expect([u.requiresGrad, u.isLeaf, values(u)]).toEqual([false, true, [7]])
    }))

  it('that overwrites what another operator saved is noticed', () =>
    scope(() => {
      const x = leaf([1, 2, 3])
      const y = x.mul(1)
      const z = y.mul(y)
      y.slice(0, 0, 1).add_(1)
      expect(() => z.sum().backward()).toThrow(/modified in place/)
    }))

  it('outlives a base that is gone; other views then say so', () =>
    scope(() => {
      const x = leaf([1, 2, 3])
      const [v, u] = scope(() => {
        const y = x.mul(1)
        return [y.slice(0, 0, 2), y.slice(0, 1, 3)]
      }) as [Tensor, Tensor]
      v.mul_(f64([2, 3]))
      expect(values(grad(v.square().sum(), x)[0])).toEqual([8, 36, 0])
      expect(() => u.mul(2)).toThrow(/take the view again/)
    }))

  it('leaves no tensors behind', () => {
    const x = noise([6])
    const before = engine.memory().tensors
    for (let i = 0; i < 3; i++)
      scope(() => {
        const y = x.mul(2)
        y.reshape([2, 3])
          .select(0, 1)
          .mul_(x.slice(0, 0, 3))
        y.slice(0, 0, 4).exp_()
        y.sum().backward({ inputs: [x] })
        x.grad?.dispose()
        x.grad = null
        // And a graph that no backward goes through.
        x.mul(1)
          .slice(0, 0, 2)
          .add_(x.slice(0, 0, 2))
      })
    expect(engine.memory().tensors).toBe(before)
    x.dispose()
  })
})

describe('derivatives, checked by differences', () => {
  const cases: Record<string, [(...x: Tensor[]) => Tensor, number[][]]> = {
    'a slice': [
      (x, w) => {
        const y = x.mul(1)
        y.slice(0, 1, 5, 2).mul_(w)
        return y.sin()
      },
      [[6], [2]],
    ],
    'a view of a view': [
      (x, w) => {
        const y = x.sin()
        const rows = y.transpose().slice(0, 1, 3)
        rows.select(1, 1).mul_(w).add_(w)
        return y.mul(y)
      },
      [[3, 4], [2]],
    ],
    'two views of one base that overlap': [
      (x, w) => {
        const y = x.mul(2)
        const [a, b] = [y.slice(0, 0, 3), y.slice(0, 1, 4)]
        a.mul_(w)
        b.mul_(w)
        a.add_(b)
        return y.mul(a.sum())
      },
      [[4], [3]],
    ],
    'a diagonal, a window and a reshape': [
      (x) => {
        const y = x.mul(1)
        y.diagonal().square_()
        y.narrow(0, 1, 2).narrow(1, 0, 2).reshape([1, 2, 2]).mul_(y.sum())
        y.view([9]).slice(0, 4, 9).tanh_()
        return y
      },
      [[3, 3]],
    ],
    'the view is used on, and the base before': [
      (x, w) => {
        const y = x.mul(3)
        const before = y.add(1)
        const v = y.select(0, 1)
        v.copy_(w)
        return before.sum().add(v.square().sum()).add(y.pow(3).sum())
      },
      [[2, 3], [3]],
    ],
    'an index assignment into a view': [
      (x, w) => {
        const y = x.mul(1)
        y.select(1, 0).setAt_([[0, 2]], w)
        return y.square()
      },
      [[3, 2], [2]],
    ],
  }
  for (const [name, [f, shapes]] of Object.entries(cases))
    it(name, () =>
      scope(() => {
        const inputs = shapes.map((s) => noise(s))
        expect(gradcheck(f, inputs)).toBe(true)
        expect(gradgradcheck(f, inputs)).toBe(true)
      }),
    )
})

describe('refused', () => {
  it('views of a leaf that requires gradients, and leaves that are views', () =>
    scope(() => {
      const x = leaf([1, 2])
      expect(() => x.slice(0, 0, 1).mul_(2)).toThrow(/a view of a leaf/)
      expect(() => x.reshape([2, 1]).select(1, 0).zero_()).toThrow(AutogradError)
      const v = f64([1, 2]).slice(0, 0, 1).requiresGrad_()
      expect(() => v.add_(1)).toThrow(/a leaf that requires/)
      noGrad(() => x.slice(0, 0, 1).mul_(5))
      expect(values(x)).toEqual([5, 2])
    }))

  it('views that the graph cannot follow', () =>
    scope(() => {
      const x = leaf([1, 2, 3, 4])
      const w = leaf([1])
      const expanded = x.mul(1).slice(0, 0, 1).expand([3])
      expect(() => expanded.mul_(w)).toThrow(/share memory/)
      const y = x.mul(1)
      const hidden = noGrad(() => y.slice(0, 0, 1))
      expect(() => hidden.mul_(w)).toThrow(/inside noGrad/)
      const z = zeros([2], { dtype: 'c128' })
      expect(() => viewAsReal(z).select(1, 0).add_(w)).toThrow(/a view of a c128 tensor/)
      const bits = bitcast(zeros([2], { dtype: 'i64' }), 'f64')
      expect(() => bits.add_(w)).toThrow(/a view of a i64 tensor/)
    }))
})

it('inside vmap, and arguments of its function one by one', () =>
  scope(() => {
    const [x, w] = [noise([3, 4]), noise([2])]
    const f = (a: Tensor): Tensor => {
      const y = a.mul(2)
      y.slice(0, 1, 3).mul_(w)
      return y.square().sum()
    }
    const got = grad(vmap(f)(x).sum(), [x, w])
    const want = grad(
      f(x.select(0, 0))
        .add(f(x.select(0, 1)))
        .add(f(x.select(0, 2))),
      [x, w],
    )
    got.forEach((g, k) => {
      expect(values(g.sub(want[k] as Tensor)).every((d) => Math.abs(d) < 1e-12)).toBe(true)
    })
    const events: string[] = []
    const y = x.mul(1)
    const out = vmap((a: Tensor) => a.mul_(w.sum()), { onFallback: (e) => events.push(e.kind) })(y)
    expect(events).toEqual(['function'])
    expect(values(out)).toEqual(values(y))
  }))
