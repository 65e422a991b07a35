/** Checkpoints that keep the results of some operators: the same bits, fewer commands, and what goes wrong. */
import { describe, expect, it } from 'vitest'
import {
  add_,
  checkpoint,
  dropout,
  engine,
  grad,
  manualSeed,
  matmul,
  randn,
  relu,
  scope,
  selectiveCheckpoint,
  type Tensor,
} from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { profile } from '#lib/profile/index.js'

const values = (t: Tensor): number[] => Array.from(t.dataSync() as ArrayLike<number>)

/** Two products with what costs little between and around them. */
const block = (x: Tensor, w: Tensor): Tensor => matmul(relu(matmul(x, w)).mul(2).tanh(), w).sigmoid()

function gradients(run: (x: Tensor, w: Tensor) => Tensor): {
  loss: number
  x: number[]
  w: number[]
  products: number
} {
  return scope(() => {
    manualSeed(2)
    const x = randn([6, 8]).requiresGrad_()
    const w = randn([8, 8]).requiresGrad_()
    let loss = 0
    const { operators } = profile(() => {
      const y = run(x, w).sum()
      y.backward()
      loss = y.itemSync() as number
    })
    const products = operators.filter(({ kernel }) => kernel === 'matmul').length
    return { loss, x: values(x.grad as Tensor), w: values(w.grad as Tensor), products }
  })
}

describe('selectiveCheckpoint', () => {
  it('gives the bits of no checkpoint, and computes what it keeps once', () => {
    const { products, ...plain } = gradients(block)
    const whole = gradients((x, w) => checkpoint(block, x, w))
    const selective = gradients((x, w) => selectiveCheckpoint({ keep: ['matmul'] }, block, x, w))
    expect(whole).toMatchObject(plain)
    expect(selective).toMatchObject(plain)
    // The second run ends with the last thing that backward needs: the second product is not repeated in any case.
    expect(whole.products).toBeGreaterThan(products)
    expect(selective.products).toBe(products)
  })

  it('draws the same random numbers, kept or not', () => {
    const noisy = (x: Tensor, w: Tensor): Tensor =>
      dropout(matmul(dropout(matmul(x, w), 0.5).mul(x), w), 0.5)
        .tanh()
        .mul(x)
    const { products: _, ...plain } = gradients(noisy)
    for (const keep of [['matmul'], ['mul'], ['matmul', 'dropout']])
      expect(gradients((x, w) => selectiveCheckpoint({ keep }, noisy, x, w))).toMatchObject(plain)
  })

  it('nests, in either way, and is differentiable again', () => {
    const { products: _, ...plain } = gradients((x, w) => block(block(x, w), w))
    const inner = (x: Tensor, w: Tensor): Tensor => selectiveCheckpoint({ keep: ['matmul'] }, block, x, w)
    const nested = gradients((x, w) => checkpoint((a: Tensor, b: Tensor) => inner(inner(a, b), b), x, w))
    expect(nested).toMatchObject(plain)
    const outer = (a: Tensor, b: Tensor): Tensor => matmul(checkpoint(block, block(a, b), b), b)
    const { products: __, ...deep } = gradients(outer)
    expect(gradients((x, w) => selectiveCheckpoint({ keep: ['matmul'] }, outer, x, w))).toMatchObject(deep)
    scope(() => {
      const second = (f: (x: Tensor, w: Tensor) => Tensor): number[] => {
        manualSeed(5)
        const x = randn([3, 4]).requiresGrad_()
        const w = randn([4, 4]).requiresGrad_()
        const [first] = grad(f(x, w).sum(), [x], { createGraph: true }) as [Tensor]
        return values((grad(first.mul(first).sum(), [w]) as [Tensor])[0])
      }
      expect(second(inner)).toEqual(second(block))
    })
  })

  it('keeps no tensor when backward never comes, and none after it', () => {
    const before = engine.memory().tensors
    for (const backward of [false, true])
      scope(() => {
        const [x, w] = [randn([4, 4]).requiresGrad_(), randn([4, 4]).requiresGrad_()]
        const y = selectiveCheckpoint({ keep: ['matmul'] }, block, x, w)
        if (backward) y.sum().backward()
      })
    engine.collect()
    expect(engine.memory().tensors).toBe(before)
  })

  it('names operators that did not run, and what was written to', () =>
    scope(() => {
      const [x, w] = [randn([4, 4]).requiresGrad_(), randn([4, 4]).requiresGrad_()]
      expect(() => selectiveCheckpoint({ keep: ['matmull'] }, block, x, w)).toThrow(
        /checkpoint: keep names 'matmull', but no such operator ran; did you mean "matmul"\?/,
      )
      expect(() => selectiveCheckpoint({ keep: [] }, block, x, w)).toThrow('keep is [], expected a list')
      const written = (a: Tensor, b: Tensor): Tensor => add_(matmul(a, b), 1).sigmoid().mul(a)
      const y = selectiveCheckpoint({ keep: ['matmul'] }, written, x, w)
      expect(() => y.sum().backward()).toThrow(/a result of matmul, which keep names, was written to in place/)
      let calls = 0
      const other = (a: Tensor, b: Tensor): Tensor =>
        calls++ === 0 ? matmul(a, b).mul(a).tanh().mul(a) : a.mul(b).mul(a).tanh().mul(a)
      const z = selectiveCheckpoint({ keep: ['matmul', 'mul'] }, other, x, w)
      expect(() => z.sum().backward()).toThrow(/must compute the same again/)
    }))
})

describe('checkpointModules with keep', () => {
  it('keeps in each module what it has of the operators', () => {
    const run = (keep?: readonly string[]): number[] =>
      scope(() => {
        manualSeed(7)
        const layer = () =>
          new nn.Sequential(new nn.Linear(8, 8), new nn.GELU(), new nn.Linear(8, 8), new nn.LayerNorm(8))
        const model = new nn.Sequential(layer(), layer())
        const handle = keep && nn.checkpointModules(model, '*', { keep })
        const x = randn([5, 8])
        model.call(x).pow(2).sum().backward()
        handle?.remove()
        return [...model.parameters()].flatMap((p) => values(p.grad as Tensor))
      })
    const plain = run()
    expect(run(['linear'])).toEqual(plain)
    expect(run(['linear', 'conv2d'])).toEqual(plain)
    expect(() => run(['liner'])).toThrow(
      /keep names 'liner', .*did you mean "linear".*\(in 0, a Sequential of Sequential\)/,
    )
    expect(() => scope(() => nn.checkpointModules(new nn.Linear(1, 1), '', { kep: [] } as never))).toThrow(
      'did you mean "keep"',
    )
  })
})
