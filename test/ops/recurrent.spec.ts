/** Recurrent networks: lib/ops/recurrent.ts, recurrentCells.ts. */

import type { RecurrentOptions, RecurrentWeights, Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import type { Sampler } from '../opspec/sampler.js'
import { FLOATS, type Input, type OpSpec, type Sample } from '../opspec/spec.js'

interface Args extends RecurrentOptions {
  /** Tensors behind x that are states. */
  states: number
  /** x is packed by these lengths. */
  lengths?: readonly number[]
  bias: boolean
  projected?: boolean
}

interface Size {
  t?: number
  b?: number
  i: number
  h: number
  p?: number
  layers?: number
}

const MAKERS = { lstm: ops.lstm, gru: ops.gru, rnnTanh: ops.rnnTanh, rnnRelu: ops.rnnRelu }
type Maker = keyof typeof MAKERS
const GATES: Record<Maker, number> = { lstm: 4, gru: 3, rnnTanh: 1, rnnRelu: 1 }
const NARROW = { low: -1, high: 1 }

function sampleOf(s: Sampler, maker: Maker, size: Size, args: Partial<Args>): Sample<Args> {
  const { t, b, i, h, p = h, layers = 1 } = size
  const directions = args.bidirectional ? 2 : 1
  const rows = GATES[maker] * h
  const values = (...shape: number[]): Input => s.values(shape, NARROW)
  const batch = b === undefined ? [] : [b]
  const bias = args.bias ?? true
  const states = args.states ?? 0
  const steps = t === undefined ? [] : [t]
  const weights = Array.from({ length: layers * directions }, (_, k): Input[] => {
    const scale = { low: -1 / Math.sqrt(h), high: 1 / Math.sqrt(h) }
    const weight = (...shape: number[]): Input => s.values(shape, scale)
    return [
      weight(rows, k < directions ? i : directions * p),
      weight(rows, p),
      ...(bias ? [weight(rows), weight(rows)] : []),
      ...(p === h ? [] : [weight(p, h)]),
    ]
  })
  const stack = t === undefined ? [] : [layers * directions]
  const state = [p, h].slice(0, states).map((width) => values(...stack, ...batch, width))
  return {
    inputs: [
      values(...(args.batchFirst ? [...batch, ...steps] : [...steps, ...batch]), i),
      ...state,
      ...weights.flat(),
    ],
    args: { ...args, states, bias, projected: p !== h },
  }
}

/** Batched, unbatched and packed; stacked, both ways, without biases, states or both; sizes around the widths of vectors. */
function* samples(s: Sampler, maker: Maker): Iterable<Sample<Args>> {
  const states = maker === 'lstm' ? 2 : 1
  const of = (size: Size, args: Partial<Args> = {}): Sample<Args> => sampleOf(s, maker, size, args)
  yield of({ t: 1, b: 1, i: 1, h: 1 })
  yield of({ t: 3, b: 2, i: 4, h: 5 }, { states })
  yield of({ t: 4, i: 3, h: 2 }, { states, bidirectional: true })
  yield of({ t: 2, b: 3, i: 2, h: 3, layers: 2 }, { states, bidirectional: true, batchFirst: true })
  yield of({ t: 3, b: 2, i: 3, h: 4 }, { bias: false })
  yield of({ t: 4, b: 3, i: 2, h: 3 }, { states, bidirectional: true, lengths: [2, 4, 1] })
  yield of({ t: 3, b: 2, i: 2, h: 3 }, { lengths: [3, 3], batchFirst: true })
  yield of({ t: 2, b: 0, i: 2, h: 3 }, { states })
  if (maker === 'lstm') {
    yield of({ t: 3, b: 2, i: 3, h: 5, p: 2, layers: 2 }, { states, bidirectional: true })
    yield of({ t: 3, b: 3, i: 3, h: 4, p: 1 }, { states, lengths: [3, 2, 1], bias: false })
  }
  yield of({ t: 3, b: 13, i: 33, h: 17 }, { states })
  yield { ...of({ t: 9, b: 33, i: 65, h: 130 }, { states, bidirectional: true }), large: true }
  // The input products come in several parts.
  yield { ...of({ t: 40, b: 31, i: 9, h: 33 }, { states, bidirectional: true }), large: true }
}

function weightsOf(tensors: readonly (Tensor | null)[], { bias, projected }: Args): RecurrentWeights[] {
  const each = 2 + (bias ? 2 : 0) + (projected ? 1 : 0)
  return Array.from({ length: tensors.length / each }, (_, k) => {
    const [weightIh, weightHh, ...others] = tensors.slice(k * each, (k + 1) * each) as Tensor[]
    const [biasIh, biasHh] = bias ? others.splice(0, 2) : [null, null]
    return {
      weightIh: weightIh as Tensor,
      weightHh: weightHh as Tensor,
      biasIh: biasIh ?? null,
      biasHh: biasHh ?? null,
      weightHr: others[0] ?? null,
    }
  })
}

/** The largest elements here are about 1, and so are what errors come from. */
const accuracy: OpSpec<Args>['accuracy'] = {
  roundings: 60,
  serial: true,
  terms: ([x, w]) => (x?.shape.at(-1) as number) + (w?.shape.at(-1) as number),
  magnitude: 'norm',
}

const network = (maker: Maker, errors: OpSpec<Args>['errors'] = {}): OpSpec<Args> => ({
  name: maker,
  ops: ['recurrence', 'recurrenceBackward'],
  dtypes: FLOATS,
  samples: (s) => samples(s, maker),
  call([x, ...others], args) {
    const { states, lengths, bias, projected, ...options } = args
    const given = lengths
      ? ops.packPaddedSequence(x as Tensor, lengths, { batchFirst: options.batchFirst ?? false, enforceSorted: false })
      : (x as Tensor)
    const state = states === 0 ? null : maker === 'lstm' ? [others[0], others[1]] : others[0]
    const [y, h] = MAKERS[maker](given, weightsOf(others.slice(states), args), state as never, options)
    return [y instanceof ops.PackedSequence ? y.data : y, ...(Array.isArray(h) ? h : [h])]
  },
  accuracy,
  gradient: { roundings: 400, ...(maker === 'rnnRelu' ? { kinks: '0' } : {}) },
  errors,
})

const zeros = (device: string, ...shape: number[]): Tensor => ops.zeros(shape, { device })
const weights = (device: string): RecurrentWeights[] => [
  { weightIh: zeros(device, 8, 3), weightHh: zeros(device, 8, 2) },
]

const lstm = network('lstm', {
  input: {
    call: (device) => ops.lstm(zeros(device, 5, 1, 4), weights(device)),
    code: 'SINTER_SHAPE',
    message: 'lstm: weightIh of layer 0 is (8, 3), not (8, 4)',
  },
  state: {
    call: (device) => {
      const h = zeros(device, 1, 2, 2)
      return ops.lstm(zeros(device, 5, 1, 3), weights(device), [h, h])
    },
    code: 'SINTER_SHAPE',
    message: 'lstm: h0 is (1, 2, 2), not (1, 1, 2)',
  },
  'no steps': {
    call: (device) => ops.lstm(zeros(device, 0, 1, 3), weights(device)),
    code: 'SINTER_SHAPE',
    message: 'lstm: sequences of no steps: (0, 1, 3)',
  },
  directions: {
    call: (device) => ops.lstm(zeros(device, 5, 1, 3), weights(device), null, { bidirectional: true }),
    code: 'SINTER_VALUE',
    message: 'lstm: weights of 1 layers and directions for 2 directions',
  },
  dtypes: {
    call: (device) => ops.lstm(ops.zeros([5, 1, 3], { device, dtype: 'f64' }), weights(device)),
    code: 'SINTER_DTYPE',
    message: 'lstm: dtypes differ: f64 and f32; convert one with .to()',
  },
})

const gru = network('gru', {
  projection: {
    call: (device) =>
      ops.gru(zeros(device, 5, 1, 3), [
        { weightIh: zeros(device, 6, 3), weightHh: zeros(device, 6, 2), weightHr: zeros(device, 1, 2) },
      ]),
    code: 'SINTER_VALUE',
    message: 'gru: weightHr of layer 0: only an LSTM has a projection',
  },
})

const CELL_MAKERS = {
  lstmCell: ops.lstmCell,
  gruCell: ops.gruCell,
  rnnTanhCell: ops.rnnTanhCell,
  rnnReluCell: ops.rnnReluCell,
}
type CellMaker = keyof typeof CELL_MAKERS

const cell = (name: CellMaker, maker: Maker, errors: OpSpec<Args>['errors'] = {}): OpSpec<Args> => ({
  name,
  ops: ['recurrence', 'recurrenceBackward'],
  dtypes: FLOATS,
  *samples(s) {
    const states = maker === 'lstm' ? 2 : 1
    yield sampleOf(s, maker, { b: 1, i: 1, h: 1 }, {})
    yield sampleOf(s, maker, { b: 3, i: 4, h: 5 }, { states })
    yield sampleOf(s, maker, { i: 3, h: 9 }, { states, bias: false })
    yield sampleOf(s, maker, { b: 0, i: 3, h: 2 }, { states })
    yield { ...sampleOf(s, maker, { b: 70, i: 60, h: 90 }, { states }), large: true }
  },
  call([x, ...others], args) {
    const { states } = args
    const state = states === 0 ? null : maker === 'lstm' ? [others[0], others[1]] : others[0]
    return CELL_MAKERS[name](x as Tensor, state as never, weightsOf(others.slice(states), args)[0] as RecurrentWeights)
  },
  accuracy,
  gradient: { roundings: 200, ...(maker === 'rnnRelu' ? { kinks: '0' } : {}) },
  errors,
})

const lstmCell = cell('lstmCell', 'lstm', {
  state: {
    call: (device) => {
      const h = zeros(device, 2)
      return ops.lstmCell(zeros(device, 1, 3), [h, h], weights(device)[0] as RecurrentWeights)
    },
    code: 'SINTER_SHAPE',
    message: 'lstmCell: a state (2) for input (1, 3) and 2 units',
  },
})

export const specs: readonly OpSpec[] = [
  lstm,
  gru,
  network('rnnTanh'),
  network('rnnRelu'),
  lstmCell,
  cell('gruCell', 'gru'),
  cell('rnnTanhCell', 'rnnTanh'),
  cell('rnnReluCell', 'rnnRelu'),
]
