// Text out of HTML. Place in the whole: normalizers for web text; tokenizer.json has no word for them, so they are applied before a tokenizer.
import { type Normalizer, normalizer } from './normalize.js'

/**
 * HTML 4's names (W3C, HTML 4.01, section 24): those of U+00A0 to U+00FF in order, then the others with their
 * code points in hexadecimal (lang and rang as HTML 5 has them). */
const LATIN =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil ' +
  'sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute ' +
  'Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc ' +
  'atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide ' +
  'oslash ugrave uacute ucirc uuml yacute thorn yuml'
const GREEK_CAPITALS =
  'Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Iota Kappa Lambda Mu Nu Xi Omicron Pi Rho - Sigma Tau Upsilon Phi Chi Psi Omega'
const GREEK_SMALL =
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigmaf sigma tau upsilon phi chi psi omega'
const OTHERS =
  'quot=22 amp=26 apos=27 lt=3C gt=3E OElig=152 oelig=153 Scaron=160 scaron=161 Yuml=178 fnof=192 circ=2C6 tilde=2DC ' +
  'thetasym=3D1 upsih=3D2 piv=3D6 ensp=2002 emsp=2003 thinsp=2009 zwnj=200C zwj=200D lrm=200E rlm=200F ndash=2013 mdash=2014 ' +
  'lsquo=2018 rsquo=2019 sbquo=201A ldquo=201C rdquo=201D bdquo=201E dagger=2020 Dagger=2021 bull=2022 hellip=2026 permil=2030 ' +
  'prime=2032 Prime=2033 lsaquo=2039 rsaquo=203A oline=203E frasl=2044 euro=20AC image=2111 weierp=2118 real=211C trade=2122 ' +
  'alefsym=2135 larr=2190 uarr=2191 rarr=2192 darr=2193 harr=2194 crarr=21B5 lArr=21D0 uArr=21D1 rArr=21D2 dArr=21D3 hArr=21D4 ' +
  'forall=2200 part=2202 exist=2203 empty=2205 nabla=2207 isin=2208 notin=2209 ni=220B prod=220F sum=2211 minus=2212 lowast=2217 ' +
  'radic=221A prop=221D infin=221E ang=2220 and=2227 or=2228 cap=2229 cup=222A int=222B there4=2234 sim=223C cong=2245 ' +
  'asymp=2248 ne=2260 equiv=2261 le=2264 ge=2265 sub=2282 sup=2283 nsub=2284 sube=2286 supe=2287 oplus=2295 otimes=2297 ' +
  'perp=22A5 sdot=22C5 lceil=2308 rceil=2309 lfloor=230A rfloor=230B lang=27E8 rang=27E9 loz=25CA spades=2660 clubs=2663 ' +
  'hearts=2665 diams=2666'

const inOrder = (names: string, first: number): [string, string][] =>
  names.split(' ').map((name, i) => [name, String.fromCodePoint(first + i)])

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ...inOrder(LATIN, 0xa0),
  ...inOrder(GREEK_CAPITALS, 0x391),
  ...inOrder(GREEK_SMALL, 0x3b1),
  ...OTHERS.split(' ').map((pair): [string, string] => {
    const [name, code] = pair.split('=') as [string, string]
    return [name, String.fromCodePoint(Number.parseInt(code, 16))]
  }),
])

/** Windows-1252's characters at 0x80 to 0x9F, which browsers read there; 0 where it has none. */
const WINDOWS_1252 = [
  0x20ac, 0, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0, 0x17d, 0, 0, 0x2018,
  0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0, 0x17e, 0x178,
]

function character(code: number): string {
  // HTML, "numeric character reference end state": what cannot be a character is U+FFFD.
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\uFFFD'
  return String.fromCodePoint((code >= 0x80 && code <= 0x9f && WINDOWS_1252[code - 0x80]) || code)
}

/**
 * Character references become characters: `&amp;`, `&#233;`, `&#xE9;`. Names are HTML 4's 252 and apos, each with its semicolon; other
 * names stay as they are. Once: `&amp;lt;` becomes `&lt;`.
 */
export function unescapeHtml(): Normalizer {
  const reference = /&(?:#(\d{1,8})|#[xX]([0-9a-fA-F]{1,8})|([A-Za-z][A-Za-z0-9]*));/g
  return normalizer((text) =>
    text.replace(reference, (all, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES.get(name) ?? all
      return character(decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal))
    }),
  )
}

/** Elements that part words where they stand. */
const BLOCKS =
  'address article aside blockquote br dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol ' +
  'option p pre section table tbody td tfoot th thead title tr ul'

/** Comments, and elements whose content is no text. */
const HIDDEN = /<!--|<(script|style)(?![A-Za-z0-9:-])[^<>]*>/gi
const DECLARATION = /<![A-Za-z][^<>]*>|<\?[^<>]*>/g
const TAG = /<\/?([A-Za-z][A-Za-z0-9:-]*)(?![A-Za-z0-9:-])(?:"[^"]*"|'[^']*'|[^'"<>])*>/g

/**
 * Removes tags, comments, declarations, and scripts and styles with what is in them. A line end stands for tags that part blocks (p, div,
 * li, br, ...), nothing for others. It is for text that is mostly HTML's, not a parser: a `<` before a letter begins a tag if a `>` ends
 * it; what is not closed stays. The time is that of the length, whatever is left open.
 */
export function stripTags(): Normalizer {
  const blocks = new Set(BLOCKS.split(' '))
  return normalizer((text) =>
    withoutHidden(text)
      .replace(DECLARATION, '')
      .replace(TAG, (_, name: string) => (blocks.has(name.toLowerCase()) ? '\n' : '')),
  )
}

function withoutHidden(text: string): string {
  const unclosed = new Set<string>()
  let kept = ''
  let at = 0
  for (const open of text.matchAll(HIDDEN)) {
    // What was inside the last one is gone with it.
    if (open.index < at) continue
    const name = open[1]?.toLowerCase() ?? '--'
    if (unclosed.has(name)) continue
    const close = open[1] === undefined ? /-->/g : new RegExp(`</${name}\\s*>`, 'gi')
    // <!--> is a comment, and has its end in its beginning.
    close.lastIndex = open.index + (open[1] === undefined ? 2 : open[0].length)
    if (close.test(text)) {
      kept += text.slice(at, open.index)
      at = close.lastIndex
    } else unclosed.add(name)
  }
  return kept + text.slice(at)
}
