// Activation checkpointing of parts of a model. Place in the whole: a tool over models; lib/derivatives/checkpoint.ts does the work.
import type { HookHandle } from '../autograd/hooks.js'
import { known } from '../check.js'
import { keptBy, type SelectiveOptions } from '../derivatives/checkpoint.js'
import type { Module } from './module.js'
import { checkpointed } from './module-hooks.js'
import { type ModulePattern, modulesMatching } from './select.js'

/**
 * From now on each of the selected modules keeps its arguments for backward instead of all that its operators need, and computes that
 * again when backward gets there: memory for about a third more time. Select what repeats, such as a transformer's layers; a module inside
 * another that is selected gains nothing more.
 *
 * The model stays as it is: same modules, same names in state dicts. Dropout draws the same numbers again, and running statistics see a
 * batch once. The selected modules' own hooks run once, those of modules inside twice. Without gradients nothing changes.
 *
 *     const handle = checkpointModules(model, 'encoder.layer.*')
 *
 * With `keep`, results of the operators that it names are kept and not computed again (see `selectiveCheckpoint`):
 *
 *     checkpointModules(model, 'encoder.layer.*', { keep: ['linear', 'scaledDotProductAttention'] })
 *
 * @returns what takes it back
 * @throws ValueError when the pattern selects nothing, and in a module's call when none of the operators that `keep` names ran in it; AutogradError in backward when a module computes something else the second time,
 *   because it was put into another mode, say
 */
export function checkpointModules(
  model: Module,
  pattern: ModulePattern,
  options: Partial<SelectiveOptions> = {},
): HookHandle {
  known('checkpointModules', options, ['keep'])
  const { keep } = options
  const names = keep === undefined ? null : keptBy({ keep })
  const handles = modulesMatching(model, pattern).map(([, module]) => checkpointed(module, names))
  return {
    remove() {
      for (const handle of handles) handle.remove()
    },
  }
}
