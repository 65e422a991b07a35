// Momentum that a schedule moves. Place in the whole: shared by the cyclic schedules (one-cycle.ts, cyclic.ts).
import { ValueError } from '../../errors.js'
import type { ScheduledGroup } from './scheduler.js'

/** The momentum of SGD and its like, or the first beta of Adam and its like. */
export function setMomentum(group: ScheduledGroup, momentum: number): void {
  if (group.betas !== undefined) group.betas = [momentum, group.betas[1]]
  else group.momentum = momentum
}

/** @throws ValueError for a group without momentum */
export function needMomentum(who: string, groups: readonly ScheduledGroup[]): void {
  if (groups.some((group) => group.betas === undefined && !(group.momentum as number)))
    throw new ValueError(`${who}: cycleMomentum needs an optimizer with momentum or betas: set cycleMomentum to false`)
}
