// safetensors files and tensors. Place in the whole: between safetensors.ts (the format) and the engine. Reading maps
// the file, so that its bytes are the tensors' bytes and only those that are used are ever read; writing is atomic.
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { adopt } from '../engine/lifetime.js'
import { streamOf } from '../engine/stream.js'
import { DTypeError, ValueError } from '../errors.js'
import { loadNative } from '../native/load.js'
import { rawArray } from '../ops/convert.js'
import { tensor } from '../ops/creation.js'
import { BYTES, CODE, type DType, type TypedArray } from '../tensor/dtype.js'
import { numelOf } from '../tensor/shape.js'
import { Tensor } from '../tensor/tensor.js'
import { writeFileAtomic } from './atomic.js'
import {
  headerLength,
  LENGTH_BYTES,
  layoutSafetensors,
  parseSafetensorsHeader,
  type SafetensorsDType,
  type SafetensorsEntry,
  SafetensorsError,
  type SafetensorsHeader,
} from './safetensors.js'

const TO_FILE: Readonly<Partial<Record<DType, SafetensorsDType>>> = {
  f32: 'F32',
  f64: 'F64',
  bf16: 'BF16',
  f16: 'F16',
  i32: 'I32',
  i64: 'I64',
  u8: 'U8',
  i8: 'I8',
  bool: 'BOOL',
  c64: 'C64',
}
const FROM_FILE = Object.fromEntries(Object.entries(TO_FILE).map(([ours, theirs]) => [theirs, ours])) as Readonly<
  Partial<Record<SafetensorsDType, DType>>
>

/** Reads a file's header alone: names, dtypes, shapes, metadata. */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const first = new Uint8Array(Math.min(LENGTH_BYTES, size))
    await file.read(first, 0, first.length, 0)
    const bytes = new Uint8Array(LENGTH_BYTES + headerLength(first, size, path))
    let filled = 0
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, filled)
      if (bytesRead === 0) break
      filled += bytesRead
    }
    return parseSafetensorsHeader(bytes.subarray(0, filled), size, path)
  } finally {
    await file.close()
  }
}

export interface LoadOptions {
  /** Only these tensors. */
  readonly names?: Iterable<string>
}

/**
 * A file's tensors by name; one that was saved under several names comes under each. The file is mapped: nothing is copied, pages are read when they are used, and writing to a
 * tensor does not change the file. Whoever shortens a mapped file in place breaks its readers; replacing or removing it
 * is harmless.
 * @throws SafetensorsError for a malformed file, a name it lacks, or an element type that no tensor has
 */
export async function loadSafetensors(path: string, { names }: LoadOptions = {}): Promise<Map<string, Tensor>> {
  const stored = withShared(await readSafetensorsHeader(path))
  const wanted = names === undefined ? [...stored.values()] : pick(stored, names, path)
  const entries = wanted.map((entry) => [entry, dtypeFor(entry, path)] as const)
  const tensors = new Map<string, Tensor>()
  if (entries.length === 0) return tensors
  const file = mapFile(path)
  try {
    for (const [entry, dtype] of entries) tensors.set(entry.name, view(file, entry, dtype, path))
  } finally {
    file.dispose()
  }
  return tensors
}

export interface SaveOptions {
  /**
   * What becomes of a tensor under several names, as tied weights are: 'once' stores it under its first name and notes the others in the
   * metadata ({other: first}), as Hugging Face's safetensors.torch.save_model does; `loadSafetensors` gives it under all names again, and
   * safetensors.torch.load_model ties it. 'each' stores it under every name, for readers that know nothing of this. Default 'once'.
   */
  readonly shared?: 'once' | 'each'
}

/**
 * Writes tensors (a state dict, say) to a file that appears whole or not at all.
 * @throws ValueError for an unknown `shared`
 * @throws DTypeError for a c128 tensor, which the format does not have
 */
export async function saveSafetensors(
  path: string,
  tensors: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
  options: SaveOptions = {},
): Promise<void> {
  const { header, order } = safetensorsContent(tensors, metadata, options)
  await writeFileAtomic(path, async (file) => {
    await file.writeFile(header)
    for (const value of order) {
      const data = await value.rawData()
      await file.writeFile(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength))
    }
  })
}

/** What a file of these tensors holds: a header, then their elements in this order. Arguments and errors are `saveSafetensors`'. */
export function safetensorsContent(
  tensors: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
  { shared = 'once' }: SaveOptions = {},
): { readonly header: Uint8Array; readonly order: readonly Tensor[] } {
  if (shared !== 'once' && shared !== 'each')
    throw new ValueError(`saveSafetensors: shared is ${String(shared)}, expected 'once' or 'each'`)
  const entries = tensors instanceof Map ? [...tensors] : Object.entries(tensors as Readonly<Record<string, Tensor>>)
  const items = entries.map(([name, value]: [string, Tensor]) => {
    const dtype = TO_FILE[value.dtype]
    if (dtype === undefined)
      throw new DTypeError(`saveSafetensors: ${name} is ${value.dtype}, which the format does not have`)
    if (name === '__metadata__')
      throw new DTypeError("saveSafetensors: '__metadata__' cannot name a tensor: the format uses it")
    return { name, dtype, shape: value.shape, value }
  })
  const first = new Map<string, string>()
  const others: Record<string, string> = {}
  const stored = items.filter(({ name, value }) => {
    const kept = first.get(keyOf(value))
    if (kept === undefined || shared === 'each' || name in metadata) {
      first.set(keyOf(value), kept ?? name)
      return true
    }
    others[name] = kept
    return false
  })
  const { header, order } = layoutSafetensors(stored, { ...metadata, ...others })
  return { header, order: order.map(({ value }) => value) }
}

/** One for all names of the same elements. */
const keyOf = (t: Tensor): string => `${t.device} ${t._use('saveSafetensors')}`

/** A header's entries, and those that its metadata calls other names of them. */
function withShared({ tensors, metadata }: SafetensorsHeader): Map<string, SafetensorsEntry> {
  const all = new Map(tensors)
  for (const [name, kept] of metadata) {
    const entry = tensors.get(kept)
    if (entry !== undefined && !tensors.has(name)) all.set(name, { ...entry, name })
  }
  return all
}

function pick(
  stored: ReadonlyMap<string, SafetensorsEntry>,
  names: Iterable<string>,
  path: string,
): SafetensorsEntry[] {
  return [...names].map((name) => {
    const entry = stored.get(name)
    if (entry === undefined) throw new SafetensorsError('SAFETENSORS_TENSOR_MISSING', path, 'not in the file', name)
    return entry
  })
}

function dtypeFor({ name, dtype }: SafetensorsEntry, path: string): DType {
  const ours = FROM_FILE[dtype]
  if (ours !== undefined) return ours
  const expected = Object.keys(FROM_FILE).join(', ')
  const message = `dtype is ${dtype}, which no tensor has; tensors take ${expected}`
  throw new SafetensorsError('SAFETENSORS_DTYPE_UNSUPPORTED', path, message, name)
}

/** The whole file as one tensor of bytes. */
function mapFile(path: string): Tensor {
  const [storage, bytes] = loadNative().mapFile(resolve(path))
  const stream = streamOf('cpu')
  const file = new Tensor(stream, stream.newId(), 'u8', [bytes], null)
  stream.emitBind(file._id, storage, CODE.u8, 0, file.shape)
  adopt(file)
  return file
}

function view(file: Tensor, { name, shape, begin, end }: SafetensorsEntry, dtype: DType, path: string): Tensor {
  if (end > file.numel) {
    const message = `ends at byte ${end} of a file that has become ${file.numel} bytes long`
    throw new SafetensorsError('SAFETENSORS_OUT_OF_FILE', path, message, name)
  }
  const stream = file._stream
  const source = file._use('loadSafetensors')
  const size = BYTES[dtype]
  if (numelOf(shape) === 0) return tensor(rawArray(dtype, 0) as TypedArray, { dtype, shape })
  if (begin % size !== 0) return unaligned(file, begin, dtype, shape)
  const t = new Tensor(stream, stream.newId(), dtype, shape, null)
  t._base = source
  stream.retain(source)
  stream.emitView(t._id, source, CODE[dtype], begin / size, shape, t.strides)
  adopt(t)
  return t
}

/** A file by another writer may place elements where no pointer to them is allowed: then the bytes are copied. */
function unaligned(file: Tensor, begin: number, dtype: DType, shape: readonly number[]): Tensor {
  const array = rawArray(dtype, numelOf(shape))
  const bytes = new Uint8Array(array.buffer as ArrayBuffer)
  const part = new Tensor(file._stream, file._stream.newId(), 'u8', [bytes.length], null)
  part._base = file._use('loadSafetensors')
  file._stream.retain(part._base)
  file._stream.emitView(part._id, part._base, CODE.u8, begin, part.shape, part.strides)
  file._stream.readSync(part._id, CODE.u8, bytes)
  part.dispose()
  return tensor(array, { dtype, shape })
}
