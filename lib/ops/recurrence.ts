/**
 * One layer of a recurrent network, in one direction, over all steps, as one command. Place in the whole: recurrent.ts stacks it into
 * networks; recurrenceComposed.ts has the same of recorded operators.
 * Shapes: n rows, B sequences, I inputs, H units, P the width of h (H but for an LSTM with a projection), G gates.
 */
import { needsGrad, recordMany, save } from '../autograd/node.js'
import { OP } from '../generated/ops.js'
import type { Tensor } from '../tensor/tensor.js'
import { add } from './binary.js'
import { tensor, zeros } from './creation.js'
import { makeMany, type ResultSpec } from './emit.js'
import { indexSelect } from './indexing.js'
import { concat } from './join.js'
import { MADS_PER_NS, product, TRANSPOSE_A } from './matmul.js'
import { composedGradients } from './recurrenceComposed.js'
import { CELLS, GATES, type LayerOperands, type LayerSpec, OPERANDS, type Steps } from './recurrenceLayer.js'
import { sum } from './reduce.js'
import { narrow } from './views.js'

const NAME = 'recurrence'

/**
 * x (n, I) -> [y (n, P), hn (B, P)], of an LSTM also cn (B, H). All operands of one dtype, f32 or f64, and shapes that fit: who calls
 * has checked them. Differentiable any number of times.
 */
export function recurrence(layer: LayerSpec, o: LayerOperands): Tensor[] {
  const { cell, steps } = layer
  const [n, inputs] = o.x.shape as [number, number]
  const [rows, width] = o.weightHh.shape as [number, number]
  const hidden = rows / GATES[cell]
  const operands = OPERANDS.map((name) => o[name])
  const { dtype } = o.x
  const spec = (...shape: number[]): ResultSpec => ({ dtype, shape })
  const results = [spec(n, width), spec(steps.batch, width)]
  if (cell === 'lstm') results.push(spec(steps.batch, hidden))
  const own = results.length
  const recorded = operands.some((t) => t !== null && needsGrad(t))
  if (recorded && GATES[cell] > 1) results.push(spec(n, rows), spec(n, hidden))
  const sizes = sizesOf(steps, o.x)
  const ns = (n * rows * (inputs + width)) / MADS_PER_NS
  const made = makeMany(NAME, OP.recurrence, results, [...operands, sizes], attributesOf(layer), ns)
  const outs = made.slice(0, own)
  if (recorded) {
    // Some are absent; the rule sees from the flags which.
    const kept = [...operands, made[0] as Tensor, made[own], made[own + 1], sizes]
    const saved = kept.flatMap((t) => (t ? [save(t)] : []))
    recordMany(NAME, outs, operands, saved, ruleOf(layer, kept.map(Boolean), wantedOf(operands)))
  }
  return outs
}

const wantedOf = (operands: readonly (Tensor | null)[]): boolean[] => operands.map((t) => t?.requiresGrad ?? false)
const attributesOf = ({ cell, reverse, steps }: LayerSpec): number[] => [
  CELLS.indexOf(cell),
  reverse ? 1 : 0,
  steps.batch,
]
const sizesOf = ({ sizes }: Steps, like: Tensor): Tensor | null =>
  sizes ? tensor([...sizes], { dtype: 'i64', device: like.device, shape: [sizes.length] }) : null

type Gradients = readonly (Tensor | null)[]

function ruleOf(layer: LayerSpec, present: readonly boolean[], wanted: readonly boolean[]) {
  return (gs: Gradients, saved: readonly Tensor[]): (Tensor | null)[] => {
    let at = 0
    const kept = present.map((there) => (there ? (saved[at++] as Tensor) : null))
    const [x, weightIh, weightHh, biasIh, biasHh, h0, c0, weightHr, y, gates, state, sizes] = kept
    const o = { x, weightIh, weightHh, biasIh, biasHh, h0, c0, weightHr } as LayerOperands
    if ([...gs, ...kept.slice(0, OPERANDS.length)].some((t) => t && needsGrad(t)))
      return composedGradients(layer, o, gs, wanted)
    return gradients(layer, o, gs, wanted, y as Tensor, gates ?? null, state ?? null, sizes ?? null)
  }
}

/** All gradients from those of the gates' sums, which one command makes: what remains are products over all steps at once. */
function gradients(
  layer: LayerSpec,
  o: LayerOperands,
  [gy, ghn, gcn]: Gradients,
  wanted: readonly boolean[],
  y: Tensor,
  gates: Tensor | null,
  state: Tensor | null,
  sizes: Tensor | null,
): (Tensor | null)[] {
  const { cell, steps } = layer
  const [n, width] = y.shape as [number, number]
  const rows = o.weightHh.shape[0] as number
  const hidden = rows / GATES[cell]
  const spec = (...shape: number[]): ResultSpec => ({ dtype: y.dtype, shape })
  const results = [spec(n, cell === 'gru' ? 4 * hidden : rows), spec(steps.batch, width)]
  if (cell === 'lstm') results.push(spec(steps.batch, hidden))
  if (o.weightHr) results.push(spec(n, width), spec(n, hidden))
  const operands = [gy, ghn, gcn, o.weightHh, o.h0, o.c0, o.weightHr, y, gates, state, sizes]
  const ns = (n * rows * width) / MADS_PER_NS
  const [dx, dWih, dWhh, dBih, dBhh, dh0, dc0, dWhr] = wanted
  const attributes = [...attributesOf(layer), dh0 ? 1 : 0]
  const made = makeMany(NAME, OP.recurrenceBackward, results, operands, attributes, ns)
  const [d, gh0, gc0, gprojected, full] = made as [Tensor, ...Tensor[]]
  // A GRU's are those of its hidden n, and of r, z and n: three neighbours are the hidden side's, three the input's.
  const inner = cell === 'gru' ? narrow(d, 1, hidden, rows) : d
  const [gWih, gBih] = weightGradients(inner, o.x, dWih === true, dBih === true || dBhh === true)
  return [
    dx ? product(inner, o.weightIh, 0) : null,
    gWih,
    dWhh ? hiddenGradient(layer, cell === 'gru' ? narrow(d, 1, 0, rows) : d, hidden, y, o.h0) : null,
    dBih ? gBih : null,
    dBhh ? (cell === 'gru' ? hiddenBias(gBih as Tensor, d, hidden) : gBih) : null,
    dh0 ? (gh0 as Tensor) : null,
    dc0 ? (gc0 as Tensor) : null,
    dWhr ? product(gprojected as Tensor, full as Tensor, TRANSPOSE_A) : null,
  ]
}

/** d^T x and the sums of d's columns. */
function weightGradients(
  d: Tensor,
  x: Tensor,
  weight: boolean,
  bias: boolean,
): readonly [Tensor | null, Tensor | null] {
  if (!weight || !bias) return [weight ? product(d, x, TRANSPOSE_A) : null, bias ? sum(d, 0) : null]
  const [n, rows, inputs] = [d.shape[0] as number, d.shape[1] as number, x.shape[1] as number]
  const results = [
    { dtype: d.dtype, shape: [rows, inputs] },
    { dtype: d.dtype, shape: [rows] },
  ]
  const ns = (n * rows * inputs) / MADS_PER_NS
  return makeMany('linearBackward', OP.linearBackward, results, [d, x], [], ns) as [Tensor, Tensor]
}

/** A GRU's: what hidden n gets comes first in d, and last in the bias. */
const hiddenBias = (gBih: Tensor, d: Tensor, hidden: number): Tensor =>
  concat([narrow(gBih, 0, 0, 2 * hidden), sum(narrow(d, 1, 0, hidden), 0)])

/** d^T h, h of the step before: y, moved on by a step, and h0. */
function hiddenGradient(layer: LayerSpec, d: Tensor, hidden: number, y: Tensor, h0: Tensor | null): Tensor {
  const g = layer.steps.sizes ? product(d, before(layer, y, h0), TRANSPOSE_A) : shifted(layer, d, y, h0)
  if (layer.cell !== 'gru') return g
  return concat([narrow(g, 0, hidden, 2 * hidden), narrow(g, 0, 0, hidden)])
}

/** Sequences of one length: both factors are views. */
function shifted({ reverse, steps }: LayerSpec, d: Tensor, y: Tensor, h0: Tensor | null): Tensor {
  const { batch } = steps
  const rest = (y.shape[0] as number) - batch
  const begin = h0 && product(narrow(d, 0, reverse ? rest : 0, batch), h0, TRANSPOSE_A)
  if (begin && rest === 0) return begin
  const inside = product(narrow(d, 0, reverse ? 0 : batch, rest), narrow(y, 0, reverse ? batch : 0, rest), TRANSPOSE_A)
  return begin ? add(inside, begin) : inside
}

/** For each row the h that its step began with. */
function before({ reverse, steps }: LayerSpec, y: Tensor, h0: Tensor | null): Tensor {
  const [n, width] = y.shape as [number, number]
  const begin = h0 ?? zeros([steps.batch, width], { dtype: y.dtype, device: y.device })
  const at = tensor(rowsBefore(steps, n, reverse), { dtype: 'i64', device: y.device, shape: [n] })
  return indexSelect(concat([y, begin]), 0, at)
}

/** For each row of y that of its sequence's step before, or n + b, row b of h0. */
function rowsBefore(steps: Steps, n: number, reverse: boolean): number[] {
  const sizes = steps.sizes as readonly number[]
  const rows: number[] = []
  let first = 0
  sizes.forEach((size, t) => {
    const other = sizes[reverse ? t + 1 : t - 1] ?? 0
    const otherFirst = reverse ? first + size : first - other
    for (let b = 0; b < size; b++) rows.push(b < other ? otherFirst + b : n + b)
    first += size
  })
  return rows
}
