/**
 * Launches of the kernels that models use most, for scripts/cuda-figures.mjs. Sizes are whole tiles, and large enough that ends do not
 * count; a kernel's figures are those of all its launches.
 */
import * as s from '#lib/index.js'
import { AdamW } from '#lib/optim/index.js'
import { SparseMatrix, sparseLinear, sparseMatmul } from '#lib/sparse/index.js'
import { done, leaf, random } from './operands.mjs'

s.manualSeed(1)
const [f32, bf16] = [random([256, 1024]), random([256, 1024], 'bf16')]
done(f32.add(f32), f32.gelu(), bf16.mul(bf16), f32.to('bf16'), f32.transpose(0, 1).contiguous())
done(f32.sum(1), f32.sum(0), f32.argmax(1))
done(s.softmax(f32, 1), s.softmax(bf16, 1), s.logSoftmax(f32, 1))
done(s.layerNorm(f32, [1024]), s.rmsNorm(bf16, [1024]))
const classes = s.tensor(
  Array.from({ length: 256 }, (_, i) => (i * 37) % 1024),
  { dtype: 'i64' },
)
const targets = classes.to('cuda')
done(s.crossEntropy(f32, targets), s.indexSelect(f32, 0, targets.remainder(256)))
for (const dtype of ['bf16', 'f32']) done(s.matmul(random([256, 256], dtype), random([256, 256], dtype)))
const weight = random([256, 1024])
weight.requiresGrad = true
const optimizer = new AdamW([weight])
weight.mul(2).sum().backward()
optimizer.step()
done(weight.detach())

// Convolutions, attention, batch norm and a running sum: forward, and backward where that has kernels of its own.
for (const dtype of ['f32', 'bf16']) {
  const [x, w] = [leaf([2, 32, 16, 16], dtype), leaf([64, 32, 3, 3], dtype)]
  const [q, k, v] = [0, 1, 2].map(() => leaf([1, 2, 128, 64], dtype))
  s.conv2d(x, w, null, { padding: 1 }).sum().backward()
  s.scaledDotProductAttention(q, k, v, { causal: true }).sum().backward()
  done(x.grad, w.grad, q.grad, k.grad, v.grad)
}
const image = leaf([4, 16, 16, 16])
s.batchNorm(image, null, null, null, null, { training: true }).sum().backward()
const pruned = SparseMatrix.fromSync(random([256, 256], 'bf16'), { format: '2:4' })
done(sparseLinear(random([256, 256], 'bf16'), pruned), sparseMatmul(pruned, random([256, 256], 'bf16')))
const blocks = SparseMatrix.fromSync(random([256, 256], 'bf16'), { format: 'bsr16x1', density: 0.2 })
done(sparseMatmul(blocks, random([256, 256], 'bf16'), { kernel: 'sparse' }))
const triangle = s.linalg.solveTriangular(random([64, 64]), random([64, 64]), { upper: true })
done(image.grad, s.cumsum(f32, 1), s.sort(f32, 1)[0], triangle)
