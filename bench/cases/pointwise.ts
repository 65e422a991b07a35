/**
 * One pass over 16 Mi elements. The `_out` rows make a fresh result on our side, where the allocator hands back the block that
 * was freed a call before; the peer writes into a tensor made beforehand.
 */
import { fuse, randn, type Tensor } from 'sinter'
import { type Case, forwardOnly } from '../case.js'

const ELEMENTS = 16 << 20

function unary(label: string, call: (x: Tensor) => Tensor): Case {
  return {
    name: `pointwise.${label}.16m`,
    dtype: 'f32',
    bytes: 4 * ELEMENTS * 2,
    prepare() {
      const x = randn([ELEMENTS])
      return forwardOnly(() => call(x))
    },
  }
}

function binary(label: string, call: (x: Tensor, y: Tensor) => Tensor): Case {
  return {
    name: `pointwise.${label}.16m`,
    dtype: 'f32',
    bytes: 4 * ELEMENTS * 3,
    prepare() {
      const x = randn([ELEMENTS])
      const y = randn([ELEMENTS])
      return forwardOnly(() => call(x, y))
    },
  }
}

/** Six operators: one after the other, and as one command. The peer has them one after the other. */
const chain = (x: Tensor, y: Tensor): Tensor => x.mul(y).add(x).sigmoid().mul(x).sub(y).relu()

export const pointwise: readonly Case[] = [
  binary('add', (x, y) => x.add(y)),
  binary('add_inplace', (x, y) => x.add_(y)),
  binary('add_out', (x, y) => x.add(y)),
  binary('mul_out', (x, y) => x.mul(y)),
  unary('exp', (x) => x.exp()),
  unary('exp_out', (x) => x.exp()),
  unary('gelu', (x) => x.gelu()),
  unary('gelu_tanh', (x) => x.gelu({ approximate: 'tanh' })),
  binary('chain', chain),
  binary('chain_fused', fuse(chain)),
]
