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
  /** Batches whose memory may be used again. */
  readonly released: readonly number[]
}

export interface PortableBatch extends Omit<MadeBatch, 'errors' | 'release'> {
  readonly errors: readonly PortableError[]
  /** Names it when it is released. */
  readonly id: number
}

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

/** What makes the memory of batches free that the loader has not released yet. */
const open = new Map<number, () => void>()
let next = 0

async function handle(maker: BatchMaker, { epoch, number, indices, released }: BatchRequest): Promise<WorkerAnswer> {
  for (const id of released) {
    open.get(id)?.()
    open.delete(id)
  }
  if (number === undefined) {
    await maker.leave()
    return { left: true }
  }
  const made = await maker.make(epoch, number, indices)
  if ('batches' in made) return { made }
  const { release, errors, ...rest } = made
  const id = next++
  open.set(id, release)
  return { made: { ...rest, id, errors: errors.map(toPortable) } }
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
