// What a decoder keeps of the positions that it has seen. Place in the whole: models with attention take one in `forward`, so that a
// step computes new positions only.
// Shapes: B batch, H heads, T new positions, S all positions so far, D width of a head.
import { noGrad } from '../autograd/mode.js'
import { needsGrad } from '../autograd/node.js'
import { outsideScopes, type TensorOwner } from '../engine/lifetime.js'
import { AutogradError, DisposedError, ShapeError, ValueError } from '../errors.js'
import { scaledDotProductAttention } from '../ops/attention.js'
import { arange, zeros } from '../ops/creation.js'
import { copy_ } from '../ops/inplace.js'
import { narrow } from '../ops/views.js'
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
  attend(layer: number, q: Tensor, k: Tensor, v: Tensor): Tensor
}

/** Keys and values of every layer for up to `capacity` positions. Freed by `dispose`, or when it is collected. */
export class KeyValueCache implements TensorOwner, DecoderCache {
  readonly capacity: number
  readonly #shape: readonly [number, number, number, number]
  readonly #layers: readonly (readonly [keys_BHSD: Tensor, values_BHSD: Tensor])[]
  #length = 0

  constructor({ layers, heads, width, capacity, batch = 1, dtype = 'f32' }: KeyValueCacheOptions) {
    for (const [name, value] of Object.entries({ layers, heads, width, capacity, batch })) {
      if (!Number.isInteger(value) || value < 1)
        throw new ValueError(`KeyValueCache: ${name} is ${value}, expected a positive integer`)
    }
    this.capacity = capacity
    this.#shape = [batch, heads, capacity, width]
    const room = (): Tensor => outsideScopes(() => zeros(this.#shape, { dtype }))
    this.#layers = Array.from({ length: layers }, () => [room(), room()] as const)
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

  /** (T), i64. */
  positions(count: number): Tensor {
    const device = this.#layers[0]?.[0].device
    return arange(this.#length, this.#length + count, 1, device === undefined ? {} : { device })
  }

  /** As `append`, and causal attention to what it returns. */
  attend(layer: number, q_BHTD: Tensor, k_BGTD: Tensor, v_BGTD: Tensor): Tensor {
    const [keys, values] = this.append(layer, k_BGTD, v_BGTD)
    return scaledDotProductAttention(q_BHTD, keys, values, { causal: true, enableGqa: true })
  }

  /** Forgets the positions from `length` on (all of them by default). */
  truncate(length = 0): void {
    if (!Number.isInteger(length) || length < 0 || length > this.#length)
      throw new ValueError(`KeyValueCache: cannot truncate ${this.#length} positions to ${length}`)
    this.#length = length
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
