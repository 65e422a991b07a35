// Where the records of a text file begin. Place in the whole: jsonLines and textLines, which read any of them directly.
import { Slice } from '../../slice.js'
import type { RandomFile } from './files.js'

/** What counts as a record: each line, each line that is not blank, or lines up to the next blank one. */
export type RecordKind = 'line' | 'filled line' | 'paragraph'

const NEWLINE = 10
const CHUNK = 1 << 18
const BOM = [0xef, 0xbb, 0xbf]

/** The offsets at which records begin, and last the file's size, in memory that workers share. */
export async function indexRecords(file: RandomFile, kind: RecordKind): Promise<Float64Array> {
  const starts = new Growing()
  const slice = new Slice()
  /** Where the line begins that is being read, and whether nothing but blanks were found in it. */
  let line = 0
  let blank = true
  let blankBefore = true
  const endLine = () => {
    const begins = kind === 'line' || (!blank && (kind === 'filled line' || blankBefore))
    if (begins) starts.push(line)
    blankBefore = blank
  }
  for (let at = 0; at < file.size; at += CHUNK) {
    const bytes = await file.read(at, CHUNK)
    let from = 0
    if (at === 0 && BOM.every((byte, i) => bytes[i] === byte)) line = from = BOM.length
    while (from < bytes.length) {
      const found = bytes.indexOf(NEWLINE, from)
      const end = found < 0 ? bytes.length : found
      for (let i = from; blank && i < end; i++) blank = (bytes[i] as number) <= 0x20
      if (found < 0) break
      endLine()
      from = found + 1
      line = at + from
      blank = true
    }
    await slice.rest()
  }
  if (line < file.size) endLine()
  starts.push(file.size)
  return starts.shared()
}

/** Numbers whose count is not known beforehand. */
class Growing {
  #values = new Float64Array(1024)
  #count = 0

  push(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(this.#count * 2)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.#count++] = value
  }

  shared(): Float64Array {
    const result = new Float64Array(new SharedArrayBuffer(this.#count * 8))
    result.set(this.#values.subarray(0, this.#count))
    return result
  }
}
