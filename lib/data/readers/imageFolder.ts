// A folder of images for each class. Place in the whole: the reader that most users begin with; the layout is that of
// torchvision.datasets.ImageFolder.
import { join, resolve } from 'node:path'
import { known } from '../../nn/check.js'
import { didYouMean } from '../../suggest.js'
import { DataError } from '../errors.js'
import { IMAGE_OPTIONS, ImageDecoder, type ImageOptions } from './decodeImage.js'
import { filesBelow, subfolders } from './files.js'
import { ImageDataset } from './images.js'

/** Endings of files that are taken for images. */
export const IMAGE_EXTENSIONS: readonly string[] = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.avif', '.tif', '.tiff']

export interface ImageFolderOptions extends ImageOptions {
  /** Names of the folders to take, in the order of their numbers. Default: all of them, sorted. */
  readonly classes?: readonly string[]
  /** Endings of the files to take, default IMAGE_EXTENSIONS; any that sharp can decode. */
  readonly extensions?: readonly string[]
  /** Take classes without images. Default false: they are an error. */
  readonly allowEmpty?: boolean
}

/**
 * Images in folders that are named for their classes: root/cat/1.jpg, root/dog/deep/2.png. Classes are numbered in the order of their
 * names, files are ordered by class and path. Samples are {image: u8 (3, height, width), label: i32}. The result is a dataset, and
 * can be given to a DataLoader with workers.
 *
 * @throws DataError DATA_FILE where there is no such folder, no class in it, or a class without images
 * @throws ValueError, DataError DATA_OPTIONS for options that are not as described
 */
export async function imageFolder(root: string, options: ImageFolderOptions = {}): Promise<ImageDataset> {
  const { classes: wanted, extensions = IMAGE_EXTENSIONS, allowEmpty = false, ...image } = options
  known('imageFolder', options, [...IMAGE_OPTIONS, 'classes', 'extensions', 'allowEmpty'])
  const decoder = await ImageDecoder.create('imageFolder', image)
  const found = await subfolders('imageFolder', root)
  if (found.length === 0)
    throw new DataError('DATA_FILE', `imageFolder: ${root} has no folders: expected one for each class`)
  const classes = wanted ?? found
  for (const name of classes) {
    if (found.includes(name)) continue
    const message = `imageFolder: ${root} has no folder '${name}'${didYouMean(name, found)}`
    throw new DataError('DATA_FILE', message)
  }
  const lowered = extensions.map((extension) => extension.toLowerCase())
  const byClass = await Promise.all(classes.map((name) => filesBelow('imageFolder', join(root, name), lowered)))
  const empty = byClass.findIndex((files) => files.length === 0)
  if (empty >= 0 && !allowEmpty) {
    const message = `imageFolder: class '${classes[empty]}' of ${root} has no files ending in ${lowered.join(', ')}`
    throw new DataError('DATA_FILE', `${message}; set allowEmpty to take it nevertheless`)
  }
  const labels = Int32Array.from(byClass.flatMap((files, label) => files.map(() => label)))
  const list = { files: byClass.flat(), labels, classes }
  // The working folder may have changed when a worker starts.
  return new ImageDataset(list, decoder, {
    module: import.meta.url,
    export: 'imageFolder',
    args: [resolve(root), options],
  })
}
