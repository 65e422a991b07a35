// What encoder-decoder transformers make of their sources: keys and values of each decoder layer's attention to them. Place in the whole:
// transformer.ts and t5.ts give it, generation takes it in a model's place.
// Shapes: B sources, H heads, S positions of a source, T of a target, D width of a head, V vocabulary.
import { noGrad } from '../autograd/mode.js'
import { scope, type TensorOwner } from '../engine/lifetime.js'
import { ValueError } from '../errors.js'
import type { Module } from '../nn/module.js'
import type { KeysAndValues } from '../nn/multihead-attention.js'
import { tensor } from '../ops/creation.js'
import { indexSelect } from '../ops/indexing.js'
import type { Tensor } from '../tensor/tensor.js'
import type { EncodedSources } from './generation/decoding.js'
import type { KeyValueCache } from './kv-cache.js'

/** A model whose decoder reads what its encoder made, by steps. */
export interface EncoderDecoder extends Module {
  cache(options: { batch?: number; capacity?: number }): KeyValueCache
  /** Target tokens (B, T) that follow those in the cache to logits (B, T, V). */
  decode(tokens_BT: Tensor, cache: KeyValueCache, sources: TransformerSources): Tensor
}

/** Sources of one batch, for a decoder that attends to them. Freed by `dispose`, or when it is collected. */
export class TransformerSources implements EncodedSources, TensorOwner {
  readonly model: EncoderDecoder
  /** Of each decoder layer: (B, H, S, D) each. */
  readonly layers: readonly KeysAndValues[]
  /** (B, S), true where a source has a token; null where it has one everywhere. */
  readonly seen_BS: Tensor | null

  constructor(model: EncoderDecoder, layers: readonly KeysAndValues[], seen_BS: Tensor | null) {
    this.model = model
    this.layers = layers
    this.seen_BS = seen_BS
  }

  get rows(): number {
    return this.layers[0]?.[0].shape[0] as number
  }

  cache(options: { batch: number; capacity: number }): KeyValueCache {
    return this.model.cache(options)
  }

  decode(tokens_BT: Tensor, cache: KeyValueCache): Tensor {
    return this.model.decode(tokens_BT, cache, this)
  }

  /** @throws ValueError for no rows, and for rows that are none of the sources */
  select(rows: readonly number[]): TransformerSources {
    if (rows.length === 0 || rows.some((row) => !Number.isInteger(row) || row < 0 || row >= this.rows))
      throw new ValueError(`TransformerSources: selects sources from 0 to ${this.rows - 1}, not [${rows.join(', ')}]`)
    return noGrad(() =>
      scope(() => {
        const chosen = (t: Tensor): Tensor => indexSelect(t, 0, tensor(Int32Array.from(rows), { device: t.device }))
        const layers = this.layers.map(([keys, values]): KeysAndValues => [chosen(keys), chosen(values)])
        return new TransformerSources(this.model, layers, this.seen_BS && chosen(this.seen_BS))
      }),
    )
  }

  ownedTensors(): Tensor[] {
    return [...this.layers.flat(), ...(this.seen_BS ? [this.seen_BS] : [])]
  }

  dispose(): void {
    for (const t of this.ownedTensors()) t.dispose()
  }

  [Symbol.dispose](): void {
    this.dispose()
  }
}
