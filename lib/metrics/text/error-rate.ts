// How many words or characters a transcript has wrong. Place in the whole: figures of speech and handwriting recognition. Definition:
// Levenshtein 1966; rates are of all references together, as jiwer and NIST's sclite count.
import { ShapeError, ValueError } from '../../errors.js'
import { Metric, type MetricState } from '../metric.js'

export interface Alignment {
  readonly substitutions: number
  readonly deletions: number
  readonly insertions: number
  readonly hits: number
}

/** The fewest edits that make the hypothesis of the reference; of equally few, those with the most hits, then the most substitutions. */
export function align<T>(reference: readonly T[], hypothesis: readonly T[]): Alignment {
  const columns = hypothesis.length + 1
  // A cell: edits, and of them deletions and insertions; what is left of the reference are hits and substitutions.
  let above = Array.from({ length: columns }, (_, j) => ({ edits: j, deletions: 0, insertions: j }))
  for (const [i, word] of reference.entries()) {
    const row = [{ edits: i + 1, deletions: i + 1, insertions: 0 }]
    for (let j = 1; j < columns; j++) {
      const [corner, up, left] = [above[j - 1], above[j], row[j - 1]] as [Cell, Cell, Cell]
      const same = word === hypothesis[j - 1]
      let best: Cell = same ? corner : { ...corner, edits: corner.edits + 1 }
      if (up.edits + 1 < best.edits) best = { ...up, edits: up.edits + 1, deletions: up.deletions + 1 }
      if (left.edits + 1 < best.edits) best = { ...left, edits: left.edits + 1, insertions: left.insertions + 1 }
      row.push(best)
    }
    above = row
  }
  const { edits, deletions, insertions } = above.at(-1) as Cell
  const substitutions = edits - deletions - insertions
  return { substitutions, deletions, insertions, hits: reference.length - substitutions - deletions }
}

interface Cell {
  readonly edits: number
  readonly deletions: number
  readonly insertions: number
}

const COUNTS = ['substitutions', 'deletions', 'insertions', 'hits'] as const

/** Edits over the length of the references. */
abstract class ErrorRate extends Metric {
  #counts: Record<(typeof COUNTS)[number], number> = { substitutions: 0, deletions: 0, insertions: 0, hits: 0 }

  /** @throws ShapeError unless there are as many hypotheses as references */
  update(references: readonly string[], hypotheses: readonly string[]): void {
    if (references.length !== hypotheses.length)
      throw new ShapeError(
        `${this.constructor.name}: ${references.length} references for ${hypotheses.length} hypotheses`,
      )
    for (const [i, reference] of references.entries()) {
      const found = align(this.units(reference), this.units(hypotheses[i] as string))
      for (const name of COUNTS) this.#counts[name] += found[name]
    }
  }

  /** The edits so far. */
  get counts(): Alignment {
    return { ...this.#counts }
  }

  protected abstract units(text: string): readonly string[]

  protected override result(): number {
    const { substitutions, deletions, insertions, hits } = this.#counts
    const length = hits + substitutions + deletions
    if (length === 0)
      throw new ValueError(`${this.constructor.name}: the references are empty: there is nothing to divide by`)
    return (substitutions + deletions + insertions) / length
  }

  protected override clear(): void {
    for (const name of COUNTS) this.#counts[name] = 0
  }

  protected override gathered(): MetricState {
    return { counts: COUNTS.map((name) => this.#counts[name]) }
  }

  protected override add({ counts = [] }: MetricState): void {
    for (const [i, name] of COUNTS.entries()) this.#counts[name] += counts[i] ?? 0
  }
}

/** Wrong words over words of the references; words are what white space separates, as they are written. */
export class WordErrorRate extends ErrorRate {
  protected override units(text: string): readonly string[] {
    return text.split(/\s+/).filter((word) => word !== '')
  }
}

/** Wrong characters (code points, spaces included) over characters of the references. */
export class CharacterErrorRate extends ErrorRate {
  protected override units(text: string): readonly string[] {
    return [...text]
  }
}
