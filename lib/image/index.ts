// lib/image: batches of images warped, cropped, recoloured and filtered, with one parameter for all images or one for each.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export {
  type Box,
  horizontalFlip,
  type ResizedCropOptions,
  type ResizeOptions,
  resize,
  resizedCrop,
  verticalFlip,
} from './crop.js'
export { adjustSharpness, gaussianBlur } from './filters.js'
export {
  type AffineOptions,
  affine,
  type Corners,
  type GeometryOptions,
  perspective,
  perspectiveCoefficients,
  type RotateOptions,
  rotate,
} from './geometry.js'
export type { PerImage } from './images.js'
export { adjustGamma, autocontrast, equalize, type GammaOptions, invert, posterize, solarize } from './levels.js'
export {
  type Adjustment,
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  type ColorStep,
  hsvToRgb,
  recolor,
  rgbToGrayscale,
  rgbToHsv,
} from './recolor.js'
export { type Fill, type Interpolation, type WarpOptions, warpAffine, warpPerspective } from './warp.js'
