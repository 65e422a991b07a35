/** Fused functions against their operators called one after the other: random chains, layouts, derivatives, and what is refused. */
import { describe, expect, it } from 'vitest'
import {
  arange,
  autocast,
  type DType,
  detectAnomaly,
  full,
  fuse,
  grad,
  gradcheck,
  gradgradcheck,
  maximum,
  ones,
  randn,
  scope,
  selectiveCheckpoint,
  type Tensor,
  tensor,
  vmap,
  where,
} from '#lib/index.js'
import { expectSameBits } from '../helpers/compare.js'
import { Random } from '../helpers/random.js'
import { device } from '../opspec/plan.js'

/** Drawn once a seed and shape; some NaN, infinities and zeros among them where `wild`. */
function drawn(r: Random, shape: readonly number[], dtype: DType, wild = false): Tensor {
  const n = shape.reduce((a, b) => a * b, 1)
  const special = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30]
  const all = r.array(n, () => (wild && r.int(0, 8) === 0 ? r.pick(special) : r.uniform(-3, 3)))
  return (tensor(all, { dtype: 'f64', shape: [...shape] }) as Tensor).to(dtype).to(device)
}

const UNARY: readonly ((x: Tensor) => Tensor)[] = [
  (x) => x.neg(),
  (x) => x.abs(),
  (x) => x.square(),
  (x) => x.exp(),
  (x) => x.abs().add(0.5).log(),
  (x) => x.tanh(),
  (x) => x.sigmoid(),
  (x) => x.erf(),
  (x) => x.gelu(),
  (x) => x.gelu({ approximate: 'tanh' }),
  (x) => x.silu(),
  (x) => x.sin(),
  (x) => x.abs().sqrt(),
  (x) => x.round(),
  (x) => x.relu(),
  (x) => x.leakyRelu(0.1),
  (x) => x.elu(0.7),
  (x) => x.softplus(),
  (x) => x.clamp(-1, 0.75),
  (x) => x.pow(2),
  (x) => x.abs().add(0.1).pow(1.3),
  (x) => x.mul(-1.7),
  (x) => x.add(0.3),
  (x) => x.div(3),
  (x) => x.cast('f32').mul(2).cast(x.dtype),
  (x) => where(x.isfinite(), x, 0),
]
const BINARY: readonly ((x: Tensor, y: Tensor) => Tensor)[] = [
  (x, y) => x.add(y),
  (x, y) => x.sub(y),
  (x, y) => x.mul(y),
  (x, y) => x.div(y),
  (x, y) => maximum(x, y),
  (x, y) => where(x.gt(y), x, y.neg()),
  (x, y) => where(x.le(0.5).logicalAnd(y.ne(0)), y, 1.5),
  (x, y) => x.maskedFill(y.lt(0), -2),
]

/** A function of `count` tensors, of `steps` drawn steps. */
function chain(seed: string, count: number, steps: number): (...operands: Tensor[]) => Tensor {
  const r = new Random(seed)
  const plan = Array.from({ length: steps }, (_, s) => ({
    two: r.int(0, 2) === 0,
    f: r.int(0, 1000),
    a: r.int(0, count + s),
    b: r.int(0, count + s),
  }))
  return (...operands) => {
    const values = [...operands]
    for (const { two, f, a, b } of plan) {
      const [x, y] = [values[a] as Tensor, values[b] as Tensor]
      values.push(two ? (BINARY[f % BINARY.length] as any)(x, y) : (UNARY[f % UNARY.length] as any)(x))
    }
    // Every operand counts, and so the shape is that of all.
    return values.reduce((x, y) => x.add(y))
  }
}

const SHAPES = [
  [[35], [35], [35]],
  [[5, 7], [7], [5, 1]],
  [[3, 1, 5], [4, 1], []],
  [[2, 0, 3], [3], [1]],
  [[], [], []],
] as const

describe('random chains are their operators one after the other', () => {
  for (const dtype of ['f32', 'f64', 'bf16', 'f16'] as const)
    it(dtype, () => {
      for (let seed = 0; seed < (dtype === 'f32' && device === 'cpu' ? 12 : 5); seed++)
        scope(() => {
          const r = new Random(`values ${seed}`)
          const f = chain(`chain ${seed}`, 3, 2 + seed)
          const operands = (SHAPES[seed % SHAPES.length] as (typeof SHAPES)[0]).map((s) =>
            drawn(r, s, dtype, seed % 2 === 1),
          )
          expectSameBits(`chain ${seed} of ${dtype}`, fuse(f)(...operands), f(...operands))
        })
    })

  it('integers and bool, by way of every dtype', () => {
    scope(() => {
      const r = new Random('dtypes')
      const f = (a: Tensor, b: Tensor, c: Tensor): Tensor[] => [
        a.add(b).mul(3),
        a.bitwiseXor(b).remainder(5),
        a.div(b.add(1)),
        where(c, a, b).pow(2),
        c.logicalNot(),
        a.cast('f64').sqrt(),
        a.cast('u8').add(b.cast('u8')),
        a.cast('i64').mul(7).cast('i8'),
        maximum(a, b).cast('bf16').exp(),
      ]
      for (const dtype of ['i32', 'i64', 'u8', 'i8'] as const) {
        const operands = [
          drawn(r, [4, 9], dtype),
          drawn(r, [9], dtype),
          drawn(r, [4, 1], 'f32').gt(0) as Tensor,
        ] as const
        const all = fuse(f)(...operands)
        const wide = operands.map((t) => t.expand([4, 9])) as unknown as typeof operands
        for (const [k, y] of f(...wide).entries()) expectSameBits(`result ${k} of ${dtype}`, all[k] as Tensor, y)
      }
    })
  })

  it('complex numbers', () => {
    scope(() => {
      const r = new Random('complex')
      const z = drawn(r, [11], 'f32').cast('c64')
      const f = (z: Tensor, x: Tensor): Tensor => z.mul({ re: 1, im: 2 }).add(x).square().div(z).sgn()
      const x = drawn(r, [3, 1], 'f32')
      expectSameBits('complex', fuse(f)(z, x), f(z, x))
    })
  })

  it('views of any strides, and blocks and threads', () => {
    scope(() => {
      const r = new Random('views')
      const f = (a: Tensor, b: Tensor): Tensor => a.mul(b).add(1).tanh().sub(b)
      const g = fuse(f)
      const base = drawn(r, [10, 24], 'f32')
      const views = [
        base.T,
        base.slice(0, 0, 10, 2).slice(1, 1, 24, 3),
        base.flip(1),
        base.slice(0, 3, 4).expand([6, 24]),
        base.reshape([2, 5, 24]).permute([2, 0, 1]),
        base.slice(0, 1, 10).slice(1, 1, 24),
      ]
      views.forEach((v, k) => {
        const b = drawn(r, [v.shape[v.rank - 1] as number], 'f32')
        expectSameBits(`view ${k}`, g(v, b), f(v, b))
        expectSameBits(`view ${k} second`, g(b, v), f(b, v))
      })
    })
    if (device !== 'cpu') return
    scope(() => {
      const f = (a: Tensor, b: Tensor, c: Tensor): Tensor[] => [a.mul(b).add(c), a.sub(c).cast('bf16')]
      for (const shape of [[2049], [70_001], [130, 1031], [1 << 12, (1 << 10) + 1]]) {
        const last = shape[shape.length - 1] as number
        const operands = [randn(shape), randn([last]), randn([last, ...shape.slice(0, -1)]).transpose(0, -1)] as const
        const all = fuse(f)(...operands)
        for (const [k, y] of f(...operands).entries()) expectSameBits(`${shape}, result ${k}`, all[k] as Tensor, y)
      }
    })
  })
})

describe('gradients', () => {
  const sizes = [[3, 4], [4], [3, 1]] as const

  it('of random chains, to the bit those of the operators where nothing is added in another order', () => {
    for (let seed = 0; seed < 4; seed++)
      scope(() => {
        const r = new Random(`gradients ${seed}`)
        const f = chain(`smooth ${seed}`, 2, 4)
        const operands = [drawn(r, [12], 'f64'), drawn(r, [12], 'f64')].map((t) => t.requiresGrad_())
        const weights = drawn(r, [12], 'f64')
        const [a, b] = [fuse(f), f].map((h) => grad(h(...operands), operands, { gradOutputs: weights }))
        operands.forEach((_, k) => {
          const [x, y] = [a?.[k]?.dataSync(), b?.[k]?.dataSync()] as [Float64Array, Float64Array]
          y.forEach((v, i) => {
            if (!(Math.abs((x[i] as number) - v) <= 1e-13 * Math.max(1, Math.abs(v)))) expect(x[i]).toBe(v)
          })
        })
      })
  })

  const f = fuse((x: Tensor, y: Tensor, z: Tensor) => x.mul(y).add(z).tanh().mul(z.exp()))
  const two = fuse((x: Tensor, y: Tensor, z: Tensor) => [x.mul(y).sigmoid(), z.sub(x).silu()])

  it('with broadcasting: first and second by finite differences', () => {
    scope(() => {
      const r = new Random('finite')
      const operands = sizes.map((s) => drawn(r, s, 'f64').requiresGrad_())
      expect(gradcheck(f, operands)).toBe(true)
      expect(gradcheck(two, operands)).toBe(true)
      // Elsewhere they are the same programs.
      if (device !== 'cpu') return
      expect(gradgradcheck(f, operands)).toBe(true)
      expect(gradgradcheck(two, operands)).toBe(true)
    })
  })

  it('third derivatives', () => {
    scope(() => {
      const x = arange(1, 4, 1, { dtype: 'f64', device }).requiresGrad_()
      let y: Tensor = fuse((x: Tensor) => x.square().square())(x).sum()
      for (let k = 0; k < 3; k++) [y] = [(grad(y, x, { createGraph: true })[0] as Tensor).sum()]
      expect(y.itemSync()).toBe(24 * 6)
    })
  })

  it('only of operands that want one, and of results that reach them', () => {
    scope(() => {
      const [x, y] = [ones([3], { device }).requiresGrad_(), ones([3], { device })]
      const [a, b] = fuse((x: Tensor, y: Tensor) => [x.mul(y), y.mul(2)])(x, y) as [Tensor, Tensor]
      expect([...(grad(a.sum(), x)[0] as Tensor).dataSync()]).toEqual([1, 1, 1])
      expect(grad(b.sum(), x, { allowUnused: true })[0]).toBeNull()
      fuse((x: Tensor) => x)(x)
        .sum()
        .backward()
      expect([...(x.grad as Tensor).dataSync()]).toEqual([1, 1, 1])
      expect(fuse((x: Tensor) => x.gt(0))(x).requiresGrad).toBe(false)
    })
  })

  it('saves its operands alone, and notices one that was changed', () => {
    scope(() => {
      const x = ones([3], { device }).requiresGrad_()
      const y = x.mul(2)
      const z = fuse((y: Tensor) => y.exp())(y).sum()
      y.detach().add_(1)
      expect(() => z.backward()).toThrow(/modified in place/)
    })
  })

  it('in a loss', () => {
    scope(() => {
      const [x, w] = [ones([4, 3], { device }), full([3], 0.5, { device }).requiresGrad_()]
      fuse((x: Tensor, w: Tensor) => x.mul(w).add(1).square())(x, w)
        .mean()
        .backward()
      expect([...(w.grad as Tensor).dataSync()]).toEqual([1, 1, 1])
    })
  })
})

describe('around it', () => {
  const f = fuse((x: Tensor, y: Tensor) => x.mul(y).exp())
  const plain = (x: Tensor, y: Tensor): Tensor => x.mul(y).exp()

  it('vmap makes one command of it', () => {
    scope(() => {
      const r = new Random('vmap')
      const [x, y] = [drawn(r, [3, 4], 'f32'), drawn(r, [4], 'f32')]
      const fallbacks: unknown[] = []
      const options = { inAxes: [0, null], onFallback: (e: unknown) => fallbacks.push(e) }
      expectSameBits('vmap', vmap(f, options)(x, y) as Tensor, plain(x, y))
      expect(fallbacks).toEqual([])
    })
  })

  it('fused functions call one another', () => {
    scope(() => {
      const r = new Random('nested')
      const [x, y] = [drawn(r, [5], 'f32'), drawn(r, [5], 'f32')]
      const outer = fuse((x: Tensor, y: Tensor) => f(x, y).add(1))
      expectSameBits('nested', outer(x, y), plain(x, y).add(1))
    })
  })

  it('numbers alone, operands that are not read, results that are the same', () => {
    scope(() => {
      const x = ones([2, 3], { device })
      const y = full([3], 2, { device })
      const results = fuse((x: Tensor, y: Tensor) => {
        const s = y.mul(2)
        return [s, s, y.mul(2), x, full(x.shape, 7, { device: x.device })]
      })(x, y)
      expect(results.map((t) => [t.shape, t.dataSync()[5]])).toEqual([4, 4, 4, 1, 7].map((v) => [[2, 3], v]))
    })
  })

  it('is traced once for each combination of dtypes and shape', () => {
    scope(() => {
      let traced = 0
      const g = fuse((x: Tensor) => {
        traced++
        return x.add(x.shape[0] as number)
      })
      for (const n of [1, 2, 1, 2]) expect([...g(ones([n], { device })).dataSync()]).toEqual(new Array(n).fill(n + 1))
      expect(traced).toBe(2)
      g(ones([2], { dtype: 'f64', device }))
      expect(traced).toBe(3)
      // The oldest make room.
      for (let n = 3; n < 80; n++) g(ones([n], { device }))
      expect(traced).toBe(3 + 77)
      g(ones([1], { device }))
      expect(traced).toBe(3 + 78)
    })
  })

  it('other listeners do not hear the trace', () => {
    scope(() => {
      const x = ones([3], { device }).requiresGrad_()
      autocast({ dtype: 'bf16' }, () => expect(fuse((x: Tensor) => x.pow(2))(x).dtype).toBe('f32'))
      detectAnomaly(() =>
        fuse((x: Tensor) => x.exp())(x)
          .sum()
          .backward(),
      )
      const y = selectiveCheckpoint({ keep: ['fuse'] }, (x: Tensor) => fuse((x: Tensor) => x.exp().mul(x))(x), x)
      y.sum().backward()
      expect(x.grad?.dataSync()[0]).toBeCloseTo(3 * Math.E, 5)
    })
  })

  it('refuses what is not pointwise, and says what to do', () => {
    scope(() => {
      const [x, w] = [ones([3, 3], { device }), ones([3], { device })]
      const refused: [(x: Tensor) => unknown, RegExp][] = [
        [(x) => x.sum(), /^fuse: sum is not pointwise; compute it outside, and pass the result as an operand$/],
        [(x) => x.matmul(x), /^fuse: matmul is not pointwise/],
        [(x) => x.softmax(-1), /^fuse: softmax is not pointwise/],
        [(x) => x.T, /^fuse: a view \(3, 3\) of \(3, 3\) is not pointwise/],
        [(x) => x.reshape([9]), /^fuse: a view \(9\) of \(3, 3\) is not pointwise/],
        [(x) => x.add(w), /^fuse: the function uses a tensor that is none of its operands; pass it as one$/],
        [(x) => x.add(tensor([1, 2, 3])), /none of its operands/],
        [() => w, /^fuse: a result was not computed from the operands$/],
        [(x) => x.add_(1), /^fuse: addInto changes a tensor in place; use the operator that gives a new one$/],
        [(x) => (x.sum().itemSync() > 0 ? x : x), /^fuse: sum is not pointwise/],
        [(x) => (x.dataSync()[0] ? x : x), /^fuse: the function reads values of a tensor/],
        [() => 3, /^fuse: the function must give a tensor or an array of tensors$/],
        [() => [], /^fuse: the function has no results$/],
        [(x) => full([], 2, { device: x.device }), /^fuse: a result is \(\) where the operands are \(3, 3\)/],
        [(x) => tensor([1, 2, 3], { device: x.device }), /^fuse: a tensor made of data inside the function/],
        [(x) => Array.from({ length: 600 }).reduce<Tensor>((y) => y.mul(2).add(1), x), /more than \d+ steps/],
      ]
      for (const [g, message] of refused) expect(() => fuse(g as (x: Tensor) => Tensor)(x)).toThrow(message)
      expect(() => fuse(3 as never)).toThrow('fuse: takes a function of tensors')
      expect(() => f(x, 2 as never)).toThrow('fuse: takes tensors, got number; write numbers inside the function')
      expect(() => (f as () => Tensor)()).toThrow('fuse: the function needs an operand')
      expect(() => f(x, ones([4], { device }))).toThrow(/^fuse: /)
      // What was refused leaves nothing behind.
      expect(x.add(w).requiresGrad).toBe(false)
      expect(f(x, x).shape).toEqual([3, 3])
    })
  })
})
