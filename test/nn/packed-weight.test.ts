// The packed weight that a Linear keeps in eval mode: used only while nobody writes to the weight.
import { describe, expect, it } from 'vitest'
import { noGrad, randn, scope, type Tensor } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'
import { SGD } from '#lib/optim/index.js'

const held = (layer: nn.Linear): number => layer.ownedTensors().length
const call = (layer: nn.Linear, x: Tensor): Tensor => noGrad(() => layer.call(x))

async function expectProduct(layer: nn.Linear, x: Tensor): Promise<void> {
  const results = noGrad(() =>
    scope(() => [layer.call(x), x.matmul(layer.weight.transpose(0, 1)).add(layer.bias as Tensor)]),
  )
  const [a, b] = (await Promise.all(results.map((t) => t.data()))) as [Float32Array, Float32Array]
  for (const t of results) t.dispose()
  for (const [i, value] of b.entries()) expect(Math.abs((a[i] as number) - value)).toBeLessThan(1e-4)
}

describe('packed weight', () => {
  it('is made at the second call in eval mode and freed with the layer', async () => {
    const layer = new nn.Linear(130, 140).eval()
    const x = randn([5, 130])
    await expectProduct(layer, x)
    expect(held(layer)).toBe(2)
    await expectProduct(layer, x)
    expect(held(layer)).toBe(3)
    await expectProduct(layer, x)
    const [, , panels] = layer.ownedTensors()
    layer.dispose()
    expect(panels?._id).toBe(0)
  })

  it('is not made for one row, small weights, in training mode or while gradients are recorded', () => {
    const layer = new nn.Linear(130, 140)
    const x = randn([5, 130])
    for (let i = 0; i < 3; i++) call(layer, x)
    expect(held(layer)).toBe(2)
    layer.eval()
    for (let i = 0; i < 3; i++) call(layer, randn([1, 130]))
    for (let i = 0; i < 3; i++) layer.call(x)
    expect(held(layer)).toBe(2)
    const small = new nn.Linear(10, 10).eval()
    for (let i = 0; i < 3; i++) call(small, randn([5, 10]))
    expect(held(small)).toBe(2)
  })

  it('follows every kind of write to the weight', async () => {
    const layer = new nn.Linear(130, 140).eval()
    const x = randn([7, 130])
    for (let i = 0; i < 2; i++) call(layer, x)
    // In place.
    noGrad(() => layer.weight.mul_(2))
    for (let i = 0; i < 3; i++) await expectProduct(layer, x)
    expect(held(layer)).toBe(3)
    // A state dict.
    layer.loadStateDict(new nn.Linear(130, 140).stateDict())
    for (let i = 0; i < 3; i++) await expectProduct(layer, x)
    // An optimizer.
    const optimizer = new SGD(layer.parameters(), { lr: 0.1 })
    layer.call(x).sum().backward()
    optimizer.step()
    for (let i = 0; i < 3; i++) await expectProduct(layer, x)
    // A view of it.
    noGrad(() => layer.weight.select(0, 3).fill_(0.5))
    for (let i = 0; i < 3; i++) await expectProduct(layer, x)
    // Another tensor in its place, and another dtype.
    layer.weight = new nn.Parameter(randn([140, 130]))
    for (let i = 0; i < 3; i++) await expectProduct(layer, x)
    layer.to('f64')
    for (let i = 0; i < 3; i++) await expectProduct(layer, x.to('f64'))
    layer.train()
    call(layer, x.to('f64'))
    expect(held(layer)).toBe(2)
  })
})
