// Normalizers against Hugging Face's (test/golden/text.py), alone and inside a tokenizer, and text out of HTML.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  bert,
  collapseWhitespace,
  lowercase,
  type Normalizer,
  normalizer,
  removeControls,
  replace,
  sequence,
  stripAccents,
  stripTags,
  Tokenizer,
  unescapeHtml,
  unicode,
} from '#lib/text/index.js'

const golden: any = JSON.parse(readFileSync(new URL('../golden/text.json', import.meta.url), 'utf8'))
const cleaners: [string, Normalizer][] = [
  ['NFC', unicode('NFC')],
  ['NFKC', unicode('NFKC')],
  ['lowercase', lowercase()],
  ['stripAccents', stripAccents()],
  ['collapseWhitespace', collapseWhitespace()],
  ['removeControls', removeControls()],
  ['removeFormat', removeControls({ format: true })],
  ['bert', bert()],
  ['bertCased', bert({ lowercase: false })],
]

/** A tokenizer whose one token is the text as its normalizer leaves it. */
const asTokenizer = (config: Normalizer['config']) =>
  new Tokenizer({ normalizer: config, model: { type: 'WordLevel', vocab: { a: 0 } } })

describe("as Hugging Face's", () => {
  it.each(cleaners)('%s', (name, clean) => {
    expect(golden.samples.map(clean)).toEqual(golden.cleaned[name])
    const tokenizer = asTokenizer(clean.config)
    for (const text of golden.samples) expect(tokenizer.tokenize(text).join('')).toBe(clean(text))
  })
})

it('normalizers follow one another and are saved if each can be', () => {
  const clean = sequence(unicode('NFKC'), lowercase(), replace(/\d+/, '0'), replace('$&', '$1'), collapseWhitespace())
  expect(clean(' ＡＢＣ  12 cost$& 345 ')).toBe('abc 0 cost$1 0')
  expect(asTokenizer(clean.config).tokenize(' ＡＢＣ  12 cost 345 ')).toEqual(['abc 0 cost 0'])
  expect(sequence()('x')).toBe('x')
  const own = normalizer((text) => text.split('').reverse().join(''))
  expect(own('abc')).toBe('cba')
  expect(sequence(lowercase(), own).config).toBeUndefined()
})

it('what normalizers cannot do is named', () => {
  expect(() => unicode('NFX' as any)).toThrow(/no such form: 'NFX'/)
  expect(() => replace('', 'x')).toThrow(/pattern is empty/)
  expect(() => replace(/a/i, 'x')).toThrow(/has the flags 'i'/)
})

describe('HTML', () => {
  it.each([
    ['&lt;b&gt; &amp;amp; &quot;&apos;', '<b> &amp; "\''],
    ['caf&eacute; &Omega;&omega;&sigmaf; &euro;&there4;&nbsp;|', 'café Ωως €∴\u00a0|'],
    ['&#233;&#xE9;&#XE9; &#x1F600;', 'ééé 😀'],
    ['&#128;&#150;&#0;&#xD800;&#x110000;&#99999999;', '€–\uFFFD\uFFFD\uFFFD\uFFFD'],
    ['AT&T &unknown; &amp &;', 'AT&T &unknown; &amp &;'],
  ])('unescapes %s', (html, text) => {
    expect(unescapeHtml()(html)).toBe(text)
  })

  it.each([
    ['<p class="a>b">One</p><p>two <b>bold</b></p>', '\nOne\n\ntwo bold\n'],
    ['a<br/>b<!-- <p> -->c<!DOCTYPE html>', 'a\nbc'],
    ["<script type='x'>if (a < b) {}</script>x<STYLE>p {}</style>", 'x'],
    ['1 < 2 and 3 > 2, <3', '1 < 2 and 3 > 2, <3'],
    ['unclosed <a href="x', 'unclosed <a href="x'],
    ['<script>a<!-- </script>b<style>c', 'bc'],
    ['a<!-- <script> -->b</script>c', 'abc'],
    ['<scripts>x</scripts><!-->y-->', 'xy-->'],
  ])('strips tags from %s', (html, text) => {
    expect(stripTags()(html)).toBe(text)
  })

  // Were any of these quadratic, the test would run out of time.
  it.each(['<script>', '<!--', '<a ', '<a "', '<!a', '<?', 'a', '<', '</style'])(
    'what is left open costs no time: %s',
    (part) => {
      const text = `<${part.repeat(200_000)}`
      expect(stripTags()(text).length).toBeLessThanOrEqual(text.length)
      expect(unescapeHtml()(`&${part}`.repeat(100_000))).toHaveLength((part.length + 1) * 100_000)
    },
  )
})
