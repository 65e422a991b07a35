/**
 * Mel scales and filter banks, and cepstral coefficients. Definitions: Young and others, "The HTK Book", 5.4 (HTK's scale, filters, cepstra);
 * Slaney, "Auditory Toolbox", 1998 (his scale, and filters of equal area); torchaudio.functional.melscale_fbanks, create_dct.
 */

import { needsGrad, record, save } from '../autograd/node.js'
import { whole } from '../check.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { filled } from '../filled.js'
import { OP } from '../generated/ops.js'
import { add } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { type TensorOptions, tensor } from '../ops/creation.js'
import { make, NO_ATTRIBUTES } from '../ops/emit.js'
import { tidy } from '../ops/indices.js'
import { matmul } from '../ops/matmul.js'
import { sum } from '../ops/reduce.js'
import { log } from '../ops/unary.js'
import { reshape, transpose } from '../ops/views.js'
import { isFloating } from '../tensor/dtype.js'
import { numelOf, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { amplitudeToDb, type SpectrogramOptions, spectrogram } from './spectrogram.js'

export type MelScale = 'htk' | 'slaney'

export interface MelOptions {
  /** Elements of the signal a second. Default 16,000. */
  sampleRate?: number | undefined
  /** Filters. Default 128. */
  nMels?: number | undefined
  /** Hertz where the first filter begins. Default 0. */
  fMin?: number | undefined
  /** Hertz where the last filter ends. Default: half of the sample rate. */
  fMax?: number | undefined
  /** 'slaney': filters of equal area, not of height 1. Default null. */
  norm?: 'slaney' | null | undefined
  /** Default 'htk'. */
  scale?: MelScale | undefined
}

// Slaney's scale is linear up to 1000 Hz, 15 mel, and then 27 steps to 6400 Hz.
const LINEAR = 200 / 3
const BEND = 1000
const STEP = Math.log(6.4) / 27

/** Hertz in mel: 2595 log10(1 + f / 700), or Slaney's 3 f / 200 up to 1000 Hz and 15 + 27 ln(f / 1000) / ln 6.4 from there on. */
export function hzToMel(f: number, scale: MelScale = 'htk'): number {
  if (scale === 'htk') return 2595 * Math.log10(1 + f / 700)
  return f < BEND ? f / LINEAR : BEND / LINEAR + Math.log(f / BEND) / STEP
}

/** The inverse of `hzToMel`. */
export function melToHz(mel: number, scale: MelScale = 'htk'): number {
  if (scale === 'htk') return 700 * (10 ** (mel / 2595) - 1)
  const bend = BEND / LINEAR
  return mel < bend ? mel * LINEAR : BEND * Math.exp((mel - bend) * STEP)
}

const line = (from: number, to: number, n: number): number[] =>
  Array.from({ length: n }, (_, i) => (n === 1 ? from : from + ((to - from) * i) / (n - 1)))

/** The banks made last: making one takes longer than applying it. */
const banks = new Map<string, Float64Array>()
const MOST_BANKS = 8

function bankOf(
  nFreqs: number,
  o: Required<{ [K in keyof MelOptions]: NonNullable<MelOptions[K]> | null }>,
): Float64Array {
  const key = JSON.stringify([nFreqs, o])
  const known = banks.get(key)
  if (known) return known
  const [n, scale] = [o.nMels as number, o.scale as MelScale]
  const frequencies = line(0, Math.floor((o.sampleRate as number) / 2), nFreqs)
  const edges = line(hzToMel(o.fMin as number, scale), hzToMel(o.fMax as number, scale), n + 2).map((m) =>
    melToHz(m, scale),
  )
  const bank = new Float64Array(nFreqs * n)
  for (let m = 0; m < n; m++) {
    const [low, middle, high] = edges.slice(m, m + 3) as [number, number, number]
    const height = o.norm === 'slaney' ? 2 / (high - low) : 1
    for (let k = 0; k < nFreqs; k++) {
      const f = frequencies[k] as number
      bank[k * n + m] = height * Math.max(0, Math.min((f - low) / (middle - low), (high - f) / (high - middle)))
    }
  }
  banks.set(key, bank)
  if (banks.size > MOST_BANKS) banks.delete(banks.keys().next().value as string)
  return bank
}

/**
 * Triangular filters (nFreqs, nMels) for spectra of nFreqs frequencies from 0 to half of the sample rate, whose corners are evenly spaced in
 * mel from fMin to fMax. torchaudio's `melscale_fbanks`.
 *
 * @throws ValueError for sizes below 1 and frequencies that do not rise from fMin to fMax
 */
export function melFilterBank(
  nFreqs: number,
  {
    sampleRate = 16_000,
    nMels = 128,
    fMin = 0,
    fMax = sampleRate / 2,
    norm = null,
    scale = 'htk',
    ...like
  }: MelOptions & TensorOptions = {},
): Tensor {
  whole('melFilterBank', { nFreqs, nMels }, 1)
  if (!(fMin >= 0 && fMax > fMin && sampleRate > 0))
    throw new ValueError(
      `melFilterBank: fMin ${fMin} and fMax ${fMax} of a sample rate of ${sampleRate}; frequencies rise from 0 on`,
    )
  if (scale !== 'htk' && scale !== 'slaney')
    throw new ValueError(`melFilterBank: scale '${String(scale)}' is not 'htk' or 'slaney'`)
  if (norm !== null && norm !== 'slaney')
    throw new ValueError(`melFilterBank: norm '${String(norm)}' is not 'slaney' or null`)
  const bank = bankOf(nFreqs, { sampleRate, nMels, fMin, fMax, norm, scale })
  return tensor(bank, { dtype: 'f32', ...like, shape: [nFreqs, nMels] }) as Tensor
}

/**
 * Spectra (..., frequencies, frames) through a bank of filters (frequencies, filters): (..., filters, frames). Each filter is read from its
 * first to its last coefficient that is not zero, so a band costs what it is wide. f32 and f64; others are computed in f32.
 * Differentiable by spectra and bank.
 *
 * @throws ShapeError when the bank has another number of frequencies
 */
export function melScale(x: Tensor, bank: Tensor): Tensor {
  if (!isFloating(x.dtype))
    throw new DTypeError(`melScale: takes real spectra of floating-point numbers, got ${x.dtype}`)
  if (x.rank < 2 || bank.rank !== 2 || bank.shape[0] !== x.shape.at(-2))
    throw new ShapeError(
      `melScale: takes (..., frequencies, frames) and a bank (frequencies, filters), got ${show(x.shape)} and ${show(bank.shape)}`,
    )
  return tidy(() => {
    const dtype = x.dtype === 'f64' ? 'f64' : 'f32'
    const lead = x.shape.slice(0, -2)
    const rows = reshape(cast(x, dtype), [numelOf(lead), ...x.shape.slice(-2)])
    const y = bandProduct(rows, cast(bank, dtype))
    return reshape(cast(y, x.dtype), [...lead, ...y.shape.slice(1)])
  })
}

/** x (b, k, t), a (k, m) -> a^T x (b, m, t). */
function bandProduct(x: Tensor, a: Tensor): Tensor {
  const [b, k, t] = x.shape as [number, number, number]
  const m = a.shape[1] as number
  const y = make('melScale', OP.bandProduct, x.dtype, [b, m, t], x, a, NO_ATTRIBUTES, b * t * (k + m) * 0.4 + k * m)
  if (needsGrad(x, a))
    record('melScale', y, [x, a], [save(x), save(a)], (g, [x, a]) => [
      bandProduct(g, transpose(a as Tensor, 0, 1)),
      (a as Tensor).requiresGrad ? sum(matmul(x as Tensor, transpose(g, 1, 2)), 0) : null,
    ])
  return y
}

export type MelSpectrogramOptions = MelOptions & Omit<SpectrogramOptions, 'power'> & { power?: number | undefined }

/**
 * The spectrogram of signals (..., n) through mel filters: (..., nMels, frames). torchaudio.transforms.MelSpectrogram; options are those of
 * `spectrogram` and `melFilterBank`.
 */
export function melSpectrogram(x: Tensor, options: MelSpectrogramOptions = {}): Tensor {
  const { sampleRate, nMels, fMin, fMax, norm, scale, ...rest } = options
  return tidy(() => {
    const y = spectrogram(x, rest)
    const bank = melFilterBank(y.shape.at(-2) as number, {
      sampleRate,
      nMels,
      fMin,
      fMax,
      norm,
      scale,
      dtype: y.dtype,
      device: x.device,
    })
    return melScale(y, bank)
  })
}

/**
 * The discrete cosine transform of type 2 as a matrix (nMels, nMfcc): cos(pi / nMels (n + 1/2) k), times 2, or 'ortho'normal. torchaudio's
 * `create_dct`.
 */
export function createDct(
  nMfcc: number,
  nMels: number,
  { norm = 'ortho', ...like }: { norm?: 'ortho' | null } & TensorOptions = {},
): Tensor {
  whole('createDct', { nMfcc, nMels }, 1)
  const values = filled(new Float64Array(nMels * nMfcc), (i) => {
    const [n, k] = [Math.floor(i / nMfcc), i % nMfcc]
    const scale = norm === null ? 2 : Math.sqrt((k === 0 ? 1 : 2) / nMels)
    return scale * Math.cos((Math.PI / nMels) * (n + 0.5) * k)
  })
  return tensor(values, { dtype: 'f32', ...like, shape: [nMels, nMfcc] }) as Tensor
}

export type MfccOptions = MelSpectrogramOptions & {
  /** Coefficients kept. Default 40. */
  nMfcc?: number | undefined
  /** Of the cosine transform. Default 'ortho'. */
  dctNorm?: 'ortho' | null | undefined
  /** Natural logarithms (of what is raised by 1e-6) in place of decibels, which end 80 below the largest. Default false. */
  logMels?: boolean | undefined
}

/**
 * Mel-frequency cepstral coefficients of signals (..., n): (..., nMfcc, frames), the cosine transform of the logarithms of a mel
 * spectrogram. torchaudio.transforms.MFCC.
 *
 * @throws ValueError for more coefficients than filters
 */
export function mfcc(x: Tensor, options: MfccOptions = {}): Tensor {
  const { nMfcc = 40, dctNorm = 'ortho', logMels = false, ...rest } = options
  const { nMels = 128 } = rest
  if (nMfcc > nMels) throw new ValueError(`mfcc: ${nMfcc} coefficients of ${nMels} filters; at most as many`)
  return tidy(() => {
    const mel = melSpectrogram(x, rest)
    const y = logMels ? log(add(mel, 1e-6)) : amplitudeToDb(mel, { topDb: 80 })
    const dct = createDct(nMfcc, nMels, { norm: dctNorm, dtype: y.dtype, device: x.device })
    return matmul(transpose(dct, 0, 1), y)
  })
}
