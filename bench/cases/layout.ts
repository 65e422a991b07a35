/** Changes of memory order. */
import { randn } from 'sinter'
import { type Case, forwardOnly } from '../case.js'

const SIDE = 4096

export const layout: readonly Case[] = [
  {
    name: `transpose_contig.${SIDE}x${SIDE}`,
    dtype: 'f32',
    bytes: 4 * SIDE * SIDE * 2,
    prepare() {
      const x = randn([SIDE, SIDE])
      return forwardOnly(() => x.transpose(0, 1).contiguous())
    },
  },
]
