/** Recurrent networks and packed sequences: lib/ops/recurrent.ts, recurrentCells.ts, packedSequence.ts. */
import * as ops from '#lib/index.js'
import { ALL, call, type Entry, entry, FLOATS, type Judge } from '../draw.js'
import { type Both, type Draw, operand } from '../tensors.js'

type T = ops.Tensor
/** Sums of products through several steps. */
const STEPS: Judge = { roundings: 400, power: 2, finite: true }
const INSIDE = { low: -0.5, high: 0.5 }

const weightsOf = (tensors: readonly T[], each: number): ops.RecurrentWeights[] =>
  Array.from({ length: tensors.length / each }, (_, k) => {
    const [weightIh, weightHh, biasIh = null, biasHh = null, weightHr = null] = tensors.slice(k * each, (k + 1) * each)
    return { weightIh: weightIh as T, weightHh: weightHh as T, biasIh, biasHh, weightHr }
  })

type Network = (x: ops.Sequences, w: ops.RecurrentWeights[], state: T[], options: ops.RecurrentOptions) => unknown

const network = (name: string, gates: number, states: number, f: Network): Entry =>
  entry(
    name,
    (r) => {
      const [t, b, i, h] = [r.int(1, 5), r.int(1, 5), r.int(1, 9), r.int(2, 20)]
      const dtype = r.pick(FLOATS)
      const p = states === 2 && r.chance(3) ? r.int(1, h) : h
      const [layers, directions] = [r.int(1, 3), r.int(1, 3)]
      const options = { bidirectional: directions === 2, batchFirst: r.chance(2) }
      const bias = p !== h || !r.chance(3)
      const given = r.chance(2) ? states : 0
      const lengths = r.chance(3) ? [t, ...r.ints(b - 1, 1, t + 1)] : null
      const draw = (...shape: number[]): Both => operand(r, shape, dtype, INSIDE)
      const weights = Array.from({ length: layers * directions }, (_, k) => [
        draw(gates * h, k < directions ? i : directions * p),
        draw(gates * h, p),
        ...(bias ? [draw(gates * h), draw(gates * h)] : []),
        ...(p === h ? [] : [draw(p, h)]),
      ])
      const state = [p, h].slice(0, given).map((width) => draw(layers * directions, b, width))
      const x = options.batchFirst ? draw(b, t, i) : draw(t, b, i)
      return call([x, ...state, ...weights.flat()], (x, ...others) => {
        const packed = lengths && ops.packPaddedSequence(x, lengths, { ...options, enforceSorted: false })
        const w = weightsOf(others.slice(given), (weights[0] as Both[]).length)
        const [y, h] = f(packed ?? x, w, others.slice(0, given), options) as [ops.Sequences, unknown]
        return [y instanceof ops.PackedSequence ? y.data : y, h]
      })
    },
    STEPS,
  )

const cell = (name: string, gates: number, f: (x: T, state: T[], w: ops.CellWeights) => unknown): Entry =>
  entry(
    name,
    (r) => {
      const [b, i, h] = [r.int(0, 5), r.int(1, 9), r.int(1, 20)]
      const dtype = r.pick(FLOATS)
      const draw = (...shape: number[]): Both => operand(r, shape, dtype, INSIDE)
      return call(
        [draw(b, i), draw(b, h), draw(b, h), draw(gates * h, i), draw(gates * h, h), draw(gates * h)],
        (x, h0, c0, weightIh, weightHh, biasHh) => f(x, [h0, c0], { weightIh, weightHh, biasHh }),
      )
    },
    STEPS,
  )

/** Sequences of 1 to 5 elements. */
const lengthsOf = (r: Draw): number[] => r.ints(r.int(1, 5), 1, 6)
const EXACT: Judge = { roundings: 8 }

const padded = (name: string, f: (x: T, lengths: number[], options: ops.PackOptions) => unknown): Entry =>
  entry(
    name,
    (r) => {
      const lengths = lengthsOf(r)
      const [t, b] = [Math.max(...lengths) + r.int(0, 2), lengths.length]
      const batchFirst = r.chance(2)
      const rest = r.ints(r.int(0, 3), 0, 4)
      const x = operand(r, [...(batchFirst ? [b, t] : [t, b]), ...rest], r.pick(ALL))
      return call([x], (x) => f(x, lengths, { batchFirst, enforceSorted: false }))
    },
    EXACT,
  )

const listed = (name: string, f: (sequences: T[]) => unknown): Entry =>
  entry(
    name,
    (r) => {
      const dtype = r.pick(ALL)
      const rest = r.ints(r.int(0, 3), 0, 4)
      return call(
        lengthsOf(r).map((n) => operand(r, [n, ...rest], dtype)),
        (...sequences) => f(sequences),
      )
    },
    EXACT,
  )

export const recurrent: readonly Entry[] = [
  network('lstm', 4, 2, (x, w, [h, c], o) => ops.lstm(x, w, h && c ? [h, c] : null, o)),
  network('gru', 3, 1, (x, w, [h], o) => ops.gru(x, w, h ?? null, o)),
  network('rnnTanh', 1, 1, (x, w, [h], o) => ops.rnnTanh(x, w, h ?? null, o)),
  // Kinks: near zero the two devices may differ in the sign of a sum.
  { ...network('rnnRelu', 1, 1, (x, w, [h], o) => ops.rnnRelu(x, w, h ?? null, o)), gradient: false },
  cell('lstmCell', 4, (x, [h, c], w) => ops.lstmCell(x, [h as T, c as T], w)),
  cell('gruCell', 3, (x, [h], w) => ops.gruCell(x, h ?? null, w)),
  cell('rnnTanhCell', 1, (x, [h], w) => ops.rnnTanhCell(x, h ?? null, w)),
  { ...cell('rnnReluCell', 1, (x, [h], w) => ops.rnnReluCell(x, h ?? null, w)), gradient: false },
  padded('packPaddedSequence, padPackedSequence', (x, lengths, o) => {
    const packed = ops.packPaddedSequence(x, lengths, o)
    return [packed.data, ops.padPackedSequence(packed, { ...o, paddingValue: 1, totalLength: 7 })[0]]
  }),
  padded('unpackSequence', (x, lengths, o) => ops.unpackSequence(ops.packPaddedSequence(x, lengths, o))),
  padded('unpadSequence', (x, lengths, { batchFirst = false }) => ops.unpadSequence(x, lengths, { batchFirst })),
  listed('packSequence', (sequences) => ops.packSequence(sequences, { enforceSorted: false }).data),
  listed('padSequence', (sequences) => ops.padSequence(sequences, { batchFirst: true, paddingValue: 1 })),
]
