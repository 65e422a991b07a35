// A worker that computes with matrices, convolutions and reductions and sends what it got.
import { parentPort } from 'node:worker_threads'
import { conv2d, engine, manualSeed, randn, scope } from '#lib/index.js'

manualSeed(11)
let sum = 0
for (let i = 0; i < 20; i++) {
  sum += scope(() => {
    const a = randn([96, 130])
    const b = conv2d(randn([2, 4, 17, 19]), randn([8, 4, 3, 3]), null, { padding: 1 })
    return a.matmul(a.transpose()).sum().add(b.square().mean()).itemSync()
  })
}
await engine.sync()
parentPort.postMessage({ sum, tensors: engine.memory().tensors })
