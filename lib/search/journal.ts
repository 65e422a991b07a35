// The file of a search. Place in the whole: every beginning and end of an execution is a line on the disk before anything else happens, so
// that a search killed at any moment goes on where it was. JSON lines: what is searched, then {"start"} and {"end"}.
import { type FileHandle, mkdir, open, readFile, truncate } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SinterError } from '../errors.js'
import type { Json } from '../train/callback.js'
import { lock } from './lock.js'
import type { Parameters } from './space.js'
import type { Result, Trial } from './trial.js'

const FORMAT = 1

interface Start {
  readonly type: 'start'
  readonly trial: number
  readonly rung: number
  readonly budget: number | null
  /** Of a trial's first execution. */
  readonly parameters?: Parameters
}

interface End {
  readonly type: 'end'
  readonly trial: number
  readonly rung: number
  readonly seconds: number
  readonly value?: number
  readonly error?: string
}

export const executionOf = (trial: number, rung: number): string => `${trial}/${rung}`

export class Journal {
  readonly #file: FileHandle | undefined
  readonly trials: Trial[] = []
  /** How often executions that have not ended were begun. */
  readonly begun: Map<string, number> = new Map()

  readonly #unlock: (() => Promise<void>) | undefined

  private constructor(file?: FileHandle, unlock?: () => Promise<void>) {
    this.#file = file
    this.#unlock = unlock
  }

  /**
   * Opens or begins the journal `path`; without one nothing is written.
   * @param key what is searched: a journal of something else is refused
   * @throws SinterError SINTER_SEARCH_JOURNAL
   */
  static async open(path: string | undefined, key: Readonly<Record<string, Json>>): Promise<Journal> {
    if (path === undefined) return new Journal()
    await mkdir(dirname(path), { recursive: true })
    const unlock = await lock(`${path}.lock`)
    try {
      return await Journal.#replayed(path, key, unlock)
    } catch (error) {
      await unlock()
      throw error
    }
  }

  static async #replayed(
    path: string,
    key: Readonly<Record<string, Json>>,
    unlock: () => Promise<void>,
  ): Promise<Journal> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    // A killed writer may leave a last line without an end.
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    if (whole.length < text.length) await truncate(path, Buffer.byteLength(whole))
    const lines = whole.split('\n').slice(0, -1)
    const events = lines.map((line, i) => parsed(path, line, i))
    checkKey(path, events[0], key)
    const journal = new Journal(await open(path, 'a'), unlock)
    try {
      if (events.length === 0) await journal.#write({ type: 'search', format: FORMAT, ...key })
      for (const [i, event] of events.slice(1).entries())
        journal.#apply(event as unknown as Start | End, `${path}:${i + 2}`)
    } catch (error) {
      await journal.close()
      throw error
    }
    return journal
  }

  async start(start: Omit<Start, 'type'>): Promise<void> {
    const event = { type: 'start', ...start } as const
    this.#apply(event, 'search')
    await this.#write(event)
  }

  async end(end: Omit<End, 'type'>): Promise<void> {
    const event = { type: 'end', ...end } as const
    this.#apply(event, 'search')
    await this.#write(event)
  }

  async close(): Promise<void> {
    await this.#file?.close()
    await this.#unlock?.()
  }

  #apply(event: Start | End, where: string): void {
    const { trial: number, rung } = event
    const execution = executionOf(number, rung)
    const trial = this.trials[number]
    if (event.type === 'start') {
      const result: Result = { rung, budget: event.budget ?? undefined, state: 'running' }
      const isNew = rung === 0 && number === this.trials.length && event.parameters !== undefined
      if (isNew) this.trials.push({ number, parameters: event.parameters as Parameters, results: [result] })
      else if (trial?.results.length === rung) this.trials[number] = { ...trial, results: [...trial.results, result] }
      else if (trial?.results[rung]?.state !== 'running')
        throw damaged(where, `trial ${number} cannot begin rung ${rung}`)
      this.begun.set(execution, (this.begun.get(execution) ?? 0) + 1)
      return
    }
    const running = trial?.results[rung]
    if (trial === undefined || running?.state !== 'running')
      throw damaged(where, `trial ${number} did not run rung ${rung}`)
    const { value, error, seconds } = event
    const ended: Result = {
      ...running,
      seconds,
      state: error === undefined ? 'done' : 'failed',
      ...(value !== undefined && { value }),
      ...(error !== undefined && { error }),
    }
    this.trials[number] = { ...trial, results: trial.results.with(rung, ended) }
    this.begun.delete(execution)
  }

  async #write(event: object): Promise<void> {
    await this.#file?.appendFile(`${JSON.stringify(event)}\n`)
    await this.#file?.datasync()
  }
}

function damaged(where: string, problem: string): SinterError {
  return new SinterError('SINTER_SEARCH_JOURNAL', `${where}: ${problem}: the journal is damaged`)
}

function parsed(path: string, line: string, i: number): Readonly<Record<string, Json>> {
  try {
    return JSON.parse(line) as Readonly<Record<string, Json>>
  } catch (cause) {
    throw damaged(`${path}:${i + 1}`, (cause as Error).message)
  }
}

function checkKey(
  path: string,
  found: Readonly<Record<string, Json>> | undefined,
  key: Readonly<Record<string, Json>>,
): void {
  if (found === undefined) return
  if (found['type'] !== 'search' || found['format'] !== FORMAT)
    throw damaged(`${path}:1`, 'it does not say what is searched')
  for (const [name, value] of Object.entries(key)) {
    const [before, now] = [JSON.stringify(found[name]), JSON.stringify(value)]
    if (before === now) continue
    const change = `${name} was ${before ?? 'not there'}, now it is ${now}`
    throw new SinterError(
      'SINTER_SEARCH_JOURNAL',
      `${path} is the journal of another search: ${change}; choose another folder, or remove it`,
    )
  }
}
