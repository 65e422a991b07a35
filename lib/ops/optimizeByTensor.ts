/**
 * Optimizer steps that see a whole tensor, or keep state of another dtype: LAMB, LARS, Adafactor, and Adam in 8 bits. Otherwise as
 * those of optimize.ts: many parameters a command, in place, nothing read back, DTypeError or ShapeError before anything is
 * written.
 */
import { DTypeError, ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import { factoredShapes } from './factoredShapes.js'
import { checkState, checkUpdated, emitStep, emitUpdates, type StepCount, type Updated } from './multiTensor.js'
import type { AdamGroup, AdamParameters } from './optimize.js'

const flag = (on: boolean | undefined): number => (on ? 1 : 0)

export type LambParameters = Omit<AdamParameters, 'decoupled'>
export type LambGroup = Omit<AdamGroup, 'largest'>

/**
 * One step of LAMB (You et al., "Large batch optimization for deep learning", 2020, algorithm 2 with phi(x) = x): Adam's
 * direction plus weightDecay * p, of which each tensor takes lr |p| / |direction| (lr where either norm is 0).
 */
export function lambStep(groups: readonly LambGroup[], p: LambParameters): void {
  const { lr, beta1, beta2, eps, weightDecay, step, maximize } = p
  emitStep(
    'lambStep',
    OP.lambStep,
    groups.map((g) => ({ ...g, state: [g.m, g.v] })),
    [lr, beta1, beta2, eps, weightDecay, step, flag(maximize)],
    0.8,
  )
}

export interface LarsParameters {
  lr: number
  momentum: number
  weightDecay: number
  /** The share of its own norm that a tensor moves by, before `lr`. */
  trustCoefficient: number
  eps: number
  nesterov: boolean
  maximize?: boolean
}

export interface LarsGroup extends Updated {
  /** Needed with momentum. */
  readonly buffer?: Tensor | null
}

/**
 * One step of LARS (You, Gitman and Ginsburg, "Large batch training of convolutional networks", 2017, algorithm 1): SGD with
 * momentum, of which each tensor takes lr trustCoefficient |p| / (|g| + weightDecay |p| + eps) (lr where either norm is 0).
 */
export function larsStep(groups: readonly LarsGroup[], p: LarsParameters): void {
  const { lr, momentum, weightDecay, trustCoefficient, eps, nesterov, maximize } = p
  emitStep(
    'larsStep',
    OP.larsStep,
    groups.map((g) => ({ ...g, state: [momentum === 0 ? null : (g.buffer ?? null)] })),
    [lr, momentum, weightDecay, trustCoefficient, eps, flag(nesterov), flag(maximize)],
    0.6,
  )
}

export interface AdafactorParameters {
  lr: number
  /** The moments' weight at step t is t^beta2Decay. */
  beta2Decay: number
  /** Least second moment's root. */
  eps1: number
  /** Least size of a parameter, which steps are relative to. */
  eps2: number
  /** Largest root mean square of a step before the rate. */
  d: number
  weightDecay: number
  /** Counts from 1. */
  step: StepCount
  maximize?: boolean
}

export interface AdafactorGroup extends Updated {
  /** (..., n, 1) and (..., 1, m) for a parameter (..., n, m): second moments of rows and columns. */
  readonly rows?: Tensor | null
  readonly columns?: Tensor | null
  /** For a parameter with fewer than two dimensions: its second moments. */
  readonly variance?: Tensor | null
}

/** One step of Adafactor (Shazeer and Stern 2018). Definition: torch.optim.Adafactor. */
export function adafactorStep(groups: readonly AdafactorGroup[], p: AdafactorParameters): void {
  const name = 'adafactorStep'
  for (const group of groups) {
    const { param, rows, columns, variance } = group
    checkUpdated(name, group)
    const factored = param.rank >= 2
    if (factored ? !rows || !columns || variance : !variance || rows || columns) {
      const needed = factored ? 'rows and columns' : 'a variance'
      throw new ShapeError(`${name}: a parameter ${show(param.shape)} has ${needed} for its state, and nothing else`)
    }
    if (factored) {
      const shapes = factoredShapes(param.shape)
      checkState(name, rows, param.dtype, shapes.rows)
      checkState(name, columns, param.dtype, shapes.columns)
    } else {
      checkState(name, variance, param.dtype, param.shape)
    }
  }
  emitUpdates(
    name,
    OP.adafactorStep,
    groups,
    groups.map((g) => [g.param, g.grad, g.low, g.rows, g.columns, g.variance]),
    [p.lr, p.beta2Decay, p.eps1, p.eps2, p.d, p.weightDecay, p.step, flag(p.maximize)],
    0.6,
  )
}

/** Elements that share a scale in 8-bit state. */
export const CODE_BLOCK = 256

export interface Adam8bitGroup extends Updated {
  /** u8 codes of the parameter's shape; all zeros is no state. See `freshCodes` in lib/optim/adam8bit.ts. */
  readonly m: Tensor
  readonly v: Tensor
  /** f32 (ceil(numel / 256)): the largest magnitude of each block. */
  readonly mScale: Tensor
  readonly vScale: Tensor
}

/**
 * One Adam or AdamW step with moments of 8 bits (Dettmers et al., "8-bit optimizers via block-wise quantization", 2022): dynamic
 * tree quantization in blocks of 256 elements, decoded, updated and encoded again in one pass; the parameter takes the step of
 * the moments before they are encoded. Parameters f32, bf16 or f16.
 */
export function adam8bitStep(groups: readonly Adam8bitGroup[], p: AdamParameters): void {
  const name = 'adam8bitStep'
  for (const group of groups) {
    const { param, m, v, mScale, vScale } = group
    checkUpdated(name, group)
    if (param.dtype === 'f64') throw new DTypeError(`${name}: a f64 parameter; it takes f32, bf16 and f16`)
    for (const codes of [m, v]) checkState(name, codes, 'u8', param.shape)
    for (const scale of [mScale, vScale]) checkState(name, scale, 'f32', [Math.ceil(param.numel / CODE_BLOCK)])
  }
  const { lr, beta1, beta2, eps, weightDecay, step, decoupled, maximize } = p
  emitUpdates(
    name,
    OP.adam8bitStep,
    groups,
    groups.map((g) => [g.param, g.grad, g.low, g.m, g.v, g.mScale, g.vScale]),
    [lr, beta1, beta2, eps, weightDecay, step, flag(decoupled), flag(maximize)],
    0.6,
  )
}
