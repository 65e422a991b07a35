// What a guard takes. Place in the whole: the interface, its run-time twin, and what of it a Trainer's other options allow.
import { z } from 'zod'
import { ConfigError } from './config.js'

export type GuardAction = 'stop' | 'skip' | 'rollback'

export interface SpikeOptions {
  /** A value of more than this many times the median of those before is a spike. */
  readonly factor: number
  /** How many accepted steps the median is of; until there are as many, nothing is a spike. Default 50. */
  readonly window?: number
  /** What is looked at. A loss is compared only while the median is above zero. Default 'loss'. */
  readonly of?: 'loss' | 'gradNorm'
  /** Default: the guard's `nonFinite`. */
  readonly action?: GuardAction
}

export interface GuardOptions {
  /**
   * What is done when the loss or the norm of the gradients is not finite. 'stop' (default): the run fails, with an error that names the
   * step, its samples and the first module whose output is not finite. 'skip': the update is left out and buffers are put back; the
   * step counts, and schedules move on. Of several optimizers each one's update is left out for its own loss and gradients, by the device. 'rollback': back to the newest checkpoint, while data go on behind the bad batch.
   */
  readonly nonFinite?: GuardAction
  readonly spike?: SpikeOptions
  /** Skips one after the other that are allowed; the next one stops the run. Default 10. */
  readonly maxSkips?: number
  /** Rollbacks in all that are allowed; the next one stops the run. Default 3. */
  readonly maxRollbacks?: number
  /** What a rollback multiplies all learning rates by, for the rest of the run. Default 0.5. */
  readonly rollbackRate?: number
}

const action = z.enum(['stop', 'skip', 'rollback']).optional()

export const guardSchema: z.ZodType = z.strictObject({
  nonFinite: action,
  spike: z
    .strictObject({
      factor: z.number().gt(1),
      window: z.number().int().min(1).optional(),
      of: z.enum(['loss', 'gradNorm']).optional(),
      action,
    })
    .optional(),
  maxSkips: z.number().int().min(0).optional(),
  maxRollbacks: z.number().int().min(0).optional(),
  rollbackRate: z.number().gt(0).max(1).optional(),
})

/** Whether an action may come of a guard. */
export const takes = (action: GuardAction, { nonFinite = 'stop', spike }: GuardOptions): boolean =>
  nonFinite === action || spike?.action === action

/** @throws ConfigError for a guard that a Trainer with these properties cannot serve */
export function checkGuard(
  guard: GuardOptions,
  { several, way, scaled, out }: { several: boolean; way: string; scaled: boolean; out: string | undefined },
): void {
  const { nonFinite, spike } = guard
  if (takes('skip', guard) && way === 'closure') {
    const found = 'an optimizer that computes the loss itself has updated when a step’s numbers are known'
    throw new ConfigError('Trainer', 'guard', `${found}: skip is not possible, take 'rollback'`)
  }
  if (several && spike !== undefined && (spike.action ?? nonFinite) === 'skip') {
    const found = 'with several optimizers a spike is found after the updates'
    throw new ConfigError('Trainer', 'guard.spike.action', `${found}: skip is not possible, take 'rollback'`)
  }
  if (takes('rollback', guard) && out === undefined)
    throw new ConfigError('Trainer', 'guard', 'rollback needs checkpoints: set `out`, and checkpointEvery')
  if (guard.spike?.of === 'gradNorm' && scaled) {
    const problem = 'gradients that a scaler scales have no norm to look at: take the loss'
    throw new ConfigError('Trainer', 'guard.spike.of', problem)
  }
}
