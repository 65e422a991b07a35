// What generation does beside choosing as Hugging Face's does: models of every kind, windows, seeds and shares, stopping, text, constraints,
// aborting, what is refused.
import { describe, expect, it } from 'vitest'
import { manualSeed, noGrad, randint, scope, type Tensor, tensor } from '#lib/index.js'
import {
  beamSearch,
  type DecoderCache,
  type EncodedSources,
  GPT,
  GPT2,
  generate,
  generateBatch,
  generateSteps,
  type KeyValueCache,
  type LanguageModel,
  onlyAllowed,
  onlyTokens,
  type SamplingOptions,
  streamText,
  suppressTokens,
} from '#lib/models/index.js'
import { Module } from '#lib/nn/index.js'

const TINY = { vocabSize: 29, positions: 24, channels: 16, layers: 2, heads: 2 }

/** Weights large enough that tokens differ; f64, so that what is computed in another order gives the same tokens. */
function enlarged<M extends Module>(model: M): M {
  noGrad(() => {
    for (const p of model.parameters()) if (p.rank === 2) p.mul_(12)
  })
  return model.to('f64')
}
const tiny = (): GPT2 => enlarged(new GPT2(TINY))
const prompt = (length: number): number[] => Array.from(randint(0, TINY.vocabSize, [length]).dataSync(), Number)

async function collect<T>(tokens: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const token of tokens) all.push(token)
  return all
}

/** Logits that depend on nothing. */
class Fixed extends Module {
  readonly #logits: readonly number[]

  constructor(logits: readonly number[]) {
    super()
    this.#logits = logits
  }

  override forward(tokens_BT: Tensor): Tensor {
    const [b, t] = tokens_BT.shape as [number, number]
    const all = Array.from({ length: b * t }, () => this.#logits).flat()
    return tensor(Float32Array.from(all), { shape: [b, t, this.#logits.length] })
  }
}

/** Says a script, whatever it reads: the token behind n tokens is script[n]. */
class Script extends Module {
  readonly #script: readonly number[]
  readonly #vocabulary: number

  constructor(script: readonly number[], vocabulary: number) {
    super()
    this.#script = script
    this.#vocabulary = vocabulary
  }

  override forward(tokens_BT: Tensor): Tensor {
    const [b, t] = tokens_BT.shape as [number, number]
    const logits = new Float32Array(b * t * this.#vocabulary)
    for (let i = 0; i < b * t; i++) logits[i * this.#vocabulary + (this.#script[(i % t) + 1] as number)] = 9
    return tensor(logits, { shape: [b, t, this.#vocabulary] })
  }
}

/** A model as one without a cache. */
class Uncached extends Module {
  readonly #model: Module

  constructor(model: Module) {
    super()
    this.#model = model
  }

  override forward(tokens_BT: Tensor): Tensor {
    return this.#model.call(tokens_BT) as Tensor
  }
}

/** A decoder without an encoder, taken for an encoder-decoder: its "source" is a token that the logits leave out. */
function encodedSources(model: GPT2, tokens: readonly number[]): EncodedSources & { alive: number } {
  const counts = { alive: 0 }
  const of = (tokens: readonly number[]): EncodedSources => {
    counts.alive++
    return {
      model,
      rows: tokens.length,
      cache: (options) => model.cache(options),
      decode(tokens_BT: Tensor, cache: KeyValueCache) {
        const logits_BTV = model.call(tokens_BT, cache as DecoderCache)
        const out = new Float64Array(tokens.length * TINY.vocabSize)
        for (const [n, token] of tokens.entries()) out[n * TINY.vocabSize + token] = Number.NEGATIVE_INFINITY
        return logits_BTV.add(tensor(out, { shape: [tokens.length, 1, TINY.vocabSize] }))
      },
      select: (rows) => of(rows.map((row) => tokens[row] as number)),
      dispose: () => counts.alive--,
    }
  }
  return Object.assign(of(tokens), {
    get alive() {
      return counts.alive
    },
  })
}

describe('models of every kind', () => {
  it('give the same tokens with a cache, a paged cache and none, behind a window too', async () => {
    manualSeed(1)
    const gpt = enlarged(new GPT({ vocabSize: 29, blockSize: 24, layers: 2, heads: 2, channels: 16 }))
    for (const model of [tiny(), gpt]) {
      const prompts = [prompt(5), prompt(20), prompt(11)]
      for (const options of [
        { temperature: 0 },
        { seed: 7 },
        { temperature: 0, blockSize: 9 },
        { topP: 0.8, blockSize: 1 },
      ]) {
        // 30 tokens leave the model's 24 positions.
        const batch = await collect(generateBatch(model, prompts, 30, options))
        const slow = await collect(generateBatch(new Uncached(model), prompts, 30, { blockSize: 24, ...options }))
        expect(batch).toEqual(slow)
        const alone = await collect(generate(model, prompts[0] as number[], 30, options))
        expect(alone).toEqual(batch.map((step) => step[0]))
      }
      model.dispose()
    }
  })

  it('search with beams alike, behind a window too', async () => {
    manualSeed(2)
    const model = tiny()
    const prompts = [prompt(20), prompt(3)]
    for (const options of [{ numBeams: 3, numReturnSequences: 3, endOfText: [3, 5] }, { blockSize: 4 }]) {
      const cached = await beamSearch(model, prompts, 9, options)
      const slow = await beamSearch(new Uncached(model), prompts, 9, { blockSize: 24, ...options })
      expect(cached.map((beams) => beams.map(({ tokens }) => tokens))).toEqual(
        slow.map((beams) => beams.map(({ tokens }) => tokens)),
      )
    }
    model.dispose()
  })

  it('write from encoded sources, which are put together anew and freed', async () => {
    manualSeed(3)
    const model = tiny()
    const [left, texts] = [
      [4, 7, 9],
      [prompt(2), prompt(6), prompt(3)],
    ]
    const sources = encodedSources(model, left)
    const steps = await collect(generateBatch(sources, texts, 6, { temperature: 0, stop: [11, 12, 13, 14, 15] }))
    expect(sources.alive).toBe(1)
    for (const [n, text] of texts.entries()) {
      const alone = generate(model, text, 6, {
        temperature: 0,
        stop: [11, 12, 13, 14, 15],
        processors: [suppressTokens([left[n] as number])],
      })
      expect(steps.map((step) => step[n]).filter((token) => token !== null)).toEqual(await collect(alone))
    }
    const found = await beamSearch(sources, texts, 5, { numBeams: 3, endOfText: 11 })
    for (const [n, text] of texts.entries()) {
      const processors = [suppressTokens([left[n] as number])]
      const [alone] = await beamSearch(model, [text], 5, { numBeams: 3, endOfText: 11, processors })
      expect(found[n]?.[0]?.tokens).toEqual(alone?.[0]?.tokens)
    }
    expect(sources.alive).toBe(1)
    await expect(collect(generate(sources, [1], 3))).rejects.toThrow(/1 prompts for 3 encoded sources/)
    model.dispose()
  })

  it('are in evaluation mode meanwhile, and each part is then in its own again', async () => {
    const model = tiny()
    model.train()
    model.transformer.h.at(0)?.eval()
    for await (const _ of generate(model, [1], 2)) expect([...model.modules()].some((m) => m.training)).toBe(false)
    expect(model.training).toBe(true)
    expect(model.transformer.h.at(0)?.attn.training).toBe(false)
    expect(model.transformer.h.at(1)?.attn.training).toBe(true)
    model.dispose()
  })
})

describe('sampling', () => {
  const logits = [1, 0, -1, 2, Number.NEGATIVE_INFINITY, 0.5]
  const cases: [SamplingOptions, number[]][] = [
    [{}, [0, 1, 2, 3, 5]],
    [{ temperature: 0.5 }, [0, 1, 2, 3, 5]],
    [{ topK: 2 }, [0, 3]],
    [{ topP: 0.7 }, [0, 3]],
    [{ minP: 0.2 }, [0, 3, 5]],
    [{ topK: 100 }, [0, 1, 2, 3, 5]],
  ]
  it.each(cases)('draws tokens as often as they are likely: %o', async (options, left) => {
    const model = new Fixed(logits)
    const count = 4000
    const drawn = await collect(
      generateBatch(
        model,
        Array.from({ length: count }, () => [0]),
        1,
        { ...options, seed: 11 },
      ),
    )
    const weights = logits.map((x, i) => (left.includes(i) ? Math.exp(x / (options.temperature ?? 1)) : 0))
    const total = weights.reduce((sum, w) => sum + w, 0)
    for (const [token, weight] of weights.entries()) {
      const [p, seen] = [weight / total, (drawn[0] as number[]).filter((each) => each === token).length]
      // Five standard deviations of a binomial distribution; impossible tokens never come.
      expect(Math.abs(seen - count * p)).toBeLessThanOrEqual(5 * Math.sqrt(count * p * (1 - p)))
    }
  })

  it('gives the same tokens for the same seed, and scores that are their probabilities', async () => {
    const model = new Fixed(logits)
    const run = (seed: number, options: SamplingOptions = {}) =>
      collect(generateSteps(model, [[0], [0]], 20, { ...options, seed, logProbabilities: 0 }))
    const [a, b, c] = [await run(1), await run(1), await run(2)]
    expect(a).toEqual(b)
    expect(a).not.toEqual(c)
    expect(a.map(([first]) => first?.token)).not.toEqual(a.map(([, second]) => second?.token))
    const all = logits.reduce((sum, x) => sum + Math.exp(x), 0)
    for (const [step] of await run(1, { topK: 2 })) {
      const own = Math.exp(logits[step?.token as number] as number)
      expect(step?.logProbability).toBeCloseTo(Math.log(own / all), 5)
      expect(step?.score).toBeCloseTo(Math.log(own / (Math.exp(1) + Math.exp(2))), 5)
      expect(step?.likeliest).toEqual([])
    }
  })

  it('names logits that nothing can be drawn from', async () => {
    const none = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
    for (const options of [{}, { temperature: 0 }, { topK: 1 }, { topP: 0.5 }, { typicalP: 0.5 }]) {
      await expect(collect(generate(new Fixed(none), [0], 1, options))).rejects.toThrow(/the processors leave no token/)
      await expect(collect(generate(new Fixed([0, Number.NaN]), [0], 1, options))).rejects.toThrow(/not finite: NaN/)
    }
    const processors = [suppressTokens([0, 1])]
    await expect(beamSearch(new Fixed([0, 0]), [[0]], 1, { processors })).rejects.toThrow(/leave no token for prompt 0/)
    await expect(beamSearch(new Fixed([0, Number.NaN]), [[0]], 1)).rejects.toThrow(/NaN/)
  })
})

describe('stopping', () => {
  const script = [0, 5, 6, 7, 5, 8, 6, 7, 9, 1, 2, 3]
  const tokens = (options: object, count = 20) =>
    collect(generate(new Script(script, 10), [0], Math.min(count, 11), { temperature: 0, ...options }))

  it('at end-of-text tokens, tokens, sequences and strings', async () => {
    expect(await tokens({})).toEqual(script.slice(1))
    expect(await tokens({ endOfText: 8 })).toEqual([5, 6, 7, 5, 8])
    expect(await tokens({ endOfText: [9, 7] })).toEqual([5, 6, 7])
    expect(await tokens({ stop: 9 })).toEqual([5, 6, 7, 5, 8, 6, 7, 9])
    expect(await tokens({ stop: [[5, 8], 9] })).toEqual([5, 6, 7, 5, 8])
    expect(await tokens({ stop: [[7, 9]] })).toEqual([5, 6, 7, 5, 8, 6, 7, 9])
    expect(await tokens({ stop: ['86', '4'], decode: (ids: readonly number[]) => ids.join('') })).toEqual([
      5, 6, 7, 5, 8, 6,
    ])
    expect(await tokens({}, 3)).toEqual([5, 6, 7])
    expect(await tokens({}, 0)).toEqual([])
    const steps = await collect(
      generateSteps(new Script(script, 10), [[0]], 3, { temperature: 0, stop: 7, endOfText: 8 }),
    )
    expect(steps.map(([step]) => step?.finish)).toEqual([null, null, 'stop'])
  })

  it('a prompt is never taken for its own end', async () => {
    const model = new Script([0, 5, 6, 7, 8, 9, 1], 10)
    expect(await collect(generate(model, [0, 5, 6], 3, { temperature: 0, stop: [[6, 7], 8] }))).toEqual([7, 8])
  })

  it('a beam that stops is finished', async () => {
    const [beams] = await beamSearch(new Script(script, 10), [[0]], 8, { stop: [[6, 7]] })
    const best = beams?.[0]
    expect([best?.tokens, best?.finish]).toEqual([[5, 6, 7], 'stop'])
  })
})

describe('streamText', () => {
  /** Tokens that are bytes, behind a token that begins. */
  const bytes = (text: string): number[] => [0, ...new TextEncoder().encode(text)]
  const asBytes = (ids: readonly number[]): Uint8Array => Uint8Array.from(ids)
  const asString = (ids: readonly number[]): string => new TextDecoder().decode(asBytes(ids))
  const stream = (text: string, options: object) =>
    collect(
      streamText(new Script(bytes(text), 256), [0], bytes(text).length - 1, {
        temperature: 0,
        decode: asBytes,
        ...options,
      }),
    )

  it.each([
    ['bytes', asBytes],
    ['strings', asString],
  ] as const)('waits for whole characters: %s', async (_, decode) => {
    const text = 'naïve – 🎈 日本'
    expect(await stream(text, { decode })).toEqual([...text])
  })

  it('gives what is left of a character at the end', async () => {
    const half = new Script([0, 0x61, 0xf0, 0x9f], 256)
    for (const decode of [asBytes, asString]) {
      const pieces = await collect(streamText(half, [0], 3, { temperature: 0, decode }))
      expect(pieces.join('')).toMatch(/^a\uFFFD/)
    }
  })

  it('keeps stop strings and what ends a text out, and holds back what may be one', async () => {
    expect(await stream('one two END three', { stop: 'END' })).toEqual([...'one two '])
    // 'EN' waits until 'O' says that it is no stop string.
    expect(await stream('xENOEND', { stop: ['END'] })).toEqual(['x', 'ENO'])
    expect((await stream('ends with E', { stop: 'END' })).join('')).toBe('ends with E')
    expect((await stream('abcd', { endOfText: 0x63 })).join('')).toBe('ab')
    expect(await stream('abcabd!', { stop: [[0x61, 0x62, 0x64]] })).toEqual(['abc'])
    expect(await stream('abcab', { stop: [[0x61, 0x62, 0x64]] })).toEqual(['abc', 'ab'])
  })

  it('needs to decode', async () => {
    await expect(stream('a', { decode: undefined })).rejects.toThrow(/streamText: needs `decode`/)
  })
})

describe('constraints', () => {
  it('only tokens that a function of the text allows', async () => {
    manualSeed(4)
    const model = tiny()
    // Numbers rise by one or two, and end at 20.
    const processors = [
      onlyAllowed((tokens, which) => {
        const last = tokens.at(-1) as number
        return last >= 20 ? [0] : which === 0 ? [last + 1, last + 2] : [last + 2]
      }),
    ]
    const steps = await collect(generateBatch(model, [[10], [5]], 20, { processors, endOfText: 0, seed: 2 }))
    const [first, second] = [0, 1].map((n) => steps.map((step) => step[n]).filter((token) => token !== null))
    expect(second).toEqual([7, 9, 11, 13, 15, 17, 19, 21, 0])
    const rises = [10, ...(first as number[]).slice(0, -1)]
      .slice(1)
      .map((token, i) => token - ([10, ...(first as number[])][i] as number))
    expect(rises.every((rise) => rise === 1 || rise === 2)).toBe(true)
    const [beams] = await beamSearch(model, [[10]], 20, {
      processors,
      endOfText: 0,
      numBeams: 3,
      numReturnSequences: 3,
    })
    for (const { tokens } of beams ?? []) expect(tokens.at(-1)).toBe(0)
    expect(await collect(generate(model, [1], 3, { processors: [onlyTokens([6])] }))).toEqual([6, 6, 6])
    await expect(collect(generate(model, [1], 3, { processors: [onlyAllowed(() => [])] }))).rejects.toThrow(
      /no token is allowed behind the 1 of prompt 0/,
    )
    await expect(collect(generate(model, [1], 3, { processors: [onlyTokens([29])] }))).rejects.toThrow(
      /token 29 is not in the vocabulary of logits \(1, 29\)/,
    )
    expect(await collect(generate(model, [1], 2, { processors: [onlyAllowed(() => null)], temperature: 0 }))).toEqual(
      await collect(generate(model, [1], 2, { temperature: 0 })),
    )
    model.dispose()
  })

  it('a processor of one’s own, which sees what the others left', async () => {
    const model = tiny()
    const seen: number[][] = []
    const tokens = await collect(
      generate(model, [1, 2], 3, {
        temperature: 0,
        processors: [
          onlyTokens([3, 4]),
          (logits_BV, { tokens, promptLengths, prompts }) => {
            seen.push([...(tokens[0] as readonly number[]), -1, ...promptLengths, ...prompts])
            return logits_BV.neg().maskedFill(logits_BV.eq(Number.NEGATIVE_INFINITY), Number.NEGATIVE_INFINITY)
          },
        ],
      }),
    )
    expect(tokens.every((token) => token === 3 || token === 4)).toBe(true)
    expect(seen).toEqual([
      [1, 2, -1, 2, 0],
      [1, 2, ...tokens.slice(0, 1), -1, 2, 0],
      [1, 2, ...tokens.slice(0, 2), -1, 2, 0],
    ])
    model.dispose()
  })
})

describe('the event loop', () => {
  it('is free between tokens, and an abort ends generation there', async () => {
    const model = tiny()
    let [turns, running] = [0, true]
    const turn = (): void => {
      turns++
      if (running) setImmediate(turn)
    }
    setImmediate(turn)
    await collect(generate(model, [1], 20, { temperature: 0 }))
    running = false
    expect(turns).toBeGreaterThanOrEqual(19)

    const controller = new AbortController()
    const got: number[] = []
    const run = async (): Promise<void> => {
      for await (const token of generate(model, [1], 20, { signal: controller.signal })) {
        got.push(token)
        if (got.length === 3) setImmediate(() => controller.abort(new Error('enough')))
      }
    }
    await expect(run()).rejects.toThrow('enough')
    expect(got.length).toBeGreaterThanOrEqual(3)
    expect(got.length).toBeLessThan(20)
    await expect(beamSearch(model, [[1]], 5, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow(
      'before',
    )
    await expect(collect(generate(model, [1], 5, { signal: AbortSignal.abort() }))).rejects.toThrow(/abort/)
    model.dispose()
  })

  it('a reader that leaves early frees what generation took', async () => {
    const model = tiny()
    const cache = model.pagedCache({ blocks: 4 })
    for await (const _ of generateBatch(model, [[1], [2, 3]], 9, { cache })) break
    expect(cache.freeBlocks).toBe(4)
    expect(model.training).toBe(true)
    cache.dispose()
    model.dispose()
  })
})

describe('what is refused', () => {
  const model: LanguageModel = new Fixed([0, 1])
  const run = (options: object, tokens = [0], count = 1) => collect(generate(model, tokens, count, options))
  it.each([
    [{ temperature: -1 }, /generate: temperature is -1, expected at least 0/],
    [{ topK: 0 }, /topK is 0, expected at least 1/],
    [{ topP: 0 }, /topP is 0, expected above 0 and up to 1/],
    [{ topP: 1.5 }, /topP is 1.5/],
    [{ minP: 2 }, /minP is 2, expected from 0 to 1/],
    [{ typicalP: 0 }, /typicalP is 0/],
    [{ repetitionPenalty: 0 }, /repetitionPenalty: the penalty is 0/],
    [{ presencePenalty: Number.NaN }, /countPenalty: presence is NaN/],
    [{ noRepeatNgram: 0 }, /noRepeatNgram: the size is 0/],
    [{ stop: [''], decode: String }, /a stop sequence is empty/],
    [{ stop: [[]] }, /a stop sequence is empty/],
    [{ stop: 'x' }, /to stop at 'x' it needs `decode`/],
    [{ blockSize: 0 }, /blockSize is 0, expected at least 1/],
    [{ topk: 3 }, /generate: no such option: 'topk'.*topK/],
  ] as const)('%o', async (options, message) => {
    await expect(run(options)).rejects.toThrow(message)
  })

  it('prompts, counts and beams', async () => {
    await expect(run({}, [])).rejects.toThrow(/generate: a prompt is empty/)
    await expect(run({}, [0], -1)).rejects.toThrow(/-1 tokens were asked for/)
    await expect(collect(generateSteps(model, [[0]], 1, { logProbabilities: 1.5 }))).rejects.toThrow(
      /logProbabilities is 1.5/,
    )
    await expect(beamSearch(model, [[0]], 1, { numBeams: 0 })).rejects.toThrow(/numBeams is 0/)
    await expect(beamSearch(model, [[0]], 1, { numReturnSequences: 5 })).rejects.toThrow(/5 sequences of 4 beams/)
    await expect(beamSearch(model, [[0]], 1, { lengthPenalty: Number.NaN })).rejects.toThrow(/lengthPenalty is NaN/)
    await expect(beamSearch(model, [[0]], 1, { earlyStopping: 'soon' as 'never' })).rejects.toThrow(
      /earlyStopping is soon/,
    )
    await expect(beamSearch(model, [[0]], 1, { topK: 3 } as object)).rejects.toThrow(
      /beamSearch: no such option: 'topK'/,
    )
    const gpt2 = tiny()
    const cache = gpt2.pagedCache({ blocks: 1 })
    await expect(collect(generateBatch(model, [[0]], 1, { cache }))).rejects.toThrow(/which Fixed does not have/)
    cache.dispose()
    const mask = tensor(Int32Array.of(0, 1, 1), { shape: [1, 3] })
    const tokens = tensor(Int32Array.of(0, 1, 2), { shape: [1, 3] })
    scope(() => {
      expect(() => gpt2.call(tokens.narrow(1, 0, 2), null, { attentionMask: mask })).toThrow(
        /mask of the tokens' shape \(1, 2\)/,
      )
      const cache = gpt2.cache()
      expect(() => noGrad(() => gpt2.call(tokens, cache, { attentionMask: mask }))).toThrow(
        /an attention mask or a cache/,
      )
      expect(noGrad(() => gpt2.call(tokens, null, { logitsToKeep: 1 })).shape).toEqual([1, 1, 29])
      expect(noGrad(() => gpt2.call(tokens, null, { logitsToKeep: 9 })).shape).toEqual([1, 3, 29])
      cache.dispose()
    })
    gpt2.dispose()
  })
})
