// The loader's side of its worker threads. Place in the whole: used by loader.ts alone. Batch n of an epoch is made by
// worker n modulo their count and taken in order; a worker has at most `prefetch` requests open, which bounds memory
// however slow the consumer is.
import { Worker } from 'node:worker_threads'
import type { DatasetModule } from './dataset.js'
import { DataError, fromPortable } from './errors.js'
import type { EndOfData, MadeBatch, MakerOptions } from './maker.js'
import type { BatchRequest, WorkerAnswer, WorkerStart } from './worker.js'

interface Waiting {
  readonly resolve: (answer: WorkerAnswer) => void
  readonly reject: (error: Error) => void
}

/** One thread: requests are answered in order, and a thread that dies fails all that wait. */
class BatchWorker {
  readonly #thread: Worker
  readonly #name: string
  readonly #waiting: Waiting[] = []
  #dead: Error | undefined
  readonly samples: Promise<number | undefined>

  constructor(name: string, start: WorkerStart) {
    this.#name = name
    this.#thread = new Worker(new URL('./worker.js', import.meta.url), { workerData: start, name: 'sinter-data' })
    this.#thread.on('message', (answer: WorkerAnswer) => this.#settle(answer))
    this.#thread.on('error', (cause) => this.#fail(`failed: ${cause.message}`, cause))
    this.#thread.on('exit', (code) => this.#fail(`ended with exit code ${code}`))
    this.samples = this.#wait().then((answer) => ('samples' in answer ? answer.samples : undefined))
    // The loader reports a dataset that cannot be built where a batch is asked for.
    this.samples.catch(() => {})
    this.#thread.unref()
  }

  make(epoch: number, number: number): Promise<MadeBatch | EndOfData> {
    const made = this.#ask({ epoch, number }).then((answer) => {
      if (!('made' in answer)) throw new DataError('DATA_WORKER_DIED', `DataLoader: ${this.#name} answered out of turn`)
      if ('records' in answer.made) return answer.made
      const errors = answer.made.errors.map((error) => fromPortable(error, `in ${this.#name}`))
      return { ...answer.made, errors }
    })
    made.catch(() => {})
    return made
  }

  /** What was asked for is still made, then what the dataset holds open is closed. Nobody waits for it. */
  leave(epoch: number): void {
    this.#ask({ epoch }).catch(() => {})
  }

  async #ask(request: BatchRequest): Promise<WorkerAnswer> {
    const answer = this.#wait()
    this.#thread.postMessage(request)
    return answer
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
  readonly #workers: readonly BatchWorker[]
  readonly #prefetch: number

  constructor(dataset: DatasetModule, options: MakerOptions, count: number, prefetch: number) {
    // A URL object does not survive structured cloning.
    const portable = { ...dataset, module: String(dataset.module) }
    this.#prefetch = prefetch
    this.#workers = Array.from(
      { length: count },
      (_, i) => new BatchWorker(`data worker ${i + 1} of ${count}`, { dataset: portable, options }),
    )
  }

  /** Samples of the dataset (undefined: an iterable one), once it is built in every thread. */
  async samples(): Promise<number | undefined> {
    return this.#holding(async () => {
      const [first, ...rest] = await Promise.all(this.#workers.map((worker) => worker.samples))
      const other = rest.findIndex((samples) => samples !== first)
      if (other >= 0) {
        const message = `DataLoader: the dataset has ${first} samples in worker 1 but ${rest[other]} in worker ${other + 2}`
        throw new DataError('DATA_DATASET_INVALID', `${message}: it must be built the same in every thread`)
      }
      if (first === undefined && this.#workers.length > 1) {
        const message = 'DataLoader: an iterable dataset keeps its order in one worker only: set workers to 0 or 1'
        throw new DataError('DATA_OPTIONS', message)
      }
      return first
    })
  }

  /** The batches of an epoch from number `from` on; `count` of them in all, or until the dataset ends, which is told. */
  async *batches(epoch: number, from: number, count: number | undefined): AsyncGenerator<MadeBatch | EndOfData> {
    const ahead: Promise<MadeBatch | EndOfData>[] = []
    let next = from
    const request = () => {
      if (count !== undefined && next >= count) return
      const worker = this.#workers[next % this.#workers.length] as BatchWorker
      ahead.push(worker.make(epoch, next++))
    }
    for (let i = 0; i < this.#workers.length * this.#prefetch; i++) request()
    try {
      for (;;) {
        const first = ahead.shift()
        if (first === undefined) return
        const made = await this.#holding(() => first)
        if (!('records' in made)) request()
        yield made
        if ('records' in made) return
      }
    } finally {
      for (const worker of this.#workers) worker.leave(epoch)
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()))
  }

  async #holding<T>(run: () => Promise<T>): Promise<T> {
    for (const worker of this.#workers) worker.hold(true)
    try {
      return await run()
    } finally {
      for (const worker of this.#workers) worker.hold(false)
    }
  }
}
