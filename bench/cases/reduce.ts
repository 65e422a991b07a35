/** Reductions of a whole tensor and along each axis of a matrix. */
import { randn, type Tensor } from 'sinter'
import { type Case, forwardOnly, product } from '../case.js'

function reduceCase(name: string, shape: readonly number[], call: (x: Tensor) => Tensor): Case {
  return {
    name,
    dtype: 'f32',
    bytes: 4 * product(shape),
    prepare() {
      const x = randn(shape)
      return forwardOnly(() => call(x))
    },
  }
}

const FLAT = [16 << 20]
const SQUARE = [4096, 4096]

export const reduce: readonly Case[] = [
  reduceCase('reduce.sum.16m', FLAT, (x) => x.sum()),
  reduceCase('reduce.mean.16m', FLAT, (x) => x.mean()),
  reduceCase('reduce.max.16m', FLAT, (x) => x.amax()),
  reduceCase('reduce.sum_dim0.4096x4096', SQUARE, (x) => x.sum(0)),
  reduceCase('reduce.sum_dim1.4096x4096', SQUARE, (x) => x.sum(1)),
]
