// Writes checkpoints while training goes on. Place in the whole: the Trainer asks for one between two steps. The copy is ordered there:
// reads of all tensors stand in the stream before the next step's commands, so it is of one moment; files are written and hashed by a
// thread (file-writer.ts), under a temporary name until they are whole.
import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { writeFolderAtomic } from '../io/atomic.js'
import { safetensorsContent } from '../io/safetensors-file.js'
import type { StateDict } from '../nn/state-dict.js'
import type { OptimizerState } from '../optim/optimizer.js'
import type { TypedArray } from '../tensor/dtype.js'
import { Tensor } from '../tensor/tensor.js'
import {
  CALLBACKS,
  type Checkpoint,
  FORMAT,
  folderOf,
  listCheckpoints,
  MODEL,
  type NumbersOnly,
  namesIn,
  OPTIMIZER,
  stepOf,
  TRAINER,
} from './checkpoint.js'
import { FileWriter } from './file-writer.js'
import { type KeepBest, retained } from './retention.js'

/** What a killed process leaves while it writes or removes a checkpoint. */
const LEFTOVER = /^\.step-\d{8,}\..*\.tmp$/

export interface Retention {
  /** The newest ones that stay. */
  readonly keep: number
  readonly best: KeepBest | undefined
}

/** A checkpoint's files as they will be. */
interface Snapshot {
  readonly checkpoint: Pick<Checkpoint, 'step' | 'history'>
  readonly files: ReadonlyMap<string, readonly (() => Promise<TypedArray>)[]>
  readonly json: object
}

export class CheckpointWriter {
  readonly #files = new FileWriter()
  #busy = false

  /** Whether one is being written. */
  get busy(): boolean {
    return this.#busy
  }

  /**
   * Writes a checkpoint, and removes all but those that stay and what a killed process left. When this returns its promise, the copy has
   * been ordered: what is computed from then on is not in it.
   * @param ahead copies all tensors at once; otherwise one after the other as they are written, and nothing may change them meanwhile
   * @returns its folder
   */
  write(out: string, checkpoint: Checkpoint, retention: Retention, ahead: boolean): Promise<string> {
    if (this.#busy) throw new Error('CheckpointWriter: one is being written')
    const snapshot = snapshotOf(checkpoint, ahead)
    this.#busy = true
    const written = this.#write(out, snapshot, retention).finally(() => {
      this.#busy = false
    })
    // Whoever asked for it looks at it later.
    written.catch(() => {})
    return written
  }

  async close(): Promise<void> {
    await this.#files.close()
  }

  async #write(out: string, { checkpoint, files, json }: Snapshot, { keep, best }: Retention): Promise<string> {
    const path = join(out, folderOf(checkpoint.step))
    for (const name of await namesIn(out))
      if (LEFTOVER.test(name)) await rm(join(out, name), { recursive: true, force: true })
    await removeCheckpoint(path)
    await writeFolderAtomic(path, async (folder) => {
      const hashes: Record<string, string> = {}
      for (const [name, chunks] of files) hashes[name] = await this.#files.write(join(folder, name), chunks)
      const text = JSON.stringify({ format: FORMAT, files: hashes, ...json }, null, 1)
      await writeFile(join(folder, TRAINER), `${text}\n`, { flush: true })
    })
    const all = await listCheckpoints(out)
    const stay = retained(all.map(stepOf), keep, checkpoint.history, best)
    for (const old of all) if (!stay.has(stepOf(old))) await removeCheckpoint(old)
    return path
  }
}

function snapshotOf({ model, optimizer, callbackTensors, ...rest }: Checkpoint, ahead: boolean): Snapshot {
  const [tensors, numbers] = separate(optimizer)
  const contents = new Map([
    [MODEL, model],
    [OPTIMIZER, tensors],
    ...(callbackTensors.size > 0 ? [[CALLBACKS, callbackTensors] as const] : []),
  ])
  const files = [...contents].map(([name, content]) => {
    const { header, order } = safetensorsContent(content)
    return [name, [async () => header as TypedArray, ...order.map((t) => reading(t, ahead))]] as const
  })
  // Of now, whatever becomes of the objects.
  const json = JSON.parse(JSON.stringify({ ...rest, optimizer: numbers })) as object
  return { checkpoint: { step: rest.step, history: [...rest.history] }, files: new Map(files), json }
}

function reading(t: Tensor, ahead: boolean): () => Promise<TypedArray> {
  if (!ahead) return () => t.rawData()
  const data = t.rawData()
  data.catch(() => {})
  return () => data
}

/** Takes a checkpoint away: it is gone at once, not file by file. */
async function removeCheckpoint(path: string): Promise<void> {
  const aside = join(path, '..', `.${basename(path)}.${randomUUID()}.tmp`)
  try {
    await rename(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  await rm(aside, { recursive: true, force: true })
}

function separate({ state, param_groups }: OptimizerState): [StateDict, NumbersOnly] {
  const tensors: StateDict = new Map()
  const numbers: NumbersOnly['state'] = {}
  for (const [index, kept] of Object.entries(state)) {
    const rest: Record<string, number> = {}
    for (const [name, value] of Object.entries(kept)) {
      if (value instanceof Tensor) tensors.set(`state.${index}.${name}`, value)
      else rest[name] = value
    }
    numbers[index] = rest
  }
  return [tensors, { state: numbers, param_groups }]
}
