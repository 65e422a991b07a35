/** Softmax, log-softmax, cross entropy over a large vocabulary. */
import { crossEntropy, linearCrossEntropy, randint, randn } from 'sinter'
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

/** GPT-2's head: the loss of a linear layer into the vocabulary, with the gradients of the layer's operands. */
function linearCrossEntropyCase(dtype: 'f32' | 'bf16', rows: number, width: number): Case {
  const suffix = dtype === 'f32' ? '' : `.${dtype}`
  return {
    name: `linear_cross_entropy.fwdbwd.${rows}x${width}x${CLASSES}${suffix}`,
    dtype,
    flops: 3 * 2 * rows * width * CLASSES,
    long: true,
    prepare() {
      const x = randn([rows, width]).to(dtype)
      const weight = randn([CLASSES, width]).mul(0.02).to(dtype)
      const target = randint(0, CLASSES, [rows])
      return withBackward(() => linearCrossEntropy(x, weight, target), [x, weight])
    },
  }
}

export const loss: readonly Case[] = [
  softmax,
  logSoftmax,
  crossEntropyBackward,
  linearCrossEntropyCase('f32', 1024, 768),
  linearCrossEntropyCase('bf16', 1024, 768),
]
