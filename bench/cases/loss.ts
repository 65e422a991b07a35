/** Softmax, log-softmax, cross entropy over a large vocabulary. */
import { crossEntropy, randint, randn } from 'sinter'
import { type Case, forwardOnly, withBackward } from '../case.js'

const SIDE = 4096
const ROWS = 2048
const CLASSES = 50257

const softmax: Case = {
  name: `softmax.${SIDE}x${SIDE}`,
  dtype: 'f32',
  bytes: 4 * SIDE * SIDE * 2,
  prepare() {
    const x = randn([SIDE, SIDE])
    return forwardOnly(() => x.softmax(-1))
  },
}

const logSoftmax: Case = {
  name: `log_softmax.${SIDE}x${SIDE}`,
  dtype: 'f32',
  bytes: 4 * SIDE * SIDE * 2,
  prepare() {
    const x = randn([SIDE, SIDE])
    return forwardOnly(() => x.logSoftmax(-1))
  },
}

const crossEntropyBackward: Case = {
  name: `cross_entropy.fwdbwd.${ROWS}x${CLASSES}`,
  dtype: 'f32',
  bytes: 4 * ROWS * CLASSES * 4,
  prepare() {
    const logits = randn([ROWS, CLASSES])
    const target = randint(0, CLASSES, [ROWS])
    return withBackward(() => crossEntropy(logits, target), [logits])
  },
}

export const loss: readonly Case[] = [softmax, logSoftmax, crossEntropyBackward]
