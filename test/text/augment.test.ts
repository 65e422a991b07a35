// Augmentation of text and the inputs of masked and span-corrupted pre-training: definitions, shares, seeds and edges.
import { describe, expect, it } from 'vitest'
import { ArrayDataset, DataLoader, Random, transformContext } from '#lib/data/index.js'
import { tensor } from '#lib/index.js'
import {
  corruptSpans,
  masking,
  maskTokens,
  randomDeletion,
  randomInsertion,
  randomSwap,
  synonymReplacement,
  tokenDropout,
} from '#lib/text/index.js'

const words = 'a quick brown fox jumps over a lazy dog today'.split(' ')
const many = Array.from({ length: 20_000 }, (_, i) => i)
/** Within five standard deviations of a share p of n. */
const near = (count: number, n: number, p: number) =>
  expect(Math.abs(count - n * p)).toBeLessThan(5 * Math.sqrt(n * p * (1 - p)))

describe('words', () => {
  it('are deleted with the probability, one stays, order stays', () => {
    const kept = randomDeletion(many, new Random(1), { probability: 0.3 })
    near(kept.length, many.length, 0.7)
    expect(kept).toEqual([...kept].sort((a, b) => a - b))
    expect(words).toContain(randomDeletion(words, new Random(1), { probability: 1 })[0])
    expect(randomDeletion(words, new Random(1), { probability: 1 })).toHaveLength(1)
    expect(randomDeletion(words, new Random(1), { probability: 0 })).toEqual(words)
    expect(randomDeletion([], new Random(1))).toEqual([])
  })

  it('are swapped: the same words, in other places', () => {
    const swapped = randomSwap(words, new Random(2), { count: 1 })
    expect(swapped.filter((word, i) => word !== words[i])).toHaveLength(2)
    expect([...randomSwap(words, new Random(2), { share: 0.5 })].sort()).toEqual([...words].sort())
    expect(randomSwap(['one'], new Random(2))).toEqual(['one'])
    expect(randomSwap(words, new Random(2), { count: 0 })).toEqual(words)
  })

  const synonyms = { quick: ['fast', 'rapid'], lazy: ['idle'], today: [] }

  it('are replaced by synonyms, each at most once', () => {
    const replaced = synonymReplacement([...words, 'Quick'], new Random(3), { synonyms, count: 99 })
    const changed = replaced.filter((word, i) => word !== [...words, 'Quick'][i])
    expect(changed).toHaveLength(3)
    for (const word of changed) expect(['fast', 'rapid', 'idle']).toContain(word)
    for (const way of [new Map(Object.entries(synonyms)), (w: string) => (synonyms as any)[w] as string[]])
      expect(synonymReplacement(words, new Random(4), { synonyms: way })).toEqual(
        synonymReplacement(words, new Random(4), { synonyms }),
      )
    expect(synonymReplacement(['constructor'], new Random(3), { synonyms })).toEqual(['constructor'])
  })

  it('bring synonyms in', () => {
    const longer = randomInsertion(words, new Random(5), { synonyms, count: 4 })
    expect(longer).toHaveLength(words.length + 4)
    expect(longer.filter((word) => !['fast', 'rapid', 'idle'].includes(word))).toEqual(words)
    expect(randomInsertion(['none'], new Random(5), { synonyms })).toEqual(['none'])
  })

  it('change by the seed alone', () => {
    for (const change of [randomDeletion, randomSwap]) {
      expect(change(many, new Random(7))).toEqual(change(many, new Random(7)))
      expect(change(many, new Random(7))).not.toEqual(change(many, new Random(8)))
    }
  })

  it('what is wrong is named', () => {
    expect(() => randomDeletion(words, new Random(1), { probability: 2 })).toThrow(/probability is 2/)
    expect(() => randomSwap(words, new Random(1), { count: -1 })).toThrow(/count is -1/)
    expect(() => randomSwap(words, new Random(1), { n: 1 } as any)).toThrow(/no such option: 'n'/)
    expect(() => synonymReplacement(words, new Random(1), { synonyms: 3 } as any)).toThrow(/synonyms is 3/)
  })
})

const options = { maskId: 4, vocabSize: 30_000, specialIds: [0, 1, 2, 3, 4] }

describe('masked tokens', () => {
  it('are 15 %, of them 80 % masks, 10 % random, 10 % as they were; special ones never', () => {
    const ids = Int32Array.from(many, (i) => (i % 10 === 0 ? 2 : 1000 + i))
    const { inputIds, labels } = maskTokens(ids, new Random(1), options)
    const chosen = many.filter((i) => labels[i] !== -100)
    const usual = many.length * 0.9
    near(chosen.length, usual, 0.15)
    expect(chosen.every((i) => labels[i] === ids[i] && i % 10 !== 0)).toBe(true)
    near(chosen.filter((i) => inputIds[i] === 4).length, chosen.length, 0.8)
    near(chosen.filter((i) => inputIds[i] === ids[i]).length, chosen.length, 0.1)
    const random = chosen.filter((i) => inputIds[i] !== 4 && inputIds[i] !== ids[i]).map((i) => inputIds[i] as number)
    expect(Math.max(...random)).toBeGreaterThan(28_000)
    expect(Math.min(...random)).toBeLessThan(2_000)
    expect(many.every((i) => labels[i] !== -100 || inputIds[i] === ids[i])).toBe(true)
  })

  it('at the ends of the probabilities', () => {
    const all = maskTokens([9, 2, 8], new Random(1), { ...options, probability: 1, maskShare: 1, randomShare: 0 })
    expect(all).toEqual({ inputIds: Int32Array.of(4, 2, 4), labels: Int32Array.of(9, -100, 8) })
    const none = maskTokens([9, 2, 8], new Random(1), { ...options, probability: 0, ignoreIndex: -1 })
    expect(none).toEqual({ inputIds: Int32Array.of(9, 2, 8), labels: Int32Array.of(-1, -1, -1) })
    expect(maskTokens([], new Random(1), options).labels).toHaveLength(0)
  })

  it.each(['i64', 'i32'] as const)('of a batch are those of its rows, %s', async (dtype) => {
    const rows = [
      [2, 50, 51, 52, 53, 54, 55, 3],
      [2, 60, 61, 62, 3, 0, 0, 0],
    ]
    const context = transformContext({ indices: [7, 3], seed: 5, epoch: 2 })
    const often = { ...options, probability: 0.5 }
    const batch = masking(often, 1)({ inputIds: tensor(rows, { dtype }), other: 'x' }, context)
    const wanted = rows.map((row, b) => maskTokens(row, context.random(b, 1), often))
    expect(batch.other).toBe('x')
    expect(batch.inputIds.dtype).toBe(dtype)
    expect(await batch.inputIds.toArray()).toEqual(wanted.map(({ inputIds }) => [...inputIds]))
    expect(await batch.labels.toArray()).toEqual(wanted.map(({ labels }) => [...labels]))
    expect(wanted.some(({ labels }) => labels.some((label) => label !== -100))).toBe(true)
  })

  it('in a loader change with the epoch, not with the size of batches', async () => {
    const inputIds = { data: BigInt64Array.from(many.slice(0, 240), (i) => BigInt(100 + i)), shape: [12, 20] }
    const epoch = async (loader: DataLoader) => {
      const found: unknown[] = []
      for await (const { labels } of loader) found.push(...((await labels.toArray()) as unknown[]))
      return found
    }
    const loaderOf = (batchSize: number) =>
      new DataLoader(new ArrayDataset({ inputIds }), { batchSize, seed: 3, transform: masking(options) })
    const [small, large] = [loaderOf(2), loaderOf(5)]
    const first = await epoch(small)
    expect(await epoch(large)).toEqual(first)
    const second = await epoch(small)
    expect(second).not.toEqual(first)
    expect(await epoch(large)).toEqual(second)
  })

  it('what is wrong is named', () => {
    const context = transformContext({ indices: [0] })
    expect(() => masking({ ...options, maskShare: 0.95 })).toThrow(/maskShare 0.95 and randomShare 0.1 are more than 1/)
    expect(() => maskTokens([1], new Random(1), { ...options, prob: 1 } as any)).toThrow(/no such option: 'prob'/)
    expect(() => maskTokens([1], new Random(1), { ...options, maskId: undefined } as any)).toThrow(
      /maskId is undefined/,
    )
    expect(() => masking({ maskId: 4, vocabSize: 9 } as any)).toThrow(/specialIds is undefined/)
    expect(() => masking({ ...options, vocabSize: 0 })).toThrow(/vocabSize is 0/)
    expect(() => masking(options)({}, context)).toThrow(/with a tensor inputIds/)
    expect(() => masking(options)({ inputIds: tensor([[1.5]]) }, context)).toThrow(/inputIds are f32/)
    const two = { inputIds: tensor([[1], [2]], { dtype: 'i64' }) }
    expect(() => masking(options)(two, context)).toThrow(/inputIds are \(2, 1\) in a batch of 1/)
  })
})

describe('token dropout', () => {
  it('replaces with the probability', () => {
    const dropped = tokenDropout(many, new Random(1), { probability: 0.2, id: 1, specialIds: [5] })
    near(dropped.filter((id, i) => id !== i).length, many.length, 0.2)
    expect(tokenDropout([5, 6], new Random(1), { probability: 1, id: 1, specialIds: [5] })).toEqual(Int32Array.of(5, 1))
    expect(() => tokenDropout([1], new Random(1), { probability: 0.1 } as any)).toThrow(/id is undefined/)
  })
})

describe('span corruption', () => {
  const sentinelIds = Array.from({ length: 100 }, (_, i) => 32_099 - i)

  /** The row again: sentinels of the inputs exchanged for what stands behind them in the labels. */
  function together(inputIds: Int32Array, labels: Int32Array): number[] {
    const spans = new Map<number, number[]>()
    let span: number[] = []
    for (const id of labels) {
      if (sentinelIds.includes(id)) spans.set(id, (span = []))
      else span.push(id)
    }
    return [...inputIds].flatMap((id) => spans.get(id) ?? [id])
  }

  it.each([2, 3, 7, 10, 100, 513])('cuts out and keeps all of %i tokens', (length) => {
    const ids = many.slice(0, length)
    for (let seed = 0; seed < 20; seed++) {
      const { inputIds, labels } = corruptSpans(ids, new Random(seed), { sentinelIds })
      const noise = Math.min(Math.max(Math.round(length * 0.15), 1), length - 1)
      const spans = Math.max(Math.round(noise / 3), 1)
      expect(inputIds).toHaveLength(length - noise + spans)
      expect(labels).toHaveLength(noise + spans)
      expect(labels[0]).toBe(sentinelIds[0])
      expect(inputIds[0]).toBe(0)
      expect(together(inputIds, labels)).toEqual(ids)
      const sentinels = [...labels].filter((id) => sentinelIds.includes(id))
      expect(sentinels).toEqual(sentinelIds.slice(0, spans))
      expect([...inputIds].filter((id) => sentinelIds.includes(id))).toEqual(sentinels)
    }
  })

  it('puts spans everywhere', () => {
    const cut = new Uint32Array(12)
    const n = 4000
    for (let seed = 0; seed < n; seed++) {
      const { inputIds } = corruptSpans(many.slice(0, 12), new Random(seed), {
        sentinelIds,
        noiseDensity: 0.5,
        meanSpanLength: 2,
      })
      for (let i = 0; i < 12; i++) if (!inputIds.includes(i)) cut[i]! += 1
    }
    expect(cut[0]).toBe(0)
    for (let i = 1; i < 12; i++) expect(cut[i]! / n).toBeGreaterThan(0.1)
    // 6 of 12 are cut each time.
    expect(cut.reduce((a, b) => a + b)).toBe(6 * n)
  })

  it('at the edges', () => {
    expect(corruptSpans([7], new Random(1), { sentinelIds, eosId: 1 })).toEqual({
      inputIds: Int32Array.of(7, 1),
      labels: Int32Array.of(1),
    })
    expect(corruptSpans([], new Random(1), { sentinelIds }).inputIds).toHaveLength(0)
    const { inputIds, labels } = corruptSpans([5, 6], new Random(1), {
      sentinelIds,
      noiseDensity: 0.9,
      meanSpanLength: 1,
    })
    expect([...inputIds, ...labels]).toEqual([5, 32_099, 32_099, 6])
    expect(() => corruptSpans(many, new Random(1), { sentinelIds })).toThrow(
      /1000 spans of 20000 tokens, but 100 sentinels/,
    )
    expect(() => corruptSpans([1], new Random(1), { sentinelIds, noiseDensity: 1 })).toThrow(/noiseDensity is 1/)
    expect(() => corruptSpans([1], new Random(1), { sentinelIds, meanSpanLength: 0.5 })).toThrow(
      /meanSpanLength is 0.5/,
    )
  })
})
