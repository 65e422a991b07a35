// The training loop. Place in the whole: puts model, data, optimizer and schedule together and knows what none of them
// does: when to evaluate, save, report and stop. Models and data know nothing of it.
//
// A step is encoded in a scope of its own and its loss is read one step later: while step n runs on the executor, step
// n + 1 is encoded; step n + 2 waits for the loss of step n. So memory stays bounded and the event loop free.

import { backward } from '../autograd/backward.js'
import { disposeBatch, type LoaderState } from '../data/loader.js'
import { scope } from '../engine/lifetime.js'
import { SinterError } from '../errors.js'
import type { Module } from '../nn/module.js'
import { defaultGenerator, type GeneratorState } from '../ops/random.js'
import { clipGradNorm } from '../optim/clip.js'
import type { Optimizer } from '../optim/optimizer.js'
import type { Scheduler } from '../optim/schedulers/scheduler.js'
import { Tensor } from '../tensor/tensor.js'
import { type HistoryEntry, listCheckpoints, loadCheckpoint, saveCheckpoint, setAside } from './checkpoint.js'
import { checked } from './config.js'
import { onInterrupt } from './interrupt.js'
import { trainerSchema } from './options.js'
import { openProgress, type Progress } from './progress.js'
import { Throughput } from './throughput.js'

/** What a Trainer needs of its data: a DataLoader, or anything that iterates an epoch and knows its place. */
export interface TrainingData<B> extends AsyncIterable<B> {
  batchCount?(): Promise<number | undefined>
  state?(): LoaderState
  loadState?(state: LoaderState): void
}

export interface TrainerOptions<B> {
  readonly model: Module
  // Any optimizer will do, whatever its groups hold
  readonly optimizer: Optimizer<any>
  readonly data: TrainingData<B>
  /** The loss of a batch, one number. */
  readonly loss: (batch: B) => Tensor
  /** Passes over the data. Give this or `steps`. */
  readonly epochs?: number
  /** Optimizer steps. */
  readonly steps?: number
  /** Moved on after every step. */
  readonly scheduler?: Scheduler
  /** Joint 2-norm that gradients are clipped to. */
  readonly clipNorm?: number
  /** Scores to report; see `evaluate` for averages over a data set. */
  readonly evaluate?: (at: { step: number; epoch: number }) => Promise<Readonly<Record<string, number>>>
  /** Steps between evaluations. Default: after every epoch; always at the end. */
  readonly evaluateEvery?: number
  /** Folder for checkpoints. Without it none are written. */
  readonly out?: string
  /** Steps between checkpoints. Default: after every epoch; always at the end. */
  readonly checkpointEvery?: number
  /** Checkpoints kept. Default 2. */
  readonly keep?: number
  /** Called as training goes on, with the loss of each finished step. */
  readonly onStep?: (report: { step: number; epoch: number; loss: number }) => void
  readonly name?: string
  readonly progress?: Progress
  /** What is counted a second: items of a batch, and their name. Default: the first tensor's first dimension, 'samples'. */
  readonly throughput?: { readonly unit: string; readonly of: (batch: B) => number }
  /** Save and stop at Ctrl-C (SIGINT, SIGTERM). Default false: a library does not take the process's signals. */
  readonly handleSignals?: boolean
}

export interface FitResult {
  readonly step: number
  readonly epoch: number
  /** Loss of the last step. */
  readonly loss: number
  readonly history: readonly HistoryEntry[]
  /** The newest checkpoint's folder. */
  readonly checkpoint: string | undefined
  /** True when a signal or `stop()` ended the run before its time. */
  readonly stopped: boolean
}

interface Running {
  readonly step: number
  readonly epoch: number
  readonly lr: number
  readonly loss: Promise<number>
}

/** Steps encoded and not yet finished when another is encoded. */
const RUN_AHEAD = 1

export class Trainer<B = unknown> {
  readonly #options: TrainerOptions<B>
  readonly #progress: Progress
  readonly #throughput: Throughput
  readonly #running: Running[] = []
  #total: number | undefined
  #step = 0
  #epoch = 0
  #loss = Number.NaN
  #history: HistoryEntry[] = []
  #checkpoint: string | undefined
  #saved = -1
  #evaluated = -1
  #resumed = false
  #stop = false

  /** @throws ConfigError naming the option, what was found and what is expected */
  constructor(options: TrainerOptions<B>) {
    checked(trainerSchema, options, 'Trainer')
    this.#options = options
    this.#progress = options.progress ?? openProgress()
    this.#throughput = new Throughput(options.throughput?.unit ?? 'samples')
  }

  /** Optimizer steps taken, those of resumed runs included. */
  get step(): number {
    return this.#step
  }

  get history(): readonly HistoryEntry[] {
    return this.#history
  }

  /** Ends `fit` after the step being encoded, with a checkpoint. */
  stop(): void {
    this.#stop = true
  }

  /**
   * Goes on from a checkpoint (a folder of checkpoints: the newest; default `out`): to the bit as if the run had never
   * stopped, as long as model, data and options are the same.
   */
  async resume(path: string | undefined = this.#options.out): Promise<void> {
    if (path === undefined)
      throw new SinterError('SINTER_NO_CHECKPOINT', 'Trainer.resume: no path given and no `out` set')
    const { model, optimizer, scheduler, data } = this.#options
    const saved = await loadCheckpoint(path)
    for (const { path, reason } of saved.damaged) this.#progress.line(`${path} is left out: ${reason}`)
    model.loadStateDict(saved.model)
    optimizer.loadStateDict(saved.optimizer)
    if (saved.scheduler !== undefined) scheduler?.loadStateDict(saved.scheduler)
    if (saved.loader !== undefined) data.loadState?.(saved.loader)
    defaultGenerator.state = saved.random as GeneratorState
    disposeBatch([...saved.model.values(), saved.optimizer.state])
    this.#step = saved.step
    this.#epoch = saved.epoch
    this.#history = [...saved.history]
    this.#checkpoint = saved.path
    this.#saved = saved.step
    this.#evaluated = saved.history.at(-1)?.step ?? -1
    this.#resumed = true
    this.#progress.line(`continuing after step ${saved.step}, from ${saved.path}`)
  }

  /** Trains to the end, or until `stop()` or a signal. */
  async fit(): Promise<FitResult> {
    const { epochs, steps, data, name = 'training', out, handleSignals, model } = this.#options
    const perEpoch = await data.batchCount?.()
    this.#total = steps ?? (perEpoch === undefined ? undefined : (epochs as number) * perEpoch)
    this.#stop = false
    if (out !== undefined && !this.#resumed && this.#step === 0 && (await setAside(out))) {
      this.#progress.line(`${out} holds an earlier run's checkpoints: they are kept in ${out}/previous`)
    }
    const release = handleSignals ? onInterrupt((signal) => this.#interrupt(signal)) : undefined
    this.#progress.begin(name, this.#total, this.#step)
    this.#throughput.start(this.#step)
    model.train()
    try {
      while (!this.#stop && !this.#finished()) await this.#epochOfSteps()
      await this.#settle(0)
      if (!this.#stop) await this.#evaluate()
      await this.#save()
    } finally {
      this.#progress.end()
      release?.()
    }
    return {
      step: this.#step,
      epoch: this.#epoch,
      loss: this.#loss,
      history: this.#history,
      checkpoint: this.#checkpoint,
      stopped: this.#stop,
    }
  }

  #finished(): boolean {
    const { epochs, steps } = this.#options
    return steps === undefined ? this.#epoch >= (epochs as number) : this.#step >= steps
  }

  async #epochOfSteps(): Promise<void> {
    const { data, evaluateEvery, checkpointEvery, steps } = this.#options
    const before = this.#step
    for await (const batch of data) {
      await this.#settle(RUN_AHEAD)
      this.#encode(batch)
      disposeBatch(batch)
      if (this.#stop) return
      if (evaluateEvery !== undefined && this.#step % evaluateEvery === 0) await this.#evaluate()
      if (checkpointEvery !== undefined && this.#step % checkpointEvery === 0) await this.#save()
      if (steps !== undefined && this.#step >= steps) return
    }
    // A run resumed at an epoch's very end finds no batch left, which is no empty data set.
    if (this.#step === before && !this.#resumed) {
      throw new SinterError('SINTER_TRAIN_NO_DATA', 'Trainer: an epoch without a single batch: the data set is empty')
    }
    this.#resumed = false
    this.#epoch++
    if (evaluateEvery === undefined) await this.#evaluate()
    if (checkpointEvery === undefined) await this.#save()
  }

  /** Encodes one step: forward, backward, clipping, update. Returns before it has run. */
  #encode(batch: B): void {
    const { optimizer, scheduler, clipNorm, loss: lossOf, throughput } = this.#options
    const lr = optimizer.paramGroups[0]?.lr ?? 0
    this.#throughput.add(throughput === undefined ? firstDimension(batch) : throughput.of(batch))
    const loss = scope(() => {
      const result = lossOf(batch)
      backward(result)
      if (clipNorm !== undefined)
        clipGradNorm(
          optimizer.paramGroups.flatMap((group) => group.params),
          clipNorm,
        )
      optimizer.step()
      optimizer.zeroGrad()
      return result.detach()
    })
    scheduler?.step()
    this.#step++
    const value = loss.item().finally(() => loss.dispose())
    value.catch(() => {})
    this.#running.push({ step: this.#step, epoch: this.#epoch, lr, loss: value })
  }

  /** Waits until at most `most` steps are running. */
  async #settle(most: number): Promise<void> {
    while (this.#running.length > most) {
      const { step, epoch, lr, loss } = this.#running.shift() as Running
      this.#loss = await loss
      if (!Number.isFinite(this.#loss)) {
        const message = `the loss of step ${step} is ${this.#loss} (learning rate ${lr}): training has diverged`
        throw new SinterError(
          'SINTER_TRAIN_DIVERGED',
          `${message}; lower the learning rate or clip gradients (clipNorm)`,
        )
      }
      this.#options.onStep?.({ step, epoch, loss: this.#loss })
      const { rate, unit, remaining } = this.#throughput.report(step, this.#total)
      this.#progress.update({ step, epoch, loss: this.#loss, lr, rate, unit, remaining })
    }
  }

  async #evaluate(): Promise<void> {
    const { evaluate } = this.#options
    if (evaluate === undefined || this.#evaluated === this.#step) return
    await this.#settle(0)
    this.#evaluated = this.#step
    const metrics = await this.#throughput.pause(() => evaluate({ step: this.#step, epoch: this.#epoch }))
    this.#history.push({ step: this.#step, epoch: this.#epoch, metrics })
    const text = Object.entries(metrics).map(([name, value]) => `${name} ${Number(value.toPrecision(5))}`)
    this.#progress.line(`${this.#options.name ?? 'training'}: after step ${this.#step}: ${text.join('  ')}`)
  }

  async #save(): Promise<void> {
    const { out, model, optimizer, scheduler, data, keep = 2 } = this.#options
    if (out === undefined || this.#saved === this.#step) return
    await this.#settle(0)
    const checkpoint = {
      step: this.#step,
      epoch: this.#epoch,
      model: model.stateDict(),
      optimizer: optimizer.stateDict(),
      scheduler: scheduler?.stateDict(),
      random: defaultGenerator.state,
      loader: data.state?.(),
      history: this.#history,
    }
    this.#checkpoint = await this.#throughput.pause(() => saveCheckpoint(out, checkpoint, keep))
    this.#saved = this.#step
  }

  #interrupt(signal: string): void {
    const { out } = this.#options
    const what = out === undefined ? 'stopping after this step' : `saving a checkpoint in ${out} after this step`
    this.#progress.line(`${signal}: ${what}; once more to quit at once`)
    this.stop()
  }
}

/** Whether a folder holds a checkpoint to resume from. */
export async function hasCheckpoint(out: string): Promise<boolean> {
  return (await listCheckpoints(out)).length > 0
}

function firstDimension(batch: unknown): number {
  if (batch instanceof Tensor) return batch.shape[0] ?? 1
  if (typeof batch !== 'object' || batch === null) return 1
  const first: unknown = Object.values(batch)[0]
  return first === undefined ? 1 : firstDimension(first)
}
