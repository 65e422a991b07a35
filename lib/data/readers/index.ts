// lib/data/readers: datasets over files.
export { arrayFiles, SharedArrays } from './arrayFiles.js'
export { AudioDataset, type AudioFolderOptions, type AudioSample, audioFolder } from './audioFolder.js'
export { type CsvFormat, type CsvOptions, type CsvTable, type CsvType, csvStream, readCsv } from './csv.js'
export { type Audio, decodeAudio } from './decodeAudio.js'
export type { ImageOptions } from './decodeImage.js'
export { FileStream, type StreamOptions } from './fileStream.js'
export { readIdx } from './idx.js'
export { IMAGE_EXTENSIONS, type ImageFolderOptions, imageFolder } from './imageFolder.js'
export { ImageDataset, type ImageSample } from './images.js'
export { JsonLines, type JsonLinesOptions, jsonLines } from './jsonLines.js'
export { jsonLinesStream, type LineStreamOptions, textStream } from './lineStreams.js'
export { readNpy } from './npy.js'
export { readNpz } from './npz.js'
export { type ParquetOptions, parquetStream } from './parquet.js'
export {
  TextFiles,
  type TextFilesOptions,
  TextLines,
  type TextLinesOptions,
  type TextOptions,
  textFiles,
  textLines,
} from './textLines.js'
export { type WebDatasetOptions, webDataset } from './webDataset.js'
