/** Changes of memory order. */
import { randn, type Tensor } from 'sinter'
import { type Case, forwardOnly, product } from '../case.js'

function copyOf(name: string, shape: readonly number[], view: (x: Tensor) => Tensor): Case {
  return {
    name,
    dtype: 'f32',
    bytes: 4 * product(shape) * 2,
    prepare() {
      const x = randn(shape)
      return forwardOnly(() => view(x).contiguous())
    },
  }
}

export const layout: readonly Case[] = [
  copyOf('transpose_contig.4096x4096', [4096, 4096], (x) => x.transpose(0, 1)),
  copyOf('layout.batched.64x512x512', [64, 512, 512], (x) => x.transpose(1, 2)),
  copyOf('layout.heads.16x512x12x64', [16, 512, 12, 64], (x) => x.transpose(1, 2)),
  copyOf('layout.to_channels_last.32x64x56x56', [32, 64, 56, 56], (x) => x.permute([0, 2, 3, 1])),
  copyOf('layout.to_channels_first.32x56x56x64', [32, 56, 56, 64], (x) => x.permute([0, 3, 1, 2])),
]
