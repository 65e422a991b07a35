/** The wide operator set: one case of each kind of kernel that the other files do not measure, sized as models meet them. */
import {
  adaptiveAvgPool2d,
  argmax,
  avgPool2d,
  bincountSync,
  bucketize,
  cdist,
  concat,
  conv1d,
  conv3d,
  convTranspose2d,
  ctcLoss,
  cummax,
  cumsum,
  embeddingBag,
  eye,
  fft,
  fold,
  gather,
  gridSample,
  groupNorm,
  histc,
  indexAdd,
  indexSelect,
  interpolate,
  kthvalue,
  linalg,
  logcumsumexp,
  logsumexp,
  median,
  nonzeroSync,
  pad,
  prod,
  rand,
  randint,
  randn,
  rmsNorm,
  roll,
  scatterAdd,
  sort,
  stft,
  type Tensor,
  topk,
  unfold,
  uniqueSync,
  variance,
  vectorNorm,
  where,
} from 'sinter'
import { type Case, forwardOnly, withBackward } from '../case.js'

const f64 = { dtype: 'f64' } as const

/** `prepare` makes the operands and returns the call without gradients. */
const forward = (name: string, prepare: () => () => unknown, dtype: 'f32' | 'f64' = 'f32'): Case => ({
  name: `op.${name}`,
  dtype,
  prepare: () => forwardOnly(prepare()),
})

/** `prepare` returns the call and the leaves that want gradients. */
const both = (name: string, prepare: () => [() => Tensor, Tensor[]]): Case => ({
  name: `op.${name}.fwdbwd`,
  dtype: 'f32',
  prepare: () => withBackward(...prepare()),
})

const on = (name: string, shape: readonly number[], call: (x: Tensor) => unknown): Case =>
  forward(name, () => {
    const x = randn(shape)
    return () => call(x)
  })

/** A symmetric positive definite matrix, far from singular. */
function definite(n: number): Tensor {
  const a = randn([n, n], f64)
  return a.matmul(a.t()).add(eye(n, n, f64).mul(n))
}

const reductions = [
  on('argmax.4096x4096', [4096, 4096], (x) => argmax(x, 1)),
  on('var.4096x4096', [4096, 4096], (x) => variance(x, 1)),
  on('prod.4096x4096', [4096, 4096], (x) => prod(x, 1)),
  on('prod_dim0.4096x4096', [4096, 4096], (x) => prod(x, 0)),
  on('logsumexp.4096x4096', [4096, 4096], (x) => logsumexp(x, 1)),
  on('norm.16m', [16 << 20], (x) => vectorNorm(x)),
]

const scans = [
  on('cumsum.4096x4096', [4096, 4096], (x) => cumsum(x, 1)),
  on('cumsum_dim0.4096x4096', [4096, 4096], (x) => cumsum(x, 0)),
  on('cummax.1024x4096', [1024, 4096], (x) => cummax(x, 1)),
  on('logcumsumexp.1024x4096', [1024, 4096], (x) => logcumsumexp(x, 1)),
]

const sorts = [
  on('sort.1m', [1 << 20], (x) => sort(x)),
  on('sort.4096x1024', [4096, 1024], (x) => sort(x)),
  on('topk.256x50257', [256, 50257], (x) => topk(x, 50)),
  on('kthvalue.256x16384', [256, 16384], (x) => kthvalue(x, 8000)),
  on('median.1m', [1 << 20], (x) => median(x)),
  forward('unique.1m', () => {
    const x = randint(0, 10_000, [1 << 20])
    return () => uniqueSync(x)
  }),
  forward('bucketize.1m', () => {
    const [x, edges] = [randn([1 << 20]), sort(randn([1000]))[0]]
    return () => bucketize(x, edges)
  }),
  on('histc.4m', [4 << 20], (x) => histc(x, 100, -3, 3)),
  forward('bincount.4m', () => {
    const x = randint(0, 1000, [4 << 20])
    return () => bincountSync(x)
  }),
]

const indexing = [
  forward('gather.4096x4096', () => {
    const [x, i] = [randn([4096, 4096]), randint(0, 4096, [4096, 4096])]
    return () => gather(x, 1, i)
  }),
  forward('scatter_add.4096x4096', () => {
    const [x, i, s] = [randn([4096, 4096]), randint(0, 4096, [4096, 4096]), randn([4096, 4096])]
    return () => scatterAdd(x, 1, i, s)
  }),
  forward('index_select.65536x256', () => {
    const [x, i] = [randn([65536, 256]), randint(0, 65536, [65536])]
    return () => indexSelect(x, 0, i)
  }),
  forward('index_add.65536x256', () => {
    const [x, i, s] = [randn([65536, 256]), randint(0, 65536, [65536]), randn([65536, 256])]
    return () => indexAdd(x, 0, i, s)
  }),
  forward('where.16m', () => {
    const [x, y] = [randn([16 << 20]), randn([16 << 20])]
    const c = x.gt(y)
    return () => where(c, x, y)
  }),
  on('nonzero.4m', [4 << 20], (x) => nonzeroSync(x.gt(0))),
  forward('cat.8x1m', () => {
    const parts = Array.from({ length: 8 }, () => randn([1024, 1024]))
    return () => concat(parts, 1)
  }),
  on('roll.4096x4096', [4096, 4096], (x) => roll(x, [1, 1], [0, 1])),
  on('pad_reflect.64x64x56x56', [64, 64, 56, 56], (x) => pad(x, [1, 1, 1, 1], { mode: 'reflect' })),
]

const random = [forward('randn.16m', () => () => randn([16 << 20])), forward('rand.16m', () => () => rand([16 << 20]))]

const images = [
  both('conv1d.16x64x4096', () => {
    const [x, w] = [randn([16, 64, 4096]), randn([64, 64, 3])]
    return [() => conv1d(x, w, null, { padding: 1 }), [x, w]]
  }),
  both('conv3d.2x32x16x56x56', () => {
    const [x, w] = [randn([2, 32, 16, 56, 56]), randn([32, 32, 3, 3, 3])]
    return [() => conv3d(x, w, null, { padding: 1 }), [x, w]]
  }),
  both('conv_transpose2d.16x128x28x28', () => {
    const [x, w] = [randn([16, 128, 28, 28]), randn([128, 64, 4, 4])]
    return [() => convTranspose2d(x, w, null, { stride: 2, padding: 1 }), [x, w]]
  }),
  both('avg_pool2d.64x64x56x56', () => {
    const x = randn([64, 64, 56, 56])
    return [() => avgPool2d(x, 3, { stride: 2, padding: 1 }), [x]]
  }),
  both('adaptive_avg_pool2d.64x256x14x14', () => {
    const x = randn([64, 256, 14, 14])
    return [() => adaptiveAvgPool2d(x, 7), [x]]
  }),
  both('bilinear.16x64x56x56', () => {
    const x = randn([16, 64, 56, 56])
    return [() => interpolate(x, { scaleFactor: 2, mode: 'bilinear' }), [x]]
  }),
  both('bicubic.16x64x56x56', () => {
    const x = randn([16, 64, 56, 56])
    return [() => interpolate(x, { scaleFactor: 2, mode: 'bicubic' }), [x]]
  }),
  both('grid_sample.16x64x56x56', () => {
    const [x, grid] = [randn([16, 64, 56, 56]), rand([16, 56, 56, 2]).mul(2).sub(1)]
    return [() => gridSample(x, grid), [x, grid]]
  }),
  on('unfold.16x64x56x56', [16, 64, 56, 56], (x) => unfold(x, 3, { padding: 1 })),
  on('fold.16x576x3136', [16, 576, 3136], (x) => fold(x, [56, 56], 3, { padding: 1 })),
]

const layers = [
  both('group_norm.64x64x56x56', () => {
    const [x, w, b] = [randn([64, 64, 56, 56]), randn([64]), randn([64])]
    return [() => groupNorm(x, 32, w, b), [x, w, b]]
  }),
  both('rms_norm.8192x768', () => {
    const [x, w] = [randn([8192, 768]), randn([768])]
    return [() => rmsNorm(x, [768], w), [x, w]]
  }),
  both('embedding_bag.4096x50', () => {
    const [w, i] = [randn([100_000, 64]), randint(0, 100_000, [4096, 50])]
    return [() => embeddingBag(w, i, { mode: 'sum' }), [w]]
  }),
  both('ctc_loss.128x64x100', () => {
    const x = randn([128, 64, 100]).logSoftmax(-1).detach()
    const targets = randint(1, 100, [64, 30])
    const [inputs, lengths] = [Array<number>(64).fill(128), Array<number>(64).fill(30)]
    return [() => ctcLoss(x, targets, inputs, lengths), [x]]
  }),
  forward('embedding_bag.4096x50', () => {
    const [w, i] = [randn([100_000, 64]), randint(0, 100_000, [4096, 50])]
    return () => embeddingBag(w, i, { mode: 'sum' })
  }),
  ...(
    [
      ['cdist', 2048, 2],
      ['cdist_p1', 2048, 1],
      ['cdist_p3', 256, 3],
    ] as const
  ).map(([name, n, p]) =>
    forward(`${name}.${n}x${n}x64`, () => {
      const [a, b] = [randn([n, 64]), randn([n, 64])]
      return () => cdist(a, b, { p })
    }),
  ),
]

const transforms = [
  on('fft.256x4096', [256, 4096], (x) => fft.rfft(x)),
  on('fft2.64x256x256', [64, 256, 256], (x) => fft.rfft2(x)),
  on('fft2.3x480x640', [3, 480, 640], (x) => fft.rfft2(x)),
  on('fft_prime.256x4093', [256, 4093], (x) => fft.rfft(x)),
  on('stft.16x160000', [16, 160_000], (x) => stft(x, 400, { hopLength: 160 })),
]

const matrices = [
  forward(
    'cholesky.1024',
    () => {
      const a = definite(1024)
      return () => linalg.cholesky(a)
    },
    'f64',
  ),
  ...(
    [
      ['inv.1024', 1024, linalg.inv],
      ['det.1024', 1024, linalg.det],
      ['qr.1024', 1024, linalg.qr],
      ['svd.256', 256, linalg.svd],
    ] as const
  ).map(([name, n, call]) =>
    forward(
      name,
      () => {
        const a = randn([n, n], f64)
        return () => call(a)
      },
      'f64',
    ),
  ),
  forward(
    'eigh.256',
    () => {
      const a = definite(256)
      return () => linalg.eigh(a)
    },
    'f64',
  ),
  forward(
    'solve_batch.1024x16',
    () => {
      const [a, b] = [randn([1024, 16, 16], f64), randn([1024, 16, 4], f64)]
      return () => linalg.solve(a, b)
    },
    'f64',
  ),
]

export const operators: readonly Case[] = [
  ...reductions,
  ...scans,
  ...sorts,
  ...indexing,
  ...random,
  ...images,
  ...layers,
  ...transforms,
  ...matrices,
]
