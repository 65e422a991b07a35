// Modules put in the place of others. Place in the whole: a tool over models; quantization and adapters change models by it.

import { known } from '../check.js'
import { ValueError } from '../errors.js'
import { type DType, isFloating } from '../tensor/dtype.js'
import { Module } from './module.js'
import { castHeld } from './parameter.js'
import { type ModulePattern, modulesMatching } from './select.js'

export interface ReplaceOptions {
  /**
   * Whether the floating-point parameters and buffers that a replacement brings are cast to the dtype of what it replaces, where that has
   * one dtype. Default true.
   */
  readonly keepDType?: boolean
}

export interface Replacement {
  /** Of the first place. */
  readonly path: string
  readonly before: Module
  readonly after: Module
}

/**
 * Puts `make(module, path)` in the place of every module inside `model` that `pattern` selects, in place; a module that is returned as it
 * was stays. Inner modules are replaced before those around them. What is shared is made once and replaced at all its places.
 *
 * The new modules take the training mode of the old ones. Hooks stay with the module they were registered on. Nothing is freed: a
 * replacement may hold what it replaces, or its parameters. An optimizer made before goes on updating the old parameters: make it after.
 *
 *     replaceModules(model, ReLU, () => new SiLU())
 *     replaceModules(model, 'encoder.**.query', (layer) => new Adapted(layer as Linear))
 *
 * @returns what was replaced, innermost first
 * @throws ValueError when the pattern selects nothing, when it selects the model itself, which nothing holds, and when `make` gives
 *   something else than a module; then nothing is replaced
 */
export function replaceModules(
  model: Module,
  pattern: ModulePattern,
  make: (module: Module, path: string) => Module,
  options: ReplaceOptions = {},
): Replacement[] {
  known('replaceModules', options, ['keepDType'])
  const { keepDType = true } = options
  const selected = modulesMatching(model, pattern)
  if (selected.some(([, module]) => module === model)) {
    const type = model.constructor.name
    throw new ValueError(
      `replaceModules: the pattern selects the ${type} itself, and nothing holds it in which it could be replaced: select modules inside it`,
    )
  }
  const undo: (() => void)[] = []
  const made: Replacement[] = []
  try {
    for (const [path, before] of selected.reverse()) {
      const after = make(before, path)
      if (!(after instanceof Module)) {
        throw new ValueError(`replaceModules: expected a module in the place of ${path}, found ${String(after)}`)
      }
      if (after === before) continue
      undo.push(...put(model, before, after))
      adapt(before, after, keepDType)
      made.push({ path, before, after })
    }
  } catch (error) {
    for (const back of undo.reverse()) back()
    throw error
  }
  return made
}

/** Replaces at all places of the model as it stands; gives what takes that back. */
function put(model: Module, before: Module, after: Module): (() => void)[] {
  const undo: (() => void)[] = []
  for (const parent of [...model.modules()]) {
    for (const [name, child] of [...parent.namedChildren()]) {
      if (child !== before) continue
      parent._setChild(name, after)
      undo.push(() => parent._setChild(name, before))
    }
  }
  return undo
}

/** Gives what is new in `after` the mode, and the dtype, of `before`. */
function adapt(before: Module, after: Module, keepDType: boolean): void {
  const old = new Set(before.modules())
  for (const module of after.modules()) if (!old.has(module)) module.training = before.training
  const dtype = keepDType ? dtypeOf(before) : undefined
  if (dtype === undefined) return
  const kept = new Set(before.ownedTensors())
  const brought = [...after.parameters(), ...after.buffers()].filter((t) => !kept.has(t) && isFloating(t.dtype))
  if (brought.length > 0) castHeld(brought, dtype)
}

/** The one dtype of a module's floating-point parameters. */
function dtypeOf(module: Module): DType | undefined {
  const dtypes = new Set([...module.parameters()].map(({ dtype }) => dtype).filter(isFloating))
  return dtypes.size === 1 ? [...dtypes][0] : undefined
}
