// A folder of images for each class. Place in the whole: the reader that most users begin with; the layout is that of
// torchvision.datasets.ImageFolder.
import { resolve } from 'node:path'
import { known } from '../../check.js'
import { CLASS_FOLDER_OPTIONS, type ClassFolderOptions, classFolders } from './classFolders.js'
import { IMAGE_OPTIONS, ImageDecoder, type ImageOptions } from './decodeImage.js'
import { ImageDataset } from './images.js'

/** Endings of files that are taken for images. */
export const IMAGE_EXTENSIONS: readonly string[] = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.avif', '.tif', '.tiff']

export interface ImageFolderOptions extends ImageOptions, ClassFolderOptions {}

/**
 * Images in folders that are named for their classes: root/cat/1.jpg, root/dog/deep/2.png. Classes are numbered in the order of their
 * names, files are ordered by class and path. Samples are {image: u8 (3, height, width), label: i32}. The result is a dataset, and
 * can be given to a DataLoader with workers.
 *
 * @throws DataError DATA_FILE where there is no such folder, no class in it, or a class without images
 * @throws ValueError, DataError DATA_OPTIONS for options that are not as described
 */
export async function imageFolder(root: string, options: ImageFolderOptions = {}): Promise<ImageDataset> {
  known('imageFolder', options, [...IMAGE_OPTIONS, ...CLASS_FOLDER_OPTIONS])
  const { classes, extensions, allowEmpty, ...image } = options
  const decoder = await ImageDecoder.create('imageFolder', image)
  const list = await classFolders('imageFolder', root, IMAGE_EXTENSIONS, options)
  // The working folder may have changed when a worker starts.
  return new ImageDataset(list, decoder, {
    module: import.meta.url,
    export: 'imageFolder',
    args: [resolve(root), options],
  })
}
