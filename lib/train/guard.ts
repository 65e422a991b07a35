// Judges steps. Place in the whole: numbers of a step in, what is to be done about it out; the steps of steps.ts ask, the Trainer acts.
// It knows nothing of tensors, and what it decides is a function of the numbers it has seen, so that a resumed run decides alike.
import type { Json } from './callback.js'
import type { GuardAction, GuardOptions } from './guard-options.js'

/** What a guard did, and why. */
export interface GuardEvent {
  readonly action: GuardAction
  /** The step that was judged, and where in the data it was. */
  readonly step: number
  readonly epoch: number
  /** `the loss is NaN`, in words. */
  readonly reason: string
  readonly loss: number
  readonly gradNorm?: number
  /** Indices of its samples, where the data know them. */
  readonly samples?: readonly number[]
  /** The step that a rollback went back to. */
  readonly to?: number
}

/** The numbers of a step that are judged. */
export interface Judged {
  readonly loss: number
  /** By optimizer; of a single one, 'gradNorm'. */
  readonly norms: Readonly<Record<string, number>>
}

export interface Verdict {
  readonly action: GuardAction
  readonly reason: string
}

interface GuardState {
  readonly skipped: number
  readonly inRow: number
  readonly rollbacks: number
  readonly recent: readonly number[]
}

export class Guard {
  readonly #options: GuardOptions
  #skipped = 0
  /** Skips one after the other. */
  #inRow = 0
  #rollbacks = 0
  #recent: number[] = []

  constructor(options: GuardOptions) {
    this.#options = options
  }

  get skipped(): number {
    return this.#skipped
  }

  get rollbacks(): number {
    return this.#rollbacks
  }

  /** What updates after so many rollbacks multiply their rates by. */
  get rateScale(): number {
    return (this.#options.rollbackRate ?? 0.5) ** this.#rollbacks
  }

  /** What is wrong with a step and what to do; undefined, and remembered, when nothing is. Counts. */
  judge(step: Judged): Verdict | undefined {
    const { nonFinite = 'stop', spike } = this.#options
    const bad = unfinished(step)
    const rise = bad ?? this.#spike(step)
    if (rise === undefined) {
      this.#inRow = 0
      return undefined
    }
    const action = bad === undefined ? (spike?.action ?? nonFinite) : nonFinite
    return this.#counted(action, rise)
  }

  stateDict(): Json {
    return { skipped: this.#skipped, inRow: this.#inRow, rollbacks: this.#rollbacks, recent: this.#recent }
  }

  loadStateDict(state: Json): void {
    const { skipped, inRow, rollbacks, recent } = state as unknown as GuardState
    this.#skipped = skipped
    this.#inRow = inRow
    this.#rollbacks = rollbacks
    this.#recent = [...recent]
  }

  /** The run has gone back to a checkpoint: what was seen before it counts again, what was done stays counted. */
  wentBack(state: Json | undefined): void {
    this.#recent = [...((state as unknown as GuardState | undefined)?.recent ?? [])]
    this.#inRow = 0
  }

  #counted(action: GuardAction, reason: string): Verdict {
    const { maxSkips = 10, maxRollbacks = 3 } = this.#options
    if (action === 'skip') {
      if (++this.#inRow > maxSkips)
        return { action: 'stop', reason: `${reason}, after ${maxSkips} steps in a row that were left out (maxSkips)` }
      this.#skipped++
    } else if (action === 'rollback') {
      if (this.#rollbacks >= maxRollbacks)
        return { action: 'stop', reason: `${reason}, after ${maxRollbacks} rollbacks (maxRollbacks)` }
      this.#rollbacks++
    }
    return { action, reason }
  }

  #spike({ loss, norms }: Judged): string | undefined {
    const { spike } = this.#options
    if (spike === undefined) return undefined
    const { factor, window = 50, of = 'loss' } = spike
    const value = of === 'loss' ? loss : Math.max(...Object.values(norms))
    // An optimizer with a loss scaler has no norm.
    if (value === Number.NEGATIVE_INFINITY) return undefined
    const middle = this.#recent.length < window ? 0 : median(this.#recent)
    if (middle > 0 && value > factor * middle) {
      const what = of === 'loss' ? 'loss' : 'norm of the gradients'
      return `the ${what} is ${short(value)}, more than ${factor} times ${short(middle)}, the median of ${window} steps before`
    }
    this.#recent.push(value)
    while (this.#recent.length > window) this.#recent.shift()
    return undefined
  }
}

function unfinished({ loss, norms }: Judged): string | undefined {
  if (!Number.isFinite(loss)) return `the loss is ${loss}`
  for (const [name, norm] of Object.entries(norms))
    if (!Number.isFinite(norm))
      return `the norm of the gradients is ${norm}${name === 'gradNorm' ? '' : ` (${name.replace('gradNorm.', '')})`}`
  return undefined
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[half] as number)
    : ((sorted[half - 1] as number) + (sorted[half] as number)) / 2
}

const short = (value: number): number => Number(value.toPrecision(5))
