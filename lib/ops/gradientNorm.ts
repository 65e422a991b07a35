/** Norms over many tensors, and gradients scaled and bounded in place: one pass over all of them each. */
import { DTypeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { isFloating } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { clone } from './convert.js'
import { makeMany } from './emit.js'
import { emitGroups } from './multiTensor.js'

export interface TotalNormOptions {
  /** Order of the norm: a positive number or Infinity. Default 2. */
  normType?: number
  /** The norm is an error that its readers see when it is infinite or NaN. */
  errorIfNonfinite?: boolean
}

function checkFloating(name: string, tensors: readonly Tensor[]): void {
  for (const t of tensors)
    if (!isFloating(t.dtype)) throw new DTypeError(`${name}: a ${t.dtype} tensor; it takes floating-point tensors`)
}

/**
 * The norm over all elements of all tensors, as one number on the device: f64 if a tensor is, else f32; accumulated in f64.
 * Definition: torch.nn.utils.get_total_norm.
 *
 * @throws DTypeError for tensors that are not floating-point ones
 */
export function totalNorm(tensors: readonly Tensor[], options: TotalNormOptions = {}): Tensor {
  const { normType = 2, errorIfNonfinite = false } = options
  if (!(normType > 0)) throw new ValueError(`totalNorm: normType is ${normType}, expected more than 0`)
  if (tensors.length === 0) throw new ValueError('totalNorm: no tensors')
  checkFloating('totalNorm', tensors)
  const n = tensors.reduce((k, t) => k + t.numel, 0)
  const result = { dtype: tensors.some((t) => t.dtype === 'f64') ? ('f64' as const) : ('f32' as const), shape: [] }
  // Native code makes few operands of a command contiguous.
  const copies = tensors.filter((t) => !t.isContiguous).map((t) => clone(t))
  const operands = [...tensors.filter((t) => t.isContiguous), ...copies]
  const attributes = [normType, errorIfNonfinite ? 1 : 0]
  const [norm] = makeMany('totalNorm', OP.tensorsNorm, [result], operands, attributes, n * 0.15)
  for (const copy of copies) copy.dispose()
  return norm as Tensor
}

/**
 * Multiplies all tensors, in place, by min(1, maxNorm / (norm + 1e-6)): nothing is read back, and tensors within the bound are
 * not touched. `norm` is a tensor of one element. Definition: torch.nn.utils.clip_grads_with_norm_.
 *
 * @throws DTypeError for tensors that are not floating-point ones
 */
export function clipToNorm_(tensors: readonly Tensor[], norm: Tensor, maxNorm: number): void {
  checkFloating('clipToNorm_', [...tensors, norm])
  if (norm.numel !== 1) throw new ValueError(`clipToNorm_: a norm of ${norm.numel} elements, expected one`)
  const groups = tensors.map((t) => [t, norm])
  emitGroups('clipToNorm_', OP.clipToNorm, groups, [0], [maxNorm], 0.3)
}

/**
 * Bounds all elements of all tensors, in place; a NaN stays.
 *
 * @throws DTypeError for tensors that are not floating-point ones
 */
export function clampEach_(tensors: readonly Tensor[], low: number, high: number): void {
  checkFloating('clampEach_', tensors)
  if (!(low <= high)) throw new ValueError(`clampEach_: from ${low} to ${high} is no range`)
  emitGroups(
    'clampEach_',
    OP.clampEach,
    tensors.map((t) => [t]),
    [0],
    [low, high],
    0.3,
  )
}
