/** Sequences of several lengths: lib/ops/packedSequence.ts. */
import type { PackedSequence, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type OpSpec, REALS } from '../opspec/spec.js'
import { SHAPE, VALUE } from '../opspec/structural.js'

interface Args {
  lengths: readonly number[]
  batchFirst: boolean
  enforceSorted?: boolean
  paddingValue?: number
  totalLength?: number
}

const LENGTHS: readonly (readonly number[])[] = [[1], [3, 1], [2, 4, 1, 4]]
const sorted = (lengths: readonly number[]): boolean =>
  lengths.every((n, i) => i === 0 || n <= (lengths[i - 1] as number))
const each: readonly Args[] = LENGTHS.flatMap((lengths) =>
  [false, true].map((batchFirst) => ({ lengths, batchFirst, enforceSorted: sorted(lengths) })),
)
/** (t, b, ...) or (b, t, ...), a step longer than the longest. */
const padded = ({ lengths, batchFirst }: Args, ...rest: number[]): number[] => {
  const [t, b] = [Math.max(...lengths) + 1, lengths.length]
  return [...(batchFirst ? [b, t] : [t, b]), ...rest]
}
const pack = (x: Tensor, { lengths, ...options }: Args): PackedSequence => ops.packPaddedSequence(x, lengths, options)

const common = {
  dtypes: REALS,
  refuses: [],
  accuracy: { roundings: 0 },
  gradient: { roundings: 4 },
} as const

const packPaddedSequence: OpSpec<Args> = {
  ...common,
  name: 'packPaddedSequence',
  ops: ['indexSelect', 'indexAdd'],
  *samples(s) {
    for (const args of each) {
      yield { inputs: [s.values(padded(args))], args }
      yield { inputs: [s.values(padded(args, 2, 3))], args }
    }
  },
  call: ([x], args) => pack(x as Tensor, args).data,
  errors: {
    order: {
      call: (device) => ops.packPaddedSequence(ops.zeros([3, 2], { device }), [1, 3]),
      code: VALUE,
      message: 'packPaddedSequence: lengths (1, 3) are not sorted, longest first; pass {enforceSorted: false}',
    },
    length: {
      call: (device) => ops.packPaddedSequence(ops.zeros([3, 2], { device }), [4, 1]),
      code: VALUE,
      message: 'packPaddedSequence: a length of 4; lengths are from 1 to 3',
    },
    count: {
      call: (device) => ops.packPaddedSequence(ops.zeros([3, 2], { device }), [3]),
      code: SHAPE,
      message: 'packPaddedSequence: 1 lengths for 2 sequences',
    },
  },
}

const padPackedSequence: OpSpec<Args> = {
  ...common,
  name: 'padPackedSequence',
  ops: ['concat', 'indexSelect', 'indexAdd'],
  *samples(s) {
    for (const args of each) {
      yield { inputs: [s.values(padded(args, 2))], args }
      yield { inputs: [s.values(padded(args))], args: { ...args, paddingValue: 1, totalLength: 6 } }
    }
  },
  call: ([x], args) => ops.padPackedSequence(pack(x as Tensor, args), args)[0],
  errors: {
    'total length': {
      call: (device) => ops.padPackedSequence(ops.packSequence([ops.zeros([3], { device })]), { totalLength: 2 }),
      code: VALUE,
      message: 'padPackedSequence: totalLength 2 for a sequence of 3 steps',
    },
  },
}

const unpackSequence: OpSpec<Args> = {
  ...common,
  name: 'unpackSequence',
  ops: ['indexSelect', 'indexAdd'],
  *samples(s) {
    for (const args of each) yield { inputs: [s.values(padded(args, 2))], args }
  },
  call: ([x], args) => ops.unpackSequence(pack(x as Tensor, args)),
}

const unpadSequence: OpSpec<Args> = {
  ...common,
  name: 'unpadSequence',
  ops: ['copy'],
  *samples(s) {
    for (const args of each) yield { inputs: [s.values(padded(args, 2))], args }
  },
  call: ([x], { lengths, batchFirst }) => ops.unpadSequence(x as Tensor, lengths, { batchFirst }),
  errors: {
    length: {
      call: (device) => ops.unpadSequence(ops.zeros([3, 1], { device }), [4]),
      code: VALUE,
      message: 'unpadSequence: a length of 4; lengths are from 0 to 3',
    },
  },
}

const fromSequences = (
  name: string,
  rows: OpSpec['ops'],
  call: (sequences: readonly Tensor[], args: Args) => Tensor,
  errors: OpSpec['errors'] = {},
): OpSpec<Args> => ({
  ...common,
  name,
  ops: rows,
  *samples(s) {
    for (const args of each) yield { inputs: args.lengths.map((n) => s.values([n, 2])), args }
    yield {
      inputs: [3, 1].map((n) => s.values([n])),
      args: { lengths: [3, 1], batchFirst: false, enforceSorted: true, paddingValue: 1 },
    }
  },
  call: (sequences, args) => call(sequences as readonly Tensor[], args),
  errors: errors as Exclude<typeof errors, undefined>,
})

const packSequence = fromSequences(
  'packSequence',
  ['concat', 'indexSelect', 'indexAdd'],
  (sequences, { enforceSorted = true }) => ops.packSequence(sequences, { enforceSorted }).data,
  {
    shapes: {
      call: (device) => ops.packSequence([ops.zeros([3, 2], { device }), ops.zeros([2, 3], { device })]),
      code: SHAPE,
      message: 'packSequence: takes sequences (length, ...) of at least one step, got (3, 2) and (2, 3)',
    },
    none: { call: () => ops.packSequence([]), code: VALUE, message: 'packSequence: no sequences' },
  },
)
const padSequence = fromSequences('padSequence', ['concat', 'fill'], (sequences, args) =>
  ops.padSequence(sequences, args),
)

export const specs: readonly OpSpec[] = [
  packPaddedSequence,
  padPackedSequence,
  unpackSequence,
  unpadSequence,
  packSequence,
  padSequence,
]
