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

/**
 * The parameters of a model of so many layers, told from models of one and of two: for those that would fill a test's memory. Every layer
 * has as many.
 */
export function countOfLayers(layers: number, build: (layers: number) => Module): number {
  const [one, two] = [1, 2].map((n) => countOf(() => build(n))) as [number, number]
  return one + (layers - 1) * (two - one)
}
