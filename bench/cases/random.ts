/** Random numbers, and dropout, which draws its mask again in the backward pass. */
import { dropout, randn, type Tensor, zeros } from 'sinter'
import { type Case, forwardOnly, withBackward } from '../case.js'

const ELEMENTS = 16 << 20

function fill(name: string, call: (x: Tensor) => Tensor): Case {
  return {
    name: `random.${name}.16m`,
    dtype: 'f32',
    bytes: 4 * ELEMENTS,
    prepare() {
      const x = zeros([ELEMENTS])
      return forwardOnly(() => call(x))
    },
  }
}

const forward: Case = {
  name: 'dropout.fwd.16m',
  dtype: 'f32',
  bytes: 4 * ELEMENTS * 2,
  prepare() {
    const x = randn([ELEMENTS])
    return forwardOnly(() => dropout(x, 0.1))
  },
}

const forwardBackward: Case = {
  name: 'dropout.fwdbwd.16m',
  dtype: 'f32',
  bytes: 4 * ELEMENTS * 4,
  prepare() {
    const x = randn([ELEMENTS])
    return withBackward(() => dropout(x, 0.1), [x])
  },
}

export const random: readonly Case[] = [
  fill('normal_', (x) => x.normal_()),
  fill('uniform_', (x) => x.uniform_()),
  forward,
  forwardBackward,
]
