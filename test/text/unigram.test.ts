// Unigram training: its parts against plain enumeration, and what it learns beside what Hugging Face's trainer learns of the same corpus.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Random } from '#lib/data/index.js'
import { Tokenizer, trainUnigram } from '#lib/text/index.js'
import { Lattice } from '#lib/text/train/lattice.js'
import { frequentSubstrings, spell } from '#lib/text/train/substrings.js'

const golden: any = JSON.parse(readFileSync(new URL('../golden/text.json', import.meta.url), 'utf8'))
const { corpus, samples } = golden as { corpus: string; samples: string[] }

/** Words of few letters, so that much stands there often. */
function randomWords(seed: number): { words: string[]; counts: number[] } {
  const random = new Random(seed)
  const word = () => Array.from({ length: 1 + random.int(9) }, () => 'abc'[random.int(3)]).join('')
  const words = [...new Set(Array.from({ length: 30 }, word))]
  return { words, counts: words.map(() => 1 + random.int(3)) }
}

describe('frequent substrings', () => {
  it.each([1, 2, 3])('are all that are frequent and not always followed by the same letter (seed %i)', (seed) => {
    const { words, counts } = randomWords(seed)
    const count = (part: string) =>
      words.reduce((sum, word, w) => {
        let found = 0
        for (let at = word.indexOf(part); at >= 0; at = word.indexOf(part, at + 1)) found++
        return sum + found * (counts[w] as number)
      }, 0)
    const wanted = new Map<string, number>()
    for (const word of words)
      for (let from = 0; from < word.length; from++)
        for (let to = from + 2; to <= Math.min(word.length, from + 4); to++) {
          const part = word.slice(from, to)
          const followed = to - from < 4 && ['a', 'b', 'c'].some((c) => count(part + c) === count(part))
          if (count(part) >= 2 && !followed) wanted.set(part, count(part))
        }
    const spelled = spell({ words, counts }, 1)
    const text = (from: number, length: number) =>
      [...spelled.symbols.subarray(from, from + length)].map((symbol) => spelled.alphabet[symbol]).join('')
    const found = frequentSubstrings(spelled, 4).map(({ from, length, count }): [string, number] => [
      text(from, length),
      count,
    ])
    expect(new Map(found)).toEqual(wanted)
    expect(found).toHaveLength(wanted.size)
  })

  it('may be very many', () => {
    const letter = (i: number) => String.fromCodePoint(0x4e00 + i)
    const words = Array.from({ length: 160_000 }, (_, i) => letter(i % 400) + letter(Math.floor(i / 400)))
    expect(frequentSubstrings(spell({ words, counts: words.map(() => 2) }, 1), 2)).toHaveLength(words.length)
  })

  it('there are none of one letter, and none in nothing', () => {
    expect(frequentSubstrings(spell({ words: ['a', 'b'], counts: [5, 5] }, 1), 16)).toEqual([])
    expect(frequentSubstrings(spell({ words: [], counts: [] }, 1), 16)).toEqual([])
  })

  it('characters beyond the coverage part words', () => {
    const spelled = spell({ words: ['abxab', 'x', 'ab'], counts: [4, 1, 1] }, 0.78)
    expect([...spelled.alphabet].sort()).toEqual(['a', 'b'])
    expect(spelled.counts).toEqual([4, 4, 1])
    expect(spelled.starts).toEqual([0, 2, 4, 6])
  })
})

describe('lattice', () => {
  const pieces = [[0], [1], [0, 1], [1, 0], [0, 1, 0], [1, 1]]
  const scores = Float64Array.of(-1.5, -2, -1.2, -2.3, -2.9, -3.1)
  const lattice = new Lattice({ pieces, scores })

  /** Every way to put symbols together, with its score. */
  function ways(symbols: readonly number[]): { used: number[]; score: number }[] {
    if (symbols.length === 0) return [{ used: [], score: 0 }]
    return pieces.flatMap((piece, id) => {
      if (piece.some((symbol, i) => symbols[i] !== symbol)) return []
      return ways(symbols.slice(piece.length)).map(({ used, score }) => ({
        used: [id, ...used],
        score: score + (scores[id] as number),
      }))
    })
  }

  it.each([[[0]], [[0, 1, 0, 1, 1]], [[1, 0, 1, 0, 1, 0, 0, 1]]])(
    'sums and chooses as enumeration does: %j',
    (word) => {
      const all = ways(word)
      const sum = all.reduce((total, { score }) => total + Math.exp(score), 0)
      const wanted = pieces.map((_, id) =>
        all.reduce(
          (total, { used, score }) => total + 3 * (Math.exp(score) / sum) * used.filter((u) => u === id).length,
          0,
        ),
      )
      const expected = new Float64Array(pieces.length)
      // Sums of some dozens of exponentials of numbers of size 10: an error of 10 * 2^-53 in each exponent.
      expect(Math.abs(lattice.expect(word, 3, expected) - Math.log(sum))).toBeLessThan(1e-13)
      for (const [id, count] of wanted.entries()) expect(Math.abs((expected[id] as number) - count)).toBeLessThan(1e-13)
      const best = all.reduce((a, b) => (b.score > a.score ? b : a))
      expect(lattice.best(word).pieces).toEqual(best.used)
      const others = all.filter(({ used }) => !used.includes(2))
      const second = others.reduce((a, b) => (b.score > a.score ? b : a))
      expect(lattice.best(word, 2).score).toBeCloseTo(second.score, 12)
    },
  )

  it('has no way without the only piece', () => {
    expect(lattice.best([0], 0).pieces).toEqual([])
  })
})

describe('trainUnigram', () => {
  const likelihood = (tokenizer: Tokenizer): number => {
    const vocabulary = tokenizer.toJson().model['vocab'] as [string, number][]
    return tokenizer.encode(corpus).reduce((sum, id) => sum + (vocabulary[id]?.[1] as number), 0)
  }

  it("describes the corpus at least as well as what Hugging Face's trainer learns", async () => {
    const theirs = new Tokenizer(golden.unigram.json)
    const ours = await trainUnigram(corpus, { vocabSize: theirs.size })
    expect(ours.size).toBe(theirs.size)
    expect(likelihood(ours)).toBeGreaterThanOrEqual(likelihood(theirs))
    expect(ours.encode(corpus).length).toBeLessThanOrEqual(theirs.encode(corpus).length)
    const plain = (text: string) => text.normalize('NFKC').split(/\s+/).filter(Boolean).join(' ')
    expect(ours.decode(ours.encode(corpus))).toBe(plain(corpus))
  })

  it('is deterministic, knows unknown characters, and has special tokens and template', async () => {
    const options = {
      vocabSize: 200,
      template: { single: '$A </s>', pair: '$A </s> $B </s>' },
    }
    const [one, two] = [await trainUnigram(corpus, options), await trainUnigram([corpus], options)]
    expect(one.toJson()).toEqual(two.toJson())
    expect(one.specialTokens).toEqual({ pad: '<pad>', eos: '</s>', unk: '<unk>' })
    const ids = one.encode('the 日 end')
    expect(ids.at(-1)).toBe(one.specialId('eos'))
    expect(ids).toContain(one.specialId('unk'))
    for (const text of samples)
      expect(one.encode(text, { addSpecialTokens: false })).not.toContain(one.specialId('eos'))
  })

  it('leaves rare characters out where coverage allows it', async () => {
    const text = `${'abc ab '.repeat(100)}q`
    const tokenizer = await trainUnigram(text, { vocabSize: 20, characterCoverage: 0.99 })
    expect(tokenizer.tokenToId('q')).toBeUndefined()
    expect((await trainUnigram(text, { vocabSize: 20 })).tokenToId('q')).toBeDefined()
  })

  it('names what is wrong', async () => {
    const bad: [any, RegExp][] = [
      [{ vocabSize: 5 }, /vocabSize is 5, but the characters and the special tokens are 7 tokens already/],
      [{ vocabSize: 50, shrinkingFactor: 1 }, /shrinkingFactor is 1/],
      [{ vocabSize: 50, characterCoverage: 0 }, /characterCoverage is 0/],
      [{ vocabSize: 50, seedSize: 0 }, /seedSize is 0/],
      [{ vocabSize: 50, specialTokens: { pad: '<pad>' } }, /has no unk/],
    ]
    for (const [options, message] of bad) await expect(trainUnigram('abc', options)).rejects.toThrow(message)
  })
})
