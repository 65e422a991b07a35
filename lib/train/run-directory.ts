// What a run leaves behind for people and programs. Place in the whole: a Callback of the Trainer; executeRun adds one.
//
//   <folder>/run.json       name, configuration, seed, and a session for each start: environment, git revision, step
//            metrics.jsonl  a line a step, an evaluation and a record of statistics
//            events.jsonl   a line for each step that a guard left out, each rollback and each stop
//            summary.json   the last and best figures, when the run has ended, and why it failed if it did
//            curves-*.svg   a chart for each figure

import { writeSync } from 'node:fs'
import { appendFile, type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { whole } from '../check.js'
import { ValueError } from '../errors.js'
import { writeFileAtomic } from '../io/atomic.js'
import type { Callback, FitContext, FitResult, Json, StepReport } from './callback.js'
import { lineChart, type Series, smoothed, thinned } from './chart.js'
import type { HistoryEntry } from './checkpoint.js'
import { environment, gitState } from './environment.js'
import type { GuardEvent } from './guard.js'
import type { Histogram, RunRecord } from './record.js'

const [RUN, METRICS, EVENTS, SUMMARY] = ['run.json', 'metrics.jsonl', 'events.jsonl', 'summary.json']
const POINTS = 1000
const SMOOTHING = 0.9
const PREVIOUS = 'previous'

export interface RunDirectoryOptions {
  /** Default: the Trainer's `out`. */
  readonly folder?: string
  readonly title?: string
  /** What the run was configured with. */
  readonly config?: Json
  readonly seed?: number
  /** Steps between lines of metrics.jsonl. Default 1. */
  readonly every?: number
}

/** A line of metrics.jsonl; a figure that is not finite is null. */
export interface MetricsLine {
  readonly split: 'train' | 'validation' | 'statistics'
  readonly step: number
  readonly epoch: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly lr?: number
  readonly metrics: Readonly<Record<string, number | null>>
  /** Of statistics. */
  readonly histograms?: Readonly<Record<string, Histogram>>
}

/**
 * Keeps a run directory. A resumed run goes on in it: lines after the checkpoint's step go, so that no step is there
 * twice. One that begins anew puts the older run's files into `previous`.
 * @throws ValueError when there is no folder
 */
export class RunDirectory implements Callback {
  readonly name = 'run-directory'
  readonly #options: RunDirectoryOptions
  #folder = ''
  #file: FileHandle | undefined
  #pending = ''
  #since = 0
  /** The last step whose evaluation the checkpoint knows of. */
  #evaluated = 0

  constructor(options: RunDirectoryOptions = {}) {
    const { every = 1 } = options
    whole('RunDirectory', { every }, 1)
    this.#options = options
  }

  async onFitStart({ out, step, log }: FitContext): Promise<void> {
    const folder = this.#options.folder ?? out
    if (folder === undefined) throw new ValueError('RunDirectory: no folder given, and the Trainer has no `out`')
    this.#folder = folder
    this.#since = performance.now()
    await mkdir(folder, { recursive: true })
    if (step === 0) await this.#putAside()
    const { title, config, seed } = this.#options
    const session = { started: new Date().toISOString(), step, git: await gitState(), environment: environment() }
    const before = JSON.parse((await this.#read(RUN)) ?? '{"sessions":[]}') as { sessions: Json[] }
    const sessions = [...before.sessions, session]
    await this.#write(RUN, `${JSON.stringify({ title, seed, config, sessions }, null, 1)}\n`)
    await this.#endAt(step)
    if (session.git?.dirty)
      log('the working tree differs from its git revision: this run cannot be repeated from it alone')
  }

  onStep({ step, epoch, lr, metrics }: StepReport): void {
    if (step % (this.#options.every ?? 1) === 0)
      this.#add({ split: 'train', step, epoch, time: Date.now(), lr, metrics })
  }

  onEvaluate({ step, epoch, metrics }: HistoryEntry): void {
    this.#evaluated = step
    this.#add({ split: 'validation', step, epoch, time: Date.now(), metrics })
  }

  onRecord({ step, epoch, scalars = {}, histograms }: RunRecord): void {
    const line = { split: 'statistics' as const, step, epoch, time: Date.now(), metrics: scalars }
    this.#add(histograms === undefined ? line : { ...line, histograms })
  }

  /** After a rollback the lines behind the checkpoint go; what happened stays in events.jsonl. */
  async onGuard(event: GuardEvent): Promise<void> {
    await appendFile(join(this.#folder, EVENTS), `${JSON.stringify({ time: Date.now(), ...event })}\n`, { flush: true })
    if (event.to === undefined) return
    this.#flush()
    await this.#endAt(event.to)
  }

  /** What a checkpoint knows of must be in the file before it: a run may be killed right behind it. */
  stateDict(): Json {
    this.#flush()
    return { evaluated: this.#evaluated }
  }

  loadStateDict(state: Json): void {
    this.#evaluated = (state as { evaluated: number }).evaluated
  }

  async onFitEnd(result: FitResult): Promise<void> {
    // A run that failed before it began has nothing to say.
    if (this.#file === undefined) return
    this.#flush()
    await this.#file.sync()
    await this.#file.close()
    this.#file = undefined
    const lines = await this.#lines()
    await this.#write(SUMMARY, `${JSON.stringify(this.#summary(result, lines), null, 1)}\n`)
    for (const [name, svg] of charts(lines)) await this.#write(`curves-${name}.svg`, svg)
  }

  /** Ends metrics.jsonl with the lines of a step, and goes on from there. */
  async #endAt(step: number): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
    // An evaluation behind the checkpoint, if of the same step, is about to be made again.
    const end = { train: step, statistics: step, validation: this.#evaluated }
    const kept = (await this.#lines()).filter((line) => line.step <= end[line.split])
    await this.#write(METRICS, kept.map((line) => `${JSON.stringify(line)}\n`).join(''))
    this.#file = await open(join(this.#folder, METRICS), 'a')
  }

  #summary(
    { step, epoch, stopped, skipped, rollbacks, finished, error }: FitResult,
    lines: readonly MetricsLine[],
  ): Json {
    const splits: Record<string, Record<string, Json>> = {}
    for (const { split, step, metrics } of curves(lines))
      for (const [name, value] of Object.entries(metrics)) {
        if (value === null) continue
        splits[split] ??= {}
        const known = (splits[split][name] ?? { min: { value, step }, max: { value, step } }) as Extremes
        const min = value < known.min.value ? { value, step } : known.min
        const max = value > known.max.value ? { value, step } : known.max
        splits[split][name] = { last: value, min, max }
      }
    const seconds = (performance.now() - this.#since) / 1000
    const end = {
      ...(finished === undefined ? {} : { finished }),
      ...(error === undefined ? {} : { error: error instanceof Error ? error.message : String(error) }),
    }
    return { steps: step, epochs: epoch, stopped, skipped, rollbacks, ...end, seconds, ...splits }
  }

  #add(line: MetricsLine): void {
    this.#pending += `${JSON.stringify(line)}\n`
    if (this.#pending.length > 1 << 16) this.#flush()
  }

  #flush(): void {
    if (this.#file !== undefined && this.#pending !== '') writeSync(this.#file.fd, this.#pending)
    this.#pending = ''
  }

  async #lines(): Promise<MetricsLine[]> {
    const text = (await this.#read(METRICS)) ?? ''
    // A killed writer may leave a last line without an end.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    return whole.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as MetricsLine]))
  }

  async #read(name: string): Promise<string | undefined> {
    return await readFile(join(this.#folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
  }

  async #write(name: string, text: string): Promise<void> {
    await writeFileAtomic(join(this.#folder, name), async (file) => void (await file.writeFile(text)))
  }

  async #putAside(): Promise<void> {
    for (const name of [RUN, METRICS, EVENTS, SUMMARY]) {
      if ((await this.#read(name)) === undefined) continue
      await mkdir(join(this.#folder, PREVIOUS), { recursive: true })
      await rename(join(this.#folder, name), join(this.#folder, PREVIOUS, name))
    }
  }
}

/** Statistics are many, and left to who looks for them. */
const curves = (lines: readonly MetricsLine[]): MetricsLine[] => lines.filter(({ split }) => split !== 'statistics')

interface Extremes {
  min: { value: number; step: number }
  max: { value: number; step: number }
}

/** A chart a figure, training and validation in one; its axis is logarithmic where values span two powers of ten. */
function charts(lines: readonly MetricsLine[]): Map<string, string> {
  const figures = new Map<string, Map<string, [number, number][]>>()
  for (const { split, step, metrics } of curves(lines))
    for (const [name, value] of Object.entries(metrics)) {
      if (value === null) continue
      const splits = figures.get(name) ?? new Map<string, [number, number][]>()
      figures.set(name, splits)
      const points = splits.get(split) ?? []
      splits.set(split, points)
      points.push([step, value])
    }
  const charts = new Map<string, string>()
  for (const [name, splits] of figures) {
    const train = splits.get('train')
    const validation = splits.get('validation')
    const series: Series[] = []
    if (train !== undefined) {
      series.push({ name: 'train', points: thinned(train, POINTS), pale: true, color: 0 })
      series.push({ name: 'train', points: thinned(smoothed(train, SMOOTHING), POINTS), color: 0 })
    }
    if (validation !== undefined) series.push({ name: 'validation', points: thinned(validation, POINTS), color: 1 })
    let [least, most] = [Number.POSITIVE_INFINITY, 0]
    for (const { points } of series) for (const [, y] of points) [least, most] = [Math.min(least, y), Math.max(most, y)]
    charts.set(name.replace(/[^\w.-]/g, '_'), lineChart(series, { title: name, log: least > 0 && most / least >= 100 }))
  }
  return charts
}
