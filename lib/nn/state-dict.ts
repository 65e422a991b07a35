// State dicts: a model's tensors by name. Place in the whole: what modules give and take, checkpoints store, and PyTorch
// calls by the same names.
import { noGrad } from '../autograd/mode.js'
import { SinterError } from '../errors.js'
import { copy_ } from '../ops/inplace.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

export type StateDict = Map<string, Tensor>

/** What did not match when `strict` was off. */
export interface LoadReport {
  /** Names the module has and the state dict lacks. */
  readonly missing: readonly string[]
  /** Names the state dict has and the module lacks. */
  readonly unexpected: readonly string[]
}

export class StateDictError extends SinterError implements LoadReport {
  readonly missing: readonly string[]
  readonly unexpected: readonly string[]
  constructor(message: string, { missing, unexpected }: LoadReport) {
    super('SINTER_STATE_DICT', message)
    this.missing = missing
    this.unexpected = unexpected
  }
}

/** Copies `source` into `target`'s tensors after checking names and shapes. */
export function checkStateDict(
  who: string,
  target: ReadonlyMap<string, Tensor>,
  source: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
  strict: boolean,
): LoadReport {
  const given: ReadonlyMap<string, Tensor> = isMap(source) ? source : new Map(Object.entries(source))
  const missing = [...target.keys()].filter((name) => !given.has(name))
  const unexpected = [...given.keys()].filter((name) => !target.has(name))
  const misshapen: string[] = []
  for (const [name, tensor] of target) {
    const value = given.get(name)
    if (value === undefined || sameShape(value.shape, tensor.shape)) continue
    misshapen.push(`${name}: found ${show(value.shape)}, expected ${show(tensor.shape)}`)
  }
  const problems = misshapen.map((line) => `  shape of ${line}`)
  if (strict) {
    if (missing.length > 0) problems.push(`  missing: ${list(missing)}`)
    if (unexpected.length > 0) problems.push(`  unexpected: ${list(unexpected)}`)
  }
  if (problems.length > 0) {
    const advice = strict && misshapen.length === 0 ? '\npass {strict: false} to load what matches' : ''
    throw new StateDictError(`${who}.loadStateDict: the state dict does not fit:\n${problems.join('\n')}${advice}`, {
      missing,
      unexpected,
    })
  }
  noGrad(() => {
    for (const [name, tensor] of target) {
      const value = given.get(name)
      if (value !== undefined) copy_(tensor, value)
    }
  })
  return { missing, unexpected }
}

const isMap = (value: object): value is ReadonlyMap<string, Tensor> => value instanceof Map

function list(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(', ')
  return names.length > 12 ? `${shown} and ${names.length - 12} more` : shown
}
