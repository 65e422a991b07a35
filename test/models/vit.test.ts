// Vision transformers beside parity: names of old files, other sizes of images, what is refused.
import { describe, expect, it } from 'vitest'
import { arange, noGrad, randn, type Tensor, tensor, zeros } from '#lib/index.js'
import { interpolateEmbeddings, VisionTransformer, type VisionTransformerConfig } from '#lib/models/index.js'

const TINY: VisionTransformerConfig = { imageSize: 8, patchSize: 4, layers: 2, heads: 2, channels: 8, classes: 3 }

/** A model whose logits are not 0, as a new one's are. */
function tiny(config: Partial<VisionTransformerConfig> = {}): VisionTransformer {
  const model = new VisionTransformer({ ...TINY, ...config })
  noGrad(() => model.heads.head.weight.copy_(randn(model.heads.head.weight.shape)))
  return model
}

const numbers = (t: Tensor): number[] => [...(t.dataSync() as Float32Array)]

describe('VisionTransformer', () => {
  it('has torchvision’s names', () => {
    const names = [...tiny({ layers: 1, representation: 5 }).stateDict().keys()]
    expect(names).toEqual([
      'class_token',
      'conv_proj.weight',
      'conv_proj.bias',
      'encoder.pos_embedding',
      ...['ln_1', 'self_attention.in_proj_', 'self_attention.out_proj', 'ln_2', 'mlp.0', 'mlp.3'].flatMap((name) =>
        ['weight', 'bias'].map(
          (kind) => `encoder.layers.encoder_layer_0.${name}${name.endsWith('_') ? '' : '.'}${kind}`,
        ),
      ),
      'encoder.ln.weight',
      'encoder.ln.bias',
      'heads.pre_logits.weight',
      'heads.pre_logits.bias',
      'heads.head.weight',
      'heads.head.bias',
    ])
  })

  it('takes old files’ names of the MLP’s layers', () => {
    const [source, model] = [tiny(), tiny()]
    const file = new Map(
      [...source.stateDict()].map(([name, t]) => [
        name.replace('mlp.0.', 'mlp.linear_1.').replace('mlp.3.', 'mlp.linear_2.'),
        t,
      ]),
    )
    expect(file.has('encoder.layers.encoder_layer_1.mlp.linear_2.bias')).toBe(true)
    expect(model.loadStateDict(file)).toEqual({ missing: [], unexpected: [] })
    const images = randn([2, 3, 8, 8])
    const [a, b] = noGrad(() => [source, model].map((m) => numbers(m.call(images) as Tensor)))
    expect(a).toEqual(b)
  })

  it('begins with logits of 0, and drops out in training alone', () => {
    const images = randn([1, 3, 8, 8])
    const fresh = new VisionTransformer(TINY)
    expect(noGrad(() => numbers(fresh.call(images)))).toEqual([0, 0, 0])
    const model = tiny({ dropout: 0.5, attentionDropout: 0.5 })
    const run = (): number[] => noGrad(() => numbers(model.call(images)))
    expect(run()).not.toEqual(run())
    model.eval()
    expect(run()).toEqual(run())
  })

  it('refuses other images and configurations', () => {
    const model = tiny()
    expect(() => model.call(zeros([1, 3, 8, 12]))).toThrow(/takes images \(n, 3, 8, 8\), found \(1, 3, 8, 12\)/)
    expect(() => model.call(zeros([3, 8, 8]))).toThrow(/needs unsqueeze\(0\)/)
    expect(() => new VisionTransformer({ ...TINY, imageSize: 10 })).toThrow(/images of 10 do not divide into patches/)
    expect(() => new VisionTransformer({ ...TINY, heads: 3 })).toThrow(/8 channels do not divide into 3 heads/)
    expect(() => new VisionTransformer({ ...TINY, layers: 0 })).toThrow(/layers is 0/)
    const mistyped = { ...TINY, dropuot: 0.1 }
    expect(() => new VisionTransformer(mistyped)).toThrow(/no such option: 'dropuot'; did you mean "dropout"\?/)
  })
})

describe('interpolateEmbeddings', () => {
  it('fits a model to images of another size', () => {
    const state = tiny().stateDict()
    const model = tiny({ imageSize: 16 })
    expect(() => model.loadStateDict(state)).toThrow(/encoder\.pos_embedding: found \(1, 5, 8\), expected \(1, 17, 8\)/)
    const fitted = interpolateEmbeddings(state, { imageSize: 16, patchSize: 4 })
    expect(model.loadStateDict(fitted)).toEqual({ missing: [], unexpected: [] })
    expect(noGrad(() => model.call(randn([1, 3, 16, 16]))).shape).toEqual([1, 3])
    expect(fitted.get('class_token')).toBe(state.get('class_token'))
    const same = interpolateEmbeddings(state, { imageSize: 8, patchSize: 4 })
    expect(same.get('encoder.pos_embedding')).toBe(state.get('encoder.pos_embedding'))
  })

  it('keeps corners and class token, and computes torchvision’s numbers between', () => {
    const state = { 'encoder.pos_embedding': arange(0, 5, 1, { dtype: 'f32' }).reshape([1, 5, 1]) }
    const fitted = interpolateEmbeddings(state, { imageSize: 3, patchSize: 1 })
    const found = numbers(fitted.get('encoder.pos_embedding') as Tensor)
    // Class token 0; the grid [[1, 2], [3, 4]] with what lies halfway, where bicubic filters of two points are linear.
    expect(found).toEqual([0, 1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4])
    const squares = { 'encoder.pos_embedding': tensor([9, 0, 1, 4, 0, 1, 4, 0, 1, 4]).reshape([1, 10, 1]) }
    const wide = interpolateEmbeddings(squares, { imageSize: 5, patchSize: 1 })
    const row = [0, 0.21875, 1, 2.59375, 4]
    expect(numbers(wide.get('encoder.pos_embedding') as Tensor)).toEqual([9, ...row, ...row, ...row, ...row, ...row])
  })

  it('refuses what has no grid', () => {
    const at = { imageSize: 8, patchSize: 4 }
    expect(() => interpolateEmbeddings({}, at)).toThrow(/has no 'encoder\.pos_embedding'/)
    expect(() => interpolateEmbeddings({ 'encoder.pos_embedding': zeros([1, 7, 2]) }, at)).toThrow(
      /is \(1, 7, 2\), expected \(1, 1 \+ g \* g, c\)/,
    )
    expect(() => interpolateEmbeddings(tiny().stateDict(), { imageSize: 9, patchSize: 4 })).toThrow(/do not divide/)
  })
})
