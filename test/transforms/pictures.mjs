// The dataset of determinism.test.ts, also for worker threads.

export default class Pictures {
  constructor(length, height, width) {
    this.length = length
    this.shape = [3, height, width]
  }

  get(index) {
    return { image: { data: picture(index, this.shape), shape: this.shape } }
  }
}

/** Values that are not the whole range. */
export function picture(index, [c, h, w]) {
  return Uint8Array.from({ length: c * h * w }, (_, i) => 20 + ((i * 7919 + index * 104729) % 210))
}
