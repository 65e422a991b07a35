// Encodes steps and reads their numbers. Place in the whole: between the Trainer, which knows when to evaluate, save and end, and
// optimizers.ts, which knows how gradients become updates. Three ways lead through a step:
//
// - ahead: while step n runs on the executor, step n + 1 is encoded; step n + 2 waits for the loss of step n. So memory stays bounded and
//   the event loop free. A guard judges a step when its numbers arrive, which is after its update; one that skips has the device leave
//   out updates whose gradients are not finite, and only learns of them then.
// - checked, with a guard and one plain optimizer: the update is encoded when the step's numbers are known and good. This costs the
//   overlap of a step's end with the next one's beginning.
// - by closure, where the optimizer (LBFGS, SAM) computes the loss itself.
import { backward } from '../autograd/backward.js'
import { disposeBatch } from '../data/loader.js'
import { scope } from '../engine/lifetime.js'
import { SinterError } from '../errors.js'
import { defaultGenerator } from '../ops/random.js'
import type { Tensor } from '../tensor/tensor.js'
import type { StepReport } from './callback.js'
import { ConfigError } from './config.js'
import { diagnose } from './diagnose.js'
import { Guard, type GuardEvent, type Verdict } from './guard.js'
import { checkGuard, takes } from './guard-options.js'
import { lossOf, measure } from './measure.js'
import { firstDimension, numbersOf, WeightedMean } from './measurements.js'
import type { Optimizers } from './optimizers.js'
import type { TrainerOptions } from './options.js'
import { Trial } from './trial.js'

type Numbers = Readonly<Record<string, number>>

/** A batch that was encoded. */
interface Running {
  readonly epoch: number
  readonly lr: number
  readonly weight: number
  readonly values: Promise<Numbers>
  /** Norms of gradients, of the updates that the batch led to. */
  norms: Promise<Numbers> | undefined
  readonly samples: readonly number[] | undefined
  /** The step that ends with this batch. */
  step: number | undefined
  /** The guard has judged the step already. */
  judged: boolean
  skipped: boolean
}

/** Batches encoded and not yet finished when another is encoded. */
const RUN_AHEAD = 1
/** Samples that are named. */
const MOST_NAMED = 16

/** Thrown through an epoch when a guard wants the run to go back. */
export class Rollback {
  readonly event: GuardEvent
  constructor(event: GuardEvent) {
    this.event = event
  }
}

export interface StepListener {
  /** A step has finished: its numbers are known. */
  finished(report: StepReport): Promise<void>
  guarded(event: GuardEvent): Promise<void>
}

export class Steps<B> {
  readonly #options: TrainerOptions<B>
  readonly #optimizers: Optimizers
  readonly #listener: StepListener
  readonly #way: 'ahead' | 'checked' | 'closure'
  readonly guard: Guard | undefined
  readonly #running: Running[] = []
  /** Batches of the step being encoded, its items, and the first one's. */
  #batches = 0
  #items = 0
  #firstItems = 0
  readonly #mean = new WeightedMean()
  #norms: Record<string, number> = {}
  #samples: number[] = []
  /** Updates whose gradients are not finite are left out by the device. */
  readonly #skips: boolean
  /** What of the step can be taken back. */
  readonly #trial: Trial<B, Running>
  /** Steps encoded, those of resumed runs included; epochs finished. */
  step: number = 0
  epoch: number = 0
  /** Loss of the last step that has finished. */
  loss: number = Number.NaN

  /** @throws ConfigError for a guard that the optimizers cannot serve */
  constructor(options: TrainerOptions<B>, optimizers: Optimizers, listener: StepListener) {
    this.#options = options
    this.#optimizers = optimizers
    this.#listener = listener
    const { guard, out, accumulate = 1 } = options
    const several = optimizers.byName.size > 1
    this.guard = guard === undefined ? undefined : new Guard(guard)
    this.#way = optimizers.closure !== undefined ? 'closure' : guard === undefined || several ? 'ahead' : 'checked'
    if (this.#way === 'closure' && accumulate > 1)
      throw new ConfigError(
        'Trainer',
        'accumulate',
        'an optimizer that computes the loss itself takes one batch a step',
      )
    const skips = guard !== undefined && takes('skip', guard)
    this.#skips = skips && this.#way === 'ahead'
    this.#trial = new Trial(options.model, skips)
    if (guard !== undefined) checkGuard(guard, { several, way: this.#way, scaled: optimizers.scaled, out })
  }

  /** Whether batches of an unfinished step have been encoded. */
  get unfinished(): boolean {
    return this.#batches > 0
  }

  /** Encodes a batch, which is freed; returns the items of the step that it completes, undefined where it completes none. */
  async add(batch: B): Promise<number | undefined> {
    await this.settle(RUN_AHEAD)
    const { accumulate = 1, throughput, data } = this.#options
    const items = throughput === undefined ? firstDimension(batch) : throughput.of(batch)
    if (this.#batches === 0) this.#firstItems = items
    const weight = accumulate === 1 || this.#firstItems === 0 ? 1 : items / this.#firstItems
    this.#batches++
    this.#items += items
    const complete = this.#batches === accumulate
    const samples = this.guard === undefined ? undefined : data.samplesOf?.(batch)
    const entry = {
      epoch: this.epoch,
      lr: this.#optimizers.lr,
      weight,
      samples:
        samples === undefined ? undefined : Array.from({ length: samples.length }, (_, i) => samples[i] as number),
      step: undefined,
      judged: false,
      skipped: false,
    }
    if (this.#way === 'closure') await this.#byClosure(batch, entry)
    else this.#encode(batch, entry, complete)
    return complete ? await this.#endStep() : undefined
  }

  /** Ends an epoch's last step, of fewer batches than others. Returns its items. */
  async flush(): Promise<number> {
    if (this.#way === 'ahead') {
      const norms = scope(() => {
        const norms = this.#optimizers.flush({ norms: this.guard !== undefined, skip: this.#skips })
        this.#trial.settle(Object.values(norms))
        return norms
      })
      const last = this.#running.at(-1) as Running
      if (Object.keys(norms).length > 0) last.norms = reading(norms)
    }
    return await this.#endStep()
  }

  /** Waits until at most `most` batches are running. */
  async settle(most = 0): Promise<void> {
    while (this.#running.length > most) {
      const running = this.#running.shift() as Running
      this.#mean.add(await running.values, running.weight)
      Object.assign(this.#norms, await running.norms)
      for (const sample of running.samples ?? []) this.#samples.push(sample)
      if (running.step !== undefined) await this.#stepFinished({ ...running, step: running.step })
    }
  }

  /** Forgets what is running. */
  async clear(): Promise<void> {
    await Promise.allSettled(this.#running.flatMap(({ values, norms }) => [values, norms]))
    this.#running.length = 0
    this.#mean.take()
    this.#norms = {}
    this.#samples = []
    this.#optimizers.discard()
    this.#trial.end()
    this.#batches = 0
    this.#items = 0
  }

  #encode(batch: B, entry: Omit<Running, 'values' | 'norms'>, complete: boolean): void {
    const [step, epoch, checked] = [this.step, this.epoch, this.#way === 'checked']
    if (this.#batches === 1) this.#trial.begin()
    const random = defaultGenerator.state
    let updates = 0
    const [values, norms] = scope(() => {
      const norms: Record<string, Tensor> = {}
      const update = (loss: Tensor, optimizer?: string) => {
        if (checked && ++updates > 1)
          throw new ConfigError(
            'Trainer',
            'guard',
            'a guarded step of one optimizer makes one update: `step` called it twice',
          )
        const weighted = () => this.#optimizers.update(loss, optimizer, entry.weight, false)
        if (checked || !complete) weighted()
        else if (this.guard === undefined) this.#optimizers.update(loss, optimizer, entry.weight, true)
        else {
          weighted()
          Object.assign(norms, this.#optimizers.flush({ only: { optimizer }, norms: true, skip: this.#skips, loss }))
        }
      }
      const values = measure(this.#options, batch, { step, epoch, update })
      if (!checked && complete) this.#trial.settle(Object.values(norms))
      return [values, norms]
    })
    const running = this.#push(entry, values, norms)
    if (checked) this.#trial.hold({ batch, random, running })
    else disposeBatch(batch)
  }

  /** The optimizer computes the loss, often more than once: the numbers of the first time are reported. */
  async #byClosure(batch: B, entry: Omit<Running, 'values' | 'norms'>): Promise<void> {
    const [step, epoch] = [this.step, this.epoch]
    let first: Readonly<Record<string, Tensor | number>> | undefined
    let norms: Record<string, Tensor> = {}
    const evaluate = () => {
      const [loss, values, found] = scope(() => {
        let total: Tensor | undefined
        const update = (loss: Tensor) => {
          if (total !== undefined)
            throw new ConfigError('Trainer', 'step', 'with LBFGS or SAM it calls `update` once: it did twice')
          backward(loss)
          total = loss.detach()
        }
        const values = measure(this.#options, batch, { step, epoch, update })
        if (total === undefined)
          throw new ConfigError('Trainer', 'step', 'with LBFGS or SAM it calls `update` once: it did not')
        if (first !== undefined) return [total] as const
        return [total, values, this.guard === undefined ? {} : this.#optimizers.gradientNorms()] as const
      })
      if (values !== undefined) {
        first = values
        norms = found ?? {}
      }
      return loss
    }
    await this.#optimizers.stepByClosure(evaluate)
    disposeBatch(batch)
    this.#push(entry, first ?? {}, norms)
  }

  #push(
    entry: Omit<Running, 'values' | 'norms'>,
    values: Readonly<Record<string, Tensor | number>>,
    norms: Readonly<Record<string, Tensor>>,
  ): Running {
    const none = Object.keys(norms).length === 0
    const running = { ...entry, values: reading(values), norms: none ? undefined : reading(norms) }
    this.#running.push(running)
    return running
  }

  async #endStep(): Promise<number> {
    const last = this.#running.at(-1) as Running
    if (this.#way === 'checked') await this.#check(last)
    last.step = ++this.step
    const items = this.#items
    this.#batches = 0
    this.#items = 0
    return items
  }

  /** Waits for the step's numbers, and updates if they are good. */
  async #check(last: Running): Promise<void> {
    last.norms = reading(scope(() => this.#optimizers.gradientNorms()))
    // Reports of steps before this one come first.
    while (this.#running[0]?.step !== undefined) await this.settle(this.#running.length - 1)
    const batches = this.#trial.held.map(({ running }) => running)
    const mean = new WeightedMean()
    for (const { values, weight } of batches) mean.add(await values, weight)
    const judged = { loss: lossOf(mean.take()), norms: (await last.norms) ?? {} }
    last.judged = true
    const verdict = (this.guard as Guard).judge(judged)
    if (verdict === undefined) scope(() => this.#optimizers.flush())
    else {
      const samples = batches.flatMap(({ samples = [] }) => samples)
      await this.#guarded(verdict, this.#event(verdict, this.step + 1, this.epoch, judged, samples))
      last.skipped = true
      this.#optimizers.discard()
      this.#trial.undo()
    }
    this.#trial.end()
  }

  async #stepFinished(running: Running & { readonly step: number }): Promise<void> {
    const { step, epoch, lr } = running
    let { skipped } = running
    const metrics = this.#mean.take()
    const samples = this.#samples.splice(0)
    const norms = this.#norms
    this.#norms = {}
    const loss = lossOf(metrics)
    this.loss = loss
    if (this.guard === undefined) {
      if (!Number.isFinite(loss)) throw diverged(`the loss of step ${step} is ${loss} (learning rate ${lr})`)
    } else if (!running.judged) {
      const verdict = this.guard.judge({ loss, norms })
      if (verdict !== undefined) {
        await this.#guarded(verdict, this.#event(verdict, step, epoch, { loss, norms }, samples))
        skipped = true
      }
    }
    const report = { step, epoch, loss, lr, metrics: { ...metrics, ...norms } }
    await this.#listener.finished(skipped ? { ...report, skipped } : report)
  }

  #event(
    { action, reason }: Verdict,
    step: number,
    epoch: number,
    { loss, norms }: { loss: number; norms: Numbers },
    samples: readonly number[],
  ): GuardEvent {
    const { gradNorm } = norms
    return {
      action,
      step,
      epoch,
      reason,
      loss,
      ...(gradNorm === undefined ? {} : { gradNorm }),
      ...(samples.length === 0 ? {} : { samples }),
    }
  }

  /** Tells of a verdict; only a skip returns. */
  async #guarded({ action }: Verdict, event: GuardEvent): Promise<void> {
    if (action === 'rollback') throw new Rollback(event)
    await this.#listener.guarded(event)
    if (action === 'skip') return
    const { step, epoch, reason, samples = [] } = event
    const named = samples.slice(0, MOST_NAMED).join(', ')
    const rest = samples.length > MOST_NAMED ? ` and ${samples.length - MOST_NAMED} more` : ''
    const where = `step ${step} (epoch ${epoch}${named === '' ? '' : `, samples ${named}${rest}`})`
    const context = { step: this.step, epoch: this.epoch }
    const { held } = this.#trial
    const why = held.length === 0 ? '' : `; ${await diagnose(this.#options, held, context)}`
    throw diverged(`${where}: ${reason}${why}`)
  }
}

/** Numbers on their way, whose failure is met where they are waited for. */
function reading(from: Readonly<Record<string, Tensor | number>>): Promise<Numbers> {
  const numbers = numbersOf(from)
  numbers.catch(() => {})
  return numbers
}

const diverged = (what: string): SinterError =>
  new SinterError(
    'SINTER_TRAIN_DIVERGED',
    `${what}: training has diverged; lower the learning rate or clip gradients (clipNorm)`,
  )
