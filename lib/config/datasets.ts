// Names of the readers of sinter/data. Place in the whole: called by builtin.ts. The file or folder that a reader takes first goes by its
// parameter's name, and is relative to the configuration's folder.
import type { AnyDataset, DatasetModule } from '../data/dataset.js'
import { imageFolder } from '../data/readers/index.js'
import { ValueError } from '../errors.js'
import { register } from './registry.js'

type Reader = (place: string, options: object) => Promise<AnyDataset<any> & DatasetModule>

const READERS: Readonly<Record<string, readonly [parameter: string, read: Reader]>> = {
  imageFolder: ['root', imageFolder],
}

export function registerReaders(): void {
  for (const [name, [parameter, read]] of Object.entries(READERS))
    register('dataset', name, async ({ [parameter]: place, ...options }, { resolve }) => {
      if (typeof place !== 'string') throw new ValueError(`${name}: ${parameter} is ${String(place)}, expected a path`)
      return await read(resolve(place), options)
    })
}
