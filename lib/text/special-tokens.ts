// Tokens that stand for no text, and what each is for. Place in the whole: tokenizer.ts keeps them, trainers give them the first numbers.

import { known } from '../check.js'
import { ValueError } from '../errors.js'

const ROLES = ['unk', 'pad', 'bos', 'eos', 'cls', 'sep', 'mask'] as const
export type SpecialRole = (typeof ROLES)[number]

/** Special tokens by what they are for, with Hugging Face's short names. */
export type SpecialTokens = {
  /** Stands for text that no token covers (unk), fills rows (pad), begins and ends texts (bos, eos), BERT's cls, sep and mask. */
  readonly [role in SpecialRole]?: string
} & {
  /** Others: turns of a chat, languages, T5's sentinels. */
  readonly additional?: readonly string[]
}

/** What well-known checkpoints call them, for a tokenizer.json that comes without a tokenizer_config.json. */
const USUAL: { readonly [role in SpecialRole]: readonly string[] } = {
  unk: ['[UNK]', '<unk>'],
  pad: ['[PAD]', '<pad>'],
  bos: ['<s>', '<bos>'],
  eos: ['</s>', '<eos>', '<|endoftext|>'],
  cls: ['[CLS]'],
  sep: ['[SEP]'],
  mask: ['[MASK]', '<mask>'],
}

/** The tokens in the order in which they are given, each once. @throws ValueError for unknown roles and empty tokens */
export function listOf(caller: string, tokens: SpecialTokens): string[] {
  known(`${caller}, specialTokens`, tokens, [...ROLES, 'additional'])
  const list = Object.values(tokens).flat()
  const odd = list.find((token) => typeof token !== 'string' || token === '')
  if (odd !== undefined)
    throw new ValueError(`${caller}: a special token is ${JSON.stringify(odd)}, expected text that is not empty`)
  return [...new Set(list as string[])]
}

/** As tokenizer_config.json writes them: `unk_token`, ..., and `additional_special_tokens`. */
export function toConfig({ additional, ...roles }: SpecialTokens): Record<string, unknown> {
  const config = Object.fromEntries(Object.entries(roles).map(([role, token]) => [`${role}_token`, token]))
  return additional === undefined ? config : { ...config, additional_special_tokens: additional }
}

const contentOf = (token: unknown): string | undefined => {
  if (typeof token === 'string') return token
  const content = (token as { content?: unknown } | null | undefined)?.content
  return typeof content === 'string' ? content : undefined
}

/**
 * Reads them from a tokenizer_config.json; where that names none, the usual names among `special` have their usual parts. `unknown` is
 * what the model itself calls unknown. Of those named only what `exists` has is kept.
 */
export function fromConfig(
  config: Readonly<Record<string, unknown>>,
  unknown: string | undefined,
  special: ReadonlySet<string>,
  exists: (token: string) => boolean,
): SpecialTokens {
  const tokens: { [role in SpecialRole]?: string } = {}
  for (const role of ROLES) {
    const token = contentOf(config[`${role}_token`])
    if (token !== undefined && exists(token)) tokens[role] = token
  }
  if (Object.keys(tokens).length === 0)
    for (const role of ROLES) {
      const token = USUAL[role].find((name) => special.has(name))
      if (token !== undefined) tokens[role] = token
    }
  if (tokens.unk === undefined && unknown !== undefined && exists(unknown)) tokens.unk = unknown
  const named = new Set(Object.values(tokens))
  const additional = [...special].filter((token) => !named.has(token))
  return additional.length === 0 ? tokens : { ...tokens, additional }
}
