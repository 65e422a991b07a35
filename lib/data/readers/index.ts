// lib/data/readers: datasets over files.
export type { ImageOptions } from './decodeImage.js'
export { IMAGE_EXTENSIONS, type ImageFolderOptions, imageFolder } from './imageFolder.js'
export { ImageDataset, type ImageSample } from './images.js'
