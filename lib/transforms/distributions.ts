/** Beta and Dirichlet numbers of a sample's random stream. Place in the whole: shares for mixUp, cutMix and augMix. */
import type { Random } from '../data/random.js'

/**
 * The logarithm of a number of the gamma distribution (Marsaglia and Tsang, "A simple method for generating gamma variables", 2000);
 * the number itself would underflow for small shapes.
 */
function logGamma(random: Random, shape: number): number {
  // Gamma(a) is Gamma(a + 1) U^(1/a).
  if (shape < 1) return logGamma(random, shape + 1) + Math.log(1 - random.uniform()) / shape
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v)
  }
}

/** `count` shares that add up to 1, of the symmetric Dirichlet distribution. */
export function dirichlet(random: Random, alpha: number, count: number): number[] {
  const logs = Array.from({ length: count }, () => logGamma(random, alpha))
  const most = Math.max(...logs)
  const parts = logs.map((v) => Math.exp(v - most))
  const total = parts.reduce((sum, v) => sum + v, 0)
  return parts.map((v) => v / total)
}

/** Of Beta(alpha, alpha). */
export const beta = (random: Random, alpha: number): number => dirichlet(random, alpha, 2)[0] as number
