/** Short-time Fourier transforms: spectra of overlapping windows of a signal, and the signal from them. */

import { needsGrad, record } from '../autograd/node.js'
import { positive } from '../check.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { filled } from '../filled.js'
import { OP } from '../generated/ops.js'
import { type DType, isComplex } from '../tensor/dtype.js'
import { type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { div, mul } from './binary.js'
import { complex, imag, real, viewAsComplex, viewAsReal } from './complex.js'
import { cast, contiguous } from './convert.js'
import { ones, tensor, zeros } from './creation.js'
import { make, method, viewOf } from './emit.js'
import { fft, ifft, irfft, rfft } from './fft.js'
import { indexSelect } from './indexing.js'
import { concat } from './join.js'
import { inOnePass, PAD_MODES, transformed } from './stftInOnePass.js'
import { expand, narrow, reshape, transpose } from './views.js'

interface Windows {
  /** Elements from one window to the next. Default: a quarter of nFft. */
  hopLength?: number | undefined
  /** Length of the window, centred in nFft. Default: nFft. */
  winLength?: number | undefined
  /** winLength factors. Default: ones. */
  window?: Tensor | null | undefined
  /** Whether window t is centred at t * hopLength (default true), or begins there. */
  center?: boolean | undefined
  /** Divide by the square root of nFft instead of dividing the inverse by nFft. Default false. */
  normalized?: boolean | undefined
  /** The first nFft / 2 + 1 frequencies only. Default: unless something is complex. */
  onesided?: boolean | undefined
}

export interface StftOptions extends Windows {
  /** What lies beyond the ends of a centred signal. Default 'reflect'. */
  padMode?: 'reflect' | 'constant' | 'replicate' | 'circular' | undefined
  /** false: pairs of real numbers in a last dimension. Default true. */
  returnComplex?: boolean | undefined
}

export interface IstftOptions extends Windows {
  /** Elements of the signal. Default: what the windows cover, less the padding of a centred one. */
  length?: number | undefined
  /** A complex signal. Default false. */
  returnComplex?: boolean | undefined
}

/** Overlapping windows (b, count, size) of a signal (b, n), `hop` apart: a view. */
function windowsOf(x: Tensor, size: number, hop: number): Tensor {
  const source = contiguous(x)
  const [b, n] = source.shape as [number, number]
  const count = 1 + Math.floor((n - size) / hop)
  const y = viewOf('stft', source, [b, count, size], [n, hop, 1])
  if (needsGrad(source)) record('windows', y, [source], null, (g) => [overlapAdd(g, hop, n)])
  return y
}

/** A signal (b, n) as the sum of windows (b, count, size) `hop` apart: the adjoint of windowsOf. */
export function overlapAdd(frames: Tensor, hop: number, n: number): Tensor {
  if (isComplex(frames.dtype)) return complex(overlapAdd(real(frames), hop, n), overlapAdd(imag(frames), hop, n))
  const [b, , size] = frames.shape as [number, number, number]
  const y = make('overlapAdd', OP.overlapAdd, frames.dtype, [b, n], frames, null, [hop], frames.numel * 0.3)
  if (needsGrad(frames)) {
    const count = frames.shape[1] as number
    record('overlapAdd', y, [frames], null, (g) => [narrow(windowsOf(g, size, hop), 1, 0, count)])
  }
  return y
}

/** The window in the middle of nFft elements. */
function centred(name: string, x: Tensor, nFft: number, o: Windows): Tensor {
  const length = o.winLength ?? nFft
  positive(name, { winLength: length })
  if (length > nFft) throw new ValueError(`${name}: winLength ${length} exceeds nFft ${nFft}`)
  if (o.window && (o.window.rank !== 1 || o.window.shape[0] !== length))
    throw new ShapeError(`${name}: the window is ${show(o.window.shape)}; winLength is ${length}`)
  const dtype = x.dtype === 'f64' || x.dtype === 'c128' ? 'f64' : 'f32'
  const given: Tensor = o.window ?? (ones([length], { dtype, device: x.device }) as Tensor)
  const fits = given.dtype === 'f32' || given.dtype === 'f64' || isComplex(given.dtype)
  const window = fits ? given : cast(given, dtype)
  if (length === nFft) return window
  const left = Math.floor((nFft - length) / 2)
  const blank = (n: number): Tensor => zeros([n], { dtype: window.dtype, device: x.device }) as Tensor
  return concat([blank(left), window, blank(nFft - length - left)])
}

/** @throws ShapeError for a signal too short for padding of `by` elements at both ends */
function checkPadding(n: number, by: number, mode: string): void {
  const limit = mode === 'reflect' ? n - 1 : mode === 'circular' ? n : mode === 'constant' || n > 0 ? by : -1
  if (by > limit)
    throw new ShapeError(`stft: padding of ${by} for a signal of ${n} elements; padMode '${mode}' needs more of them`)
}

/** (b, n) with `by` elements more at both ends. */
function padded(x: Tensor, by: number, mode: string): Tensor {
  const [b, n] = x.shape as [number, number]
  if (by === 0) return x
  if (mode === 'constant') {
    const blank = zeros([b, by], { dtype: x.dtype, device: x.device }) as Tensor
    return concat([blank, x, blank], 1)
  }
  const from = (i: number): number => {
    if (mode === 'replicate') return Math.min(Math.max(i, 0), n - 1)
    if (mode === 'circular') return ((i % n) + n) % n
    return i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i
  }
  // The signal itself is copied as a whole: only its ends are gathered.
  const ends = (start: number): Tensor => {
    const index = tensor(
      filled(new Int32Array(by), (i) => from(start + i)),
      { device: x.device },
    )
    return isComplex(x.dtype) ? viewAsComplex(indexSelect(viewAsReal(x), 1, index)) : indexSelect(x, 1, index)
  }
  return concat([ends(-by), x, ends(n)], 1)
}

/**
 * Spectra of the windows of a signal: x (n) or (b, n) -> ([b,] frequencies, windows), frequencies nFft / 2 + 1 or nFft; with
 * returnComplex false a last dimension of 2. Window t covers nFft elements around t * hopLength (see `center`), multiplied by
 * the window. PyTorch's torch.stft (McFee and others' librosa conventions).
 *
 * @throws ShapeError for other ranks, windows of another length, signals shorter than nFft
 * @throws ValueError for sizes below 1, and for onesided spectra of complex signals
 */
export function stft(x: Tensor, nFft: number, options: StftOptions = {}): Tensor {
  const y = spectra(x, nFft, options, 0)
  return (options.returnComplex ?? true) ? y : viewAsReal(y)
}

/** `stft`, complex; or with a power above 0, of real signals whose gradients nobody records, its magnitudes to that power. */
export function spectra(x: Tensor, nFft: number, options: StftOptions, power: number): Tensor {
  if (x.rank !== 1 && x.rank !== 2)
    throw new ShapeError(`stft: takes a signal (n) or signals (b, n), got ${show(x.shape)}`)
  const { hopLength = Math.floor(nFft / 4), center = true, padMode = 'reflect' } = options
  positive('stft', { nFft, hopLength })
  if (!PAD_MODES.includes(padMode))
    throw new ValueError(`stft: padMode '${padMode}' is not one of 'reflect', 'constant', 'replicate', 'circular'`)
  const signal = isComplex(x.dtype) || x.dtype === 'f64' ? x : cast(x, 'f32')
  const window = centred('stft', signal, nFft, options)
  const real = !(isComplex(signal.dtype) || isComplex(window.dtype))
  const onesided = options.onesided ?? real
  if (onesided && !real)
    throw new ValueError('stft: a complex signal or window has two-sided spectra; leave out onesided')
  const rows = x.rank === 1 ? reshape(signal, [1, x.numel]) : signal
  const n = rows.shape[1] as number
  const pad = center ? Math.floor(nFft / 2) : 0
  if (pad > 0) checkPadding(n, pad, padMode)
  if (n + 2 * pad < nFft) throw new ShapeError(`stft: nFft ${nFft} exceeds the signal's ${n + 2 * pad} elements`)
  const y =
    onesided && inOnePass(nFft) && window.dtype === signal.dtype && !needsGrad(window)
      ? transformed(rows, window, {
          size: nFft,
          hop: hopLength,
          pad,
          mode: padMode,
          scale: options.normalized ? 1 / Math.sqrt(nFft) : 1,
          power,
        })
      : composed(padded(rows, pad, padMode), window, nFft, hopLength, onesided, options.normalized === true)
  return x.rank === 1 ? reshape(y, y.shape.slice(1)) : y
}

/** Of operators in turn, from a signal (b, n) with its padding: windows are in memory. */
function composed(
  x: Tensor,
  window: Tensor,
  nFft: number,
  hop: number,
  onesided: boolean,
  normalized: boolean,
): Tensor {
  const frames = mul(windowsOf(x, nFft, hop), window)
  return transpose((onesided ? rfft : fft)(frames, { norm: normalized ? 'ortho' : 'backward' }), 1, 2)
}

/**
 * The signal of spectra ([b,] frequencies, windows), stft's inverse: transforms, times the window, added up, over the sum of the
 * squared windows (Griffin and Lim 1984). Where these add to 0 the signal is not determined: there it is NaN.
 *
 * @throws DTypeError for real spectra
 * @throws ShapeError for other ranks and numbers of frequencies
 */
export function istft(x: Tensor, nFft: number, options: IstftOptions = {}): Tensor {
  if (!isComplex(x.dtype)) throw new DTypeError(`istft: a ${x.dtype} tensor; spectra are complex (see viewAsComplex)`)
  if (x.rank !== 2 && x.rank !== 3)
    throw new ShapeError(
      `istft: takes spectra (frequencies, windows) or (b, frequencies, windows), got ${show(x.shape)}`,
    )
  const { hopLength: hop = Math.floor(nFft / 4), center = true, length, returnComplex = false } = options
  positive('istft', { nFft, hopLength: hop })
  const window = centred('istft', x, nFft, options)
  const half = Math.floor(nFft / 2) + 1
  const onesided = options.onesided ?? x.shape[x.rank - 2] !== nFft
  if (x.shape[x.rank - 2] !== (onesided ? half : nFft))
    throw new ShapeError(
      `istft: ${x.shape[x.rank - 2]} frequencies, where nFft ${nFft} gives ${onesided ? half : nFft}`,
    )
  if (onesided && (returnComplex || isComplex(window.dtype)))
    throw new ValueError('istft: onesided spectra give a real signal; leave out returnComplex, and take a real window')
  const spectra = transpose(x.rank === 2 ? reshape(x, [1, ...x.shape]) : x, 1, 2)
  const norm = options.normalized ? 'ortho' : 'backward'
  const frames = returnComplex
    ? ifft(spectra, { norm })
    : irfft(onesided ? spectra : narrow(spectra, 2, 0, half), { n: nFft, norm })
  const count = frames.shape[1] as number
  const covered = nFft + hop * (count - 1)
  const sum = mul(frames, window)
  const signal = overlapAdd(sum, hop, covered)
  const weights = overlapAdd(expand(reshape(mul(window, window), [1, 1, nFft]), [1, count, nFft]), hop, covered)
  const start = center ? Math.floor(nFft / 2) : 0
  const end = length !== undefined ? start + length : center ? covered - start : covered
  if (end < start)
    throw new ShapeError(`istft: ${count} windows of ${nFft} elements cover no signal between their centres`)
  const kept = Math.min(end, covered) - start
  const part = div(narrow(signal, 1, start, kept), narrow(weights, 1, start, kept))
  const blank = end - start - kept
  const y =
    blank > 0
      ? concat([part, zeros([part.shape[0] as number, blank], { dtype: part.dtype, device: x.device }) as Tensor], 1)
      : part
  return x.rank === 2 ? reshape(y, [y.numel]) : y
}

declare module '../tensor/tensor.js' {
  interface Tensor<out D extends DType = DType, out S extends Shape = Shape> {
    stft(nFft: number, options?: StftOptions): Tensor
    istft(nFft: number, options?: IstftOptions): Tensor
  }
}
method('stft', function (this: Tensor, nFft: number, options?: StftOptions) {
  return stft(this, nFft, options)
})
method('istft', function (this: Tensor, nFft: number, options?: IstftOptions) {
  return istft(this, nFft, options)
})
