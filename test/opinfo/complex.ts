/** Complex numbers and Fourier transforms. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */
import type { FftManyOptions, FftOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type Mapping, map } from './mapping.js'

const { fft } = ops

const one = (f: (x: Tensor) => Tensor): Mapping => map('input', ({ input }) => f(input))
const along = (f: (x: Tensor, options: FftOptions) => Tensor): Mapping =>
  map('input n dim norm', ({ input, n, dim, norm }) =>
    f(input, { n: n ?? undefined, axis: dim, norm: norm ?? undefined }),
  )
const across = (f: (x: Tensor, options: FftManyOptions) => Tensor): Mapping =>
  map('input s dim norm', ({ input, s, dim, norm }) => {
    const list = (v: unknown): number[] | undefined =>
      v === null || v === undefined ? undefined : typeof v === 'number' ? [v] : (v as number[])
    return f(input, { s: list(s), axes: list(dim), norm: norm ?? undefined })
  })
const shift = (f: (x: Tensor, axes?: number | number[]) => Tensor): Mapping =>
  map('input dim', ({ input, dim }) => f(input, dim ?? undefined))
/** The conjugate transpose; of real matrices the transpose. */
const adjoint = (x: Tensor): Tensor => (x.rank < 2 ? ops.conj(x.clone()) : ops.conj(ops.transpose(x)))

export const complex: Readonly<Record<string, Mapping>> = {
  angle: one(ops.angle),
  conj: one(ops.conj),
  conj_physical: one(ops.conj),
  resolve_conj: one(ops.conj),
  // Negation is never put off.
  resolve_neg: one((x) => x.clone()),
  real: one(ops.real),
  isreal: one(ops.isReal),
  sgn: one(ops.sgn),
  H: one(adjoint),
  mH: one(adjoint),
  'fft.irfft': along(fft.irfft),
  'fft.hfft': along(fft.hfft),
  'fft.irfft2': across(fft.irfft2),
  'fft.hfft2': across(fft.hfft2),
  'fft.irfftn': across(fft.irfftn),
  'fft.hfftn': across(fft.hfftn),
  'fft.fftshift': shift(fft.fftshift),
  'fft.ifftshift': shift(fft.ifftshift),
  stft: map(
    'input n_fft hop_length win_length window center pad_mode normalized onesided return_complex',
    ({ input, n_fft, hop_length, win_length, window, center, pad_mode, normalized, onesided, return_complex }) =>
      ops.stft(input, n_fft, {
        hopLength: hop_length ?? undefined,
        winLength: win_length ?? undefined,
        window,
        center: center ?? undefined,
        padMode: pad_mode ?? undefined,
        normalized: normalized ?? undefined,
        onesided: onesided ?? undefined,
        returnComplex: return_complex ?? undefined,
      }),
  ),
}
