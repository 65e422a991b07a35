// The numbers of steps. Place in the whole: what the Trainer reads of a step's tensors, and how the batches of a step are averaged.
import { Tensor } from '../tensor/tensor.js'

/** Items of a batch: the first tensor's first dimension, 1 where there is none. */
export function firstDimension(batch: unknown): number {
  if (batch instanceof Tensor) return batch.shape[0] ?? 1
  if (typeof batch !== 'object' || batch === null) return 1
  const first: unknown = Object.values(batch)[0]
  return first === undefined ? 1 : firstDimension(first)
}

/** The values as numbers; tensors are freed. */
export async function numbersOf(values: Readonly<Record<string, Tensor | number>>): Promise<Record<string, number>> {
  const read = async ([name, value]: [string, Tensor | number]) => {
    if (!(value instanceof Tensor)) return [name, value] as const
    return [name, await value.item().finally(() => value.dispose())] as const
  }
  return Object.fromEntries(await Promise.all(Object.entries(values).map(read)))
}

/** Means of named numbers, batch by batch. */
export class WeightedMean {
  readonly #sums = new Map<string, number>()
  #weight = 0

  add(values: Readonly<Record<string, number>>, weight: number): void {
    for (const [name, value] of Object.entries(values))
      this.#sums.set(name, (this.#sums.get(name) ?? 0) + weight * value)
    this.#weight += weight
  }

  /** The means so far; begins anew. */
  take(): Record<string, number> {
    const means = Object.fromEntries([...this.#sums].map(([name, sum]) => [name, sum / this.#weight]))
    this.#sums.clear()
    this.#weight = 0
    return means
  }
}
