// Masked language modelling's inputs and labels (Devlin et al. 2018, section 3.1), and tokens dropped. Place in the whole: for one row of
// tokens where a sample is made, and the same for a loader's batches of them.

import { known, positive, probability, whole } from '../../check.js'
import type { Random } from '../../data/random.js'
import type { BatchTransform, TransformContext } from '../../data/transform.js'
import { DTypeError, ShapeError, ValueError } from '../../errors.js'
import { filled } from '../../filled.js'
import { logicalAnd } from '../../ops/binary.js'
import { tensor } from '../../ops/creation.js'
import { isTensor } from '../../ops/emit.js'
import { isin } from '../../ops/numbers.js'
import { where } from '../../ops/select.js'
import { logicalNot } from '../../ops/unary.js'
import { show } from '../../tensor/shape.js'
import type { Tensor } from '../../tensor/tensor.js'

export interface MaskOptions {
  /** The token that stands for what is to be guessed: `tokenizer.specialId('mask')`. */
  readonly maskId: number
  /** Random tokens are drawn from 0 to vocabSize - 1: `tokenizer.size`. */
  readonly vocabSize: number
  /** Tokens that are never chosen, padding among them: `tokenizer.specialIds`. */
  readonly specialIds: Iterable<number>
  /** Share of the other tokens that are chosen. Default 0.15. */
  readonly probability?: number
  /** Of the chosen, the share that becomes the mask. Default 0.8. */
  readonly maskShare?: number
  /** Of the chosen, the share that becomes a random token; the rest stays as it is. Default 0.1. */
  readonly randomShare?: number
  /** Label of tokens that were not chosen. Default -100, which crossEntropy leaves out. */
  readonly ignoreIndex?: number
}

export interface MaskedTokens {
  readonly inputIds: Int32Array
  /** What stood there, where a token was chosen. */
  readonly labels: Int32Array
}

const KEPT = -1

/** Checked options with a decision: of one uniform number, what becomes of a token: undefined (not chosen), KEPT or another token. */
function masker(name: string, options: MaskOptions) {
  const names = ['maskId', 'vocabSize', 'specialIds', 'probability', 'maskShare', 'randomShare', 'ignoreIndex']
  known(name, options, names)
  const { maskId, vocabSize, specialIds, probability: p = 0.15, maskShare = 0.8, randomShare = 0.1 } = options
  const { ignoreIndex = -100 } = options
  for (const [option, share] of Object.entries({ probability: p, maskShare, randomShare }))
    probability(name, option, share)
  if (maskShare + randomShare > 1 + 1e-12)
    throw new ValueError(`${name}: maskShare ${maskShare} and randomShare ${randomShare} are more than 1 together`)
  positive(name, { vocabSize })
  whole(name, { maskId }, 0)
  if (typeof specialIds?.[Symbol.iterator] !== 'function')
    throw new ValueError(
      `${name}: specialIds is ${String(specialIds)}, expected the numbers of tokens that are never chosen`,
    )
  const special = new Set(specialIds)
  /** One number decides all: below p it is, over p, uniform again. */
  const decide = (u: number): number | undefined => {
    if (u >= p) return undefined
    const v = u / p
    if (v < maskShare) return maskId
    if (v >= maskShare + randomShare) return KEPT
    return Math.min(Math.floor(((v - maskShare) / randomShare) * vocabSize), vocabSize - 1)
  }
  return { special, ignoreIndex, decide }
}

/**
 * Chooses tokens and puts the mask (80 %), a random token (10 %) or nothing else (10 %) in their places. Each place uses one random
 * number, so that what is drawn for it does not depend on the length of the row.
 * @throws ValueError for options out of range
 */
export function maskTokens(ids: ArrayLike<number>, random: Random, options: MaskOptions): MaskedTokens {
  const { special, ignoreIndex, decide } = masker('maskTokens', options)
  const inputIds = Int32Array.from(ids)
  const labels = new Int32Array(ids.length).fill(ignoreIndex)
  for (const [t, id] of inputIds.entries()) {
    const decided = decide(random.uniform())
    if (decided === undefined || special.has(id)) continue
    labels[t] = id
    if (decided !== KEPT) inputIds[t] = decided
  }
  return { inputIds, labels }
}

/** A batch with rows of tokens. */
export interface TokenFields {
  /** (B, T), i64 or i32. */
  readonly inputIds: Tensor
}

/**
 * `maskTokens` for a loader's batches, anew each epoch: `inputIds` (B, T) is masked, and `labels` (B, T), i64, come with it; other fields
 * stay. Give it to the loader as `transform`. A row draws what `maskTokens` draws with `context.random(row, stream)`.
 * @param stream which of the row's streams of random numbers it draws from; default 0
 * @throws ValueError for options out of range; when called, ShapeError and DTypeError for ids that are not (B, T) of i64 or i32
 */
export function masking(options: MaskOptions, stream = 0): BatchTransform {
  const { special, ignoreIndex, decide } = masker('masking', options)
  const specials = [...special]
  return <A extends TokenFields>(batch: A, context: TransformContext): A & { labels: Tensor } => {
    const ids_BT = checkIds('masking', batch, context)
    const [B, T] = ids_BT.shape as [number, number]
    const chosen = new Uint8Array(B * T)
    const changed = new Uint8Array(B * T)
    const others = new BigInt64Array(B * T)
    for (let b = 0; b < B; b++) {
      const random = context.random(b, stream)
      for (let at = b * T; at < (b + 1) * T; at++) {
        const decided = decide(random.uniform())
        if (decided === undefined) continue
        chosen[at] = 1
        if (decided === KEPT) continue
        changed[at] = 1
        others[at] = BigInt(decided)
      }
    }
    const upload = (data: Uint8Array) => tensor(data, { shape: [B, T], dtype: 'bool', device: ids_BT.device })
    const others_BT = tensor(others, { shape: [B, T], dtype: ids_BT.dtype, device: ids_BT.device })
    const usual_BT = specials.length === 0 ? null : logicalNot(isin(ids_BT, listTensor(specials, ids_BT)))
    const at = (mask: Tensor) => (usual_BT === null ? mask : logicalAnd(mask, usual_BT))
    const inputIds = where(at(upload(changed)), others_BT, ids_BT)
    return { ...batch, inputIds, labels: where(at(upload(chosen)), ids_BT, ignoreIndex) }
  }
}

const listTensor = (ids: readonly number[], like: Tensor): Tensor =>
  tensor(
    filled(new BigInt64Array(ids.length), (i) => BigInt(ids[i] as number)),
    { dtype: like.dtype, device: like.device },
  )

function checkIds(name: string, batch: TokenFields, context: TransformContext): Tensor {
  const ids = (batch as TokenFields | undefined)?.inputIds
  if (!isTensor(ids)) throw new ValueError(`${name}: takes batches with a tensor inputIds; give samples that field`)
  if (ids.dtype !== 'i64' && ids.dtype !== 'i32')
    throw new DTypeError(`${name}: inputIds are ${ids.dtype}, expected i64 or i32`)
  if (ids.shape.length !== 2 || ids.shape[0] !== context.size)
    throw new ShapeError(`${name}: inputIds are ${show(ids.shape)} in a batch of ${context.size}, expected (B, T)`)
  return ids
}

export interface TokenDropoutOptions {
  /** With which each token is replaced. */
  readonly probability: number
  /** What stands for it: the unknown token (word dropout, Bowman et al. 2016) or the mask. */
  readonly id: number
  /** Tokens that stay. Default: none. */
  readonly specialIds?: Iterable<number>
}

/** Replaces tokens by one that says nothing, so that a model learns to do without. @throws ValueError for options out of range */
export function tokenDropout(ids: ArrayLike<number>, random: Random, options: TokenDropoutOptions): Int32Array {
  known('tokenDropout', options, ['probability', 'id', 'specialIds'])
  const { probability: p, id, specialIds = [] } = options
  probability('tokenDropout', 'probability', p)
  whole('tokenDropout', { id }, 0)
  const special = new Set(specialIds)
  return filled(new Int32Array(ids.length), (i) => {
    const token = ids[i] as number
    return random.uniform() < p && !special.has(token) ? id : token
  })
}
