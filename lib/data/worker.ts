// Entry of a loader's worker thread. Place in the whole: started by workers.ts, builds the dataset and makes the batches
// that are asked for, one after the other; their buffers move to the loader's thread without a copy.
import { parentPort, workerData } from 'node:worker_threads'
import { transferables } from './batch.js'
import { buildDataset, type DatasetModule } from './dataset.js'
import { type PortableError, toPortable } from './errors.js'
import { BatchMaker, type BatchOptions, type MadeBatch } from './maker.js'

export interface WorkerStart {
  readonly dataset: DatasetModule
  readonly options: BatchOptions
}

export interface BatchRequest {
  readonly epoch: number
  readonly number: number
}

/** Answers come in the order of the requests; the first tells that the dataset stands. */
export type WorkerAnswer =
  | { readonly samples: number | undefined }
  | { readonly made: MadeBatch | undefined }
  | { readonly error: PortableError }

const port = parentPort
if (port !== null) {
  const { dataset, options } = workerData as WorkerStart
  const maker = buildDataset(dataset).then((built) => new BatchMaker(built, options))
  let last: Promise<void> = answer(async () => ({ samples: (await maker).samples }))
  port.on('message', ({ epoch, number }: BatchRequest) => {
    last = last.then(() => answer(async () => ({ made: await (await maker).make(epoch, number) })))
  })
}

async function answer(make: () => Promise<WorkerAnswer>): Promise<void> {
  let message: WorkerAnswer
  try {
    message = await make()
  } catch (error) {
    message = { error: toPortable(error) }
  }
  const moved = 'made' in message && message.made !== undefined ? [...transferables(message.made.batch)] : []
  port?.postMessage(message, moved)
}
