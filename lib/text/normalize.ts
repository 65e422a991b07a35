// Cleaning of text. Place in the whole: functions of a string that are applied by hand, in a dataset, or by a tokenizer, which saves
// those that tokenizer.json can express.
import { ValueError } from '../errors.js'

/** A normalizer as tokenizer.json has it. */
export interface NormalizerConfig {
  readonly type: string
  readonly [option: string]: unknown
}

/** Cleans a text. With `config` a tokenizer can save it, and Hugging Face's libraries do the same. */
export interface Normalizer {
  (text: string): string
  /** The same in tokenizer.json; undefined where it has no word for it. */
  readonly config?: NormalizerConfig
}

/** A normalizer of your own; with a `config` tokenizers take it. */
export function normalizer(apply: (text: string) => string, config?: NormalizerConfig): Normalizer {
  const named = (text: string) => apply(text)
  return config === undefined ? named : Object.assign(named, { config })
}

export type UnicodeForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD'
const FORMS: readonly UnicodeForm[] = ['NFC', 'NFD', 'NFKC', 'NFKD']

/**
 * One of the forms in which Unicode writes equal texts equally (UAX 15). NFC composes letters and accents; NFKC also replaces what only
 * looks different: ligatures, full-width letters, superscripts.
 * @throws ValueError for another form
 */
export function unicode(form: UnicodeForm): Normalizer {
  if (!FORMS.includes(form)) throw new ValueError(`unicode: no such form: '${form}' (there are ${FORMS.join(', ')})`)
  return normalizer((text) => text.normalize(form), { type: form })
}

/** Lower case by Unicode's rules, of no language in particular. */
export function lowercase(): Normalizer {
  return normalizer((text) => text.toLowerCase(), { type: 'Lowercase' })
}

/** Letters without their accents: é is e. What has no accent by Unicode's reckoning stays (ø, ł); the result is NFC. */
export function stripAccents(): Normalizer {
  return normalizer(
    (text) =>
      text
        .normalize('NFD')
        .replace(/\p{Mn}/gu, '')
        .normalize('NFC'),
    configOf([{ type: 'NFD' }, replaceConfig('\\p{Mn}', ''), { type: 'NFC' }]),
  )
}

/** Every run of white space, line ends too, becomes one space; none stays at the ends. */
export function collapseWhitespace(): Normalizer {
  return normalizer(
    (text) => text.replace(/\p{White_Space}+/gu, ' ').replace(/^ | $/g, ''),
    configOf([replaceConfig('\\s+', ' '), replaceConfig('^ | $', '')]),
  )
}

export interface ControlOptions {
  /** Also what only formats: joiners, direction marks, soft hyphens, byte-order marks. It parts emoji that are joined. Default false. */
  readonly format?: boolean
}

/** Removes control characters (Unicode's Cc) but tab, line feed and carriage return. */
export function removeControls({ format = false }: ControlOptions = {}): Normalizer {
  const source = `(?![\\t\\n\\r])[\\p{Cc}${format ? '\\p{Cf}' : ''}]`
  const pattern = new RegExp(source, 'gu')
  return normalizer((text) => text.replace(pattern, ''), replaceConfig(source, ''))
}

/**
 * Replaces every match. A string is taken literally, and so is what stands for it. Patterns are saved as they are written: keep to what
 * Oniguruma and JavaScript read alike.
 * @throws ValueError for a pattern with flags other than g and u, which tokenizer.json cannot say
 */
export function replace(pattern: string | RegExp, by: string): Normalizer {
  if (typeof pattern === 'string') {
    if (pattern === '') throw new ValueError('replace: the pattern is empty')
    const config = { type: 'Replace', pattern: { String: pattern }, content: by }
    return normalizer((text) => text.replaceAll(pattern, () => by), config)
  }
  const odd = pattern.flags.replace(/[gu]/g, '')
  if (odd !== '')
    throw new ValueError(`replace: ${pattern} has the flags '${odd}': write them into the pattern, e.g. [Aa] for i`)
  const every = new RegExp(pattern.source, 'gu')
  return normalizer((text) => text.replace(every, () => by), replaceConfig(pattern.source, by))
}

/** One after the other, as they stand; a tokenizer can save it if it can save each. */
export function sequence(...normalizers: readonly Normalizer[]): Normalizer {
  const configs = normalizers.map(({ config }) => config)
  const apply = (text: string) => normalizers.reduce((done, next) => next(done), text)
  return configs.every((config) => config !== undefined) ? normalizer(apply, configOf(configs)) : normalizer(apply)
}

export interface BertOptions {
  /** Default true. */
  readonly lowercase?: boolean
  /** Default: as lowercase. */
  readonly stripAccents?: boolean
}

/**
 * BERT's cleaning (Devlin et al. 2018): control characters go, white space becomes spaces, spaces part Chinese characters, then lower
 * case without accents.
 */
export function bert({ lowercase = true, stripAccents = lowercase }: BertOptions = {}): Normalizer {
  const config = {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: stripAccents,
    lowercase,
  }
  const clean = (text: string) => {
    const spaced = text
      .replace(/(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\uFFFD]/gu, '')
      .replace(/\p{White_Space}/gu, ' ')
      .replace(CHINESE, ' $& ')
    const lowered = lowercase ? spaced.toLowerCase() : spaced
    return stripAccents ? lowered.normalize('NFD').replace(/\p{Mn}/gu, '') : lowered
  }
  return normalizer(clean, config)
}

/** CJK ideographs, by the blocks that BERT's own code lists. */
const CHINESE =
  /[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/gu

const replaceConfig = (source: string, content: string): NormalizerConfig => ({
  type: 'Replace',
  pattern: { Regex: source },
  content,
})

const configOf = (normalizers: readonly NormalizerConfig[]): NormalizerConfig => ({ type: 'Sequence', normalizers })
