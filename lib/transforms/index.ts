// lib/transforms: preprocessing and augmentation of batches of images, with their boxes, masks and keypoints. Importing it gives tensors
// their methods too.
import '../ops/index.js'

export type { FixedTransform, ImageBatch, ImageTransform } from './batch.js'
export type { PaddingMode } from './change.js'
export { type ChoiceOptions, compose, randomApply, randomChoice } from './compose.js'
export {
  type CropOptions,
  centerCrop,
  pad,
  type ResampleOptions,
  type ResizedCropOptions,
  type ResizeOptions,
  randomCrop,
  randomResizedCrop,
  resize,
} from './crop.js'
export {
  type AffineOptions,
  type PerspectiveOptions,
  type RotationOptions,
  randomAffine,
  randomHorizontalFlip,
  randomPerspective,
  randomRotation,
  randomVerticalFlip,
  type WarpOptions,
} from './geometry.js'
export type { Range } from './options.js'
export type { Padding, PaddingOptions } from './windows.js'
