// Learning off the event loop. Place in the whole: trainers hand their counted words to a thread of its own and await what it learns.
import { Worker } from 'node:worker_threads'
import type { Kind, Learnt, Task } from './task.js'

/** Rejects with the signal's reason when it aborts: the thread ends at once. */
export function run<K extends Kind>(task: Task<K>, signal: AbortSignal | undefined): Promise<Learnt<K>> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: task, name: 'sinter-text' })
    const abort = () => {
      void worker.terminate()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
    worker.on('message', resolve)
    worker.on('error', reject)
    worker.on('exit', (code) => {
      signal?.removeEventListener('abort', abort)
      reject(new Error(`the thread that learnt a tokenizer ended with exit code ${code}`))
    })
  })
}
