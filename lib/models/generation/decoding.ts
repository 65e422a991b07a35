// What generation asks of a model. Place in the whole: searches and samplers (generate.ts, beam-search.ts) know these interfaces
// alone; the files beside implement them for models without a cache (recomputing.ts), with one (cached.ts) and with a paged one
// (paged.ts).
// Shapes: B rows, one a sequence, T new positions, V vocabulary.
import type { Module } from '../../nn/module.js'
import type { Tensor } from '../../tensor/tensor.js'
import type { DecoderCache, KeyValueCache } from '../kv-cache.js'
import type { PagedKvCache } from '../paged-cache.js'

/** Sequences that a model is writing, one a row. */
export interface Decoding {
  /**
   * Appends tokens to every row, at least one each and not always as many, and gives the logits behind each row's last: (B, V).
   * Called under noGrad and in a scope, which frees the result.
   */
  step(tokens: readonly (readonly number[])[]): Tensor
  /**
   * Row n goes on from what row rows[n] has seen; rows that are not named end, one that is named twice goes on twice. Called under
   * noGrad.
   */
  select(rows: readonly number[]): void
  /** Ends all rows and frees what they took. */
  dispose(): void
}

export interface DecodingOptions {
  /** How many positions each sequence that begins will have at most: one number a row. */
  readonly lengths: readonly number[]
  /** How many continuations of each will be written at once at most. */
  readonly copies: number
}

/** How a decoder is called beside its tokens and its cache. */
export interface DecoderCallOptions {
  /** Logits of so many positions at the end only, (B, n, V): a prompt's others are a large product that nobody reads. */
  readonly logitsToKeep?: number
}

/** A decoder that maps tokens (B, T) to logits (B, T, V) and takes a cache of what it has seen, as GPT2 does. */
export interface CachedDecoder extends Module {
  /** Options are a wish: a decoder that gives the logits of all positions works as well. */
  forward(tokens_BT: Tensor, cache?: DecoderCache | null, options?: DecoderCallOptions): Tensor
  /** An empty cache for sequences of different lengths. */
  pagedCache(options: { blocks: number }): PagedKvCache
  /** An empty cache for a batch that goes on in step; a single sequence is read from it somewhat faster. */
  cache?(options: { batch: number; capacity: number }): KeyValueCache
  /** Positions that it can attend to; older tokens are left out. Default: no limit. */
  readonly contextLength?: number
}

/** A model with a way of its own to go on with sequences, as recurrent models have: their state takes a cache's place. */
export interface StepwiseDecoder extends Module {
  decoding(options: DecodingOptions): Decoding
}

/**
 * What an encoder-decoder made of its sources, one a row, and the decoder that reads them: generation takes it in a model's place, with
 * a prompt for each row (say, the token that begins a target).
 *
 *     const sources = noGrad(() => model.encode(tokens, mask))
 *     for await (const tokens of generateBatch(sources, [[0], [0]], 20)) ...
 */
export interface EncodedSources {
  /** The encoder-decoder itself, which is put into evaluation mode meanwhile. */
  readonly model: Module
  /** How many sources. */
  readonly rows: number
  /** An empty cache of the decoder's self-attention. */
  cache(options: { batch: number; capacity: number }): KeyValueCache
  /** Target tokens (B, T) that follow those in the cache to logits (B, T, V). */
  decode(tokens_BT: Tensor, cache: KeyValueCache): Tensor
  /** The same with source rows[n] as row n. This one stays as it is. */
  select(rows: readonly number[]): EncodedSources
  /** Frees the encoder's results. */
  dispose(): void
}

/** As EncodedSources, of an encoder-decoder whose decoder has a way of its own to go on. */
export interface StepwiseSources {
  /** The encoder-decoder itself, which is put into evaluation mode meanwhile. */
  readonly model: Module
  /** How many sources. */
  readonly rows: number
  decoding(options: DecodingOptions): Decoding
}

/** Whatever generation can write with: a module that maps tokens (B, T) to logits (B, T, V), or one of these. */
export type LanguageModel = Module | CachedDecoder | StepwiseDecoder | EncodedSources | StepwiseSources
