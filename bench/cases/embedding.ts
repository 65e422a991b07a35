/** Rows of a vocabulary-sized table, and the scattered sum that is their gradient. */
import { embedding as lookUp, randint, randn } from 'sinter'
import { type Case, forwardOnly, withBackward } from '../case.js'

const COUNT = 8192
const ROWS = 50257
const WIDTH = 768

const forward: Case = {
  name: `embedding.fwd.${COUNT}of${ROWS}x${WIDTH}`,
  dtype: 'f32',
  bytes: 4 * COUNT * WIDTH * 2,
  prepare() {
    const weight = randn([ROWS, WIDTH])
    const indices = randint(0, ROWS, [COUNT])
    return forwardOnly(() => lookUp(weight, indices))
  },
}

const forwardBackward: Case = {
  name: `embedding.fwdbwd.${COUNT}of${ROWS}x${WIDTH}`,
  dtype: 'f32',
  bytes: 4 * COUNT * WIDTH * 6,
  prepare() {
    const weight = randn([ROWS, WIDTH])
    const indices = randint(0, ROWS, [COUNT])
    return withBackward(() => lookUp(weight, indices), [weight])
  },
}

export const embedding: readonly Case[] = [forward, forwardBackward]
