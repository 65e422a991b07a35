// Long work in short stretches. Place in the whole: whatever lib/data does sample by sample on the caller's thread.

/** Longest stretch without a turn of the event loop, in milliseconds. */
const SLICE_MS = 4

/** Yields to the event loop once the slice is used up. */
export class Slice {
  #since = performance.now()

  async rest(): Promise<void> {
    if (performance.now() - this.#since < SLICE_MS) return
    await new Promise((resolve) => setImmediate(resolve))
    this.#since = performance.now()
  }
}
