// Several samples at once. Place in the whole: readers whose work is done by other threads (libuv's, sharp's).

/**
 * Runs `task` for 0 to `count` - 1, at most `most` at a time. Where some fail the error of the first in order is thrown, after all
 * that had begun have ended: which one it is does not depend on their speed.
 */
export async function concurrently(count: number, most: number, task: (i: number) => Promise<void>): Promise<void> {
  let next = 0
  let failed = count
  let error: unknown
  const run = async () => {
    while (next < Math.min(count, failed)) {
      const i = next++
      try {
        await task(i)
      } catch (cause) {
        if (i < failed) {
          failed = i
          error = cause
        }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, count) }, run))
  if (failed < count) throw error
}

/** Lets so many through at a time, in the order in which they came. */
export class Gate {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(most: number) {
    this.#free = most
  }

  async pass<T>(run: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await run()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}
