/** The 3x3, stride 2 maximum that follows ResNet's stem. */
import { maxPool2d, randn } from 'sinter'
import { type Case, forwardOnly, product, withBackward } from '../case.js'

const IMAGES = [64, 64, 56, 56] as const
const WINDOW = { stride: 2, padding: 1 }

const forward: Case = {
  name: `max_pool2d.${IMAGES.join('x')}`,
  dtype: 'f32',
  bytes: 4 * product(IMAGES) * 1.25,
  prepare() {
    const x = randn(IMAGES)
    return forwardOnly(() => maxPool2d(x, 3, WINDOW))
  },
}

const forwardBackward: Case = {
  name: `max_pool2d.fwdbwd.${IMAGES.join('x')}`,
  dtype: 'f32',
  bytes: 4 * product(IMAGES) * 2.5,
  prepare() {
    const x = randn(IMAGES)
    return withBackward(() => maxPool2d(x, 3, WINDOW), [x])
  },
}

export const pool: readonly Case[] = [forward, forwardBackward]
