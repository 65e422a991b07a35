// The GPT model: names, causality, learning, generation.
import { describe, expect, it } from 'vitest'
import { crossEntropy, manualSeed, noGrad, tensor } from '#lib/index.js'
import { GPT, GPT2, generate } from '#lib/models/index.js'
import { AdamW } from '#lib/optim/index.js'

const config = { vocabSize: 5, blockSize: 8, layers: 2, heads: 2, channels: 16 } as const

describe('GPT', () => {
  it('has nanoGPT’s names, and one weight for both ends when tied', () => {
    const model = new GPT(config)
    const block = (i: number) =>
      [
        'ln_1.weight',
        'ln_1.bias',
        'attn.c_attn.weight',
        'attn.c_attn.bias',
        'attn.c_proj.weight',
        'attn.c_proj.bias',
        'ln_2.weight',
        'ln_2.bias',
        'mlp.c_fc.weight',
        'mlp.c_fc.bias',
        'mlp.c_proj.weight',
        'mlp.c_proj.bias',
      ].map((name) => `transformer.h.${i}.${name}`)
    expect([...model.stateDict().keys()]).toEqual([
      'transformer.wte.weight',
      'transformer.wpe.weight',
      ...block(0),
      ...block(1),
      'transformer.ln_f.weight',
      'transformer.ln_f.bias',
      'lm_head.weight',
    ])
    expect(model.lmHead.weight).toBe(model.transformer.wte.weight)
    expect(
      [...new GPT({ ...config, tied: false, bias: false }).stateDict().keys()].filter((name) => name.endsWith('bias')),
    ).toEqual([])
  })

  it('never looks ahead', async () => {
    const model = new GPT(config)
    const logits = async (last: number) => {
      const y = noGrad(() => model.call(tensor(Int32Array.of(1, 2, 3, last), { shape: [1, 4] })))
      return ((await y.data()) as Float32Array).slice(0, 15)
    }
    expect(await logits(0)).toEqual(await logits(4))
  })

  it('learns a cycle and generates it', async () => {
    manualSeed(0)
    const model = new GPT({ ...config, positions: 'sinusoidal', tied: false, initStd: 0.2 })
    const optimizer = new AdamW(model.parameters(), { lr: 0.01 })
    const input = tensor(
      Int32Array.from({ length: 40 }, (_, i) => ((i >> 3) + i) % 5),
      { shape: [5, 8] },
    )
    const target = tensor(Int32Array.from({ length: 40 }, (_, i) => ((i >> 3) + i + 1) % 5))
    let loss = Number.NaN
    for (let step = 0; step < 80; step++) {
      const l = crossEntropy(model.call(input).reshape([40, 5]), target)
      optimizer.zeroGrad()
      l.backward()
      optimizer.step()
      if (step === 79) loss = await l.item()
    }
    expect(loss).toBeLessThan(0.1)
    const tokens: number[] = []
    for await (const token of generate(model, [3], 12, { blockSize: 8, temperature: 0 })) tokens.push(token)
    expect(tokens).toEqual([4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0])
    expect(model.training).toBe(true)
  })

  it('takes GPT2’s weights, turned round', () => {
    const sizes = { vocabSize: 5, layers: 2, heads: 2, channels: 16 }
    const [source, model] = [new GPT2({ ...sizes, positions: 8 }), new GPT({ ...sizes, blockSize: 8 })]
    const turned = /\.(c_attn|c_fc|c_proj)\.weight$/
    const state = new Map([...source.stateDict()].map(([name, t]) => [name, turned.test(name) ? t.detach().t() : t]))
    expect(model.loadStateDict(state)).toEqual({ missing: [], unexpected: [] })
    const tokens = tensor(Int32Array.of(1, 2, 3, 4, 0, 2), { shape: [2, 3] })
    const [a, b] = noGrad(() => [source, model].map((m) => m.call(tokens).dataSync() as Float32Array))
    for (const [i, logit] of (a as Float32Array).entries()) expect((b as Float32Array)[i]).toBeCloseTo(logit, 5)
  })

  it('drops attention’s weights out in training alone', () => {
    const model = new GPT({ ...config, attentionDropout: 0.5 })
    const tokens = tensor(Int32Array.of(1, 2, 3, 4), { shape: [1, 4] })
    const run = (): unknown => noGrad(() => model.call(tokens).dataSync())
    expect(run()).not.toEqual(run())
    model.eval()
    expect(run()).toEqual(run())
  })

  it('refuses options that it does not have', () => {
    const mistyped = { ...config, layer: 3 }
    expect(() => new GPT(mistyped)).toThrow(/GPT: no such option: 'layer'; did you mean "layers"\?/)
    const other = { blockSize: 8 } as object
    expect(() => new GPT2(other)).toThrow(/GPT2: no such option: 'blockSize'/)
    expect(() => new GPT({ ...config, heads: 3 })).toThrow(/16 channels do not divide into 3 heads/)
    expect(() => new GPT2({ layers: 0 })).toThrow(/GPT2: layers is 0/)
  })

  it('refuses a context that is too long', () => {
    expect(() => new GPT(config).call(tensor(new Int32Array(9), { shape: [1, 9] }))).toThrow(
      /t up to 8, found \(1, 9\)/,
    )
  })
})
