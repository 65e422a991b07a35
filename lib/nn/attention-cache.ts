// What an attention layer asks of a cache of keys and values. Place in the whole: lib/models has such caches (KeyValueCache, PagedKvCache);
// layers know no more of them than this.
import type { AttentionOptions } from '../ops/attention.js'
import type { Tensor } from '../tensor/tensor.js'

/** What a cache's attention may differ in from plain causal attention. */
export type CachedAttentionOptions = Pick<AttentionOptions, 'window' | 'scale' | 'alibi' | 'softcap'>

export interface AttentionCache {
  /** A number above the places of `count` new positions. */
  reach(count: number): number
  /** Where `count` new positions stand in their sequences: (T) or (B, T). */
  positions(count: number): Tensor
  /** Stores keys and values (B, G, T, D) and answers queries (B, H, T, D) by them and all before: (B, H, T, D). */
  attend(layer: number, q: Tensor, k: Tensor, v: Tensor, options?: CachedAttentionOptions): Tensor
}

/** A cache, and whose keys and values of it a layer has. */
export interface Past {
  readonly cache: AttentionCache
  readonly layer: number
}
