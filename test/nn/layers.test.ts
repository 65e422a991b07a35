// Layers against torch 2.13 in float64. Weights are sin(0.7 i + k) / 2 for parameter number k, so that both sides have the
// same; the expected numbers are what torch printed.
import { describe, expect, it } from 'vitest'
import { crossEntropy, noGrad, type Tensor, tensor } from '#lib/index.js'
import * as nn from '#lib/nn/index.js'

function deterministic(shape: readonly number[], k: number): Tensor {
  const count = shape.reduce((product, dim) => product * dim, 1)
  return tensor(
    Float64Array.from({ length: count }, (_, i) => Math.sin(0.7 * i + k) * 0.5),
    { shape },
  )
}

function fill(module: nn.Module): void {
  module.to('f64')
  noGrad(() => {
    for (const [k, parameter] of [...module.parameters()].entries()) parameter.copy_(deterministic(parameter.shape, k))
  })
}

async function expectClose(t: Tensor | null | undefined, expected: readonly number[]): Promise<void> {
  const values = (await t?.data()) as Float64Array
  for (const [i, value] of expected.entries()) expect(values[i]).toBeCloseTo(value, 10)
}

describe('layers', () => {
  it('a small convolutional network: names, forward, gradients, running statistics, evaluation', async () => {
    const conv = new nn.Conv2d(2, 3, 3, { padding: 1, bias: false })
    const norm = new nn.BatchNorm2d(3)
    const model = new nn.Sequential(
      conv,
      norm,
      new nn.ReLU(),
      new nn.MaxPool2d(2),
      new nn.Flatten(),
      new nn.Linear(12, 4),
    )
    expect([...model.stateDict().keys()]).toEqual([
      '0.weight',
      '1.weight',
      '1.bias',
      '1.running_mean',
      '1.running_var',
      '1.num_batches_tracked',
      '5.weight',
      '5.bias',
    ])
    fill(model)
    const x = deterministic([2, 2, 4, 4], 9)
    const y = model.call(x)
    const loss = crossEntropy(y, tensor([1, 3]).to('i64'))
    loss.backward()
    await expectClose(
      y,
      [
        -0.9674731110818731, -0.3593426135652794, 0.05664590133965419, -0.6918192457807267, -0.8003184987552392,
        -0.5240299453860682, 0.060531814795591166, -0.5311677354970332,
      ],
    )
    await expectClose(loss, [1.425173759574943])
    await expectClose(
      conv.weight.grad,
      [-0.035674173964869535, -0.04519049990994138, -0.026065568349191673, 0.08477248964829638],
    )
    await expectClose(norm.runningMean, [0.004750759935121071, 0.004773338046315065, 0.004790518328429083])
    await expectClose(norm.runningVar, [0.9457928551268511, 0.9448776745965541, 0.9440180427609094])
    expect(await norm.numBatchesTracked?.item()).toBe(1)
    await expectClose(
      model.eval().call(x),
      [
        -0.8886378108012248, -0.34859923648579283, -0.033347226589543255, -0.6090978022960067, -0.7826205804751953,
        -0.46410607638578405, -0.019401674049697004, -0.5080744968146761,
      ],
    )
  })

  it('causal self-attention, two heads', async () => {
    const attention = new nn.CausalSelfAttention(6, 2)
    expect([...attention.stateDict().keys()]).toEqual(['c_attn.weight', 'c_attn.bias', 'c_proj.weight', 'c_proj.bias'])
    fill(attention)
    await expectClose(
      attention.call(deterministic([1, 3, 6], 5)),
      [
        0.4203975141286493, -0.7465035244962859, -0.3534335865547059, -0.10130582058901494, -0.7092266570470753,
        0.21359431419422498, 0.1782337503953278, -0.8019723545107909, -0.05688143449794658, -0.3366127938499082,
        -0.7750552291476756, 0.5134476271065702, 0.306690861775037, -0.8641845982001866, -0.1243380945004337,
        -0.20825783508507334, -0.8334533841595885, 0.4423533232235783,
      ],
    )
  })

  it('activations, pools and losses are their operators', async () => {
    const x = tensor([
      [
        [
          [-1, 2],
          [3, -4],
        ],
      ],
    ])
    expect(await new nn.ReLU().call(x).toArray()).toEqual([
      [
        [
          [0, 2],
          [3, 0],
        ],
      ],
    ])
    expect(await new nn.AvgPool2d(2).call(x).toArray()).toEqual([[[[0]]]])
    expect(await new nn.AdaptiveAvgPool2d(1).call(x).toArray()).toEqual([[[[0]]]])
    expect(await new nn.MaxPool2d(2).call(x).toArray()).toEqual([[[[3]]]])
    expect(new nn.Flatten().call(x).shape).toEqual([1, 4])
    expect(await new nn.MSELoss().call(tensor([1, 2]), tensor([3, 5])).item()).toBe(6.5)
    expect(await new nn.CrossEntropyLoss().call(tensor([[0, 0]]), tensor([1]).to('i64')).item()).toBeCloseTo(
      Math.LN2,
      6,
    )
    for (const layer of [new nn.GELU(), new nn.SiLU(), new nn.Tanh(), new nn.Sigmoid()]) {
      expect(layer.call(x).shape).toEqual(x.shape)
    }
  })

  it('convolutions, poolings and foldings give the shapes of their operators', () => {
    const [signal, image, volume] = [
      [2, 4, 8],
      [2, 4, 8, 6],
      [2, 4, 8, 6, 4],
    ].map((s) => deterministic(s, 0)) as [Tensor, Tensor, Tensor]
    const f64 = { dtype: 'f64' } as const
    for (const [layer, x, shape] of [
      [new nn.Conv1d(4, 6, 3, { ...f64, groups: 2, padding: 'same' }), signal, [2, 6, 8]],
      [new nn.Conv2d(4, 6, [3, 1], { ...f64, stride: 2 }), image, [2, 6, 3, 3]],
      [new nn.Conv3d(4, 3, 2, { ...f64, bias: false }), volume, [2, 3, 7, 5, 3]],
      [new nn.ConvTranspose1d(4, 6, 2, { ...f64, stride: 2 }), signal, [2, 6, 16]],
      [new nn.ConvTranspose2d(4, 6, 3, { ...f64, stride: 2, padding: 1, outputPadding: 1 }), image, [2, 6, 16, 12]],
      [new nn.ConvTranspose3d(4, 2, 1, { ...f64, groups: 2 }), volume, [2, 2, 8, 6, 4]],
      [new nn.MaxPool1d(3, { ceilMode: true }), signal, [2, 4, 3]],
      [new nn.MaxPool3d(2), volume, [2, 4, 4, 3, 2]],
      [new nn.AvgPool1d(2), signal, [2, 4, 4]],
      [new nn.AvgPool3d([1, 2, 2]), volume, [2, 4, 8, 3, 2]],
      [new nn.AdaptiveAvgPool1d(5), signal, [2, 4, 5]],
      [new nn.AdaptiveAvgPool3d([2, null, 1]), volume, [2, 4, 2, 6, 1]],
      [new nn.AdaptiveMaxPool1d(5), signal, [2, 4, 5]],
      [new nn.AdaptiveMaxPool2d(3), image, [2, 4, 3, 3]],
      [new nn.AdaptiveMaxPool3d(2), volume, [2, 4, 2, 2, 2]],
      [new nn.Unfold(2, { stride: 2 }), image, [2, 16, 12]],
      [new nn.Fold([4, 4], 2, { stride: 2 }), deterministic([2, 4, 4], 0), [2, 1, 4, 4]],
      [new nn.PixelShuffle(2), image, [2, 1, 16, 12]],
      [new nn.PixelUnshuffle(2), image, [2, 16, 4, 3]],
    ] as const)
      expect((layer as nn.Module).call(x).shape, layer.constructor.name).toEqual(shape)
    expect(() => new nn.Conv3d(4, 3, 2, { groups: 3 })).toThrow(
      'Conv3d: a weight of 3 by 4 channels does not divide into 3 groups',
    )
  })

  it('losses keep their options', async () => {
    const [a, b] = [tensor([[0.25, 0.5]]), tensor([[0.5, 1]])]
    const sum = { reduction: 'sum' } as const
    const signs = tensor([[1, -1]])
    const classes = tensor([1]).to('i64')
    const losses: [nn.Module, Tensor[]][] = [
      [new nn.L1Loss(sum), [a, b]],
      [new nn.SmoothL1Loss({ ...sum, beta: 0.5 }), [a, b]],
      [new nn.HuberLoss({ ...sum, delta: 0.5 }), [a, b]],
      [new nn.BCELoss(sum), [a, b]],
      [new nn.BCEWithLogitsLoss(sum), [a, b]],
      [new nn.KLDivLoss({ reduction: 'batchmean' }), [a, b]],
      [new nn.PoissonNLLLoss(sum), [a, b]],
      [new nn.GaussianNLLLoss(sum), [a, b, b]],
      [new nn.SoftMarginLoss(sum), [a, signs]],
      [new nn.HingeEmbeddingLoss(sum), [a, signs]],
      [new nn.MarginRankingLoss(sum), [a, b, signs]],
      [new nn.MultiLabelSoftMarginLoss(sum), [a, b]],
      [new nn.MultiLabelMarginLoss(sum), [a, tensor([[1, -1]]).to('i64')]],
      [new nn.MultiMarginLoss({ ...sum, margin: 0.5 }), [a, classes]],
      [new nn.NLLLoss(sum), [a, classes]],
      [new nn.CosineEmbeddingLoss(sum), [a, b, tensor([1])]],
      [new nn.TripletMarginLoss(sum), [a, b, b]],
      [new nn.TripletMarginWithDistanceLoss({ ...sum, margin: 2 }), [a, b, b]],
    ]
    const values: Record<string, number> = {}
    for (const [loss, operands] of losses)
      values[loss.constructor.name] = await (loss.call(...operands) as Tensor).item()
    // By hand, and by PyTorch.
    const expected: Record<string, number> = {
      L1Loss: 0.75,
      SmoothL1Loss: 0.3125,
      HuberLoss: 0.15625,
      BCELoss: 1.530135,
      BCEWithLogitsLoss: 1.175016,
      KLDivLoss: -0.971574,
      PoissonNLLLoss: 2.307747,
      GaussianNLLLoss: -0.159074,
      SoftMarginLoss: 1.550016,
      HingeEmbeddingLoss: 0.75,
      MarginRankingLoss: 0.25,
      MultiLabelSoftMarginLoss: 0.587508,
      MultiLabelMarginLoss: 0.375,
      MultiMarginLoss: 0.125,
      NLLLoss: -0.5,
      CosineEmbeddingLoss: 0.0,
      TripletMarginLoss: 1.0,
      TripletMarginWithDistanceLoss: 2.0,
    }
    expect(Object.keys(values)).toEqual(Object.keys(expected))
    for (const [name, value] of Object.entries(values)) expect(value, name).toBeCloseTo(expected[name] as number, 5)
    const logProbs = tensor([
      [-0.5, -1],
      [-0.7, -0.7],
    ])
    const ctc = new nn.CTCLoss(sum).call(logProbs, classes, 2, 1) as Tensor
    expect(await ctc.item()).toBeCloseTo(0.405623, 5)
  })

  it('dropout acts in training only', async () => {
    const layer = new nn.Dropout(0.5)
    const x = tensor(new Float32Array(1000).fill(1))
    const values = new Set((await layer.call(x).data()) as Float32Array)
    expect(values).toEqual(new Set([0, 2]))
    expect(await layer.eval().call(x).data()).toEqual(await x.data())
  })
})
