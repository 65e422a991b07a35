// What is measured batch after batch. Place in the whole: the classes of lib/metrics are these over the plain functions beside them; the
// Trainer's evaluations, and anyone's loop, feed them.
import { ValueError } from '../errors.js'
import { type Numbers, read, type Values } from './values.js'

/** What a metric has gathered, in numbers that JSON holds: it is sent from process to process, and merged. */
export type MetricState = Readonly<Record<string, readonly number[]>>

/**
 * Takes a batch at a time and gives the figure of all of them. Tensors given to `update` may be disposed of right away: their values are read in
 * the background, in order, and nothing waits but `compute`, which also throws what a batch had wrong.
 */
export abstract class Metric<R = number> {
  #reading: Promise<void> = Promise.resolve()
  #failure: { readonly error: unknown } | undefined
  #life = 0

  /** The figure of everything so far. @throws ValueError where it is not defined */
  async compute(): Promise<R> {
    await this.#settled()
    return await this.result()
  }

  /** Forgets everything. */
  reset(): void {
    this.#life++
    this.#failure = undefined
    this.clear()
  }

  /** What has been gathered, for `merge` in another process. */
  async state(): Promise<MetricState> {
    await this.#settled()
    return this.gathered()
  }

  /** Adds what another metric of this class, with these options, has gathered. */
  async merge(state: MetricState): Promise<void> {
    await this.#settled()
    this.add(state)
  }

  protected abstract result(): R | Promise<R>
  protected abstract clear(): void
  protected abstract gathered(): MetricState
  protected abstract add(state: MetricState): void

  /** Reads the values and hands them over, after those of earlier calls. */
  protected take(values: readonly Values[], then: (...numbers: Numbers[]) => void): void {
    const life = this.#life
    const numbers = Promise.all(values.map(read))
    numbers.catch(() => {})
    this.#reading = this.#reading.then(async () => {
      try {
        const all = await numbers
        if (life === this.#life) then(...all)
      } catch (error) {
        if (life === this.#life) this.#failure ??= { error }
      }
    })
  }

  async #settled(): Promise<void> {
    await this.#reading
    if (this.#failure !== undefined) throw this.#failure.error
  }
}

/** A metric whose figure needs all values at once: it keeps them, column by column. */
export abstract class GatheringMetric<R = number> extends Metric<R> {
  protected readonly columns: Record<string, number[]> = {}

  /** Appends to a column. */
  protected append(column: string, values: ArrayLike<number>): void {
    const all = (this.columns[column] ??= [])
    for (let i = 0; i < values.length; i++) all.push(values[i] as number)
  }

  protected column(name: string): readonly number[] {
    return this.columns[name] ?? []
  }

  protected override clear(): void {
    for (const name of Object.keys(this.columns)) delete this.columns[name]
  }

  protected override gathered(): MetricState {
    return Object.fromEntries(Object.entries(this.columns).map(([name, values]) => [name, [...values]]))
  }

  protected override add(state: MetricState): void {
    for (const [name, values] of Object.entries(state)) this.append(name, values)
  }
}

/** A metric that is a function of sums: of counts, of errors. */
export abstract class SummingMetric<R = number> extends Metric<R> {
  protected readonly sums: Float64Array

  constructor(count: number) {
    super()
    this.sums = new Float64Array(count)
  }

  protected override clear(): void {
    this.sums.fill(0)
  }

  protected override gathered(): MetricState {
    return { sums: [...this.sums] }
  }

  /** @throws ValueError for the sums of another metric, or of one with other options */
  protected override add({ sums = [] }: MetricState): void {
    if (sums.length !== this.sums.length)
      throw new ValueError(
        `${this.constructor.name}.merge: ${sums.length} sums, expected ${this.sums.length}: the metrics must have the same options`,
      )
    for (const [i, value] of sums.entries()) this.sums[i] = (this.sums[i] as number) + value
  }
}
