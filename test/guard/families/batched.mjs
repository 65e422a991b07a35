// Batches of products: equal batches, one operand for all, strides of a transposed batch, vectors.
import { tensor } from '#lib/index.js'
import { DTYPES, generator, product, whole } from '../edges.mjs'

const SIZES = [0, 1, 3, 5, 7, 8, 13, 16, 17, 31, 33, 47, 49, 61, 97]
const BATCH = 3

/** Products of each sample; an operand of one sample serves all. */
function exactOf(a, b, aBatch, bBatch, m, n, k) {
  const y = new Float64Array(BATCH * m * n)
  for (let i = 0; i < BATCH; i++) {
    const left = aBatch === 1 ? a : a.subarray(i * m * k, (i + 1) * m * k)
    const right = bBatch === 1 ? b : b.subarray(i * k * n, (i + 1) * k * n)
    y.set(product(left, right, m, n, k), i * m * n)
  }
  return y
}

/** The same tensor with the batch as its second dimension in memory. */
const interleaved = (t) => t.transpose(0, 1).contiguous().transpose(0, 1)

export default function batched({ turn, compare, scope }) {
  for (const [mi, m] of SIZES.entries()) {
    for (const [ni, n] of SIZES.entries()) {
      const k = SIZES[(mi * 4 + ni * 7) % SIZES.length]
      for (const [aBatch, bBatch] of [
        [BATCH, BATCH],
        [1, BATCH],
        [BATCH, 1],
      ]) {
        for (const dtype of DTYPES) {
          for (const swap of [false, true]) {
            const label = `batched ${dtype} ${aBatch}x${m}x${k} by ${bBatch}x${k}x${n}${swap ? ', interleaved' : ''}`
            if (!turn(label)) continue
            const next = generator(m * 65537 + n * 257 + k)
            const [a, b] = [whole(aBatch * m * k, next), whole(bBatch * k * n, next)]
            scope(() => {
              const store = swap ? interleaved : (t) => t
              const x = store(tensor(a, { shape: [aBatch, m, k], dtype }))
              const y = store(tensor(b, { shape: [bBatch, k, n], dtype }))
              compare(label, x.matmul(y), exactOf(a, b, aBatch, bBatch, m, n, k))
            })
          }
        }
      }
    }
  }
}
