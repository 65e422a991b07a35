// What a person sees of a training run. Place in the whole: the Trainer reports here; a bar on a terminal, plain lines
// anywhere else (a log file, a CI job, a pipe).
import { MultiBar, type SingleBar } from 'cli-progress'

export interface ProgressReport {
  readonly step: number
  readonly epoch: number
  readonly loss: number
  readonly lr: number
  /** Units (say samples) a second, and their name. */
  readonly rate: number
  readonly unit: string
  /** Seconds left, where the end is known. */
  readonly remaining: number | undefined
}

export interface Progress {
  /** `total` steps (undefined: no end known), of which `done` are behind. */
  begin(name: string, total: number | undefined, done: number): void
  update(report: ProgressReport): void
  /** A line that stays, such as an evaluation. */
  line(text: string): void
  end(): void
}

export interface ProgressStream {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** A bar where `stream` is a terminal, else plain lines. */
export function openProgress(stream: NodeJS.WriteStream = process.stdout): Progress {
  return stream.isTTY ? new Bar(stream) : new Lines(stream)
}

/** Says nothing. */
export const silentProgress: Progress = { begin() {}, update() {}, line() {}, end() {} }

class Bar implements Progress {
  readonly #stream: NodeJS.WriteStream
  #name = ''
  #bars: MultiBar | undefined
  #bar: SingleBar | undefined

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
  }

  begin(name: string, total: number | undefined, done: number): void {
    this.#name = name
    const format =
      total === undefined
        ? '{name}  step {value}  {details}'
        : '{name} [{bar}] {percentage}%  step {value}/{total}  {details}'
    const options = { stream: this.#stream, format, hideCursor: true, barsize: 24, clearOnComplete: false, fps: 8 }
    this.#bars = new MultiBar({ ...options, barCompleteChar: '=', barIncompleteChar: ' ', gracefulExit: false })
    this.#bar = this.#bars.create(total ?? Number.MAX_SAFE_INTEGER, done, { name, details: '' })
  }

  update(report: ProgressReport): void {
    this.#bar?.update(report.step, { name: this.#name, details: details(report) })
  }

  line(text: string): void {
    if (this.#bars === undefined) this.#stream.write(`${text}\n`)
    else this.#bars.log(`${text}\n`)
  }

  end(): void {
    this.#bars?.stop()
    this.#bars = undefined
    this.#bar = undefined
  }
}

const LINE_EVERY_MS = 10_000

/** At most one line every few seconds, and the last step's. */
export class Lines implements Progress {
  readonly #stream: ProgressStream
  #name = ''
  #total: number | undefined
  #last = 0
  #pending: ProgressReport | undefined

  constructor(stream: ProgressStream) {
    this.#stream = stream
  }

  begin(name: string, total: number | undefined): void {
    this.#name = name
    this.#total = total
    this.#last = performance.now()
  }

  update(report: ProgressReport): void {
    this.#pending = report
    if (performance.now() - this.#last >= LINE_EVERY_MS) this.#write()
  }

  line(text: string): void {
    this.#write()
    this.#stream.write(`${text}\n`)
  }

  end(): void {
    this.#write()
  }

  #write(): void {
    const report = this.#pending
    if (report === undefined) return
    this.#pending = undefined
    this.#last = performance.now()
    const share =
      this.#total === undefined ? '' : `/${this.#total} (${Math.floor((100 * report.step) / this.#total)} %)`
    this.#stream.write(`${this.#name}: step ${report.step}${share}  ${details(report)}\n`)
  }
}

function details({ epoch, loss, lr, rate, unit, remaining }: ProgressReport): string {
  const left = remaining === undefined ? '' : `  ${duration(remaining)} left`
  return `epoch ${epoch + 1}  loss ${loss.toFixed(4)}  lr ${lr.toPrecision(3)}  ${count(rate)} ${unit}/s${left}`
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US')

/** 7 s, 3 min 05 s, 2 h 10 min. */
export function duration(seconds: number): string {
  const s = Math.round(seconds)
  if (s < 60) return `${s} s`
  const pad = (value: number) => String(value).padStart(2, '0')
  if (s < 3600) return `${Math.floor(s / 60)} min ${pad(s % 60)} s`
  return `${Math.floor(s / 3600)} h ${pad(Math.floor(s / 60) % 60)} min`
}
