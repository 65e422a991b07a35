// Generation held against Hugging Face's: processors on fixed logits, what is left to draw from, and texts of a tiny GPT-2 token for token.
// make_generation.py wrote the other side.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { noGrad, scope, type Tensor, tensor } from '#lib/index.js'
import { loadSafetensors } from '#lib/io/index.js'
import { candidates, checkedSampling } from '#lib/models/generation/sampling.js'
import {
  type BeamSearchOptions,
  beamSearch,
  countPenalty,
  type GenerateOptions,
  GPT2,
  generate,
  generateBatch,
  generateSteps,
  Llama,
  type LogitsContext,
  type LogitsProcessor,
  Mixtral,
  minNewTokens,
  noRepeatNgram,
  onlyAllowed,
  repetitionPenalty,
  type SamplingOptions,
  suppressTokens,
  T5,
} from '#lib/models/index.js'
import type { Module } from '#lib/nn/index.js'

interface Golden {
  processors: {
    logits: string
    tokens: number[][]
    prompt: number
    allowed: number[][]
    outputs: Record<string, string>
  }
  warpers: { logits: string; cases: { options: SamplingOptions; logProbabilities: string }[] }
  generation: {
    prompts: number[][]
    count: number
    padded: { ids: number[][]; mask: number[][]; logits: string }
    greedy: { options: GenerateOptions; tokens: number[][] }[]
    batch: number[][]
    scores: number[]
    beams: { options: BeamSearchOptions; results: { tokens: number[]; score: number }[][] }[]
  }
  others: {
    prompts: number[][]
    count: number
    ends: number[]
    cases: { name: string; state: string[]; greedy: number[][]; beams: number[][][]; bestOfTwo: number[][][] }[]
  }
}

const stem = fileURLToPath(new URL('generation', import.meta.url))
const golden = JSON.parse(readFileSync(`${stem}.json`, 'utf8')) as Golden
const tensors = await loadSafetensors(`${stem}.safetensors`)
const at = (name: string): Tensor => tensors.get(name) as Tensor
afterAll(() => {
  for (const t of tensors.values()) t.dispose()
})

const END = 7
const TINY = { vocabSize: 41, positions: 40, channels: 16, layers: 2, heads: 2 }

/** The tiny GPT-2 with Hugging Face's weights. */
function gpt2(dtype: 'f32' | 'f64' = 'f32'): GPT2 {
  const model = new GPT2(TINY)
  const names = [...tensors.keys()].filter((name) => name.startsWith('gpt2.'))
  model.loadStateDict(new Map(names.map((name) => [name.slice('gpt2.'.length), at(name)])))
  return model.to(dtype).eval()
}

const host = (t: Tensor): Float32Array => t.dataSync() as Float32Array
const rows = (tokens: readonly (readonly number[])[]): Tensor =>
  tensor(Int32Array.from(tokens.flat()), { shape: [tokens.length, (tokens[0] as readonly number[]).length] })

async function collect<T>(tokens: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const token of tokens) all.push(token)
  return all
}

describe('processors', () => {
  const { tokens, prompt, allowed, logits, outputs } = golden.processors
  const made: Record<string, LogitsProcessor> = {
    repetitionPenalty: repetitionPenalty(1.7),
    noRepeatNgram1: noRepeatNgram(1),
    noRepeatNgram2: noRepeatNgram(2),
    noRepeatNgram3: noRepeatNgram(3),
    minNewTokens: minNewTokens(9, [END, 3]),
    minNewTokensReached: minNewTokens(8, [END, 3]),
    suppressTokens: suppressTokens([1, 40]),
    onlyAllowed: onlyAllowed((_, row) => allowed[row] as number[]),
    countPenalty: countPenalty({ presence: 0.75, frequency: 0.5 }),
  }
  it.each(Object.keys(outputs))('%s', (name) => {
    scope(() => {
      const context: LogitsContext = { tokens, promptLengths: tokens.map(() => prompt), prompts: [0, 1, 2] }
      const got = host((made[name] as LogitsProcessor)(at(logits), context))
      const wanted = host(at(outputs[name] as string))
      for (const [i, value] of wanted.entries()) {
        if (Number.isFinite(value)) {
          // Two roundings at most, here and there.
          expect(Math.abs((got[i] as number) - value)).toBeLessThanOrEqual(2 ** -22 * Math.abs(value))
        } else expect(got[i]).toBe(value)
      }
    })
  })
})

describe('what is left to draw from', () => {
  it.each(golden.warpers.cases.map((each) => [JSON.stringify(each.options), each] as const))(
    '%s',
    async (_, { options, logProbabilities }) => {
      const ours = await candidates(at(golden.warpers.logits), checkedSampling('test', options))
      const all = host(at(logProbabilities))
      const vocabulary = all.length / ours.length
      for (const [n, row] of ours.entries()) {
        const wanted = [...all.subarray(n * vocabulary, (n + 1) * vocabulary)]
        const left = [...wanted.keys()].filter((token) => wanted[token] !== Number.NEGATIVE_INFINITY)
        expect([...row.tokens].sort((a, b) => a - b)).toEqual(left)
        for (const [i, token] of row.tokens.entries()) {
          // The logits are divided by the temperature in f32, and a logarithm adds up probabilities of f32.
          const size = Math.max(1, Math.abs(wanted[token] as number), 20 / (options.temperature ?? 1))
          expect(Math.abs((row.logProbabilities[i] as number) - (wanted[token] as number))).toBeLessThan(
            4 * 2 ** -24 * size,
          )
        }
        expect(row.logProbabilities.every((log, i) => i === 0 || log <= (row.logProbabilities[i - 1] as number))).toBe(
          true,
        )
      }
    },
  )
})

describe('a tiny GPT-2', () => {
  const { prompts, count, padded, greedy, batch, scores, beams } = golden.generation

  it('has the logits of padded rows, by a mask and by a cache', () => {
    for (const dtype of ['f32', 'f64'] as const)
      scope(() => {
        const model = gpt2(dtype)
        const mask = rows(padded.mask)
        const cache = model.cache({ batch: prompts.length, capacity: 16 })
        cache.pad(prompts.map((prompt) => (padded.ids[0] as number[]).length - prompt.length))
        const [masked, cached] = noGrad(() => [
          model.call(rows(padded.ids), null, { attentionMask: mask }),
          model.call(rows(padded.ids), cache),
        ])
        const wanted = host(at(padded.logits))
        const size = wanted.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
        const within = 2 ** -24 * size * (dtype === 'f64' ? 1 : 1 + Math.sqrt(30 * 64))
        const there = padded.mask.flat()
        for (const got of [masked, cached]) {
          const values = got.dataSync()
          for (const [i, x] of wanted.entries()) {
            if (there[Math.floor(i / TINY.vocabSize)] === 0) continue
            expect(Math.abs((values[i] as number) - x)).toBeLessThanOrEqual(within)
          }
        }
        model.dispose()
      })
  })

  it.each(greedy.map((each) => [JSON.stringify(each.options), each] as const))(
    'writes the likeliest tokens: %s',
    async (_, { options, tokens }) => {
      const model = gpt2()
      const all = { ...options, temperature: 0, endOfText: END }
      for (const [n, prompt] of prompts.entries())
        expect(await collect(generate(model, prompt, count, all))).toEqual(tokens[n])
      const together = await collect(generateBatch(model, prompts, count, all))
      for (const n of prompts.keys())
        expect(together.map((step) => step[n]).filter((token) => token !== null)).toEqual(tokens[n])
      model.dispose()
    },
  )

  it('writes what a batch padded in front writes', async () => {
    const model = gpt2()
    const steps = await collect(generateBatch(model, prompts, count, { temperature: 0, endOfText: END }))
    for (const [n, tokens] of batch.entries()) {
      const ours = steps.map((step) => step[n])
      expect(ours.filter((token) => token !== null)).toEqual(tokens)
    }
    model.dispose()
  })

  it('gives the scores of its tokens', async () => {
    const model = gpt2()
    const steps = await collect(
      generateSteps(model, prompts.slice(0, 1), count, { temperature: 0, logProbabilities: 3 }),
    )
    for (const [i, [step]] of steps.entries()) {
      const wanted = scores[i] as number
      expect(step?.score).toBeCloseTo(wanted, 5)
      expect(step?.logProbability).toBeCloseTo(wanted, 5)
      expect(step?.likeliest?.[0]).toEqual({ token: step?.token, logProbability: step?.logProbability })
      expect(step?.likeliest?.length).toBe(3)
      expect(step?.finish).toBe(i === count - 1 ? 'length' : null)
    }
    model.dispose()
  })

  it.each(beams.map((each) => [JSON.stringify(each.options), each] as const))(
    'searches with beams: %s',
    async (_, { options, results }) => {
      const model = gpt2()
      const all = { endOfText: END, ...options }
      const together = await beamSearch(model, prompts, count, all)
      for (const [n, prompt] of prompts.entries()) {
        const wanted = results[n] as { tokens: number[]; score: number }[]
        const [alone] = await beamSearch(model, [prompt], count, all)
        for (const ours of [alone, together[n]]) {
          expect(ours?.map(({ tokens }) => tokens)).toEqual(wanted.map(({ tokens }) => tokens))
          // A sum of up to 16 logarithms, each of some 30 reductions over at most 64 terms.
          for (const [i, { score }] of wanted.entries())
            expect(Math.abs((ours?.[i]?.score as number) - score)).toBeLessThan(
              2 ** -24 * 16 * (1 + Math.sqrt(30 * 64)) * Math.max(1, Math.abs(score)),
            )
        }
      }
      model.dispose()
    },
  )
})

describe('other models', () => {
  const { prompts, count, ends, cases } = golden.others
  const sizes = { vocabSize: 41, channels: 16, hidden: 24, layers: 2, heads: 4 }
  const decoder = { ...sizes, kvHeads: 2, positions: 40 }
  const made: Record<string, () => Module> = {
    llama: () => new Llama({ ...decoder, eps: 1e-6 }),
    mixtral: () => new Mixtral({ ...decoder, eps: 1e-5, experts: 4, topK: 2, slidingWindow: 5 }),
    t5: () => new T5({ ...sizes, headWidth: 4 }),
  }
  it.each(cases)(
    '$name writes and searches as Hugging Face’s does',
    async ({ name, state, greedy, beams, bestOfTwo }) => {
      const model = (made[name] as () => Module)()
      model.loadStateDict(new Map(state.map((key) => [key, at(`${name}.${key}`)])))
      model.eval()
      const longest = Math.max(...prompts.map(({ length }) => length))
      const sources = prompts.map((prompt) => [...prompt, ...new Array<number>(longest - prompt.length).fill(0)])
      const mask = prompts.map((prompt) => Array.from({ length: longest }, (_, i) => (i < prompt.length ? 1 : 0)))
      const source = model instanceof T5 ? noGrad(() => model.encode(rows(sources), rows(mask))) : model
      const starts = model instanceof T5 ? prompts.map(() => [0]) : prompts
      const steps = await collect(generateBatch(source, starts, count, { temperature: 0, endOfText: ends }))
      expect(prompts.map((_, n) => steps.map((step) => step[n]).filter((token) => token !== null))).toEqual(greedy)
      const four = { numBeams: 4, numReturnSequences: 4, endOfText: ends }
      const two = { numBeams: 2, lengthPenalty: 0.5, earlyStopping: true, endOfText: ends }
      for (const [options, wanted] of [
        [four, beams],
        [two, bestOfTwo],
      ] as const) {
        const found = await beamSearch(source, starts, count, options)
        expect(found.map((each) => each.map(({ tokens }) => tokens))).toEqual(wanted)
      }
      source.dispose()
      model.dispose()
    },
  )
})
