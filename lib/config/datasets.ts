// Names of the readers of sinter/data. Place in the whole: called by builtin.ts. The file or folder that a reader takes first goes by its
// parameter's name, and is relative to the configuration's folder.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { known } from '../check.js'
import type { AnyDataset, DatasetModule } from '../data/dataset.js'
import {
  arrayFiles,
  audioFolder,
  csvStream,
  imageFolder,
  jsonLines,
  parquetStream,
  SharedArrays,
  textFiles,
  textLines,
  webDataset,
} from '../data/readers/index.js'
import { tokenWindows } from '../data/tokens/windows.js'
import { ShapeError, ValueError } from '../errors.js'
import { show } from '../tensor/shape.js'
import { type Options, register } from './registry.js'

type Read = AnyDataset<any> & DatasetModule
type Reader = (place: any, options: any) => Read | Promise<Read>

const READERS: Readonly<Record<string, readonly [parameter: string, read: Reader]>> = {
  audioFolder: ['root', audioFolder],
  csvStream: ['paths', csvStream],
  imageFolder: ['root', imageFolder],
  jsonLines: ['path', jsonLines],
  parquetStream: ['paths', parquetStream],
  textFiles: ['root', textFiles],
  textLines: ['path', textLines],
  mnist: ['root', mnist],
  tokenWindows: ['files', tokenWindows],
  webDataset: ['paths', webDataset],
}
/** Parameters that may be lists. */
const LISTS = ['files', 'paths']

export function registerReaders(): void {
  for (const [name, [parameter, read]] of Object.entries(READERS))
    register('dataset', name, async ({ [parameter]: place, ...options }, { resolve }) => {
      const isList = LISTS.includes(parameter) && Array.isArray(place) && place.every((one) => typeof one === 'string')
      if (isList) return await read(place.map(resolve), options)
      if (typeof place !== 'string') throw new ValueError(`${name}: ${parameter} is ${String(place)}, expected a path`)
      return await read(resolve(place), options)
    })
  // Fields by name, each a file.
  register('dataset', 'arrayFiles', async (fields, { resolve }) => {
    const odd = Object.entries(fields).find(([, path]) => typeof path !== 'string')
    if (odd !== undefined) throw new ValueError(`arrayFiles: ${odd[0]} is ${String(odd[1])}, expected a path`)
    return await arrayFiles(
      Object.fromEntries(Object.entries(fields).map(([name, path]) => [name, resolve(String(path))])),
    )
  })
}

/**
 * MNIST, and what has its files' names, such as Fashion-MNIST: images u8 (n, 1, h, w) and labels i32 (n) of the part 'train' (the default)
 * or 'test', from files that may be compressed.
 */
async function mnist(root: string, options: Options): Promise<SharedArrays> {
  known('mnist', options, ['part'])
  const { part = 'train' } = options
  if (part !== 'train' && part !== 'test')
    throw new ValueError(`mnist: part is ${String(part)}, expected 'train' or 'test'`)
  const file = (what: string): string => {
    const path = join(root, `${part === 'train' ? 'train' : 't10k'}-${what}-ubyte`)
    return existsSync(path) ? path : `${path}.gz`
  }
  const { fields } = await arrayFiles({ image: file('images-idx3'), label: file('labels-idx1') })
  const { image, label } = fields
  const [n, height, width] = image.shape
  if (image.shape.length !== 3) throw new ShapeError(`mnist: images are ${show(image.shape)}, expected (n, h, w)`)
  const shared = new Int32Array(new SharedArrayBuffer(4 * label.data.length))
  shared.set(Int32Array.from(label.data as Uint8Array))
  return new SharedArrays({
    image: { data: image.data, shape: [n as number, 1, height as number, width as number] },
    label: { data: shared, shape: label.shape },
  })
}
