// What a decoder keeps of the positions that it has seen. Place in the whole: models with attention take one in `forward`, so that a
// step computes new positions only.
// Shapes: B batch, H heads, T new positions, S all positions so far, D width of a head.
import { noGrad } from '../autograd/mode.js'
import { needsGrad } from '../autograd/node.js'
import { outsideScopes, scope, type TensorOwner } from '../engine/lifetime.js'
import { AutogradError, DisposedError, ShapeError, ValueError } from '../errors.js'
import { type AttentionOptions, scaledDotProductAttention } from '../ops/attention.js'
import { ge, sub } from '../ops/binary.js'
import { arange, tensor, zeros } from '../ops/creation.js'
import { indexSelect } from '../ops/indexing.js'
import { copy_ } from '../ops/inplace.js'
import { where } from '../ops/select.js'
import { clamp } from '../ops/unary.js'
import { narrow, reshape } from '../ops/views.js'
import type { DType } from '../tensor/dtype.js'
import { show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'

export interface KeyValueCacheOptions {
  readonly layers: number
  readonly heads: number
  /** Of a head. */
  readonly width: number
  /** Positions that it has room for. */
  readonly capacity: number
  /** Sequences. Default 1. */
  readonly batch?: number
  /** Default 'f32'. */
  readonly dtype?: DType
}

/** What attention to a cache takes beside queries, keys and values; it is always causal. */
export type CacheAttentionOptions = Pick<AttentionOptions, 'window' | 'scale' | 'alibi' | 'softcap'>

/** What a decoder asks of a cache: KeyValueCache, or a step of PagedKvCache. */
export interface DecoderCache {
  /** Positions of the longest sequence when `count` new ones have been added. */
  reach(count: number): number
  /** Where `count` new positions stand in their sequences: (T) or (B, T). */
  positions(count: number): Tensor
  /**
   * Stores keys and values (B, G, T, D) of one layer's new positions and answers its queries (B, H, T, D) by them and all before: (B, H,
   * T, D). The last layer's call ends the step.
   */
  attend(layer: number, q: Tensor, k: Tensor, v: Tensor, options?: CacheAttentionOptions): Tensor
}

type Rooms = readonly [keys_BHSD: Tensor, values_BHSD: Tensor]

/**
 * Keys and values of every layer for up to `capacity` positions. Sequences of different lengths are padded in front (`pad`). Freed by
 * `dispose`, or when it is collected.
 */
export class KeyValueCache implements TensorOwner, DecoderCache {
  readonly capacity: number
  #shape: readonly [number, number, number, number]
  readonly #dtype: DType
  #layers: readonly Rooms[]
  #length = 0
  /** Positions in front of each sequence that hold nothing; null where no sequence has any. */
  #padding: readonly number[] | null = null
  /** (B, 1, 1, S), the keys that are none of them: of one step, for all its layers. */
  #seen: Tensor | null = null

  constructor({ layers, heads, width, capacity, batch = 1, dtype = 'f32' }: KeyValueCacheOptions) {
    for (const [name, value] of Object.entries({ layers, heads, width, capacity, batch })) {
      if (!Number.isInteger(value) || value < 1)
        throw new ValueError(`KeyValueCache: ${name} is ${value}, expected a positive integer`)
    }
    this.capacity = capacity
    this.#shape = [batch, heads, capacity, width]
    this.#dtype = dtype
    this.#layers = Array.from({ length: layers }, () => [this.#room(), this.#room()] as const)
  }

  #room(): Tensor {
    return outsideScopes(() => zeros(this.#shape, { dtype: this.#dtype }))
  }

  /** Sequences. */
  get batch(): number {
    return this.#shape[0]
  }

  /** Positions that all layers have stored. */
  get length(): number {
    return this.#length
  }

  /**
   * Stores keys and values (B, H, T, D) of the next positions of one layer and returns those of all positions so far (B, H, S, D), as
   * views. The last layer's call ends the step: `length` grows by T, so a step that fails before can be made again.
   *
   * @throws ShapeError for another batch, heads or width; ValueError where there is no room, or no such layer; AutogradError where
   *   gradients would be recorded, since what is stored has none
   */
  append(layer: number, k_BHTD: Tensor, v_BHTD: Tensor): [keys_BHSD: Tensor, values_BHSD: Tensor] {
    const rooms = this.#layers[layer]
    if (!rooms) throw new ValueError(`KeyValueCache: layer ${layer} of ${this.#layers.length}`)
    if (rooms[0].isDisposed) throw new DisposedError('KeyValueCache: it was disposed of')
    if (needsGrad(k_BHTD, v_BHTD))
      throw new AutogradError('KeyValueCache: a cache passes no gradients on; call the model under noGrad()')
    const [b, h, , d] = this.#shape
    for (const t of [k_BHTD, v_BHTD]) {
      const [tb, th, , td] = t.shape
      if (t.rank !== 4 || tb !== b || th !== h || td !== d || t.shape[2] !== k_BHTD.shape[2])
        throw new ShapeError(`KeyValueCache: takes keys and values (${b}, ${h}, t, ${d}), found ${show(t.shape)}`)
    }
    const count = k_BHTD.shape[2] as number
    const [from, to] = [this.#length, this.#length + count]
    if (to > this.capacity)
      throw new ValueError(
        `KeyValueCache: ${count} positions after ${from} exceed its ${this.capacity}; make a larger one, or truncate() it`,
      )
    const all = rooms.map((room, i) => {
      noGrad(() => copy_(narrow(room, 2, from, count), i === 0 ? k_BHTD : v_BHTD))
      return narrow(room, 2, 0, to)
    })
    if (layer === this.#layers.length - 1) this.#length = to
    return all as [Tensor, Tensor]
  }

  reach(count: number): number {
    return this.#length + count
  }

  /** (T), i64; with padding (B, T), 0 where there is padding. */
  positions(count: number): Tensor {
    const device = this.#layers[0]?.[0].device
    const on = device === undefined ? {} : { device }
    const positions_T = arange(this.#length, this.#length + count, 1, on)
    return this.#padding === null ? positions_T : clamp(sub(positions_T, this.#paddingTensor([this.batch, 1])), 0)
  }

  /**
   * As `append`, and causal attention to what it returns but the padding. Queries of the padding give 0.
   *
   * @param options.bias numbers that are added to the scores: what broadcasts to (B, H, T, S), S with the new positions
   */
  attend(
    layer: number,
    q_BHTD: Tensor,
    k_BGTD: Tensor,
    v_BGTD: Tensor,
    { bias = null, ...options }: CacheAttentionOptions & { readonly bias?: Tensor | null } = {},
  ): Tensor {
    const [keys, values] = this.append(layer, k_BGTD, v_BGTD)
    const seen = this.#padding === null ? null : this.#keysSeen(layer, keys.shape[2] as number)
    const mask = seen && bias ? where(seen, bias, Number.NEGATIVE_INFINITY) : (seen ?? bias)
    return scaledDotProductAttention(q_BHTD, keys, values, { ...options, causal: true, enableGqa: true, mask })
  }

  #keysSeen(layer: number, count: number): Tensor {
    const fits = this.#seen !== null && !this.#seen.isDisposed && this.#seen.shape[3] === count
    if (!fits) this.#seen = ge(arange(count), this.#paddingTensor([this.batch, 1, 1, 1]))
    const seen = this.#seen as Tensor
    if (layer === this.#layers.length - 1) this.#seen = null
    return seen
  }

  #paddingTensor(shape: readonly number[]): Tensor {
    return reshape(tensor(BigInt64Array.from(this.#padding as readonly number[], BigInt)), shape)
  }

  /**
   * Says that the first padding[n] positions of sequence n will be padding: its own positions count from behind it, and nothing
   * attends to it. So prompts of different lengths are one batch, the shorter ones padded in front (left padding).
   *
   * @throws ValueError where the cache is not empty, or for other than one whole number of at least 0 a sequence
   */
  pad(padding: readonly number[]): void {
    if (this.#length > 0)
      throw new ValueError(`KeyValueCache: pads an empty cache; it holds ${this.#length} positions, truncate() it`)
    if (padding.length !== this.batch || padding.some((count) => !Number.isInteger(count) || count < 0))
      throw new ValueError(
        `KeyValueCache: padding [${padding.join(', ')}] for ${this.batch} sequences, expected a whole number for each`,
      )
    this.#padding = padding.some((count) => count > 0) ? [...padding] : null
  }

  /**
   * Sequence n goes on from what sequence rows[n] has seen: the cache's batch becomes `rows.length`. Beam search continues a sequence
   * more than once, and batches leave out those that have ended.
   *
   * @throws ValueError for no rows, and for rows that are none of the batch
   */
  select(rows: readonly number[]): void {
    const [batch, heads, capacity, width] = this.#shape
    if (rows.length === 0 || rows.some((row) => !Number.isInteger(row) || row < 0 || row >= batch))
      throw new ValueError(`KeyValueCache: selects sequences from 0 to ${batch - 1}, not [${rows.join(', ')}]`)
    if (rows.length === batch && rows.every((row, n) => row === n)) return
    this.#shape = [rows.length, heads, capacity, width]
    const copied = (room: Tensor): Tensor => {
      const target = rows.length === batch ? room : this.#room()
      if (this.#length > 0) {
        scope(() => {
          const part = indexSelect(narrow(room, 2, 0, this.#length), 0, tensor(Int32Array.from(rows)))
          copy_(narrow(target, 2, 0, this.#length), part)
        })
      }
      if (target !== room) room.dispose()
      return target
    }
    this.#layers = noGrad(() => this.#layers.map(([keys, values]): Rooms => [copied(keys), copied(values)]))
    this.#padding &&= rows.map((row) => (this.#padding as readonly number[])[row] as number)
  }

  /** Forgets the positions from `length` on (all of them by default, and the padding). */
  truncate(length = 0): void {
    if (!Number.isInteger(length) || length < 0 || length > this.#length)
      throw new ValueError(`KeyValueCache: cannot truncate ${this.#length} positions to ${length}`)
    this.#length = length
    if (length === 0) this.#padding = null
  }

  ownedTensors(): Tensor[] {
    return this.#layers.flat()
  }

  dispose(): void {
    for (const t of this.ownedTensors()) t.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}
