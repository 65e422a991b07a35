/** Dynamic loss scaling on the device: gradients divided by the scale and checked, and the scale itself. lib/optim/grad-scaler.ts uses them. */
import { DTypeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { isFloating } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { mutate } from './emit.js'
import { emitGroups } from './multiTensor.js'

function checkScalars(name: string, scalars: Readonly<Record<string, Tensor>>): void {
  for (const [what, t] of Object.entries(scalars)) {
    if (t.dtype !== 'f32') throw new DTypeError(`${name}: ${what} is ${t.dtype}, expected f32`)
    if (t.numel !== 1) throw new ValueError(`${name}: ${what} has ${t.numel} elements, expected one`)
  }
}

/**
 * Divides all tensors by `scale`, in place and in one pass; `found` becomes 1 if any element was infinite or NaN, and else stays as
 * it is. Both are one f32. Definition: torch._amp_foreach_non_finite_check_and_unscale_.
 *
 * @throws DTypeError for tensors that are not floating-point ones; ValueError for a scale or flag of several elements
 */
export function unscaleEach_(tensors: readonly Tensor[], scale: Tensor, found: Tensor): void {
  const name = 'unscaleEach_'
  for (const t of tensors)
    if (!isFloating(t.dtype)) throw new DTypeError(`${name}: a ${t.dtype} tensor; it takes floating-point tensors`)
  checkScalars(name, { scale, found })
  const groups = tensors.map((t) => [t, scale, found])
  emitGroups(name, OP.unscaleEach, groups, [0, 2], [], 0.4)
}

export interface LossScaleRule {
  /** The scale is multiplied by it after `growthInterval` steps in a row that found nothing. */
  growthFactor: number
  /** The scale is multiplied by it after a step that found something. */
  backoffFactor: number
  growthInterval: number
}

/**
 * The scale of the next step, and `tracker`, the number of steps in a row that found nothing since the scale last changed. All three
 * tensors are one f32. A scale that would be infinite stays as it is. Definition: torch._amp_update_scale_.
 */
export function updateLossScale_(scale: Tensor, tracker: Tensor, found: Tensor, rule: LossScaleRule): void {
  checkScalars('updateLossScale_', { scale, tracker, found })
  const { growthFactor, backoffFactor, growthInterval } = rule
  const attributes = [growthFactor, backoffFactor, growthInterval]
  mutate('updateLossScale_', OP.updateScale, [scale, tracker, found], [scale, tracker], attributes, 20)
}
