// A worker that opens a shared tensor, adds to it, and publishes one of its own.
import { parentPort, workerData } from 'node:worker_threads'
import { engine, openShared, share, tensor } from '#lib/index.js'

const x = openShared(workerData.key)
x.add_(workerData.add)
await engine.sync()
const own = tensor([workerData.add, 1, 2])
await share(`${workerData.key}.from.${workerData.add}`, own)
own.dispose()
x.dispose()
parentPort.postMessage('done')
