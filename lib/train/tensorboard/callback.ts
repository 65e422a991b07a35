// TensorBoard. Place in the whole: a Callback that writes event files for `tensorboard --logdir`; knows of numbers and names only.
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { known, whole } from '../../check.js'
import { ValueError } from '../../errors.js'
import type { Callback, FitContext, StepReport } from '../callback.js'
import type { HistoryEntry } from '../checkpoint.js'
import type { GuardEvent } from '../guard.js'
import type { RunRecord } from '../record.js'
import { restartEvent, summaryEvent, versionEvent } from './events.js'
import { framed } from './records.js'

export interface TensorBoardOptions {
  /** Where the event file goes. Default: `tensorboard` in the Trainer's `out`. */
  readonly folder?: string
  /** Steps between figures of training. Default 1. */
  readonly every?: number
  /** Texts to show with the run, say its configuration. */
  readonly texts?: Readonly<Record<string, string>>
}

/** Seconds after which what has been collected goes to the file, where TensorBoard sees it. */
const LATENCY = 2
/** A process's files, which begin in the same second. */
let files = 0

/**
 * Writes the figures of steps as `<name>/train` and `lr`, those of evaluations as `<name>/validation`, and records (statistics,
 * histograms, texts) under their tags. Every start of a run begins a file; a resumed one tells TensorBoard that what earlier files hold
 * behind its step does not count.
 *
 * @throws ValueError for options that make no sense, and when there is no folder
 */
export class TensorBoard implements Callback {
  readonly name = 'tensorboard'
  readonly #options: TensorBoardOptions
  #file: FileHandle | undefined
  #pending: Uint8Array[] = []
  #flushed = 0

  constructor(options: TensorBoardOptions = {}) {
    known('TensorBoard', options, ['folder', 'every', 'texts'])
    const { every = 1 } = options
    whole('TensorBoard', { every }, 1)
    this.#options = options
  }

  async onFitStart({ out, step, epoch }: FitContext): Promise<void> {
    const { folder = out === undefined ? undefined : join(out, 'tensorboard'), texts } = this.#options
    if (folder === undefined) throw new ValueError('TensorBoard: no folder given, and the Trainer has no `out`')
    await mkdir(folder, { recursive: true })
    const second = String(Math.floor(Date.now() / 1000)).padStart(10, '0')
    const name = `events.out.tfevents.${second}.${hostname()}.${process.pid}.${files++}`
    this.#file = await open(join(folder, name), 'wx')
    this.#add(versionEvent())
    // Steps are counted from 1: everything behind `step` is about to come again.
    this.#add(restartEvent(step + 1))
    if (texts !== undefined) this.#add(summaryEvent({ step, epoch, texts }))
    await this.#flush()
  }

  async onStep({ step, epoch, lr, metrics }: StepReport): Promise<void> {
    if (step % (this.#options.every ?? 1) === 0)
      this.#add(summaryEvent({ step, epoch, scalars: { ...tagged(metrics, 'train'), lr } }))
    if ((performance.now() - this.#flushed) / 1000 > LATENCY) await this.#flush()
  }

  async onEvaluate({ step, epoch, metrics }: HistoryEntry): Promise<void> {
    this.#add(summaryEvent({ step, epoch, scalars: tagged(metrics, 'validation') }))
    await this.#flush()
  }

  onRecord(record: RunRecord): void {
    this.#add(summaryEvent(record))
  }

  async onGuard({ to }: GuardEvent): Promise<void> {
    if (to !== undefined) this.#add(restartEvent(to + 1))
    await this.#flush()
  }

  async onFitEnd(): Promise<void> {
    await this.#flush()
    await this.#file?.close()
    this.#file = undefined
  }

  #add(event: Uint8Array): void {
    this.#pending.push(framed(event))
  }

  async #flush(): Promise<void> {
    this.#flushed = performance.now()
    const pending = this.#pending
    this.#pending = []
    if (this.#file !== undefined && pending.length > 0) await this.#file.appendFile(Buffer.concat(pending))
  }
}

const tagged = (metrics: Readonly<Record<string, number>>, split: string): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${name}/${split}`, value]))
