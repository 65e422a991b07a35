// Keys and values of many sequences of different lengths, in blocks of one pool (Kwon et al. 2023, "Efficient Memory Management for
// Large Language Model Serving with PagedAttention"). Place in the whole: what kv-cache.ts is for sequences of one length; paged-step.ts
// is one call of a model with it.
// Shapes: H heads of keys, D width of a head.
import { noGrad } from '../autograd/mode.js'
import { outsideScopes, type TensorOwner } from '../engine/lifetime.js'
import { DisposedError, ValueError } from '../errors.js'
import { zeros } from '../ops/creation.js'
import { copy_ } from '../ops/inplace.js'
import { select } from '../ops/views.js'
import type { DType } from '../tensor/dtype.js'
import type { Tensor } from '../tensor/tensor.js'
import { BlockPool } from './block-pool.js'
import { PagedStep, type Part } from './paged-step.js'

/**
 * Small blocks waste less, as each sequence's last one is half empty on average; but each begins where the processor did not look ahead.
 * Measured against rows without blocks, decoding with heads of 128 f32 reads blocks of 16 at 0.74 of the speed, of 64 at 0.9.
 */
export const BLOCK_SIZE = 64

export interface PagedKvCacheOptions {
  readonly layers: number
  /** Of keys and values. */
  readonly heads: number
  /** Of a head. */
  readonly width: number
  /** Blocks of each layer: all sequences share them. */
  readonly blocks: number
  /** Positions of a block. Default 64. */
  readonly blockSize?: number
  /** Default 'f32'. */
  readonly dtype?: DType
}

/** A sequence's blocks, in order, and how many positions they hold. */
export interface Sequence {
  blocks: number[]
  length: number
  /** Counts what would make a step that was begun before write in the wrong place. */
  version: number
}

/**
 * Keys and values of every layer for any number of sequences, which share `blocks` blocks of `blockSize` positions. A sequence is a
 * number: `allocate` begins one, `fork` continues one twice (what both have seen is stored once, and copied only where one of them
 * writes), `extend` makes room for further positions and gives what a model's call takes, `free` gives the blocks back. Freed by
 * `dispose`, or when it is collected.
 *
 *     const cache = model.pagedCache({ blocks: 64 })
 *     const [a, b] = [cache.allocate(), cache.allocate()]
 *     noGrad(() => model.call(promptOfA, cache.extend([a], 9)))
 *     noGrad(() => model.call(promptOfB, cache.extend([b], 4)))
 *     noGrad(() => model.call(nextTokens, cache.extend([a, b], 1)))
 */
export class PagedKvCache implements TensorOwner {
  readonly blockSize: number
  readonly #blocks: BlockPool
  readonly #sequences = new Map<number, Sequence>()
  readonly #pools: readonly (readonly [keys: Tensor, values: Tensor])[]
  #next = 0

  /** @throws ValueError for sizes that are no positive integers, or more positions than 2^31 */
  constructor({ layers, heads, width, blocks, blockSize = BLOCK_SIZE, dtype = 'f32' }: PagedKvCacheOptions) {
    for (const [name, value] of Object.entries({ layers, heads, width, blocks, blockSize })) {
      if (!Number.isInteger(value) || value < 1)
        throw new ValueError(`PagedKvCache: ${name} is ${value}, expected a positive integer`)
    }
    if (blocks * blockSize >= 2 ** 31)
      throw new ValueError(
        `PagedKvCache: ${blocks} blocks of ${blockSize} positions, expected fewer than 2^31 positions`,
      )
    this.blockSize = blockSize
    this.#blocks = new BlockPool(blocks)
    const pool = (): Tensor => outsideScopes(() => zeros([blocks, heads, blockSize, width], { dtype }))
    this.#pools = Array.from({ length: layers }, () => [pool(), pool()] as const)
  }

  /** Blocks that no sequence holds. */
  get freeBlocks(): number {
    return this.#blocks.free
  }

  /** Positions that a sequence has stored. */
  lengthOf(sequence: number): number {
    return this.#at(sequence).length
  }

  /** Blocks that a sequence holds, shared ones included. */
  blocksOf(sequence: number): number {
    return this.#at(sequence).blocks.length
  }

  /** Begins an empty sequence, which takes blocks as it is extended. */
  allocate(): number {
    return this.#add({ blocks: [], length: 0, version: 0 })
  }

  /** A second sequence that has seen what `sequence` has. Takes no block until one of them is extended. */
  fork(sequence: number): number {
    const { blocks, length } = this.#shrunk(sequence, this.lengthOf(sequence))
    for (const block of blocks) this.#blocks.share(block)
    return this.#add({ blocks: [...blocks], length, version: 0 })
  }

  /** Forgets the positions of a sequence from `length` on. */
  truncate(sequence: number, length: number): void {
    const stored = this.lengthOf(sequence)
    if (!Number.isInteger(length) || length < 0 || length > stored)
      throw new ValueError(`PagedKvCache: cannot truncate the ${stored} positions of sequence ${sequence} to ${length}`)
    this.#shrunk(sequence, length)
  }

  /** Ends a sequence. */
  free(sequence: number): void {
    this.#shrunk(sequence, 0)
    this.#sequences.delete(sequence)
  }

  /**
   * Makes room for `counts` further positions of each sequence and gives the step that a model's call takes: row n of the call's tokens
   * (b, t) belongs to sequences[n], and of a row with fewer new positions than the longest the last ones count. The step's tensors belong
   * to the scope in which it is made. A step that fails before its end may be made anew.
   *
   * @throws OutOfBlocksError where too few blocks are free: it tells how many are needed, and nothing has changed; ValueError for
   *   sequences that do not exist or come twice, and for counts that are no positive integers
   */
  extend(sequences: readonly number[], counts: number | readonly number[]): PagedStep {
    if (this.#pools[0]?.[0].isDisposed) throw new DisposedError('PagedKvCache: it was disposed of')
    if (sequences.length === 0 || new Set(sequences).size !== sequences.length)
      throw new ValueError(`PagedKvCache: extends different sequences, at least one, not [${sequences.join(', ')}]`)
    const each = typeof counts === 'number' ? sequences.map(() => counts) : counts
    if (each.length !== sequences.length || each.some((count) => !Number.isInteger(count) || count < 1))
      throw new ValueError(
        `PagedKvCache: ${sequences.length} sequences by [${each.join(', ')}] positions, expected as many positive integers`,
      )
    const parts = sequences.map((id, i): Part => ({ id, sequence: this.#at(id), count: each[i] as number }))
    this.#blocks.require(this.#needed(parts))
    for (const { sequence, count } of parts) this.#makeRoom(sequence, count)
    return new PagedStep(this.#pools, this.blockSize, parts, (id) => this.#sequences.get(id))
  }

  /** Blocks to take before the parts can be written. */
  #needed(parts: readonly Part[]): number {
    let needed = 0
    // Two that share a block which both will write: the first one leaves it to the second.
    const left = new Map<number, number>()
    for (const { sequence, count } of parts) {
      needed += Math.max(0, this.#blocksFor(sequence.length + count) - sequence.blocks.length)
      const block = this.#writtenAnew(sequence)
      if (block === undefined) continue
      const gone = left.get(block) ?? 0
      if (this.#blocks.holders(block) - gone < 2) continue
      left.set(block, gone + 1)
      needed++
    }
    return needed
  }

  /** The block with some positions that is written next, if the last one is not full: the only one that may be shared and written. */
  #writtenAnew({ blocks, length }: Sequence): number | undefined {
    return length % this.blockSize === 0 ? undefined : blocks[Math.floor(length / this.blockSize)]
  }

  #makeRoom(sequence: Sequence, count: number): void {
    sequence.version++
    const shared = this.#writtenAnew(sequence)
    if (shared !== undefined && this.#blocks.holders(shared) > 1) {
      const own = this.#blocks.take()
      for (const pool of this.#pools.flat()) noGrad(() => copyBlock(pool, shared, own))
      this.#blocks.release(shared)
      sequence.blocks[Math.floor(sequence.length / this.blockSize)] = own
    }
    while (sequence.blocks.length < this.#blocksFor(sequence.length + count)) sequence.blocks.push(this.#blocks.take())
  }

  /** The sequence with `length` positions and no block more than those need. */
  #shrunk(id: number, length: number): Sequence {
    const sequence = this.#at(id)
    sequence.version++
    sequence.length = length
    for (const block of sequence.blocks.splice(this.#blocksFor(length))) this.#blocks.release(block)
    return sequence
  }

  #blocksFor(positions: number): number {
    return Math.ceil(positions / this.blockSize)
  }

  #add(sequence: Sequence): number {
    const id = this.#next++
    this.#sequences.set(id, sequence)
    return id
  }

  #at(id: number): Sequence {
    const sequence = this.#sequences.get(id)
    if (!sequence) throw new ValueError(`PagedKvCache: no sequence ${id}; it was freed, or belongs to another cache`)
    return sequence
  }

  ownedTensors(): Tensor[] {
    return this.#pools.flat()
  }

  dispose(): void {
    for (const t of this.ownedTensors()) t.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}

function copyBlock(pool: Tensor, from: number, to: number): void {
  const [source, target] = [select(pool, 0, from), select(pool, 0, to)]
  copy_(target, source)
  source.dispose()
  target.dispose()
}
