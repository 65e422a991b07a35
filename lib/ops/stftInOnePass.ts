/**
 * Short-time Fourier transforms by the kernel that reads frames where they lie, and its gradient by operators. Place in the whole: under
 * stft.ts, for what the kernel takes: one-sided spectra of real signals, of windows that are not trained.
 */
import { needsGrad, record, save } from '../autograd/node.js'
import { OP } from '../generated/ops.js'
import { complexOf } from '../tensor/dtype.js'
import { numelOf } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, mul } from './binary.js'
import { make } from './emit.js'
import { adjointOfReal } from './fft-transforms.js'
import { pad } from './pad.js'
import { flip } from './rearrange.js'
import { sum } from './reduce.js'
import { overlapAdd } from './stft.js'
import { narrow, transpose } from './views.js'

/** In the order of native/ops.def. */
export const PAD_MODES = ['reflect', 'constant', 'replicate', 'circular'] as const

export interface Frames {
  size: number
  hop: number
  /** Elements before the signal, and behind it. */
  pad: number
  mode: (typeof PAD_MODES)[number]
  scale: number
  /** Of the magnitudes; 0: complex spectra. */
  power: number
}

/** Longer frames do not stay in the second-level cache, eight at a time. */
const LONGEST = 8192
export const inOnePass = (size: number): boolean => size <= LONGEST

/** x (b, n), window (size), of one dtype -> (b, size / 2 + 1, frames). With a power nothing is recorded. */
export function transformed(x: Tensor, window: Tensor, f: Frames): Tensor {
  const [b, n] = x.shape as [number, number]
  const shape = [b, Math.floor(f.size / 2) + 1, 1 + Math.floor((n + 2 * f.pad - f.size) / f.hop)]
  const attributes = [f.size, f.hop, f.pad, PAD_MODES.indexOf(f.mode), f.scale, f.power]
  const dtype = f.power > 0 ? x.dtype : complexOf(x.dtype)
  const y = make('stft', OP.stft, dtype, shape, x, window, attributes, numelOf(shape) * Math.log2(2 * f.size) * 0.3)
  if (f.power === 0 && needsGrad(x))
    record('stft', y, [x], [save(window)], (g, [window]) => {
      const frames = mul(adjointOfReal('stft', transpose(g, 1, 2), f.size, f.scale), window as Tensor)
      return [folded(overlapAdd(frames, f.hop, n + 2 * f.pad), f.pad, f.mode)]
    })
  return y
}

/** The adjoint of padding: (b, n + 2 by) -> (b, n). */
function folded(x: Tensor, by: number, mode: Frames['mode']): Tensor {
  const n = (x.shape[1] as number) - 2 * by
  const middle = narrow(x, 1, by, n)
  if (by === 0 || mode === 'constant') return middle
  const [left, right] = [narrow(x, 1, 0, by), narrow(x, 1, by + n, by)]
  const at = (t: Tensor, first: number): Tensor => pad(t, [first, n - first - (t.shape[1] as number)])
  switch (mode) {
    case 'reflect':
      return add(middle, add(at(flip(left, 1), 1), at(flip(right, 1), n - 1 - by)))
    case 'replicate':
      return add(middle, add(at(sum(left, 1, { keepDim: true }), 0), at(sum(right, 1, { keepDim: true }), n - 1)))
    case 'circular':
      return add(middle, add(at(left, n - by), at(right, 0)))
  }
}
