/** Models with the numbers of parameters that were published for them: what published.test.ts counts and docs/parity.md lists. */
import type { Module } from '#lib/nn/index.js'

export interface Published {
  readonly name: string
  /** Where the number stands. */
  readonly source: string
  readonly parameters: number
  readonly count: () => number
}

/** A model's parameters; it is freed. */
export function countOf(build: () => Module): number {
  const model = build()
  const n = [...model.parameters()].reduce((sum, p) => sum + p.numel, 0)
  model.dispose()
  return n
}
