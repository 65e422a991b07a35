// The loader's side of its worker threads. Place in the whole: used by loader.ts alone; lanes.ts decides what each makes.
import { Worker } from 'node:worker_threads'
import type { DatasetModule } from './dataset.js'
import { DataError, fromPortable } from './errors.js'
import type { BatchSource } from './lanes.js'
import type { DataShape, EndOfData, MadeBatch, MakerOptions } from './maker.js'
import type { BatchRequest, WorkerAnswer, WorkerStart } from './worker.js'

interface Waiting {
  readonly resolve: (answer: WorkerAnswer) => void
  readonly reject: (error: Error) => void
}

/** One thread: requests are answered in order, and a thread that dies fails all that wait. */
class BatchWorker implements BatchSource {
  readonly #thread: Worker
  readonly #name: string
  readonly #waiting: Waiting[] = []
  /** Batches whose memory the worker may use again: told with the next request. */
  #released: number[] = []
  #dead: Error | undefined
  readonly shape: Promise<DataShape>

  constructor(name: string, start: WorkerStart) {
    this.#name = name
    this.#thread = new Worker(new URL('./worker.js', import.meta.url), { workerData: start, name: 'sinter-data' })
    this.#thread.on('message', (answer: WorkerAnswer) => this.#settle(answer))
    this.#thread.on('error', (cause) => this.#fail(`failed: ${cause.message}`, cause))
    this.#thread.on('exit', (code) => this.#fail(`ended with exit code ${code}`))
    this.shape = this.#wait().then((answer) => {
      if ('shape' in answer) return answer.shape
      throw this.#outOfTurn()
    })
    // The loader reports a dataset that cannot be built where a batch is asked for.
    this.shape.catch(() => {})
    this.#thread.unref()
  }

  async make(epoch: number, number: number, indices: Uint32Array | undefined): Promise<MadeBatch | EndOfData> {
    const answer = await this.#ask({ epoch, number, indices })
    if (!('made' in answer)) throw this.#outOfTurn()
    if ('batches' in answer.made) return answer.made
    const { id, errors, ...rest } = answer.made
    const release = () => void this.#released.push(id)
    return { ...rest, errors: errors.map((error) => fromPortable(error, `in ${this.#name}`)), release }
  }

  /** What was asked for is still made, then what the dataset holds open is closed. Nobody waits for it. */
  leave(epoch: number): void {
    this.#ask({ epoch }).catch(() => {})
  }

  async #ask(request: Omit<BatchRequest, 'released'>): Promise<WorkerAnswer> {
    const answer = this.#wait()
    this.#thread.postMessage({ ...request, released: this.#released } satisfies BatchRequest)
    this.#released = []
    return answer
  }

  get dead(): boolean {
    return this.#dead !== undefined
  }

  /** Whether this thread alone keeps the process running. */
  hold(held: boolean): void {
    if (held) this.#thread.ref()
    else this.#thread.unref()
  }

  async close(): Promise<void> {
    this.#dead = new DataError('DATA_LOADER_CLOSED', 'DataLoader: closed while a batch was awaited')
    await this.#thread.terminate()
  }

  #outOfTurn(): DataError {
    return new DataError('DATA_WORKER_DIED', `DataLoader: ${this.#name} answered out of turn`)
  }

  #wait(): Promise<WorkerAnswer> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead)
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  #settle(answer: WorkerAnswer): void {
    const waiting = this.#waiting.shift()
    if ('error' in answer) waiting?.reject(fromPortable(answer.error, `in ${this.#name}`))
    else waiting?.resolve(answer)
  }

  #fail(what: string, cause?: Error): void {
    this.#dead ??= new DataError('DATA_WORKER_DIED', `DataLoader: ${this.#name} ${what}`, { cause })
    for (const { reject } of this.#waiting.splice(0)) reject(this.#dead)
  }
}

export class BatchWorkers {
  readonly sources: readonly BatchSource[]
  readonly #workers: readonly BatchWorker[]

  constructor(dataset: DatasetModule, options: MakerOptions, count: number) {
    // A URL object does not survive structured cloning, and a dataset that is a module too has more than is to be sent.
    const { module, export: name = 'default', args = [] } = dataset
    const portable = { module: String(module), export: name, args }
    this.#workers = Array.from({ length: count }, (_, worker) => {
      const shard = { ...options.shard, worker, workers: count }
      return new BatchWorker(`data worker ${worker + 1} of ${count}`, {
        dataset: portable,
        options: { ...options, shard },
      })
    })
    this.sources = this.#workers
  }

  /** Whether a thread has ended. */
  get dead(): boolean {
    return this.#workers.some((worker) => worker.dead)
  }

  /** What the dataset is, once it is built in every thread. */
  async shape(): Promise<DataShape> {
    return this.holding(async () => {
      const [first, ...rest] = await Promise.all(this.#workers.map((worker) => worker.shape))
      const { samples, sharded } = first as DataShape
      const other = rest.findIndex((shape) => shape.samples !== samples || shape.sharded !== sharded)
      if (other >= 0) {
        const message = `DataLoader: the dataset has ${samples} samples in worker 1 but ${rest[other]?.samples} in worker ${other + 2}`
        throw new DataError('DATA_DATASET_INVALID', `${message}: it must be built the same in every thread`)
      }
      return first as DataShape
    })
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()))
  }

  /** The threads keep the process running only while they are waited for. */
  async holding<T>(run: () => Promise<T>): Promise<T> {
    for (const worker of this.#workers) worker.hold(true)
    try {
      return await run()
    } finally {
      for (const worker of this.#workers) worker.hold(false)
    }
  }
}
