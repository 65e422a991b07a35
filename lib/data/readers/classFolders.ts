// A folder of files for each class. Place in the whole: what imageFolder and audioFolder have in common; the layout is that of
// torchvision.datasets.DatasetFolder.
import { join } from 'node:path'
import { didYouMean } from '../../suggest.js'
import type { DatasetModule } from '../dataset.js'
import { DataError } from '../errors.js'
import { filesBelow, subfolders } from './files.js'
import { Reader } from './reader.js'

export interface ClassFolderOptions {
  /** Names of the folders to take, in the order of their numbers. Default: all of them, sorted. */
  readonly classes?: readonly string[]
  /** Endings of the files to take. Default: those of the formats that the reader knows. */
  readonly extensions?: readonly string[]
  /** Take classes without files. Default false: they are an error. */
  readonly allowEmpty?: boolean
}

export const CLASS_FOLDER_OPTIONS: readonly (keyof ClassFolderOptions)[] = ['classes', 'extensions', 'allowEmpty']

/** Files, and of each the number of its class. */
export interface ClassFiles {
  readonly files: readonly string[]
  readonly labels: Int32Array
  /** Names of the classes, in the order of their numbers. */
  readonly classes: readonly string[]
}

/** Files and their classes, by index: what datasets of them have in common. */
export abstract class ClassFolderDataset extends Reader {
  readonly #list: ClassFiles

  constructor(list: ClassFiles, from: DatasetModule) {
    super(from)
    this.#list = list
  }

  get length(): number {
    return this.#list.files.length
  }

  /** Paths, in the order of the samples. */
  get files(): readonly string[] {
    return this.#list.files
  }

  /** Numbers of the classes, in the order of the samples. */
  get labels(): Int32Array {
    return this.#list.labels
  }

  get classes(): readonly string[] {
    return this.#list.classes
  }

  /** @throws DataError DATA_OPTIONS where there is no such sample */
  protected fileOf(index: number): string {
    const file = this.files[index]
    if (file !== undefined) return file
    throw new DataError('DATA_OPTIONS', `${this.constructor.name}: sample ${index} of ${this.length}`, { index })
  }
}

/** @throws DataError DATA_FILE where there is no such folder, no class in it, or a class without files */
export async function classFolders(
  who: string,
  root: string,
  defaultExtensions: readonly string[],
  { classes: wanted, extensions = defaultExtensions, allowEmpty = false }: ClassFolderOptions,
): Promise<ClassFiles> {
  const found = await subfolders(who, root)
  if (found.length === 0)
    throw new DataError('DATA_FILE', `${who}: ${root} has no folders: expected one for each class`)
  const classes = wanted ?? found
  for (const name of classes) {
    if (!found.includes(name))
      throw new DataError('DATA_FILE', `${who}: ${root} has no folder '${name}'${didYouMean(name, found)}`)
  }
  const lowered = extensions.map((extension) => extension.toLowerCase())
  const byClass = await Promise.all(classes.map((name) => filesBelow(who, join(root, name), lowered)))
  const empty = byClass.findIndex((files) => files.length === 0)
  if (empty >= 0 && !allowEmpty) {
    const message = `${who}: class '${classes[empty]}' of ${root} has no files ending in ${lowered.join(', ')}`
    throw new DataError('DATA_FILE', `${message}; set allowEmpty to take it nevertheless`)
  }
  const labels = Int32Array.from(byClass.flatMap((files, label) => files.map(() => label)))
  return { files: byClass.flat(), labels, classes }
}
