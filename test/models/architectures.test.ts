// Published architectures: tiny ones against PyTorch, with the names and layouts of torchvision's and Hugging Face's checkpoints; the
// published ones' numbers of parameters; what is refused.
import { describe, expect, it } from 'vitest'
import { concat, noGrad, randint, randn, scope, type Tensor, tensor, zeros } from '#lib/index.js'
import {
  Bert,
  type BertConfig,
  GPT2,
  GPT2_SIZES,
  type GPT2Config,
  ResNet,
  type ResNetConfig,
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
} from '#lib/models/index.js'
import type { Module } from '#lib/nn/index.js'
import { type Case, type DType, judge, type Loaded, readGolden } from './golden.js'

const { cases, at } = await readGolden('architectures')

function build(c: Case): Loaded {
  const n = c.config as Record<string, number>
  const same = (name: string): string => name
  if (c.name === 'gpt2') {
    const config = { vocabSize: n['vocab']!, positions: n['positions']!, channels: n['width']! }
    const model = new GPT2({ ...config, layers: n['layers']!, heads: n['heads']! })
    return { model, ours: (name) => `transformer.${name}`, run: (tokens) => model.call(tokens) }
  }
  if (c.name === 'bert') {
    const config = { vocabSize: n['vocab']!, positions: n['positions']!, channels: n['width']! }
    const model = new Bert({ ...config, layers: n['layers']!, heads: n['heads']!, hidden: n['hidden']! })
    const run = (inputs: Tensor): Tensor => {
      const [tokens, types, mask] = [0, 1, 2].map((i) => inputs.select(0, i)) as [Tensor, Tensor, Tensor]
      const { features, pooled } = model.call(tokens, { types, mask })
      return features.add((pooled as Tensor).unsqueeze(1))
    }
    return { model, ours: same, run }
  }
  const { block, stem } = c.config as unknown as ResNetConfig
  const model = new ResNet({
    block,
    blocks: [1, 1, 1, 1],
    channels: n['channels']!,
    inChannels: n['images']!,
    classes: n['classes']!,
    stem: stem!,
    groups: n['groups'] ?? 1,
    widthPerGroup: n['width'] ?? 64,
  })
  return { model, ours: same, run: (images) => model.call(images) }
}

function load(c: Case, dtype: DType): Loaded {
  const loaded = build(c)
  if (dtype === 'f64') loaded.model.to('f64')
  const state = Object.fromEntries(Object.entries(c.parameters).map(([name, key]) => [name, at(key)]))
  const { missing, unexpected } = loaded.model.loadStateDict(state, { strict: false })
  expect(unexpected).toEqual([])
  expect(missing.filter((name) => !/running_|num_batches/.test(name))).toEqual([])
  return loaded
}

/** The longest sums: over a stem's norm, else over an MLP or all positions. */
const LENGTHS: Record<string, number> = { resnetBasic: 6 * 16 * 16, resnetGrouped: 6 * 24 * 24 }

describe.each(cases)('$name', (c) => {
  describe.each(['f32', 'f64'] as const)('in %s', (dtype) => {
    judge(c, dtype, LENGTHS[c.name] ?? 128, at, () => load(c, dtype))
  })
})

const count = (model: Module): number => {
  let sum = 0
  for (const p of model.parameters()) sum += p.numel
  model.dispose()
  return sum
}

describe('numbers of parameters', () => {
  it.each([
    ['resnet18', resnet18, 11_689_512],
    ['resnet34', resnet34, 21_797_672],
    ['resnet50', resnet50, 25_557_032],
    ['resnet101', resnet101, 44_549_160],
    ['resnet152', resnet152, 60_192_808],
  ] as const)('%s', (_, make, published) => {
    expect(count(make())).toBe(published)
  })

  it('ResNeXt-50 32x4d', () => {
    const model = new ResNet({ block: 'bottleneck', blocks: [3, 4, 6, 3], groups: 32, widthPerGroup: 4 })
    expect(count(model)).toBe(25_028_904)
  })

  it('GPT-2 124M and BERT-base', () => {
    expect(count(new GPT2(GPT2_SIZES['124M']))).toBe(124_439_808)
    expect(count(new Bert())).toBe(109_482_240)
    const { encoder } = new Bert({ vocabSize: 1, positions: 1, pooler: false })
    expect(count(encoder)).toBe(85_054_464)
  })
})

const TINY_GPT2: GPT2Config = { vocabSize: 11, positions: 8, channels: 8, layers: 2, heads: 2 }
const TINY_BERT: BertConfig = { vocabSize: 11, positions: 8, channels: 8, layers: 1, heads: 2 }

describe('ResNet', () => {
  it('has torchvision’s names', () => {
    const names = [...resnet18({ classes: 3 }).stateDict().keys()]
    expect(names.slice(0, 6)).toEqual([
      'conv1.weight',
      'bn1.weight',
      'bn1.bias',
      'bn1.running_mean',
      'bn1.running_var',
      'bn1.num_batches_tracked',
    ])
    expect(names).toContain('layer2.0.downsample.1.running_var')
    expect(names.slice(-2)).toEqual(['fc.weight', 'fc.bias'])
    expect(names).toHaveLength(122)
  })

  it.each(['basic', 'bottleneck'] as const)('gives the same with norms folded into convolutions: %s', async (block) => {
    const options = {
      blocks: [1, 2, 1, 1],
      channels: 8,
      classes: 5,
      widthPerGroup: block === 'basic' ? 64 : 16,
    } as const
    const model = new ResNet({ block, ...options }).to('f64')
    const x = randn([4, 3, 40, 40], { dtype: 'f64' })
    for (let i = 0; i < 3; i++) model.call(x) // statistics that are not the identity's
    model.eval()
    const expected = (await noGrad(() => model.call(x) as Tensor).data()) as Float64Array
    const found = (await noGrad(() => model.fuse().fuse().call(x) as Tensor).data()) as Float64Array
    for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 9)
    expect([...model.stateDict().keys()].filter((name) => /bn|running|downsample.1/.test(name))).toEqual([])
  })

  it('begins as shortcuts alone when asked', () => {
    const model = new ResNet({ block: 'basic', blocks: [1, 1, 1, 1], channels: 2, zeroInitResidual: true })
    for (const [name, p] of model.namedParameters()) {
      if (/layer\d.0.bn2.weight/.test(name))
        expect([...(p.dataSync() as Float32Array)].every((v) => v === 0)).toBe(true)
    }
  })

  it('refuses what basic blocks do not have, and other images', () => {
    expect(() => new ResNet({ block: 'basic', blocks: [1, 1, 1, 1], groups: 2 })).toThrow(/bottlenecks/)
    const model = new ResNet({ block: 'basic', blocks: [1, 1, 1, 1], channels: 2 })
    expect(() => model.call(zeros([3, 32, 32]))).toThrow(/takes images \(n, 3, h, w\), found \(3, 32, 32\)/)
  })
})

describe('GPT2', () => {
  it('takes files of the bare transformer and of the language model, with masks and with or without the head', () => {
    const [source, model] = [new GPT2(TINY_GPT2), new GPT2(TINY_GPT2)]
    const state = source.stateDict()
    const file = new Map([...state].map(([name, t]) => [name.replace('transformer.', ''), t]))
    file.delete('lm_head.weight')
    file.set('h.0.attn.bias', zeros([1, 1, 8, 8]))
    file.set('h.0.attn.masked_bias', zeros([]))
    expect(model.loadStateDict(file)).toEqual({ missing: [], unexpected: [] })
    const tokens = randint(0, 11, [2, 5])
    const [a, b] = noGrad(() => [source.call(tokens).dataSync(), model.call(tokens).dataSync()])
    expect(a).toEqual(b)
    expect(model.loadStateDict(state)).toEqual({ missing: [], unexpected: [] })
    expect(model.lmHead.weight).toBe(model.transformer.wte.weight)
    file.set('h.7.ln_1.bias', zeros([8]))
    expect(() => model.loadStateDict(file)).toThrow(/unexpected: transformer\.h\.7\.ln_1\.bias/)
  })

  it('computes with a cache what it computes at once', () => {
    const model = new GPT2(TINY_GPT2).to('f64')
    const tokens = randint(0, 11, [2, 7])
    noGrad(() =>
      scope(() => {
        const all = model.call(tokens).dataSync() as Float64Array
        const cache = model.cache({ batch: 2 })
        const parts = [tokens.narrow(1, 0, 3), tokens.narrow(1, 3, 1), tokens.narrow(1, 4, 3)]
        const logits = concat(
          parts.map((part) => model.call(part, cache)),
          1,
        )
        expect(cache.length).toBe(7)
        const error = (logits.dataSync() as Float64Array).map((v, i) => Math.abs(v - (all[i] as number)))
        // The same sums in other orders: some 100 additions of numbers below 1.
        expect(Math.max(...error)).toBeLessThan(100 * 2 ** -52)
      }),
    )
  })

  it('drops out in training, not in evaluation', () => {
    const model = new GPT2({ ...TINY_GPT2, dropout: 0.5, attentionDropout: 0.5 })
    const tokens = randint(0, 11, [1, 6])
    const run = (): unknown => noGrad(() => model.call(tokens).dataSync())
    expect(run()).not.toEqual(run())
    model.eval()
    expect(run()).toEqual(run())
  })

  it('refuses what is too long, and heads that do not fit', () => {
    const model = new GPT2(TINY_GPT2)
    expect(() => model.call(zeros([1, 9], { dtype: 'i32' }))).toThrow(/t up to 8, found \(1, 9\)/)
    expect(() => new GPT2({ ...TINY_GPT2, heads: 3 })).toThrow(/do not divide into 3 heads/)
    const cache = noGrad(() => {
      const made = model.cache()
      model.call(zeros([1, 5], { dtype: 'i32' }), made)
      return made
    })
    expect(() => noGrad(() => model.call(zeros([1, 4], { dtype: 'i32' }), cache))).toThrow(/up to 3 after 5 cached/)
    expect(() => model.call(zeros([1, 1], { dtype: 'i32' }), cache)).toThrow(/passes no gradients on/)
  })
})

describe('KeyValueCache', () => {
  it('stores steps, forgets them, and refuses what does not fit', () => {
    const cache = new GPT2(TINY_GPT2).cache({ capacity: 4 })
    const kv = (t: number): Tensor => randn([1, 2, t, 4])
    const [a, b] = [kv(3), kv(1)]
    cache.append(0, a, a)
    expect(cache.length).toBe(0)
    cache.append(1, a, a)
    expect(cache.length).toBe(3)
    expect(() => cache.append(0, kv(2), kv(2))).toThrow(/2 positions after 3 exceed its 4/)
    expect(() => cache.append(2, b, b)).toThrow(/layer 2 of 2/)
    expect(() => cache.append(0, randn([1, 2, 1, 5]), b)).toThrow(
      /takes keys and values \(1, 2, t, 4\), found \(1, 2, 1, 5\)/,
    )
    const [keys] = cache.append(0, b, b)
    expect(keys.shape).toEqual([1, 2, 4, 4])
    expect(keys.narrow(2, 3, 1).dataSync()).toEqual(b.dataSync())
    expect(keys.narrow(2, 0, 3).dataSync()).toEqual(a.dataSync())
    cache.truncate(1)
    expect(cache.length).toBe(1)
    expect(() => cache.truncate(2)).toThrow(/cannot truncate 1 positions to 2/)
    cache.dispose()
    expect(() => cache.append(0, b, b)).toThrow(/disposed/)
  })
})

describe('Bert', () => {
  it('takes files of models with heads, and old names of norms', () => {
    const [source, model] = [new Bert(TINY_BERT), new Bert(TINY_BERT)]
    const file = new Map<string, Tensor>()
    for (const [name, t] of source.stateDict()) {
      const old = name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta')
      file.set(`bert.${old}`, t)
    }
    file.set('cls.predictions.bias', zeros([11]))
    file.set('bert.embeddings.position_ids', zeros([1, 8], { dtype: 'i64' }))
    expect(model.loadStateDict(file)).toEqual({ missing: [], unexpected: [] })
    const tokens = randint(0, 11, [2, 5])
    const [a, b] = noGrad(() => [source, model].map((m) => m.call(tokens).features.dataSync()))
    expect(a).toEqual(b)
  })

  it('does not attend to what the mask hides', () => {
    const model = new Bert(TINY_BERT)
    const mask = tensor(Int32Array.of(1, 1, 1, 0), { shape: [1, 4] })
    const first = (last: number): unknown =>
      noGrad(() => {
        const tokens = tensor(Int32Array.of(1, 2, 3, last), { shape: [1, 4] })
        return model.call(tokens, { mask }).features.narrow(1, 0, 3).dataSync()
      })
    expect(first(4)).toEqual(first(5))
  })

  it('refuses other shapes', () => {
    const model = new Bert(TINY_BERT)
    expect(() => model.call(zeros([1, 9], { dtype: 'i32' }))).toThrow(/t up to 8, found \(1, 9\)/)
    const tokens = zeros([1, 4], { dtype: 'i32' })
    expect(() => model.call(tokens, { mask: zeros([1, 3]) })).toThrow(/mask \(1, 3\) for tokens \(1, 4\)/)
    expect(() => new Bert({ channels: 8, heads: 3 })).toThrow(/do not divide/)
  })
})
