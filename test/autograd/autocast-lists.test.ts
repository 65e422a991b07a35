// autocast's lists of operators: every operator on them can be moved to another precision, and what is not on them is refused by name.
import { describe, expect, it } from 'vitest'
import * as lib from '#lib/index.js'
import {
  AUTOCAST_FULL,
  AUTOCAST_LOWER,
  type AutocastOperator,
  autocast,
  checkpoint,
  crossEntropy,
  full,
  layerNorm,
  linear,
  linearCrossEntropy,
  lstm,
  matmul,
  ones,
  randint,
  randn,
  scope,
  softmax,
  Tensor,
  tensor,
  zeros,
} from '#lib/index.js'

const bf16 = (t: Tensor): Tensor => t.to('bf16')
const [pair, ends] = [(): Tensor[] => [randn([2, 3]), randn([2, 3])], (): Tensor => tensor([1, -1])]

/** The floating operands of a small call of each operator, and the call. */
const CALLS: Readonly<Record<AutocastOperator, [Tensor[], (...operands: Tensor[]) => unknown]>> = scope(() => {
  const f = lib as unknown as Record<string, (...args: unknown[]) => unknown>
  const plain = (name: string, operands: Tensor[], ...rest: unknown[]): [Tensor[], (...o: Tensor[]) => unknown] => [
    operands.map((t) => lib.keep(t)),
    (...o) => (f[name] as (...args: unknown[]) => unknown)(...o, ...rest),
  ]
  const conv = (name: string, r: number) =>
    plain(name, [randn([1, 2, ...Array(r).fill(4)]), randn([2, 2, ...Array(r).fill(3)])])
  const loss = (name: string, ...rest: unknown[]) => plain(name, pair(), ...rest)
  const target = lib.keep(randint(0, 3, [2]))
  const sign = lib.keep(bf16(ends()))
  const many = lib.keep(
    tensor(
      [
        [0, 1, -1],
        [2, -1, -1],
      ],
      { dtype: 'i64' },
    ),
  )
  const [mean, variance] = [lib.keep(zeros([3])), lib.keep(ones([3]))]
  const inside = () => full([2, 3], 0.25)
  return {
    matmul: plain('matmul', [randn([2, 3]), randn([3, 4])]),
    linear: plain('linear', [randn([2, 3]), randn([4, 3])]),
    scaledDotProductAttention: plain('scaledDotProductAttention', [randn([2, 4]), randn([3, 4]), randn([3, 4])]),
    varlenAttention: plain(
      'varlenAttention',
      [randn([3, 1, 4]), randn([3, 1, 4]), randn([3, 1, 4])],
      lib.keep(tensor([0, 1, 3], { dtype: 'i32' })),
    ),
    conv1d: conv('conv1d', 1),
    conv2d: conv('conv2d', 2),
    conv3d: conv('conv3d', 3),
    convTranspose1d: conv('convTranspose1d', 1),
    convTranspose2d: conv('convTranspose2d', 2),
    convTranspose3d: conv('convTranspose3d', 3),
    softmax: plain('softmax', [randn([2, 3])]),
    logSoftmax: plain('logSoftmax', [randn([2, 3])]),
    layerNorm: plain('layerNorm', [randn([2, 3])], [3]),
    addLayerNorm: plain('addLayerNorm', pair(), [3]),
    rmsNorm: plain('rmsNorm', [randn([2, 3])], [3]),
    addRmsNorm: plain('addRmsNorm', pair(), [3]),
    batchNorm: [
      [lib.keep(randn([2, 3]))],
      (x) => lib.batchNorm(x as Tensor, mean, variance, null, null, { training: true }),
    ],
    groupNorm: plain('groupNorm', [randn([2, 4, 3])], 2),
    instanceNorm: plain('instanceNorm', [randn([2, 3, 4])]),
    localResponseNorm: plain('localResponseNorm', [randn([2, 3, 4])], 2),
    normalize: plain('normalize', [randn([2, 3])]),
    cosineSimilarity: loss('cosineSimilarity'),
    pairwiseDistance: loss('pairwiseDistance'),
    crossEntropy: [[lib.keep(randn([2, 3]))], (x) => crossEntropy(x as Tensor, target)],
    nllLoss: [[lib.keep(randn([2, 3]))], (x) => lib.nllLoss(x as Tensor, target)],
    mseLoss: loss('mseLoss'),
    l1Loss: loss('l1Loss'),
    smoothL1Loss: loss('smoothL1Loss'),
    huberLoss: loss('huberLoss'),
    binaryCrossEntropy: plain('binaryCrossEntropy', [inside(), inside()]),
    binaryCrossEntropyWithLogits: loss('binaryCrossEntropyWithLogits'),
    klDiv: plain('klDiv', [randn([2, 3]), inside()]),
    poissonNllLoss: loss('poissonNllLoss'),
    gaussianNllLoss: plain('gaussianNllLoss', [...pair(), full([2, 3], 1)]),
    softMarginLoss: loss('softMarginLoss'),
    ctcLoss: [
      [lib.keep(randn([4, 1, 3]))],
      (x) => lib.ctcLoss(x as Tensor, tensor([[1, 2]], { dtype: 'i64' }), [4], [2]),
    ],
    hingeEmbeddingLoss: [[lib.keep(randn([2]))], (x) => lib.hingeEmbeddingLoss(x as Tensor, sign)],
    marginRankingLoss: [
      [lib.keep(randn([2])), lib.keep(randn([2]))],
      (a, b) => lib.marginRankingLoss(a as Tensor, b as Tensor, sign),
    ],
    cosineEmbeddingLoss: [
      pair().map((t) => lib.keep(t)),
      (a, b) => lib.cosineEmbeddingLoss(a as Tensor, b as Tensor, sign),
    ],
    multiMarginLoss: [[lib.keep(randn([2, 3]))], (x) => lib.multiMarginLoss(x as Tensor, target)],
    multilabelMarginLoss: [[lib.keep(randn([2, 3]))], (x) => lib.multilabelMarginLoss(x as Tensor, many)],
    tripletMarginLoss: plain('tripletMarginLoss', [...pair(), randn([2, 3])]),
    tripletMarginWithDistanceLoss: plain('tripletMarginWithDistanceLoss', [...pair(), randn([2, 3])]),
  }
})

const dtypeOf = (result: unknown): string => {
  if (result instanceof Tensor) return result.dtype
  const [first] = Object.values(result as object)
  return (first as Tensor).dtype
}

describe('every operator on the lists', () => {
  const names: readonly AutocastOperator[] = [...AUTOCAST_LOWER, ...AUTOCAST_FULL]
  it.each(names)('%s is computed as its list says, and as a call says', (name) =>
    scope(() => {
      const [operands, call] = CALLS[name]
      const usual = (AUTOCAST_LOWER as readonly string[]).includes(name) ? 'bf16' : 'f32'
      const halves = operands.map(bf16)
      expect(dtypeOf(autocast(() => call(...operands)))).toBe(usual)
      expect(dtypeOf(autocast(() => call(...halves)))).toBe(usual)
      expect(dtypeOf(autocast({ full: [name] }, () => call(...halves)))).toBe('f32')
      const lowered = autocast({ lower: [name] }, () => call(...operands))
      expect(dtypeOf(lowered)).toBe('bf16')
      expect(dtypeOf(autocast({ promote: [name] }, () => call(...halves)))).toBe('bf16')
      expect(dtypeOf(autocast({ promote: [name] }, () => call(...operands)))).toBe('f32')
      if (operands.length > 1)
        expect(dtypeOf(autocast({ promote: [name] }, () => call(halves[0] as Tensor, ...operands.slice(1))))).toBe(
          'f32',
        )
    }),
  )
})

it('composed operators follow, and so does a checkpoint', () =>
  scope(() => {
    const [a, b] = [randn([2, 3, 4]), randn([2, 4, 5])]
    expect(autocast({ full: ['matmul'] }, () => lib.bmm(a, b)).dtype).toBe('f32')
    expect(autocast({ full: ['matmul'] }, () => lib.einsum('bij,bjk->bik', a, b)).dtype).toBe('f32')
    const [x, w, y] = [randn([3, 4]), randn([5, 4]), randint(0, 5, [3])]
    expect(autocast({ lower: ['crossEntropy'] }, () => linearCrossEntropy(x, w, y)).dtype).toBe('bf16')
    const p = randn([4, 4], { requiresGrad: true })
    const seen: string[] = []
    const loss = autocast({ full: ['matmul'] }, () =>
      checkpoint((t: Tensor) => {
        const z = matmul(t, t)
        seen.push(z.dtype)
        return z.square()
      }, p).sum(),
    )
    loss.backward()
    expect(seen).toEqual(['f32', 'f32'])
    p.grad?.dispose()
  }))

it('an inner autocast has its own lists', () =>
  scope(() => {
    const [x, w] = [randn([2, 3]), randn([4, 3])]
    autocast({ full: ['linear'] }, () => {
      expect(linear(x, w).dtype).toBe('f32')
      expect(autocast(() => linear(x, w)).dtype).toBe('bf16')
      expect(autocast({ enabled: false }, () => softmax(bf16(x))).dtype).toBe('bf16')
      expect(linear(x, w).dtype).toBe('f32')
    })
  }))

it('what is computed in full has the bits of f32', () =>
  scope(() => {
    const x = randn([5, 8])
    expect(autocast({ full: ['matmul'] }, () => matmul(x, x.transpose(0, 1))).dataSync()).toEqual(
      matmul(x, x.transpose(0, 1)).dataSync(),
    )
    expect(autocast({ lower: ['layerNorm'], dtype: 'f16' }, () => layerNorm(x, [8])).dataSync()).toEqual(
      layerNorm(x.to('f16'), [8]).dataSync(),
    )
  }))

it('refuses names that are on no list, with the one that was meant', () => {
  const run = (options: object) => () => autocast(options, () => 0)
  expect(run({ lower: ['softMax'] })).toThrow(/lower names 'softMax'.*did you mean "softmax"/)
  expect(run({ full: ['gelu'] })).toThrow(/full names 'gelu', which takes what it is given/)
  expect(run({ full: ['softmax'], lower: ['softmax'] })).toThrow(/softmax is in lower and in full/)
  expect(run({ lower: ['lstm'] })).toThrow(/lstm is computed in f32 always/)
  expect(run({ lowerr: ['softmax'] })).toThrow(/lower/)
  expect(typeof lstm).toBe('function')
})
