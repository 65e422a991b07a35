// The training loop. Place in the whole: puts model, data, optimizer and schedule together and knows what none of them
// does: when to evaluate, save, go back, report and stop. Models and data know nothing of it. How a step is made is in steps.ts.
import { disposeBatch } from '../data/loader.js'
import { SinterError } from '../errors.js'
import { defaultGenerator, type GeneratorState } from '../ops/random.js'
import { Callbacks, type FitResult, type StepReport } from './callback.js'
import { type HistoryEntry, type LoadedCheckpoint, listCheckpoints, loadCheckpoint, setAside } from './checkpoint.js'
import { CheckpointKeeper } from './checkpoint-keeper.js'
import { checked } from './config.js'
import type { GuardEvent } from './guard.js'
import { takes } from './guard-options.js'
import { onInterrupt } from './interrupt.js'
import { Optimizers } from './optimizers.js'
import { setupsOf, type TrainerOptions, trainerSchema } from './options.js'
import { openProgress, type Progress } from './progress.js'
import { checkKeepBest } from './retention.js'
import { Rollback, Steps } from './steps.js'
import { Throughput } from './throughput.js'

export class Trainer<B = unknown> {
  readonly #options: TrainerOptions<B>
  readonly #progress: Progress
  readonly #throughput: Throughput
  readonly #optimizers: Optimizers
  readonly #callbacks: Callbacks
  readonly #steps: Steps<B>
  /** An epoch of the data that is under way. */
  #epochData: AsyncIterator<B> | undefined
  #total: number | undefined
  #history: HistoryEntry[] = []
  #evaluated = -1
  readonly #checkpoints: CheckpointKeeper
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
    const at = (optimizer: string) => ({ step: this.#steps.step, epoch: this.#steps.epoch, optimizer })
    this.#optimizers = new Optimizers(setupsOf(options), {
      before: (optimizer) => this.#callbacks.beforeUpdate(at(optimizer)),
      after: (optimizer) => this.#callbacks.updated(at(optimizer)),
    })
    this.#steps = new Steps(options, this.#optimizers, {
      finished: (report) => this.#stepFinished(report),
      guarded: (event) => this.#guarded(event),
    })
    this.#checkpoints = new CheckpointKeeper(options, (at) => this.#callbacks.call('onCheckpoint', at))
    this.#progress = options.progress ?? openProgress()
    this.#throughput = new Throughput(options.throughput?.unit ?? 'samples')
  }

  /** Optimizer steps taken, those of resumed runs included. */
  get step(): number {
    return this.#steps.step
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
    const saved = await this.#load(path)
    const { data } = this.#options
    if (saved.loader !== undefined) data.loadState?.(saved.loader)
    defaultGenerator.state = saved.random as GeneratorState
    this.#steps.epoch = saved.epoch
    const { guard } = this.#steps
    if (guard !== undefined && saved.guard !== undefined) {
      guard.loadStateDict(saved.guard)
      this.#optimizers.rateScale = guard.rateScale
    }
    this.#resumed = true
    this.#progress.line(`continuing after step ${saved.step}, from ${saved.path}`)
  }

  /** Trains to the end, or until `stop()` or a signal. */
  async fit(): Promise<FitResult> {
    const { epochs, steps, data, name = 'training', out, handleSignals, model, guard } = this.#options
    const perEpoch = await data.batchCount?.()
    this.#total = steps ?? (perEpoch === undefined ? undefined : (epochs as number) * perEpoch)
    this.#stop = false
    this.#finishedBy = undefined
    if (out !== undefined && !this.#resumed && this.step === 0 && (await setAside(out))) {
      this.#progress.line(`${out} holds an earlier run's checkpoints: they are kept in ${out}/previous`)
    }
    const release = handleSignals ? onInterrupt((signal) => this.#interrupt(signal)) : undefined
    this.#progress.begin(name, this.#total, this.step)
    this.#throughput.start(this.step)
    model.train()
    try {
      await this.#callbacks.call('onFitStart', {
        model,
        optimizers: this.#optimizers.byName,
        step: this.step,
        epoch: this.#steps.epoch,
        out,
        stop: () => this.stop(),
        finish: (reason) => this.#finish(reason),
        log: (line) => this.#progress.line(line),
        record: (record) => this.#callbacks.call('onRecord', record),
      })
      // The place that a rollback goes back to, before there is another.
      if (guard !== undefined && takes('rollback', guard)) await this.#save()
      while (!(await this.#through())) {
        // Gone back to a checkpoint: again.
      }
      const result = this.#result(await this.#checkpoints.best(this.#history))
      await this.#callbacks.call('onFitEnd', result)
      return result
    } catch (error) {
      await this.#callbacks.failed({ ...this.#result(undefined), error }, (line) => this.#progress.line(line))
      throw error
    } finally {
      // Of a run that failed: nothing is written behind its back.
      await this.#checkpoints.close((line) => this.#progress.line(line))
      await this.#closeEpoch()
      this.#progress.end()
      release?.()
    }
  }

  /** Trains to the end. Returns false when a guard took the run back. */
  async #through(): Promise<boolean> {
    try {
      while (!this.#stop && !this.#finished()) await this.#epochOfSteps()
      await this.#steps.settle()
      if (!this.#interrupted) await this.#evaluate()
      await this.#save()
      await this.#checkpoints.written()
      return true
    } catch (reason) {
      if (!(reason instanceof Rollback)) throw reason
      await this.#goBack(reason.event)
      return false
    }
  }

  get #interrupted(): boolean {
    return this.#stop && this.#finishedBy === undefined
  }

  #result(best: string | undefined): FitResult {
    const finished = this.#finishedBy
    return {
      step: this.step,
      epoch: this.#steps.epoch,
      loss: this.#steps.loss,
      history: this.#history,
      checkpoint: this.#checkpoints.newest,
      best,
      stopped: this.#interrupted,
      skipped: this.#steps.guard?.skipped ?? 0,
      rollbacks: this.#steps.guard?.rollbacks ?? 0,
      ...(finished === undefined ? {} : { finished }),
    }
  }

  #finish(reason: string): void {
    this.#finishedBy ??= reason
    this.#stop = true
    this.#progress.line(`${this.#options.name ?? 'training'}: ends after step ${this.step}: ${reason}`)
  }

  #finished(): boolean {
    const { epochs, steps } = this.#options
    return steps === undefined ? this.#steps.epoch >= (epochs as number) : this.step >= steps
  }

  /** Goes through an epoch's batches, or through what is left of one after a rollback, which does not touch the data's place. */
  async #epochOfSteps(): Promise<void> {
    const { data, steps } = this.#options
    // What is left of an epoch may be nothing.
    let empty = this.#epochData === undefined && (data.state?.().batch ?? 0) === 0
    this.#epochData ??= data[Symbol.asyncIterator]()
    for (;;) {
      const next = await this.#epochData.next()
      if (next.done) break
      empty = false
      const items = await this.#steps.add(next.value)
      if (items === undefined) continue
      this.#throughput.add(items)
      await this.#stepEncoded()
      if (!this.#stop && (steps === undefined || this.step < steps)) continue
      await this.#closeEpoch()
      return
    }
    this.#epochData = undefined
    const rest = this.#steps.unfinished
    if (rest) this.#throughput.add(await this.#steps.flush())
    // A run resumed at an epoch's very end finds no batch left, which is no empty data set.
    if (empty && !this.#resumed) {
      throw new SinterError('SINTER_TRAIN_NO_DATA', 'Trainer: an epoch without a single batch: the data set is empty')
    }
    this.#resumed = false
    this.#steps.epoch++
    this.#optimizers.epochEnded()
    if (this.#callbacks.has('onEpochEnd')) {
      await this.#steps.settle()
      await this.#callbacks.call('onEpochEnd', { step: this.step, epoch: this.#steps.epoch })
    }
    if (this.#options.evaluateEvery === undefined) await this.#evaluate()
    // Only now: the data stand at the next epoch already, and a checkpoint must say the same of the Trainer.
    if (rest) await this.#stepEncoded()
    if (this.#options.checkpointEvery === undefined) await this.#save()
  }

  async #closeEpoch(): Promise<void> {
    const data = this.#epochData
    this.#epochData = undefined
    await data?.return?.()
  }

  async #stepEncoded(): Promise<void> {
    const { evaluateEvery, checkpointEvery } = this.#options
    if (this.#stop) return
    if (evaluateEvery !== undefined && this.step % evaluateEvery === 0) await this.#evaluate()
    if (checkpointEvery !== undefined && this.step % checkpointEvery === 0) await this.#save()
  }

  async #stepFinished(report: StepReport): Promise<void> {
    if (!this.#checkpoints.busy) await this.#checkpoints.written()
    this.#options.onStep?.(report)
    await this.#callbacks.call('onStep', report)
    const { step, epoch, loss, lr } = report
    const { rate, unit, remaining } = this.#throughput.report(step, this.#total)
    this.#progress.update({ step, epoch, loss, lr, rate, unit, remaining })
  }

  async #guarded(event: GuardEvent): Promise<void> {
    const { action, step, reason, to } = event
    const done = { skip: 'the update is left out', rollback: `back to step ${to}`, stop: 'the run ends' }[action]
    this.#progress.line(`${this.#options.name ?? 'training'}: step ${step}: ${reason}: ${done}`)
    await this.#callbacks.call('onGuard', event)
  }

  /** Back to the newest checkpoint, but for the data, which go on, and random numbers. */
  async #goBack(event: GuardEvent): Promise<void> {
    await this.#steps.clear()
    await this.#checkpoints.written()
    const saved = await this.#load(this.#checkpoints.newest as string)
    const { guard } = this.#steps
    guard?.wentBack(saved.guard)
    this.#optimizers.rateScale = guard?.rateScale ?? 1
    this.#throughput.start(saved.step)
    await this.#guarded({ ...event, to: saved.step })
  }

  /** Takes over what a checkpoint says of model, optimizers, callbacks and evaluations. */
  async #load(path: string): Promise<LoadedCheckpoint> {
    const saved = await loadCheckpoint(path)
    for (const { path, reason } of saved.damaged) this.#progress.line(`${path} is left out: ${reason}`)
    this.#options.model.loadStateDict(saved.model)
    this.#optimizers.loadStateDict(saved.optimizer)
    this.#optimizers.loadCompanionStates(saved)
    this.#callbacks.loadStateDict(saved.callbacks, saved.callbackTensors)
    disposeBatch([...saved.model.values(), ...saved.callbackTensors.values(), saved.optimizer.state])
    this.#steps.step = saved.step
    this.#history = [...saved.history]
    this.#checkpoints.loaded(saved)
    this.#evaluated = saved.history.at(-1)?.step ?? -1
    return saved
  }

  async #evaluate(): Promise<void> {
    const { evaluate } = this.#options
    if (evaluate === undefined || this.#evaluated === this.step) return
    await this.#steps.settle()
    this.#evaluated = this.step
    const metrics = await this.#throughput.pause(() => evaluate({ step: this.step, epoch: this.#steps.epoch }))
    const entry = { step: this.step, epoch: this.#steps.epoch, metrics }
    checkKeepBest(this.#options.keepBest, metrics)
    this.#history.push(entry)
    this.#optimizers.evaluated(metrics)
    const text = Object.entries(metrics).map(([name, value]) => `${name} ${Number(value.toPrecision(5))}`)
    this.#progress.line(`${this.#options.name ?? 'training'}: after step ${this.step}: ${text.join('  ')}`)
    await this.#callbacks.call('onEvaluate', entry)
  }

  async #save(): Promise<void> {
    if (!this.#checkpoints.wants(this.step)) return
    await this.#steps.settle()
    const { model, data } = this.#options
    await this.#throughput.pause(() =>
      this.#checkpoints.save(() => ({
        step: this.step,
        epoch: this.#steps.epoch,
        model: model.stateDict(),
        optimizer: this.#optimizers.stateDict(),
        ...this.#optimizers.companionStates(),
        callbacks: this.#callbacks.stateDict(),
        callbackTensors: this.#callbacks.stateTensors(),
        guard: this.#steps.guard?.stateDict(),
        random: defaultGenerator.state,
        loader: data.state?.(),
        history: this.#history,
      })),
    )
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
