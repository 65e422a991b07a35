// Muon and SOAP beyond their trajectories (trajectories.test.ts): shapes, dtypes, states.
import { describe, expect, it } from 'vitest'
import { linalg, matmul, noGrad, randn, type Tensor, tensor, zeros } from '#lib/index.js'
import { Parameter } from '#lib/nn/index.js'
import { AdamW, Muon, type Optimizer, SOAP } from '#lib/optim/index.js'

const wave = (shape: readonly number[], phase: number): Tensor => {
  const n = shape.reduce((a, b) => a * b, 1)
  return tensor(Float64Array.from({ length: n }, (_, i) => Math.sin(phase + 1.3 * i))).reshape([...shape])
}

function steps(p: Parameter, optimizer: Optimizer<any>, from: number, to: number): void {
  for (let t = from; t <= to; t++) {
    p.grad = wave(p.shape, t).to(p.dtype) as typeof p.grad
    optimizer.step()
  }
}

const valuesOf = async (t: Tensor): Promise<number[]> => [...((await t.to('f64').data()) as Float64Array)]

describe('Muon', () => {
  it.each([[[6, 3]], [[3, 6]], [[5, 5]]])('steps by a matrix %j whose singular values are near 1', async (shape) => {
    const p = new Parameter(zeros(shape))
    p.grad = randn(shape)
    new Muon([p], { lr: 1, weightDecay: 0, momentum: 0, adjustLrFn: null }).step()
    const scale = Math.sqrt(Math.max(1, (shape[0] as number) / (shape[1] as number)))
    const values = await valuesOf(noGrad(() => linalg.svdvals(p.detach())))
    // Jordan 2024: the polynomial takes what is not tiny to about 0.7 .. 1.2.
    for (const s of values.slice(0, -1)) expect(Math.abs(s / scale - 0.95)).toBeLessThan(0.35)
  })

  it('goes on from its state dict to the bit', async () => {
    const [whole, first, second] = [0, 1, 2].map(() => new Parameter(wave([4, 3], 0).to('f32'))) as [
      Parameter,
      Parameter,
      Parameter,
    ]
    steps(whole, new Muon([whole], { lr: 0.1 }), 1, 8)
    const before = new Muon([first], { lr: 0.1, adjustLrFn: 'original' })
    steps(first, before, 1, 3)
    noGrad(() => second.copy_(first))
    const after = new Muon([second], { lr: 0.5 })
    after.loadStateDict(before.stateDict())
    steps(second, after, 4, 8)
    expect(await valuesOf(second)).toEqual(await valuesOf(whole))
    expect(Object.keys(before.stateDict().state[0] ?? {})).toEqual(['momentum_buffer'])
    expect(before.stateDict().param_groups[0]).toMatchObject({ adjust_lr_fn: 'original', ns_steps: 5 })
  })

  it('keeps an f32 copy of a bf16 parameter when asked', async () => {
    const p = new Parameter(wave([4, 3], 0).to('bf16'))
    const optimizer = new Muon([p], { lr: 1e-4, masterWeights: true })
    const start = await valuesOf(p)
    steps(p, optimizer, 1, 2)
    const master = optimizer.stateDict().state[0]?.['master_param'] as Tensor
    expect(await valuesOf(p)).toEqual(await valuesOf(master.to('bf16')))
    expect(await valuesOf(master)).not.toEqual(start)
  })

  it('does nothing for a gradient of zeros but decay', async () => {
    const p = new Parameter(tensor([[1, 2]]))
    p.grad = zeros([1, 2])
    new Muon([p], { lr: 0.1, weightDecay: 0.5 }).step()
    expect(await p.data()).toEqual(Float32Array.of(0.95, 1.9))
  })

  it('says what is wrong', () => {
    const p = new Parameter(zeros([2, 2]))
    expect(() => new Muon([new Parameter(zeros([2]))])).toThrow(/a parameter \(2\); it takes matrices/)
    expect(() => new Muon([p], { nsSteps: 100 })).toThrow(/nsSteps is 100, expected at least 0 and less than 100/)
    expect(() => new Muon([p], { adjustLrFn: 'x' as never })).toThrow(/adjustLrFn is 'x', expected 'original'/)
  })
})

describe('SOAP', () => {
  it('takes kernels as matrices', async () => {
    const [kernel, matrix] = [new Parameter(wave([4, 3, 1, 2], 0)), new Parameter(wave([4, 6], 0))]
    // Of full rank on both sides at once, so that its bases are unique.
    const options = { lr: 0.1, preconditionFrequency: 2, maxPreconditionerDim: 4 }
    steps(kernel, new SOAP([kernel], options), 1, 6)
    steps(matrix, new SOAP([matrix], options), 1, 6)
    expect(await valuesOf(kernel)).toEqual(await valuesOf(matrix))
  })

  it('has no basis for a side longer than maxPreconditionerDim, and is AdamW without any', async () => {
    const [a, b] = [new Parameter(wave([5, 3], 0)), new Parameter(wave([5, 3], 0))]
    const one = new SOAP([a], { lr: 0.1, maxPreconditionerDim: 4 })
    steps(a, one, 1, 2)
    expect(Object.keys(one.stateDict().state[0] ?? {})).toEqual([
      'step',
      'exp_avg',
      'exp_avg_sq',
      'gram_right',
      'basis_right',
    ])
    noGrad(() => a.copy_(b))
    steps(a, new SOAP([a], { lr: 0.1, maxPreconditionerDim: 2 }), 1, 3)
    steps(b, new AdamW([b], { lr: 0.1, betas: [0.95, 0.95] }), 1, 3)
    expect(await valuesOf(a)).toEqual(await valuesOf(b))
  })

  it('has orthonormal bases', async () => {
    const p = new Parameter(wave([4, 3], 0))
    const optimizer = new SOAP([p], { preconditionFrequency: 1 })
    steps(p, optimizer, 1, 5)
    for (const name of ['basis_left', 'basis_right']) {
      const q = optimizer.stateDict().state[0]?.[name] as Tensor
      const product = await valuesOf(matmul(q.transpose(0, 1), q))
      const n = q.shape[0] as number
      for (const [i, x] of product.entries()) expect(x).toBeCloseTo(i % (n + 1) === 0 ? 1 : 0, 14)
    }
  })

  it('says what is wrong', () => {
    const p = new Parameter(zeros([2, 2]))
    expect(() => new SOAP([p], { preconditionFrequency: 0 })).toThrow(/preconditionFrequency is 0, expected at least 1/)
  })
})
