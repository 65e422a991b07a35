import { beforeEach, describe, expect, it } from 'vitest'
import { manualSeed, noGrad, ShapeError, scope, type Tensor, tensor, ValueError } from '#lib/index.js'
import { type CachedDecoder, generateBatch, Llama, type LlamaConfig, Mixtral } from '#lib/models/index.js'

const sizes = { vocabSize: 13, channels: 16, hidden: 20, layers: 2, heads: 4, kvHeads: 2, positions: 16 } as const

/** Logits are sums of 16 terms behind two layers of four products each; the cache adds in another order. */
const ROUNDING = 2 ** -24 * (1 + Math.sqrt(9 * 20)) * 4

function expectClose(a: Tensor, b: Tensor, bound: number = ROUNDING): void {
  expect(a.shape).toEqual(b.shape)
  const [x, y] = [a.dataSync() as Float32Array, b.dataSync() as Float32Array]
  for (let i = 0; i < x.length; i++) expect(Math.abs((x[i] as number) - (y[i] as number))).toBeLessThanOrEqual(bound)
}

const tokens = tensor(
  [
    [1, 5, 3, 9, 2, 12],
    [0, 4, 4, 7, 11, 6],
  ],
  { dtype: 'i32' },
)

/** Twice Llama, and a mixture. */
const models: Readonly<Record<string, () => Llama | Mixtral>> = {
  llama: () => new Llama(sizes),
  'llama with a window': () => new Llama({ ...sizes, slidingWindow: 3, tied: true }),
  'llama with dynamic angles within their positions': () =>
    new Llama({ ...sizes, rotaryScaling: { type: 'dynamic', factor: 2, originalPositions: 8 } }),
  mixtral: () => new Mixtral({ ...sizes, experts: 4 }),
}

beforeEach(() => manualSeed(5))

describe.each(Object.entries(models))('%s', (_, build) => {
  it('goes on from either cache as it computes all at once', () =>
    scope(() => {
      const model = build().eval()
      noGrad(() => {
        const whole = model.call(tokens)
        const cache = model.cache({ batch: 2, capacity: 6 })
        const paged = model.pagedCache({ blocks: 4, blockSize: 4 })
        const sequences = [paged.allocate(), paged.allocate()]
        for (const [from, count] of [
          [0, 3],
          [3, 1],
          [4, 2],
        ] as const) {
          const part = tokens.narrow(1, from, count)
          const wanted = whole.narrow(1, from, count)
          expectClose(model.call(part, cache), wanted)
          expectClose(model.call(part, paged.extend(sequences, count)), wanted)
        }
        for (const each of [cache, paged]) each.dispose()
      })
      model.dispose()
    }))

  it('pads in front and behind as if there were none, and gives the last logits alone', () =>
    scope(() => {
      const model = build().eval()
      noGrad(() => {
        const whole = model.call(tokens)
        expectClose(model.call(tokens, null, { logitsToKeep: 2 }), whole.narrow(1, 4, 2))
        const attentionMask = tensor([0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0], { dtype: 'i32', shape: [2, 6] })
        const padded = model.call(tokens, null, { attentionMask })
        expectClose(padded.narrow(0, 0, 1).narrow(1, 2, 4), model.call(tokens.narrow(0, 0, 1).narrow(1, 2, 4)))
        expectClose(padded.narrow(0, 1, 1).narrow(1, 0, 4), model.call(tokens.narrow(0, 1, 1).narrow(1, 0, 4)))
      })
      model.dispose()
    }))

  it('learns: every parameter has a gradient', () =>
    scope(() => {
      const model = build()
      model.call(tokens).square().mean().backward()
      for (const [name, parameter] of model.namedParameters()) expect(parameter.grad, name).not.toBeNull()
      model.dispose()
    }))

  it('writes prompts of different lengths as one by one', async () => {
    const model: CachedDecoder = build()
    const prompts = [[1, 2, 3, 4], [7], [9, 8]]
    const all: (number | null)[][] = []
    for await (const step of generateBatch(model, prompts, 4, { temperature: 0 })) all.push(step)
    for (const [n, prompt] of prompts.entries()) {
      const alone: (number | null)[] = []
      for await (const step of generateBatch(model, [prompt], 4, { temperature: 0 })) alone.push(step[0] as number)
      expect(all.map((step) => step[n])).toEqual(alone)
    }
    model.dispose()
  })
})

describe('Llama', () => {
  it('refuses what does not fit', () => {
    expect(() => new Llama({ ...sizes, vocab: 3 } as LlamaConfig)).toThrow(/no such option: 'vocab'.*vocabSize/)
    expect(() => new Llama({ ...sizes, heads: 3 })).toThrow(/16 channels do not divide into 3 heads; give headWidth/)
    expect(() => new Llama({ ...sizes, kvHeads: 3 })).toThrow(ValueError)
    expect(() => new Llama({ ...sizes, layers: 0 })).toThrow(/layers is 0/)
    expect(() => new Llama({ ...sizes, slidingWindow: 0 })).toThrow(/slidingWindow is 0/)
    const model = new Llama(sizes)
    expect(() => model.call(tensor([1, 2], { dtype: 'i32' }))).toThrow(ShapeError)
    model.dispose()
  })

  it("loads files of tied models without an output layer, and old ones with angles; `to('bf16')` keeps it whole", () =>
    scope(() => {
      const model = new Llama({ ...sizes, tied: true })
      const state = model.stateDict()
      expect(state.get('lm_head.weight')).toBe(state.get('model.embed_tokens.weight'))
      const file = new Map([...state].filter(([name]) => name !== 'lm_head.weight'))
      file.set('model.layers.0.self_attn.rotary_emb.inv_freq', tensor([1, 0.1]))
      const other = new Llama({ ...sizes, tied: true })
      other.loadStateDict(file)
      noGrad(() => {
        expectClose(other.call(tokens), model.call(tokens), 0)
        expect(other.to('bf16').call(tokens).dtype).toBe('bf16')
      })
      expect(other.lmHead.weight).toBe(other.model.embedTokens.weight)
      for (const each of [model, other]) each.dispose()
    }))

  it('longer sequences than originalPositions turn by other angles', () =>
    scope(() => {
      const [plain, dynamic] = [null, { type: 'dynamic', factor: 2, originalPositions: 4 } as const].map(
        (rotaryScaling) => {
          manualSeed(5)
          return new Llama({ ...sizes, rotaryScaling })
        },
      ) as [Llama, Llama]
      noGrad(() => {
        const short = tokens.narrow(1, 0, 4)
        expectClose(plain.call(short), dynamic.call(short), 0)
        expect(plain.call(tokens).toArraySync()).not.toEqual(dynamic.call(tokens).toArraySync())
      })
      for (const each of [plain, dynamic]) each.dispose()
    }))
})

describe('Mixtral', () => {
  it('loads files with each expert for itself; one that lacks a part is told', () =>
    scope(() => {
      const model = new Mixtral({ ...sizes, experts: 3 })
      const file = new Map<string, Tensor>()
      for (const [name, t] of model.stateDict()) {
        const layer = name.replace(/\.mlp\.experts\..*/, '.block_sparse_moe.experts')
        for (let i = 0; i < 3; i++) {
          const expert = t.detach().select(0, Math.min(i, (t.shape[0] as number) - 1))
          if (name.endsWith('gate_up_proj')) {
            file.set(`${layer}.${i}.w1.weight`, expert.narrow(0, 0, 20))
            file.set(`${layer}.${i}.w3.weight`, expert.narrow(0, 20, 20))
          } else if (name.endsWith('down_proj')) file.set(`${layer}.${i}.w2.weight`, expert)
          else file.set(name.replace('.mlp.', '.block_sparse_moe.'), t)
        }
      }
      expect([...file.keys()].filter((name) => name.includes('.mlp.'))).toEqual([])
      const other = new Mixtral({ ...sizes, experts: 3 })
      other.loadStateDict(file)
      noGrad(() => expectClose(other.call(tokens), model.call(tokens), 0))
      file.delete('model.layers.1.block_sparse_moe.experts.2.w3.weight')
      expect(() => other.loadStateDict(file)).toThrow(/model\.layers\.1\.mlp\.experts\.gate_up_proj/)
      for (const each of [model, other]) each.dispose()
    }))

  it('counts only the tokens that the mask leaves in its load-balancing loss', () =>
    scope(() => {
      const model = new Mixtral({ ...sizes, experts: 4 })
      const mask = tensor([1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0], { dtype: 'i32', shape: [2, 6] })
      const whole = model.balanced(tokens, { attentionMask: mask })
      const first = model.balanced(tokens.narrow(0, 0, 1))
      expectClose(whole.balance, first.balance)
      expect(() => new Mixtral({ ...sizes, mlpBias: true } as object)).toThrow(/Mixtral: no such option: 'mlpBias'/)
      expect(() => new Mixtral({ ...sizes, experts: 1, topK: 2 })).toThrow(/topK is 2, there are 1 experts/)
      model.dispose()
    }))
})
