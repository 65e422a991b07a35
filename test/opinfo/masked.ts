/** torch.masked. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */

import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { type Arguments, dtypeOf, type Mapping, map } from './mapping.js'

const options = ({ mask, keepdim, dtype }: Arguments): ops.masked.MaskedOptions => ({
  ...(mask ? { mask } : {}),
  keepDim: keepdim ?? false,
  ...(dtype ? { dtype: dtypeOf(dtype) } : {}),
})
const axes = (dim: unknown): any => dim ?? undefined
const reduction = (f: (x: Tensor, axes?: any, o?: ops.masked.MaskedOptions) => Tensor): Mapping =>
  map('input dim keepdim dtype mask', (a) => f(a['input'], axes(a['dim']), options(a)))
const along = (f: (x: Tensor, axis: number, o?: ops.masked.MaskOptions) => Tensor): Mapping =>
  map('input dim dtype mask', (a) => f(a['input'], a['dim'], options(a)))
/** torch casts places to the tensor's dtype, and keeps all dimensions when there is no one to reduce. */
const place = (f: typeof ops.masked.argmax): Mapping =>
  map('input dim keepdim dtype mask', (a) => {
    const { input, dim, keepdim } = a
    const all = dim === undefined || dim === null
    const y = f(input, all ? undefined : dim, { ...options(a), keepDim: all ? false : (keepdim ?? false) })
    return (all && keepdim ? y.reshape(input.shape.map(() => 1)) : y).to(input.dtype) as Tensor
  })
const spread = (f: typeof ops.masked.variance): Mapping =>
  map('input dim unbiased correction keepdim dtype mask', (a) =>
    f(a['input'], axes(a['dim']), {
      ...options(a),
      correction: a['unbiased'] === false ? 0 : (a['correction'] ?? 1),
    }),
  )

export const masked: Readonly<Record<string, Mapping>> = {
  'masked.sum': reduction(ops.masked.sum),
  'masked.prod': reduction(ops.masked.prod),
  'masked.amax': reduction(ops.masked.amax),
  'masked.amin': reduction(ops.masked.amin),
  'masked.mean': reduction(ops.masked.mean),
  'masked.logsumexp': reduction(ops.masked.logsumexp),
  'masked.argmax': place(ops.masked.argmax),
  'masked.argmin': place(ops.masked.argmin),
  'masked.var': spread(ops.masked.variance),
  'masked.std': spread(ops.masked.std),
  'masked.median': map('input dim keepdim dtype mask', (a) =>
    ops.masked.median(a['input'], a['dim'] ?? -1, options(a)),
  ),
  'masked.norm': map('input ord dim keepdim dtype mask', (a) =>
    ops.masked.norm(a['input'], a['ord'] ?? 2, axes(a['dim']), options(a)),
  ),
  'masked.normalize': map('input ord dim eps dtype mask', (a) =>
    ops.masked.normalize(a['input'], a['ord'], a['dim'], { ...options(a), eps: a['eps'] ?? 1e-12 }),
  ),
  'masked.logaddexp': map('input other dtype input_mask other_mask', (a) =>
    ops.masked.logaddexp(a['input'], a['other'], {
      ...(a['input_mask'] ? { inputMask: a['input_mask'] } : {}),
      ...(a['other_mask'] ? { otherMask: a['other_mask'] } : {}),
    }),
  ),
  'masked.cumsum': along(ops.masked.cumsum),
  'masked.cumprod': along(ops.masked.cumprod),
  'masked.softmax': along(ops.masked.softmax),
  'masked.log_softmax': along(ops.masked.logSoftmax),
  'masked.softmin': along(ops.masked.softmin),
}
