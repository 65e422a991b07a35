// Long work in ordinary code, in pieces. Place in the whole: loops over samples, images or trials that run on the event loop's thread.

/** Longest stretch without a turn of the event loop, in milliseconds. */
const SLICE_MS = 4

/** Gives the event loop a turn once the slice is used up. */
export class Slice {
  #since = performance.now()

  async rest(): Promise<void> {
    if (performance.now() - this.#since < SLICE_MS) return
    await new Promise((resolve) => setImmediate(resolve))
    this.#since = performance.now()
  }
}
