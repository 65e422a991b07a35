// Windows of token files, for language models. Place in the whole: a dataset whose batches are read straight from the disk (the system
// keeps what is read often), whose order and places are the loader's; corpora may be larger than memory.
import { resolve } from 'node:path'
import type { HostBatch } from '../batch.js'
import type { BatchContext, SampleContext } from '../context.js'
import type { Dataset, DatasetModule } from '../dataset.js'
import { DataError } from '../errors.js'
import { checkOptions, whole } from '../options.js'
import { IGNORED, type PackedRow, packedBatch } from '../pack.js'
import { Reader } from '../readers/reader.js'
import { TokenFile, type TokenFileOptions } from './file.js'

export interface TokenWindowsOptions extends TokenFileOptions {
  /** Tokens a window. */
  readonly blockSize: number
  /**
   * So many windows an epoch, at random places, drawn by the loader's seed, epoch and sample. Without it: windows one after another that
   * do not overlap; what does not fill a last one is left out.
   */
  readonly samples?: number
  /** The id that ends a document: positions and segments then begin anew behind it, and it has no target. */
  readonly separator?: number
}

/** A window: tokens i32 (blockSize), and the token that follows each, i32 (blockSize). With a separator, a PackedRow. */
export type TokenWindow = Pick<PackedRow, 'tokens' | 'targets'> | PackedRow

/**
 * Windows of the token files `files`, which are one corpus in shards; no window spans two. Samples are {tokens, targets}, i32 (blockSize)
 * each; with a `separator` also {positions, segments}, and a batch has the `starts` that varlenAttention takes (see packSequences). The
 * result is a dataset, and can be given to a DataLoader with workers:
 *
 *     const training = await tokenWindows(['corpus-0.bin', 'corpus-1.bin'], { blockSize: 1024, samples: 100_000 })
 *     const loader = new DataLoader(training, { batchSize: 12, seed: 1, workers: 1 })
 *
 * @throws DataError DATA_FILE, RecordError as TokenFile.open; DATA_OPTIONS where no file has a window
 */
export async function tokenWindows(
  files: string | readonly string[],
  options: TokenWindowsOptions,
): Promise<TokenWindows> {
  const name = 'tokenWindows'
  checkOptions(name, options, ['dtype', 'blockSize', 'samples', 'separator'])
  const { dtype = 'u16', blockSize, samples, separator } = options
  whole(name, 'blockSize', blockSize, 1)
  if (samples !== undefined) whole(name, 'samples', samples, 0)
  if (separator !== undefined) whole(name, 'separator', separator, 0)
  const paths = (typeof files === 'string' ? [files] : files).map((file) => resolve(file))
  const shards: TokenFile[] = []
  for (const path of paths) shards.push(await TokenFile.open(path, { dtype }))
  // The working folder may have changed when a worker starts.
  const module = { module: import.meta.url, export: name, args: [paths, options] }
  return new TokenWindows(shards, options, module)
}

export class TokenWindows extends Reader implements Dataset<TokenWindow> {
  readonly length: number
  readonly files: readonly TokenFile[]
  readonly collate?: Dataset<TokenWindow>['collate'] & {}
  readonly #blockSize: number
  readonly #random: boolean
  readonly #separator: number | undefined
  /** Places where windows may begin (random), or windows (in sequence), in all files up to this one. */
  readonly #upTo: readonly number[]

  constructor(files: readonly TokenFile[], options: TokenWindowsOptions, from: DatasetModule) {
    super(from)
    const { blockSize, samples, separator } = options
    this.files = files
    this.#blockSize = blockSize
    this.#random = samples !== undefined
    this.#separator = separator
    let sum = 0
    this.#upTo = files.map(({ length }) => {
      const places = this.#random ? length - blockSize : Math.floor((length - 1) / blockSize)
      return (sum += Math.max(0, places))
    })
    if (sum === 0) {
      const longest = files.reduce((most, { length }) => Math.max(most, length), 0)
      const message = `tokenWindows: a window needs ${blockSize + 1} tokens (blockSize and one more), the longest of ${files.length} files has ${longest}`
      throw new DataError('DATA_OPTIONS', message)
    }
    this.length = samples ?? sum
    if (separator !== undefined) this.collate = (rows) => packedBatch(rows as PackedRow[])
  }

  async get(index: number, { random }: SampleContext): Promise<TokenWindow> {
    const [row] = await this.#windows([this.#random ? random.int(this.#upTo.at(-1) as number) : index])
    return row as TokenWindow
  }

  async getBatch(indices: Uint32Array, context: BatchContext): Promise<HostBatch> {
    const total = this.#upTo.at(-1) as number
    const places = Array.from(indices, (index, row) => (this.#random ? context.random(row).int(total) : index))
    const rows = await this.#windows(places)
    if (this.collate !== undefined) return this.collate(rows)
    const shape = [rows.length, this.#blockSize]
    return { tokens: joined(rows, 'tokens', shape), targets: joined(rows, 'targets', shape) }
  }

  /** The windows of such numbers, counted over the files. */
  async #windows(places: readonly number[]): Promise<TokenWindow[]> {
    const byFile = new Map<number, { row: number; start: number }[]>()
    for (const [row, place] of places.entries()) {
      const file = this.#upTo.findIndex((end) => end > place)
      const within = place - (file === 0 ? 0 : (this.#upTo[file - 1] as number))
      const start = this.#random ? within : within * this.#blockSize
      const others = byFile.get(file)
      if (others === undefined) byFile.set(file, [{ row, start }])
      else others.push({ row, start })
    }
    const rows = new Array<TokenWindow>(places.length)
    const count = this.#blockSize + 1
    for (const [file, wanted] of byFile) {
      const starts = wanted.map(({ start }) => start)
      const tokens = await (this.files[file] as TokenFile).windows(starts, count)
      for (const [i, { row }] of wanted.entries()) rows[row] = this.#row(tokens.subarray(i * count, (i + 1) * count))
    }
    return rows
  }

  #row(window: Int32Array): TokenWindow {
    const tokens = window.subarray(0, this.#blockSize)
    if (this.#separator === undefined) return { tokens, targets: window.subarray(1) }
    const targets = window.slice(1)
    const positions = new Int32Array(this.#blockSize)
    const segments = new Int32Array(this.#blockSize)
    let [position, segment] = [0, 1]
    for (const [i, token] of tokens.entries()) {
      positions[i] = position++
      segments[i] = segment
      if (token !== this.#separator) continue
      targets[i] = IGNORED
      position = 0
      segment++
    }
    return { tokens, targets, positions, segments }
  }
}

function joined(
  rows: readonly TokenWindow[],
  field: 'tokens' | 'targets',
  shape: readonly number[],
): { data: Int32Array; shape: readonly number[] } {
  const data = new Int32Array((shape[0] as number) * (shape[1] as number))
  for (const [i, row] of rows.entries()) data.set(row[field], i * (shape[1] as number))
  return { data, shape }
}
