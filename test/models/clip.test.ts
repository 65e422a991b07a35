// CLIP beside parity: where texts end, sizes of images, the loss, what is refused.
import { describe, expect, it } from 'vitest'
import { eye, noGrad, randn, type Tensor, tensor, zeros } from '#lib/index.js'
import { Clip, type ClipConfig, contrastiveLoss } from '#lib/models/index.js'
import { quantizeDynamic } from '#lib/quant/index.js'

const TINY: ClipConfig = {
  text: { vocabSize: 11, positions: 6, channels: 8, layers: 1, heads: 2, endOfText: 10 },
  vision: { imageSize: 8, patchSize: 4, channels: 12, layers: 1, heads: 3 },
  projection: 6,
}

const numbers = (t: Tensor): number[] => [...(t.dataSync() as Float32Array)]
const tokens = (...rows: number[][]): Tensor =>
  tensor(Int32Array.from(rows.flat()), { shape: [rows.length, (rows[0] as number[]).length] })

describe('Clip', () => {
  it('has Hugging Face’s names, and takes old files’ position indices', () => {
    const model = new Clip(TINY)
    const state = new Map(model.stateDict())
    const names = [...state.keys()]
    expect(names[0]).toBe('logit_scale')
    expect(names).toContain('text_model.encoder.layers.0.self_attn.k_proj.weight')
    expect(names).toContain('vision_model.embeddings.class_embedding')
    expect(names).toContain('vision_model.pre_layrnorm.bias')
    expect(names).toContain('vision_model.post_layernorm.weight')
    expect(names.slice(-2)).toEqual(['visual_projection.weight', 'text_projection.weight'])
    for (const tower of ['text_model', 'vision_model'])
      state.set(`${tower}.embeddings.position_ids`, zeros([1, 5], { dtype: 'i64' }))
    expect(model.loadStateDict(state)).toEqual({ missing: [], unexpected: [] })
  })

  it('gives features of length 1, and logits that are their products', () => {
    const model = new Clip(TINY)
    const { logitsPerImage, imageFeatures, textFeatures } = noGrad(() =>
      model.call(randn([3, 3, 8, 8]), tokens([1, 10], [2, 10])),
    )
    expect(logitsPerImage.shape).toEqual([3, 2])
    for (const features of [imageFeatures, textFeatures])
      for (const length of numbers(features.square().sum(1))) expect(length).toBeCloseTo(1, 6)
    const products = numbers(imageFeatures.matmul(textFeatures.t()))
    // 1 / 0.07, rounded as published: ln is 2.6592.
    for (const [i, logit] of numbers(logitsPerImage).entries())
      expect(logit).toBeCloseTo(Math.exp(2.6592) * (products[i] as number), 4)
  })

  it('does not see what follows the end of a text', () => {
    const model = new Clip(TINY)
    const features = noGrad(() => model.textFeatures(tokens([3, 4, 10, 1, 1], [3, 4, 10, 10, 7], [3, 4, 5, 10, 7])))
    const [a, b, c] = [0, 1, 2].map((i) => numbers(features.select(0, i)))
    expect(a).toEqual(b)
    expect(a).not.toEqual(c)
  })

  it('takes images of other sizes when asked, whatever is left of a patch cut off', () => {
    const model = new Clip(TINY)
    const images = randn([1, 3, 12, 18])
    expect(() => model.imageFeatures(images)).toThrow(
      /takes images \(n, 3, 8, 8\), found \(1, 3, 12, 18\); other sizes take { interpolatePositions: true }/,
    )
    noGrad(() => {
      const whole = model.visionModel.call(images, { interpolatePositions: true }).features
      expect(whole.shape).toEqual([1, 1 + 3 * 4, 12])
      const cut = model.visionModel.call(images.narrow(3, 0, 16), { interpolatePositions: true }).features
      expect(numbers(cut)).toEqual(numbers(whole))
      const same = randn([2, 3, 8, 8])
      expect(numbers(model.imageFeatures(same, { interpolatePositions: true }))).toEqual(
        numbers(model.imageFeatures(same)),
      )
    })
    expect(() => model.imageFeatures(zeros([1, 3, 3, 9]), { interpolatePositions: true })).toThrow(/at least 4 by 4/)
  })

  it('takes no images and no texts', () => {
    const { logitsPerText, textFeatures } = new Clip(TINY).call(zeros([0, 3, 8, 8]), zeros([0, 4], { dtype: 'i32' }))
    expect([logitsPerText.shape, textFeatures.shape]).toEqual([
      [0, 0],
      [0, 6],
    ])
  })

  it('runs with quantized layers', () => {
    const wide = { channels: 32, layers: 1, heads: 2 }
    const model = new Clip({ text: { ...TINY.text, ...wide }, vision: { ...TINY.vision, ...wide }, projection: 32 })
    const texts = tokens([1, 2, 10], [3, 10, 4])
    const plain = noGrad(() => model.eval().textFeatures(texts))
    quantizeDynamic(model)
    const cosines = noGrad(() => numbers(model.textFeatures(texts).mul(plain).sum(1)))
    // Some ten products in a row, each off by 2^-7 or so of its operands.
    for (const cosine of cosines) expect(cosine).toBeGreaterThan(1 - 10 * 2 ** -7)
  })

  it('bounds the factor of its logits', () => {
    const model = new Clip({ ...TINY, logitScale: 5 })
    model.limitLogitScale()
    expect(model.logitScale.itemSync()).toBeCloseTo(Math.log(100), 6)
    expect(model.logitScale.requiresGrad).toBe(true)
    const below = new Clip({ ...TINY, logitScale: 1 })
    below.limitLogitScale()
    expect(below.logitScale.itemSync()).toBe(1)
  })

  it('refuses other texts and configurations', () => {
    const model = new Clip(TINY)
    expect(() => model.textFeatures(tokens([1, 2, 3, 4, 5, 6, 7]))).toThrow(/t from 1 to 6, found \(1, 7\)/)
    expect(() => model.textFeatures(zeros([2, 0], { dtype: 'i32' }))).toThrow(/t from 1 to 6, found \(2, 0\)/)
    expect(() => model.imageFeatures(zeros([3, 8, 8]))).toThrow(/takes images \(n, 3, 8, 8\), found \(3, 8, 8\)/)
    expect(() => new Clip({ ...TINY, text: { channels: 8, heads: 3 } })).toThrow(
      /ClipTextModel: 8 channels do not divide into 3 heads/,
    )
    expect(() => new Clip({ vision: { imageSize: 8, patchSize: 9 } })).toThrow(/patches of 9 do not fit/)
    const mistyped = { vision: { patch: 4 } } as ClipConfig
    expect(() => new Clip(mistyped)).toThrow(/ClipVisionModel: no such option: 'patch'; did you mean "patchSize"\?/)
    expect(() => new Clip({ txt: {} } as ClipConfig)).toThrow(/Clip: no such option: 'txt'/)
    const other = { text: { activation: 'relu' } } as unknown as ClipConfig
    expect(() => new Clip(other)).toThrow(/activation 'relu' is not one of quickGelu, gelu/)
  })
})

describe('contrastiveLoss', () => {
  it('is small where each finds its own, and the same both ways', () => {
    expect(contrastiveLoss(eye(4).mul(100)).itemSync()).toBeLessThan(1e-6)
    expect(contrastiveLoss(zeros([4, 4])).itemSync()).toBeCloseTo(Math.log(4), 6)
    const logits = randn([5, 5])
    expect(contrastiveLoss(logits.t()).itemSync()).toBeCloseTo(contrastiveLoss(logits).itemSync() as number, 6)
    expect(contrastiveLoss(randn([1, 1])).itemSync()).toBe(0)
  })

  it('refuses images and texts that are no pairs', () => {
    expect(() => contrastiveLoss(zeros([2, 3]))).toThrow(/as many images as texts, found \(2, 3\)/)
  })
})
