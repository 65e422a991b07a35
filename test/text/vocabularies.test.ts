// Vocabularies of characters and of words: numbers, unknowns and back-off, and that Hugging Face's format carries them.
import { describe, expect, it } from 'vitest'
import { lowercase, Tokenizer, trainCharacters, trainWords } from '#lib/text/index.js'

describe('characters', () => {
  it("are numbered in the order of their codes, as nanoGPT's are", async () => {
    const text = 'hello\nwörld 😀!'
    const tokenizer = await trainCharacters([text, 'lo'])
    const sorted = [...new Set(text)].sort((a, b) => (a.codePointAt(0) as number) - (b.codePointAt(0) as number))
    expect([...tokenizer.vocabulary()]).toEqual(sorted.map((c, i) => [c, i]))
    expect([...tokenizer.encode('lo 😀\n')]).toEqual([...'lo 😀\n'].map((c) => sorted.indexOf(c)))
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
    expect(() => tokenizer.encode('x')).toThrow(/no token covers "x", and the tokenizer has no unknown token/)
    expect(tokenizer.specialTokens).toEqual({})
  })

  it('have unknowns where there is a token for them', async () => {
    const specialTokens = { unk: '<unk>', eos: '<eos>' }
    const options = {
      specialTokens,
      minFrequency: 2,
      normalizer: lowercase(),
      template: { single: '$A <eos>', pair: '$A <eos> $B <eos>' },
    }
    const tokenizer = new Tokenizer((await trainCharacters('aAbBc', options)).toJson())
    expect([...tokenizer.encode('abcA')]).toEqual([2, 3, 0, 2, 1])
    expect(tokenizer.decode([2, 3, 0, 1])).toBe('ab<unk><eos>')
  })

  it('are needed', async () => {
    await expect(trainCharacters('')).rejects.toThrow(/no characters/)
    await expect(trainCharacters('a', { vocabSize: 3 } as any)).rejects.toThrow(/no such option: 'vocabSize'/)
  })
})

describe('words', () => {
  const text = 'the cat saw the dog\nthe dog ran  saw zq'

  it('are numbered by their frequency, of equals the first', async () => {
    const tokenizer = await trainWords(text)
    expect([...tokenizer.vocabulary().keys()]).toEqual(['<unk>', 'the', 'saw', 'dog', 'cat', 'ran', 'zq'])
    expect([...tokenizer.encode('the  bird\tran')]).toEqual([1, 0, 5])
    expect(tokenizer.decode([1, 0, 5])).toBe('the <unk> ran')
  })

  it('are limited by frequency and size', async () => {
    const keys = async (options: object) => [...(await trainWords(text, options)).vocabulary().keys()]
    expect(await keys({ minFrequency: 2 })).toEqual(['<unk>', 'the', 'saw', 'dog'])
    expect(await keys({ vocabSize: 2 })).toEqual(['<unk>', 'the'])
    expect(await keys({ minFrequency: 9 })).toEqual(['<unk>'])
  })

  it('back off to characters, and from those to the unknown token', async () => {
    const tokenizer = await trainWords(text, { backoff: 'characters', minFrequency: 2 })
    expect(tokenizer.tokenize('the goat saw Zoe')).toEqual([
      '▁the',
      '▁',
      'g',
      'o',
      'a',
      't',
      '▁saw',
      '▁',
      '<unk>',
      'o',
      'e',
    ])
    expect(tokenizer.decode(tokenizer.encode('the goat  saw'))).toBe('the goat saw')
    const loaded = new Tokenizer(tokenizer.toJson())
    expect(loaded.encode('a dog')).toEqual(tokenizer.encode('a dog'))
  })

  it('what is wrong is named', async () => {
    const bad: [any, RegExp][] = [
      [{ backoff: 'chars' }, /backoff is 'chars', expected 'unknown' or 'characters'/],
      [{ backoff: 'characters', vocabSize: 5 }, /the special tokens and characters are \d+ tokens already/],
      [{ specialTokens: {} }, /has no unk/],
      [{ minFrequency: 0 }, /minFrequency is 0/],
    ]
    for (const [options, message] of bad) await expect(trainWords(text, options)).rejects.toThrow(message)
  })
})
