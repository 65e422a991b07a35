/**
 * Attention over keys and values that lie in blocks of a pool (Kwon et al. 2023, "PagedAttention"), so that sequences of any length
 * share memory. Place in the whole: beside attention.ts, for inference only; lib/models/paged-cache.ts keeps the tables.
 */
import { needsGrad } from '../autograd/node.js'
import { AutogradError, DTypeError, ShapeError } from '../errors.js'
import { OP } from '../generated/ops.js'
import { type Shape, show } from '../tensor/shape.js'
import type { Tensor } from '../tensor/tensor.js'
import type { AttentionOptions } from './attention.js'
import { checkedOptions, MADS_PER_NS, rowsApart } from './attentionOptions.js'
import { checkDTypes } from './conv.js'
import { makeMany, mutate } from './emit.js'
import { expand, permute } from './views.js'

export interface PagedAttentionOptions extends Pick<AttentionOptions, 'window' | 'scale' | 'alibi' | 'softcap'> {
  /** A query sees no keys behind its place. Default true. */
  causal?: boolean
}

/**
 * Writes new keys k (b, hk, t, d) and values v (b, hk, t, e) into the pools keys (blocks, hk, size, d) and values (blocks, hk, size, e),
 * in place: row i of sequence n goes to place `slots[n][i] % size` of block `slots[n][i] / size`, or nowhere where that is -1. slots is
 * (b, t) of i32 or i64. Of two rows for one place the later one stays. All floating dtypes; has no gradient.
 *
 * @throws ShapeError, DTypeError where operands do not fit; AutogradError where gradients would be recorded. A slot outside of the
 * pools is found when the kernel runs, which then writes nothing, and reported where the pools are read (SINTER_INDEX_OUT_OF_RANGE).
 */
export function pagedWrite(keys: Tensor, values: Tensor, k: Tensor, v: Tensor, slots: Tensor): void {
  const name = 'pagedWrite'
  checkPools(name, keys, values)
  checkDTypes(name, keys, values, k, v)
  refuseGradients(name, keys, values)
  refuseGradients(name, k, v)
  const [, hk, , d] = keys.shape
  const [b, , t] = k.shape
  const fits = (x: Tensor, width: number | undefined): boolean =>
    x.rank === 4 && x.shape[0] === b && x.shape[1] === hk && x.shape[2] === t && x.shape[3] === width
  if (!fits(k, d) || !fits(v, values.shape[3]))
    throw new ShapeError(
      `${name}: takes k (b, ${hk}, t, ${d}) and v (b, ${hk}, t, ${values.shape[3]}) for these pools, got ${show(k.shape)} and ${show(v.shape)}`,
    )
  checkIndices(name, 'slots', slots, [b as number, t as number])
  mutate(name, OP.pagedWrite, [keys, values, k, v, slots], [keys, values], [], (k.numel + v.numel) / 10)
}

/**
 * softmax(q k^T * scale) v over the first lengths[n] keys of each sequence n: q (b, h, t, d), keys (blocks, hk, size, d), values
 * (blocks, hk, size, e) -> (b, h, t, e). The keys j size to (j + 1) size of sequence n are block table[n][j]; table is (b, columns) and
 * lengths (b), both i32 or i64, and what a length does not reach of a table is not read. Queries stand at the last t keys: query i at key
 * lengths[n] + i - t, so that one serves decoding (t = 1), and new parts of prompts (t > 1) whose keys were written before. Queries that
 * see no key, also those before the first one, give 0: sequences with fewer new positions than others are padded in front. h is a
 * multiple of hk: neighbouring heads share keys. Options as scaledDotProductAttention's. All floating dtypes; has no gradient.
 *
 * @throws ShapeError, DTypeError, ValueError where operands or options do not fit; AutogradError where gradients would be recorded. A
 * length or block out of range is found when the kernel runs and reported where the result is read (SINTER_INDEX_OUT_OF_RANGE).
 */
export function pagedAttention(
  q: Tensor,
  keys: Tensor,
  values: Tensor,
  table: Tensor,
  lengths: Tensor,
  options: PagedAttentionOptions = {},
): Tensor {
  const name = 'pagedAttention'
  checkPools(name, keys, values)
  checkDTypes(name, q, keys, values)
  refuseGradients(name, q, keys, values)
  const [, hk, size, d] = keys.shape as readonly [number, number, number, number]
  const h = q.shape[1] as number
  if (q.rank !== 4 || q.shape[3] !== d || (hk === 0 ? h !== 0 : h % hk !== 0))
    throw new ShapeError(
      `${name}: takes q (b, h, t, ${d}) with h a multiple of ${hk} for pools ${show(keys.shape)}, got ${show(q.shape)}`,
    )
  const [b, , t] = q.shape as readonly [number, number, number, number]
  const columns = table.rank === 2 ? (table.shape[1] as number) : 0
  checkIndices(name, 'a table', table, [b, columns])
  checkIndices(name, 'lengths', lengths, [b])
  const { alibi = null, causal = true, ...others } = options
  const { scale, sight, cap } = checkedOptions(name, { ...others, causal }, d).scoring
  if (alibi) {
    checkDTypes(name, alibi)
    const fits = alibi.shape.at(-1) === h && (alibi.rank === 1 || (alibi.rank === 2 && alibi.shape[0] === b))
    if (!fits)
      throw new ShapeError(`${name}: takes slopes (h) or (b, h), got ${show(alibi.shape)} for ${show(q.shape)}`)
  }
  const operands = [rowsApart(q), rowsApart(keys), rowsApart(values)] as const
  const byRows = h > 1 && t > 1 && (operands[0].strides[1] as number) < (operands[0].strides[2] as number)
  const e = values.shape[3] as number
  const shape: Shape = byRows ? [b, t, h, e] : [b, h, t, e]
  const ns = (b * h * t * columns * size * (d + e)) / MADS_PER_NS
  const [y] = makeMany(
    name,
    OP.pagedAttention,
    [{ dtype: q.dtype, shape }],
    [...operands, table, lengths, alibi && expand(alibi, [b, h])],
    [scale, sight.left, sight.right, cap, byRows ? 1 : 0],
    ns,
  ) as [Tensor]
  return byRows ? permute(y, [0, 2, 1, 3]) : y
}

function checkPools(name: string, keys: Tensor, values: Tensor): void {
  const fits = keys.rank === 4 && values.rank === 4 && [0, 1, 2].every((i) => keys.shape[i] === values.shape[i])
  if (!fits)
    throw new ShapeError(
      `${name}: takes pools of keys (blocks, hk, size, d) and values (blocks, hk, size, e), got ${show(keys.shape)} and ${show(values.shape)}`,
    )
}

function checkIndices(name: string, what: string, x: Tensor, shape: Shape): void {
  if (x.dtype !== 'i32' && x.dtype !== 'i64')
    throw new DTypeError(`${name}: ${what} of ${x.dtype}, expected i32 or i64; convert it with .to('i32')`)
  if (x.rank !== shape.length || x.shape.some((n, i) => n !== shape[i]))
    throw new ShapeError(`${name}: takes ${what} ${show(shape)}, got ${show(x.shape)}`)
}

function refuseGradients(name: string, a: Tensor, b: Tensor, c?: Tensor): void {
  if (needsGrad(a, b, c))
    throw new AutogradError(`${name}: has no gradient; call it under noGrad(), or scaledDotProductAttention to train`)
}
