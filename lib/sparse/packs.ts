/** Values in other forms, kept while they do not change. Place in the whole: between a matrix and its products. */
import { outsideScopes } from '../engine/lifetime.js'
import { OP } from '../generated/ops.js'
import { makeMany } from '../ops/emit.js'
import { Batched } from '../tensor/batched.js'
import type { Tensor } from '../tensor/tensor.js'
import type { PlanTensor } from './pattern.js'

interface Kept {
  /** Of the values that it is made of. */
  id: number
  version: number
  /** Null where it was made once, and not kept. */
  made: Tensor | null
}

export class Packs {
  readonly #kept = new Map<string, Kept>()

  /**
   * use(what `make` makes of the values). It is kept under the key when it is asked for a second time with the same values: what is
   * used once, and values that change with every step, leave nothing behind.
   */
  use<R>(key: string, values: Tensor, make: () => Tensor, use: (made: Tensor) => R): R {
    if (values instanceof Batched) return useOnce(make, use)
    const [id, version] = [values._id, values._version()]
    const kept = this.#kept.get(key)
    if (kept === undefined || kept.id !== id || kept.version !== version) {
      kept?.made?.dispose()
      this.#kept.set(key, { id, version, made: null })
      return useOnce(make, use)
    }
    if (kept.made === null || kept.made.isDisposed) kept.made = outsideScopes(make)
    return use(kept.made)
  }

  dispose(): void {
    for (const { made } of this.#kept.values()) made?.dispose()
    this.#kept.clear()
  }
}

function useOnce<R>(make: () => Tensor, use: (made: Tensor) => R): R {
  const made = make()
  try {
    return use(made)
  } finally {
    made.dispose()
  }
}

export interface Packing {
  values: Tensor
  scales: Tensor | null
  plan: PlanTensor
  transposed: boolean
  compute: 'f32' | 'f64'
}

/** use(the values as sparseMatmul reads them with this plan); without packs they are made for this call alone. */
export function withPacked<R>(p: Packing, packs: Packs | null, use: (packed: Tensor) => R): R {
  const make = (): Tensor =>
    makeMany(
      'sparsePack',
      OP.sparsePack,
      [{ dtype: p.compute, shape: [p.plan.slots] }],
      [p.values, p.plan.words, p.scales],
      [p.transposed ? 1 : 0],
      p.plan.slots,
    )[0] as Tensor
  return packs === null ? useOnce(make, use) : packs.use(`${p.compute} ${p.transposed}`, p.values, make, use)
}
