/** The optimizers' fused steps: one command updates many parameters in place, and nothing is read back. */
import { DTypeError, ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { mutate } from './emit.js'

/** Operands a command may have: more parameters are split over several commands. */
const GROUPS_PER_COMMAND = 256
/** Operands that native code makes contiguous for one command. A group has 4 operands at most. */
const STRIDED_PER_COMMAND = 16

export interface SgdParameters {
  lr: number
  momentum: number
  dampening: number
  weightDecay: number
  nesterov: boolean
  /** The momentum buffers hold nothing yet: they become the gradients. */
  firstStep: boolean
  maximize: boolean
}

/**
 * One SGD step. Definition: torch.optim.SGD. Each group is [parameter, gradient, momentum buffer or null].
 *
 * @throws DTypeError, ShapeError when a group's tensors are not of one shape and dtype, f32 or f64
 */
export function sgdStep(groups: readonly (readonly [Tensor, Tensor, Tensor | null])[], p: SgdParameters): void {
  const attributes = [
    p.lr,
    p.momentum,
    p.dampening,
    p.weightDecay,
    p.nesterov ? 1 : 0,
    p.firstStep ? 1 : 0,
    p.maximize ? 1 : 0,
  ]
  step('sgdStep', OP.sgdStep, groups, [0, 2], attributes)
}

export interface AdamParameters {
  lr: number
  beta1: number
  beta2: number
  eps: number
  weightDecay: number
  /** Counts from 1. */
  step: number
  /** AdamW's decay of the parameter itself; false: L2 added to the gradient. */
  decoupled: boolean
}

/**
 * One Adam or AdamW step. Definition: torch.optim.AdamW. Each group is [parameter, gradient, first moment, second moment].
 *
 * @throws DTypeError, ShapeError when a group's tensors are not of one shape and dtype, f32 or f64
 */
export function adamStep(groups: readonly (readonly [Tensor, Tensor, Tensor, Tensor])[], p: AdamParameters): void {
  const attributes = [p.lr, p.beta1, p.beta2, p.eps, p.weightDecay, p.step, p.decoupled ? 1 : 0]
  step('adamStep', OP.adamwStep, groups, [0, 2, 3], attributes)
}

function step(
  name: string,
  op: number,
  groups: readonly (readonly (Tensor | null)[])[],
  written: readonly number[],
  attributes: readonly number[],
): void {
  for (const group of groups) checkGroup(name, group)
  for (let from = 0; from < groups.length; ) {
    const part = groups.slice(from, endOfCommand(groups, from))
    from += part.length
    const touched = part.flatMap((g) => written.map((k) => g[k])).filter((t): t is Tensor => t != null)
    const n = part.reduce((k, g) => k + (g[0] as Tensor).numel, 0)
    mutate(name, op, part.flat(), touched, attributes, n * 0.5)
  }
}

function checkGroup(name: string, group: readonly (Tensor | null)[]): void {
  const [x] = group as [Tensor]
  for (const t of group) {
    if (t === null) continue
    if (t.dtype !== x.dtype || (t.dtype !== 'f32' && t.dtype !== 'f64'))
      throw new DTypeError(
        `${name}: parameters, gradients and state must all be f32 or all f64, not ${x.dtype} and ${t.dtype}`,
      )
    if (!sameShape(t.shape, x.shape))
      throw new ShapeError(`${name}: a parameter ${show(x.shape)} with a gradient or state ${show(t.shape)}`)
  }
}

/** How far the groups of one command reach. */
function endOfCommand(groups: readonly (readonly (Tensor | null)[])[], from: number): number {
  let strided = 0
  let to = from
  for (; to < groups.length && to < from + GROUPS_PER_COMMAND; to++) {
    for (const t of groups[to] as readonly (Tensor | null)[]) if (t && !t.isContiguous) strided++
    if (strided > STRIDED_PER_COMMAND) break
  }
  return to
}
