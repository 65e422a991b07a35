/**
 * A recurrent layer of recorded operators, step by step, and its gradients from them. Place in the whole: for backward passes that are
 * recorded; the kernels recurrence and recurrenceBackward compute the same.
 */
import { grad } from '../autograd/grad.js'
import type { Tensor } from '../tensor/tensor.js'
import { add, mul, sub } from './binary.js'
import { zeros } from './creation.js'
import { concat } from './join.js'
import { linear } from './linear.js'
import { type LayerOperands, type LayerSpec, OPERANDS } from './recurrenceLayer.js'
import { relu, sigmoid, tanh } from './unary.js'
import { narrow, reshape } from './views.js'

/** See `recurrence`. */
export function composedRecurrence({ cell, reverse, steps }: LayerSpec, o: LayerOperands): Tensor[] {
  const { dtype, device } = o.x
  const [rows, width] = o.weightHh.shape as [number, number]
  const hidden = cell === 'lstm' ? rows / 4 : width
  const start = (t: Tensor | null, size: number): Tensor => t ?? zeros([steps.batch, size], { dtype, device })
  let h = start(o.h0, width)
  let c = start(o.c0, hidden)
  const sums = linear(o.x, o.weightIh, o.biasIh)
  const first = [0]
  for (let t = 0; t < steps.count; t++) first.push((first[t] as number) + (steps.sizes?.[t] ?? steps.batch))
  const ys: Tensor[] = new Array<Tensor>(steps.count)
  for (let s = 0; s < steps.count; s++) {
    const t = reverse ? steps.count - 1 - s : s
    const from = first[t] as number
    const size = (first[t + 1] as number) - from
    const into = narrow(sums, 0, from, size)
    const [hs, cs] = [narrow(h, 0, 0, size), narrow(c, 0, 0, size)]
    const inner = linear(hs, o.weightHh, o.biasHh)
    let y: Tensor
    if (cell === 'lstm') {
      const gate = (g: number): Tensor => narrow(all, 1, g * hidden, hidden)
      const all = add(into, inner)
      const next = add(mul(sigmoid(gate(1)), cs), mul(sigmoid(gate(0)), tanh(gate(2))))
      const full = mul(sigmoid(gate(3)), tanh(next))
      y = o.weightHr ? linear(full, o.weightHr) : full
      c = rest(next, c, size)
    } else if (cell === 'gru') {
      const part = (of: Tensor, g: number): Tensor => narrow(of, 1, g * hidden, hidden)
      const r = sigmoid(add(part(into, 0), part(inner, 0)))
      const z = sigmoid(add(part(into, 1), part(inner, 1)))
      const n = tanh(add(part(into, 2), mul(r, part(inner, 2))))
      y = add(n, mul(z, sub(hs, n)))
    } else {
      const all = add(into, inner)
      y = cell === 'tanh' ? tanh(all) : relu(all)
    }
    ys[t] = y
    h = rest(y, h, size)
  }
  const y = ys.length > 0 ? concat(ys) : zeros([0, width], { dtype, device })
  return cell === 'lstm' ? [y, h, c] : [y, h]
}

/** The first `size` sequences' new values; the others keep theirs. */
const rest = (next: Tensor, old: Tensor, size: number): Tensor =>
  size === old.shape[0] ? next : concat([next, narrow(old, 0, size, (old.shape[0] as number) - size)])

/** Gradients, themselves recorded, of the operands that are `wanted`. */
export function composedGradients(
  layer: LayerSpec,
  o: LayerOperands,
  gs: readonly (Tensor | null)[],
  wanted: readonly boolean[],
): (Tensor | null)[] {
  // Names of their own in the graph: an operand may be computed from another one, whose gradient is to be that of its own use alone.
  const operands = OPERANDS.map((name) => o[name] && reshape(o[name], o[name].shape))
  const own = Object.fromEntries(OPERANDS.map((name, i) => [name, operands[i]])) as unknown as LayerOperands
  const results = composedRecurrence(layer, own)
  const reached = gs.flatMap((g, i) => (g === null ? [] : [[results[i] as Tensor, g] as const]))
  const inputs = operands.filter((_, i) => wanted[i]) as Tensor[]
  const found = grad(
    reached.map(([y]) => y),
    inputs,
    { gradOutputs: reached.map(([, g]) => g), createGraph: true, allowUnused: true },
  )
  let at = 0
  return operands.map((_, i) => (wanted[i] ? (found[at++] as Tensor | null) : null))
}
