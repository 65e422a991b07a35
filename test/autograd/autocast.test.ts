// autocast: which operators compute in what, where gradients arrive, kept casts, nesting, errors, promises, checkpoints.
import { describe, expect, it } from 'vitest'
import {
  addLayerNorm,
  addRmsNorm,
  autocast,
  autocastDType,
  batchNorm,
  bmm,
  cdist,
  checkpoint,
  conv2d,
  convTranspose1d,
  crossEntropy,
  einsum,
  engine,
  groupNorm,
  gruCell,
  layerNorm,
  linear,
  linearCrossEntropy,
  logSoftmax,
  lstm,
  matmul,
  mseLoss,
  noGrad,
  ones,
  randint,
  randn,
  rmsNorm,
  scaledDotProductAttention,
  scope,
  softmax,
  type Tensor,
  vmap,
} from '#lib/index.js'
import { LayerNorm, Linear, Module, Sequential } from '#lib/nn/index.js'

const values = (t: Tensor): number[] => [...(t.dataSync() as Float32Array)]

describe('dtypes', () => {
  const lowered: [string, () => Tensor][] = [
    ['matmul', () => matmul(randn([3, 4]), randn([4, 5]))],
    ['bmm', () => bmm(randn([2, 3, 4]), randn([2, 4, 5]))],
    ['einsum', () => einsum('ij,jk->ik', randn([3, 4]), randn([4, 5]))],
    ['linear', () => linear(randn([3, 4]), randn([5, 4]), randn([5]))],
    ['linear with an activation', () => linear(randn([3, 4]), randn([5, 4]), null, { activation: 'gelu' })],
    ['conv2d', () => conv2d(randn([1, 2, 5, 5]), randn([3, 2, 3, 3]), randn([3]))],
    ['convTranspose1d', () => convTranspose1d(randn([1, 2, 5]), randn([2, 3, 3]))],
    ['attention', () => scaledDotProductAttention(randn([2, 3, 4]), randn([2, 5, 4]), randn([2, 5, 4]))],
    [
      'attention with a mask',
      () => scaledDotProductAttention(randn([3, 4]), randn([5, 4]), randn([5, 4]), { mask: randn([3, 5]) }),
    ],
  ]
  it.each(lowered)('%s gives bf16, or f16', (_, call) =>
    scope(() => {
      expect(autocast(call).dtype).toBe('bf16')
      expect(autocast({ dtype: 'f16' }, call).dtype).toBe('f16')
      expect(call().dtype).toBe('f32')
    }),
  )

  const half = (...shape: number[]): Tensor => randn(shape).to('bf16')
  const raised: [string, () => Tensor][] = [
    ['softmax', () => softmax(half(3, 4))],
    ['logSoftmax', () => logSoftmax(half(3, 4))],
    ['layerNorm', () => layerNorm(half(3, 4), [4], ones([4]))],
    ['batchNorm', () => batchNorm(half(3, 4), null, null, ones([4]), null, { training: true })],
    ['groupNorm', () => groupNorm(half(3, 4, 2), 2)],
    ['rmsNorm', () => rmsNorm(half(3, 4), [4], ones([4]))],
    ['addLayerNorm', () => addLayerNorm(half(3, 4), randn([3, 4]), [4], ones([4])).y],
    ['addRmsNorm', () => addRmsNorm(half(3, 4), randn([3, 4]), [4], ones([4])).sum],
    ['linearCrossEntropy', () => linearCrossEntropy(randn([3, 4]), randn([5, 4]), randint(0, 5, [3]))],
    ['crossEntropy', () => crossEntropy(half(3, 4), randint(0, 4, [3]))],
    ['mseLoss', () => mseLoss(half(3, 4), randn([3, 4]))],
    ['lstm', () => lstm(half(3, 2, 4), [{ weightIh: randn([8, 4]), weightHh: randn([8, 2]) }])[0]],
    ['gruCell', () => gruCell(half(3, 4), null, { weightIh: randn([6, 4]), weightHh: randn([6, 2]) })],
    ['cdist', () => cdist(half(3, 4), randn([30, 4]))],
  ]
  it.each(raised)('%s gives f32', (_, call) =>
    scope(() => {
      expect(autocast(call).dtype).toBe('f32')
    }),
  )

  it('leaves other operators, f64 and integers alone', () =>
    scope(() =>
      autocast(() => {
        expect(randn([3]).add(randn([3])).dtype).toBe('f32')
        expect(half(3).exp().dtype).toBe('bf16')
        expect(half(3).add(randn([3])).dtype).toBe('f32')
        const f64 = randn([3, 3], { dtype: 'f64' })
        expect(matmul(f64, f64).dtype).toBe('f64')
        const i32 = randint(0, 5, [3, 3], { dtype: 'i32' })
        expect(matmul(i32, i32).dtype).toBe('i32')
      }),
    ))

  it('keeps a residual stream in f32', () =>
    scope(() => {
      const [x, w, residual] = [randn([3, 4]), randn([4, 4]), randn([3, 4])]
      const y = autocast(() => linear(x, w, null, { residual }))
      expect(y.dtype).toBe('f32')
      expect(values(y)).toEqual(values(linear(x.to('bf16'), w.to('bf16')).add(residual)))
    }))
})

describe('gradients', () => {
  it('arrive in the parameters’ dtype, and are those of the casts written out', () =>
    scope(() => {
      const x = randn([5, 4])
      const [a, b] = [randn([3, 4]).requiresGrad_(), randn([2, 3]).requiresGrad_()]
      const loss = autocast(() => linear(linear(x, a).relu(), b).to('f32').square().sum())
      loss.backward()
      const got = [a, b].map((t) => t.grad as Tensor)
      expect(got.map((t) => t.dtype)).toEqual(['f32', 'f32'])
      const kept = got.map(values)
      for (const t of [a, b]) t.grad = null
      linear(linear(x.to('bf16'), a.to('bf16')).relu(), b.to('bf16'))
        .to('f32')
        .square()
        .sum()
        .backward()
      expect(kept).toEqual([a, b].map((t) => values(t.grad as unknown as Tensor)))
    }))

  it('are computed as the forward pass was, wherever backward is called', () =>
    scope(() => {
      const [x, w] = [randn([5, 4], { dtype: 'f32' }), randn([4, 3]).requiresGrad_()]
      matmul(x, w).sum().backward()
      const plain = values(w.grad as Tensor)
      w.grad = null
      const y = matmul(x, w).sum()
      autocast(() => y.backward())
      expect(values(w.grad as unknown as Tensor)).toEqual(plain)
    }))

  it('pass checkpoints, whose second run casts as the first', () =>
    scope(() => {
      const [x, w] = [randn([5, 4]), randn([4, 4]).requiresGrad_()]
      const f = (x: Tensor): Tensor => matmul(matmul(x, w).tanh(), w)
      autocast(() => f(x))
        .to('f32')
        .sum()
        .backward()
      const plain = values(w.grad as Tensor)
      w.grad = null
      autocast(() => checkpoint(f, x))
        .to('f32')
        .sum()
        .backward()
      expect(values(w.grad as unknown as Tensor)).toEqual(plain)
    }))

  it('of samples go through a vmap', () =>
    scope(() => {
      const [x, w] = [randn([6, 4]), randn([4, 3])]
      const y = autocast(() => vmap((row: Tensor) => matmul(row, w))(x)) as Tensor
      expect(y.dtype).toBe('bf16')
      expect(values(y.to('f32'))).toEqual(values(matmul(x.to('bf16'), w.to('bf16')).to('f32')))
    }))
})

describe('kept casts', () => {
  const blocks = (): number => {
    engine.syncSync()
    return engine.memory().blocks
  }

  it('are made once for a parameter that is used twice, and freed at the end', () =>
    scope(() => {
      const [x, w] = [randn([4, 4]), randn([4, 4]).requiresGrad_()]
      const count = (cache: boolean): number => {
        const before = blocks()
        let inside = 0
        noGrad(() =>
          autocast({ cache }, () => {
            const [a, b] = [matmul(x, w), matmul(x, w)]
            inside = blocks() - before
            for (const t of [a, b]) t.dispose()
          }),
        )
        return inside
      }
      // Two results and, of casts of x and w: x twice, w once or twice.
      expect(count(true)).toBe(count(false) - 1)
    }))

  it('are made anew after a write', () =>
    scope(() => {
      const [x, w] = [ones([1, 1]), ones([1, 1]).requiresGrad_()]
      autocast(() => {
        expect(values(matmul(x, w).to('f32'))).toEqual([1])
        noGrad(() => w.fill_(2))
        expect(values(matmul(x, w).to('f32'))).toEqual([2])
      })
    }))

  it('under noGrad do not take the gradient away', () =>
    scope(() => {
      const [x, w] = [randn([2, 2]), randn([2, 2]).requiresGrad_()]
      const y = autocast(() => {
        noGrad(() => matmul(x, w))
        return matmul(x, w)
      })
      expect(y.requiresGrad).toBe(true)
      y.to('f32').sum().backward()
      expect((w.grad as Tensor).shape).toEqual([2, 2])
    }))
})

describe('nesting and ends', () => {
  it('the inner one counts', () =>
    scope(() => {
      const f = (): string => matmul(randn([2, 2]), randn([2, 2])).dtype
      autocast(() => {
        expect([autocastDType(), f()]).toEqual(['bf16', 'bf16'])
        autocast({ enabled: false }, () => expect([autocastDType(), f()]).toEqual([null, 'f32']))
        autocast({ dtype: 'f16' }, () => expect(f()).toBe('f16'))
        expect(f()).toBe('bf16')
      })
      expect(f()).toBe('f32')
    }))

  it('ends when the function throws', () => {
    expect(() =>
      autocast(() => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(autocastDType()).toBeNull()
  })

  it('refuses promises and other dtypes', () => {
    expect(() => autocast(async () => 1)).toThrow(/returned a promise/)
    expect(autocastDType()).toBeNull()
    expect(() => autocast({ dtype: 'f32' as 'bf16' }, () => 1)).toThrow(/dtype is f32, expected 'bf16' or 'f16'/)
  })

  it('is not seen by asynchronous functions that run meanwhile', async () => {
    const seen: (string | null)[] = []
    const other = (async () => {
      for (let i = 0; i < 4; i++) {
        seen.push(autocastDType())
        await null
      }
    })()
    for (let i = 0; i < 4; i++) {
      autocast(() => expect(autocastDType()).toBe('bf16'))
      await null
    }
    await other
    expect(seen).toEqual([null, null, null, null])
  })
})

it('a model trains in it, parameters and statistics staying f32', () => {
  class Net extends Module {
    readonly body = new Sequential(new Linear(8, 16), new LayerNorm(16), new Linear(16, 3))
    forward(x: Tensor): Tensor {
      return this.body.call(x)
    }
  }
  const model = new Net()
  scope(() => {
    const loss = autocast(() => crossEntropy(model.call(randn([4, 8])), randint(0, 3, [4])))
    expect(loss.dtype).toBe('f32')
    loss.backward()
    for (const p of model.parameters()) expect([p.dtype, (p.grad as Tensor).dtype]).toEqual(['f32', 'f32'])
  })
  model.eval()
  scope(() =>
    noGrad(() => {
      const x = randn([4, 8])
      const dtypes = [1, 2, 3].map(() => autocast(() => model.call(x).dtype))
      expect(dtypes).toEqual(['bf16', 'bf16', 'bf16'])
      expect(model.call(x).dtype).toBe('f32')
    }),
  )
  model.dispose()
})
