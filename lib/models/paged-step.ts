// One call of a model with a paged cache: which sequences it continues, and where their new positions go. Place in the whole: made by
// PagedKvCache.extend; a model asks it for positions and, in each layer, for attention.
// Shapes: B sequences, T new positions of the longest, H heads of queries and G of keys, D width of a head.
import { needsGrad } from '../autograd/node.js'
import { AutogradError, DisposedError, ShapeError, ValueError } from '../errors.js'
import { cast } from '../ops/convert.js'
import { tensor } from '../ops/creation.js'
import { type PagedAttentionOptions, pagedAttention, pagedWrite } from '../ops/paged.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { DecoderCache } from './kv-cache.js'
import type { Sequence } from './paged-cache.js'

/** `count` new positions of a sequence. */
export interface Part {
  readonly id: number
  readonly sequence: Sequence
  readonly count: number
}

type Pools = readonly (readonly [keys: Tensor, values: Tensor])[]

/** What PagedKvCache.extend gives a model. Ends with the last layer's `attend`, which lets the sequences grow. */
export class PagedStep implements DecoderCache {
  /** T: of the longest part. */
  readonly count: number
  readonly #pools: Pools
  readonly #parts: readonly Part[]
  readonly #versions: readonly number[]
  readonly #now: (id: number) => Sequence | undefined
  /** Where each row goes: (B, T) into the pools and (B, T) in its sequence; rows in front of a shorter part go nowhere. */
  readonly #slots: Tensor
  readonly #positions: Tensor
  readonly #table: Tensor
  readonly #lengths: Tensor

  constructor(pools: Pools, size: number, parts: readonly Part[], now: (id: number) => Sequence | undefined) {
    this.#pools = pools
    this.#parts = parts
    this.#versions = parts.map(({ sequence }) => sequence.version)
    this.#now = now
    const b = parts.length
    const t = Math.max(...parts.map(({ count }) => count))
    this.count = t
    const columns = Math.max(...parts.map(({ sequence }) => sequence.blocks.length))
    const table = new Int32Array(b * columns)
    const slots = new Int32Array(b * t).fill(-1)
    const positions = new Int32Array(b * t)
    for (const [n, { sequence, count }] of parts.entries()) {
      table.set(sequence.blocks, n * columns)
      for (let i = 0; i < count; i++) {
        const [at, row] = [sequence.length + i, n * t + t - count + i]
        slots[row] = (sequence.blocks[Math.floor(at / size)] as number) * size + (at % size)
        positions[row] = at
      }
    }
    const { device } = (pools[0] as Pools[number])[0]
    this.#slots = tensor(slots, { shape: [b, t], device })
    this.#positions = tensor(positions, { shape: [b, t], device })
    this.#table = tensor(table, { shape: [b, columns], device })
    const lengths = parts.map(({ sequence, count }) => sequence.length + count)
    this.#lengths = tensor(Int32Array.from(lengths), { device })
  }

  /** The longest sequence's positions after the step. */
  reach(count: number): number {
    this.#checkCount(count)
    return Math.max(...this.#parts.map((part) => part.sequence.length + part.count))
  }

  /** (B, T), i32; 0 in front of a shorter part. */
  positions(count: number): Tensor {
    this.#checkCount(count)
    return this.#positions
  }

  /**
   * Stores keys and values (B, G, T, D) of one layer's new positions and answers its queries (B, H, T, D), H a multiple of G, by all that
   * their sequences have seen up to them: (B, H, T, D). Rows in front of a shorter part give numbers without meaning. Computed in the
   * cache's dtype. The last layer's call ends the step.
   *
   * @throws ShapeError for other shapes; ValueError where there is no such layer, the step has ended, or one of its sequences was
   *   changed since the step was made; AutogradError where gradients would be recorded, since what is stored has none
   */
  attend(layer: number, q: Tensor, k: Tensor, v: Tensor, options: Omit<PagedAttentionOptions, 'causal'> = {}): Tensor {
    const pools = this.#pools[layer]
    if (!pools) throw new ValueError(`PagedKvCache: layer ${layer} of ${this.#pools.length}`)
    if (pools[0].isDisposed) throw new DisposedError('PagedKvCache: it was disposed of')
    this.#checkCurrent()
    if (needsGrad(q, k, v))
      throw new AutogradError('PagedKvCache: a cache passes no gradients on; call the model under noGrad()')
    const [b, t] = this.#slots.shape
    if ([q, k, v].some((x) => x.rank !== 4 || x.shape[0] !== b || x.shape[2] !== t))
      throw new ShapeError(
        `PagedKvCache: takes queries, keys and values (${b}, h, ${t}, d), found ${[q, k, v].map((x) => show(x.shape)).join(', ')}`,
      )
    const [keys, values] = pools
    const { dtype } = keys
    pagedWrite(keys, values, cast(k, dtype), cast(v, dtype), this.#slots)
    const y = pagedAttention(cast(q, dtype), keys, values, this.#table, this.#lengths, options)
    if (layer === this.#pools.length - 1) {
      for (const { sequence, count } of this.#parts) {
        sequence.length += count
        sequence.version++
      }
    }
    return cast(y, q.dtype)
  }

  #checkCount(count: number): void {
    if (count !== this.count)
      throw new ShapeError(`PagedKvCache: the step was made for ${this.count} new positions, found ${count}`)
  }

  #checkCurrent(): void {
    for (const [i, { id, sequence }] of this.#parts.entries()) {
      if (this.#now(id) !== sequence || sequence.version !== this.#versions[i])
        throw new ValueError(
          `PagedKvCache: the step has ended, or sequence ${id} was changed since it was made; extend() it anew`,
        )
    }
  }
}
