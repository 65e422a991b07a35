// Lines and JSON Lines as streams. Place in the whole: for files that are compressed, too many to index, or dealt to workers;
// jsonLines and textLines read any line directly.
import { known } from '../../check.js'
import { RecordError } from '../errors.js'
import { whole } from '../options.js'
import { FileStream, STREAM_OPTIONS, type StreamOptions } from './fileStream.js'
import { parseJson } from './jsonLines.js'
import { type Line, lineLists } from './lineStream.js'
import { MAX_BYTES } from './textRecords.js'

export interface LineStreamOptions extends StreamOptions {
  /** Longest line, in bytes; longer ones are corrupt records. Default 64 MiB. */
  readonly maxBytes?: number
}

interface FileLine extends Line {
  readonly file: string
}

async function* filledLines(
  who: string,
  file: string,
  maxBytes: number,
): AsyncGenerator<FileLine | RecordError, void, undefined> {
  for await (const list of lineLists(who, file, maxBytes)) {
    for (const line of list) {
      if (line instanceof RecordError) yield line
      else if (line.text.trim() !== '') yield { ...line, file }
    }
  }
}

function check(who: string, options: LineStreamOptions): number {
  known(who, options, [...STREAM_OPTIONS, 'maxBytes'])
  const { maxBytes = MAX_BYTES } = options
  whole(who, 'maxBytes', maxBytes, 1)
  return maxBytes
}

/**
 * The values of JSON Lines files, plain or gzip's: 'shard-{00..31}.jsonl.gz'. Blank lines are passed over; a line that is not JSON, not UTF-8
 * or too long is a RecordError in its place. `T` is the type of the values: to be collated they hold no null.
 */
export function jsonLinesStream<T = Record<string, any>>(
  paths: string | readonly string[],
  options: LineStreamOptions = {},
): FileStream<NoInfer<T>, FileLine> {
  const maxBytes = check('jsonLinesStream', options)
  const format = {
    name: 'jsonLinesStream',
    records: (file: string) => filledLines('jsonLinesStream', file, maxBytes),
    decode: ({ text, ...place }: FileLine) => parseJson(text, place) as T,
  }
  return new FileStream(format, paths, options, {
    module: import.meta.url,
    export: 'jsonLinesStream',
    args: [options],
  })
}

/** The lines of UTF-8 text files, plain or gzip's, without their ends; blank ones are passed over. */
export function textStream(
  paths: string | readonly string[],
  options: LineStreamOptions = {},
): FileStream<string, FileLine> {
  const maxBytes = check('textStream', options)
  const format = {
    name: 'textStream',
    records: (file: string) => filledLines('textStream', file, maxBytes),
    decode: ({ text }: FileLine) => text,
  }
  return new FileStream(format, paths, options, { module: import.meta.url, export: 'textStream', args: [options] })
}
