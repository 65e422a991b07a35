/** Spaced numbers and windows: lib/ops/sequences.ts, signal.ts. Windows are computed outside the devices: see the golden samples. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { DType } from '#lib/tensor/dtype.js'
import { LARGE, LENGTHS } from '../opspec/sampler.js'
import { FLOATS, INTEGERS, type OpSpec } from '../opspec/spec.js'
import { VALUE } from '../opspec/structural.js'

interface Spaced {
  start: number
  end: number
  n: number
  dtype: DType
  /** The ends are tensors. */
  tensors?: boolean
}

const NUMBERS: readonly DType[] = [...FLOATS, ...INTEGERS]
const ends = ({ start, end, dtype, tensors }: Spaced, device: string): [number | Tensor, number | Tensor] =>
  tensors
    ? [ops.tensor(start, { dtype, device, shape: [] }), ops.tensor(end, { dtype, device, shape: [] })]
    : [start, end]

const spaced = (
  name: string,
  call: (a: Spaced, device: string) => Tensor,
  cases: readonly (readonly [number, number])[],
  lengths: readonly number[],
): OpSpec<Spaced> => ({
  name,
  ops: ['linspace'],
  dtypes: NUMBERS,
  refuses: [],
  oracle: (d) => d,
  *samples(s) {
    for (const [start, end] of cases)
      for (const n of lengths) yield { inputs: [], args: { start, end, n, dtype: s.dtype } }
    const [start, end] = cases[0] as readonly [number, number]
    for (const n of [1, 2, 9]) yield { inputs: [], args: { start, end, n, dtype: s.dtype, tensors: true } }
    if (s.dtype === 'f32' && name === 'linspace')
      yield { inputs: [], args: { start: -1, end: 1, n: LARGE, dtype: s.dtype }, large: true }
  },
  call: (_, a, device) => call(a, device),
  accuracy: { roundings: 2, magnitude: 'norm' },
  gradient: null,
  errors: {
    steps: {
      call: (device) => call({ start: 0, end: 1, n: -1, dtype: 'f32' }, device),
      code: VALUE,
      message: `${name}: -1 is not a number of steps`,
    },
    dtype: {
      call: (device) => call({ start: 0, end: 1, n: 2, dtype: 'bool' }, device),
      code: 'SINTER_DTYPE',
      message: `${name}: bool is not supported; take a real dtype`,
    },
    ends: {
      call: (device) => ops.linspace(ops.zeros([2], { device }) as Tensor, 1, 3),
      code: VALUE,
      message: 'linspace: an end of 1 dimensions; ends are numbers or tensors of rank 0',
    },
  },
})

const WINDOWS = {
  hannWindow: (o: object) => ops.hannWindow(9, o),
  hammingWindow: (o: object) => ops.hammingWindow(9, o),
  blackmanWindow: (o: object) => ops.blackmanWindow(9, o),
  bartlettWindow: (o: object) => ops.bartlettWindow(9, o),
  cosineWindow: (o: object) => ops.cosineWindow(9, o),
  nuttallWindow: (o: object) => ops.nuttallWindow(9, o),
  kaiserWindow: (o: object) => ops.kaiserWindow(9, o),
  gaussianWindow: (o: object) => ops.gaussianWindow(9, { ...o, std: 2 }),
  exponentialWindow: (o: object) => ops.exponentialWindow(9, { ...o, tau: 2 }),
  generalCosineWindow: (o: object) => ops.generalCosineWindow(9, [0.5, 0.3, 0.2], o),
  generalHammingWindow: (o: object) => ops.generalHammingWindow(9, 0.6, o),
}

const windows: OpSpec<{ which: keyof typeof WINDOWS; symmetric: boolean; dtype: DType }> = {
  name: Object.keys(WINDOWS).join(', '),
  ops: [],
  dtypes: FLOATS,
  refuses: [],
  oracle: (d) => d,
  *samples(s) {
    for (const which of Object.keys(WINDOWS) as (keyof typeof WINDOWS)[])
      for (const symmetric of [true, false]) yield { inputs: [], args: { which, symmetric, dtype: s.dtype } }
  },
  call: (_, { which, ...options }, device) => WINDOWS[which]({ ...options, device }) as Tensor,
  accuracy: { roundings: 1 },
  gradient: null,
  errors: {
    length: { call: () => ops.hannWindow(-1), code: VALUE, message: 'hannWindow: -1 is not a length' },
    std: {
      call: () => ops.gaussianWindow(3, { std: 0 }),
      code: VALUE,
      message: 'gaussianWindow: std 0 is not above 0',
    },
    center: {
      call: () => ops.exponentialWindow(3, { center: 1 }),
      code: VALUE,
      message: 'exponentialWindow: a symmetric window has its center in the middle; give no other',
    },
    dtype: {
      call: () => ops.hannWindow(3, { dtype: 'i32' }),
      code: 'SINTER_DTYPE',
      message: 'hannWindow: i32 is not a floating-point dtype',
    },
  },
}

export const specs: readonly OpSpec[] = [
  spaced(
    'linspace',
    (a, device) => ops.linspace(...ends(a, device), a.n, { dtype: a.dtype, device }) as Tensor,
    [
      [1, 10],
      [100, 3],
    ],
    LENGTHS.filter((n) => n < 100),
  ),
  spaced(
    'logspace',
    (a, device) => ops.logspace(...ends(a, device), a.n, 2, { dtype: a.dtype, device }) as Tensor,
    [
      [0, 6],
      [5, 1],
    ],
    [0, 1, 2, 7],
  ),
  windows,
]
