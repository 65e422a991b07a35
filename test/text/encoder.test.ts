// Encoding word by word, remembered, against the library's encoding of whole texts.
import { readFileSync } from 'node:fs'
import { Tokenizer as Library } from '@huggingface/tokenizers'
import { describe, expect, it } from 'vitest'
import { Random } from '#lib/data/index.js'
import { Tokenizer, trainBpe, trainCharacters, trainUnigram, trainWordPiece, trainWords } from '#lib/text/index.js'
import { patternOf } from '#lib/text/patterns.js'

const golden: any = JSON.parse(readFileSync(new URL('../golden/text.json', import.meta.url), 'utf8'))
const { corpus } = golden as { corpus: string }
const specialTokens = { unk: '<unk>', pad: '<|pad|>', additional: ['<|pad|>x', '[a-z]+'] }

const SCRAPS = [
  'the',
  ' ',
  '  ',
  '\n',
  '\t',
  "'s",
  "'",
  'Café',
  '日本',
  '👩‍👧',
  '12',
  '...',
  '<|pad|>',
  '<|pad|>x',
  '<unk>',
  '[a-z]+',
  '\u00a0',
  'e\u0301',
  'unseen',
  '▁',
]

function texts(): string[] {
  const random = new Random(1)
  const text = () => Array.from({ length: random.int(12) }, () => SCRAPS[random.int(SCRAPS.length)]).join('')
  return ['', corpus.slice(0, 3000), ...Array.from({ length: 300 }, text)]
}

describe.each([
  ['BPE', () => trainBpe(corpus, { vocabSize: 500, specialTokens })],
  ['WordPiece', () => trainWordPiece(corpus, { vocabSize: 300, specialTokens })],
  ['Unigram', () => trainUnigram(corpus, { vocabSize: 300, specialTokens })],
  ['characters', () => trainCharacters(corpus, { specialTokens })],
  ['words', () => trainWords(corpus, { specialTokens })],
  ['words and characters', () => trainWords(corpus, { specialTokens, backoff: 'characters', minFrequency: 5 })],
])('%s', (_, train) => {
  it('is what the library makes of whole texts, the first time and again', async () => {
    const json: any = (await train()).toJson()
    expect(patternOf(json.pre_tokenizer)).not.toBeNull()
    const library = new Library(json, { unk_token: '<unk>' })
    const tokenizer = new Tokenizer(json)
    const wanted = texts().map((text) => library.encode(text).ids)
    for (let pass = 0; pass < 2; pass++) expect(texts().map((text) => [...tokenizer.encode(text)])).toEqual(wanted)
  })
})

it('tokenizers whose parts are not known are encoded by the library', async () => {
  const json: any = (await trainBpe(corpus, { vocabSize: 500 })).toJson()
  const whole = { ...json, pre_tokenizer: { ...json.pre_tokenizer, add_prefix_space: true } }
  expect(patternOf(whole.pre_tokenizer)).toBeNull()
  expect([...new Tokenizer(whole).encode('First of all')]).toEqual(new Library(whole, {}).encode('First of all').ids)
  const stripping = structuredClone(json)
  stripping.added_tokens[0].lstrip = true
  const text = 'First  <|endoftext|> all'
  expect([...new Tokenizer(stripping).encode(text)]).toEqual(new Library(stripping, {}).encode(text).ids)
  expect([...new Tokenizer(stripping).encode(text)]).not.toEqual([...new Tokenizer(json).encode(text)])
})
