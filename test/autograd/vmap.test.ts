/** vmap as a whole: nesting, derivatives inside and outside, randomness, what runs once a sample. The rules: vmap-rules.test.ts. */
import { describe, expect, it } from 'vitest'
import {
  add,
  concat,
  defaultGenerator,
  dropout,
  engine,
  grad,
  hessian,
  jacobian,
  jvp,
  manualSeed,
  matmul,
  noGrad,
  rand,
  randn,
  randperm,
  ShapeError,
  scope,
  sin,
  stack,
  type Tensor,
  tensor,
  ValueError,
  vjp,
  vmap,
  where,
  zeros,
  zerosLike,
} from '#lib/index.js'
import { BatchNorm1d, Conv2d, Dropout, LayerNorm, Linear, ReLU, Sequential } from '#lib/nn/index.js'

const f64 = (v: number[], shape: number[] = [v.length]): Tensor => tensor(v, { dtype: 'f64', shape }) as Tensor
const noise = (shape: number[]): Tensor => randn(shape, { dtype: 'f64' }) as Tensor
const values = (t: Tensor | null | undefined): number[] => Array.from((t as Tensor).dataSync() as Float64Array, Number)

function close(a: Tensor | null | undefined, b: Tensor | null | undefined, within = 1e-11): void {
  expect((a as Tensor).shape).toEqual((b as Tensor).shape)
  const [x, y] = [values(a), values(b)]
  x.forEach((v, i) => {
    expect(Math.abs(v - (y[i] as number)), `element ${i}: ${v} against ${y[i]}`).toBeLessThan(within)
  })
}

const rows = (x: Tensor): Tensor[] => Array.from({ length: x.shape[0] as number }, (_, i) => x.select(0, i))

describe('vmap', () => {
  it('runs the function once, with shapes of one sample', () =>
    scope(() => {
      const shapes: string[] = []
      const y = vmap(
        (x: Tensor, w: Tensor) => {
          shapes.push(`${x.shape} ${w.shape} ${x.rank} ${x.numel}`)
          return matmul(w, x)
        },
        { inAxes: [0, null] },
      )(noise([5, 3]), noise([2, 3]))
      expect(shapes).toEqual(['3 2,3 1 3'])
      expect(y.shape).toEqual([5, 2])
    }))

  it('axes of arguments and of results', () =>
    scope(() => {
      const [x, y] = [noise([3, 4, 5]), noise([5, 3])]
      const f = vmap((a: Tensor, b: Tensor) => [a.mul(b), b.sum()], { inAxes: [1, null], outAxes: [2, null] })
      expect(() => f(x, noise([3, 5]))).not.toThrow()
      const [p, s] = f(x, noise([3, 5])) as [Tensor, Tensor]
      expect([p.shape, s.shape]).toEqual([[3, 5, 4], []])
      const g = vmap((a: Tensor, b: Tensor) => a.sub(b), { inAxes: [-1, 0], outAxes: -1 })
      close(g(noise([3, 5]).mul(0).add(y.transpose()), y), zeros([3, 5], { dtype: 'f64' }))
      expect(() => vmap((a: Tensor) => a.mul(2), { outAxes: null })(x)).toThrow(/differs between the samples/)
      expect(() => vmap((a: Tensor) => [a, a], { outAxes: [0] })(x)).toThrow(ValueError)
      expect(() => vmap((a: Tensor) => a, { inAxes: [0, 0] })(x)).toThrow(ValueError)
      expect(() => vmap((a: Tensor) => a, { inAxes: 3 })(x)).toThrow(ShapeError)
      expect(() => vmap((a: Tensor) => a)(f64([1], []))).toThrow(ShapeError)
    }))

  it('results that do not depend on the sample are repeated', () =>
    scope(() => {
      const c = f64([1, 2])
      close(vmap((_: Tensor) => c.mul(2))(noise([3, 1])), f64([2, 4, 2, 4, 2, 4], [3, 2]))
    }))

  it('an empty batch gives empty results', () =>
    scope(() => {
      const f = vmap(
        (x: Tensor) =>
          matmul(x, f64([1, 2, 3, 4, 5, 6], [2, 3]))
            .softmax(-1)
            .sort()[0],
      )
      expect(f(zeros([0, 2], { dtype: 'f64' })).shape).toEqual([0, 3])
    }))

  it('nested calls', () =>
    scope(() => {
      const [x, y] = [noise([3, 2]), noise([4, 2])]
      const table = vmap((a: Tensor) => vmap((b: Tensor) => a.mul(b).sum().exp())(y))(x)
      close(table, matmul(x, y.transpose()).exp())
      const flipped = vmap((a: Tensor) => vmap((b: Tensor) => a.sub(b), { outAxes: 1 })(y), { outAxes: 2 })(x)
      expect(flipped.shape).toEqual([2, 4, 3])
      close(flipped.select(2, 1).transpose(), x.select(0, 1).sub(y))
      // An inner result that depends on the inner batch alone.
      const inner = vmap((a: Tensor) => vmap((b: Tensor) => b.mul(2))(y).add(a.sum()))(x)
      close(inner, y.mul(2).add(x.sum(1).reshape([3, 1, 1])))
    }))

  it('one dimension of a matrix mapped twice', () =>
    scope(() => {
      const m = noise([3, 4])
      close(vmap((r: Tensor) => vmap((e: Tensor) => e.square())(r))(m), m.square())
    }))

  it('chunks give the whole', () =>
    scope(() => {
      const x = noise([7, 3])
      const seen: number[] = []
      const y = vmap(
        (a: Tensor) => {
          seen.push(a.numel)
          return a.cumsum(0)
        },
        { chunkSize: 3 },
      )(x)
      expect(seen.length).toBe(3)
      close(y, x.cumsum(1))
      expect(() => vmap((a: Tensor) => a, { chunkSize: 0 })).toThrow(ValueError)
    }))

  it('arguments that are no tensors, and tensors of other dtypes', () =>
    scope(() => {
      const f = vmap((x: Tensor, n: number, i: Tensor) => x.add(n).indexSelect(0, i))
      const y = f(f64([1, 2, 3, 4], [2, 2]), 10, tensor([1, 0], { dtype: 'i64', shape: [2, 1] }) as Tensor)
      expect(values(y)).toEqual([12, 13])
    }))

  it('a tensor that escapes says so when it is used', () =>
    scope(() => {
      let escaped: Tensor | undefined
      vmap((x: Tensor) => {
        escaped = x.mul(2)
        return x
      })(noise([2, 3]))
      expect(() => (escaped as Tensor).dataSync()).toThrow(/return it from the function/)
    }))

  it('leaves no tensors behind', () => {
    const before = engine.memory().tensors
    for (let i = 0; i < 3; i++)
      scope(() => {
        const w = noise([3, 3]).requiresGrad_()
        vmap((x: Tensor) => matmul(x, w).relu().sum())(noise([4, 3]))
          .sum()
          .backward()
        jacobian((x) => matmul(w, x).tanh(), noise([3]))
      })
    expect(engine.memory().tensors).toBe(before)
  })
})

describe('vmap and derivatives', () => {
  it('of what is mapped and of what the samples share, from outside', () =>
    scope(() => {
      const [x, w] = [noise([5, 3]).requiresGrad_(), noise([2, 3]).requiresGrad_()]
      const f = (a: Tensor): Tensor => matmul(w.mul(2), a).sigmoid().sum().add(w.sum())
      const loss = vmap(f)(x).square().sum()
      const got = grad(loss, [x, w])
      const want = grad(stack(rows(x).map(f), 0).square().sum(), [x, w])
      got.forEach((g, k) => {
        close(g, want[k])
      })
      vmap(f)(x).square().sum().backward()
      close(w.grad, want[1])
      close(x.grad, want[0])
    }))

  it('inside: the gradient of what is shared is each sample’s own', () =>
    scope(() => {
      const [x, w] = [noise([5, 3]), noise([3]).requiresGrad_()]
      const own = vmap((a: Tensor) => grad(a.mul(w).sum().exp(), w)[0] as Tensor)(x)
      close(
        own,
        stack(
          rows(x).map((a) => grad(a.mul(w).sum().exp(), w)[0] as Tensor),
          0,
        ),
      )
      // A backward inside adds to the leaf what the samples give together.
      vmap((a: Tensor) => {
        const y = a.mul(w).sum()
        y.backward()
        return y.detach()
      })(x)
      close(w.grad, x.sum(0))
    }))

  it('second derivatives across the border', () =>
    scope(() => {
      const [x, w] = [noise([4, 3]).requiresGrad_(), noise([3]).requiresGrad_()]
      const f = (a: Tensor): Tensor => sin(a.mul(w)).sum()
      const twice = (y: Tensor): Tensor[] => {
        const [gx, gw] = grad(y, [x, w], { createGraph: true }) as [Tensor, Tensor]
        return grad(gx.square().sum().add(gw.exp().sum()), [x, w])
      }
      const got = twice(vmap(f)(x).square().sum())
      const want = twice(stack(rows(x).map(f), 0).square().sum())
      got.forEach((g, k) => {
        close(g, want[k], 1e-9)
      })
      // The gradient inside, differentiated outside.
      const inner = vmap((a: Tensor) => {
        const v = a.detach().requiresGrad_()
        return grad(f(v), v, { createGraph: true })[0] as Tensor
      })(x)
      const alone = stack(
        rows(x).map((a) => {
          const v = a.detach().requiresGrad_()
          return grad(f(v), v, { createGraph: true })[0] as Tensor
        }),
        0,
      )
      close(grad(inner.square().sum(), w)[0], grad(alone.square().sum(), w)[0])
    }))

  it('jacobian, hessian, vjp and jvp of a sample', () =>
    scope(() => {
      const x = noise([4, 3])
      const w = noise([2, 3])
      const f = (a: Tensor): Tensor => matmul(w, a).tanh()
      const g = (a: Tensor): Tensor => a.pow(3).sum().mul(a.sum())
      close(
        vmap((a: Tensor) => jacobian(f, a))(x),
        stack(
          rows(x).map((a) => jacobian(f, a)),
          0,
        ),
      )
      close(
        vmap((a: Tensor) => hessian(g, a))(x),
        stack(
          rows(x).map((a) => hessian(g, a)),
          0,
        ),
      )
      const v = noise([4, 2])
      const pulled = vmap((a: Tensor, u: Tensor) => vjp(f, a, u).products)(x, v)
      close(
        pulled[0],
        stack(
          rows(x).map((a, i) => vjp(f, a, v.select(0, i)).products[0] as Tensor),
          0,
        ),
      )
      const u = noise([4, 3])
      const pushed = vmap((a: Tensor, t: Tensor) => jvp(f, a, t).products)(x, u)
      close(
        pushed[0],
        stack(
          rows(x).map((a, i) => jvp(f, a, u.select(0, i)).products[0] as Tensor),
          0,
        ),
      )
    }))

  it('jacobians of many elements are those of each', () =>
    scope(() => {
      const x = noise([2, 3]).requiresGrad_()
      const f = (a: Tensor): Tensor => concat([a.cumsum(0).exp(), a.sort(1)[0]], 0)
      const j = jacobian(f, x, { createGraph: true })
      expect(j.shape).toEqual([4, 3, 2, 3])
      const flat = f(x).reshape([12])
      const want = stack(
        Array.from({ length: 12 }, (_, i) => grad(flat.select(0, i), x, { retainGraph: true })[0] as Tensor),
        0,
      )
      close(j, want.reshape([4, 3, 2, 3]))
      expect(j.requiresGrad).toBe(true)
    }))

  it('the jacobian of a vmap, and hooks inside', () =>
    scope(() => {
      const w = noise([3, 3])
      const x = noise([2, 3])
      const j = jacobian((a) => vmap((r: Tensor) => matmul(w, r).sin())(a), x)
      expect(j.shape).toEqual([2, 3, 2, 3])
      close(j.select(0, 1).select(1, 0), zeros([3, 3], { dtype: 'f64' }))
      const seen: number[][] = []
      const y = vmap((r: Tensor) => {
        const z = r.mul(2)
        z.registerHook((g) => {
          seen.push([...g.shape])
          return g.mul(10) as Tensor
        })
        return z.sum()
      })(x.requiresGrad_())
      y.sum().backward()
      expect(seen).toEqual([[3]])
      close(x.grad, zerosLike(x).add(20))
    }))

  it('layers: shared weights, weights of each sample, and statistics', () =>
    scope(() => {
      const net = new Sequential(new Linear(6, 4), new LayerNorm(4), new ReLU(), new Linear(4, 2)).to('f64')
      const x = noise([5, 6])
      close(vmap((a: Tensor) => net.call(a) as Tensor)(x), net.call(x) as Tensor)
      const conv = new Conv2d(2, 4, 3, { padding: 1, groups: 2 }).to('f64')
      const images = noise([3, 2, 5, 5])
      close(vmap((a: Tensor) => conv.call(a) as Tensor)(images), conv.call(images) as Tensor)
      const norm = new BatchNorm1d(3).to('f64')
      norm.eval()
      close(
        vmap((a: Tensor) => norm.call(a) as Tensor)(noise([2, 4, 3]).mul(0).add(1)),
        norm.call(zeros([8, 3], { dtype: 'f64' }).add(1) as Tensor).reshape([2, 4, 3]) as Tensor,
      )
      for (const m of [net, conv, norm]) m.dispose()
    }))
})

describe('writes in place inside vmap', () => {
  it('into what belongs to the sample', () =>
    scope(() => {
      const x = noise([3, 4])
      const f = (a: Tensor): Tensor => {
        const y = a.clone()
        y.slice(0, 0, 2).mul_(2)
        y.add_(a.sum())
        y.select(0, 3).zero_()
        return y
      }
      const batch = noGrad(() => vmap(f)(x))
      close(
        batch,
        noGrad(() => stack(rows(x).map(f), 0)),
      )
    }))

  it('recorded', () =>
    scope(() => {
      const x = noise([3, 4]).requiresGrad_()
      const f = (a: Tensor): Tensor => a.mul(2).mul_(a).add_(1)
      const [g] = grad(vmap(f)(x).square().sum(), x)
      close(g, grad(f(x).square().sum(), x)[0])
    }))

  it('into what the samples share: one sample after the other', () =>
    scope(() => {
      const total = zeros([2], { dtype: 'f64' })
      const events: string[] = []
      vmap((a: Tensor) => total.add_(a).clone(), { onFallback: (e) => events.push(`${e.kind} ${e.operator}`) })(
        f64([1, 2, 3, 4], [2, 2]),
      )
      expect(values(total)).toEqual([4, 6])
      expect(events).toEqual(['function add_'])
    }))
})

describe('what runs once a sample', () => {
  it('a function that reads values', () =>
    scope(() => {
      const events: string[] = []
      const f = vmap((a: Tensor) => (a.sum().itemSync() > 0 ? a.mul(2) : a.neg()), {
        onFallback: (e) => events.push(`${e.kind} ${e.operator}`),
      })
      expect(values(f(f64([1, -2, 3, 4], [2, 2])))).toEqual([-1, 2, 6, 8])
      expect(events).toEqual(['function dataSync'])
      expect(() => f(zeros([0, 2], { dtype: 'f64' }))).toThrow(/empty/)
    }))

  it('an operator without a rule, with its gradient', () =>
    scope(() => {
      const events: string[] = []
      const x = noise([3, 4]).requiresGrad_()
      const mask = x.gt(0)
      const f = vmap((a: Tensor, m: Tensor) => a.maskedScatter(m, a.mul(3)).square().sum(), {
        onFallback: (e) => events.push(`${e.kind} ${e.operator}`),
      })
      f(x, mask).sum().backward()
      expect(new Set(events)).toEqual(new Set(['operator maskedScatter', 'operator maskedSelect']))
      const own = stack(
        rows(x).map((a, i) => a.maskedScatter(mask.select(0, i), a.mul(3)).square().sum()),
        0,
      ).sum()
      close(x.grad, grad(own, x)[0])
    }))

  it('only the inner call, when only its samples are read', () =>
    scope(() => {
      const outer: string[] = []
      const inner: string[] = []
      const x = f64([1, 2, 3], [3])
      const y = f64([1, -1], [2])
      const f = vmap(
        (a: Tensor) =>
          vmap((b: Tensor) => (b.itemSync() > 0 ? a : a.neg()), { onFallback: (e) => inner.push(e.kind) })(y),
        { onFallback: (e) => outer.push(e.kind) },
      )
      expect(values(f(x))).toEqual([1, -1, 2, -2, 3, -3])
      expect([outer, inner]).toEqual([[], ['function']])
    }))
})

describe('randomness', () => {
  it('is refused unless it is said how', () =>
    scope(() => {
      const x = noise([3, 4])
      expect(() => vmap((a: Tensor) => a.add(rand([4], { dtype: 'f64' })))(x)).toThrow(/randomness: 'different'/)
      expect(() => vmap((a: Tensor) => dropout(a, 0.5))(x)).toThrow(ValueError)
      expect(() => vmap((a: Tensor) => a, { randomness: 'some' as 'same' })).toThrow(ValueError)
      // Nothing is left of the failed call.
      expect(rand([2]).shape).toEqual([2])
    }))

  it('different: every sample its own, and later draws others', () =>
    scope(() => {
      manualSeed(7)
      const x = zeros([3, 40], { dtype: 'f64' })
      const y = vmap((a: Tensor) => a.add(randn([40], { dtype: 'f64' })), { randomness: 'different' })(x)
      const later = randn([40], { dtype: 'f64' })
      const all = [...rows(y), later as Tensor].map((r) => values(r))
      expect(new Set(all.flat()).size).toBe(160)
      const order = vmap((a: Tensor) => randperm(20).to('f64').add(a.sum()), { randomness: 'different' })(x)
      for (const r of rows(order))
        expect(values(r).sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i))
      expect(values(order.select(0, 0))).not.toEqual(values(order.select(0, 1)))
    }))

  it('same: one draw for all', () =>
    scope(() => {
      const x = zeros([3, 8], { dtype: 'f64' })
      const y = vmap((a: Tensor) => a.add(rand([8], { dtype: 'f64' })), { randomness: 'same' })(x)
      close(y.select(0, 0), y.select(0, 2), 1e-300)
      const kept = vmap((a: Tensor) => dropout(a.add(1), 0.5), { randomness: 'same' })(x)
      close(kept.select(0, 0), kept.select(0, 1), 1e-300)
    }))

  it('dropout’s backward draws the forward’s mask, for mapped and for shared operands', () =>
    scope(() => {
      for (const randomness of ['different', 'same'] as const) {
        const [x, w] = [noise([3, 50]).requiresGrad_(), noise([50]).requiresGrad_()]
        const masks: Tensor[] = []
        const y = vmap((a: Tensor) => [dropout(a, 0.3).sum(), dropout(w, 0.3)] as Tensor[], { randomness })(x) as [
          Tensor,
          Tensor,
        ]
        masks.push(y[1])
        const [gx, gw] = grad([y[0].sum(), y[1].sum()], [x, w]) as [Tensor, Tensor]
        const scales = new Set(values(gx).map((v) => Math.round(v * 1000)))
        expect(scales).toEqual(new Set([0, 1429]))
        // y = mask w / (1 - p): the gradient by w is the sum of the samples' masks.
        close(gw, y[1].detach().div(w.detach()).sum(0))
      }
    }))

  it('a failed call leaves the generator and the frames as they were', () =>
    scope(() => {
      const before = defaultGenerator.state
      expect(() => vmap((a: Tensor) => a.matmul(zeros([9, 9])))(noise([2, 3]))).toThrow(ShapeError)
      expect(defaultGenerator.state.seed).toBe(before.seed)
      expect(() => dropout(noise([4]), 0.5)).not.toThrow()
    }))

  it('modules with dropout', () =>
    scope(() => {
      const net = new Sequential(new Linear(4, 30), new Dropout(0.5)).to('f64')
      const y = vmap((a: Tensor) => net.call(a) as Tensor, { randomness: 'different' })(
        zeros([2, 4], { dtype: 'f64' }).add(1) as Tensor,
      )
      const zerosAt = (t: Tensor): string =>
        values(t)
          .map((v) => (v === 0 ? 0 : 1))
          .join('')
      expect(zerosAt(y.select(0, 0))).not.toBe(zerosAt(y.select(0, 1)))
      net.dispose()
    }))
})

it('conditions become where', () =>
  scope(() => {
    const x = noise([6])
    close(vmap((a: Tensor) => where(a.gt(0), add(a, 1), a.neg()))(x), where(x.gt(0), add(x, 1), x.neg()))
  }))
