// A run's checkpoints. Place in the whole: between the Trainer, which knows when and of what, and checkpoint-writer.ts: one is written at a
// time, and whoever wants to know is told when it is there.
import { type Checkpoint, type HistoryEntry, type LoadedCheckpoint, listCheckpoints, stepOf } from './checkpoint.js'
import { CheckpointWriter } from './checkpoint-writer.js'
import type { TrainerOptions } from './options.js'
import { ranked } from './retention.js'

interface Place {
  readonly step: number
  readonly epoch: number
}

type Options = Pick<TrainerOptions<any>, 'out' | 'keep' | 'keepBest' | 'asyncCheckpoints'>

export class CheckpointKeeper {
  readonly #options: Options
  readonly #told: (at: Place & { readonly path: string }) => Promise<void>
  readonly #writer = new CheckpointWriter()
  #writing: (Place & { readonly path: Promise<string> }) | undefined
  /** The step of the last one that was asked for or loaded. */
  #last = -1
  #newest: string | undefined

  /** @param told is told of every checkpoint that is on the disk */
  constructor(options: Options, told: (at: Place & { readonly path: string }) => Promise<void>) {
    this.#options = options
    this.#told = told
  }

  /** The newest one's folder. */
  get newest(): string | undefined {
    return this.#newest
  }

  /** Whether one is being written. */
  get busy(): boolean {
    return this.#writer.busy
  }

  /** Whether a checkpoint of this step is still to be made. */
  wants(step: number): boolean {
    return this.#options.out !== undefined && this.#last !== step
  }

  loaded({ step, path }: LoadedCheckpoint): void {
    this.#last = step
    this.#newest = path
  }

  /** Waits for the one before, copies, and begins to write; or waits for it, as the options say. @throws what writing the one before threw */
  async save(make: () => Checkpoint): Promise<void> {
    const { out, keep = 2, keepBest, asyncCheckpoints = true } = this.#options
    await this.written()
    const checkpoint = make()
    const { step, epoch } = checkpoint
    const path = this.#writer.write(out as string, checkpoint, { keep, best: keepBest }, asyncCheckpoints)
    this.#writing = { step, epoch, path }
    this.#last = step
    if (!asyncCheckpoints) await this.written()
  }

  /** Waits for the checkpoint that is being written, if one is, and tells of it. @throws what writing it threw */
  async written(): Promise<void> {
    const writing = this.#writing
    if (writing === undefined) return
    this.#writing = undefined
    const { step, epoch } = writing
    const path = await writing.path
    this.#newest = path
    await this.#told({ step, epoch, path })
  }

  /** With `keepBest` the best one's folder. */
  async best(history: readonly HistoryEntry[]): Promise<string | undefined> {
    const { out, keepBest } = this.#options
    if (out === undefined || keepBest === undefined) return undefined
    const folders = await listCheckpoints(out)
    const [first] = ranked(folders.map(stepOf), history, keepBest)
    return folders.find((folder) => stepOf(folder) === first)
  }

  /** Waits for what is being written, whatever becomes of it, and ends the thread. */
  async close(log: (line: string) => void): Promise<void> {
    await this.#writing?.path.catch((error: unknown) => log(`a checkpoint was not written: ${String(error)}`))
    this.#writing = undefined
    await this.#writer.close()
  }
}
