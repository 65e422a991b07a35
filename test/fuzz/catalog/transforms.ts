/** Fourier transforms and masked reductions: lib/ops/fft.ts, stft.ts, masked.ts. */
import * as ops from '#lib/index.js'
import {
  axesOf,
  axisOf,
  COMPLEX,
  call,
  type Entry,
  entry,
  FLOATS,
  type Fn,
  type Judge,
  POSITIVE,
  partner,
  shaped,
  WIDE,
} from '../draw.js'
import { operand, randomShape } from '../tensors.js'

const FFT: Judge = { roundings: 60, power: 2, finite: true }
const NORMS = ['backward', 'forward', 'ortho'] as const
/** Which operands each takes: real ones, complex ones, or both. */
const REAL = WIDE
const BOTH = [...WIDE, ...COMPLEX] as const

const single = (name: string, dtypes: typeof REAL): Entry =>
  shaped(
    `fft.${name}`,
    dtypes,
    (r, shape) => {
      const f = (ops.fft as unknown as Record<string, Fn>)[name] as Fn
      const options = {
        axis: axisOf(r, shape),
        norm: r.pick(NORMS),
        ...(r.chance(2) ? { n: r.int(r.chance(20) ? 0 : 1, 20) } : {}),
      }
      return (x) => f(x, options)
    },
    { rank: [1, 4], filled: true, ...FFT },
  )
const many = (name: string, dtypes: typeof REAL): Entry =>
  shaped(
    `fft.${name}`,
    dtypes,
    (r, shape) => {
      const f = (ops.fft as unknown as Record<string, Fn>)[name] as Fn
      const count = name.endsWith('2') ? 2 : r.int(1, Math.min(3, shape.length) + 1)
      const axes = r.order(shape.length).slice(0, count)
      const options = {
        norm: r.pick(NORMS),
        ...(r.chance(3) ? {} : { axes }),
        ...(r.chance(3) ? { axes, s: r.ints(axes.length, 1, 9) } : {}),
      }
      return (x) => f(x, options)
    },
    { rank: [2, 4], filled: true, ...FFT },
  )

const MASKED: Judge = { roundings: 80, power: 2 }
/** With a mask that broadcasts; what follows x is drawn. */
const masked = (
  names: string,
  draw: 'axes' | 'axis',
  before: readonly unknown[] = [],
  judge: Judge = MASKED,
): Entry[] =>
  names.split(' ').map((name) =>
    entry(
      `masked.${name}`,
      (r) => {
        const f = (ops.masked as unknown as Record<string, Fn>)[name] as Fn
        const shape = randomShape(r, 4, 200, draw === 'axis' ? 1 : 0)
        const where = draw === 'axis' ? axisOf(r, shape) : axesOf(r, shape)
        return call(
          [operand(r, shape, r.pick(WIDE), name === 'norm' ? POSITIVE : {}), operand(r, partner(r, shape), 'bool')],
          (x, mask) => f(x, ...before, where, { mask }),
        )
      },
      judge,
    ),
  )

export const transforms: readonly Entry[] = [
  ...['fft', 'ifft', 'irfft', 'hfft'].map((name) => single(name, BOTH)),
  ...['rfft', 'ihfft'].map((name) => single(name, REAL)),
  ...['fftn', 'ifftn', 'irfftn', 'hfftn', 'fft2', 'ifft2', 'irfft2', 'hfft2'].map((name) => many(name, BOTH)),
  ...['rfftn', 'ihfftn', 'rfft2', 'ihfft2'].map((name) => many(name, REAL)),
  shaped('fft.fftshift, fft.ifftshift', BOTH, (r, shape) => {
    const [f, axes] = [r.pick([ops.fft.fftshift, ops.fft.ifftshift]), axesOf(r, shape)]
    return (x) => f(x, axes)
  }),
  entry(
    'stft, istft',
    (r) => {
      const [n, size] = [r.int(24, 60), r.int(4, 13)]
      const options = { hopLength: r.int(1, Math.floor(size / 2)), center: true, normalized: r.chance(2) }
      const [back, padMode] = [r.chance(2), r.pick(['reflect', 'constant', 'replicate'] as const)]
      const dtype = r.pick(WIDE)
      return call(
        [operand(r, r.chance(2) ? [n] : [2, n], dtype), operand(r, [size], dtype, { low: 0.5, high: 1 })],
        (x, window) => {
          const y = ops.stft(x, size, { ...options, window, padMode })
          return back ? ops.istft(y, size, { ...options, window }) : y
        },
      )
    },
    { roundings: 100, power: 3, finite: true },
  ),
  ...masked('sum amax amin argmax argmin logsumexp mean', 'axes'),
  ...masked('prod', 'axes', [], { roundings: 80, power: 9, finite: true, gradient: false }),
  ...masked('variance std', 'axes', [], { ...MASKED, finite: true, gradient: false }),
  ...masked('norm', 'axes', [2], { ...MASKED, gradient: false }),
  ...masked('normalize', 'axis', [2], { ...MASKED, finite: true, gradient: false }),
  ...masked('median cumsum softmax logSoftmax softmin', 'axis', [], { ...MASKED, finite: true }),
  ...masked('cumprod', 'axis', [], { roundings: 80, power: 9, finite: true, gradient: false }),
  entry(
    'masked.logaddexp',
    (r) => {
      const shape = randomShape(r, 3, 100)
      const dtype = r.pick(FLOATS)
      return call(
        [operand(r, shape, dtype), operand(r, shape, dtype), operand(r, shape, 'bool'), operand(r, shape, 'bool')],
        (a, b, inputMask, otherMask) => ops.masked.logaddexp(a, b, { inputMask, otherMask }),
      )
    },
    MASKED,
  ),
]
