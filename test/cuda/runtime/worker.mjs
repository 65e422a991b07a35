// A worker thread with work of its own on a device: for device.test.ts.
import { parentPort, workerData } from 'node:worker_threads'
import { openShared, tensor } from '#lib/index.js'

const { key, device, factor } = workerData
const opened = openShared(key, { device })
const seen = await opened.data()
opened.dispose()
const sums = []
for (let round = 0; round < 20; round++) {
  const own = tensor(
    Float32Array.from({ length: 10_000 }, (_, i) => (i % 100) * factor + round),
    { device },
  )
  const values = await own.data()
  own.dispose()
  sums.push(values.reduce((sum, x) => sum + x, 0))
}
parentPort.postMessage({ seen, sums })
