/**
 * Mixed precision: inside `autocast` products, convolutions and attention compute in bf16 (or f16), norms, softmax and losses in f32.
 * Place in the whole: operators on the lists call `atHalf` or `atFull` while a frame is open (lib/autograd/mode.ts); nothing else knows.
 *
 * Semantics of torch.autocast (Micikevicius et al. 2017): parameters stay f32, their casts are recorded, so gradients arrive in f32.
 */
import { type AutocastFrame, autocasting } from '../autograd/mode.js'
import { needsGrad } from '../autograd/node.js'
import { outsideScopes } from '../engine/lifetime.js'
import { DTypeError, ValueError } from '../errors.js'
import { Batched } from '../tensor/batched.js'
import { type DType, promote } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { type AutocastLists, type AutocastOperator, type AutocastPrecision, exceptionsOf } from './autocast-lists.js'
import { cast } from './convert.js'

export interface AutocastOptions extends AutocastLists {
  /** Of products, convolutions and attention. Default 'bf16'. */
  dtype?: 'bf16' | 'f16'
  /** false: an open autocast is off inside. Default true. */
  enabled?: boolean
  /**
   * Whether the cast of a parameter is kept until the outermost autocast ends, so that a parameter that is used often is cast once.
   * Default true.
   */
  cache?: boolean
}

/**
 * Runs `fn` with these dtypes, whatever its tensors of f32, bf16 and f16 have (f64 and integers stay as they are):
 *
 * - `dtype`: matmul and what is made of it (mm, bmm, addmm, einsum, ...), linear, convolutions, transposed ones, attention
 * - f32: layer, batch, group, instance and RMS norms, softmax and its kin, cross entropy and all other losses, pairwise distances,
 *   recurrent layers and cells, which keep their sums over time in f32 anyway
 *
 * `AUTOCAST_LOWER` and `AUTOCAST_FULL` are the lists by name; `lower`, `full` and `promote` move single operators for this call:
 *
 *     autocast({ dtype: 'f16', full: ['scaledDotProductAttention'], lower: ['softmax'] }, () => model.call(x))
 *
 * All other operators take what they are given, in the widest dtype of their operands; sums of both kinds are f32. Autocasts nest; the
 * inner one counts, lists included. Backward
 * computes in the dtypes of the forward pass, wherever it is called, and should be called after `autocast`. Wrap the forward pass and the
 * loss:
 *
 *     const loss = autocast({ dtype: 'bf16' }, () => crossEntropy(model.call(x), target))
 *     loss.backward()
 *
 * It ends with its function, so that asynchronous functions do not see each other's.
 *
 * @throws ValueError when `fn` returns a promise, or for names that are on no list; DTypeError for another dtype
 */
export function autocast<T>(fn: () => T): T
export function autocast<T>(options: AutocastOptions, fn: () => T): T
export function autocast<T>(first: AutocastOptions | (() => T), second?: () => T): T {
  const [options, fn] = typeof first === 'function' ? [{}, first] : [first, second as () => T]
  const { dtype = 'bf16', enabled = true, cache = true, ...lists } = options
  if (dtype !== 'bf16' && dtype !== 'f16')
    throw new DTypeError(`autocast: dtype is ${String(dtype)}, expected 'bf16' or 'f16'`)
  const exceptions = exceptionsOf(lists)
  const result = withFrame(enabled ? { dtype, cache, exceptions } : null, fn)
  if (typeof (result as { then?: unknown } | undefined)?.then === 'function')
    throw new ValueError(
      'autocast: the function returned a promise; an autocast ends with its function, so call it around each synchronous part, such as the forward pass',
    )
  return result
}

/** Whether operators are cast here, and to what. */
export const autocastDType = (): 'bf16' | 'f16' | null => autocasting.frame?.dtype ?? null

/** Casts of leaves, by dtype and leaf; of one outermost autocast. */
type Casts = Map<DType, Map<Tensor, { version: number; cast: Tensor }>>
let casts: Casts | null = null

/** Runs fn in a frame, or in none. The outermost frame frees the casts that were kept; the graph has references of its own. */
export function withFrame<T>(frame: AutocastFrame | null, fn: () => T): T {
  const before = autocasting.frame
  const outermost = casts === null && frame !== null
  if (outermost) casts = new Map()
  autocasting.frame = frame
  try {
    return fn()
  } finally {
    autocasting.frame = before
    if (outermost) {
      for (const kept of (casts as Casts).values()) for (const { cast } of kept.values()) cast.dispose()
      casts = null
    }
  }
}

type Operand = Tensor | null | undefined

/** Calls fn with operands in the frame's dtype unless its lists say otherwise, and no frame. For operators whose products are worth it. */
export function atHalf<const A extends readonly Operand[], R>(
  name: AutocastOperator,
  operands: A,
  fn: (...operands: A) => R,
): R {
  return at('lower', name, operands, fn)
}

/** Calls fn with operands in f32 unless the frame's lists say otherwise, and no frame. For operators that need the range or the digits. */
export function atFull<const A extends readonly Operand[], R>(
  name: AutocastOperator,
  operands: A,
  fn: (...operands: A) => R,
): R {
  return at('full', name, operands, fn)
}

/** `atFull` for operators that no list moves. */
export function alwaysFull<const A extends readonly Operand[], R>(operands: A, fn: (...operands: A) => R): R {
  return at('full', null, operands, fn)
}

function at<A extends readonly Operand[], R>(
  usual: AutocastPrecision,
  name: AutocastOperator | null,
  operands: A,
  fn: (...operands: A) => R,
): R {
  const frame = autocasting.frame as AutocastFrame
  const precision = (name !== null && frame.exceptions?.get(name)) || usual
  const [first = 'f32', ...others] = operands.flatMap((t) => (t && isCast(t) ? [t.dtype] : []))
  const full: DType = precision === 'promote' ? others.reduce<DType>(promote, first) : 'f32'
  const castOne = (t: Tensor): Tensor => (precision === 'lower' ? lower(t, frame) : cast(t, full))
  const all = operands.map((t) => (t && isCast(t) ? castOne(t) : t))
  return without(() => fn(...(all as unknown as A)))
}

const isCast = ({ dtype }: Tensor): boolean => dtype === 'f32' || dtype === 'bf16' || dtype === 'f16'

function without<R>(fn: () => R): R {
  const frame = autocasting.frame
  autocasting.frame = null
  try {
    return fn()
  } finally {
    autocasting.frame = frame
  }
}

function lower(t: Tensor, { dtype, cache }: AutocastFrame): Tensor {
  // Leaves that are trained come again and again within a step; results do not.
  const kept = cache && t.dtype !== dtype && t.requiresGrad && t.isLeaf && !(t instanceof Batched)
  if (!kept || casts === null) return cast(t, dtype)
  let ofDType = casts.get(dtype)
  if (!ofDType) {
    ofDType = new Map()
    casts.set(dtype, ofDType)
  }
  const version = t._stream.version(t._id)
  const known = ofDType.get(t)
  // A cast made under noGrad has no graph.
  if (known && known.version === version && known.cast.requiresGrad === needsGrad(t)) return known.cast
  known?.cast.dispose()
  const made = outsideScopes(() => cast(t, dtype))
  ofDType.set(t, { version, cast: made })
  return made
}
