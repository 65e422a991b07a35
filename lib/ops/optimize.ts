/**
 * The optimizers' element-wise steps, fused: one command updates many parameters in place, each element read and written once,
 * and nothing is read back. What is stored in bf16 or f16 is computed in f32 and rounded once. Steps that need a whole tensor's
 * norm, or state of another dtype, are in optimizeByTensor.ts.
 *
 * All of them throw DTypeError or ShapeError, before anything is written, for a group whose tensors do not go together: state
 * has the parameter's dtype and shape, and so has the gradient, which may also be bf16 or f16 for a parameter in f32.
 */
import { OP } from '../generated/ops.js'
import type { Tensor } from '../tensor/tensor.js'
import { emitStep, type StepCount, type Stepped, type Updated } from './multiTensor.js'

export type { CountedStep, StepCount, Updated } from './multiTensor.js'

const flag = (on: boolean | undefined): number => (on ? 1 : 0)

export interface SgdParameters {
  lr: number
  momentum: number
  dampening: number
  weightDecay: number
  nesterov: boolean
  /** Counts the momentum buffers' steps from 1: in the first one they become the gradients. */
  step: StepCount
  maximize: boolean
}

export interface SgdGroup extends Updated {
  /** Needed with momentum. */
  readonly buffer?: Tensor | null
}

/** One step of stochastic gradient descent. Definition: torch.optim.SGD. */
export function sgdStep(groups: readonly SgdGroup[], p: SgdParameters): void {
  const { lr, momentum, dampening, weightDecay, nesterov, step, maximize } = p
  emitStep(
    'sgdStep',
    OP.sgdStep,
    groups.map((g) => ({ ...g, state: [momentum === 0 ? null : (g.buffer ?? null)] })),
    [lr, momentum, dampening, weightDecay, flag(nesterov), step, flag(maximize)],
  )
}

export interface AdamParameters {
  lr: number
  beta1: number
  beta2: number
  eps: number
  weightDecay: number
  /** Counts from 1. */
  step: StepCount
  /** AdamW's decay of the parameter itself; false: L2 added to the gradient. */
  decoupled: boolean
  maximize?: boolean
}

export interface AdamGroup extends Updated {
  readonly m: Tensor
  readonly v: Tensor
  /** The largest v so far, which AMSGrad divides by (Reddi, Kale and Kumar 2018). */
  readonly largest?: Tensor | null
}

/** One Adam or AdamW step; AMSGrad's where the groups have `largest`. Definition: torch.optim.Adam, torch.optim.AdamW. */
export function adamStep(groups: readonly AdamGroup[], p: AdamParameters): void {
  const { lr, beta1, beta2, eps, weightDecay, step, decoupled, maximize } = p
  // A command has one form, so groups with and without `largest` are commands of their own.
  const plain: Stepped[] = []
  const amsgrad: Stepped[] = []
  for (const { param, grad, low = null, stochastic = false, m, v, largest = null } of groups)
    (largest ? amsgrad : plain).push({ param, grad, low, stochastic, state: [m, v, largest] })
  for (const part of [plain, amsgrad]) {
    if (part.length === 0) continue
    const numbers = [lr, beta1, beta2, eps, weightDecay, step, flag(decoupled), flag(maximize), flag(part === amsgrad)]
    emitStep('adamStep', OP.adamwStep, part, numbers)
  }
}

export interface NAdamParameters extends AdamParameters {
  /** Of this step, of the next one, and all steps' product up to this one. */
  momentum: number
  nextMomentum: number
  product: number
}

export type NAdamGroup = Omit<AdamGroup, 'largest'>

/** One step of Adam with Nesterov momentum (Dozat 2016). Definition: torch.optim.NAdam. */
export function nadamStep(groups: readonly NAdamGroup[], p: NAdamParameters): void {
  const { lr, beta1, beta2, eps, weightDecay, step, decoupled, maximize, momentum, nextMomentum, product } = p
  const numbers = [lr, beta1, beta2, eps, weightDecay, step]
  emitStep(
    'nadamStep',
    OP.nadamStep,
    groups.map((g) => ({ ...g, state: [g.m, g.v] })),
    [...numbers, flag(decoupled), flag(maximize), momentum, nextMomentum, product],
  )
}

/** One step of rectified Adam (Liu et al. 2020). Definition: torch.optim.RAdam. */
export function radamStep(groups: readonly NAdamGroup[], p: AdamParameters): void {
  const { lr, beta1, beta2, eps, weightDecay, step, decoupled, maximize } = p
  emitStep(
    'radamStep',
    OP.radamStep,
    groups.map((g) => ({ ...g, state: [g.m, g.v] })),
    [lr, beta1, beta2, eps, weightDecay, step, flag(decoupled), flag(maximize)],
  )
}

export interface AdadeltaParameters {
  lr: number
  /** Share of the old means of squares. */
  rho: number
  eps: number
  weightDecay: number
  maximize?: boolean
}

export interface AdadeltaGroup extends Updated {
  /** Means of the gradients' squares, and of the steps'. */
  readonly squares: Tensor
  readonly deltas: Tensor
}

/** One step of Adadelta (Zeiler 2012). Definition: torch.optim.Adadelta. */
export function adadeltaStep(groups: readonly AdadeltaGroup[], p: AdadeltaParameters): void {
  const { lr, rho, eps, weightDecay, maximize } = p
  emitStep(
    'adadeltaStep',
    OP.adadeltaStep,
    groups.map((g) => ({ ...g, state: [g.squares, g.deltas] })),
    [lr, rho, eps, weightDecay, flag(maximize)],
  )
}

export interface AdamaxGroup extends Updated {
  readonly m: Tensor
  /** The largest magnitude of a gradient, decaying by beta2 a step. */
  readonly largest: Tensor
}

/** One step of Adam by the infinity norm (Kingma and Ba 2015, section 7.1). Definition: torch.optim.Adamax. */
export function adamaxStep(groups: readonly AdamaxGroup[], p: Omit<AdamParameters, 'decoupled'>): void {
  const { lr, beta1, beta2, eps, weightDecay, step, maximize } = p
  emitStep(
    'adamaxStep',
    OP.adamaxStep,
    groups.map((g) => ({ ...g, state: [g.m, g.largest] })),
    [lr, beta1, beta2, eps, weightDecay, step, flag(maximize)],
  )
}

export interface AdagradParameters {
  lr: number
  lrDecay: number
  weightDecay: number
  eps: number
  /** Counts from 1. */
  step: StepCount
  maximize?: boolean
}

export interface AdagradGroup extends Updated {
  /** Of the gradients' squares. */
  readonly sum: Tensor
}

/** One step of Adagrad (Duchi, Hazan and Singer 2011). Definition: torch.optim.Adagrad. */
export function adagradStep(groups: readonly AdagradGroup[], p: AdagradParameters): void {
  const { lr, lrDecay, weightDecay, eps, step, maximize } = p
  emitStep(
    'adagradStep',
    OP.adagradStep,
    groups.map((g) => ({ ...g, state: [g.sum] })),
    [lr, lrDecay, weightDecay, eps, step, flag(maximize)],
  )
}

export interface RmspropParameters {
  lr: number
  /** Share of the old mean of squares. */
  alpha: number
  eps: number
  weightDecay: number
  momentum: number
  /** Divide by the deviation from the mean gradient, not by its root mean square. */
  centered: boolean
  maximize?: boolean
}

export interface RmspropGroup extends Updated {
  readonly squares: Tensor
  /** Needed with momentum. */
  readonly buffer?: Tensor | null
  /** Needed when centered. */
  readonly mean?: Tensor | null
}

/** One step of RMSprop (Tieleman and Hinton 2012, Graves 2013). Definition: torch.optim.RMSprop. */
export function rmspropStep(groups: readonly RmspropGroup[], p: RmspropParameters): void {
  const { lr, alpha, eps, weightDecay, momentum, centered, maximize } = p
  emitStep(
    'rmspropStep',
    OP.rmspropStep,
    groups.map((g) => ({
      ...g,
      state: [g.squares, momentum === 0 ? null : (g.buffer ?? null), centered ? (g.mean ?? null) : null],
    })),
    [lr, alpha, eps, weightDecay, momentum, flag(centered), flag(maximize)],
  )
}

export interface LionParameters {
  lr: number
  beta1: number
  beta2: number
  weightDecay: number
  maximize?: boolean
}

export interface LionGroup extends Updated {
  readonly m: Tensor
}

/** One step of Lion (Chen et al., "Symbolic discovery of optimization algorithms", 2023, algorithm 2). */
export function lionStep(groups: readonly LionGroup[], p: LionParameters): void {
  const { lr, beta1, beta2, weightDecay, maximize } = p
  emitStep(
    'lionStep',
    OP.lionStep,
    groups.map((g) => ({ ...g, state: [g.m] })),
    [lr, beta1, beta2, weightDecay, flag(maximize)],
  )
}
