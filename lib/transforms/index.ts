// lib/transforms: preprocessing and augmentation of batches of images, with their boxes, masks and keypoints. Importing it gives tensors
// their methods too.
import '../ops/index.js'

export { type AugMixOptions, augMix } from './augMix.js'
export {
  type AutoAugmentOptions,
  autoAugment,
  type RandAugmentOptions,
  randAugment,
  type TrivialAugmentOptions,
  trivialAugmentWide,
} from './auto.js'
export type { AutoAugmentPolicy } from './autoPolicies.js'
export type { FixedTransform, ImageBatch, ImageTransform } from './batch.js'
export type { Colour, PaddingMode } from './change.js'
export {
  type BlurOptions,
  type ChanceOptions,
  colorJitter,
  gaussianBlur,
  grayscale,
  type JitterOptions,
  randomAdjustSharpness,
  randomAutocontrast,
  randomEqualize,
  randomGrayscale,
  randomInvert,
  randomPosterize,
  randomSolarize,
} from './color.js'
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
export { fiveCrop, tenCrop } from './crops.js'
export { type ElasticOptions, elasticTransform } from './elastic.js'
export { type ErasingOptions, randomErasing } from './erase.js'
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
export { cutMix, type MixOptions, type MixTransform, mixUp } from './mix.js'
export { gaussianNoise, type NoiseOptions } from './noise.js'
export { type NormalizeOptions, normalize, toDtype } from './normalize.js'
export type { Range } from './options.js'
export { IMAGENET, type ImageClassificationOptions, imageClassification } from './presets.js'
export { type SanitizeOptions, type SanitizeTransform, sanitizeBoundingBoxes } from './sanitize.js'
export type { Padding, PaddingOptions } from './windows.js'
