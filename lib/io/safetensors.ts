// The safetensors format: 8 bytes of little-endian header length, a JSON header, the tensors' bytes. Place in the whole:
// pure TypeScript over bytes, known to checkpoints and model loaders; files are safetensors-file.ts. The definition
// followed is the reference crate's (huggingface/safetensors, "Format"); files are untrusted, so every number is checked
// before it is used, and no two tensors may share bytes or leave bytes unexplained.
import { SinterError } from '../errors.js'
import { JsonError, JsonNumber, type JsonObject, type JsonValue, parseStrictJson } from './strict-json.js'

/** Bytes an element, and at once the format's element types in the order in which its reference writer sorts them. */
const ELEMENT_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  C64: 8,
  F64: 8,
  I64: 8,
  U64: 8,
} as const

export type SafetensorsDType = keyof typeof ELEMENT_BYTES

export type SafetensorsErrorCode =
  | 'SAFETENSORS_TRUNCATED'
  | 'SAFETENSORS_HEADER_TOO_LARGE'
  | 'SAFETENSORS_HEADER_INVALID'
  | 'SAFETENSORS_DUPLICATE_KEY'
  | 'SAFETENSORS_METADATA_INVALID'
  | 'SAFETENSORS_DTYPE_UNKNOWN'
  | 'SAFETENSORS_SHAPE_INVALID'
  | 'SAFETENSORS_OFFSETS_INVALID'
  | 'SAFETENSORS_SIZE_MISMATCH'
  | 'SAFETENSORS_OUT_OF_FILE'
  | 'SAFETENSORS_OVERLAP'
  | 'SAFETENSORS_HOLE'
  | 'SAFETENSORS_TENSOR_MISSING'
  | 'SAFETENSORS_DTYPE_UNSUPPORTED'

export class SafetensorsError extends SinterError {
  /** The file, or the name the caller gave the bytes. */
  readonly file: string
  /** The tensor concerned, where one is. */
  readonly tensor: string | undefined

  constructor(code: SafetensorsErrorCode, file: string, message: string, tensor?: string) {
    super(code, `${file}: ${tensor === undefined ? '' : `tensor ${quote(tensor)}: `}${message}`)
    this.name = 'SafetensorsError'
    this.file = file
    this.tensor = tensor
  }
}

/** One tensor of a file; `begin` and `end` are byte offsets from the file's start. */
export interface SafetensorsEntry {
  readonly name: string
  readonly dtype: SafetensorsDType
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

export interface SafetensorsHeader {
  /** By name, in the order of their bytes. */
  readonly tensors: ReadonlyMap<string, SafetensorsEntry>
  readonly metadata: ReadonlyMap<string, string>
  /** Where the header ends and the tensors' bytes begin. */
  readonly dataStart: number
}

/** The reference reader's limit. */
export const MAX_HEADER_BYTES = 100_000_000
export const LENGTH_BYTES = 8
const MAX_RANK = 16

/**
 * The header's length, from the file's first 8 bytes.
 * @throws SafetensorsError when the file cannot hold it or the length passes the format's limit
 */
export function headerLength(first: Uint8Array, fileBytes: number, file: string): number {
  if (fileBytes < LENGTH_BYTES || first.byteLength < LENGTH_BYTES) {
    const found = `${fileBytes} byte${fileBytes === 1 ? '' : 's'}`
    throw new SafetensorsError('SAFETENSORS_TRUNCATED', file, `found ${found}, expected at least the 8 of the length`)
  }
  const length = new DataView(first.buffer, first.byteOffset, LENGTH_BYTES).getBigUint64(0, true)
  if (length > MAX_HEADER_BYTES) {
    const message = `the header claims ${length} bytes, the format allows ${MAX_HEADER_BYTES}: not a safetensors file?`
    throw new SafetensorsError('SAFETENSORS_HEADER_TOO_LARGE', file, message)
  }
  if (Number(length) > fileBytes - LENGTH_BYTES) {
    const message = `the header claims ${length} bytes, the file holds ${fileBytes - LENGTH_BYTES} after the length`
    throw new SafetensorsError('SAFETENSORS_TRUNCATED', file, message)
  }
  return Number(length)
}

/**
 * Reads and checks a header. `bytes` begins at the file's start and holds at least the header; `fileBytes` is the whole
 * file's size.
 * @throws SafetensorsError naming file and tensor, what was found and what was expected
 */
export function parseSafetensorsHeader(
  bytes: Uint8Array,
  fileBytes: number = bytes.byteLength,
  file: string = '<bytes>',
): SafetensorsHeader {
  const length = headerLength(bytes, fileBytes, file)
  const dataStart = LENGTH_BYTES + length
  if (bytes.byteLength < dataStart) {
    const message = `the header needs ${dataStart} bytes, ${bytes.byteLength} were given`
    throw new SafetensorsError('SAFETENSORS_TRUNCATED', file, message)
  }
  const root = parseJson(bytes.subarray(LENGTH_BYTES, dataStart), file)
  let metadata: ReadonlyMap<string, string> = new Map()
  const entries: SafetensorsEntry[] = []
  for (const [name, value] of root) {
    if (name === '__metadata__') metadata = checkMetadata(value, file)
    else entries.push(checkEntry(name, value, dataStart, fileBytes, file))
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  checkCoverage(entries, dataStart, fileBytes, file)
  return { tensors: new Map(entries.map((entry) => [entry.name, entry])), metadata, dataStart }
}

function parseJson(bytes: Uint8Array, file: string): JsonObject {
  const invalid = (what: string) => new SafetensorsError('SAFETENSORS_HEADER_INVALID', file, `header: ${what}`)
  // The reference asks for '{' at once, so that a tool can tell the format by its ninth byte.
  if (bytes[0] !== 0x7b) {
    throw invalid(bytes.length === 0 ? "empty, expected at least '{}'" : `begins with byte ${bytes[0]}, expected '{'`)
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw invalid('not valid UTF-8')
  }
  try {
    return parseStrictJson(text) as JsonObject
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    if (error.duplicateKey !== undefined) {
      throw new SafetensorsError('SAFETENSORS_DUPLICATE_KEY', file, `header: ${error.message}`)
    }
    throw invalid(error.message)
  }
}

function checkMetadata(value: JsonValue, file: string): ReadonlyMap<string, string> {
  const bad = (what: string) => new SafetensorsError('SAFETENSORS_METADATA_INVALID', file, `__metadata__: ${what}`)
  if (!(value instanceof Map)) throw bad(`found ${describe(value)}, expected an object of strings`)
  for (const [key, item] of value) {
    if (typeof item !== 'string') throw bad(`${quote(key)} is ${describe(item)}, expected a string`)
  }
  return value as Map<string, string>
}

function checkEntry(name: string, value: JsonValue, start: number, fileBytes: number, file: string): SafetensorsEntry {
  const bad = (code: SafetensorsErrorCode, what: string) => new SafetensorsError(code, file, what, name)
  if (!(value instanceof Map)) throw bad('SAFETENSORS_HEADER_INVALID', `found ${describe(value)}, expected an object`)
  for (const key of value.keys()) {
    if (key !== 'dtype' && key !== 'shape' && key !== 'data_offsets') {
      throw bad('SAFETENSORS_HEADER_INVALID', `unknown field ${quote(key)}, expected dtype, shape and data_offsets`)
    }
  }
  const dtype = value.get('dtype')
  if (typeof dtype !== 'string' || !Object.hasOwn(ELEMENT_BYTES, dtype)) {
    const known = Object.keys(ELEMENT_BYTES).join(', ')
    throw bad('SAFETENSORS_DTYPE_UNKNOWN', `dtype is ${describe(dtype)}, expected one of ${known}`)
  }
  const shape = sizes(value.get('shape'))
  if (shape === undefined || shape.length > MAX_RANK) {
    const expected = `at most ${MAX_RANK} non-negative integers`
    throw bad('SAFETENSORS_SHAPE_INVALID', `shape is ${describe(value.get('shape'))}, expected ${expected}`)
  }
  const offsets = sizes(value.get('data_offsets'))
  if (offsets?.length !== 2 || (offsets[0] as number) > (offsets[1] as number)) {
    const expected = 'two non-negative integers [begin, end] with begin <= end'
    throw bad(
      'SAFETENSORS_OFFSETS_INVALID',
      `data_offsets is ${describe(value.get('data_offsets'))}, expected ${expected}`,
    )
  }
  const [begin, end] = offsets as [number, number]
  const elementBytes = ELEMENT_BYTES[dtype as SafetensorsDType]
  // The product in BigInt: hostile shapes overflow a double long before they overflow this.
  const expected = shape.reduce((product, dim) => product * BigInt(dim), BigInt(elementBytes))
  if (expected !== BigInt(end - begin)) {
    const message = `${dtype} of shape (${shape.join(', ')}) needs ${expected} bytes, data_offsets [${begin}, ${end}] hold ${end - begin}`
    throw bad('SAFETENSORS_SIZE_MISMATCH', message)
  }
  if (end > fileBytes - start) {
    const message = `data_offsets [${begin}, ${end}] end outside the file, which holds ${fileBytes - start} bytes of data`
    throw bad('SAFETENSORS_OUT_OF_FILE', message)
  }
  return { name, dtype: dtype as SafetensorsDType, shape, begin: start + begin, end: start + end }
}

/** The entries, sorted by offset, must tile the data exactly. */
function checkCoverage(entries: readonly SafetensorsEntry[], start: number, fileBytes: number, file: string): void {
  let at = start
  let before = 'the header'
  for (const { name, begin, end } of entries) {
    const where = `begins at data offset ${begin - start}, but ${before} ends at ${at - start}`
    if (begin < at) throw new SafetensorsError('SAFETENSORS_OVERLAP', file, `overlap: it ${where}`, name)
    if (begin > at) throw new SafetensorsError('SAFETENSORS_HOLE', file, `unexplained bytes: it ${where}`, name)
    at = end
    before = `tensor ${quote(name)}`
  }
  if (at !== fileBytes) {
    const message = `${fileBytes - at} unexplained bytes at the end: ${before} ends at ${at}, the file at ${fileBytes}`
    throw new SafetensorsError('SAFETENSORS_HOLE', file, message)
  }
}

/** What is to be written: everything of an entry but its place. */
export interface SafetensorsItem {
  readonly name: string
  readonly dtype: SafetensorsDType
  readonly shape: readonly number[]
}

/**
 * Plans a file: the encoded length and header, and the items in the order in which their bytes must follow (larger
 * elements first, then by name, so that every tensor is aligned to its element).
 */
export function layoutSafetensors<T extends SafetensorsItem>(
  items: readonly T[],
  metadata: Readonly<Record<string, string>> = {},
): { header: Uint8Array; order: T[] } {
  const rank = new Map(Object.keys(ELEMENT_BYTES).map((dtype, i) => [dtype, i]))
  const place = (item: T) => rank.get(item.dtype) as number
  const order = [...items].sort((a, b) => place(b) - place(a) || compareBytes(a.name, b.name))
  const fields: string[] = []
  if (Object.keys(metadata).length > 0) fields.push(`"__metadata__":${JSON.stringify(metadata)}`)
  let at = 0
  for (const { name, dtype, shape } of order) {
    const end = at + shape.reduce((product, dim) => product * dim, ELEMENT_BYTES[dtype])
    fields.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [at, end] })}`)
    at = end
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`)
  const length = Math.ceil(json.length / LENGTH_BYTES) * LENGTH_BYTES
  const header = new Uint8Array(LENGTH_BYTES + length).fill(0x20)
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true)
  header.set(json, LENGTH_BYTES)
  return { header, order }
}

// The reference sorts names by their UTF-8 bytes; JavaScript's own order is by UTF-16 units.
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function sizes(value: JsonValue | undefined): number[] | undefined {
  if (!Array.isArray(value)) return undefined
  const result = value.map((item) => (item instanceof JsonNumber ? item.size : undefined))
  return result.includes(undefined) ? undefined : (result as number[])
}

const quote = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text)

/** A value of the header for a message, cut where it is long. */
function describe(value: JsonValue | undefined): string {
  if (value === undefined) return 'missing'
  if (value instanceof Map) return 'an object'
  if (value instanceof JsonNumber) return value.text.slice(0, 40)
  if (Array.isArray(value)) {
    const items = value.slice(0, 20).map(describe).join(', ')
    return `[${items}${value.length > 20 ? ', ...' : ''}]`.slice(0, 200)
  }
  return typeof value === 'string' ? quote(value) : String(value)
}
