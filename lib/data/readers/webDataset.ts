// WebDataset shards: tar archives in which the files of one sample follow each other and share a name. Place in the whole: the reader of
// large collections. Definition: the WebDataset library's README (Aizman, Maltby and Breuel, "High Performance I/O For Large Scale
// Deep Learning", 2019).
import { known } from '../../check.js'
import type { Sample } from '../batch.js'
import { int } from '../dataset.js'
import { RecordError } from '../errors.js'
import { whole } from '../options.js'
import { AUDIO_EXTENSIONS, audioArray, decodeAudio } from './decodeAudio.js'
import { checkImageOptions, ImageDecoder, type ImageOptions } from './decodeImage.js'
import { FileStream, STREAM_OPTIONS, type StreamOptions } from './fileStream.js'
import { IMAGE_EXTENSIONS } from './imageFolder.js'
import { parseJson } from './jsonLines.js'
import { parseNpy } from './npy.js'
import { parseNpz } from './npz.js'
import { type TarEntry, tarEntries } from './tarEntries.js'

export interface WebDatasetOptions extends StreamOptions {
  /**
   * Fields of a sample and the files that they come from: { image: 'jpg;png', label: 'cls' }; of several extensions the first that is
   * there. Default: every file, under its extension.
   */
  readonly fields?: Readonly<Record<string, string>>
  /** How images are decoded. */
  readonly image?: ImageOptions
  /** Largest file in a shard, in bytes. Default 1 GiB. */
  readonly maxBytes?: number
}

/** The files of one sample, by extension. */
interface Group {
  readonly key: string
  readonly file: string
  readonly entries: ReadonlyMap<string, Content>
}

type Content = TarEntry & { readonly bytes: Buffer }

/** Images decoded at a time. */
const AT_ONCE = 8

/**
 * The name of the sample and the extension of a file: 'a/b.seg.png' is seg.png of a/b. Files without one belong to no sample.
 */
function nameOf(path: string): { key: string; extension: string } | undefined {
  const [, key, extension] = /^((?:.*\/)?[^/.]+)\.([^/]+)$/.exec(path) ?? []
  return key === undefined ? undefined : { key, extension: (extension as string).toLowerCase() }
}

async function* groups(file: string, maxBytes: number): AsyncGenerator<Group | RecordError, void, undefined> {
  let key: string | undefined
  let entries = new Map<string, Content>()
  let broken = false
  for await (const entry of tarEntries('webDataset', file, maxBytes)) {
    if (entry instanceof RecordError) {
      // What it had begun is not whole.
      broken = true
      entries = new Map()
      yield entry
      continue
    }
    const name = nameOf(entry.name)
    if (name === undefined) continue
    if (name.key !== key) {
      if (key !== undefined && entries.size > 0 && !broken) yield { key, file, entries }
      key = name.key
      entries = new Map()
      broken = false
    }
    if (entries.has(name.extension)) {
      broken = true
      yield new RecordError(`sample '${key}' has two files .${name.extension}`, { file, offset: entry.offset })
    }
    const { bytes, size, offset } = entry
    if (bytes !== undefined) entries.set(name.extension, { ...entry, bytes })
    else {
      broken = true
      yield new RecordError(`${entry.name} of ${size} bytes is larger than maxBytes, ${maxBytes}`, { file, offset })
    }
  }
  if (key !== undefined && entries.size > 0 && !broken) yield { key, file, entries }
}

class Decoder {
  readonly #options: WebDatasetOptions
  #images: Promise<ImageDecoder> | undefined

  constructor(options: WebDatasetOptions) {
    this.#options = options
  }

  async decode({ key, file, entries }: Group): Promise<Record<string, Sample>> {
    const fields = this.#options.fields ?? Object.fromEntries([...entries.keys()].map((name) => [name, name]))
    const sample: Record<string, Sample> = { __key__: key }
    for (const [field, extensions] of Object.entries(fields)) {
      const extension = extensions.split(';').find((name) => entries.has(name))
      const entry = extension === undefined ? undefined : entries.get(extension)
      if (extension === undefined || entry === undefined) {
        const [first] = entries.values()
        const reason = `sample '${key}' has no file .${extensions}; it has .${[...entries.keys()].join(', .')}`
        throw new RecordError(reason, { file, offset: first?.offset })
      }
      sample[field] = await this.#value(extension, entry, file)
    }
    return sample
  }

  async #value(extension: string, { name, bytes, offset }: Content, file: string): Promise<Sample> {
    const place = { file, offset }
    const last = `.${extension.split('.').at(-1)}`
    if (IMAGE_EXTENSIONS.includes(last)) {
      this.#images ??= ImageDecoder.create('webDataset', this.#options.image ?? {})
      const decoder = await this.#images
      return decoder.array(await decoder.decode(bytes, file, offset))
    }
    if (AUDIO_EXTENSIONS.includes(last)) return audioArray(await decodeAudio(bytes, file, offset))
    switch (last) {
      case '.json':
        return parseJson(text(bytes, name, place), place) as Sample
      case '.txt':
      case '.text':
        return text(bytes, name, place)
      case '.cls':
      case '.cls2':
      case '.index':
      case '.id': {
        const value = text(bytes, name, place).trim()
        const number = Number(value)
        if (value !== '' && Number.isInteger(number) && Math.abs(number) < 2 ** 31) return int(number)
        throw new RecordError(
          `${name} is ${JSON.stringify(value.slice(0, 40))}, expected a whole number of 32 bits`,
          place,
        )
      }
      case '.npy':
        return parseNpy(bytes, `${file}/${name}`)
      case '.npz':
        return parseNpz(bytes, `${file}/${name}`)
      default:
        return new Uint8Array(bytes)
    }
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })

function text(bytes: Buffer, name: string, place: { file: string; offset: number }): string {
  try {
    return UTF8.decode(bytes)
  } catch (cause) {
    throw new RecordError(`${name} is not valid utf-8 text`, place, { cause })
  }
}

/**
 * The samples of WebDataset shards: 'train-{0000..0127}.tar', plain or gzip's. Files are decoded by their extension: images (u8, as
 * imageFolder's), .wav, .flac and .ogg (f32 (channels, frames)), .npy and .npz, .json, .txt and .text, .cls, .index and .id (whole numbers, i32);
 * others are bytes. A sample's name is its field `__key__`. With several shards they are dealt to processes and workers (`sharded`).
 *
 * `T` is the type of the samples.
 *
 * A sample that is damaged or lacks a field is a RecordError in its place; so is the rest of a shard that is damaged or cut off.
 * @throws ValueError, DataError DATA_OPTIONS for options that are not as described
 */
export function webDataset<T = Record<string, any>>(
  paths: string | readonly string[],
  options: WebDatasetOptions = {},
): FileStream<NoInfer<T>, Group> {
  known('webDataset', options, [...STREAM_OPTIONS, 'fields', 'image', 'maxBytes'])
  checkImageOptions('webDataset', options.image ?? {})
  const { maxBytes = 1 << 30 } = options
  whole('webDataset', 'maxBytes', maxBytes, 1)
  const decoder = new Decoder(options)
  const format = {
    name: 'webDataset',
    records: (file: string) => groups(file, maxBytes),
    decode: (group: Group) => decoder.decode(group) as Promise<T>,
    atOnce: AT_ONCE,
  }
  const from = { module: import.meta.url, export: 'webDataset', args: [options] }
  return new FileStream(format, paths, options, from, true)
}
