// Trains a small network for ever, tensors of all kinds in flight. Run as a worker, or as a process: argument 1 names how it
// ends (in a process) once work is queued.

import { isMainThread, parentPort, threadId } from 'node:worker_threads'
import { randn, scope, tensor } from '#lib/index.js'
import { Linear, ReLU, Sequential } from '#lib/nn/index.js'
import { AdamW } from '#lib/optim/index.js'

const model = new Sequential(new Linear(64, 256), new ReLU(), new Linear(256, 8))
const optimizer = new AdamW(model.parameters(), { lr: 1e-3 })

function step() {
  return scope(() => {
    const loss = model
      .call(randn([128, 64]))
      .square()
      .mean()
    optimizer.zeroGrad()
    loss.backward()
    optimizer.step()
    return loss
  })
}

const ways = {
  exit: () => process.exit(7),
  throw: () => {
    throw new Error('on purpose')
  },
  reject: () => void Promise.reject(new Error('on purpose')),
  end: () => {},
  pending: () => void tensor([1]).add(1).data(),
}

async function run() {
  const way = isMainThread ? ways[process.argv[2]] : undefined
  for (let i = 0; ; i++) {
    const loss = step()
    if (i === 5) parentPort?.postMessage(threadId)
    if (way && i === 20) {
      // Queued, and not waited for.
      for (let k = 0; k < 20; k++) step()
      way()
      return
    }
    if (i % 3 === 0) await loss.data()
    loss.dispose()
  }
}

void run()
