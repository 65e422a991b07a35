/**
 * LSTM, GRU and plain recurrent networks: layers stacked, in one direction or both, over sequences of one length or several. Place in
 * the whole: lib/nn's layers call these; recurrence.ts computes one layer in one direction.
 * Shapes: T steps, B sequences, I inputs, H units, P the width of h (H, or the rows of weightHr), L layers, D directions.
 */
import { autocasting } from '../autograd/mode.js'
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { type DType, isFloating } from '../tensor/dtype.js'
import { type Shape, sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { alwaysFull } from './autocast.js'
import { cast } from './convert.js'
import { dropout } from './dropout.js'
import { isTensor } from './emit.js'
import { concat, stack } from './join.js'
import type { PackedSequence } from './packedSequence.js'
import type { Generator } from './random.js'
import { recurrence } from './recurrence.js'
import { type Cell, GATES, type Steps } from './recurrenceLayer.js'
import { reshape, select, squeeze, transpose, unsqueeze } from './views.js'

/** The parameters of one layer in one direction, G gates: 4 for an LSTM (i f g o), 3 for a GRU (r z n), else 1. */
export interface RecurrentWeights {
  /** (G H, I); above the first layer I is D P. */
  weightIh: Tensor
  /** (G H, P) */
  weightHh: Tensor
  /** (G H) */
  biasIh?: Tensor | null
  /** (G H) */
  biasHh?: Tensor | null
  /** (P, H): an LSTM's h is weightHr times o tanh(c) (Sak et al. 2014). */
  weightHr?: Tensor | null
}

export interface RecurrentOptions {
  /** x and y are (B, T, ...) instead of (T, B, ...). */
  batchFirst?: boolean
  /** Every layer also runs from the last step to the first; the weights are forward, backward, layer by layer. */
  bidirectional?: boolean
  /** Of what passes from one layer to the next. Default 0. */
  dropout?: number
  /** false: without dropout. Default true. */
  training?: boolean
  generator?: Generator
}

/** Sequences: (T, B, I), (B, T, I) with batchFirst, one (T, I), or packed. */
export type Sequences = Tensor | PackedSequence
/** y of the kind that x is. */
export type SequencesLike<X extends Sequences> = X extends PackedSequence ? PackedSequence : Tensor

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997): x (T, B, I) -> [y (T, B, D P), [hn (L D, B, P), cn (L D, B, H)]]. `state`:
 * [h0, c0] of hn's and cn's shapes, zeros without it. Unbatched: x (T, I), states without B. f32, f64; bf16 and f16 compute in f32.
 * Differentiable any number of times. Definition: torch.nn.LSTM.
 *
 * Throws ShapeError where weights, states and input do not fit, DTypeError where dtypes differ.
 */
export function lstm<X extends Sequences>(
  x: X,
  weights: readonly RecurrentWeights[],
  state?: readonly [Tensor, Tensor] | null,
  options: RecurrentOptions = {},
): [SequencesLike<X>, [Tensor, Tensor]] {
  const [y, h, c] = run('lstm', 'lstm', x, weights, state?.[0] ?? null, state?.[1] ?? null, options)
  return [y as SequencesLike<X>, [h, c as Tensor]]
}

/**
 * Gated recurrent units (Cho et al. 2014), the reset gate applied after the hidden product: x (T, B, I) -> [y (T, B, D H),
 * hn (L D, B, H)]. `state`: h0 of hn's shape. Everything else as `lstm`. Definition: torch.nn.GRU.
 */
export function gru<X extends Sequences>(
  x: X,
  weights: readonly RecurrentWeights[],
  state?: Tensor | null,
  options: RecurrentOptions = {},
): [SequencesLike<X>, Tensor] {
  const [y, h] = run('gru', 'gru', x, weights, state ?? null, null, options)
  return [y as SequencesLike<X>, h]
}

/** h = tanh(W_ih x + b_ih + W_hh h' + b_hh) (Elman 1990); see `gru`. Definition: torch.nn.RNN. */
export function rnnTanh<X extends Sequences>(
  x: X,
  weights: readonly RecurrentWeights[],
  state?: Tensor | null,
  options: RecurrentOptions = {},
): [SequencesLike<X>, Tensor] {
  const [y, h] = run('rnnTanh', 'tanh', x, weights, state ?? null, null, options)
  return [y as SequencesLike<X>, h]
}

/** `rnnTanh` with max(0, ...) in place of tanh. */
export function rnnRelu<X extends Sequences>(
  x: X,
  weights: readonly RecurrentWeights[],
  state?: Tensor | null,
  options: RecurrentOptions = {},
): [SequencesLike<X>, Tensor] {
  const [y, h] = run('rnnRelu', 'relu', x, weights, state ?? null, null, options)
  return [y as SequencesLike<X>, h]
}

/** Rows of x, step after step, and what brings results back to x's form. */
interface Rows {
  rows: Tensor
  steps: Steps
  y: (rows: Tensor) => Sequences
  /** States in the order of the rows' sequences, and back in the caller's. */
  enter: (state: Tensor) => Tensor
  leave: (state: Tensor) => Tensor
}

function run(
  name: string,
  cell: Cell,
  x: Sequences,
  weights: readonly RecurrentWeights[],
  h0: Tensor | null,
  c0: Tensor | null,
  options: RecurrentOptions,
): [Sequences, Tensor, Tensor | null] {
  if (autocasting.frame) {
    return alwaysFull([isTensor(x) ? x : x.data, h0, c0], (data, h, c) =>
      run(name, cell, isTensor(x) ? (data as Tensor) : x.withData(data as Tensor), weights, h, c, options),
    )
  }
  const { dtype } = isTensor(x) ? x : x.data
  const computing = checkDTypes(name, dtype, [h0, c0, ...weights.flatMap(tensorsOf)])
  const { rows, steps, y, enter, leave } = rowsOf(name, x, options.batchFirst === true)
  const wide = (t: Tensor): Tensor => cast(t, computing)
  const [h, c] = [h0, c0].map((t) => t && enter(wide(t))) as [Tensor | null, Tensor | null]
  checkLayers(name, cell, rows, weights, h, c, steps.batch, options)
  const results = stacked(cell, wide(rows), steps, weights, h, c, options)
  const back = (t: Tensor): Tensor => leave(cast(t, dtype))
  return [y(cast(results[0], dtype)), back(results[1]), results[2] && back(results[2])]
}

/** x (n, I) -> y (n, D P), hn (L D, B, P), an LSTM's cn (L D, B, H). */
function stacked(
  cell: Cell,
  x: Tensor,
  steps: Steps,
  weights: readonly RecurrentWeights[],
  h0: Tensor | null,
  c0: Tensor | null,
  options: RecurrentOptions,
): [Tensor, Tensor, Tensor | null] {
  const directions = options.bidirectional ? 2 : 1
  const { dropout: p = 0, training = true, generator } = options
  const [hs, cs]: [Tensor[], Tensor[]] = [[], []]
  let y = x
  for (let at = 0; at < weights.length; at += directions) {
    if (at > 0) y = dropout(y, p, generator ? { training, generator } : { training })
    const sides = weights.slice(at, at + directions).map((w, side) => {
      const wide = (t: Tensor | null | undefined): Tensor | null => (t ? cast(t, x.dtype) : null)
      const [own, h, c] = recurrence(
        { cell, reverse: side === 1, steps },
        {
          x: y,
          weightIh: wide(w.weightIh) as Tensor,
          weightHh: wide(w.weightHh) as Tensor,
          biasIh: wide(w.biasIh),
          biasHh: wide(w.biasHh),
          h0: h0 && select(h0, 0, at + side),
          c0: c0 && select(c0, 0, at + side),
          weightHr: wide(w.weightHr),
        },
      )
      hs.push(h as Tensor)
      if (c) cs.push(c)
      return own as Tensor
    })
    y = directions === 2 ? concat(sides, 1) : (sides[0] as Tensor)
  }
  const all = (ts: Tensor[]): Tensor => (ts.length === 1 ? unsqueeze(ts[0] as Tensor, 0) : stack(ts, 0))
  return [y, all(hs), cs.length > 0 ? all(cs) : null]
}

function rowsOf(name: string, x: Sequences, batchFirst: boolean): Rows {
  if (!isTensor(x)) {
    const sizes = x.batchSizes
    if (x.data.rank !== 2)
      throw new ShapeError(`${name}: takes packed sequences of rows (n, i), got ${show(x.data.shape)}`)
    return {
      rows: x.data,
      steps: { count: sizes.length, batch: sizes[0] as number, sizes },
      y: (rows) => x.withData(rows),
      enter: (state) => x.toSorted(state, 1),
      leave: (state) => x.toOriginal(state, 1),
    }
  }
  if (x.rank !== 2 && x.rank !== 3)
    throw new ShapeError(
      `${name}: takes sequences (t, b, i), (b, t, i) with batchFirst, or one (t, i), got ${show(x.shape)}`,
    )
  const batched = x.rank === 3
  const timed = batched ? (batchFirst ? transpose(x, 0, 1) : x) : unsqueeze(x, 1)
  const [count, batch, inputs] = timed.shape as [number, number, number]
  if (count === 0) throw new ShapeError(`${name}: sequences of no steps: ${show(x.shape)}`)
  return {
    rows: reshape(timed, [count * batch, inputs]),
    steps: { count, batch, sizes: null },
    y(rows) {
      const y = reshape(rows, [count, batch, rows.shape[1] as number])
      return batched ? (batchFirst ? transpose(y, 0, 1) : y) : squeeze(y, 1)
    },
    enter: (state) => {
      if (state.rank !== x.rank)
        throw new ShapeError(
          `${name}: a state ${show(state.shape)} for ${batched ? 'a batch' : 'one sequence'} ${show(x.shape)}`,
        )
      return batched ? state : unsqueeze(state, 1)
    },
    leave: (state) => (batched ? state : squeeze(state, 1)),
  }
}

const tensorsOf = (w: RecurrentWeights): (Tensor | null)[] => [
  w.weightIh,
  w.weightHh,
  w.biasIh ?? null,
  w.biasHh ?? null,
  w.weightHr ?? null,
]

/** The dtype to compute in. */
export function checkDTypes(name: string, dtype: DType, others: readonly (Tensor | null)[]): DType {
  if (!isFloating(dtype)) throw new DTypeError(`${name}: takes floating-point tensors, got ${dtype}`)
  const other = others.find((t) => t !== null && t.dtype !== dtype)
  if (other) throw new DTypeError(`${name}: dtypes differ: ${dtype} and ${other.dtype}; convert one with .to()`)
  return dtype === 'f64' ? 'f64' : 'f32'
}

function checkLayers(
  name: string,
  cell: Cell,
  x: Tensor,
  weights: readonly RecurrentWeights[],
  h0: Tensor | null,
  c0: Tensor | null,
  batch: number,
  { bidirectional, dropout: p = 0 }: RecurrentOptions,
): void {
  const directions = bidirectional ? 2 : 1
  if (weights.length === 0 || weights.length % directions !== 0)
    throw new ValueError(`${name}: weights of ${weights.length} layers and directions for ${directions} directions`)
  if (!(p >= 0 && p <= 1)) throw new ValueError(`${name}: dropout ${p} is not a probability`)
  let inputs = x.shape[1] as number
  weights.forEach((w, i) => {
    const { width } = checkWeights(name, cell, w, inputs, `of layer ${Math.floor(i / directions)}`)
    if (i % directions === directions - 1) inputs = directions * width
    const hidden = (w.weightHh.shape[0] as number) / GATES[cell]
    if (i > 0) return
    checkState(name, 'h0', h0, [weights.length, batch, width])
    checkState(name, 'c0', c0, [weights.length, batch, hidden])
  })
}

function checkState(name: string, which: string, state: Tensor | null, shape: Shape): void {
  if (state && !sameShape(state.shape, shape))
    throw new ShapeError(`${name}: ${which} is ${show(state.shape)}, not ${show(shape)}`)
}

/** Sizes that the weights agree on. */
export function checkWeights(
  name: string,
  cell: Cell,
  w: RecurrentWeights,
  inputs: number,
  where: string,
): { hidden: number; width: number } {
  const gates = GATES[cell]
  const rows = w.weightHh.shape[0] ?? 0
  const hidden = rows / gates
  if (w.weightHh.rank !== 2 || rows === 0 || rows % gates !== 0)
    throw new ShapeError(`${name}: weightHh ${where} is ${show(w.weightHh.shape)}, not (${gates} h, h)`)
  if (w.weightHr && cell !== 'lstm') throw new ValueError(`${name}: weightHr ${where}: only an LSTM has a projection`)
  const width = w.weightHr ? (w.weightHr.shape[0] ?? 0) : hidden
  const shapes: [keyof RecurrentWeights, Shape][] = [
    ['weightIh', [rows, inputs]],
    ['weightHh', [rows, width]],
    ['biasIh', [rows]],
    ['biasHh', [rows]],
    ['weightHr', [width, hidden]],
  ]
  for (const [key, shape] of shapes) {
    const t = w[key]
    if (t && !sameShape(t.shape, shape))
      throw new ShapeError(`${name}: ${key} ${where} is ${show(t.shape)}, not ${show(shape)}`)
  }
  return { hidden, width }
}
