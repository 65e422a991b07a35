/** Running averages of many tensors, and gradients without their means: one pass over all of them each, in place. */
import { DTypeError, ShapeError, ValueError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { isFloating } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { checkUpdated, emitGroups } from './multiTensor.js'

/**
 * average += weight (value - average), for every average and the value at its place; weight 1 copies. An average in f32 takes
 * values in bf16 and f16, otherwise both have one floating-point dtype.
 *
 * @throws DTypeError or ShapeError, before anything is written, for pairs that do not go together
 */
export function lerpEach_(averages: readonly Tensor[], values: readonly Tensor[], weight: number): void {
  const name = 'lerpEach_'
  if (averages.length !== values.length)
    throw new ValueError(`${name}: ${averages.length} averages for ${values.length} values`)
  const pairs = averages.map((average, i) => [average, values[i] as Tensor] as const)
  for (const [param, grad] of pairs) checkUpdated(name, { param, grad })
  emitGroups(name, OP.lerpEach, pairs, [0], [weight], 0.4)
}

/**
 * Subtracts from every row g[i] of every tensor (n, ...), in place, its mean over all other dimensions (Yong et al., "Gradient
 * centralization: a new optimization technique for deep neural networks", 2020, equation 1).
 *
 * @throws DTypeError for tensors that are not floating-point ones, ShapeError for those of fewer than two dimensions
 */
export function centralizeEach_(tensors: readonly Tensor[]): void {
  const name = 'centralizeEach_'
  for (const t of tensors) {
    if (!isFloating(t.dtype)) throw new DTypeError(`${name}: a ${t.dtype} tensor; it takes floating-point tensors`)
    if (t.rank < 2) throw new ShapeError(`${name}: a tensor of rank ${t.rank}; rows need at least two dimensions`)
  }
  emitGroups(
    name,
    OP.centralizeEach,
    tensors.map((t) => [t]),
    [0],
    [],
    0.4,
  )
}
