// Batches of different lengths in one tensor. Place in the whole: decoders that take an attention mask, as Hugging Face's do.
// Shapes: B batch, T positions.
import { ShapeError, ValueError } from '../errors.js'
import { sub } from '../ops/binary.js'
import { cast } from '../ops/convert.js'
import { cumsum } from '../ops/scan.js'
import { clamp } from '../ops/unary.js'
import { reshape } from '../ops/views.js'
import { sameShape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { DecoderCache } from './kv-cache.js'

/** What a mask says of tokens (B, T). */
export interface Unpadded {
  /** (B, 1, 1, T), bool: the keys that queries may see. */
  readonly keys: Tensor
  /** (B, T), i64: each token's place among those of its row that are no padding; 0 in front of them. */
  readonly positions: Tensor
}

/**
 * Reads an attention mask (B, T), of any dtype: not 0 where there is a token, 0 where there is padding, in front or behind.
 *
 * @throws ShapeError where it is not of the tokens' shape; ValueError beside a cache, which knows its own padding
 */
export function readAttentionMask(
  name: string,
  attentionMask_BT: Tensor,
  tokens_BT: Tensor,
  cache: DecoderCache | null,
): Unpadded {
  if (cache !== null)
    throw new ValueError(`${name}: takes an attention mask or a cache; tell the cache of padding by cache.pad(counts)`)
  if (!sameShape(attentionMask_BT.shape, tokens_BT.shape))
    throw new ShapeError(
      `${name}: takes an attention mask of the tokens' shape ${show(tokens_BT.shape)}, found ${show(attentionMask_BT.shape)}`,
    )
  const [b, t] = tokens_BT.shape as [number, number]
  const there_BT = cast(attentionMask_BT, 'bool')
  const positions = clamp(sub(cumsum(cast(there_BT, 'i64'), 1), 1), 0)
  return { keys: reshape(there_BT, [b, 1, 1, t]), positions }
}
