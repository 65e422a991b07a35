/**
 * Launches of kernels that fewer models use, some of each family, for scripts/cuda-figures.mjs. Sizes are whole tiles where kernels have
 * some; a kernel's figures are those of all its launches.
 */
import * as image from '#lib/image/index.js'
import * as s from '#lib/index.js'
import * as quant from '#lib/quant/index.js'
import { done, leaf, random } from './operands.mjs'

s.manualSeed(1)
const integers = (n, below, dtype = 'i64') =>
  s
    .tensor(
      Array.from({ length: n }, (_, i) => (i * 37) % below),
      { dtype },
    )
    .to('cuda')

// Recurrent layers and CTC.
for (const [layer, gates] of [
  [s.lstm, 4],
  [s.gru, 3],
]) {
  const x = leaf([4, 16, 64])
  const weightHh = leaf([64 * gates, 64])
  layer(x, [{ weightIh: leaf([64 * gates, 64]), weightHh, biasIh: leaf([64 * gates]), biasHh: leaf([64 * gates]) }])[0]
    .sum()
    .backward()
  done(x.grad, weightHh.grad)
}
const scores = leaf([32, 8, 32])
const classes = integers(8 * 12, 31)
  .add(1)
  .reshape([8, 12])
s.ctcLoss(s.logSoftmax(scores, 2), classes, Array(8).fill(32), Array(8).fill(12)).backward()
done(scores.grad)

// Depthwise convolution, pooling, resampling, norms of groups.
for (const dtype of ['f32', 'bf16']) {
  const [x, w] = [leaf([2, 32, 16, 16], dtype), leaf([32, 1, 3, 3], dtype)]
  s.conv2d(x, w, null, { padding: 1, groups: 32 }).sum().backward()
  s.maxPool2d(x, 2).sum().backward()
  s.avgPool2d(x, 2).sum().backward()
  s.interpolate(x, { scaleFactor: 2, mode: 'bilinear' }).sum().backward()
  s.groupNorm(x, 4, null, null).sum().backward()
  done(x.grad, w.grad)
}
const sampled = leaf([2, 8, 16, 16])
s.gridSample(sampled, s.affineGrid(random([2, 2, 3]), [2, 8, 16, 16]))
  .sum()
  .backward()
done(sampled.grad)

// Embeddings, rotary positions, rows by index.
const table = leaf([512, 64])
s.embedding(table, integers(1024, 512)).sum().backward()
s.embeddingBag(table, integers(1024, 512).reshape([128, 8]))
  .sum()
  .backward()
const angles = s.rotaryTable(64, 64)
const turned = s.rotaryEmbedding(random([2, 4, 64, 64], 'bf16'), ...angles.map((it) => it.to('cuda')))
done(table.grad, turned)
const wide = random([64, 1024])
const rows = integers(64 * 1024, 1024).reshape([64, 1024])
done(s.gather(wide, 1, rows), s.scatterAdd(wide, 1, rows, wide), s.topk(wide, 8)[0])
done(s.maskedSelectSync(wide, wide.gt(0)), s.nonzeroSync(wide.gt(0)), s.uniqueSync(integers(4096, 61)).values)
const points = random([128, 64])
done(s.searchSorted(s.sort(wide, 1)[0], wide), s.cdist(points, points), s.cdist(points, points, { p: 1 }))

// Random numbers and dropout.
const fresh = { device: 'cuda' }
done(s.randn([65536], fresh), s.rand([65536], fresh), s.dropout(wide, 0.5), s.multinomial(wide.abs(), 4))

// Fourier transforms and windows of signals.
const signals = random([16, 4096])
done(s.viewAsReal(s.fft.rfft(signals)), s.viewAsReal(s.stft(signals, 256, { window: s.hannWindow(256, fresh) })))

// Bytes, and weights of few bits.
const weight = random([256, 256])
const bytes = quant.quantizeWeight(weight)
const few = quant.quantizeGroups(weight, { bits: 4, groupSize: 64 })
const [features, one] = [random([256, 256], 'bf16'), random([1, 256], 'bf16')]
done(quant.dynamicQuantizedLinear(features, bytes), quant.weightOnlyLinear(features, few))
done(quant.weightOnlyLinear(one, few))

// Images of bytes and of numbers.
const photos = integers(4 * 3 * 64 * 64, 256, 'u8').reshape([4, 3, 64, 64])
done(image.resize(photos, [32, 32]), image.rotate(photos, 30), image.adjustHue(photos, 0.1), image.equalize(photos))
done(image.gaussianBlur(random([4, 3, 64, 64]), 5, 1))
