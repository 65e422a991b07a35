// Runs of n tokens, counted. Place in the whole: under bleu.ts and rouge.ts.

/** How often each run of n tokens occurs; tokens hold no character U+0001. */
export function ngrams(tokens: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>()
  for (let i = 0; i + n <= tokens.length; i++) {
    const gram = tokens.slice(i, i + n).join('\u0001')
    counts.set(gram, (counts.get(gram) ?? 0) + 1)
  }
  return counts
}

/** How many of `a` are in `b` too, each as often as in the one that has fewer. */
export function overlap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let count = 0
  for (const [gram, times] of a) count += Math.min(times, b.get(gram) ?? 0)
  return count
}
