/** Preprocessing that models expect. Definition: torchvision.transforms._presets.ImageClassification. */
import { known } from '../check.js'
import type { FixedTransform } from './batch.js'
import { compose } from './compose.js'
import { centerCrop, type ResampleOptions, resize } from './crop.js'
import { type NormalizeOptions, normalize } from './normalize.js'

/** Means and standard deviations of ImageNet's channels, of values from 0 to 1. */
export const IMAGENET: Readonly<Required<NormalizeOptions>> = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
}

export interface ImageClassificationOptions extends ResampleOptions, Partial<NormalizeOptions> {
  /** Of the square that the model sees. Default 224. */
  cropSize?: number
  /** The shorter side before that. Default 256. */
  resizeSize?: number
}

/** Bytes, or numbers from 0 to 1, resized, cropped in the middle and normalized; by default for models trained on ImageNet. */
export function imageClassification(options: ImageClassificationOptions = {}): FixedTransform {
  known('imageClassification', options, ['cropSize', 'resizeSize', 'mean', 'std', 'interpolation', 'antialias'])
  const { cropSize = 224, resizeSize = 256, mean = IMAGENET.mean, std = IMAGENET.std, ...how } = options
  return compose([resize(resizeSize, how), centerCrop(cropSize), normalize({ mean, std })]) as FixedTransform
}
