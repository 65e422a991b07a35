/**
 * The loss of a linear layer into many classes, without its logits: some rows at a time, whose gradients become those of the
 * layer's operands at once, as in Liger's fused linear cross entropy (Hsu et al. 2024).
 */
import { autocasting, noGrad } from '../autograd/mode.js'
import { needsGrad, record, save } from '../autograd/node.js'
import { adopt, collecting } from '../engine/lifetime.js'
import { ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { inVmap } from '../tensor/batched.js'
import { BYTES, isFloating } from '../tensor/dtype.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { div, mul, ne } from './binary.js'
import { checkDTypes } from './conv.js'
import { cast } from './convert.js'
import {
  type CrossEntropyOptions,
  checkClassWeight,
  checkSmoothing,
  crossEntropy,
  logitGradient,
} from './crossEntropy.js'
import { makeMany, mutate } from './emit.js'
import { indexSelect } from './indexing.js'
import { checkIndices } from './indices.js'
import { add_ } from './inplace.js'
import { concat } from './join.js'
import { linear } from './linear.js'
import { matmul } from './matmul.js'
import { sum } from './reduce.js'
import { checkReduction, REDUCTIONS, type Reduction } from './reduction.js'
import { narrow, permute, reshape, squeeze, unsqueeze } from './views.js'

export interface LinearCrossEntropyOptions extends CrossEntropyOptions {
  linearBias?: Tensor | null
  /** Rows whose logits exist at a time. Default: chunks of one size whose logits take 64 MB at most, but 64 rows at least. */
  chunk?: number
}

const NAME = 'linearCrossEntropy'
const CHUNK_BYTES = 2 ** 26
const FEWEST_ROWS = 64
/** Whole tiles of a product's rows, whatever their height. */
const ROWS_MULTIPLE = 32

/**
 * `crossEntropy` of a linear layer's results: x (n, k) or (k), weights (c, k) or (c, d1, ..., k), bias (c) or (c, d1, ...);
 * the logits are (n, c, d1, ...). Definition: torch.nn.functional.linear_cross_entropy.
 *
 * With weights (c, k) and class indices the logits are made `chunk` rows at a time: the forward pass computes the loss and,
 * where something requires gradients, the gradients of x, weights and bias, which backward only scales; with reduction 'none'
 * backward makes the logits once more. The weights' gradient is summed in f32 over the chunks of bf16 and f16. Gradients that are
 * recorded themselves (`createGraph`), other weights, targets that are probabilities, and autocast take all logits at once.
 *
 * @throws ShapeError, DTypeError, ValueError for operands that do not fit, and a chunk that is no positive integer
 */
export function linearCrossEntropy(
  x: Tensor,
  linearWeight: Tensor,
  target: Tensor,
  options: LinearCrossEntropyOptions = {},
): Tensor {
  const { linearBias = null, chunk, reduction = 'mean' } = options
  const classes = linearWeight.shape.slice(0, -1)
  const k = linearWeight.shape.at(-1)
  if (linearWeight.rank < 2 || x.rank < 1 || x.rank > 2 || x.shape.at(-1) !== k)
    throw new ShapeError(`linearCrossEntropy: x ${show(x.shape)} and weights ${show(linearWeight.shape)} do not fit`)
  if (linearBias && !sameShape(linearBias.shape, classes))
    throw new ShapeError(`linearCrossEntropy: bias ${show(linearBias.shape)}, not ${show(classes)}`)
  if (chunk !== undefined && !(Number.isInteger(chunk) && chunk > 0))
    throw new ValueError(`linearCrossEntropy: chunk is ${chunk}, expected a positive integer`)
  const probabilities = isFloating(target.dtype)
  const empty = x.numel === 0 || linearWeight.numel === 0
  // In an autocast the product and the loss have a dtype each.
  const apart = inVmap(x, linearWeight, linearBias, target, options.weight) || autocasting.frame !== null
  if (linearWeight.rank > 2 || probabilities || empty || apart) {
    const rows = reshape(linearWeight, [classes.reduce((a, b) => a * b, 1), k as number])
    const logits = linear(x, rows, linearBias ? reshape(linearBias, [-1]) : null)
    return crossEntropy(reshape(logits, [...x.shape.slice(0, -1), ...classes]), target, options)
  }
  if (x.rank === 1) {
    const row = linearCrossEntropy(unsqueeze(x, 0), linearWeight, reshape(target, [1]), options)
    return reduction === 'none' ? squeeze(row, 0) : row
  }
  check(x, linearWeight, target, options)
  return chunked(x, linearWeight, linearBias, target, options)
}

function check(x: Tensor, w: Tensor, target: Tensor, options: LinearCrossEntropyOptions): void {
  const { reduction = 'mean', labelSmoothing = 0, weight = null, linearBias = null } = options
  const [n] = x.shape as [number]
  checkReduction('linearCrossEntropy', reduction)
  checkSmoothing('linearCrossEntropy', labelSmoothing)
  checkIndices('linearCrossEntropy', target)
  checkDTypes('linearCrossEntropy', x, w, linearBias, weight)
  checkClassWeight('linearCrossEntropy', weight, w.shape[0] as number)
  if (!sameShape(target.shape, [n]))
    throw new ShapeError(`linearCrossEntropy: x ${show(x.shape)} takes targets (${n}), got ${show(target.shape)}`)
}

/** The operands and options of one loss. */
interface Layer {
  x: Tensor
  w: Tensor
  b: Tensor | null
  target: Tensor
  weight: Tensor | null
  ignoreIndex: number
  smoothing: number
  chunk: number
}

/** x (n, k), w (c, k), b (c): which gradients are wanted, and the gradients. */
interface Wanted {
  x: boolean
  w: boolean
  b: boolean
}
interface Gradients {
  x: Tensor | null
  w: Tensor | null
  b: Tensor | null
}
const NOTHING: Wanted = { x: false, w: false, b: false }

const computing = (x: Tensor): 'f32' | 'f64' => (x.dtype === 'f64' ? 'f64' : 'f32')

function chunked(x: Tensor, w: Tensor, b: Tensor | null, target: Tensor, options: LinearCrossEntropyOptions): Tensor {
  const { reduction = 'mean', ignoreIndex = -100, labelSmoothing = 0, weight = null } = options
  const chunk = options.chunk ?? evenChunk(x.shape[0] as number, (w.shape[0] as number) * BYTES[x.dtype])
  const layer: Layer = { x, w, b, target, weight, ignoreIndex, smoothing: labelSmoothing, chunk }
  const wanted = { x: needsGrad(x), w: needsGrad(w), b: b !== null && needsGrad(b) }
  const [loss, gx, gw, gb] = forward(layer, reduction, reduction === 'none' ? NOTHING : wanted)
  if (wanted.x || wanted.w || wanted.b)
    recordLoss(loss as Tensor, layer, { x: gx ?? null, w: gw ?? null, b: gb ?? null }, wanted, reduction)
  return loss as Tensor
}

/** Rows a chunk, none much smaller than the others: every chunk reads all of the weights. */
function evenChunk(rows: number, bytes: number): number {
  const most = Math.max(FEWEST_ROWS, Math.floor(CHUNK_BYTES / bytes))
  return Math.ceil(rows / Math.ceil(rows / most) / ROWS_MULTIPLE) * ROWS_MULTIPLE
}

function forward(layer: Layer, reduction: Reduction, wanted: Wanted): (Tensor | null)[] {
  return keeping(() => {
    const total = reduction === 'mean' ? targetTotal(layer, computing(layer.x)) : null
    const { losses, gradients } = run(layer, wanted, total === null ? null : div(1, total))
    const reduced = reduction === 'none' ? losses : sum(losses)
    const loss = cast(total === null ? reduced : div(reduced, total), layer.x.dtype)
    return [loss, gradients.x, gradients.w, gradients.b]
  })
}

/** How many targets count, or their weights' sum. */
function targetTotal({ target, weight, ignoreIndex }: Layer, dtype: 'f32' | 'f64'): Tensor {
  const counts = ne(target, ignoreIndex)
  if (weight === null) return cast(sum(counts), dtype)
  // What is ignored may be no index.
  const weights = indexSelect(weight, 0, target.maskedFill(counts.logicalNot(), 0))
  return sum(mul(cast(weights, dtype), cast(counts, dtype)))
}

/** Losses (n), and `scale`, () or (n), times their gradients; in chunks. */
function run(layer: Layer, wanted: Wanted, scale: Tensor | null): { losses: Tensor; gradients: Gradients } {
  const [n] = layer.x.shape as [number]
  const losses: Tensor[] = []
  const parts: Tensor[] = []
  const sums: Gradients = { x: null, w: null, b: null }
  for (let from = 0; from < n; from += layer.chunk) {
    const rows = Math.min(layer.chunk, n - from)
    const before = [sums.w, sums.b]
    const kept = keeping(() => runChunk(layer, from, rows, wanted, scale, sums))
    losses.push(kept[0] as Tensor)
    if (wanted.x) parts.push(kept[1] as Tensor)
    for (const [i, name] of (['w', 'b'] as const).entries()) {
      sums[name] = kept[2 + i] ?? null
      if (before[i] !== sums[name]) before[i]?.dispose()
    }
  }
  const all = (list: Tensor[]): Tensor => (list.length === 1 ? (list[0] as Tensor) : concat(list, 0))
  const own = (t: Tensor | null): Tensor | null => (t === null ? null : cast(t, layer.x.dtype))
  return { losses: all(losses), gradients: { x: wanted.x ? all(parts) : null, w: own(sums.w), b: own(sums.b) } }
}

/** The losses of some rows, their part of x's gradient, and the sums of those of weights and bias so far. */
function runChunk(
  { x, w, b, target, weight, ignoreIndex, smoothing, chunk }: Layer,
  from: number,
  rows: number,
  wanted: Wanted,
  scale: Tensor | null,
  sums: Gradients,
): (Tensor | null)[] {
  const dtype = computing(x)
  const xs = narrow(x, 0, from, rows)
  const targets = narrow(target, 0, from, rows)
  const logits = linear(xs, w, b)
  const ns = logits.numel * 1.4
  const losses = { dtype, shape: [rows] }
  if (!wanted.x && !wanted.w && !wanted.b) {
    const kept = [losses, losses, { dtype, shape: [] }]
    const attributes = [REDUCTIONS.indexOf('none'), ignoreIndex, smoothing]
    const made = makeMany(NAME, OP.crossEntropy, kept, [logits, targets, weight], attributes, ns)
    return [made[0] as Tensor]
  }
  const scales = scale === null || scale.rank === 0 ? scale : narrow(scale, 0, from, rows)
  const operands = [logits, targets, weight, scales]
  const [loss] = makeMany(NAME, OP.crossEntropyInto, [losses], operands, [ignoreIndex, smoothing], ns)
  logits._touch()
  const several = (x.shape[0] as number) > chunk
  return [
    loss as Tensor,
    wanted.x ? matmul(logits, w) : null,
    wanted.w ? addProduct(sums.w, logits, xs, several) : null,
    wanted.b ? added(sums.b, several ? cast(sum(logits, 0), dtype) : sum(logits, 0)) : null,
  ]
}

/** total + g^T x; with `several` in the computing dtype, that sums of chunks are not rounded to 16 bits each. */
function addProduct(total: Tensor | null, g: Tensor, x: Tensor, several: boolean): Tensor {
  const wide = g.dtype === 'f32' || g.dtype === 'f64'
  if (total !== null && wide) {
    const ns = g.numel * (x.shape[1] as number) * 0.02
    mutate(NAME, OP.matmulInto, [total, g, x], [total], [1], ns)
    return total
  }
  const part = matmul(permute(g, [1, 0]), x)
  return added(total, several ? cast(part, computing(g)) : part)
}

function added(total: Tensor | null, part: Tensor): Tensor {
  return total === null ? part : add_(total, part)
}

/** Runs fn unrecorded and frees what it makes, except its results. */
function keeping(fn: () => (Tensor | null)[]): (Tensor | null)[] {
  const made: Tensor[] = []
  const results = noGrad(() => collecting(made, fn))
  for (const t of made) {
    if (results.includes(t)) adopt(t)
    else t.dispose()
  }
  return results
}

// A function of its own: closures of one function share their variables, and the rule's must not keep operands.
function recordLoss(loss: Tensor, layer: Layer, gradients: Gradients, wanted: Wanted, reduction: Reduction): void {
  const { x, w, b, target, weight, ignoreIndex, smoothing, chunk } = layer
  const optional = [b, weight, gradients.x, gradients.w, gradients.b]
  const saved = [x, w, target, ...optional.filter((t) => t !== null)].map((t) => save(t))
  const present = optional.map((t) => t !== null)
  record(NAME, loss, [x, w, b], saved, (g, [x, w, target, ...others]) => {
    let next = 0
    const [b, weight, gx, gw, gb] = present.map((there) => (there ? (others[next++] as Tensor) : null))
    const operands = { x: x as Tensor, w: w as Tensor, b: b ?? null, target: target as Tensor, weight: weight ?? null }
    const layer = { ...operands, ignoreIndex, smoothing, chunk }
    const again = needsGrad(g, operands.x, operands.w) || (b != null && needsGrad(b))
    if (again || (reduction === 'none' && inVmap(g))) return composed(g, layer, reduction)
    if (reduction === 'none') {
      const { gradients } = run(layer, wanted, cast(g, computing(operands.x)))
      return [gradients.x, gradients.w, gradients.b]
    }
    return [gx, gw, gb].map((t) => (t ? mul(t, g) : null))
  })
  for (const t of Object.values(gradients) as (Tensor | null)[]) t?.dispose()
}

/** The same gradients by recorded operators, with all logits at once. */
function composed(g: Tensor, layer: Layer, reduction: Reduction): (Tensor | null)[] {
  const { x, w, b, target, weight, ignoreIndex, smoothing } = layer
  const scale = reduction === 'mean' ? div(g, cast(targetTotal(layer, computing(x)), g.dtype)) : g
  const slope = logitGradient(scale, linear(x, w, b), target, weight, ignoreIndex, smoothing)
  return [matmul(slope, w), matmul(permute(slope, [1, 0]), x), b === null ? null : sum(slope, 0)]
}
