// Which blocks of a paged cache are in use, and by how many sequences. Place in the whole: numbers only; paged-cache.ts has the
// tensors.
import { OutOfBlocksError } from '../errors.js'

export class BlockPool {
  /** How many sequences hold each block. */
  readonly #holders: Int32Array
  /** A stack: what was given back last, and may still be in a cache of the processor, is taken first. */
  readonly #free: number[]

  constructor(blocks: number) {
    this.#holders = new Int32Array(blocks)
    this.#free = Array.from({ length: blocks }, (_, i) => blocks - 1 - i)
  }

  /** Blocks that nobody holds. */
  get free(): number {
    return this.#free.length
  }

  holders(block: number): number {
    return this.#holders[block] as number
  }

  /** @throws OutOfBlocksError where fewer than `count` are free */
  require(count: number): void {
    if (count > this.free) throw new OutOfBlocksError(count, this.free, this.#holders.length)
  }

  /** A free block, with one holder. */
  take(): number {
    this.require(1)
    const block = this.#free.pop() as number
    this.#holders[block] = 1
    return block
  }

  /** One more holder. */
  share(block: number): void {
    this.#holders[block] = this.holders(block) + 1
  }

  /** One holder less; the last one's block is free again. */
  release(block: number): void {
    const left = this.holders(block) - 1
    this.#holders[block] = left
    if (left === 0) this.#free.push(block)
  }
}
