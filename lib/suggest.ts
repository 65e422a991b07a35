// "Did you mean" for mistyped names. Place in the whole: used by configuration errors and the command line.

/** Insertions, deletions, replacements and swaps of neighbours from `a` to `b` (optimal string alignment). */
function distance(a: string, b: string): number {
  let older: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let best = Math.min((previous[j] as number) + 1, (row[j - 1] as number) + 1, replaced)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (older[j - 2] as number) + 1)
      }
      row.push(best)
    }
    older = previous
    previous = row
  }
  return previous[b.length] as number
}

/** The known name nearest to `word`, if one is near enough to be meant. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let least = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const name of known) {
    const away = name.startsWith(word) && word.length >= 3 ? 1 : distance(word.toLowerCase(), name.toLowerCase())
    if (away < least) {
      least = away
      best = name
    }
  }
  return best
}

/** `; did you mean "x"?` or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known)
  return near === undefined ? '' : `; did you mean "${near}"?`
}

/** What is wrong with `options` where a key is none of `keys`, for an error of whatever class. */
export function unknownOption(options: object, keys: readonly string[]): string | undefined {
  const key = Object.keys(options).find((name) => !keys.includes(name))
  if (key === undefined) return undefined
  const others = keys.length > 0 ? `its options are ${keys.join(', ')}` : 'it has none'
  return `no such option: '${key}'${didYouMean(key, keys)} (${others})`
}
