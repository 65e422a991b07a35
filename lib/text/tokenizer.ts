// Text to numbers of tokens and back. Place in the whole: what trainers make and what is loaded from Hugging Face's tokenizer.json, whose
// steps @huggingface/tokenizers runs.
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Tokenizer as HuggingFace } from '@huggingface/tokenizers'
import { DataError } from '../data/errors.js'
import { ValueError } from '../errors.js'
import { writeFileAtomic } from '../io/atomic.js'
import { tensor } from '../ops/creation.js'
import { Slice } from '../slice.js'
import type { Tensor } from '../tensor/tensor.js'
import {
  type BatchEncodeOptions,
  checkEncode,
  cut,
  type EncodeOptions,
  pad,
  type Row,
  share,
  type TokenArrays,
} from './batch.js'
import { type Encoder, encoderOf, type Library } from './encoder.js'
import { fromConfig, type SpecialRole, type SpecialTokens } from './special-tokens.js'
import { checkJson, type TokenizerJson } from './tokenizer-json.js'

/** A text, or two that are encoded in one row. */
export type TextOrPair = string | readonly [string, string]

/** (B, T), i64. */
export interface TokenBatch {
  readonly inputIds: Tensor<'i64'>
  /** 1 where a token stands, 0 where padding does. */
  readonly attentionMask: Tensor<'i64'>
  /** 1 for the second text of a pair. */
  readonly tokenTypeIds: Tensor<'i64'>
}

export interface DecodeOptions {
  /** Leave out the special tokens. Default false. */
  readonly skipSpecialTokens?: boolean
}

/** What stands in a row: special tokens, or a text's own tokens. */
type FrameItem = { readonly text: 0 | 1; readonly type: number } | { readonly id: number; readonly type: number }

const FILE = 'tokenizer.json'
const CONFIG = 'tokenizer_config.json'

/** Encodes and decodes; made by `Tokenizer.load`, or by the trainers of this room. */
export class Tokenizer {
  /** Tokens by what they are for. */
  readonly specialTokens: SpecialTokens
  /** Numbers of the special tokens. */
  readonly specialIds: ReadonlySet<number>
  readonly #json: TokenizerJson
  readonly #config: Readonly<Record<string, unknown>>
  readonly #library: Library
  readonly #tokens: ReadonlyMap<string, number>
  readonly #encode: Encoder
  readonly #frames: readonly [readonly FrameItem[], readonly FrameItem[]]

  /**
   * @param json the content of a tokenizer.json
   * @param config the content of a tokenizer_config.json, which says what special tokens are for
   * @throws DataError DATA_FILE for what is no tokenizer.json, or has steps that @huggingface/tokenizers does not know
   */
  constructor(json: unknown, config: Readonly<Record<string, unknown>> = {}, name = 'Tokenizer') {
    this.#json = checkJson(json, name)
    this.#config = config
    // The library looks for a word vocabulary's unknown token in the configuration alone.
    const { unk_token: stated } = this.#json.model
    const unknown = typeof stated === 'string' ? stated : undefined
    const own = unknown === undefined ? {} : { unk_token: unknown }
    try {
      this.#library = new HuggingFace(this.#json, { clean_up_tokenization_spaces: false, ...config, ...own })
    } catch (cause) {
      throw new DataError('DATA_FILE', `${name}: ${(cause as Error).message}`, { cause })
    }
    this.#tokens = new Map([...this.#library.get_vocab()].filter(([token]) => token !== undefined))
    this.#encode = encoderOf(this.#library, this.#json, config, this.#tokens)
    const special = this.#json.added_tokens.filter((token) => token.special)
    this.specialIds = new Set(special.map(({ id }) => id))
    const names = new Set(special.map(({ content }) => content))
    this.specialTokens = fromConfig(config, unknown, names, (token) => this.#tokens.has(token))
    this.#frames = [this.#frame(1), this.#frame(2)]
  }

  /**
   * Reads a tokenizer.json, or a folder that has one; the tokenizer_config.json beside it is read too, where there is one.
   * @throws DataError DATA_FILE for files that cannot be read
   */
  static async load(path: string): Promise<Tokenizer> {
    const isFolder = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    )
    const file = isFolder ? join(path, FILE) : path
    const config = isFolder ? join(path, CONFIG) : file.replace(/[^/\\]*$/, CONFIG)
    const json = await readJson(file)
    const missing = await stat(config).then(
      () => false,
      () => true,
    )
    return new Tokenizer(json, missing ? {} : ((await readJson(config)) as Record<string, unknown>), file)
  }

  /** Tokens, special ones included: one more than the highest number. */
  get size(): number {
    let last = -1
    for (const id of this.#tokens.values()) last = Math.max(last, id)
    return last + 1
  }

  /** Every token and its number. */
  vocabulary(): Map<string, number> {
    return new Map(this.#tokens)
  }

  /** The number of a token, undefined where it has none. */
  tokenToId(token: string): number | undefined {
    return this.#tokens.get(token)
  }

  /** The token of a number, undefined where it has none. */
  idToToken(id: number): string | undefined {
    return this.#library.id_to_token(id)
  }

  /** The number of a special token, by what it is for. @throws ValueError where the tokenizer has none */
  specialId(role: SpecialRole): number {
    const token = this.specialTokens[role]
    if (token !== undefined) return this.#tokens.get(token) as number
    const others = Object.keys(this.specialTokens).join(', ') || 'none'
    throw new ValueError(`Tokenizer: it has no ${role} token (special tokens: ${others})`)
  }

  /** The tokens of a text, without special ones. */
  tokenize(text: string): string[] {
    return this.#library.tokenize(checkText('tokenize', text), { add_special_tokens: false })
  }

  /**
   * Numbers of a text's tokens, or of a pair's in one row.
   * @throws ValueError for text that no token covers where there is no unknown token
   */
  encode(text: string, options: EncodeOptions & { readonly pair?: string } = {}): Int32Array {
    checkEncode('encode', options, null)
    const { pair } = options
    return Int32Array.from(this.#row('encode', pair === undefined ? text : [text, pair], options).ids)
  }

  /**
   * Rows of tokens of one length, padded and cut, in ordinary memory: for `collate` of a dataset or loader, here or in a worker.
   * In slices: the event loop gets its turns.
   * @throws ValueError for unknown options, and for texts of different lengths where there is no pad token
   */
  async batchArrays(texts: readonly TextOrPair[], options: BatchEncodeOptions = {}): Promise<TokenArrays> {
    return this.#batch('batchArrays', texts, options, [])
  }

  /** `batchArrays` as tensors. @throws ValueError as it does */
  async encodeBatch(
    texts: readonly TextOrPair[],
    options: BatchEncodeOptions & { readonly device?: string } = {},
  ): Promise<TokenBatch> {
    const { device } = options
    const arrays = await this.#batch('encodeBatch', texts, options, ['device'])
    const upload = ({ data, shape }: TokenArrays['inputIds']) =>
      tensor(data, { shape, ...(device === undefined ? {} : { device }) }) as Tensor<'i64'>
    return {
      inputIds: upload(arrays.inputIds),
      attentionMask: upload(arrays.attentionMask),
      tokenTypeIds: upload(arrays.tokenTypeIds),
    }
  }

  /** The text of tokens. @throws ValueError for a number without a token */
  decode(ids: Iterable<number | bigint>, { skipSpecialTokens = false }: DecodeOptions = {}): string {
    const kept: number[] = []
    for (const given of ids) {
      const id = Number(given)
      if (this.#library.id_to_token(id) === undefined)
        throw new ValueError(`decode: no token ${String(given)}; the vocabulary has ${this.size}`)
      if (!(skipSpecialTokens && this.specialIds.has(id))) kept.push(id)
    }
    return kept.length === 0 ? '' : this.#library.decode(kept, {})
  }

  /** The content of tokenizer.json. */
  toJson(): TokenizerJson {
    return structuredClone(this.#json)
  }

  /** Writes tokenizer.json and tokenizer_config.json into a folder; `Tokenizer.load` and Hugging Face's libraries read them. */
  async save(folder: string): Promise<void> {
    const config = { tokenizer_class: 'PreTrainedTokenizerFast', clean_up_tokenization_spaces: false, ...this.#config }
    await writeFileAtomic(join(folder, FILE), (file) => file.writeFile(`${JSON.stringify(this.#json, null, 1)}\n`))
    await writeFileAtomic(join(folder, CONFIG), (file) => file.writeFile(`${JSON.stringify(config, null, 2)}\n`))
  }

  async #batch(
    caller: string,
    texts: readonly TextOrPair[],
    options: BatchEncodeOptions,
    more: readonly string[],
  ): Promise<TokenArrays> {
    checkEncode(caller, options, more)
    if (!Array.isArray(texts)) throw new ValueError(`${caller}: takes a list of texts, found ${typeof texts}`)
    const rows: Row[] = []
    const slice = new Slice()
    for (const text of texts) {
      rows.push(this.#row(caller, text, options))
      await slice.rest()
    }
    const { pad: padToken } = this.specialTokens
    return pad(caller, rows, options, padToken === undefined ? undefined : this.#tokens.get(padToken))
  }

  #row(caller: string, text: TextOrPair, options: EncodeOptions): Row {
    const { addSpecialTokens = true, maxLength, truncation = 'longestFirst', truncationSide } = options
    const [first, second] = Array.isArray(text) ? (text as readonly [string, string]) : [text as string]
    const parts = [this.#bare(caller, first), second === undefined ? [] : this.#bare(caller, second)] as const
    const whole = this.#frames[second === undefined ? 0 : 1]
    const frame = addSpecialTokens ? whole : whole.filter((item) => 'text' in item)
    const room = (maxLength ?? Number.POSITIVE_INFINITY) - frame.filter((item) => 'id' in item).length
    if (room < 0) throw new ValueError(`${caller}: maxLength is ${maxLength}, less than the special tokens of a row`)
    const kept = share(caller, [parts[0].length, parts[1].length], room, truncation)
    const ids: number[] = []
    const types: number[] = []
    for (const item of frame) {
      const piece: readonly number[] =
        'text' in item ? cut(parts[item.text], kept[item.text], truncationSide) : [item.id]
      for (const id of piece) {
        ids.push(id)
        types.push(item.type)
      }
    }
    return { ids, types }
  }

  #bare(caller: string, text: string): number[] {
    return this.#encode(caller, checkText(caller, text))
  }

  /** What the post-processor puts around one text or two, seen by giving it one mark for each. */
  #frame(texts: 1 | 2): FrameItem[] {
    const marks = ['\u0000first', '\u0000second']
    // RoBERTa has one type, which both texts of a pair have; the library gives the second another.
    const untyped = this.#json.post_processor?.type === 'RobertaProcessing'
    const process = this.#library.post_processor
    const [first, second] = [[marks[0] as string], texts === 2 ? [marks[1] as string] : null]
    const made = process === null ? undefined : process(first, second, true)
    const tokens = made === undefined || made.tokens.length < texts ? marks.slice(0, texts) : made.tokens
    return tokens.map((token, i): FrameItem => {
      const type = (untyped ? undefined : made?.token_type_ids?.[i]) ?? 0
      const mark = marks.indexOf(token)
      if (mark >= 0) return { text: mark as 0 | 1, type }
      const id = this.#tokens.get(token)
      if (id !== undefined) return { id, type }
      throw new DataError('DATA_FILE', `Tokenizer: the post-processor adds '${token}', which is no token`)
    })
  }
}

function checkText(caller: string, text: unknown): string {
  if (typeof text === 'string') return text
  throw new ValueError(`${caller}: takes text, found ${text === null ? 'null' : typeof text}`)
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    const message = `${path}: ${(cause as Error).message}`
    throw new DataError('DATA_FILE', `Tokenizer: cannot read ${message}`, { cause })
  }
}
