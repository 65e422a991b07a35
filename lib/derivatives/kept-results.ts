// Results that a selective checkpoint keeps. Place in the whole: operators ask here (keeping, lib/ops/emit.ts) while such a checkpoint runs its
// function; the second run gets them again instead of computing them.
import { AutogradError, ValueError } from '../errors.js'
import { keeping, type ResultKeeper } from '../ops/emit.js'
import { didYouMean } from '../suggest.js'
import type { Tensor } from '../tensor/tensor.js'

interface Kept {
  readonly name: string
  readonly results: readonly Tensor[]
  readonly versions: readonly number[]
}

export class KeptResults {
  readonly #names: ReadonlySet<string>
  /** What the first run kept, in its order; what the second has not asked for yet. */
  #kept: Kept[] = []

  /** @param names of operators, as errors and profiles call them */
  constructor(names: readonly string[]) {
    this.#names = new Set(names)
  }

  /** @throws ValueError where an operator's name (`every`), or every one, names none that ran */
  first<T>(fn: () => T, every: boolean): T {
    const ran = new Set<string>()
    const result = withKeeper(
      {
        again: () => undefined,
        made: (name, results) => {
          ran.add(name)
          if (!this.#names.has(name)) return
          const versions = results.map((t) => t._version())
          this.#kept.push({ name, results: results.map((t) => t._share()), versions })
        },
      },
      fn,
    )
    const missing = [...this.#names].filter((name) => !ran.has(name))
    if (missing.length > 0 && (every || missing.length === this.#names.size)) {
      this.dispose()
      const [name] = missing as [string]
      const names = [...ran].sort()
      throw new ValueError(
        `checkpoint: keep names '${name}', but no such operator ran${didYouMean(name, names)} (${names.join(', ') || 'none ran'})`,
      )
    }
    return result
  }

  /** @throws AutogradError where it computes something else than the first, or where a result has been written to since */
  second<T>(fn: () => T): T {
    const again = (name: string): Tensor[] | undefined => {
      if (!this.#names.has(name)) return undefined
      const kept = this.#kept.shift()
      try {
        if (kept?.name !== name)
          throw new AutogradError(
            `checkpoint: the second run came to ${name} where the first ${kept === undefined ? 'had ended' : `came to ${kept.name}`}; the function must compute the same again`,
          )
        if (kept.results.some((t, i) => t._version() !== kept.versions[i]))
          throw new AutogradError(
            `checkpoint: a result of ${name}, which keep names, was written to in place since; leave ${name} out of keep, or use the form that is not in place`,
          )
        return kept.results.map((t) => t.detach())
      } finally {
        for (const t of kept?.results ?? []) t.dispose()
      }
    }
    try {
      return withKeeper({ again, made: () => {} }, fn)
    } finally {
      this.dispose()
    }
  }

  dispose(): void {
    for (const { results } of this.#kept.splice(0)) for (const t of results) t.dispose()
  }
}

/** Runs `fn` with this keeper, or with none: what another checkpoint keeps is not this one's. */
export function withKeeper<T>(keeper: ResultKeeper | null, fn: () => T): T {
  const outer = keeping.keeper
  keeping.keeper = keeper
  try {
    return fn()
  } finally {
    keeping.keeper = outer
  }
}
