/** Gather, scatter and their kin. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */
import type { Tensor } from '#lib/index.js'
import * as ops from '#lib/index.js'
import { LeftOut, type Mapping, map } from './mapping.js'

export const indexing: Readonly<Record<string, Mapping>> = {
  gather: map('input dim index', ({ input, dim, index }) => {
    if (input.rank === 0) throw new LeftOut('a tensor without dimensions')
    if (index.dtype !== 'i64' && index.dtype !== 'i32') throw new LeftOut(`indices of ${index.dtype}`)
    return ops.gather(input, dim, index)
  }),
  scatter_add: map('input dim index src', ({ input, dim, index, src }) => {
    if (input.rank === 0) throw new LeftOut('a tensor without dimensions')
    // torch reads as much of src as there are indices.
    const part = index.shape.reduce((s: Tensor, n: number, axis: number) => s.narrow(axis, 0, n), src)
    return ops.scatterAdd(input, dim, index, part)
  }),
  index_select: map('input dim index', ({ input, dim, index }) => {
    if (input.rank === 0 || index.rank === 0) throw new LeftOut('a tensor without dimensions')
    return ops.indexSelect(input, dim, index)
  }),
  index_add: map('input dim index source alpha', ({ input, dim, index, source, alpha }) => {
    if (input.rank === 0 || index.rank === 0) throw new LeftOut('a tensor without dimensions')
    return ops.indexAdd(input, dim, index, alpha === undefined ? source : ops.mul(source, alpha))
  }),
}
