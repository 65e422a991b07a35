// Clipping against torch 2.13's torch.nn.utils.clip_grad_norm_ and clip_grad_value_.
import { describe, expect, it } from 'vitest'
import { type Tensor, tensor, zeros } from '#lib/index.js'
import { Parameter } from '#lib/nn/index.js'
import { clipGradNorm, clipGradValue } from '#lib/optim/index.js'

/** Parameters (2) and (1, 1) with gradients 3, -4 and 12. */
function withGradients(): [Parameter, Parameter] {
  const [a, b] = [new Parameter(tensor([0, 0])), new Parameter(tensor([[0]]))]
  a.grad = tensor([3, -4])
  b.grad = tensor([[12]])
  return [a, b]
}

async function gradients(params: readonly Parameter[]): Promise<number[]> {
  return (await Promise.all(params.map((p) => p.grad!.flatten().toArray()))).flat() as number[]
}

describe('clipGradNorm', () => {
  it.each([
    [2, 13, [0.230769213, -0.307692284, 0.923076852]],
    [1, 19, [0.157894731, -0.210526308, 0.631578922]],
    [Number.POSITIVE_INFINITY, 12, [0.249999985, -0.333333313, 0.99999994]],
  ])('of order %d', async (normType, expectedNorm, expected) => {
    const params = withGradients()
    const norm = clipGradNorm(params, 1, { normType })
    expect(await norm.item()).toBeCloseTo(expectedNorm, 5)
    for (const [i, value] of (await gradients(params)).entries()) expect(value).toBeCloseTo(expected[i] as number, 6)
  })

  it('leaves small gradients alone', async () => {
    const params = withGradients()
    clipGradNorm(params, 20)
    expect(await gradients(params)).toEqual([3, -4, 12])
  })

  it('takes gradients of several dtypes, more of them than one command holds, and views', async () => {
    const params = Array.from({ length: 600 }, (_, i) => {
      const p = new Parameter(zeros([2, 2], { dtype: (['f32', 'bf16', 'f64'] as const)[i % 3] as 'f32' }))
      const grad = tensor([
        [3, 0],
        [0, 4],
      ]).to(p.dtype)
      p.grad = (i % 5 === 0 ? grad.transpose(0, 1) : grad) as typeof p.grad
      return p
    })
    const norm = clipGradNorm(params, 1)
    expect(await norm.item()).toBeCloseTo(5 * Math.sqrt(600), 5)
    for (const p of params)
      expect(await (p.grad as Tensor).select(0, 0).select(0, 0).item()).toBeCloseTo(3 / (5 * Math.sqrt(600)), 3)
  })

  it('rejects what is read of gradients whose norm is not finite, when asked', async () => {
    const params = withGradients()
    params[0].grad = tensor([Number.POSITIVE_INFINITY, 0])
    const norm = clipGradNorm(params, 1, { errorIfNonfinite: true })
    await expect(norm.item()).rejects.toThrow(/the gradients' norm of order 2 is inf/)
    await expect(params[1].grad!.data()).rejects.toThrow(/cannot be clipped/)
    expect(await params[1].data()).toEqual(Float32Array.of(0))
  })

  it('makes gradients 0 or NaN by a norm that is not finite, as torch does', async () => {
    const params = withGradients()
    params[0].grad = tensor([Number.POSITIVE_INFINITY, 2])
    clipGradNorm(params, 1)
    expect(await gradients(params)).toEqual([Number.NaN, 0, 0])
  })

  it('says what is wrong', () => {
    expect(() => clipGradNorm(withGradients(), 0)).toThrow('clipGradNorm: maxNorm is 0, expected more than 0')
    expect(() => clipGradNorm([new Parameter(zeros([2]))], 1)).toThrow(/no parameter has a gradient/)
    expect(() => clipGradNorm(withGradients(), 1, { normType: 0 })).toThrow(/normType is 0, expected more than 0/)
  })
})

describe('clipGradValue', () => {
  it('bounds every element', async () => {
    const params = withGradients()
    clipGradValue(params, 3.5)
    expect(await gradients(params)).toEqual([3, -3.5, 3.5])
  })

  it('says what is wrong', () => {
    expect(() => clipGradValue(withGradients(), -1)).toThrow('clipGradValue: clipValue is -1, expected more than 0')
  })
})
