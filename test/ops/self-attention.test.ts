// Attention of a sequence with itself: the same bits as of its queries, keys and values one by one, however often it is differentiated.
import { describe, expect, it } from 'vitest'
import {
  autocast,
  type DType,
  Generator,
  gradcheck,
  gradgradcheck,
  noGrad,
  rand,
  randn,
  scaledDotProductAttention,
  selfAttention,
  type Tensor,
  unbind,
  vmap,
} from '#lib/index.js'
import { expectSameBits } from '../helpers/compare.js'
import { testOps } from '../opspec/suite.js'
import { specs } from './self-attention.spec.js'

testOps(specs)

const apart = (qkv: Tensor): [Tensor, Tensor, Tensor] =>
  unbind(qkv, 2).map((x) => x.transpose(1, 2)) as [Tensor, Tensor, Tensor]

const SHAPES = [
  [2, 9, 3, 2, 8],
  [1, 70, 3, 3, 32],
  [3, 1, 3, 2, 5],
  [2, 6, 3, 1, 16],
  [2, 0, 3, 2, 4],
  [0, 5, 3, 2, 4],
]
const OPTIONS = {
  plain: {},
  causal: { causal: true },
  windowed: { causal: true, window: 3, softcap: 5, scale: 0.3 },
} as const

describe('selfAttention', () => {
  const both = (x: Tensor, options: object, seed: number): void => {
    const results = [selfAttention, (qkv: Tensor, o: object) => scaledDotProductAttention(...apart(qkv), o)].map(
      (f) => {
        const leaf = x.detach().requiresGrad_()
        const y = f(leaf, { ...options, generator: new Generator(seed) })
        y.mul(rand(y.shape, { dtype: 'f32', generator: new Generator(3) }).to(y.dtype))
          .sum()
          .backward()
        return [y.detach(), leaf.grad as Tensor] as const
      },
    )
    const [[y, g], [expected, gradient]] = results as [(typeof results)[0], (typeof results)[0]]
    expect(g.shape).toEqual(x.shape)
    expectSameBits('result', y, expected)
    expectSameBits('gradient', g, gradient)
  }

  it.each(SHAPES.flatMap((shape) => (['f32', 'f64', 'bf16', 'f16'] as DType[]).map((dtype) => ({ shape, dtype }))))(
    'gives the bits of three operands, $shape $dtype',
    ({ shape, dtype }) => {
      const x = randn(shape).to(dtype)
      for (const options of Object.values(OPTIONS)) both(x, options, 1)
      both(x, { dropout: 0.3 }, 7)
      const t = shape[1] as number
      both(x, { mask: rand([t, t]).gt(0.3) }, 7)
    },
  )

  it('reads projections wherever they lie', () => {
    const wide = randn([2, 7, 4, 3, 16])
    both(wide.narrow(2, 1, 3), { causal: true }, 1)
    both(randn([7, 2, 3, 3, 16]).transpose(0, 1), {}, 1)
    both(randn([2, 7, 3, 16, 3]).transpose(3, 4), {}, 1)
  })

  it('is differentiated twice, and with respect to a mask', () => {
    const x = randn([1, 4, 3, 2, 3], { dtype: 'f64', requiresGrad: true })
    const mask = randn([4, 4], { dtype: 'f64', requiresGrad: true })
    expect(gradcheck((x) => selfAttention(x as Tensor, { causal: true }), [x])).toBe(true)
    expect(gradgradcheck((x) => selfAttention(x as Tensor, { causal: true }), [x])).toBe(true)
    expect(gradcheck((x, m) => selfAttention(x as Tensor, { mask: m as Tensor }), [x, mask])).toBe(true)
  })

  it('works without gradients, under autocast and vmap', () => {
    const x = randn([2, 5, 3, 2, 8], { requiresGrad: true })
    const expected = scaledDotProductAttention(...apart(x), { causal: true })
    const plain = noGrad(() => selfAttention(x, { causal: true }))
    expectSameBits('result', plain, expected.detach())
    const half = autocast({ dtype: 'bf16' }, () => selfAttention(x, { causal: true }))
    expect(half.dtype).toBe('bf16')
    half.sum().backward()
    expect((x.grad as Tensor).dtype).toBe('f32')
    const batched = vmap((x) => selfAttention((x as Tensor).unsqueeze(0), { causal: true }))(x) as Tensor
    expect(batched.shape).toEqual([2, 1, 2, 5, 8])
  })
})
