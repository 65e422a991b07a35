// What torch.nn.utils.parametrizations has. Place in the whole: lib/nn gives it out as a namespace.
export { type OrthogonalMap, type OrthogonalOptions, orthogonal } from './orthogonal.js'
export { type SpectralNormOptions, spectralNorm } from './spectral-norm.js'
export { type WeightNormOptions, weightNorm } from './weight-norm.js'
