/**
 * What the fuzzer calls: operators with random shapes, dtypes and arguments, right and, now and then, wrong ones. Place in the
 * whole: a file a family, a line or two an operator; catalog.test.ts holds it complete.
 */
import type { Entry } from '../draw.js'
import { complex } from './complex.js'
import { creation } from './creation.js'
import { functions } from './functions.js'
import { groups } from './groups.js'
import { indexing } from './indexing.js'
import { inplace } from './inplace.js'
import { inplaceOthers } from './inplace-others.js'
import { layers } from './layers.js'
import { algebra, products } from './linalg.js'
import { losses } from './losses.js'
import { optimizers } from './optimizers.js'
import { pointwise } from './pointwise.js'
import { quantized } from './quant.js'
import { recurrent } from './recurrent.js'
import { reductions } from './reductions.js'
import { signals } from './signals.js'
import { sparseProducts } from './sparse.js'
import { transforms } from './transforms.js'
import { views } from './views.js'
import { windows } from './windows.js'

export const CATALOG: readonly Entry[] = [
  ...pointwise,
  ...functions,
  ...complex,
  ...reductions,
  ...views,
  ...indexing,
  ...products,
  ...algebra,
  ...windows,
  ...layers,
  ...recurrent,
  ...losses,
  ...transforms,
  ...creation,
  ...inplace,
  ...inplaceOthers,
  ...optimizers,
  ...quantized,
  ...groups,
  ...sparseProducts,
  ...signals,
]

const ASYNCHRONOUS = 'waits for what its synchronous form, which is in the catalogue, reads'
const TRANSFORM = 'makes a transform of batches; what it calls is in the catalogue'
const BRANCHES = 'takes its branches by values that the two devices round differently'

/** Operators that are not called, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  at: ASYNCHRONOUS,
  nonzero: ASYNCHRONOUS,
  argwhere: ASYNCHRONOUS,
  maskedSelect: ASYNCHRONOUS,
  unique: ASYNCHRONOUS,
  uniqueConsecutive: ASYNCHRONOUS,
  bincount: ASYNCHRONOUS,
  repeatInterleave: ASYNCHRONOUS,
  equal: ASYNCHRONOUS,
  allclose: ASYNCHRONOUS,
  empty: 'its elements are undefined',
  emptyLike: 'its elements are undefined',
  Generator: 'no operator',
  PackedSequence: 'no operator',
  manualSeed: 'no operator',
  'quant.Int8Weight': 'no operator',
  'quant.GroupQuantizedWeight': 'no operator',
  'quant.DynamicQuantizedLinear': 'a layer',
  'quant.quantizeDynamic': 'no operator: it replaces layers',
  requiresGrad_: 'no operator',
  SparseMatrix: 'no operator',
  calibrateSparse: 'no operator',
  'image.perspectiveCoefficients': 'no operator',
  'audio.hzToMel': 'no operator',
  'audio.melToHz': 'no operator',
  'audio.melFilterBank': 'made on the host',
  'audio.createDct': 'made on the host',
  'audio.backgroundNoise': TRANSFORM,
  'audio.compose': TRANSFORM,
  'audio.frequencyMasking': TRANSFORM,
  'audio.mapAudio': TRANSFORM,
  'audio.padOrTrim': TRANSFORM,
  'audio.pitchPerturbation': TRANSFORM,
  'audio.randomCrop': TRANSFORM,
  'audio.randomGain': TRANSFORM,
  'audio.randomNoise': TRANSFORM,
  'audio.silenceTrimming': TRANSFORM,
  'audio.specAugment': TRANSFORM,
  'audio.speedPerturbation': TRANSFORM,
  'audio.tempoPerturbation': TRANSFORM,
  'audio.timeMasking': TRANSFORM,
  'audio.timeWarping': TRANSFORM,
  'audio.toMelSpectrogram': TRANSFORM,
  'audio.toMfcc': TRANSFORM,
  'audio.toSampleRate': TRANSFORM,
  'audio.toSpectrogram': TRANSFORM,
  'audio.resampledLength': 'no operator',
  'audio.muLawEncoding': BRANCHES,
  'audio.muLawDecoding': BRANCHES,
  'audio.soundBounds': BRANCHES,
  'audio.trimSilence': BRANCHES,
  'audio.phaseVocoder': BRANCHES,
  'audio.timeStretch': BRANCHES,
  'audio.pitchShift': BRANCHES,
  'audio.griffinLim': BRANCHES,
  geometric: BRANCHES,
  geometric_: BRANCHES,
  poisson: BRANCHES,
  binomial: BRANCHES,
  gumbelSoftmax: 'exponentials of logarithms of random numbers: as wrong as those are rounded',
  cauchy: 'the tangent near its poles',
  cauchy_: 'the tangent near its poles',
  'linalg.svdLowrank': 'singular vectors are known up to their signs; made of qr and svd',
  'linalg.pcaLowrank': 'singular vectors are known up to their signs; made of qr and svd',
}
