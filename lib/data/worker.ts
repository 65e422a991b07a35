// Entry of a loader's worker thread. Place in the whole: started by workers.ts, builds the dataset and makes the batches
// that are asked for, one after the other; their buffers move to the loader's thread without a copy.
import { parentPort, workerData } from 'node:worker_threads'
import { transferables } from './batch.js'
import { buildDataset, type DatasetModule } from './dataset.js'
import { type PortableError, toPortable } from './errors.js'
import { BatchMaker, type DataShape, type EndOfData, type MadeBatch, type MakerOptions } from './maker.js'

export interface WorkerStart {
  readonly dataset: DatasetModule
  readonly options: MakerOptions
}

/** A batch to make, or (without a number) that the epoch was left. */
export interface BatchRequest {
  readonly epoch: number
  readonly number?: number
  readonly indices?: Uint32Array | undefined
}

export type PortableBatch = Omit<MadeBatch, 'errors'> & { readonly errors: readonly PortableError[] }

/** Answers come in the order of the requests; the first tells that the dataset stands. */
export type WorkerAnswer =
  | { readonly shape: DataShape }
  | { readonly made: PortableBatch | EndOfData }
  | { readonly left: true }
  | { readonly error: PortableError }

const port = parentPort
if (port !== null) {
  const { dataset, options } = workerData as WorkerStart
  const maker = buildDataset(dataset).then((built) => new BatchMaker(built, options))
  let last: Promise<void> = answer(async () => ({ shape: (await maker).shape }))
  port.on('message', (request: BatchRequest) => {
    last = last.then(() => answer(async () => await handle(await maker, request)))
  })
}

async function handle(maker: BatchMaker, { epoch, number, indices }: BatchRequest): Promise<WorkerAnswer> {
  if (number === undefined) {
    await maker.leave()
    return { left: true }
  }
  const made = await maker.make(epoch, number, indices)
  return { made: 'batches' in made ? made : { ...made, errors: made.errors.map(toPortable) } }
}

async function answer(make: () => Promise<WorkerAnswer>): Promise<void> {
  let message: WorkerAnswer
  try {
    message = await make()
  } catch (error) {
    message = { error: toPortable(error) }
  }
  const batch = 'made' in message && 'batch' in message.made ? message.made.batch : undefined
  port?.postMessage(message, batch === undefined ? [] : [...transferables(batch)])
}
