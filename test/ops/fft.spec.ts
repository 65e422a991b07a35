/**
 * Fourier transforms: lib/ops/fft.ts. As in complex.spec.ts, complex operands and results are real pairs to the suite. The oracle
 * sums by definition in long double.
 */
import type { FftManyOptions, FftOptions, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import type { Sampler } from '../opspec/sampler.js'
import type { ErrorCase, OpName, OpSpec, Sample } from '../opspec/spec.js'

const { fft } = ops

type Kind = 'complex' | 'real' | 'hermitian'
interface Args {
  options?: FftOptions & FftManyOptions
  /** The operand is real although the transform takes complex ones. */
  real?: boolean
}

const WIDE: readonly DType[] = ['f32', 'f64']

/** Shape, options, and whether it is differentiated. */
type Case = readonly [shape: readonly number[], options: FftOptions, differentiable?: boolean]

/** Every radix, primes that need chirps; blocks with all lanes and with a few, lines side by side and apart; norms. */
const ALONG: readonly Case[] = [
  ...[2, 3, 4, 5, 6, 8, 15, 17, 22, 38].map((n): Case => [[2, n], {}]),
  ...[7, 13, 16, 31, 49, 60, 143, 240].map((n): Case => [[17, n], {}, false]),
  [[12, 37], { axis: 0 }],
  [[9, 35], { axis: 0, norm: 'ortho' }, false],
  [[2, 6, 3], { axis: 1, norm: 'forward' }],
  [[3, 7], { n: 4 }],
  [[3, 5], { n: 9, norm: 'ortho' }],
  [[16, 10], { n: 25 }, false],
  [[0, 4], {}],
  [[8], { axis: -1 }],
]
/** Lines for all threads, and the chirps of such. */
const LONG: readonly Case[] = [
  [[1024], {}, false],
  [[3, 600], { n: 576 }, false],
  [[1031], {}, false],
  [[1050, 2], { axis: 0, norm: 'forward' }, false],
  [[1040], { n: 1025 }, false],
]

const rowsOf: Readonly<Record<Kind, readonly OpName[]>> = {
  complex: ['fftComplex'],
  real: ['fftReal', 'fftHermitian'],
  hermitian: ['fftHermitian', 'fftReal'],
}

const back = (y: Tensor): Tensor => (y.dtype.startsWith('c') ? ops.viewAsReal(y) : y)

const lengthOf = (kind: Kind, d: number, n: number | undefined): number => n ?? (kind === 'hermitian' ? 2 * (d - 1) : d)

function specOf<O extends FftOptions & FftManyOptions>(
  name: string,
  kind: Kind,
  f: (x: Tensor, options: O) => Tensor,
  cases: readonly (readonly [readonly number[], O, boolean?])[],
  rows: readonly OpName[],
  errors: Readonly<Record<string, ErrorCase>> = {},
): OpSpec {
  return {
    name,
    ops: rows,
    dtypes: WIDE,
    refuses: kind === 'real' ? ['c64', 'c128'] : [],
    samples: function* (s: Sampler): Iterable<Sample<Args>> {
      for (const [shape, options, differentiable = true] of cases) {
        const n = lengthOf(kind, shape[shape.length - 1] ?? 1, options.n)
        if (n < 1) continue
        yield {
          inputs: [s.values(kind === 'real' ? shape : [...shape, 2])],
          args: { options },
          ...(differentiable ? {} : { differentiable }),
        }
      }
      if (kind !== 'real') yield { inputs: [s.values([3, 4])], args: { real: true } }
    },
    call: ([x], { options, real }: Args) =>
      back(f(kind === 'real' || real ? (x as Tensor) : ops.viewAsComplex(x as Tensor), (options ?? {}) as O)),
    accuracy: { roundings: 5, terms: ([x]) => x?.values.length ?? 1, magnitude: 'norm' },
    gradient: {},
    errors,
  }
}

const zeros =
  (shape: readonly number[]) =>
  (device: string): Tensor =>
    ops.zeros(shape, { device }) as Tensor
const refused = (
  f: (x: Tensor) => unknown,
  shape: readonly number[],
  code: 'VALUE' | 'SHAPE' | 'DTYPE',
  message: string,
): ErrorCase => ({ call: (device) => f(zeros(shape)(device)), code: `SINTER_${code}`, message })

const MANY: readonly (readonly [readonly number[], FftManyOptions, boolean?])[] = [
  [[4, 6], {}],
  [[2, 3, 5], { s: [4, 6] }],
  [[3, 4, 5], { axes: [2, 0], norm: 'ortho' }],
  [[3, 4, 5], { s: [-1, 6], axes: [0, 1], norm: 'forward' }],
]
const TWO: readonly (readonly [readonly number[], FftManyOptions, boolean?])[] = [
  [[2, 4, 5], {}],
  [[3, 6], { s: [5, 8], norm: 'ortho' }],
  [[3, 4, 2], { axes: [0, 1] }],
]
const manyRows: Readonly<Record<Kind, readonly OpName[]>> = {
  complex: ['fftComplex'],
  real: ['fftReal', 'fftHermitian', 'fftComplex'],
  hermitian: ['fftHermitian', 'fftReal', 'fftComplex'],
}

const shifted = (name: string, f: typeof fft.fftshift): OpSpec => ({
  name,
  ops: ['concat'],
  dtypes: ['f32', 'f64', 'bf16', 'i32', 'i64', 'bool'],
  refuses: [],
  samples: function* (s): Iterable<Sample<{ axes?: number | number[] }>> {
    for (const n of [1, 2, 7, 8]) yield { inputs: [s.values([n])], args: {} }
    yield { inputs: [s.values([3, 0])], args: {} }
    yield { inputs: [s.values([3, 4, 5])], args: { axes: [0, -1] } }
    yield { inputs: [s.values([3, 4])], args: { axes: 1 } }
  },
  call: ([x], { axes }) => f(x as Tensor, axes),
  accuracy: { roundings: 0 },
  gradient: {},
})

const along = (name: string, kind: Kind, f: (x: Tensor, o?: FftOptions) => Tensor, errors = {}): OpSpec =>
  specOf(
    name,
    kind,
    f,
    name === 'fft' || name === 'rfft' || name === 'irfft'
      ? [...ALONG, ...LONG]
      : ALONG.slice(2, 7).concat(ALONG.slice(-9)),
    rowsOf[kind],
    errors,
  )

export const specs: readonly OpSpec[] = [
  along('fft', 'complex', fft.fft, {
    'rank 0': refused((x) => fft.fft(x), [], 'SHAPE', 'fft: a tensor of rank 0 has no axis to transform'),
    length: refused((x) => fft.fft(x, { n: 0 }), [3], 'VALUE', 'fft: a transform of length 0; lengths are at least 1'),
    empty: refused((x) => fft.fft(x), [0], 'VALUE', 'fft: a transform of length 0; lengths are at least 1'),
    norm: refused(
      (x) => fft.fft(x, { norm: 'none' as never }),
      [3],
      'VALUE',
      "fft: norm 'none' is not one of 'backward', 'forward', 'ortho'",
    ),
  }),
  along('ifft', 'complex', fft.ifft),
  along('rfft', 'real', fft.rfft),
  along('irfft', 'hermitian', fft.irfft, {
    length: refused((x) => fft.irfft(x), [1], 'VALUE', 'irfft: a transform of length 0; lengths are at least 1'),
  }),
  along('hfft', 'hermitian', fft.hfft),
  along('ihfft', 'real', fft.ihfft),
  specOf('fftn', 'complex', fft.fftn, MANY, manyRows.complex, {
    repeated: refused((x) => fft.fftn(x, { axes: [0, -2] }), [3, 4], 'VALUE', 'fftn: axes (0, -2) repeat'),
    sizes: refused((x) => fft.fftn(x, { s: [2], axes: [0, 1] }), [3, 4], 'VALUE', 'fftn: 1 sizes for 2 axes'),
    'too many': refused((x) => fft.fftn(x, { s: [2, 2] }), [3], 'SHAPE', 'fftn: 2 sizes for the 1 dimensions of (3)'),
  }),
  specOf('ifftn', 'complex', fft.ifftn, MANY, manyRows.complex),
  specOf('rfftn', 'real', fft.rfftn, MANY, manyRows.real),
  specOf('irfftn', 'hermitian', fft.irfftn, MANY, manyRows.hermitian, {
    'no axes': refused((x) => fft.irfftn(x, { axes: [] }), [3], 'SHAPE', 'irfftn: takes at least one axis'),
  }),
  specOf('hfftn', 'hermitian', fft.hfftn, MANY, manyRows.hermitian),
  specOf('ihfftn', 'real', fft.ihfftn, MANY, manyRows.real),
  specOf('fft2', 'complex', fft.fft2, TWO, manyRows.complex),
  specOf('ifft2', 'complex', fft.ifft2, TWO, manyRows.complex),
  specOf('rfft2', 'real', fft.rfft2, TWO, manyRows.real),
  specOf('irfft2', 'hermitian', fft.irfft2, TWO, manyRows.hermitian),
  specOf('hfft2', 'hermitian', fft.hfft2, TWO, manyRows.hermitian),
  specOf('ihfft2', 'real', fft.ihfft2, TWO, manyRows.real),
  shifted('fftshift', fft.fftshift),
  shifted('ifftshift', fft.ifftshift),
]
