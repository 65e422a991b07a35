/** Random numbers as written in a test. Place in the whole: stands in for Random where a test says what is drawn. */
import type { Random, TransformContext } from '#lib/data/index.js'

/** Uniform numbers in turn, the same for every row. */
export function scripted(size: number, draws: readonly number[]): TransformContext {
  const random = () => {
    let next = 0
    const uniform = (): number => {
      const value = draws[next++]
      if (value === undefined) throw new Error(`only ${draws.length} numbers are written`)
      return value
    }
    const between = (low: number, high: number): number => low + uniform() * (high - low)
    return { uniform, between, int: (n: number) => Math.floor(uniform() * n) }
  }
  return { epoch: 0, batch: 0, size, random: random as unknown as () => Random }
}

/** What makes `int(n)` give k. */
export const pick = (k: number, n: number): number => (k + 0.5) / n
