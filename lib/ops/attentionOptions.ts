/** What attention's kernels take beside tensors. Place in the whole: shared by attention.ts and paged.ts. */
import { ValueError } from '../errors.js'
import type { Tensor } from '../tensor/tensor.js'
import type { AttentionOptions } from './attention.js'
import { EVERYTHING, type Sight } from './attentionComposed.js'
import { contiguous } from './convert.js'

/** For estimates of run times. */
export const MADS_PER_NS = 15

/** Kernels read whole rows: their elements must be neighbours. */
export const rowsApart = (x: Tensor): Tensor => (x.strides[3] === 1 || x.shape[3] === 1 ? x : contiguous(x))

/** What the kernels take beside tensors, checked. */
export function checkedOptions(
  name: string,
  { causal = false, window = -1, scale, softcap = 0, dropout = 0 }: AttentionOptions,
  d: number,
): { scoring: { scale: number; sight: Sight; cap: number }; dropout: number } {
  const sides: readonly number[] = typeof window === 'number' ? [window, window] : window
  if (sides.length !== 2 || sides.some((x) => !Number.isInteger(x) || x < -1))
    throw new ValueError(`${name}: a window of [${sides.join(', ')}], expected one or two integers of at least -1`)
  const [left, right] = sides as [number, number]
  if (!(softcap >= 0 && Number.isFinite(softcap)))
    throw new ValueError(`${name}: softcap is ${softcap}, expected a number above 0, or 0 for none`)
  if (!(dropout >= 0 && dropout <= 1)) throw new ValueError(`${name}: dropout ${dropout} is not a probability`)
  const corner = causal === 'upperLeft' ? causal : EVERYTHING.corner
  const sight: Sight = { corner, left, right: causal === false ? right : 0 }
  return { scoring: { scale: scale ?? 1 / Math.sqrt(d), sight, cap: softcap }, dropout }
}
