/** Short-time Fourier transforms: lib/ops/stft.ts. Spectra are real pairs to the suite, as in complex.spec.ts. */
import type { IstftOptions, StftOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { blank, refused } from '../opspec/composed.js'
import type { Sampler } from '../opspec/sampler.js'
import type { OpSpec, Sample } from '../opspec/spec.js'

const WIDE: readonly DType[] = ['f32', 'f64']

interface Args {
  nFft: number
  options: StftOptions & IstftOptions
  /** The signal is complex. */
  complex?: boolean
}

const back = (y: Tensor): Tensor => (y.dtype.startsWith('c') ? ops.viewAsReal(y) : y)

function* signals(s: Sampler): Iterable<Sample<Args>> {
  const window = (n: number) => s.values([n], { low: 0.2, high: 1 })
  yield { inputs: [s.values([20]), null], args: { nFft: 8, options: {} } }
  yield {
    inputs: [s.values([2, 19]), window(6)],
    args: { nFft: 7, options: { hopLength: 3, winLength: 6, padMode: 'circular' } },
  }
  yield {
    inputs: [s.values([12]), window(4)],
    args: { nFft: 4, options: { hopLength: 5, center: false, normalized: true } },
  }
  yield { inputs: [s.values([9]), window(6)], args: { nFft: 6, options: { padMode: 'constant', onesided: false } } }
  yield { inputs: [s.values([9]), null], args: { nFft: 4, options: { padMode: 'replicate', returnComplex: false } } }
  yield { inputs: [s.values([9, 2]), window(4)], args: { nFft: 4, options: {}, complex: true } }
  for (const padMode of ['reflect', 'constant', 'replicate', 'circular'] as const)
    yield { inputs: [s.values([2, 14]), { ...window(10), constant: true }], args: { nFft: 10, options: { padMode } } }
  yield { inputs: [s.values([3, 400]), null], args: { nFft: 30, options: { hopLength: 7 } }, large: true }
}

function* spectra(s: Sampler): Iterable<Sample<Args>> {
  const window = (n: number) => s.values([n], { low: 0.4, high: 1 })
  yield { inputs: [s.values([5, 6, 2]), null], args: { nFft: 8, options: {} } }
  yield { inputs: [s.values([2, 4, 5, 2]), window(6)], args: { nFft: 7, options: { hopLength: 2, winLength: 6 } } }
  yield {
    inputs: [s.values([3, 4, 2]), window(4)],
    args: { nFft: 4, options: { center: false, normalized: true, length: 6 } },
  }
  yield { inputs: [s.values([3, 4, 2]), window(4)], args: { nFft: 4, options: { hopLength: 2, length: 14 } } }
  yield { inputs: [s.values([4, 5, 2]), window(4)], args: { nFft: 4, options: { returnComplex: true } } }
  yield { inputs: [s.values([4, 5, 2]), null], args: { nFft: 4, options: { onesided: false } } }
}

const accuracy: OpSpec['accuracy'] = {
  roundings: 10,
  terms: ([x]) => x?.values.length ?? 1,
  magnitude: 'norm',
}

export const specs: readonly OpSpec[] = [
  {
    name: 'stft',
    ops: ['stft', 'fftReal', 'fftComplex', 'overlapAdd'],
    dtypes: WIDE,
    refuses: [],
    samples: signals,
    call: ([x, window], { nFft, options, complex }: Args) =>
      back(
        ops.stft(complex ? ops.viewAsComplex(x as Tensor) : (x as Tensor), nFft, {
          ...options,
          window: window ?? null,
        }),
      ),
    accuracy,
    gradient: {},
    errors: {
      rank: refused(
        (d) => ops.stft(blank(d, 1, 2, 3), 4),
        'SHAPE',
        'stft: takes a signal (n) or signals (b, n), got (1, 2, 3)',
      ),
      short: refused(
        (d) => ops.stft(blank(d, 3), 8),
        'SHAPE',
        "stft: padding of 4 for a signal of 3 elements; padMode 'reflect' needs more of them",
      ),
      shorter: refused(
        (d) => ops.stft(blank(d, 3), 8, { center: false }),
        'SHAPE',
        "stft: nFft 8 exceeds the signal's 3 elements",
      ),
      window: refused(
        (d) => ops.stft(blank(d, 30), 8, { window: blank(d, 7) }),
        'SHAPE',
        'stft: the window is (7); winLength is 8',
      ),
      winLength: refused(
        (d) => ops.stft(blank(d, 30), 8, { winLength: 9 }),
        'VALUE',
        'stft: winLength 9 exceeds nFft 8',
      ),
      hop: refused(
        (d) => ops.stft(blank(d, 30), 8, { hopLength: 0 }),
        'VALUE',
        'stft: hopLength is 0, expected a whole number of at least 1',
      ),
    },
  },
  {
    name: 'istft',
    ops: ['fftHermitian', 'overlapAdd', 'div'],
    dtypes: WIDE,
    refuses: [],
    samples: spectra,
    call: ([x, window], { nFft, options }: Args) =>
      back(ops.istft(ops.viewAsComplex(x as Tensor), nFft, { ...options, window: window ?? null })),
    accuracy,
    gradient: {},
    errors: {
      real: refused(
        (d) => ops.istft(blank(d, 5, 6), 8),
        'DTYPE',
        'istft: a f32 tensor; spectra are complex (see viewAsComplex)',
      ),
      frequencies: refused(
        (d) => ops.istft(blank(d, 6, 5).to('c64'), 8),
        'SHAPE',
        'istft: 6 frequencies, where nFft 8 gives 5',
      ),
    },
  },
]
