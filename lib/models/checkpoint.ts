// Names in files of published models. Place in the whole: models whose files come with names, or entries, that the model does not have.
import type { StateDict } from '../nn/state-dict.js'
import type { Tensor } from '../tensor/tensor.js'

export type GivenState = ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>

/** The same tensors by the names that `rename` gives; those for which it gives null are left out. */
export function renamed(state: GivenState, rename: (name: string) => string | null = (name) => name): StateDict {
  const given = (state instanceof Map ? state : Object.entries(state)) as Iterable<[string, Tensor]>
  const result: StateDict = new Map()
  for (const [name, tensor] of given) {
    const to = rename(name)
    if (to !== null) result.set(to, tensor)
  }
  return result
}
