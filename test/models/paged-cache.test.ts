// The paged cache: what a model computes with it against the contiguous one, its bookkeeping, generation for a batch.
import { describe, expect, it } from 'vitest'
import { manualSeed, noGrad, OutOfBlocksError, randint, randn, scope, type Tensor, tensor, zeros } from '#lib/index.js'
import { GPT2, generate, generateBatch, PagedKvCache } from '#lib/models/index.js'

const TINY = { vocabSize: 29, positions: 48, channels: 16, layers: 2, heads: 2 }

/** Weights large enough that tokens differ. */
function tiny(dtype: 'f32' | 'f64' | 'bf16' = 'f32'): GPT2 {
  const model = new GPT2(TINY)
  noGrad(() => {
    for (const p of model.parameters()) if (p.rank === 2) p.mul_(12)
  })
  model.to(dtype)
  model.eval()
  return model
}

const rows = (tokens: readonly (readonly number[])[]): Tensor =>
  tensor(Int32Array.from(tokens.flat()), { shape: [tokens.length, (tokens[0] as readonly number[]).length] })
const prompt = (length: number): number[] => Array.from(randint(0, TINY.vocabSize, [length]).dataSync(), Number)
const host = (t: Tensor): number[] => Array.from(t.to('f64').dataSync() as Float64Array)
const largest = (a: number[], b: number[]): number => Math.max(...a.map((x, i) => Math.abs(x - (b[i] as number))))

describe('a model with a paged cache', () => {
  it.each([
    ['f64', 1e-12],
    ['f32', 2e-5],
    ['bf16', 0.15],
  ] as const)('computes in %s what it computes with one cache a sequence', (dtype, tolerance) => {
    scope(() => {
      const model = tiny(dtype)
      const texts = [prompt(19), prompt(5), prompt(11)]
      const paged = model.pagedCache({ blocks: 12, blockSize: 4 })
      const ids = texts.map(() => paged.allocate())
      const caches = texts.map(() => model.cache())
      // Prompts in parts of different lengths, shorter ones padded in front; then a token each.
      const parts: [from: number, to: number][][] = [
        [
          [0, 12],
          [0, 3],
          [0, 7],
        ],
        [
          [12, 15],
          [3, 4],
          [7, 9],
        ],
        [
          [15, 16],
          [4, 5],
          [9, 10],
        ],
      ]
      noGrad(() => {
        for (const part of parts) {
          const counts = part.map(([from, to]) => to - from)
          const t = Math.max(...counts)
          const step = paged.extend(ids, counts)
          const padded = texts.map((text, n) => {
            const [from, to] = part[n] as [number, number]
            return [...new Array(t - (to - from)).fill(28), ...text.slice(from, to)]
          })
          const logits = model.call(rows(padded), step) as Tensor
          for (const [n, text] of texts.entries()) {
            const own = model.call(rows([text.slice(...(part[n] as [number, number]))]), caches[n]) as Tensor
            const ours = logits.select(0, n).narrow(0, t - (counts[n] as number), counts[n] as number)
            expect(largest(host(ours), host(own))).toBeLessThan(tolerance * Math.max(...host(own).map(Math.abs)))
          }
        }
      })
      expect(ids.map((id) => paged.lengthOf(id))).toEqual([16, 5, 10])
      expect(ids.map((id) => paged.blocksOf(id))).toEqual([4, 2, 3])
      expect(paged.freeBlocks).toBe(3)
    })
  })

  it('says how many positions are left', () => {
    scope(() => {
      const model = tiny()
      const paged = model.pagedCache({ blocks: 8 })
      const id = paged.allocate()
      noGrad(() => {
        model.call(zeros([1, 40], { dtype: 'i32' }), paged.extend([id], 40))
        expect(() => model.call(zeros([1, 9], { dtype: 'i32' }), paged.extend([id], 9))).toThrow(
          /up to 8 after 40 cached/,
        )
        expect(() => model.call(zeros([1, 3], { dtype: 'i32' }), paged.extend([id], 2))).toThrow(
          /made for 2 new positions, found 3/,
        )
      })
      expect(() => model.call(zeros([1, 2], { dtype: 'i32' }), paged.extend([id], 2))).toThrow(/passes no gradients on/)
      expect(paged.lengthOf(id)).toBe(40)
    })
  })
})

/** One layer of one head: what is stored comes back as the values' mean over the keys, as all keys are alike. */
function storing(blocks: number, blockSize = 4) {
  const cache = new PagedKvCache({ layers: 1, heads: 1, width: 1, blocks, blockSize, dtype: 'f64' })
  const add = (sequences: number[], values: number[]): number[] => {
    const step = cache.extend(sequences, 1)
    const v = tensor(Float64Array.from(values), { shape: [sequences.length, 1, 1, 1] })
    return host(noGrad(() => step.attend(0, zeros(v.shape, { dtype: 'f64' }), zeros(v.shape, { dtype: 'f64' }), v)))
  }
  return { cache, add }
}

describe('PagedKvCache', () => {
  it('forks: shares what both have seen, and copies where one of them writes', () => {
    scope(() => {
      const { cache, add } = storing(5)
      const a = cache.allocate()
      for (const value of [1, 2, 3, 4, 5, 6]) add([a], [value])
      const b = cache.fork(a)
      expect([cache.lengthOf(b), cache.blocksOf(b), cache.freeBlocks]).toEqual([6, 2, 3])
      // b writes first and takes a copy of the half-filled block; a then has it alone.
      expect(add([b], [9])[0]).toBeCloseTo(30 / 7)
      expect(cache.freeBlocks).toBe(2)
      expect(add([a], [2])[0]).toBeCloseTo(23 / 7)
      expect(cache.freeBlocks).toBe(2)
      expect(add([a, b], [7, 0]).map((x) => Math.round(x * 8))).toEqual([30, 30])
      cache.free(a)
      expect(cache.freeBlocks).toBe(3)
      expect(add([b], [6])[0]).toBeCloseTo(36 / 9)
      cache.free(b)
      expect(cache.freeBlocks).toBe(5)
    })
  })

  it('extends two forks in one step by one copy', () => {
    scope(() => {
      const { cache, add } = storing(2)
      const a = cache.allocate()
      add([a], [3])
      const b = cache.fork(a)
      expect(add([a, b], [5, 1])).toEqual([4, 2])
      expect(cache.freeBlocks).toBe(0)
    })
  })

  it('says how many blocks are needed and free, and changes nothing', () => {
    scope(() => {
      const { cache, add } = storing(3)
      const [a, b] = [cache.allocate(), cache.allocate()]
      add([a, b], [1, 1])
      const c = cache.fork(a)
      let error: unknown
      try {
        cache.extend([b, c], [1, 9])
      } catch (e) {
        error = e
      }
      expect(error).toBeInstanceOf(OutOfBlocksError)
      expect(error).toMatchObject({ code: 'SINTER_OUT_OF_BLOCKS', needed: 3, free: 1 })
      expect((error as Error).message).toBe(
        'PagedKvCache: 3 blocks needed, 1 of 3 free; free() sequences, or make a cache of more blocks',
      )
      expect([a, b, c].map((id) => cache.lengthOf(id))).toEqual([1, 1, 1])
      expect(cache.freeBlocks).toBe(1)
      expect(add([b, c], [2, 3])).toEqual([1.5, 2])
    })
  })

  it('truncates, and stores anew what was cut off', () => {
    scope(() => {
      const { cache, add } = storing(3)
      const a = cache.allocate()
      for (const value of [1, 2, 3, 4, 5, 6]) add([a], [value])
      cache.truncate(a, 2)
      expect([cache.lengthOf(a), cache.blocksOf(a), cache.freeBlocks]).toEqual([2, 1, 2])
      expect(add([a], [9])).toEqual([4])
      expect(() => cache.truncate(a, 4)).toThrow(/cannot truncate the 3 positions of sequence 0 to 4/)
    })
  })

  it('refuses a step that has ended, or whose sequences were changed', () => {
    scope(() => {
      const { cache, add } = storing(3)
      const a = cache.allocate()
      add([a], [1])
      const x = zeros([1, 1, 1, 1], { dtype: 'f64' })
      const attend = (step: ReturnType<PagedKvCache['extend']>, layer = 0): Tensor => step.attend(layer, x, x, x)
      const ended = cache.extend([a], 1)
      attend(ended)
      expect(() => attend(ended)).toThrow(/the step has ended, or sequence 0 was changed/)
      for (const change of [() => cache.fork(a), () => cache.truncate(a, 1), () => cache.extend([a], 1)]) {
        const step = cache.extend([a], 1)
        change()
        expect(() => attend(step)).toThrow(/was changed since it was made/)
      }
      expect(() => attend(cache.extend([a], 1), 1)).toThrow(/layer 1 of 1/)
      expect(() => cache.extend([a], 1).attend(0, randn([1, 1, 2, 1]), x, x)).toThrow(
        /takes queries, keys and values \(1, h, 1, d\), found \(1, 1, 2, 1\)/,
      )
      const step = cache.extend([a], 1)
      cache.free(a)
      expect(() => attend(step)).toThrow(/was changed since/)
    })
  })

  it('refuses what does not exist', () => {
    scope(() => {
      const { cache } = storing(3)
      const a = cache.allocate()
      expect(() => cache.lengthOf(7)).toThrow(/no sequence 7/)
      expect(() => cache.extend([], 1)).toThrow(/different sequences, at least one/)
      expect(() => cache.extend([a, a], 1)).toThrow(/different sequences/)
      expect(() => cache.extend([a], 0)).toThrow(/1 sequences by \[0\] positions/)
      expect(() => cache.extend([a], [1, 2])).toThrow(/1 sequences by \[1, 2\] positions/)
      cache.free(a)
      expect(() => cache.free(a)).toThrow(/no sequence 0; it was freed/)
      expect(() => new PagedKvCache({ layers: 1, heads: 0, width: 1, blocks: 1 })).toThrow(/heads is 0/)
      expect(() => new PagedKvCache({ layers: 1, heads: 1, width: 1, blocks: 2 ** 30 })).toThrow(/fewer than 2\^31/)
      cache.dispose()
      expect(() => cache.extend([cache.allocate()], 1)).toThrow(/disposed/)
    })
  })
})

async function collect<T>(tokens: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const token of tokens) all.push(token)
  return all
}

describe('generateBatch', () => {
  it('continues each prompt as generate does alone', async () => {
    const model = tiny('f64')
    const prompts = [prompt(3), prompt(17), prompt(1)]
    for (const options of [{ temperature: 0 }, { seed: 5, topK: 7 }]) {
      const batch = await collect(generateBatch(model, prompts, 9, options))
      expect(batch).toHaveLength(9)
      const alone = await Promise.all(
        prompts.map((p) => collect(generate(model, p, 9, { ...options, blockSize: TINY.positions }))),
      )
      // Prompts behind the first draw other numbers than generate does.
      const same = options.temperature === 0 ? [0, 1, 2] : [0]
      for (const n of same) expect(batch.map((tokens) => tokens[n])).toEqual(alone[n])
    }
    model.dispose()
  })

  it('computes equal prompts once, and gives blocks back as sequences stop', async () => {
    manualSeed(0) // by chance the other prompt may begin with the same token
    const model = tiny('f64')
    const [p, other] = [prompt(6), prompt(6)]
    const [first] = (await collect(generateBatch(model, [p], 1, { temperature: 0 }))) as [number[]]
    const cache = model.pagedCache({ blocks: 4, blockSize: 8 })
    const free: number[] = []
    // Two equal prompts and one that goes on: four blocks would not do for three sequences of 6 + 4 positions.
    const text: (number | null)[][] = []
    for await (const tokens of generateBatch(model, [p, p, other], 4, {
      temperature: 0,
      stop: first[0] as number,
      cache,
    })) {
      text.push(tokens)
      free.push(cache.freeBlocks)
    }
    expect(text[0]?.slice(0, 2)).toEqual([first[0], first[0]])
    expect(free[0]).toBe(3)
    expect(text.slice(1).every((tokens) => tokens[0] === null && tokens[1] === null)).toBe(true)
    expect(cache.freeBlocks).toBe(4)
    cache.dispose()
    model.dispose()
  })

  it('frees its sequences where the cache is full, and refuses what it cannot use', async () => {
    const model = tiny()
    const cache = model.pagedCache({ blocks: 2, blockSize: 4 })
    await expect(collect(generateBatch(model, [prompt(5), prompt(5)], 3, { cache }))).rejects.toThrow(OutOfBlocksError)
    expect(cache.freeBlocks).toBe(2)
    cache.dispose()
    await expect(collect(generateBatch(model, [], 3))).rejects.toThrow(/no prompt/)
    await expect(collect(generateBatch(model, [[1], []], 3))).rejects.toThrow(/generateBatch: a prompt is empty/)
    model.dispose()
  })
})
