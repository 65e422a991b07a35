/** Times of a plan against times of the usual one. Place in the whole: decides what `tune` keeps. */

/** A gain below this is taken for noise. */
const LEAST_GAIN = 0.03

/** Linear between neighbours, as numpy's default. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const low = sorted[Math.floor(at)] as number
  return low + (at % 1) * ((sorted[Math.ceil(at)] as number) - low)
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

/**
 * Faster by more than noise: the median and the lower quartile by 3 % (what disturbs a time makes it longer, so the short ones are the
 * truer ones), and three quarters of the times under the usual plan's median.
 */
export function isFaster(times: readonly number[], usual: readonly number[]): boolean {
  const gains = (q: number): boolean => quantile(times, q) < (1 - LEAST_GAIN) * quantile(usual, q)
  return gains(0.5) && gains(0.25) && quantile(times, 0.75) < median(usual)
}
