// The training loop. Place in the whole: puts model, data, optimizer and schedule together and knows what none of them
// does: when to evaluate, save, report and stop. Models and data know nothing of it.
//
// A step is encoded in a scope of its own and its loss is read one step later: while step n runs on the executor, step
// n + 1 is encoded; step n + 2 waits for the loss of step n. So memory stays bounded and the event loop free.

import { disposeBatch } from '../data/loader.js'
import { scope } from '../engine/lifetime.js'
import { SinterError, ValueError } from '../errors.js'
import { autocast } from '../ops/autocast.js'
import { defaultGenerator, type GeneratorState } from '../ops/random.js'
import { Tensor } from '../tensor/tensor.js'
import { Callbacks, type FitResult } from './callback.js'
import { type HistoryEntry, listCheckpoints, loadCheckpoint, saveCheckpoint, setAside, stepOf } from './checkpoint.js'
import { checked } from './config.js'
import { onInterrupt } from './interrupt.js'
import { firstDimension, numbersOf, WeightedMean } from './measurements.js'
import { Optimizers } from './optimizers.js'
import { type StepContext, setupsOf, type TrainerOptions, trainerSchema } from './options.js'
import { openProgress, type Progress } from './progress.js'
import { checkKeepBest, ranked } from './retention.js'
import { Throughput } from './throughput.js'

/** A batch that was encoded. */
interface Running {
  readonly epoch: number
  readonly lr: number
  readonly weight: number
  readonly values: Promise<Readonly<Record<string, number>>>
  /** The step that ends with this batch. */
  step: number | undefined
}

/** Batches encoded and not yet finished when another is encoded. */
const RUN_AHEAD = 1

export class Trainer<B = unknown> {
  readonly #options: TrainerOptions<B>
  readonly #progress: Progress
  readonly #throughput: Throughput
  readonly #optimizers: Optimizers
  readonly #callbacks: Callbacks
  readonly #running: Running[] = []
  /** Batches of the step being encoded, their items, and the first one's. */
  #batches = 0
  #items = 0
  #firstItems = 0
  readonly #mean = new WeightedMean()
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
  /** Why a callback ended the run as complete. */
  #finishedBy: string | undefined

  /** @throws ConfigError naming the option, what was found and what is expected */
  constructor(options: TrainerOptions<B>) {
    checked(trainerSchema, options, 'Trainer')
    this.#options = options
    const { callbacks = [] } = options
    this.#callbacks = new Callbacks(callbacks)
    this.#optimizers = new Optimizers(setupsOf(options), (optimizer) =>
      this.#callbacks.updated({ step: this.#step, epoch: this.#epoch, optimizer }),
    )
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
    const { model, data } = this.#options
    const saved = await loadCheckpoint(path)
    for (const { path, reason } of saved.damaged) this.#progress.line(`${path} is left out: ${reason}`)
    model.loadStateDict(saved.model)
    this.#optimizers.loadStateDict(saved.optimizer)
    this.#optimizers.loadCompanionStates(saved)
    this.#callbacks.loadStateDict(saved.callbacks, saved.callbackTensors)
    if (saved.loader !== undefined) data.loadState?.(saved.loader)
    defaultGenerator.state = saved.random as GeneratorState
    disposeBatch([...saved.model.values(), ...saved.callbackTensors.values(), saved.optimizer.state])
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
    this.#finishedBy = undefined
    if (out !== undefined && !this.#resumed && this.#step === 0 && (await setAside(out))) {
      this.#progress.line(`${out} holds an earlier run's checkpoints: they are kept in ${out}/previous`)
    }
    const release = handleSignals ? onInterrupt((signal) => this.#interrupt(signal)) : undefined
    this.#progress.begin(name, this.#total, this.#step)
    this.#throughput.start(this.#step)
    model.train()
    try {
      await this.#callbacks.call('onFitStart', {
        model,
        optimizers: this.#optimizers.byName,
        step: this.#step,
        epoch: this.#epoch,
        out,
        stop: () => this.stop(),
        finish: (reason) => this.#finish(reason),
        log: (line) => this.#progress.line(line),
      })
      while (!this.#stop && !this.#finished()) await this.#epochOfSteps()
      await this.#settle(0)
      if (!this.#interrupted) await this.#evaluate()
      await this.#save()
      const result = this.#result(await this.#best())
      await this.#callbacks.call('onFitEnd', result)
      return result
    } catch (error) {
      await this.#callbacks.failed({ ...this.#result(undefined), error }, (line) => this.#progress.line(line))
      throw error
    } finally {
      this.#progress.end()
      release?.()
    }
  }

  get #interrupted(): boolean {
    return this.#stop && this.#finishedBy === undefined
  }

  #result(best: string | undefined): FitResult {
    const finished = this.#finishedBy
    return {
      step: this.#step,
      epoch: this.#epoch,
      loss: this.#loss,
      history: this.#history,
      checkpoint: this.#checkpoint,
      best,
      stopped: this.#interrupted,
      ...(finished === undefined ? {} : { finished }),
    }
  }

  #finish(reason: string): void {
    this.#finishedBy ??= reason
    this.#stop = true
    this.#progress.line(`${this.#options.name ?? 'training'}: ends after step ${this.#step}: ${reason}`)
  }

  #finished(): boolean {
    const { epochs, steps } = this.#options
    return steps === undefined ? this.#epoch >= (epochs as number) : this.#step >= steps
  }

  async #epochOfSteps(): Promise<void> {
    const { data, steps } = this.#options
    const before = this.#step
    for await (const batch of data) {
      await this.#settle(RUN_AHEAD)
      this.#encode(batch)
      disposeBatch(batch)
      if (this.#batches > 0) continue
      await this.#stepEncoded()
      if (this.#stop || (steps !== undefined && this.#step >= steps)) return
    }
    const rest = this.#batches > 0
    if (rest) {
      scope(() => this.#optimizers.flush())
      this.#endStep(this.#running.at(-1) as Running)
    }
    // A run resumed at an epoch's very end finds no batch left, which is no empty data set.
    if (this.#step === before && !this.#resumed) {
      throw new SinterError('SINTER_TRAIN_NO_DATA', 'Trainer: an epoch without a single batch: the data set is empty')
    }
    this.#resumed = false
    this.#epoch++
    this.#optimizers.epochEnded()
    if (this.#callbacks.has('onEpochEnd')) {
      await this.#settle(0)
      await this.#callbacks.call('onEpochEnd', { step: this.#step, epoch: this.#epoch })
    }
    if (this.#options.evaluateEvery === undefined) await this.#evaluate()
    // Only now: the data stand at the next epoch already, and a checkpoint must say the same of the Trainer.
    if (rest) await this.#stepEncoded()
    if (this.#options.checkpointEvery === undefined) await this.#save()
  }

  async #stepEncoded(): Promise<void> {
    const { evaluateEvery, checkpointEvery } = this.#options
    if (this.#stop) return
    if (evaluateEvery !== undefined && this.#step % evaluateEvery === 0) await this.#evaluate()
    if (checkpointEvery !== undefined && this.#step % checkpointEvery === 0) await this.#save()
  }

  /** Encodes a batch: forward, backward, and what ends a step. Returns before it has run. */
  #encode(batch: B): void {
    const { accumulate = 1, throughput } = this.#options
    const items = throughput === undefined ? firstDimension(batch) : throughput.of(batch)
    if (this.#batches === 0) this.#firstItems = items
    const weight = accumulate === 1 || this.#firstItems === 0 ? 1 : items / this.#firstItems
    const complete = this.#batches + 1 === accumulate
    const [step, epoch, lr] = [this.#step, this.#epoch, this.#optimizers.lr]
    const values = scope(() => {
      const update = (loss: Tensor, optimizer?: string) => this.#optimizers.update(loss, optimizer, weight, complete)
      return this.#measure(batch, { step, epoch, update })
    })
    const read = numbersOf(values)
    read.catch(() => {})
    const running = { epoch, lr, weight, values: read, step: undefined }
    this.#running.push(running)
    this.#batches++
    this.#items += items
    if (complete) this.#endStep(running)
  }

  #measure(batch: B, context: StepContext): Readonly<Record<string, Tensor | number>> {
    const { loss: lossOf, step, autocast: cast } = this.#options
    const cheaply = <T>(fn: () => T): T =>
      cast === undefined ? fn() : autocast(typeof cast === 'string' ? { dtype: cast } : cast, fn)
    let values: Readonly<Record<string, Tensor | number>>
    if (lossOf !== undefined) {
      const loss = cheaply(() => lossOf(batch))
      context.update(loss)
      values = { loss }
    } else {
      // Backward computes in the dtypes of the forward pass; what else an update does is not to be cast.
      const update: StepContext['update'] = (...given) => autocast({ enabled: false }, () => context.update(...given))
      values = cheaply(() =>
        (step as NonNullable<typeof step>)(batch, cast === undefined ? context : { ...context, update }),
      )
    }
    const entries = Object.entries(values)
    if (entries.length === 0)
      throw new ValueError('Trainer: `step` returned nothing to report: expected at least a loss')
    return Object.fromEntries(entries.map(([name, value]) => [name, value instanceof Tensor ? value.detach() : value]))
  }

  #endStep(last: Running): void {
    last.step = ++this.#step
    this.#throughput.add(this.#items)
    this.#batches = 0
    this.#items = 0
  }

  /** Waits until at most `most` batches are running. */
  async #settle(most: number): Promise<void> {
    while (this.#running.length > most) {
      const { step, epoch, lr, weight, values } = this.#running.shift() as Running
      this.#mean.add(await values, weight)
      if (step !== undefined) await this.#stepFinished(step, epoch, lr)
    }
  }

  async #stepFinished(step: number, epoch: number, lr: number): Promise<void> {
    const metrics = this.#mean.take()
    const loss = metrics['loss'] ?? (Object.values(metrics)[0] as number)
    this.#loss = loss
    if (!Number.isFinite(loss)) {
      const message = `the loss of step ${step} is ${loss} (learning rate ${lr}): training has diverged`
      throw new SinterError('SINTER_TRAIN_DIVERGED', `${message}; lower the learning rate or clip gradients (clipNorm)`)
    }
    const report = { step, epoch, loss, lr, metrics }
    this.#options.onStep?.(report)
    await this.#callbacks.call('onStep', report)
    const { rate, unit, remaining } = this.#throughput.report(step, this.#total)
    this.#progress.update({ step, epoch, loss, lr, rate, unit, remaining })
  }

  async #evaluate(): Promise<void> {
    const { evaluate } = this.#options
    if (evaluate === undefined || this.#evaluated === this.#step) return
    await this.#settle(0)
    this.#evaluated = this.#step
    const metrics = await this.#throughput.pause(() => evaluate({ step: this.#step, epoch: this.#epoch }))
    const entry = { step: this.#step, epoch: this.#epoch, metrics }
    checkKeepBest(this.#options.keepBest, metrics)
    this.#history.push(entry)
    this.#optimizers.evaluated(metrics)
    const text = Object.entries(metrics).map(([name, value]) => `${name} ${Number(value.toPrecision(5))}`)
    this.#progress.line(`${this.#options.name ?? 'training'}: after step ${this.#step}: ${text.join('  ')}`)
    await this.#callbacks.call('onEvaluate', entry)
  }

  async #save(): Promise<void> {
    const { out, model, data, keep = 2, keepBest } = this.#options
    if (out === undefined || this.#saved === this.#step) return
    await this.#settle(0)
    const checkpoint = {
      step: this.#step,
      epoch: this.#epoch,
      model: model.stateDict(),
      optimizer: this.#optimizers.stateDict(),
      ...this.#optimizers.companionStates(),
      callbacks: this.#callbacks.stateDict(),
      callbackTensors: this.#callbacks.stateTensors(),
      random: defaultGenerator.state,
      loader: data.state?.(),
      history: this.#history,
    }
    const path = await this.#throughput.pause(() => saveCheckpoint(out, checkpoint, keep, keepBest))
    this.#checkpoint = path
    this.#saved = this.#step
    await this.#callbacks.call('onCheckpoint', { step: this.#step, epoch: this.#epoch, path })
  }

  async #best(): Promise<string | undefined> {
    const { out, keepBest } = this.#options
    if (out === undefined || keepBest === undefined) return undefined
    const folders = await listCheckpoints(out)
    const [first] = ranked(folders.map(stepOf), this.#history, keepBest)
    return folders.find((folder) => stepOf(folder) === first)
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
