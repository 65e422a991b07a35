// Arrays in files as a dataset in memory. Place in the whole: MNIST and what NumPy saved, for loaders with workers or without.
import { resolve } from 'node:path'
import { didYouMean } from '../../suggest.js'
import type { TypedArray } from '../../tensor/dtype.js'
import type { HostArray } from '../batch.js'
import { copyInto } from '../batch.js'
import { ArrayDataset, type DatasetModule } from '../dataset.js'
import { DataError, RecordError } from '../errors.js'
import { readWhole } from './files.js'
import { isIdx, parseIdx } from './idx.js'
import { isNpy, parseNpy } from './npy.js'
import { isZip, parseNpz } from './npz.js'

type Fields = Readonly<Record<string, Required<HostArray>>>

/** An ArrayDataset whose memory is shared with the workers of a loader. */
export class SharedArrays<F extends Fields = Fields> extends ArrayDataset<F> implements DatasetModule {
  readonly module: string = import.meta.url
  readonly export: string = 'sharedArrays'
  readonly args: readonly unknown[]

  constructor(fields: F) {
    super(fields)
    this.args = [fields]
  }
}

/** What a worker makes of the fields that it was sent. */
export function sharedArrays(fields: Fields): SharedArrays {
  return new SharedArrays(fields)
}

/**
 * A dataset of the rows of arrays in files, read once and shared by all workers: `arrayFiles({ image: 'train-images-idx3-ubyte.gz',
 * label: 'train-labels-idx1-ubyte.gz' })`. Files are IDX or .npy, plain or gzip's, told by their first bytes; an array of a .npz file is
 * given as 'file.npz#name'.
 *
 * @throws DataError DATA_FILE for files that cannot be read, DATA_DATASET_INVALID where their first dimensions differ
 * @throws RecordError for files that are damaged or of another format
 */
export async function arrayFiles<K extends string>(
  paths: Readonly<Record<K, string>>,
): Promise<SharedArrays<Readonly<Record<K, Required<HostArray>>>>> {
  const entries = Object.entries<string>(paths).map(async ([field, path]) => {
    const { data, shape } = await readArray(path)
    return [field, { data: share(data), shape }] as const
  })
  return new SharedArrays(Object.fromEntries(await Promise.all(entries)) as Readonly<Record<K, Required<HostArray>>>)
}

async function readArray(where: string): Promise<Required<HostArray>> {
  const [, archive, name] = /^(.*\.npz)#(.*)$/i.exec(where) ?? []
  const file = resolve(archive ?? where)
  const bytes = await readWhole('arrayFiles', file)
  if (archive !== undefined) {
    const arrays = await parseNpz(bytes, file)
    const found = arrays[name as string]
    if (found !== undefined) return found
    const names = Object.keys(arrays)
    const message = `arrayFiles: ${archive} has no array '${name}'${didYouMean(name as string, names)}; it has ${names.join(', ')}`
    throw new DataError('DATA_FILE', message)
  }
  if (isNpy(bytes)) return parseNpy(bytes, file)
  if (isIdx(bytes)) return parseIdx(bytes, file)
  const hint = isZip(bytes) ? `a zip archive: name an array of it, '${where}#name'` : 'neither an IDX nor a .npy file'
  throw new RecordError(`is ${hint}`, { file, offset: 0 })
}

function share(data: TypedArray): TypedArray {
  const make = data.constructor as new (buffer: SharedArrayBuffer) => TypedArray
  const shared = new make(new SharedArrayBuffer(data.byteLength))
  copyInto(shared, data, 0)
  return shared
}
