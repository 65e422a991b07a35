// Steps and items a second, and the time left. Place in the whole: the Trainer's clock. Time spent on evaluation and
// saving does not count, and the rate follows the recent past, so that a slow start is forgotten.

/** Seconds over which the rate forgets. */
const WINDOW = 10

export class Throughput {
  readonly unit: string
  #items = 0
  #added = 0
  #step = 0
  #since = 0
  #itemRate = 0
  #stepRate = 0

  constructor(unit: string) {
    this.unit = unit
  }

  start(step: number): void {
    this.#step = step
    this.#since = performance.now()
  }

  /** Items of a step that was encoded. */
  add(items: number): void {
    this.#added++
    this.#items += items
  }

  /** Step `step` has finished. */
  report(step: number, total: number | undefined): { rate: number; unit: string; remaining: number | undefined } {
    const now = performance.now()
    const seconds = (now - this.#since) / 1000
    const steps = step - this.#step
    if (seconds > 0 && steps > 0) {
      const perStep = this.#items / Math.max(this.#added, 1)
      const rate = steps / seconds
      const weight = this.#stepRate === 0 ? 1 : 1 - Math.exp(-seconds / WINDOW)
      this.#stepRate += weight * (rate - this.#stepRate)
      this.#itemRate += weight * (rate * perStep - this.#itemRate)
      this.#step = step
      this.#since = now
    }
    const remaining = total === undefined || this.#stepRate === 0 ? undefined : (total - step) / this.#stepRate
    return { rate: this.#itemRate, unit: this.unit, remaining }
  }

  /** Runs `fn` off the clock. */
  async pause<T>(fn: () => Promise<T>): Promise<T> {
    const before = performance.now()
    try {
      return await fn()
    } finally {
      this.#since += performance.now() - before
    }
  }
}
