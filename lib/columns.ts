// Tables of text. Place in the whole: of models, of profiles, of searches, and bench/'s.

/** 3.64 G, 512 B. */
export function amount(x: number, unit: string): string {
  const steps = ['', 'k', 'M', 'G', 'T', 'P']
  const step = x < 1000 ? 0 : Math.min(Math.floor(Math.log10(x) / 3), steps.length - 1)
  const value = step === 0 ? String(x) : (x / 10 ** (3 * step)).toPrecision(3)
  return `${value} ${steps[step]}${unit}`.trimEnd()
}

/** Rows of one width; columns of text to the left, of numbers to the right. */
export function align(rows: readonly (readonly string[])[], isText: (column: number) => boolean): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => (row[i] as string).length)))
  const pad = (cell: string, i: number): string => cell[isText(i) ? 'padEnd' : 'padStart'](widths[i] as number)
  return rows.map((row) => row.map(pad).join('  ').trimEnd())
}
