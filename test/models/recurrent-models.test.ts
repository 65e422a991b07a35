// Recurrent language models and encoder-decoders beside their parity: state that is carried on, generation, vocabularies, what is refused.
import { describe, expect, it } from 'vitest'
import { concat, crossEntropy, manualSeed, noGrad, randint, scope, type Tensor, tensor } from '#lib/index.js'
import {
  beamSearch,
  detachState,
  generate,
  generateBatch,
  RecurrentLM,
  type RecurrentState,
  Seq2Seq,
  type Seq2SeqConfig,
  Vocabulary,
} from '#lib/models/index.js'
import { AdamW } from '#lib/optim/index.js'

const rows = (tokens: readonly (readonly number[])[]): Tensor =>
  tensor(Int32Array.from(tokens.flat()), { shape: [tokens.length, (tokens[0] as readonly number[]).length] })
const host = (t: Tensor): number[] => Array.from(t.dataSync() as Float64Array)
const apart = (a: Tensor, b: Tensor): number => {
  const y = host(b)
  return Math.max(...host(a).map((x, i) => Math.abs(x - (y[i] as number))))
}
async function collect<T>(tokens: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const token of tokens) all.push(token)
  return all
}

describe('RecurrentLM', () => {
  const small = { vocabSize: 17, hidden: 12, layers: 2 } as const

  it.each(['lstm', 'gru', 'tanh', 'relu'] as const)('%s: goes on from a state as if the text were one', (cell) => {
    scope(() => {
      const model = new RecurrentLM({ ...small, cell }).to('f64').eval()
      const text = randint(0, 17, [3, 9])
      noGrad(() => {
        const [whole, last] = model.call(text)
        const [first, state] = model.call(text.narrow(1, 0, 4))
        const [second, end] = model.call(text.narrow(1, 4, 5), state)
        expect(apart(concat([first, second], 1), whole)).toBeLessThan(1e-14)
        for (const [i, t] of last.entries()) expect(apart(end[i] as Tensor, t)).toBeLessThan(1e-14)
      })
    })
  })

  it('has the loss of its logits, whose gradient ends where the state was detached', () => {
    scope(() => {
      const model = new RecurrentLM({ ...small, tied: true }).to('f64')
      const [text, targets] = [randint(0, 17, [2, 5]), randint(0, 17, [2, 5])]
      let state: RecurrentState | null = null
      for (let piece = 0; piece < 2; piece++) {
        const [loss, next] = model.loss(text, targets, state)
        const [logits] = model.call(text, state)
        expect(apart(loss, crossEntropy(logits.reshape([10, 17]), targets.reshape([10])))).toBeLessThan(1e-14)
        loss.backward()
        state = detachState(next)
        expect(state.every((t) => !t.requiresGrad)).toBe(true)
      }
      expect(model.decoder.weight).toBe(model.encoder.weight)
      expect([...model.parameters()].length).toBe(2 * 4 + 2)
    })
  })

  it('generates the same with its state as by reading all again, prompts of different lengths in one batch', async () => {
    manualSeed(3)
    const model = new RecurrentLM(small).to('f64')
    noGrad(() => {
      for (const p of model.parameters()) p.mul_(4)
    })
    const prompts = [[1, 2, 3], [4], [5, 6, 7], [8, 9]]
    const expected: number[][] = []
    for (const prompt of prompts) {
      const text = [...prompt]
      for (let i = 0; i < 8; i++) {
        const [logits] = noGrad(() => model.call(rows([text])))
        text.push(Number(scope(() => logits.select(0, 0).select(0, -1).argmax().dataSync())[0]))
        logits.dispose()
      }
      expected.push(text.slice(prompt.length))
    }
    const steps = await collect(generateBatch(model, prompts, 8, { temperature: 0 }))
    for (const [n, tokens] of expected.entries()) expect(steps.map((step) => step[n])).toEqual(tokens)
    const [beams] = await beamSearch(model, [prompts[0] as number[]], 8, { numBeams: 1 })
    expect(beams?.[0]?.tokens).toEqual(expected[0])
    expect(model.training).toBe(true)
    model.dispose()
  })

  it('learns characters', async () => {
    manualSeed(0)
    const text = 'the cat sat on the mat. '.repeat(8)
    const vocabulary = Vocabulary.ofCharacters(text)
    const model = new RecurrentLM({ vocabSize: vocabulary.size, hidden: 32 })
    const optimizer = new AdamW(model.parameters(), { lr: 0.02 })
    const all = vocabulary.encode(text)
    const piece = (from: number): Tensor => tensor(all.slice(from, from + 24), { shape: [1, 24] })
    let state: RecurrentState | null = null
    let last = Number.NaN
    for (let i = 0; i < 60; i++) {
      const from = (24 * i) % (all.length - 24)
      const [loss, next] = model.loss(piece(from), piece(from + 1), state)
      optimizer.zeroGrad()
      loss.backward()
      optimizer.step()
      state = detachState(next)
      last = await loss.item()
    }
    expect(last).toBeLessThan(0.1)
    const prompt = [...vocabulary.encode('the cat')]
    const tokens = await collect(generate(model, prompt, 17, { temperature: 0 }))
    expect(vocabulary.decode(tokens)).toBe(' sat on the mat. ')
    model.dispose()
  })

  it('refuses what it cannot use', () => {
    expect(() => new RecurrentLM({ ...small, tied: true, embedding: 8 })).toThrow(/tied layers are of one width/)
    expect(() => new RecurrentLM({ ...small, cell: 'mlp' as 'gru' })).toThrow(/cell is 'mlp', expected one of lstm/)
    expect(() => new RecurrentLM({ ...small, layer: 2 } as never)).toThrow(/no such option: 'layer'.*layers/)
    expect(() => new RecurrentLM({ ...small, hidden: 0 })).toThrow(/is 0, expected a whole number/)
    scope(() => {
      const model = new RecurrentLM(small)
      expect(() => model.call(randint(0, 17, [4]))).toThrow(/takes tokens \(b, t\), found \(4\)/)
      const [, state] = model.call(randint(0, 17, [2, 3]))
      expect(() => model.call(randint(0, 17, [2, 3]), state.slice(0, 1))).toThrow(/a state of 2 tensors.*found 1/)
      expect(() => model.call(randint(0, 17, [3, 3]), state)).toThrow(/h0 is \(2, 2, 12\), not \(2, 3, 12\)/)
    })
  })
})

describe('Seq2Seq', () => {
  const small = { sourceVocab: 13, targetVocab: 11, hidden: 8 } as const
  const kinds: [string, Omit<Seq2SeqConfig, 'sourceVocab' | 'targetVocab' | 'hidden'>][] = [
    ['no attention', { layers: 2, reverseSource: true }],
    ['additive', { attention: 'additive', bidirectional: true }],
    ['dot', { attention: 'dot' }],
    ['general with input feeding', { attention: 'general', inputFeeding: true, layers: 2 }],
    ['concat with input feeding', { attention: 'concat', inputFeeding: true, bidirectional: true }],
  ]

  it.each(kinds)('%s: padding behind a source changes nothing', (_, options) => {
    scope(() => {
      const model = new Seq2Seq({ ...small, ...options }).to('f64').eval()
      const [source, target] = [randint(0, 13, [1, 4]), randint(0, 11, [1, 5])]
      noGrad(() => {
        const alone = model.call(source, target)
        const padded = concat([source, randint(0, 13, [1, 3])], 1)
        const both = model.call(concat([padded, randint(0, 13, [1, 7])], 0), concat([target, target], 0), {
          lengths: [4, 7],
        })
        expect(apart(both.narrow(0, 0, 1), alone)).toBeLessThan(1e-14)
      })
    })
  })

  it.each(kinds)('%s: writes what teacher forcing of its own words says', async (_, options) => {
    manualSeed(5)
    const model = new Seq2Seq({ ...small, ...options }).to('f64')
    noGrad(() => {
      for (const p of model.parameters()) p.mul_(3)
    })
    model.eval()
    const sources = rows([
      [1, 2, 3, 4, 5],
      [6, 7, 8, 0, 0],
      [9, 1, 0, 0, 0],
    ])
    const lengths = [5, 3, 2]
    const encoded = noGrad(() => model.encode(sources, lengths))
    const prompts = [[1], [1], [1]]
    const steps = await collect(generateBatch(encoded, prompts, 7, { temperature: 0 }))
    const written = prompts.map((prompt, n) => [...prompt, ...steps.map((step) => step[n] as number)])
    scope(() => {
      const logits = noGrad(() => model.call(sources, rows(written.map((text) => text.slice(0, -1))), { lengths }))
      const likeliest = Array.from(logits.argmax(-1).dataSync(), Number)
      expect(likeliest).toEqual(written.flatMap((text) => text.slice(1)))
    })
    // A beam that is as wide as the vocabulary finds the best of all texts of two tokens.
    const [found] = await beamSearch(encoded, prompts, 2, { numBeams: 11, lengthPenalty: 0 })
    scope(() => {
      const every = Array.from({ length: 121 }, (_, i) => [1, Math.floor(i / 11), i % 11])
      const first = sources.narrow(0, 0, 1).repeat([121, 1])
      const logits = noGrad(() => model.call(first, rows(every.map((text) => text.slice(0, 2)))))
      const logs = host(logits.logSoftmax(-1))
      const sums = every.map(
        ([, a, b], i) => (logs[22 * i + (a as number)] as number) + (logs[22 * i + 11 + (b as number)] as number),
      )
      const best = every[sums.indexOf(Math.max(...sums))] as number[]
      expect(found?.[0]?.tokens).toEqual(best.slice(1))
      expect(found?.[0]?.score).toBeCloseTo(Math.max(...sums), 5)
    })
    await expect(collect(generate(encoded, [1], 2))).rejects.toThrow(/1 prompts for 3 encoded sources/)
    encoded.dispose()
    model.dispose()
  })

  it('refuses what it cannot use', () => {
    expect(() => new Seq2Seq({ ...small, attention: 'dot', bidirectional: true })).toThrow(/'dot' takes one width/)
    expect(() => new Seq2Seq({ ...small, inputFeeding: true })).toThrow(/inputFeeding goes with attention.*found none/)
    expect(() => new Seq2Seq({ ...small, attention: 'additive', inputFeeding: true })).toThrow(/found 'additive'/)
    expect(() => new Seq2Seq({ ...small, attention: 'cosine' as 'dot' })).toThrow(/attention is 'cosine'/)
    expect(() => new Seq2Seq({ ...small, attentions: 'dot' } as never)).toThrow(/no such option: 'attentions'/)
    scope(() => {
      const model = new Seq2Seq(small)
      const source = randint(0, 13, [2, 3])
      expect(() => model.call(source, randint(0, 11, [3, 3]))).toThrow(/takes sources \(b, s\) and targets \(b, t\)/)
      expect(() => model.encode(source.select(0, 0))).toThrow(/takes sources \(b, s\), found \(3\)/)
      expect(() => model.encode(source, [3])).toThrow(/1 lengths for 2 sources/)
      expect(() => model.encode(source, [3, 4])).toThrow(/length/)
      expect(() => model.encode(source, [3, 0])).toThrow(/length/)
    })
  })
})

describe('Vocabulary', () => {
  it('of characters', () => {
    const vocabulary = Vocabulary.ofCharacters('naïve 🎈 bee')
    expect(vocabulary.tokens).toEqual([' ', 'a', 'b', 'e', 'n', 'v', 'ï', '🎈'])
    expect([...vocabulary.encode('bee🎈')]).toEqual([2, 3, 3, 7])
    expect(vocabulary.decode([2, 3, 3, 7])).toBe('bee🎈')
    expect(() => vocabulary.encode('box')).toThrow(/'o' is none of its 8 characters/)
    expect(() => vocabulary.decode([8])).toThrow(/no token 8/)
  })

  it('of words, the most frequent ones', () => {
    const vocabulary = Vocabulary.ofWords('a b a\nc  b a\n', { size: 4 })
    expect(vocabulary.tokens).toEqual(['<unk>', '<eos>', 'a', 'b'])
    expect([...vocabulary.encode('a c\nb')]).toEqual([2, 0, 1, 3])
    expect(vocabulary.decode([2, 0, 1, 3, 3])).toBe('a <unk>\nb b')
    expect(vocabulary.numberOf('c')).toBe(undefined)
    expect(() => Vocabulary.ofWords('a', { size: 1 })).toThrow(/size is 1, expected at least 2/)
  })
})
