// Memory for batches, used again and again. Place in the whole: each maker has an arena; what it makes lies there until the loader has
// made tensors of it. A new buffer for every batch costs page faults and collections; one that is shared needs no move to the loader's
// thread either.
import type { TypedArray } from '../tensor/dtype.js'

/** Makes an array for a batch, its elements undefined. It is valid for that batch only: the loader uses it again. */
export type Allocate = <T extends TypedArray>(kind: new (length: number) => T, length: number) => T

/** Memory of its own for each array. */
export const allocateFresh: Allocate = (kind, length) => new kind(length)

/** Below this an array has memory of its own: it costs less than its place in a slab. */
const LEAST_BYTES = 4096
/** Kernels and caches like their data to begin at a line. */
const ALIGNMENT = 64

type OfBuffer = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => TypedArray

/** The memory of one batch. */
class Slab {
  readonly buffer: ArrayBufferLike
  #used = 0
  /** Bytes asked for, whether or not there was room. */
  wanted = 0

  constructor(buffer: ArrayBufferLike) {
    this.buffer = buffer
  }

  begin(): void {
    this.#used = 0
    this.wanted = 0
  }

  allocate: Allocate = <T extends TypedArray>(kind: new (length: number) => T, length: number): T => {
    const bytes = length * (kind as unknown as { readonly BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT
    if (bytes < LEAST_BYTES) return new kind(length)
    const room = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
    this.wanted += room
    if (this.#used + room > this.buffer.byteLength) return new kind(length)
    const array = new (kind as unknown as OfBuffer)(this.buffer, this.#used, length)
    this.#used += room
    return array as T
  }
}

/** Slabs of one size, that of the largest batch so far. A batch that needs more gets memory of its own. */
export class Arena {
  readonly #Buffer: new (
    bytes: number,
  ) => ArrayBufferLike
  readonly #free: Slab[] = []
  #bytes = 0

  constructor(shared: boolean) {
    this.#Buffer = shared ? SharedArrayBuffer : ArrayBuffer
  }

  /** Memory for a batch, until `release`. */
  take(): Slab {
    let slab = this.#free.pop()
    if (slab !== undefined && slab.buffer.byteLength < this.#bytes) {
      slab = undefined
    }
    if (slab === undefined) {
      slab = new Slab(new this.#Buffer(this.#bytes))
    }
    slab.begin()
    return slab
  }

  release(slab: Slab): void {
    this.#bytes = Math.max(this.#bytes, slab.wanted)
    this.#free.push(slab)
  }
}
