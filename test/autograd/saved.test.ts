/** Saved-tensor hooks, checkpointing and custom functions. */
import { describe, expect, it } from 'vitest'
import {
  AutogradError,
  checkpoint,
  defineFunction,
  dropout,
  engine,
  exp,
  type FunctionContext,
  GradcheckError,
  grad,
  gradcheck,
  gradgradcheck,
  manualSeed,
  scope,
  sigmoid,
  type Tensor,
  tanh,
  tensor,
  withSavedTensorHooks,
} from '#lib/index.js'
import { Linear } from '#lib/nn/index.js'

const leaf = (v: number[], shape = [v.length]): Tensor => tensor(v, { dtype: 'f64', shape }).requiresGrad_() as Tensor
const values = (t: Tensor | null | undefined): number[] => Array.from((t as Tensor).dataSync() as Float64Array)

describe('saved-tensor hooks', () => {
  it('pack and unpack what operators save, and are told of its release', () =>
    scope(() => {
      const x = leaf([1, 2])
      let [packed, unpacked, released] = [0, 0, 0]
      const y = withSavedTensorHooks(
        {
          pack: (t) => {
            packed++
            return { values: t.dataSync(), shape: t.shape }
          },
          unpack: (p) => {
            unpacked++
            return tensor(p.values, { shape: p.shape }) as Tensor
          },
          release: () => {
            released++
          },
        },
        () => x.mul(x).exp(),
      )
      expect([packed, unpacked, released]).toEqual([3, 0, 0])
      y.sum().backward()
      expect([packed, unpacked, released]).toEqual([3, 3, 3])
      const expected = [1, 2].map((v) => 2 * v * Math.exp(v * v))
      values(x.grad).forEach((g, i) => {
        expect(Math.abs(g / (expected[i] as number) - 1)).toBeLessThan(1e-14)
      })
    }))

  it('keep second derivatives', () =>
    scope(() => {
      const x = leaf([0.5])
      const y = withSavedTensorHooks({ pack: (t) => t.mul(2), unpack: (t: Tensor) => t.mul(0.5) }, () => tanh(x.mul(x)))
      const [g] = grad(y.sum(), x, { createGraph: true }) as [Tensor]
      const [h] = grad(g.sum(), x)
      const t = Math.tanh(0.25)
      expect(Math.abs((values(h)[0] as number) - (2 * (1 - t * t) - 4 * 0.25 * 2 * t * (1 - t * t)))).toBeLessThan(
        1e-14,
      )
    }))

  it('that unpack something else are refused', () =>
    scope(() => {
      const x = leaf([1, 2])
      const y = withSavedTensorHooks({ pack: (t) => t, unpack: (t: Tensor) => t.sum() }, () => x.mul(x))
      expect(() => y.sum().backward()).toThrow(/packed a f64 tensor \(2\), unpacked f64 \(\)/)
    }))
})

describe('checkpoint', () => {
  const block = (x: Tensor): Tensor => {
    let y = x
    for (let k = 0; k < 5; k++) y = sigmoid(exp(y.mul(0.5)))
    return y
  }

  it('gives the same gradients and saves nothing inside', () =>
    scope(() => {
      const n = 4096
      const [a, b] = [
        leaf(Array.from({ length: n }, (_, i) => i / n)),
        leaf(Array.from({ length: n }, (_, i) => i / n)),
      ]
      engine.syncSync()
      const before = engine.memory().live
      const y = scope(() => checkpoint(block, a))
      engine.syncSync()
      // Its result alone; without checkpointing ten saved tensors.
      expect(engine.memory().live - before).toBeLessThan(2 * 8 * n)
      y.sum().backward()
      block(b).sum().backward()
      expect(values(a.grad)).toEqual(values(b.grad))
    }))

  it('reaches parameters, nests, and takes second derivatives', () =>
    scope(() => {
      const layer = new Linear(2, 2).to('f64')
      const x = leaf([1, 2])
      const f = (t: Tensor): Tensor => tanh(layer.call(t))
      const nested = (t: Tensor): Tensor => checkpoint((u: Tensor) => checkpoint(f, f(u)), t)
      const plain = f(f(x)).sum()
      const wanted = [...layer.parameters(), x]
      const expected = grad(plain, wanted, { createGraph: true })
      const found = grad(nested(x).sum(), wanted, { createGraph: true })
      found.forEach((g, i) => {
        expect(values(g)).toEqual(values(expected[i]))
      })
      const second = (g: readonly Tensor[]): number[][] =>
        grad(g.map((t) => t.sum()).reduce((s, t) => s.add(t)) as Tensor, wanted).map(values)
      expect(second(found)).toEqual(second(expected))
      layer.dispose()
    }))

  it('repeats random numbers', () =>
    scope(() => {
      const x = leaf(Array.from({ length: 64 }, () => 1))
      manualSeed(3)
      const y = checkpoint((t: Tensor) => dropout(t.mul(2), 0.5).mul(t), x)
      dropout(x, 0.5)
      y.sum().backward()
      // y = 2 x^2 m: the gradient at 1 is 4 m, the value 2 m.
      expect(values(x.grad)).toEqual(values(y).map((v) => 2 * v))
    }))

  it('notices a function that computes something else', () =>
    scope(() => {
      const x = leaf([1, 2])
      let calls = 0
      const y = checkpoint((t: Tensor) => (calls++ === 0 ? t.mul(t) : t.sum().mul(t.sum())), x)
      expect(() => y.sum().backward()).toThrow(AutogradError)
    }))

  it('frees everything when backward never comes', () => {
    engine.syncSync()
    const before = engine.memory().tensors
    scope(() => {
      const x = leaf([1, 2])
      checkpoint(block, x)
    })
    expect(engine.memory().tensors).toBe(before)
  })
})

describe('custom functions', () => {
  const cube = defineFunction({
    name: 'cube',
    forward(context: FunctionContext, x: Tensor) {
      context.save(x)
      return x.mul(x).mul(x)
    },
    backward({ saved: [x] }, g) {
      return g.mul((x as Tensor).mul(x as Tensor).mul(3))
    },
  })

  it('use their own backward, and are differentiable again where it is', () =>
    scope(() => {
      const x = leaf([1, -2])
      expect(gradcheck(cube, x)).toBe(true)
      expect(gradgradcheck(cube, x)).toBe(true)
    }))

  it('take several tensors and other arguments, and give several results', () =>
    scope(() => {
      const f = defineFunction({
        name: 'sumAndScaled',
        forward(context: FunctionContext<number>, a: Tensor, k: number, b: Tensor): [Tensor, Tensor] {
          context.state = k
          return [a.add(b), a.mul(k)]
        },
        backward: ({ state, needsGrad }, gs, gk) => {
          expect(needsGrad).toEqual([true, false])
          return [gs?.add(gk?.mul(state as number) as Tensor), null]
        },
      })
      const a = leaf([1, 2])
      const [s, k] = f(a, 5, tensor([1, 1], { dtype: 'f64' }) as Tensor)
      k.sum().backward()
      expect(values(a.grad)).toEqual([5, 5])
      expect(s.requiresGrad).toBe(true)
    }))

  it('save their own results', () =>
    scope(() => {
      const myExp = defineFunction({
        name: 'myExp',
        forward(context: FunctionContext, x: Tensor) {
          const y = exp(x)
          context.save(y)
          return y
        },
        backward: ({ saved: [y] }, g) => g.mul(y as Tensor),
      })
      const x = leaf([0.3])
      expect(gradcheck(myExp, x)).toBe(true)
      expect(gradgradcheck(myExp, x)).toBe(true)
    }))

  it('that give too few gradients, or wrong shapes, are named', () =>
    scope(() => {
      const few = defineFunction({ name: 'few', forward: (_, a: Tensor, b: Tensor) => a.add(b), backward: (_, g) => g })
      expect(() => few(leaf([1]), leaf([2])).backward()).toThrow(
        'few: backward gave 1 gradients for 2 tensor arguments',
      )
      const odd = defineFunction({ name: 'odd', forward: (_, a: Tensor) => a.mul(2), backward: (_, g) => g.sum() })
      expect(() =>
        odd(leaf([1, 2]))
          .sum()
          .backward(),
      ).toThrow('odd: backward gave a gradient () for argument 0, which is (2)')
    }))
})

describe('gradcheck', () => {
  it('finds a wrong gradient', () =>
    scope(() => {
      const wrong = defineFunction({ name: 'wrong', forward: (_, a: Tensor) => a.mul(a), backward: (_, g) => g.mul(2) })
      const x = leaf([3])
      expect(() => gradcheck(wrong, x)).toThrow(GradcheckError)
      expect(gradcheck(wrong, x, { quiet: true })).toBe(false)
      expect(() => gradcheck((t) => t, tensor([1], { requiresGrad: true }) as Tensor)).toThrow(/differences need f64/)
    }))
})
