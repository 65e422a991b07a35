// Tokenizers against Hugging Face's (test/golden/text.py): what they learn from the same corpus, and what they make of texts, pairs and
// batches; saved, loaded, with what is wrong named.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Tokenizer, trainBpe, trainUnigram, trainWordPiece } from '#lib/text/index.js'

const golden: any = JSON.parse(readFileSync(new URL('../golden/text.json', import.meta.url), 'utf8'))
const { corpus, samples, pairs } = golden as { corpus: string; samples: string[]; pairs: [string, string][] }
const folder = mkdtempSync(join(tmpdir(), 'sinter-text-'))
afterAll(() => rmSync(folder, { recursive: true }))

const numbers = (list: BigInt64Array, length: number): number[][] =>
  Array.from({ length: list.length / length }, (_, b) => [...list.slice(b * length, (b + 1) * length)].map(Number))

const bert = () => new Tokenizer(golden.wordPiece.json)
const words = (count: number) => Array.from({ length: count }, (_, i) => `w${i % 97}`).join(' ')

describe('BPE', () => {
  it("learns the merges and numbers of Hugging Face's trainer", async () => {
    const tokenizer = await trainBpe(corpus, { vocabSize: 700 })
    const { model } = tokenizer.toJson()
    expect(model['merges']).toEqual(golden.bpe.json.model.merges)
    expect(model['vocab']).toEqual(golden.bpe.json.model.vocab)
    expect(samples.map((text) => [...tokenizer.encode(text)])).toEqual(golden.bpe.rows.map(([ids]: number[][]) => ids))
    expect(tokenizer.specialTokens).toEqual({ eos: '<|endoftext|>' })
    expect(tokenizer.specialId('eos')).toBe(0)
  })

  it('gives every text back', async () => {
    const tokenizer = await trainBpe(corpus, { vocabSize: 400 })
    for (const text of [...samples, '\u0000\uFFFF \uFEFFbom', corpus])
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
  })

  it('learns the same of a stream, whose texts are split apart', async () => {
    const lines = corpus.split(/(?<=\n)/)
    const stream = async function* () {
      yield* lines
    }
    const [ofList, ofStream] = await Promise.all([
      trainBpe(lines, { vocabSize: 500 }),
      trainBpe(stream(), { vocabSize: 500 }),
    ])
    expect(ofStream.toJson()).toEqual(ofList.toJson())
  })

  it('stops where no pair is frequent enough', async () => {
    const tokenizer = await trainBpe('abab abab', { vocabSize: 1000, minFrequency: 2 })
    expect(tokenizer.toJson().model['merges']).toEqual([
      ['a', 'b'],
      ['ab', 'ab'],
    ])
    expect((await trainBpe([], { vocabSize: 300 })).size).toBe(257)
  })

  it('merges a pair that stands there again by another way once', async () => {
    // ab+c and a+bc spell one token, which then stands before d on two ways.
    const text = `${'abc '.repeat(9)}${'zabcd '.repeat(5)}${'bcd bc '.repeat(8)}${'yabcd '.repeat(4)}`
    const merges = (await trainBpe(text, { vocabSize: 300, minFrequency: 1 })).toJson().model['merges'] as string[][]
    expect(new Set(merges.map(String)).size).toBe(merges.length)
  })
})

describe('WordPiece', () => {
  it("learns the pieces of Hugging Face's trainer", async () => {
    const theirs = golden.wordPiece.json.model.vocab
    const tokenizer = await trainWordPiece(corpus, { vocabSize: Object.keys(theirs).length })
    expect([...tokenizer.vocabulary().keys()].sort()).toEqual(Object.keys(theirs).sort())
    const pieces = samples.map((text) => tokenizer.tokenize(text))
    expect(pieces).toEqual(samples.map((text) => bert().tokenize(text)))
    expect(tokenizer.encode('hear me', { pair: 'speak' })).toHaveLength(tokenizer.tokenize('hear me speak').length + 3)
  })

  it('leaves characters out that are too rare, and the words that have them', async () => {
    const text = `${'abab ba '.repeat(50)}aqa aqa aqa`
    const tokenizer = await trainWordPiece(text, { vocabSize: 100, limitAlphabet: 2 })
    expect(tokenizer.tokenize('abab q aqa')).toEqual(['abab', '[UNK]', '[UNK]'])
    // Were the q only left away, a and ##a would be neighbours.
    expect(tokenizer.tokenToId('aa')).toBeUndefined()
  })
})

describe("as Hugging Face's", () => {
  it.each([
    ['byte-level BPE', golden.bpe],
    ['WordPiece', golden.wordPiece],
    ['Unigram', golden.unigram],
  ])('%s: texts', (_, { json, rows, decoded }) => {
    const tokenizer = new Tokenizer(json)
    expect(samples.map((text) => [...tokenizer.encode(text)])).toEqual(rows.map(([ids]: number[][]) => ids))
    const skipSpecialTokens = json.model.type !== 'BPE'
    expect(samples.map((text) => tokenizer.decode(tokenizer.encode(text), { skipSpecialTokens }))).toEqual(decoded)
  })

  it.each(['split', 'fallback', 'roberta'])('checkpoints that others trained: %s', async (name) => {
    const { json, texts, rows, decoded, pairs: pairRows } = golden[name]
    const tokenizer = new Tokenizer(json)
    expect(texts.map((text: string) => [...tokenizer.encode(text)])).toEqual(rows.map(([ids]: number[][]) => ids))
    expect(texts.map((text: string) => tokenizer.decode(tokenizer.encode(text)))).toEqual(decoded)
    for (const [i, pair] of pairs.entries()) {
      const { inputIds, tokenTypeIds } = await tokenizer.batchArrays([pair])
      expect([inputIds, tokenTypeIds].map(({ data }) => [...data].map(Number))).toEqual(pairRows[i])
    }
  })

  it('pairs and their types', async () => {
    const { inputIds, attentionMask, tokenTypeIds } = await bert().batchArrays(pairs)
    const length = inputIds.shape[1] as number
    for (const [b, [ids, types]] of golden.wordPiece.pairs.entries()) {
      expect(numbers(inputIds.data as BigInt64Array, length)[b]?.slice(0, ids.length)).toEqual(ids)
      expect(numbers(tokenTypeIds.data as BigInt64Array, length)[b]?.slice(0, ids.length)).toEqual(types)
      const mask = numbers(attentionMask.data as BigInt64Array, length)[b] as number[]
      expect(mask).toEqual(Array.from({ length }, (_, t) => Number(t < ids.length)))
    }
  })

  it.each(golden.wordPiece.truncated as [number, string, 'left' | 'right', ([number[]] | null)[]][])(
    'cut to %i, %s, on the %s',
    (maxLength, strategy, truncationSide, rows) => {
      const truncation = strategy.replace(/_(.)/, (_, c) => c.toUpperCase()) as 'longestFirst'
      for (const [i, [first, pair]] of pairs.entries()) {
        const encode = () => [...bert().encode(first, { pair, maxLength, truncation, truncationSide })]
        if (rows[i] === null) expect(encode).toThrow(/that is not cut/)
        else expect(encode()).toEqual(rows[i]?.[0])
      }
    },
  )

  it('padded on the left to multiples', async () => {
    const batch = await bert().encodeBatch(pairs, { paddingSide: 'left', padToMultipleOf: 8 })
    const { padded } = golden.wordPiece
    expect(await batch.inputIds.toArray()).toEqual(padded.map(([ids]: number[][]) => ids))
    expect(await batch.attentionMask.toArray()).toEqual(padded.map(([, mask]: number[][]) => mask))
    expect(await batch.tokenTypeIds.toArray()).toEqual(padded.map(([, , types]: number[][]) => types))
  })
})

describe('Tokenizer', () => {
  it('is saved and loaded, with what its special tokens are for', async () => {
    const roles = { pad: '<p>', unk: '<u>', cls: '<c>', sep: '<s>', additional: ['<x>', '<y>'] }
    const template = { single: '<c> $A', pair: '<c> $A <s> $B:1' }
    const made = await trainWordPiece(corpus, { vocabSize: 300, specialTokens: roles, template })
    await made.save(join(folder, 'saved'))
    for (const path of [join(folder, 'saved'), join(folder, 'saved', 'tokenizer.json')]) {
      const loaded = await Tokenizer.load(path)
      expect(loaded.toJson()).toEqual(made.toJson())
      expect(loaded.specialTokens).toEqual(roles)
      expect([...loaded.specialIds]).toEqual([0, 1, 2, 3, 4, 5])
      expect(loaded.encode('hear', { pair: 'me' })).toEqual(made.encode('hear', { pair: 'me' }))
    }
    // Without the configuration, what is usual; here nothing is, but the model names its unknown token.
    expect(new Tokenizer(made.toJson()).specialTokens.unk).toBe('<u>')
    expect(bert().specialTokens).toMatchObject({
      pad: '[PAD]',
      unk: '[UNK]',
      cls: '[CLS]',
      sep: '[SEP]',
      mask: '[MASK]',
    })
  })

  it('special tokens that are characters too have one number', async () => {
    const specialTokens = { unk: '?', pad: 'a' }
    for (const train of [trainBpe, trainWordPiece, trainUnigram]) {
      const tokenizer = await train('a b? ab aa ba b?', { vocabSize: 270, specialTokens, template: null })
      expect(tokenizer.vocabulary().size).toBe(tokenizer.size)
      expect([tokenizer.tokenToId('?'), tokenizer.tokenToId('a')]).toEqual([0, 1])
      expect([...tokenizer.encode('a')]).toEqual([1])
    }
  })

  it('has numbers for tokens and tokens for numbers', () => {
    const tokenizer = bert()
    expect(tokenizer.size).toBe(tokenizer.vocabulary().size)
    for (const [token, id] of tokenizer.vocabulary()) {
      expect(tokenizer.tokenToId(token)).toBe(id)
      expect(tokenizer.idToToken(id)).toBe(token)
    }
    expect(tokenizer.tokenToId('no such')).toBeUndefined()
    expect(tokenizer.decode([])).toBe('')
    expect(tokenizer.decode(BigInt64Array.of(2n, 3n), { skipSpecialTokens: true })).toBe('')
  })

  it('lets the event loop turn while it encodes much', async () => {
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    await bert().batchArrays(Array.from({ length: 10_000 }, () => words(50)))
    clearInterval(timer)
    expect(turns).toBeGreaterThan(0)
  })

  it('pads to maxLength, and takes a pad token that the tokenizer lacks', async () => {
    const tokenizer = new Tokenizer(golden.bpe.json)
    const options = { padding: 'maxLength', maxLength: 5, padId: 0 } as const
    const { inputIds, attentionMask } = await tokenizer.batchArrays(['a', 'aaa bbb ccc ddd eee'], options)
    expect(inputIds.shape).toEqual([2, 5])
    expect(numbers(attentionMask.data as BigInt64Array, 5)).toEqual([
      [1, 0, 0, 0, 0],
      [1, 1, 1, 1, 1],
    ])
    await expect(tokenizer.batchArrays(['a', 'a a a'])).rejects.toThrow(/no pad token: give padId/)
    const { inputIds: none } = await tokenizer.batchArrays([])
    expect(none.shape).toEqual([0, 0])
    expect((await tokenizer.encodeBatch(['', ''])).inputIds.shape).toEqual([2, 0])
  })
})

describe('what is wrong is named', () => {
  it.each([
    [{ maxLenght: 3 }, /no such option: 'maxLenght'; did you mean "maxLength"/],
    [{ truncation: 'longest' }, /truncation is 'longest', expected 'longestFirst' or/],
    [{ maxLength: 0 }, /maxLength is 0/],
    [{ maxLength: 1 }, /less than the special tokens/],
  ] as [any, RegExp][])('encode: %j', (options, message) => {
    expect(() => bert().encode('hear me', options)).toThrow(message)
  })

  it('texts, numbers and special tokens', async () => {
    const tokenizer = bert()
    expect(() => tokenizer.encode(null as any)).toThrow(/takes text, found null/)
    expect(() => tokenizer.decode([99999])).toThrow(/no token 99999; the vocabulary has/)
    expect(() => tokenizer.specialId('bos')).toThrow(/no bos token \(special tokens: unk, pad/)
    await expect(tokenizer.batchArrays('text' as any)).rejects.toThrow(/takes a list of texts, found string/)
    await expect(tokenizer.batchArrays(['a'], { padding: 'maxLength' })).rejects.toThrow(/maxLength is not given/)
    const bare = new Tokenizer({ model: { type: 'WordLevel', vocab: { a: 0 } } })
    expect(() => bare.encode('b')).toThrow(/no token covers "b", and the tokenizer has no unknown token/)
  })

  it('files', async () => {
    const code = { code: 'DATA_FILE' }
    await expect(Tokenizer.load(join(folder, 'none'))).rejects.toMatchObject(code)
    const path = join(folder, 'broken.json')
    writeFileSync(path, '{"model":')
    await expect(Tokenizer.load(path)).rejects.toMatchObject(code)
    const wrong: [unknown, RegExp][] = [
      [[], /is no object/],
      [{}, /has no 'model'/],
      [{ model: {} }, /no 'vocab'/],
      [{ model: { type: 'BPE', vocab: {}, merges: [] } }, /'vocab' is empty/],
      [
        { model: { type: 'BPE', vocab: { a: 0 }, merges: [] }, normalizer: { type: 'Foo' } },
        /Unknown Normalizer type: Foo/,
      ],
    ]
    for (const [json, message] of wrong) expect(() => new Tokenizer(json)).toThrow(message)
  })

  it('training', async () => {
    const bad: [any, RegExp][] = [
      [{ vocabSize: 200 }, /vocabSize is 200, but the 256 bytes and the special tokens are 257/],
      [{ vocabSize: 300.5 }, /vocabSize is 300.5/],
      [{ vocabSize: 300, minFreq: 1 }, /did you mean "minFrequency"/],
      [{ vocabSize: 300, specialTokens: { padd: 'x' } }, /no such option: 'padd'; did you mean "pad"/],
      [{ vocabSize: 300, specialTokens: { pad: '' } }, /a special token is ""/],
      [{ vocabSize: 300, normalizer: (x: string) => x }, /which has no config/],
      [{ vocabSize: 300, template: { single: '<s> $A', pair: '$A $B' } }, /'<s>' is neither \$A nor a special token/],
      [{ vocabSize: 300, template: { single: '$A' } }, /template is \{ single, pair \}, both text; found undefined/],
      [{ vocabSize: 300, template: { single: '$A', pair: '$A' } }, /is to have \$B once/],
    ]
    for (const [options, message] of bad) await expect(trainBpe('a', options)).rejects.toThrow(message)
    await expect(trainBpe(['a', 3] as any, { vocabSize: 300 })).rejects.toThrow(/takes texts, found number/)
    await expect(trainWordPiece('abc', { vocabSize: 6 })).rejects.toThrow(/are 11 tokens already/)
    await expect(trainWordPiece('abc', { vocabSize: 60, specialTokens: {} })).rejects.toThrow(/has no unk/)
  })

  it('an abort ends the training', async () => {
    const stop = new AbortController()
    const training = trainBpe(corpus, { vocabSize: 5000, signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(training).rejects.toThrow('enough')
  })
})
